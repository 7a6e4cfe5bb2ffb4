"""A chat completion that comes as a stream of events, put together into what it would have been in one piece. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.asking.completion import is_finished, mapping, parsed, stated_error

Merged = dict[str, Any]

_GROWING = frozenset(
    ("content", "reasoning", "reasoning_content", "reasoning_text", "thinking", "text", "summary", "refusal")
) | {"arguments"}
"""Fields whose pieces follow each other; any other is told anew in each event."""
_DONE = b"[DONE]"
_NO_CHANCE = 3
"""Pieces that each begin with all of the one before it, from the first on: no model's tokens do."""


class StreamedCompletion:
    """Takes the bytes of an event stream as they come; `body` is the completion so far."""

    def __init__(self, max_bytes: int) -> None:
        """Takes no more once so many bytes of text have come."""
        self._most = self._left = max_bytes
        self._line = self._data = b""
        self._names_error = False
        """Whether the event that is coming says that it is one."""
        self._completion: Merged = {}
        self._choices: dict[int, Merged] = {}
        self._retold = _Retold()
        self._is_done = False

    @property
    def is_too_long(self) -> bool:
        return self._left < 0

    @property
    def is_whole(self) -> bool:
        """Whether its end has been told: by the mark that nothing follows, an error, or a reason why it finished."""
        finished = self._choices and all(map(is_finished, self._choices.values()))
        return bool(self._is_done or finished or stated_error(self._completion))

    def feed(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._read(line.strip())
        if len(self._line) + len(self._data) > self._most:
            self._line, self._data, self._left = b"", b"", -1

    def body(self) -> bytes:
        """Return a whole completion as JSON; without a `finish_reason` where it broke off."""
        choices = [self._choices[index] for index in sorted(self._choices)]
        return json.dumps(self._completion | ({"choices": choices} if choices else {})).encode()

    def _read(self, line: bytes) -> None:
        """One line of the stream; comments, and data without any, keep it alive. The data of an event may stand on
        several lines. Servers of llama.cpp had `error:` in the place of `data:`.
        """
        name, _, value = line.partition(b":")
        value = value.strip()
        is_end = (name, value) == (b"data", _DONE)
        if is_end or not line:
            data, self._data, self._names_error = self._data, b"", False
            if data:
                self._take({"error": {"message": f"an event is no JSON: {data[:200].decode(errors='replace')}"}})
            self._is_done |= is_end
        elif name == b"event":
            self._names_error = value == b"error"
        elif name in (b"data", b"error") and value and not self.is_too_long:
            self._names_error |= name == b"error"
            self._data += value
            if (event := parsed(self._data)) is not None:
                self._data = b""
                if isinstance(event, dict):
                    is_one = self._names_error or event.get("object") == "error"
                    self._take({"error": event} if is_one and not event.get("error") else event)

    def _take(self, event: Mapping[str, Any]) -> None:
        fields = {name: value for name, value in event.items() if name != "choices" and value is not None}
        self._completion |= fields | {"object": "chat.completion"}
        for choice in _mappings(event.get("choices")):
            index = choice.get("index", 0)
            known = self._choices.setdefault(index if isinstance(index, int) else 0, {"message": {}})
            said = known["message"]
            self._left -= _merge(said, mapping(choice.get("delta")), self._retold)
            self._left -= _merge(said, _news(said, mapping(choice.get("message"))), self._retold)
            if logprobs := mapping(choice.get("logprobs")):
                self._left -= _merge(known.setdefault("logprobs", {}), logprobs, self._retold)
            apart = ("delta", "message", "logprobs", *(() if is_finished(choice) else ("finish_reason",)))
            known |= {name: value for name, value in choice.items() if name not in apart and value is not None}


class _Retold:
    """Texts of a stream of which each piece repeats all before it: MiniMax, DashScope without `incremental_output`."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, str], tuple[str, int]] = {}
        """The last piece of each text that may be such a one, and how often a piece went on with the one before."""

    def text(self, known: Merged, name: str, piece: str) -> str:
        """All of the text of that name, with its next piece."""
        before, key = known.get(name) or "", (id(known), name)
        if not before:
            self._last[key] = (piece, 0)
        if not before or (found := self._last.get(key)) is None:
            return before + piece
        last, times = found
        if not piece.startswith(last):
            del self._last[key]
            return before + piece
        times += len(piece) > len(last)
        self._last[key] = (piece, times)
        return piece if times >= _NO_CHANCE else before + piece


def _merge(known: Merged, piece: Mapping[str, Any], retold: _Retold) -> int:
    """Add to `known` what the next piece of it brings; how many bytes, about."""
    added = 0
    for name, value in piece.items():
        before = known.get(name)
        if value is None or (value == "" and before):  # an empty text takes nothing back
            continue
        if isinstance(value, str) and name in _GROWING and isinstance(before, str | None):
            known[name] = retold.text(known, name, value)
            added += len(known[name]) - len(before or "")
        elif isinstance(value, list) or (isinstance(before, list) and name in _GROWING):
            known[name] = before if isinstance(before, list) else [before] if before else []
            pieces = value if isinstance(value, list) else [value]
            added += sum(_append(known[name], item, retold) for item in pieces)
        elif isinstance(value, dict) and isinstance(before, dict):
            added += _merge(before, value, retold)
        else:
            known[name] = value
    return added


def _news(known: Merged, fields: Mapping[str, Any]) -> Merged:
    """What a message says that is not known yet: Perplexity tells all of it so far beside each piece."""
    texts = {name: text for name, text in known.items() if isinstance(text, str)}
    return {n: value.removeprefix(texts.get(n, "")) if isinstance(value, str) else value for n, value in fields.items()}


def _append(items: list[Any], item: Any, retold: _Retold) -> int:
    """Add an item to a list of a streamed message, or what it brings to the one that it goes on with."""
    if not isinstance(item, dict):
        items.append(item)
        return len(json.dumps(item))
    if (known := _begun(items, item)) is None:
        known = {}
        items.append(known)
    return _merge(known, item, retold)


def _begun(items: list[Any], item: Merged) -> Merged | None:
    """The item that this one goes on with: that of its index, else the last one if it is of the same type."""
    kind, index = item.get("type"), item.get("index")
    if index is None:
        last = items[-1] if items else None
        return last if isinstance(last, dict) and kind is not None and last.get("type") == kind else None
    known = (other for other in items if isinstance(other, dict) and other.get("index") == index)
    return next((other for other in known if kind is None or other.get("type") == kind), None)


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in (value if isinstance(value, list) else []) if isinstance(item, dict))
