"""Near duplicates: ours beside datasketch, on public texts with copies planted in which some words are others.

    REFLECTORY_SHARED_DATA=DIR python -m tests.benchmarks.peers.duplicates [COPIES]

A copy is a near duplicate where the sets of its word 5-grams share `THRESHOLD` (Jaccard, counted exactly) with the text
it was made from. Both have texts in normal form, take the same 5-grams and 126 permutations, and compare exactly what
shares a band; each runs in a process of its own, reading included.
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
PYTHON = Path(os.environ.get("REFLECTORY_PEERS", "/tmp/peers-env")) / "datasketch/bin/python"
THRESHOLD, SIZE, FEWEST_WORDS = 0.7, 5, 40
FILES = {
    "alpaca_cherry.jsonl": ("output",),
    "gsm8k_train.jsonl": ("question", "answer"),
    "gsm8k_test.jsonl": ("question", "answer"),
}


def grams(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[at : at + SIZE]) for at in range(max(1, len(words) - SIZE + 1))}


def similar(one: str, other: str) -> float:
    left, right = grams(one), grams(other)
    return len(left & right) / len(left | right)


def public_texts(shared: Path) -> list[str]:
    """Letters and spaces only, so that every way of cutting words agrees."""
    rows = ((json.loads(line), keys) for name, keys in FILES.items() for line in (shared / name).open(encoding="utf-8"))
    texts = (" ".join(str(row[key]) for key in keys) for row, keys in rows)
    plain = (" ".join("".join(c if c.isalpha() else " " for c in text.lower()).split()) for text in texts)
    return [text for text in dict.fromkeys(plain) if len(text.split()) >= FEWEST_WORDS]


def changed(draw: random.Random, text: str) -> str:
    words = text.split()
    for at in draw.sample(range(len(words)), draw.randint(1, max(2, len(words) // 12))):
        words[at] = f"other{draw.randrange(10**6)}"
    return " ".join(words)


def ours(texts: list[str]) -> list[int]:
    import numpy as np
    import pyarrow as pa

    from tasks.curation.near_duplicates import near_duplicates, shared_buckets
    from tasks.curation.shingles import normalised, shingles
    from tasks.curation.signing import bands

    normal = normalised(pa.array(texts))
    buckets = shared_buckets(bands(normal).view(np.int64))
    found = shingles(normal)
    sets = {row: found.of(row) for row in buckets.rows.tolist()}
    return sorted(near_duplicates(buckets, sets, THRESHOLD, [False] * len(texts)))


def by_datasketch(texts: list[str]) -> list[int]:
    from datasketch import MinHash, MinHashLSH

    index, kept, going = MinHashLSH(num_perm=126, params=(21, 6)), {}, []
    for at, text in enumerate(texts):
        own = grams(text)
        signature = MinHash(num_perm=126)
        signature.update_batch([gram.encode() for gram in own])
        likely = (kept[other] for other in index.query(signature))
        if any(len(own & held) >= THRESHOLD * len(own | held) for held in likely):
            going.append(at)
            continue
        index.insert(at, signature)
        kept[at] = own
    return going


WAYS = {"reflectory": ours, "datasketch": by_datasketch}


def main() -> None:
    from tests.benchmarks.peers import measure  # not in the interpreter of a library

    draw = random.Random(0)
    texts = public_texts(Path(os.environ["REFLECTORY_SHARED_DATA"]))
    n = int(sys.argv[1]) if len(sys.argv) > 1 else len(texts)
    sources = draw.sample(texts, n)
    copies = [changed(draw, text) for text in sources]
    near = [similar(*pair) >= THRESHOLD for pair in zip(sources, copies, strict=True)]
    measure.adopt_orphans()
    print(f"{len(texts)} texts, {n} copies, {sum(near)} of them near duplicates\n")
    print("| | near duplicates found | others taken for one | wall s | CPU s | peak MiB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "texts.json").write_text(json.dumps([*texts, *copies]))
        for who, python in (("reflectory", sys.executable), ("datasketch", str(PYTHON))):
            command = [python, "-m", "tests.benchmarks.peers.duplicates", "--one", who, str(folder)]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            cost = measure.run(command, environment, folder / "log", 230, None)
            going = {at - len(texts) for at in json.loads((folder / who).read_text()) if at >= len(texts)}
            found, false = (sum(near[at] is right for at in going) for right in (True, False))
            told = f"{found} of {sum(near)} | {false} of {n - sum(near)}"
            print(f"| {who} | {told} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} | {cost.peak_mib:.0f} |")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    if sys.argv[1:2] == ["--one"]:
        who, folder = sys.argv[2:]
        (Path(folder) / who).write_text(json.dumps(WAYS[who](json.loads((Path(folder) / "texts.json").read_text()))))
    else:
        main()
