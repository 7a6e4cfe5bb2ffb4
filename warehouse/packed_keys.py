"""Keys by the million: 16 bytes each, where a text of 32 hexadecimal characters takes 81."""

from collections.abc import Iterable, Iterator
from typing import Self

import numpy as np
import pyarrow as pa

_BYTES = 16
_TEXT = 2 * _BYTES


class PackedKeys:
    """Keys as `content_key` gives them, in the order in which they were added."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        """Raises `ValueError` for what is no such key, as `add` does."""
        self._packed = bytearray()
        for key in keys:
            self.add(key)

    @classmethod
    def of_bytes(cls, packed: bytes | bytearray) -> Self:
        keys = cls()
        keys._packed += packed
        return keys

    def add(self, key: str) -> None:
        self._packed += packed(key)

    def __len__(self) -> int:
        return len(self._packed) // _BYTES

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedKeys) and self._packed == other._packed

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, number: int) -> str:
        return self._packed[_BYTES * number : _BYTES * (number + 1)].hex()

    def __contains__(self, key: object) -> bool:
        first, second = np.frombuffer(packed(str(key)), dtype=">u8")
        halves = self._halves()
        return bool(((halves[:, 0] == first) & (halves[:, 1] == second)).any())

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def __add__(self, other: "PackedKeys") -> "PackedKeys":
        """These, then the others."""
        return PackedKeys.of_bytes(self._packed + other._packed)

    def texts(self, begin: int, end: int) -> list[str]:
        """Return the keys from one place to before another."""
        text = self._packed[_BYTES * begin : _BYTES * end].hex()
        return [text[at : at + _TEXT] for at in range(0, len(text), _TEXT)]

    def arrow(self, begin: int = 0, end: int | None = None) -> pa.Array:
        """Return a column of texts."""
        texts = self._packed[_BYTES * begin : None if end is None else _BYTES * end].hex().encode()
        offsets = np.arange(0, len(texts) + 1, _TEXT, dtype=np.int32)
        return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(texts))

    def picked(self, numbers: np.ndarray) -> "PackedKeys":
        """Return the keys that stand at `numbers`."""
        rows = np.frombuffer(self._packed, dtype=np.uint8).reshape(-1, _BYTES)
        return PackedKeys.of_bytes(rows[numbers].tobytes())

    def sorted(self) -> "PackedKeys":
        """Return the same keys in the order of their texts."""
        halves = self._halves()
        return self.picked(np.lexsort((halves[:, 1], halves[:, 0])))

    def repeated(self) -> set[str]:
        """Return those that were added more than once."""
        ordered = self.sorted()
        halves = ordered._halves()
        return set(ordered.picked(np.flatnonzero((halves[1:] == halves[:-1]).all(axis=1))))

    def _halves(self) -> np.ndarray:
        """Of each key, two numbers of which the first decides the order."""
        return np.frombuffer(self._packed, dtype=">u8").reshape(-1, 2)

    def chunks(self, at_once: int = 10_000) -> Iterator[list[str]]:
        """Yield all of them, so many at a time."""
        return (self.texts(begin, begin + at_once) for begin in range(0, len(self), at_once))


def packed(key: str) -> bytes:
    """Raise `ValueError` for what is no key."""
    found = bytes.fromhex(key)
    if len(found) != _BYTES:
        raise ValueError(f"got the key {key!r}; needs {_TEXT} hexadecimal characters")
    return found
