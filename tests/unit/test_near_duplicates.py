"""Near duplicates at known likeness: what is found, what is not, and which one stays."""

import random
import re
import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from tasks.curation.near_duplicates import MOST_IN_BUCKET, near_duplicates, shared_buckets
from tasks.curation.shingles import SIZE, jaccard, normalised, shingles
from tasks.curation.signing import bands

Words = list[str]


def reference(one: Words, other: Words) -> float:
    """The Jaccard similarity of the word 5-grams, from its definition."""
    a, b = ({tuple(words[i : i + SIZE]) for i in range(len(words) - SIZE + 1)} for words in (one, other))
    return len(a & b) / len(a | b)


def document(source: random.Random, length: int = 120) -> Words:
    return [f"w{source.randrange(5000)}" for _ in range(length)]


def changed(source: random.Random, words: Words, n: int) -> Words:
    """With `n` words replaced by new ones."""
    places = set(source.sample(range(len(words)), n))
    return [f"new{source.random()}" if place in places else word for place, word in enumerate(words)]


def words_of(text: str) -> Words:
    """Its words, from their definition."""
    kept = "".join(
        letter if letter in "+-*/=<>^%$. " or unicodedata.category(letter)[0] in "LMN" else " " for letter in text
    )
    return re.sub(r"\.( |$)", " ", re.sub("([\u4e00-\u9fff])", r" \1 ", kept)).split()


def near(texts: list[str], threshold: float, fixed: list[bool] | None = None) -> dict[int, int]:
    column = normalised(pa.array(texts, pa.string()))
    found = shingles(column)
    buckets = shared_buckets(bands(column).view(np.int64))
    sets = {row: found.of(row) for row in buckets.rows.tolist()}
    return near_duplicates(buckets, sets, threshold, fixed or [False] * len(texts))


def test_the_normal_form_is_pythons_own_whatever_the_white_space() -> None:
    source = random.Random(1)
    every = [*map(chr, range(128)), *"  \n\n\u0085\u00a0\u00c9\u2028\u3000\ufb01"]
    texts = ["".join(source.choices(every[: 128 if n % 2 else None], k=n % 40)) for n in range(4000)]
    wanted = [" ".join(unicodedata.normalize("NFKC", text).lower().split()) for text in texts]
    assert normalised(pa.array(texts)).to_pylist() == wanted


def test_shingles_are_the_word_5_grams() -> None:
    source = random.Random(1)
    one = document(source)
    other = changed(source, one, 4)
    found = shingles(normalised(pa.array([" ".join(one), " ".join(other)])))
    assert jaccard(found.of(0), found.of(1)) == pytest.approx(reference(one, other))


def test_a_shingle_is_the_same_where_its_words_are_and_nowhere_else() -> None:
    """Whatever bytes they stand between, and however long they are: blocks of eight bytes are hashed."""
    source = random.Random(6)
    letters = "aab..  ,;+-_0\t\x1c\u00e9\u00d7\u2014\u6f22\u0301"
    texts = ["".join(source.choices(letters, k=n % 90)) for n in range(1500)] + ["a" * n for n in range(40)]
    column = normalised(pa.array(texts))
    found, words = shingles(column), [words_of(text) for text in column.to_pylist()]
    grams = [tuple(each[i : i + SIZE]) for each in words for i in range(max(len(each) - SIZE, 0) + bool(each))]
    told = dict(zip(found.hashes.tolist(), grams, strict=True))
    assert [told[each] for each in found.hashes.tolist()] == grams, "two shingles with one hash"
    assert len(told) == len(set(grams)), "one shingle with two hashes"
    assert [told[each] for each in shingles(column.slice(7)).hashes.tolist()] == grams[int(found.starts[7]) :]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The answer is 3.5, so: 3 + 4 = 7.", "the  answer is 3.5 so 3 + 4 = 7", True),
        ("three words only", "Three words, only!", True),
        ("\uff13 \uff0b 4 gives seven at once", "3 + 4 gives seven at once", True),
        ("one two three four five", "two one three four five", False),
        ("we get 3 + 4 in all", "we get 3 - 4 in all", False),
        ("we get 3.5 in all now", "we get 35 in all now", False),
        ("\u6f22\u5b57\u6f22\u5b57\u4eee", "\u6f22 \u5b57 \u6f22 \u5b57 \u4eee", True),
        ("!?", "...", False),
        ("", "", False),
    ],
)
def test_what_counts_as_the_same_words(one: str, other: str, same: bool) -> None:
    found = shingles(normalised(pa.array([one, other])))
    assert (jaccard(found.of(0), found.of(1)) == 1) is same


def test_near_copies_go_and_the_first_stays() -> None:
    source = random.Random(2)
    first, alone = document(source), document(source)
    copies = [" ".join(words) for words in (first, alone, changed(source, first, 1), changed(source, first, 2))]
    assert near(copies, 0.8) == {2: 0, 3: 0}
    assert near(copies, 0.8, fixed=[False, False, True, False]) == {3: 0}, "what is fixed stays"
    assert near(copies, 0.99) == {}


@pytest.mark.parametrize("texts", [[], ["one row alone is like nobody"], ["", ""]])
def test_where_there_is_nothing_to_compare_nothing_goes(texts: list[str]) -> None:
    """A policy that kept nothing used to raise here."""
    assert near(texts, 0.8) == {}


def test_a_chain_takes_nobody_with_it() -> None:
    """Each is like its neighbour, the ends are not alike: a component would drop both that follow."""
    source = random.Random(3)
    middle = document(source)
    ends = changed(source, middle, 2), changed(source, middle, 2)
    assert reference(ends[0], ends[1]) < 0.78 < 0.8 < reference(ends[0], middle)
    assert near([" ".join(words) for words in (ends[0], middle, ends[1])], 0.8) == {1: 0}


def test_a_crowd_does_not_hide_a_pair() -> None:
    """Many rows with common boilerplate fill buckets; a near copy of the last one is still found."""
    source = random.Random(4)
    boilerplate = document(source, 60)
    crowd = [boilerplate + document(source, 50) for _ in range(6 * MOST_IN_BUCKET)]
    crowd.append(changed(source, crowd[-1], 1))
    assert max(reference(one, other) for one, other in pairwise(crowd[:-1])) < 0.6
    assert near([" ".join(words) for words in crowd], 0.8) == {len(crowd) - 1: len(crowd) - 2}
