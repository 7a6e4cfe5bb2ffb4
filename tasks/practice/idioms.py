"""What the practice teacher knows of programming: specifications that it understands, code for them, usual mistakes."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).with_name("idioms")


@dataclass(frozen=True)
class Way:
    code: str
    """With `$name`, `$a` … for the function and its parameters, and a piece for each option."""
    slips: tuple[tuple[str, str], ...]
    """A piece of the code, and what may stand there by mistake."""


@dataclass(frozen=True)
class Idiom:
    """A table of `idioms/*.toml`."""

    reads: tuple[re.Pattern[str], ...]
    """Sentences that say what is returned. In the table `<a>` is the first parameter, `<power>` a wording of that
    option."""
    notes: tuple[re.Pattern[str], ...]
    """Sentences that may follow."""
    options: Mapping[str, Mapping[str, Mapping[str, str]]]
    """For each wording, a regular expression, the pieces of code that it stands for."""
    tries: tuple[str, ...]
    """Arguments on which mistakes show, as Python literals."""
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Understood:
    """A specification, and where it ends in the text."""

    idiom: Idiom
    pieces: Mapping[str, str]
    """What to fill into a way's code, but for the function's name. Its parameters are `param_a` …: a name that the
    question gives may be that of a variable in the code."""
    does: str
    end: int


@cache
def idioms() -> Mapping[str, Idiom]:
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    return {name: _idiom(fields) for table in tables for name, fields in table.items()}


def understand(text: str, parameters: Sequence[str]) -> Understood | None:
    """The specification that `text` begins with, all of it up to the end of its last sentence.

    In `text` the parameters are `<a>`, `<b>`, `<c>`.
    """
    return next((found for idiom in idioms().values() if (found := _match(idiom, text, parameters))), None)


def filled(code: str, name: str, pieces: Mapping[str, str]) -> str:
    return Template(Template(code).substitute(pieces, name=name)).safe_substitute(pieces).strip()


def _match(idiom: Idiom, text: str, parameters: Sequence[str]) -> Understood | None:
    names = {letter: f"param_{letter}" for letter, _ in zip("abc", parameters, strict=False)}
    begin = _first(idiom.reads, text, 0)
    if begin is None:
        return None
    said, end = begin.groupdict(), begin.end()
    while note := _first(idiom.notes, text, end):
        said |= note.groupdict()
        end = note.end()
    if set(said) != set(idiom.options):
        return None
    pieces = dict(names)
    for option, words in said.items():
        wordings = idiom.options[option]
        pieces |= next(code for wording, code in wordings.items() if re.fullmatch(wording, words))
    pieces = {piece: Template(code).safe_substitute(names) for piece, code in pieces.items()}
    does = begin[0].removesuffix(".")
    for letter, name in zip("abc", parameters, strict=False):
        does = does.replace(f"<{letter}>", f"`{name}`")
    return Understood(idiom, pieces, does, end)


def _first(patterns: Sequence[re.Pattern[str]], text: str, at: int) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.match(text, at))), None)


def _idiom(fields: Mapping[str, Any]) -> Idiom:
    options = {
        option: {wording: {option: code} if isinstance(code, str) else code for wording, code in wordings.items()}
        for option, wordings in fields.get("options", {}).items()
    }
    reads = tuple(_sentence(pattern, options) for pattern in fields["reads"])
    notes = tuple(_sentence(f" {pattern}", options) for pattern in fields["notes"])
    return Idiom(reads, notes, options, tuple(fields["tries"]), tuple(_ways(fields)))


def _sentence(pattern: str, options: Mapping[str, Mapping[str, object]]) -> re.Pattern[str]:
    for option, wordings in options.items():
        pattern = pattern.replace(f"<{option}>", f"(?P<{option}>{'|'.join(wordings)})")
    return re.compile(rf"{pattern}\.(?=\s|\Z)")


def _ways(fields: Mapping[str, Any]) -> Iterator[Way]:
    for way in fields["ways"]:
        yield Way(way["code"], tuple((right, wrong) for right, wrong in way["slips"]))
