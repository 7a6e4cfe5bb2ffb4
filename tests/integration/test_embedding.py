"""The shipped embedding model as we read it and as sentence-transformers does."""

import random

import numpy as np
import pytest

from schemas.detection import SHIPPED_MODEL
from tasks.contamination import minilm
from tasks.contamination.embedding import Embedder
from tasks.contamination.model_folder import model_folder

WORDS = ["the", "Apples", "Übergröße", "漢字", "٣", "17", "3.5", "counts\n", "trains😀", "<b>", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """None, one word, more than the window holds; more than one batch, and a last one that is not full."""
    draw = random.Random(1)
    sizes = [0, 1, 2, 300, *(draw.randrange(60) for _ in range(31))]
    return [" ".join(draw.choice(WORDS) for _ in range(size)) for size in sizes]


def test_both_say_the_same_to_the_bit(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    library = Embedder(str(model_folder(SHIPPED_MODEL)), "cpu").embed(texts)
    assert np.array_equal(Embedder(SHIPPED_MODEL, "cpu").embed(texts), library)
    for what, otherwise in (("HEADS", 6), ("WINDOW", 128), ("EPSILON", 1e-6)):
        with monkeypatch.context() as changed:
            changed.setattr(minilm, what, otherwise)
            assert not np.array_equal(Embedder(SHIPPED_MODEL, "cpu").embed(texts), library), what


def test_texts_of_one_length_stand_in_the_batches_of_the_library() -> None:
    """The bug: what a text was padded with was another, and so were its last bits."""
    draw = random.Random(0)
    words = ["".join(draw.choice("ab \u200b漢") for _ in range(draw.randrange(4))) for _ in range(30)]
    texts = list(dict.fromkeys(["a", "\u200b", " ", "b", "x", "y", *words]))
    library = Embedder(str(model_folder(SHIPPED_MODEL)), "cpu").embed(texts)
    assert np.array_equal(Embedder(SHIPPED_MODEL, "cpu").embed(texts), library)
