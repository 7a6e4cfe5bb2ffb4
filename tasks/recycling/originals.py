"""Instruction data sets, row by row: Alpaca's form, ShareGPT's and chat messages, as JSONL or one JSON list."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.pair import BadPair, Pair, PairStage
from schemas.record import clean_text
from schemas.recycling import PairFormat, Pairs, SeveralTurns
from tasks.questions.rows import Row, jsonl
from tasks.rows.values import look_up, plain_text

ASKS = frozenset({"human", "user"})
ANSWERS = frozenset({"gpt", "assistant", "chatgpt", "model", "bot"})
SYSTEM = frozenset({"system"})
"""Who speaks, as data sets call them."""


@dataclass(frozen=True)
class RawPair:
    """A row of the input. Its texts are empty where it is `bad`."""

    original_id: str
    place: str
    external_id: str | None
    instruction: str
    input: str
    response: str
    gold: str | None
    difficulty: str | None
    bad: BadPair | None


@dataclass(frozen=True)
class RawPairs:
    pairs: tuple[RawPair, ...]
    n_duplicates: int
    """Rows that repeat an earlier one, and are recycled once."""


def read_pairs(settings: Pairs) -> RawPairs:
    """The rows of the file, each once. Raises `Refused` for a file that cannot be read or holds no rows."""
    found: dict[str, RawPair] = {}
    n_rows = 0
    for place, row in _rows(Path(settings.path)):
        pair = read_pair(settings, place, row)
        if pair.original_id not in found and len(found) == settings.limit:
            break
        n_rows += 1
        found.setdefault(pair.original_id, pair)
    if not found:
        raise Refused(f"pairs.path: {settings.path} holds no rows; needs an instruction and a response in each")
    return RawPairs(tuple(found.values()), n_rows - len(found))


def read_pair(settings: Pairs, place: str, row: Mapping[str, Any]) -> RawPair:
    """A row that is no pair says why. Its key is then over the row, so that two of them stay two."""
    columns = settings.columns
    texts = exchange(settings, row)
    bad = texts if isinstance(texts, BadPair) else _empty(*texts)
    key = content_of(row) if isinstance(texts, BadPair) else texts
    instruction, input, response = ("", "", "") if isinstance(texts, BadPair) else texts
    return RawPair(
        original_id=Pair.key(PairStage.ORIGINAL, None, *key),
        place=place.replace(settings.path, Path(settings.path).name, 1),
        external_id=plain_text(_value(row, columns.id)),
        instruction=instruction,
        input=input,
        response=response,
        gold=plain_text(_value(row, columns.gold)),
        difficulty=plain_text(_value(row, columns.difficulty)),
        bad=bad,
    )


def exchange(settings: Pairs, row: Mapping[str, Any]) -> tuple[str, str, str] | BadPair:
    """Instruction, input and response of a row, cleaned and without white space around them."""
    form = settings.format or form_of(settings, row)
    if form is PairFormat.ALPACA:
        columns = settings.columns
        given = (_value(row, columns.instruction), _value(row, columns.input) or "", _value(row, columns.output))
        if not all(isinstance(text, str) for text in given):
            return BadPair.NOT_TEXT
        instruction, input, response = (clean_text(text).strip() for text in given)
        return instruction, input, response
    return _first_exchange(settings, _turns(settings, form, row))


def form_of(settings: Pairs, row: Mapping[str, Any]) -> PairFormat:
    """By the columns that are there; Alpaca's where none is."""
    for form, column in (
        (PairFormat.SHAREGPT, settings.columns.conversations),
        (PairFormat.CHAT, settings.columns.messages),
    ):
        if isinstance(_value(row, column), list):
            return form
    return PairFormat.ALPACA


def content_of(row: Mapping[str, Any]) -> tuple[str]:
    return (json.dumps(row, sort_keys=True),)


Turns = list[tuple[str, str]]
"""Who speaks, in lower case, and what."""


def _turns(settings: Pairs, form: PairFormat, row: Mapping[str, Any]) -> Turns | BadPair:
    sharegpt = form is PairFormat.SHAREGPT
    said = _value(row, settings.columns.conversations if sharegpt else settings.columns.messages)
    names = ("from", "value") if sharegpt else ("role", "content")
    if not isinstance(said, list) or not all(isinstance(turn, Mapping) for turn in said):
        return BadPair.NOT_TEXT
    turns = [(turn.get(names[0]), turn.get(names[1])) for turn in said]
    if not all(isinstance(who, str) and isinstance(text, str) for who, text in turns):
        return BadPair.NOT_TEXT
    return [(str(who).lower(), clean_text(str(text)).strip()) for who, text in turns]


def _first_exchange(settings: Pairs, turns: Turns | BadPair) -> tuple[str, str, str] | BadPair:
    """A system message goes before the instruction: it is part of what is asked."""
    if isinstance(turns, BadPair):
        return turns
    system = [text for who, text in turns if who in SYSTEM and text]
    spoken = [(who, text) for who, text in turns if who not in SYSTEM]
    if len(spoken) < 2 or spoken[0][0] not in ASKS or spoken[1][0] not in ANSWERS:
        return BadPair.NO_EXCHANGE
    if len(spoken) > 2 and settings.several_turns is SeveralTurns.FAIL:
        return BadPair.SEVERAL_TURNS
    asked = spoken[0][1]
    return "\n\n".join([*system, asked]) if asked else "", "", spoken[1][1]


def _empty(instruction: str, input: str, response: str) -> BadPair | None:
    if not instruction:
        return BadPair.EMPTY_INSTRUCTION
    return None if response else BadPair.EMPTY_RESPONSE


def _value(row: Mapping[str, Any], path: str) -> Any:
    try:
        return look_up(row, path)
    except LookupError:
        return None


def _rows(path: Path) -> Iterator[Row]:
    """One object on each line, or one list of objects: what a file begins with says which."""
    try:
        with path.open("rb") as file:
            begins = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    except OSError as error:
        raise Refused(f"pairs.path: cannot read {str(path)!r}: {error.strerror}") from error
    if begins != b"[":
        yield from jsonl(path, "pairs.path")
        return
    try:
        rows = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Refused(f"pairs.path: {path} is no JSON in UTF-8 ({error}); needs a list of objects") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise Refused(f"{path}, row {number}: got a JSON {type(row).__name__}; needs a list of objects")
        yield f"{path}, row {number}", row
