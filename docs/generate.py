"""The pages that the code writes: configuration, tables, views, findings. A hook of MkDocs adds them as it builds.

By hand: `python docs/generate.py FOLDER` from the repository's folder.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise, takewhile
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import pyarrow as pa
from pydantic import BaseModel

from schemas.configuration import RunConfiguration
from schemas.detection import DetectionConfiguration
from schemas.proving import DemoConfiguration, ProveConfiguration
from schemas.record import Provenance, Record
from schemas.recycling import RecycleConfiguration
from schemas.tables import KEYS, TABLES
from schemas.verdict import Reason
from tasks.curation.policy import Policy
from warehouse.arrow_schema import arrow_type
from warehouse.defining import definitions

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[1]
ROOMS = ("schemas", "warehouse", "tasks", "flows")
CONFIGURATIONS: dict[str, tuple[type[BaseModel], str]] = {
    "run": (RunConfiguration, "What `reflectory run`, `rescore`, `serve` and `doctor` read."),
    "recycle": (
        RecycleConfiguration,
        "What `reflectory recycle` reads. A section `judge` is refused here: `check.by` says who judges.",
    ),
    "policy": (Policy, "What `reflectory curate` and `reflectory release --policy` read."),
    "prove": (ProveConfiguration, "What `reflectory prove RELEASE` reads."),
    "prove_demo": (DemoConfiguration, "What `reflectory prove demo` reads."),
    "decontaminate": (DetectionConfiguration, "What `reflectory decontaminate --config` reads."),
}
"""By the name of the page: the model of a TOML file, and who reads it."""
BASES = (
    "tasks.judging.verifiers.verifier.KindVerifier",
    "tasks.judging.verifiers.verifier.Reference",
    "tasks.judging.verifiers.resources.Resources",
    "schemas.verdict.Judgement",
    "tasks.curation.rules.rule.Rule",
    "tasks.questions.source.Source",
    "tasks.questions.row_source.RowSource",
    "tasks.questions.seed.made",
    "tasks.questions.seed.Loaded",
    "schemas.question.Question",
    "tasks.tracing.strategy.Strategy",
    "tasks.tracing.strategy.Answer",
    "tasks.tracing.strategy.said",
    "tasks.tracing.strategy.Failed",
    "schemas.failure.FailureReason",
    "tasks.replay.procedure.AskModel",
    "schemas.call.Message",
    "schemas.call.Call",
    "tasks.parsing.grammar.parse",
    "tasks.parsing.grammar.Parsed",
    "schemas.errors.Refused",
)
"""What a class of a user's own is derived from or given."""
WORDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false"}
"""JSON schema's types, as a user of TOML says them."""
LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "pattern": "of the form",
}


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages to those of the folder: what MkDocs calls."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the Markdown of every generated page, by its path in the site."""
    made = {f"reference/{name}.md": configuration_page(name) for name in CONFIGURATIONS}
    made["reference/tables.md"] = tables_page(TABLES)
    made["reference/views.md"] = views_page()
    made["reference/api.md"] = api_page(ROOT)
    made["findings.md"] = findings_page(ROOT / "findings")
    return made


def configuration_page(name: str) -> str:
    """Return the page of a TOML file: every section, and every key with its type, default and docstring."""
    model, reader = CONFIGURATIONS[name]
    about = f"{reader} {prose(model.__doc__)}".strip()
    return page(f"# Configuration: {name}", about, *sections(model, ""))


def sections(model: type[BaseModel], path: str) -> Iterator[str]:
    """Yield the Markdown of a model's keys, each as `--set` takes it, then of the sections in it."""
    docs, schema = member_docs(model), model.model_json_schema(by_alias=False)
    inner = {name: found for name, field in model.model_fields.items() if (found := models_in(field.annotation))}
    plain = [name for name in model.model_fields if name not in inner]
    if plain:
        rows = [key_row(model, name, path, schema, docs.get(name, "")) for name in plain]
        yield table(("key", "type", "default", ""), rows)
    for name, (section, *_) in inner.items():
        said = (prose(section.__doc__), docs.get(name, ""), left_out(section, model.model_fields[name].default))
        yield f"## {dotted(path, name)}"
        yield " ".join(filter(None, said))
        yield from sections(section, dotted(path, name))


