"""Which items of a benchmark are one item in several wordings, so that what they share is not taken for boilerplate.

The same question stands in a benchmark as it is, after "Question:", before "Let's think step by step": what these add
is a wrapper of a few words. Questions that share a preamble are different ones: each says something of its own.
"""

from collections import defaultdict
from collections.abc import Sequence

from tasks.contamination.neighbours import numbers
from tasks.contamination.words import placed_words

Gram = tuple[str, ...]

SIZE = 8
"""Words of a sequence that two items share."""
EDITED = 2
"""Words that a copy may have of its own, wherever they stand."""
WRAPPER = 8
"""Words that a wrapper may have, around the whole question."""
WRAPPED = 0.3
"""The share of an item that a wrapper may be."""
MOST = 8
"""A sequence of more originals than this finds none of them."""
VERSION = f"wordings-1({SIZE},{EDITED},{WRAPPER},{WRAPPED},{MOST})"


def originals(texts: Sequence[str], words: Sequence[Gram]) -> list[int]:
    """For each item the place of the item that it is a wording of, itself where it is none; the shortest is kept."""
    found = list(range(len(texts)))
    postings: dict[Gram, list[int]] = defaultdict(list)
    for place in sorted(found, key=lambda place: len(words[place])):
        mine = set(grams(words[place]))
        near = {at for gram in mine if len(postings.get(gram, ())) <= MOST for at in postings.get(gram, ())}
        original = next((at for at in sorted(near) if same_item(texts[at], mine)), None)
        if original is not None:
            found[place] = original
            continue
        for gram in mine:
            postings[gram].append(place)
    return found


def same_item(shorter: str, longer: set[Gram]) -> bool:
    """Whether the item of the 8-grams `longer` is `shorter` in another wording: all that the shorter one has of its own
    is a word or two, or a wrapper around a question that both ask; and no number.
    """
    placed = placed_words(shorter)
    shared = covered(placed.words, longer)
    own = [word for word, both in zip(placed.words, shared, strict=True) if not both]
    if len(own) > WRAPPER or any(numbers(word) for word in own):
        return False
    if len(own) <= EDITED:
        return True
    asked = [
        both
        for both, end, after in zip(shared, placed.ends, [*placed.starts[1:], len(shorter)], strict=True)
        if "?" in shorter[end:after]
    ]
    return len(own) <= WRAPPED * len(placed.words) and bool(asked) and all(asked)


def covered(words: Sequence[str], shared: set[Gram]) -> list[bool]:
    """For each word whether it stands in one of these 8-grams."""
    told = [False] * len(words)
    for at, gram in enumerate(grams(words)):
        if gram in shared:
            told[at : at + SIZE] = [True] * SIZE
    return told


def grams(words: Sequence[str], size: int = SIZE) -> list[Gram]:
    """Every run of `size` words, in order."""
    return list(zip(*(words[start:] for start in range(size)), strict=False))
