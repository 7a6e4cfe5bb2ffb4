"""From a TOML file and `--set` to a run configuration, or to a refusal that names every problem."""

import difflib
import json
import logging
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from schemas.configuration import LineConfiguration, RunConfiguration
from schemas.errors import Refused
from schemas.prompts import Prompts
from schemas.question_source import SOURCES
from schemas.record import clean_text
from tasks.questions import check_patterns, source_of
from tasks.secret import secret

C = TypeVar("C", bound=BaseModel)

IN_A_FILE = "file:"
"""What a prompt begins with that stands in a file."""
SECRET = "api_key"
"""Whatever was given for a key of this name, in any section, is not repeated: it may be a key."""
_NAMES_ITS_KEY = re.compile(r"[\w.]+: ")

NEEDS = {
    "missing": "a value",
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
    "tuple_type": "a list of texts",
    "too_short": "at least {min_length} of them",
    "model_type": "a table of keys",
    "dict_type": "a table of keys",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
}
"""Pydantic's type of error, and what a user should give instead."""


def read_configuration(path: Path, sets: Sequence[str]) -> RunConfiguration:
    """Return the configuration of a run: `read_as` tells how."""
    return read_as(RunConfiguration, path, sets)


def configuration_of(line: type[C], given: str | Path | Mapping[str, Any] | BaseModel | None) -> C:
    """Return the configuration that a caller in Python gives: the path of a TOML file, what one would hold as a
    mapping, or the model itself; None for defaults alone. Raises `Refused` with one line per problem.
    """
    if isinstance(given, line):
        return with_prompt_texts(given)
    if given is None or isinstance(given, str | Path):
        return read_as(line, None if given is None else Path(given), [])
    if isinstance(given, Mapping):
        return _validated(line, dict(given))
    needs = f"the path of a TOML file, a mapping or a {line.__name__}"
    raise Refused(f"configuration: got a {type(given).__name__}; needs {needs}")


def read_as(line: type[C], given: Path | dict[str, Any] | None, sets: Sequence[str]) -> C:
    """Return the configuration of a file, of what one would hold, or one of defaults, changed by `a.b=value` settings
    from left to right.

    A value is read as TOML, else taken as text. Paths start at the current folder, not at the file. Raises
    `Refused` with one line per problem.
    """
    values = _read_toml(given) if isinstance(given, Path) else given or {}
    for number, setting in enumerate(sets, start=1):
        _set(values, setting, number)
    return _validated(line, values)


def _validated(line: type[C], values: dict[str, Any]) -> C:
    for name, field in line.model_fields.items():
        if field.is_required():
            values.setdefault(name, {})  # a section that must be there: then its keys are named as missing
    try:
        # as JSON, because strict JSON is what TOML is: "3" is no integer, true is no 1, a list is a tuple
        read = line.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        problems = [problem for problem in error.errors(include_url=False) if not _follows(problem)]
        # from None: pydantic's own message repeats the values
        raise Refused("\n".join(_line(line, problem) for problem in problems)) from None
    return with_prompt_texts(read)


def with_prompt_texts(model: C, section: str = "") -> C:
    """Return the same configuration with the text of each prompt that is given as `file:PATH`, from the current folder.

    Raises `Refused` for a file that is missing, empty or not UTF-8. A text stays as it is.
    """
    read: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Prompts):
            keys = _dotted(section, "prompts")
            texts = {key: _prompt_text(f"{keys}.{key}", text) for key, text in value.replaced.items()}
            read[name] = value.model_copy(update=texts)
        elif isinstance(value, BaseModel):
            read[name] = with_prompt_texts(value, _dotted(section, name))
    return model.model_copy(update=read)