def left_out(section: type[BaseModel], default: object) -> str:
    """Return what a section is that a file does not have, where that is not the default of each key."""
    if default is None:
        return "There is none unless the file has it."
    if not isinstance(default, section):
        return ""
    given = default.model_dump(mode="json", exclude_defaults=True)
    keys = [f"`{name}` {written(value)}" for name, value in given.items()]
    return f"In a file without this section: {', '.join(keys)}." if keys else ""


def key_row(model: type[BaseModel], name: str, path: str, schema: Mapping[str, Any], doc: str) -> tuple[str, ...]:
    """Return the cells of a key; what each value of an enumeration means follows its docstring."""
    field, described = model.model_fields[name], schema["properties"][name]
    said = [doc, *(text for one in classes_in(field.annotation) if issubclass(one, StrEnum) for text in values(one))]
    default = "required" if field.is_required() else written(described.get("default"))
    kind = type_text({key: value for key, value in described.items() if key != "default"}, schema.get("$defs", {}))
    return f"`{dotted(path, name)}`", kind, default, " ".join(filter(None, said))


def values(enumeration: type[StrEnum]) -> Iterator[str]:
    """Yield what each value means that has a docstring."""
    for name, doc in member_docs(enumeration).items():
        yield f"`{enumeration[name].value}`: {doc}"


