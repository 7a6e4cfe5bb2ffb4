"""The kinds of small functions that Python tasks ask for: their wording, their reference and their bugs, as data."""

import json
import tomllib
from ast import literal_eval
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import Template
from typing import Any

from schemas.record import canonical_json
from tasks.questions.program_inputs import INPUTS
from tasks.wording import say

FOLDER = Path(__file__).with_name("programs")
CASES = 10
"""Of a task, where its kind has so many different ones."""


@dataclass(frozen=True)
class Kind:
    """A table of `programs/*.toml`. Wording is for `say`; `{a}`, `{b}`, `{c}` are the parameters, `$a` … in code."""

    names: tuple[str, ...]
    """Of the function."""
    inputs: tuple[str, ...]
    """For each parameter the generator of its arguments."""
    ask: tuple[str, ...]
    """What is returned, after `returns`."""
    note: tuple[str, ...]
    """A sentence more, or none."""
    edges: tuple[str, ...]
    """Lists of arguments, as Python literals."""
    code: str
    """The reference."""
    bugs: tuple[tuple[str, str], ...]
    """A piece of the code, and what stands there by mistake."""
    choices: Mapping[str, Mapping[str, str | Mapping[str, str]]]
    """Parts of the specification that vary: for each wording its code, or several pieces of code and words by name."""


@dataclass(frozen=True)
class ProgramCase:
    args: list[Any]
    expected: Any


@dataclass(frozen=True)
class Program:
    """A kind with every choice made."""

    name: str
    parameters: tuple[str, ...]
    does: str
    note: str
    source: str
    broken: tuple[str, ...]
    """The source with one bug each."""
    cases: tuple[ProgramCase, ...]
    """Edge cases first."""


@cache
def kinds() -> Mapping[str, Kind]:
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    return {name: _kind(fields) for table in tables for name, fields in table.items()}


def make(kind: Kind, rng: Random) -> Program:
    name = rng.choice(kind.names)
    parameters: dict[str, str] = {}
    for letter, generator in zip("abc", kind.inputs, strict=False):
        parameters[letter] = rng.choice(
            [name for name in INPUTS[generator].names.split() if name not in parameters.values()]
        )
    words, code = {}, {"name": name, **parameters}
    for choice, options in kind.choices.items():
        wording = rng.choice(sorted(options))
        words[choice] = wording.format(**parameters)
        value = options[wording]
        pieces = {choice: value} if isinstance(value, str) else value
        code |= {piece: Template(text).safe_substitute(parameters) for piece, text in pieces.items()}
        words |= {} if isinstance(value, str) else {piece: text for piece, text in value.items() if piece != choice}
    said = {**parameters, **words}
    does, note = say(rng, kind.ask, **said), say(rng, kind.note, **said)
    source = _filled(kind.code, code)
    broken = tuple(_filled(kind.code.replace(right, wrong, 1), code) for right, wrong in kind.bugs)
    edges = [literal_eval(edge) for edge in kind.edges]
    args = [*edges, *([INPUTS[name].make(rng) for name in kind.inputs] for _ in range(CASES))]
    distinct = dict.fromkeys(map(canonical_json, args))  # as the spec will hold them, with sorted keys
    cases = tuple(ProgramCase(arg, run(source, name, arg)) for arg in map(json.loads, list(distinct)[:CASES]))
    does = does[:1].lower() + does[1:]
    return Program(name, tuple(parameters.values()), does, note, source, broken, cases)


def run(source: str, name: str, args: list[Any]) -> Any:
    """Return what the function returns. For sources of our own tables only; raises what they raise."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<program>", "exec"), namespace)
    return namespace[name](*deepcopy(args))


def _kind(fields: Mapping[str, Any]) -> Kind:
    listed = {name: tuple(fields[name]) for name in ("names", "inputs", "ask", "note", "edges")}
    bugs = tuple((right, wrong) for right, wrong in fields["bugs"])
    return Kind(**listed, code=fields["code"], bugs=bugs, choices=fields.get("choices", {}))


def _filled(code: str, pieces: Mapping[str, str]) -> str:
    return Template(code).substitute(pieces).strip()
