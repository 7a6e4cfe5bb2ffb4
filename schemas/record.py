"""What every record of the factory is, and how a fact gets its key."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from pydantic import BaseModel, ConfigDict

Json = Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None


class Record(BaseModel):
    """A frozen row. Unknown fields are refused, so that a misspelt column cannot be lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(Record):
    """The two columns that the warehouse adds to every row as it lands; never part of a key or of a row hash."""

    landed_by: str
    """The run_id of the run that landed the row."""
    landed_at: datetime
    """UTC."""


def canonical_json(value: Json) -> str:
    """Return the one spelling of a JSON value: sorted keys, no spaces, ASCII only. Raises `ValueError` for NaN."""
    if type(value) is str:
        return encode_basestring_ascii(value)
    if type(value) is list or type(value) is tuple:  # of most keys, at a fifth of the encoder's time
        return f"[{','.join([canonical_json(item) for item in value])}]"
    return str(value) if type(value) is int else _ENCODER.encode(value)


def content_key(word: str, *parts: Json) -> str:
    """Return 32 hex characters (BLAKE2b, 128 bits) over a word of the glossary and the content that it names."""
    return hashlib.blake2b(canonical_json([word, *parts]).encode(), digest_size=16).hexdigest()


def content_key_of_many(word: str, chunks: Iterable[Sequence[Json]]) -> str:
    """Return `content_key(word, items)` of the items of all chunks in one list, which is nowhere in memory."""
    hashed, comma = hashlib.blake2b(f"[{canonical_json(word)},[".encode(), digest_size=16), ""
    for chunk in filter(len, chunks):
        hashed.update(f"{comma}{canonical_json(list(chunk))[1:-1]}".encode())
        comma = ","
    hashed.update(b"]]")
    return hashed.hexdigest()


def clean_text(text: str) -> str:
    """Return `text` with what UTF-8 or SQL engines cannot hold (NUL, a lone surrogate) replaced by one U+FFFD each."""
    text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