def type_text(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return a JSON schema in words, such as `list of text` or `integer, at least 1`."""
    if "$ref" in schema:
        return type_text(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return " or ".join(type_text(one, defs) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema or "const" in schema:
        names = schema.get("enum", [schema.get("const")])
        return f"{'one of ' if len(names) > 1 else ''}{', '.join(f'`{name}`' for name in names)}"
    if schema.get("type") == "array":
        return f"list of {type_text(schema['items'], defs)}"
    if schema.get("type") == "object":
        return f"table of {type_text(schema['additionalProperties'], defs)}"
    if "type" not in schema:
        return "whatever JSON has"
    limits = [f"{word} {written(schema[key])}" for key, word in LIMITS.items() if key in schema]
    return ", ".join([WORDS[schema["type"]], *limits])


def tables_page(tables: Mapping[str, type[Record]]) -> str:
    """Return the page of the tables: every column of each record, with its Arrow type and docstring."""
    about = (
        "Delta tables of Parquet in the warehouse's folder. A row is written once and never changed. Every table also"
        " has the columns of the last section."
    )
    parts = []
    for name, record in tables.items():
        key = ", ".join(f"`{column}`" for column in KEYS[name])
        parts += [f"## {name}", f"{prose(record.__doc__)} Key: {key}.", column_table(record)]
    return page("# Tables", about, *parts, "## Columns of every table", column_table(Provenance))


def column_table(record: type[BaseModel]) -> str:
    return table(("column", "type", ""), columns(record, ""))


def columns(record: type[BaseModel], path: str) -> Iterator[tuple[str, ...]]:
    """Yield the cells of every column, then those of the fields of a nested one, with dotted names."""
    docs = member_docs(record)
    for name, field in record.model_fields.items():
        found, kind = models_in(field.annotation), arrow_words(arrow_type(field.annotation))
        nullable = " or NULL" if NoneType in get_args(field.annotation) else ""
        enums = [one for one in classes_in(field.annotation) if issubclass(one, StrEnum)]
        said = [docs.get(name, ""), *(f"One of {', '.join(f'`{value.value}`' for value in one)}." for one in enums)]
        yield f"`{dotted(path, name)}`", kind + nullable, " ".join(filter(None, said))
        for one in found:
            yield from columns(one, dotted(path, name))


def arrow_words(kind: pa.DataType) -> str:
    """Return an Arrow type in short; the fields of a struct have rows of their own."""
    if pa.types.is_list(kind):
        return f"list of {arrow_words(kind.value_type)}"
    return "struct" if pa.types.is_struct(kind) else str(kind)


def views_page() -> str:
    """Return the page of the views and macros: the question that each answers."""
    named = {name: (each.kind.removesuffix(" TABLE").lower(), each.comment) for name, each in definitions().items()}
    rows = [(f"`{name}`", kind, prose(comment)) for name, (kind, comment) in sorted(named.items())]
    about = "What `reflectory sql --views` lists, with the columns. The SQL stands in `warehouse/views/`."
    return page("# Views and macros", about, table(("name", "", ""), rows))


def api_page(root: Path) -> str:
    """Return the page of classes and functions for mkdocstrings to fill: the public package when there is one."""
    public = ["::: reflectory"] if (root / "reflectory" / "__init__.py").is_file() else []
    about = "How such a class gets a name: [Own verifier, rule, source or strategy](../how-to/extend.md)."
    bases = [f"::: {name}" for name in BASES]
    own = ("## What own classes derive from and are given", about, *bases)
    return page("# Python", "From the docstrings.", *public, *own, "## Reasons", reasons())


def reasons() -> str:
    """Return the table of a judgement's reasons, by the verdict that each gives."""
    docs = member_docs(Reason)
    rows = [(one.ruling.value, f"`{one.name}`", f"`{one}`", docs.get(one.name, "")) for one in Reason]
    return table(("verdict", "`Reason.`", "in tables", ""), rows)


def findings_page(folder: Path) -> str:
    """Return the page of the scripts: of each the name and the comment that it begins with."""
    about = (
        "Scripts of `findings/` that show where other people's software surprised us. Each makes an environment of its"
        " own and is no part of CI."
    )
    found = [f"## {file.name}\n\n{first_comment(file.read_text('utf-8'))}" for file in sorted(folder.glob("*.sh"))]
    return page("# Findings", about, *found)


def first_comment(script: str) -> str:
    """Return the first paragraph of comment below the `#!` line."""
    lines = takewhile(lambda line: line.startswith("# "), script.splitlines()[1:])
    return escaped(" ".join(line.removeprefix("# ") for line in lines))


def member_docs(one: type) -> dict[str, str]:
    """Return the docstring under each field or member of a class and of its bases, by name."""
    found: dict[str, str] = {}
    for base in reversed(one.__mro__):
        if base.__module__.partition(".")[0] in ROOMS:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            assert isinstance(definition, ast.ClassDef)
            found |= {name: escaped(" ".join(doc.split())) for name, doc in documented(definition)}
    return found


def documented(definition: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield each name that a class body assigns or declares with a docstring right below."""
    for statement, below in pairwise(definition.body):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(doc))),
            ):
                yield name, doc


def classes_in(annotation: Any) -> Iterator[type]:
    """Yield every class that an annotation names, however deep."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from classes_in(argument)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    return [one for one in classes_in(annotation) if issubclass(one, BaseModel)]


def page(*parts: str) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"


def dotted(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def written(value: Any) -> str:
    """Return a value of a configuration as TOML has it, in code."""
    if value is None:
        return "unset"
    return f"`{value:.4g}`" if isinstance(value, float) else f"`{json.dumps(value, ensure_ascii=False)}`"


def prose(text: str | None) -> str:
    """Return a docstring as Markdown that runs on."""
    return escaped(" ".join(inspect.cleandoc(text or "").split()))


def escaped(text: str) -> str:
    """Return text in which nothing outside of code is taken for HTML, emphasis or the end of a cell."""
    parts = text.replace("<", "&lt;").split("`")
    parts[::2] = [re.sub(r"([*_|])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("&lt;", "<") for part in parts[1::2]]
    return "`".join(parts)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = [*head]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(folder: Path) -> None:
    """Write every page into a folder."""
    for path, text in pages().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
