"""What is wrong with a configuration, in the words of who wrote it: what came, what is needed, what was meant."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.closest import closest, hint
from schemas.question_source import SOURCES

SECRET = "api_key"
"""Whatever was given for a key of this name, in any section, is not repeated: it may be a key."""
_NAMES_ITS_KEY = re.compile(r"[\w.]+: ")
_NOTHING = ("", "none", "null", "nil")
"""What is written for no value, which TOML has not."""

NEEDS = {
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "string_type": "text, in quotes",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "text of the form {pattern}",
    "bool_type": "true or false",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list of {items}",
    "too_short": "at least {min_length} of them",
    "model_type": "{table} the keys {keys}",
    "dict_type": "a table of keys",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
}
"""Pydantic's type of error, and what a user should give instead."""
_ITEMS: Mapping[object, str] = {int: "integers", float: "numbers"}


def problem_lines(line: type[BaseModel], problems: Sequence[Any]) -> list[str]:
    """Return a line for each problem that pydantic found in what was to be a `line`, less those that only follow from
    others: a list that is too short without its wrong items, a section that is missing because its name is misspelt or
    because the whole is a configuration of another kind.
    """
    unknown = [problem for problem in problems if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1]
    meant = {name for problem in unknown for name in closest(problem["loc"][0], line.model_fields)}
    other = any(_whose(line, problem) for problem in unknown)
    lines = []
    for problem in problems:
        missing = problem["type"] == "missing" and (other or problem["loc"][0] in meant)
        if not (missing or (problem["type"] == "too_short" and problem["input"])):
            lines.append(_line(line, problem))
    return lines


def _line(line: type[BaseModel], problem: Any) -> str:
    """One problem as `key: got …; needs …`, never in pydantic's words."""
    key = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, problem["loc"])))
    kind, given = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        return f"{key}: unknown key; {_whose(line, problem) or _known(line, key)}"
    if kind == "value_error":
        message = str(problem["ctx"]["error"])
        return message if _NAMES_ITS_KEY.match(message) else f"{key}: {message}"  # that of a section does
    field = _field(line, problem["loc"])
    if kind == "missing":
        allowed = f"one of {', '.join(SOURCES)}" if key.endswith("questions.source") else _purpose(field)
        return f"{key}: got none; needs a value{allowed and f': {allowed}'}"
    about = problem.get("ctx", {}) | {"key": key, "items": _items(field), "keys": ", ".join(_names(field))}
    about["table"] = "a table with" if key.endswith("]") else f"a section, [{key}], and below it some of"
    return f"{key}: got {_shown(key, given)}; needs {NEEDS[kind].format(**about)}{_instead(problem, field)}"


def _instead(problem: Any, field: FieldInfo | None) -> str:
    """What was perhaps meant, and how it is written."""
    kind, given = problem["type"], problem["input"]
    if not isinstance(given, str):
        return f": {purpose}" if kind == "string_type" and (purpose := _purpose(field)) else ""
    if kind in ("enum", "literal_error"):
        return hint(given, re.findall(r"'([^']+)'", problem["ctx"]["expected"]))
    if kind == "tuple_type" and _items(field) == "texts":
        return f", such as {json.dumps([given], ensure_ascii=False)[:80]}"
    if field and NoneType in get_args(field.annotation) and given.casefold() in _NOTHING:
        return "; leave the key out for none"
    return ""


def _shown(key: str, value: object) -> str:
    if SECRET in key:
        return "something else"
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _whose(line: type[BaseModel], problem: Any) -> str | None:
    """Which command takes a section that this configuration has not, nor one of a name like it."""
    name, *inner = problem["loc"]
    is_table = isinstance(problem["input"], dict | list)
    if inner or not is_table or closest(name, line.model_fields):
        return None
    for command, other in _commands().items():
        if name in other.model_fields:
            return f"it is a section of another kind of configuration, which `reflectory {command}` takes"
    return None


def _commands() -> dict[str, type[BaseModel]]:
    from schemas.configuration import RunConfiguration
    from schemas.proving import ProveConfiguration
    from schemas.recycling import RecycleConfiguration
    from tasks.curation.policy import Policy

    return {
        "run CONFIG": RunConfiguration,
        "recycle CONFIG": RecycleConfiguration,
        "prove RELEASE CONFIG": ProveConfiguration,
        "curate POLICY": Policy,
    }


def _known(line: type[BaseModel], key: str) -> str:
    known = list(keys(line))
    section, _, name = re.sub(r"\[\d+\]", "", key).rpartition(".")
    siblings = [leaf for parent, leaf in known if parent == section]
    if close := closest(name, siblings):
        return f"did you mean {dotted(section, close[0])}?"
    elsewhere = [dotted(parent, leaf) for parent, leaf in keys(line, of_items=False) if leaf == name]
    meant = f"did you mean {' or '.join(elsewhere)}?" if elsewhere else ""
    if meant and not section:
        return meant
    listed = f"known {f'in {section}' if section else 'sections'}: {', '.join(siblings)}"
    if "extra_body" in siblings:
        listed += f"; what else a request is to say goes into {section}.extra_body"
    return f"{meant} {listed}".strip()


def keys(model: type[BaseModel], parent: str = "", of_items: bool = True) -> Iterator[tuple[str, str]]:
    """Yield every key of a configuration, as its section and its name; those of a list's items only where
    `of_items`."""
    for name, field in model.model_fields.items():
        yield parent, name
        if of_items or get_origin(field.annotation) is not tuple:
            for inner in _models(field):
                yield from keys(inner, dotted(parent, name), of_items)


def dotted(parent: str, name: str) -> str:
    """Return the name of a key with that of its section, if it has one."""
    return f"{parent}.{name}" if parent else name


def _models(field: FieldInfo) -> list[type[BaseModel]]:
    """The section that a key is, be it one that may be left out, or the items of its list."""
    within = (field.annotation, *get_args(field.annotation))
    return [each for each in within if isinstance(each, type) and issubclass(each, BaseModel)]


def _field(line: type[BaseModel], loc: Sequence[str | int]) -> FieldInfo | None:
    """The field at a place; that of a list for its items."""
    models, field = [line], None
    for name in (each for each in loc if isinstance(each, str)):
        field = next((each.model_fields[name] for each in models if name in each.model_fields), None)
        models = _models(field) if field else []
    return field


def _names(field: FieldInfo | None) -> list[str]:
    return [name for model in (_models(field) if field else []) for name in model.model_fields]


def _items(field: FieldInfo | None) -> str:
    if field is None or _models(field):
        return "tables of keys"
    within = [inner for each in (field.annotation, *get_args(field.annotation)) for inner in get_args(each)]
    return next((_ITEMS[each] for each in within if each in _ITEMS), "texts")


def _purpose(field: FieldInfo | None) -> str:
    """The first sentence of what is written about a key."""
    described = " ".join((field.description or "").split()) if field else ""
    return re.split(r"(?<=[^.])\. |\.$|; or,", described)[0]
