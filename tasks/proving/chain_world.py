"""The raw pairs and the held-out questions of the laptop experiment, and what can be measured of such pairs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from schemas.proving import ChainWorld
from tasks.practice import chains
from tasks.proving.case import write_lines
from tasks.proving.lift import auc
from tasks.proving.pools import Row, asked


def write_world(world: ChainWorld, pairs: Path, held_out: Path) -> None:
    """Write the two files."""
    rng = Random(f"chains {world.seed}")
    write_lines(pairs, list(_pairs(world, rng)))
    write_lines(held_out, [_held_out(rng, place) for place in range(world.held_out)])


def _pairs(world: ChainWorld, rng: Random) -> Iterator[dict[str, Any]]:
    for place in range(world.pairs):
        steps = 1 + place % world.longest
        question = chains.question(rng, steps)
        gold = answer(question)
        keys = {word for word in question.split() if word in chains.KEYS}
        draw = rng.random()
        said = gold
        if draw < world.wrong:
            said = rng.choice(sorted(keys - {gold}))
        elif draw < world.wrong + world.off_question:
            said = rng.choice(sorted(set(chains.KEYS) - keys))
        yield {
            "instruction": question,
            "output": chains.bare(said),
            "gold": gold,
            "difficulty": str(steps),
            "id": f"pair-{place}",
        }


def _held_out(rng: Random, place: int) -> dict[str, Any]:
    question = chains.question(rng, 1 + place % chains.LONGEST)
    return {"question": question, "gold": answer(question), "kind": "exact", "id": f"held-out-{place}"}


def answer(text: str) -> str:
    """Return the right answer to a question about a chain. Raises `ValueError` for another text."""
    problem = chains.read_chain(text)
    if problem is None:
        raise ValueError(f"got {text!r:.80}; needs a question about a chain")
    return problem.answer


def answers_another(text: str, response: str) -> bool:
    """Return whether the response names a key that the question does not have: it belongs to another question."""
    edges, _, _ = chains.edges_of(text) or ({}, "", 0)
    return any(word in chains.KEYS and word not in edges for word in response.split())


def off_question(rows: Sequence[Row]) -> float:
    """Share of the rows whose response answers another question."""
    return fmean(answers_another(asked(row), row["messages"][-1]["content"]) for row in rows) if rows else 0.0


def wrong_label_auc(scored: Sequence[Mapping[str, Any]]) -> float | None:
    """Return, over raw pairs (`instruction`, `response`, `gold`, `ifd`) that answer their own question, the chance that
    a wrong one has a higher IFD than a right one.
    """
    own = [row for row in scored if not answers_another(row["instruction"], row["response"])]
    wrong, right = (
        [
            row["ifd"]
            for row in own
            if (row["response"].split()[-1] != row["gold"]) is is_wrong and row["ifd"] is not None
        ]
        for is_wrong in (True, False)
    )
    return auc(wrong, right)
