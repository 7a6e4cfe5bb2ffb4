"""JSON that is longer than a line: value by value, with little of it in memory, and the rows that one object holds."""

import codecs
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from tasks.rows.packed import plain_path, unpacked

T = TypeVar("T")
Decode = Callable[[str, int], tuple[T, int]]
"""Of a text and a place in it: the value that begins there, and its end."""

_BLOCK = 1 << 20
_LINES = (".jsonl", ".ndjson")
_GOES_ON = (b"{", b"[", b",", b":")
"""What a line of one object over several ends with."""
_AT_THE_END = 64
"""Characters: JSON that is only cut off is at fault there, or where its last text begins."""
HOLDERS = ("data", "examples", "example", "rows", "items", "samples", "records", "questions", "outputs", "results")
"""Where one object keeps its rows, such as the tasks of BIG-bench; beside the name of a split."""
SPLITS = ("train", "test", "dev", "validation", "valid", "val", "eval")
_OF_A_ROW = frozenset(
    (
        *("question", "instruction", "problem", "query", "input", "text", "messages", "conversations"),
        *("gold", "answer", "response", "output", "completion"),
    )
)
"""But for `prompt`, which GAOKAO-Bench has beside its rows."""
_TURN = ({"from", "value"}, {"role", "content"})
"""What each turn of a conversation has: they are parts of one row."""
_FEWEST = 3
"""Objects under keys of their own that are rows, and not the parts of one."""


class JsonText:
    """The JSON values of a file in UTF-8, one after the other: a value, and a block behind it, are in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._is_whole = "", 0, False
        self._line = 1
        self.n = 0
        """Values that have begun."""

    def elements(self, decode: Decode[T]) -> Iterator[T]:
        """Yield what `decode` makes of each element of the list that stands here, and nothing else. Raises
        `json.JSONDecodeError`, and what `decode` raises, like all that follow.
        """
        self.behind_space()
        self._at += 1
        while self.behind_space() != "]":
            yield self._value(decode)
            follows = self.behind_space()
            if follows not in (",", "]"):
                raise json.JSONDecodeError("Expecting ',' delimiter", self._text, self._at)
            self._at += follows == ","
        self._at += 1
        if self.behind_space():
            raise json.JSONDecodeError("Extra data", self._text, self._at)

    def values(self, decode: Decode[T]) -> Iterator[T]:
        """Yield what `decode` makes of each value up to the end."""
        while self.behind_space():
            yield self._value(decode)

    def behind_space(self) -> str:
        """Skip white space; return the character that follows, or an empty text at the end."""
        while True:
            self._at = json.decoder.WHITESPACE.match(self._text, self._at).end()  # type: ignore[attr-defined]
            if self._at < len(self._text) or self._is_whole:
                return self._text[self._at : self._at + 1]
            self._read()

    def described(self, error: Exception) -> str:
        """Return what an error of this file says, with the line where there is one."""
        if isinstance(error, json.JSONDecodeError):
            return f"{error.msg}: line {self._line + error.lineno - 1}"
        if isinstance(error, UnicodeDecodeError):
            line = self._line + self._text.count("\n", self._at) + error.object.count(b"\n", 0, error.start)
            return f"byte 0x{error.object[error.start]:02x}: line {line}"
        return str(error)

    def _value(self, decode: Decode[T]) -> T:
        self.n += 1
        while True:
            try:
                value, end = decode(self._text, self._at)
                if end + _AT_THE_END < len(self._text) or self._is_whole:  # 1 may go on as 1.5
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                ends_there = error.msg.startswith("Unterminated") or error.pos + _AT_THE_END > len(self._text)
                if self._is_whole or not ends_there:
                    raise
            self._read()

    def _read(self) -> None:
        """Twice as much each time that one value needs more."""
        block = self._file.read(max(_BLOCK, len(self._text) - self._at))
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + self._decoder.decode(block, final=not block)
        self._at, self._is_whole = 0, not block


def is_spread(path: Path) -> bool:
    """Return whether a file that begins with an object has it on several lines, or has one line, whose object holds
    rows.

    Where the name promises lines, the only one is a row, and one that breaks off before another object is a bad row.
    """
    promises_lines = plain_path(path).suffix.lower() in _LINES
    with unpacked(path) as file:
        lines = (line for line in map(bytes.strip, file) if line)
        first, then = (next(lines, b"").removeprefix(codecs.BOM_UTF8).strip() for _ in range(2))
    if first.endswith(b"}") and then:
        return not then.startswith(b"{") and _object(first) is None
    if then and promises_lines and _object(then) is not None:
        return False
    if then:
        return _object(first.removesuffix(b",")) is None and (first.endswith(_GOES_ON) or not then.startswith(b"{"))
    alone = None if promises_lines else _object(first)
    return alone is not None and bool(held_rows(alone, ""))


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def held_rows(value: Mapping[str, Any], split: str) -> dict[str, list[Any]]:
    """Return the rows that an object holds, under the names that hold them: none where it is a row, several where
    nothing says which is asked for.
    """
    if any(name.casefold() in _OF_A_ROW and held is not None for name, held in value.items()):
        return {}
    lists = {name: rows for name, rows in value.items() if _are_objects(rows) and not _are_turns(rows)}
    if split in lists:
        return {split: lists[split]}
    of_splits = {name: lists[name] for name in SPLITS if name in lists}
    if of_splits:
        return of_splits
    if held := next(({name: lists[name]} for name in HOLDERS if name in lists), None):
        return held
    return {"": [{"id": key, **row} for key, row in value.items()]} if _are_alike(list(value.values())) else {}


def _are_objects(rows: Any) -> bool:
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) for row in rows)


def _are_turns(rows: list[dict[str, Any]]) -> bool:
    return any(all(turn <= row.keys() for row in rows) for turn in _TURN)


def _are_alike(rows: list[Any]) -> bool:
    """Whether they are rows, each under its own key; not columns, which pandas writes with a number for each row."""
    if len(rows) < _FEWEST or not _are_objects(rows):
        return False
    firsts = {next(iter(row), "0") for row in rows}
    return len(firsts) == 1 and not firsts.pop().isdecimal()