def _prompt_text(key: str, given: str) -> str:
    if not given.startswith(IN_A_FILE):
        return given
    path = Path(given.removeprefix(IN_A_FILE))
    try:
        text = clean_text(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Refused(f"{key}: got {given!r}; cannot read it ({why}, from {Path.cwd()})") from None
    if not text.strip():
        raise Refused(f"{key}: got {given!r}; needs a file that is not empty")
    return text


def check_inputs(configuration: RunConfiguration, dry_run: bool = False) -> None:
    """Raise `Refused`, with one line per problem, when something that the run will need is not there.

    A dry run sends nothing: of a key that is not set it only warns.
    """
    check_missing(configuration, missing_questions(configuration), dry_run)


def check_missing(configuration: LineConfiguration, data: Iterable[str], dry_run: bool) -> None:
    """Refuse a configuration that misses what any pipeline needs: `data` says what of its data is missing, a line for
    each problem.
    """
    keys = list(_missing_keys(configuration))
    for line in keys if dry_run else ():
        logging.getLogger("reflectory").warning("%s", line)
    refuse_all([*data, *([] if dry_run else keys), *_missing_inputs(configuration)])


def refuse_all(problems: Sequence[str]) -> None:
    """Raise `Refused` if there are any."""
    if problems:
        raise Refused("\n".join(problems))


def missing_questions(configuration: RunConfiguration) -> Iterator[str]:
    """Yield what questions need and is not there, and patterns that cannot be used."""
    questions = configuration.questions
    yield from source_of(questions).missing()
    if questions.rulings is not None and not Path(questions.rulings).is_file():
        yield f"questions.rulings: got {questions.rulings!r}; no such file (from {Path.cwd()})"
    if questions.examples and not Path(questions.examples).is_file():
        yield f"questions.examples: got {questions.examples!r}; no such file (from {Path.cwd()})"
    try:
        check_patterns(questions)
    except Refused as refused:
        yield str(refused)


def _missing_keys(configuration: LineConfiguration) -> Iterator[str]:
    for section, asked in configuration.models_asked.items():
        try:
            if asked.api_key:
                secret(f"{section}.api_key", asked.api_key)
        except Refused as error:
            yield str(error)


def _missing_inputs(configuration: LineConfiguration) -> Iterator[str]:
    """What else any line needs and is not there."""
    student = configuration.student
    if student.template not in ("plain", "chat") and not Path(student.template).is_file():
        yield f"student.template: got {student.template!r}; needs plain, chat or a file (from {Path.cwd()})"
    if student.model.startswith((".", "/")) and not Path(student.model).is_dir():
        yield f"student.model: got {student.model!r}; no such folder (from {Path.cwd()})"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise Refused(f"{path}: cannot read the configuration ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: not UTF-8 (byte {error.start}: {error.reason}); save it as UTF-8") from error
    except ValueError as error:
        raise Refused(
            f"{path}: not TOML ({error}); needs lines `key = value` below names in brackets: [teacher]"
        ) from error


def _set(values: dict[str, Any], setting: str, number: int) -> None:
    key, equals, text = setting.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not equals or not all(re.fullmatch(r"\w+", name) for name in names):
        raise Refused(f"--set number {number}: needs the form section.key=value")  # not repeated: may hold a key
    table = values
    for depth, name in enumerate(names[:-1], start=1):
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise Refused(f"{'.'.join(names[:depth])}: got a value, and by --set {key} a table; needs one of them")
    table[names[-1]] = _toml_value(clean_text(text))


def _toml_value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except ValueError:  # no TOML, or an integer of 5,000 digits
        return text
    return read["value"] if len(read) == 1 else text  # a line break in the text may start another key


def _follows(problem: Mapping[str, Any]) -> bool:
    """A list is too short only because its wrong items, which have lines of their own, do not count."""
    return bool(problem["type"] == "too_short" and problem["input"])


def _line(line: type[BaseModel], problem: Mapping[str, Any]) -> str:
    """One problem as `key: got …; needs …`, never in pydantic's words."""
    key = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, problem["loc"])))
    kind, given, context = problem["type"], problem["input"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(line, key)
    if kind == "value_error":
        message = str(context["error"])
        return message if _NAMES_ITS_KEY.match(message) else f"{key}: {message}"  # that of a section does
    needs = NEEDS[kind].format(**context)
    if kind == "missing":
        allowed = f": one of {', '.join(SOURCES)}" if key == "questions.source" else ""
        return f"{key}: got none; needs {needs}{allowed}"
    return f"{key}: got {_shown(key, given)}; needs {needs}"


def _shown(key: str, value: object) -> str:
    if SECRET in key:
        return "something else"
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _unknown(line: type[BaseModel], key: str) -> str:
    known = list(_keys(line))
    section, _, name = re.sub(r"\[\d+\]", "", key).rpartition(".")
    siblings = [leaf for parent, leaf in known if parent == section]
    close = [(section, leaf) for leaf in difflib.get_close_matches(name, siblings, n=1)]
    close = close or [(parent, leaf) for parent, leaf in _keys(line, of_items=False) if leaf == name]
    if close:
        return f"{key}: unknown key; did you mean {' or '.join(_dotted(*pair) for pair in close)}?"
    return f"{key}: unknown key; known {f'in {section}' if section else 'sections'}: {', '.join(siblings)}"


def _keys(model: type[BaseModel], parent: str = "", of_items: bool = True) -> Iterator[tuple[str, str]]:
    """Every key of the configuration, as its section and its name; those of a list's items only where `of_items`."""
    for name, field in model.model_fields.items():
        yield parent, name
        inner = get_args(field.annotation) if of_items or get_origin(field.annotation) is not tuple else ()
        for annotation in (field.annotation, *inner):  # of a section that may be left out, too
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                yield from _keys(annotation, _dotted(parent, name), of_items)


def _dotted(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name
