"""What the detectors find and what they let pass: `python -m tests.benchmarks.contamination [DRAWS]`, 50 by default.

With `disguises` for DRAWS: the share of each kind of disguise that is found, as the table of docs/how-to/files.md.

Each draw hides 60 rephrased and 60 verbatim GSM8K test questions among 1,880 training questions, and looks for them
with the 660 test questions. Thresholds are chosen on half of a draw and tried on the other half; the shipped ones are
tried on all of it. Embeds 3,320 questions once, some 25 ms of processor time each.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from schemas.detection import Detection
from tasks.contamination.embedders import load_embedder
from tasks.contamination.neighbours import Vectors, Window, agreement, convict, near
from tasks.contamination.ngrams import NgramIndex
from tests.benchmarks import disguises

SHARED = Path(os.environ.get("REFLECTORY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
GRID = list(product((0.70, 0.72, 0.74, 0.76, 0.78, 0.80), (0.84, 0.86, 0.88, 0.90), (0.6, 0.7, 0.8)))
"""Cosine with the same numbers, cosine alone, share of numbers that count as the same."""
ALONE = [round(0.7 + 0.01 * step, 2) for step in range(26)]
FLOOR = 0.7


class Text(NamedTuple):
    """A question as the detectors see it."""

    copied: bool
    ngram: bool
    pairs: list[tuple[float, float]]
    """Cosine and agreement of numbers (0 where there are none) with each item that is near."""
    embedding: bool
    """Whether one of them convicts, as shipped."""


class Figures(NamedTuple):
    verbatim: float
    """Recall."""
    rephrased: float
    precision: float
    f1: float


class Draw(NamedTuple):
    verbatim: list[Text]
    rephrased: list[Text]
    clean: list[Text]

    def halves(self) -> tuple["Draw", "Draw"]:
        return Draw(*(part[::2] for part in self)), Draw(*(part[1::2] for part in self))


Convicts = Callable[[Text], bool]


def questions(name: str) -> list[str]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in (SHARED / name).read_text("utf-8").splitlines()]
    return [plain(row["text"]) if "text" in row else row["question"] for row in rows]


def plain(text: str) -> str:
    """A rephrased question, without the frame that it is published in."""
    return text.removeprefix("Question: ").partition("\nAnswer:")[0]


def read(
    copied: bool, texts: Sequence[str], vectors: Vectors, items: Sequence[str], item_vectors: Vectors
) -> list[Text]:
    index, shipped, convicts = NgramIndex(items), Detection(), [False] * len(texts)
    pairs: list[list[tuple[float, float]]] = [[] for _ in texts]
    for pair in near(vectors, item_vectors, FLOOR):
        text, item = texts[pair.window], items[pair.item]
        pairs[pair.window].append((pair.cosine, agreement(text, item) or 0.0))
        convicts[pair.window] |= bool(convict(pair, Window(pair.window, text, None, None), item, shipped).contaminated)
    found = [index.find(text) for text in texts]
    return [
        Text(copied, bool(hit and hit.contaminated), *mine) for hit, *mine in zip(found, pairs, convicts, strict=True)
    ]


def by_cosine(alone: float) -> Convicts:
    return lambda text: any(cosine >= alone for cosine, _ in text.pairs)


def by_numbers(with_numbers: float, alone: float, share: float) -> Convicts:
    return lambda text: any(cosine >= (with_numbers if agreed >= share else alone) for cosine, agreed in text.pairs)


def measure(draw: Draw, convicts: Convicts) -> Figures:
    verbatim, rephrased, wrong = (sum(map(convicts, part)) for part in draw)
    right, copied = verbatim + rephrased, len(draw.verbatim) + len(draw.rephrased)
    return Figures(
        verbatim / len(draw.verbatim),
        rephrased / len(draw.rephrased),
        right / max(1, right + wrong),
        2 * right / (copied + right + wrong),
    )


def chosen(draw: Draw, rules: Iterable[Convicts]) -> Figures:
    """The figures on one half of the rule that is best on the other, both ways, as their mean."""
    rules = list(rules)
    one, other = draw.halves()
    pairs = [(one, other), (other, one)]
    tried = [measure(held, max(rules, key=lambda rule: measure(seen, rule).f1)) for seen, held in pairs]
    return Figures(*map(statistics.mean, zip(*tried, strict=True)))


def told(name: str, figures: Sequence[Figures]) -> str:
    means = [statistics.mean(column) for column in zip(*figures, strict=True)]
    worst = min(figure.f1 for figure in figures)
    return f"{name:44}" + "".join(f"{mean:10.3f}" for mean in means) + f"{worst:10.3f}"


def main(draws: int) -> None:
    items, train, rephrased = (questions(f"gsm8k_{name}.jsonl") for name in ("test", "train", "test_rephrased"))
    embedder, started = load_embedder(Detection()), time.process_time()
    item_vectors, train_vectors, rephrased_vectors = map(embedder.embed, (items, train, rephrased))
    each_ms = 1e3 * (time.process_time() - started) / (len(items) + len(train) + len(rephrased))
    pools = [
        read(True, items, item_vectors, items, item_vectors),
        read(True, rephrased, rephrased_vectors, items, item_vectors),
        read(False, train, train_vectors, items, item_vectors),
    ]
    made = []
    for seed in range(draws):
        drawn = random.Random(seed)
        made.append(Draw(*(drawn.sample(pool, n) for pool, n in zip(pools, (60, 60, 1880), strict=True))))
    rows: dict[str, Callable[[Draw], Figures]] = {
        "nothing (control)": lambda draw: measure(draw, lambda text: False),
        "n-grams": lambda draw: measure(draw, lambda text: text.ngram),
        "cosine, chosen on the other half": lambda draw: chosen(draw, map(by_cosine, ALONE)),
        "cosine and numbers, chosen on the other half": lambda draw: chosen(draw, (by_numbers(*at) for at in GRID)),
        "embedding, as shipped": lambda draw: measure(draw, lambda text: text.embedding),
        "union, as shipped": lambda draw: measure(draw, lambda text: text.ngram or text.embedding),
    }
    print(f"{draws} draws, means; {each_ms:.0f} ms of processor time to embed a question; {embedder.version}")
    print(f"{'':44}{'verbatim':>10}{'rephrased':>10}{'precision':>10}{'F1':>10}{'worst F1':>10}")
    for name, figures in rows.items():
        print(told(name, [figures(draw) for draw in made]))
    best = [max(GRID, key=lambda at: measure(draw, by_numbers(*at)).f1) for draw in made]
    print("chosen most often:", max(set(best), key=best.count), f"in {max(map(best.count, best))} of {draws}")
    index, started = NgramIndex(items), time.process_time()
    for text in train:
        index.find(text)
    print(
        f"n-grams: {1e6 * (time.process_time() - started) / len(train):.0f} microseconds of processor time a question"
    )


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    if sys.argv[1:] == ["disguises"]:
        print(*disguises.table(SHARED), sep="\n")
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
