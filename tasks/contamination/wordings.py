"""Which items of a benchmark are one item in several wordings, so that what they share is not taken for boilerplate.

The same question stands in a benchmark as it is, after "Question:", before "Let's think step by step": what these add
is a wrapper of a few words. Questions that share a preamble are different ones: each says something of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from tasks.contamination.neighbours import numbers
from tasks.contamination.words import UNIT, placed_words, weights

Gram = tuple[str, ...]

SIZE = 8
"""Words of a sequence that two items share."""
WRAPPER, WRAPPED = 8, 0.3
"""Words outside these sequences that an item may have, and the share of it that they may be."""
MOST = 8
"""A sequence of more originals than this finds none of them, and of those that are found as many are compared."""
VERSION = f"wordings-2({SIZE},{WRAPPER},{WRAPPED},{MOST})"


def originals(texts: Sequence[str], words: Sequence[Gram]) -> list[int]:
    """Return for each item the place of the item that it is a wording of, itself where it is none; the shortest is
    kept.
    """
    found = list(range(len(texts)))
    postings: dict[Gram, list[int]] = defaultdict(list)
    for place in sorted(found, key=lambda place: len(words[place])):
        mine = set(grams(words[place]))
        near = Counter(at for gram in mine if len(postings.get(gram, ())) <= MOST for at in postings.get(gram, ()))
        ranked = sorted(near, key=lambda at: (-near[at], at))[:MOST]
        original = next((at for at in ranked if same_item(texts[at], words[place])), None)
        if original is not None:
            found[place] = original
            continue
        for gram in mine:
            postings[gram].append(place)
    return found


def same_item(shorter: str, longer: Gram) -> bool:
    """Return whether the item of the words `longer` is `shorter` in another wording: the shorter has no word of its
    own, or few, and neither a number nor the end of a question among them.
    """
    placed, theirs = placed_words(shorter), set(longer)
    shared = covered(placed.words, set(grams(longer)))
    if shared.count(False) > min(WRAPPER, WRAPPED * len(shared)):
        return False
    own = [not both and word not in theirs for word, both in zip(placed.words, shared, strict=True)]
    if any(mine and numbers(word) for word, mine in zip(placed.words, own, strict=True)):
        return False
    gaps = zip(placed.ends, [*placed.starts[1:], len(shorter)], own, strict=True)
    asked = [mine for end, start, mine in gaps if "?" in shorter[end:start]]
    return not any(own) or (bool(asked) and not any(asked))


def covered(words: Sequence[str], shared: set[Gram]) -> list[bool]:
    """Return for each word whether it stands in one of these 8-grams."""
    flags = [False] * len(words)
    for at, gram in enumerate(grams(words)):
        if gram in shared:
            flags[at : at + len(gram)] = [True] * len(gram)
    return flags


def grams(words: Sequence[str], size: int = SIZE) -> list[Gram]:
    """Return, from each word on, the fewest that say as much as `size` words do (`tasks.contamination.words.weights`);
    in order, for as long as there are enough.
    """
    weighed = weights(words)
    if all(weight == UNIT for weight in weighed):
        return runs(words, size)
    found: list[Gram] = []
    end = held = 0
    for start, weight in enumerate(weighed):
        while held < size * UNIT and end < len(words):
            held += weighed[end]
            end += 1
        if held < size * UNIT:
            break
        found.append(tuple(words[start:end]))
        held -= weight
    return found


def runs(words: Sequence[str], n: int) -> list[Gram]:
    """Return every `n` words in a row, in order."""
    return list(zip(*(words[start:] for start in range(n)), strict=False))
