"""The environment of a release, run by PrimeIntellect's library: `python -m tests.benchmarks.verifiers_environment`.

Makes an environment of its own in the folder that is given (by default a temporary one), with pinned versions from the
package index, because `verifiers` wants openai below 3; so it runs outside CI. `vf-eval` asks the practice teacher,
which errs at known rates. The table says which reward each verdict got, and whether our own verdict on the same
replies is the same.
"""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
import venv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import reflectory
from flows.release import ReleaseOrder, curate_and_release
from schemas.question import AnswerKind, Question
from schemas.release_format import ReleaseFormat
from tasks.curation.policy import Policy
from tests.released_world import build
from warehouse.landing import Warehouse

ROOT = Path(__file__).parents[2]
PINNED = ("verifiers==0.4.0", "uv")
N, ROLLOUTS = 12, 2
REWARDS = {"correct": 1.0, "incorrect": 0.0, "unverified": 0.25}
"""As the command line gives them: the default of `unverified` could not be told from that of `incorrect`."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        package = released(folder / "world")
        binaries = environment(folder / "venv", package.parent)
        with practice(package / "questions-train.jsonl") as url:
            evaluated(binaries, url, folder, package.name)
        [file] = (folder / "out").rglob("traces.jsonl")
        traces = [json.loads(line)["traces"] for line in file.read_text("utf-8").splitlines()]
    rows = [trace for each in traces for trace in (each.values() if isinstance(each, dict) else each)]
    for line in told(rows):
        print(line)


def released(folder: Path) -> Path:
    """The package of a release of `N` questions, the last without a gold."""
    warehouse = Warehouse(folder / "warehouse")
    warehouse.create()
    questions = [
        Question.of(
            text=f"A box holds {n} red and {n + 3} blue pens. How many pens are in it?",
            gold=str(2 * n + 3) if n < N - 1 else None,
            kind=AnswerKind.NUMBER,
            source="pens",
        )
        for n in range(N)
    ]
    build(warehouse, questions)
    order = ReleaseOrder("pens", folder / "releases", (ReleaseFormat.VERIFIERS,))
    curate_and_release(warehouse, Policy.model_validate({"rules": ("verdict",)}), order)
    return order.folder / "environment" / "reflectory_pens"


def environment(place: Path, package: Path) -> Path:
    """The binaries of a virtual environment with `verifiers`, this checkout and the package."""
    binaries = place / "bin"
    if not (binaries / "vf-eval").exists():
        venv.create(place, with_pip=True)
        subprocess.run([binaries / "pip", "install", "--quiet", *PINNED], check=True)
    [packages] = (place / "lib").glob("python*/site-packages")
    ours = sysconfig.get_paths()["purelib"]  # what the verdicts need; its openai stands behind the older one
    (packages / "checkout.pth").write_text(f"{ROOT}\n{package}\n{ours}\n")
    return binaries


@contextmanager
def practice(questions: Path) -> Iterator[str]:
    """The address of a practice teacher that knows the golds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    golds = [row for line in questions.read_text().splitlines() if (row := json.loads(line))["gold"]]
    known = questions.parents[3] / "golds.jsonl"
    known.write_text("".join(json.dumps({"question": r["question"], "gold": r["gold"]}) + "\n" for r in golds))
    command = [sys.executable, "-m", "flows", "practice-teacher", "--port", str(port), "--questions", str(known)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        while server.poll() is None and not _answers(f"{url}/models"):
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def evaluated(binaries: Path, url: str, folder: Path, package: str) -> None:
    """Let `vf-eval` run every question."""
    command = [binaries / "vf-eval", package.replace("_", "-"), "-r", str(ROLLOUTS), "-m", "practice"]
    command += ["--client.base-url", url, "--client.api-key-var", "PRACTICE_KEY", "--no-rich", "--no-push"]
    command += ["--env.agent.harness.id", "null", "--env.agent.runtime.type", "subprocess", "-o", folder / "out"]
    command += ["--env.taskset.task.unverified", str(REWARDS["unverified"]), "-c", "4"]
    path = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "PRACTICE_KEY": "none"}
    done = subprocess.run(command, cwd=folder, env=os.environ | path, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"vf-eval failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def told(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each verdict with its reward, and one on the agreement with our own command."""
    found = [(verdict_of(row), row["rewards"]["verdict"]["score"]) for row in rows if not row["errors"]]
    for (verdict, reward), n in sorted(Counter(found).items()):
        yield f"{'ok  ' if REWARDS[verdict] == reward else 'FAIL'} {verdict}: reward {reward:g}, {n} rollouts"
    asked = [
        {**{k: row["task"]["data"].get(k) for k in ("question", "gold", "kind", "spec")}, "response": reply(row)}
        for row in rows
        if not row["errors"]
    ]
    ours = [each["verdict"] for each in reflectory.verify(asked)]
    same = sum(one == verdict for one, (verdict, _) in zip(ours, found, strict=True))
    all_same = same == len(rows) == N * ROLLOUTS
    yield f"{'ok  ' if all_same else 'FAIL'} {same} of {len(rows)} as `reflectory verify` judges"


def verdict_of(row: dict[str, Any]) -> str:
    return next(name for name in REWARDS if row["metrics"][name])


def reply(row: dict[str, Any]) -> str:
    """The text of the last message that the model wrote."""
    said = [node["message"] for node in row["nodes"] if node["message"]["role"] == "assistant"]
    return str(said[-1]["content"] or "")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
