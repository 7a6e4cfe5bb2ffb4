"""Draws questions from reasoning-gym: a program of its own, run with a fixed `PYTHONHASHSEED`.

Five families (isomorphic_strings, knight_swap, polynomial_multiplication, ransom_note, word_ladder) walk over
sets of text: in the driver's own process they would be other questions at every start. Reads `{"families",
"seed", "limit"}` from standard input; writes one JSON line per question, or one line `{"refused"}`.
"""

import contextlib
import hashlib
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from schemas.closest import hint
from tasks.without_plots import without_plots

BLOCK = 1000
"""Items made with one seed, however many are asked for: the items of `acre` depend on its size."""
PATIENCE = 50
"""A family that repeats itself so often in a row has no more to give."""


def block_seed(family: str, seed: int, block: int) -> int:
    """Hash family, seed and block into a seed, because most families seed item i with seed + i: seeds 0 and 1 would
    share all but one.
    """
    digest = hashlib.blake2b(f"{family}/{seed}/{block}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1


def json_able(value: Any) -> Any:
    """Return `value` as JSON has it: tuples become lists, keys and fractions text; `json` refuses other types."""
    if isinstance(value, dict):
        return {str(key): json_able(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_able(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value


def items(family: str, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the family's items without end, JSON-able, and without their index: equal questions are equal."""
    with without_plots():
        from reasoning_gym import create_dataset

    for block in itertools.count():
        dataset = create_dataset(family, size=BLOCK, seed=block_seed(family, seed, block))
        for index in range(BLOCK):
            entry = json_able(dataset[index])
            entry["metadata"].pop("source_index", None)
            yield entry


def distinct(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each entry once, until `PATIENCE` in a row were there before."""
    seen: set[str] = set()
    repeats = 0
    for entry in entries:
        key = json.dumps(entry, sort_keys=True)
        repeats = repeats + 1 if key in seen else 0
        if repeats == PATIENCE:
            return
        if not repeats:
            seen.add(key)
            yield entry


def in_turn(families: Iterable[str], seed: int) -> Iterator[dict[str, Any]]:
    """Yield one from each family, and again: more questions never change the earlier ones."""
    streams = {family: distinct(items(family, seed)) for family in families}
    while streams:
        for family, stream in list(streams.items()):
            entry = next(stream, None)
            if entry is None:
                del streams[family]
            else:
                yield {"family": family, "entry": entry}


def refusal(families: Iterable[str]) -> str | None:
    """Return why these cannot be drawn from: unknown, or not without settings of their own (`composite`)."""
    with without_plots():
        from reasoning_gym.factory import DATASETS, create_dataset

    for family in families:
        if family not in DATASETS:
            known = hint(family, DATASETS, n=3) or f"; it has {', '.join(sorted(DATASETS))}"
            return f"got {family!r}, which is no data set of reasoning-gym{known}"
        try:
            create_dataset(family, size=1, seed=0)
        except (AssertionError, TypeError, ValueError) as error:
            return f"got {family!r}, which cannot be drawn from with its default settings: {error}"
    return None


def main() -> None:
    asked = json.load(sys.stdin)
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # some families print while they generate
        refused = refusal(asked["families"])
        if refused:
            print(json.dumps({"refused": refused}), file=answers)
            return
        for question in itertools.islice(in_turn(asked["families"], asked["seed"]), asked["limit"]):
            print(json.dumps(question, allow_nan=False), file=answers)


if __name__ == "__main__":
    main()
