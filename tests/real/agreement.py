"""IFD and r-IFD of the same pairs by three programs: transformers, vLLM, and four plain forward passes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.real.environments import ROOT
from tests.real.servers import RealServer

Scores = Mapping[str, Mapping[str, float]]
"""IFD and r-IFD, by the row's id."""
_GIVEN = Path(__file__).with_name("pairs.jsonl")


def write_pairs(folder: Path, n: int) -> Path:
    """The first pairs, and each instruction once more with the response of the next one."""
    pairs = [json.loads(line) for line in _GIVEN.read_text("utf-8").splitlines()][:n]
    shuffled = [
        {**pair, "id": f"other {pair['id']}", "response": other["response"]}
        for pair, other in zip(pairs, pairs[1:] + pairs[:1], strict=True)
    ]
    given = folder / "pairs.jsonl"
    given.write_text("".join(json.dumps(row) + "\n" for row in pairs + shuffled), "utf-8")
    return given


def by_four_forwards(python: Path, student: Path, given: Path) -> subprocess.Popen[bytes]:
    """Begin them in another process; `read` what it has written once it has ended."""
    script = Path(__file__).with_name("four_forwards.py")
    return subprocess.Popen([str(python), str(script), str(student), str(given), str(given.with_suffix(".forwards"))])


def by_product(student: Path, given: Path, server: RealServer | None = None) -> Scores:
    """`reflectory score`: what a user does."""
    out = given.with_suffix(".vllm" if server else ".transformers")
    command = [sys.executable, "-m", "flows", "score", str(given), "--student", str(student), "--template", "chat"]
    command += ["--out", str(out), "--max-length", "2048"]
    command += ["--backend", "vllm", "--base-url", server.base_url] if server else []
    subprocess.run(command, cwd=ROOT, check=True)
    return read(out)


def read(out: Path) -> Scores:
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return {str(row["id"]): {name: row[name] for name in ("ifd", "rifd")} for row in rows}


def apart(one: Scores, other: Scores) -> float:
    """The largest difference of any number."""
    assert one.keys() == other.keys()
    return max(abs(one[id][name] - other[id][name]) for id in one for name in one[id])


def auc(scores: Scores) -> float:
    """How often a response is closer to its own instruction, by IFD, than one that belongs to another."""
    own = [score["ifd"] for id, score in scores.items() if not id.startswith("other")]
    other = [score["ifd"] for id, score in scores.items() if id.startswith("other")]
    return sum((a < b) + 0.5 * (a == b) for a in own for b in other) / (len(own) * len(other))


def differences(found: Mapping[str, Scores]) -> Iterator[tuple[str, float]]:
    names: list[str] = list(found)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            yield f"{name} and {other}", apart(found[name], found[other])
