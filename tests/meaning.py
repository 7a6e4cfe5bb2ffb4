"""A stand-in for an embedding model, for tests: two texts are near as far as they have words in common."""

import zlib
from collections.abc import Sequence

import numpy as np

from schemas.detection import Detection
from tasks.contamination.neighbours import Vectors
from tasks.contamination.words import plain_words


class WordCounts:
    """Counts words in 512 buckets; remembers how many texts it was given."""

    version = "words@1"

    def __init__(self, settings: Detection | None = None) -> None:
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in plain_words(text):
                row[zlib.crc32(word.encode("utf-8", "surrogatepass")) % 512] += 1
            row /= np.linalg.norm(row) or 1
        return vectors
