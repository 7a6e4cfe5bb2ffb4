"""From a TOML file and `--set` to a run configuration, or to a refusal that names every problem."""

import json
import logging
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from flows.misconfigured import dotted, problem_lines
from schemas.configuration import LineConfiguration, RunConfiguration
from schemas.errors import Refused
from schemas.prompts import Prompts
from schemas.record import clean_text
from tasks.questions import check_patterns, source_of
from tasks.secret import secret

C = TypeVar("C", bound=BaseModel)

IN_A_FILE = "file:"
"""What a prompt begins with that stands in a file."""


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
    _open_sections(line, values)
    try:
        # as JSON, because strict JSON is what TOML is: "3" is no integer, true is no 1, a list is a tuple
        read = line.model_validate_json(json.dumps(values, default=str), strict=True, context={"given": True})
    except ValidationError as error:
        # from None: pydantic's own message repeats the values
        raise Refused("\n".join(problem_lines(line, error.errors(include_url=False)))) from None
    return with_prompt_texts(read)


def _open_sections(line: type[BaseModel], values: dict[str, Any]) -> None:
    """Have every section that must be there: then its keys are named as missing."""
    for name, field in line.model_fields.items():
        inner = field.annotation
        if field.is_required() and isinstance(inner, type) and issubclass(inner, BaseModel):
            given = values.setdefault(name, {})
            if isinstance(given, dict):
                _open_sections(inner, given)


def with_prompt_texts(model: C, section: str = "") -> C:
    """Return the same configuration with the text of each prompt that is given as `file:PATH`, from the current folder.

    Raises `Refused` for a file that is missing, empty or not UTF-8. A text stays as it is.
    """
    read: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        key = dotted(section, name)
        if isinstance(value, Prompts):
            texts = {prompt: _prompt_text(dotted(key, prompt), text) for prompt, text in value.replaced.items()}
            read[name] = value.model_copy(update=texts)
        elif isinstance(value, BaseModel):
            read[name] = with_prompt_texts(value, key)
        elif name == "system_prompt" and value:
            read[name] = _prompt_text(key, value)
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
            f"{path}: not TOML ({error}); needs lines `key = value`, text in quotes, below names in brackets: [teacher]"
        ) from error


def _set(values: dict[str, Any], setting: str, number: int) -> None:
    key, equals, text = setting.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not equals or not all(re.fullmatch(r"[\w-]+", name) for name in names):
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
