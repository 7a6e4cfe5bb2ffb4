"""`reflectory run` with questions that only a model can judge."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Reflectory
from tests.sums import SUM

SUMS = [(a, b) for a in (110, 114, 118) for b in (231, 445)]
CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
samples = 2
temperature = 1.0

[judge]

[run]
shard_size = 6
"""
QUERY = """
    SELECT count(*) AS n, list(DISTINCT reason ORDER BY reason) AS reasons, count(effect) AS effects,
        (SELECT count(*) FROM calls WHERE model_asked = 'practice-judge') AS rulings,
        (SELECT count(*) FROM calls) AS calls, (SELECT count(*) FROM verdicts) AS verdicts,
        (SELECT ledger.sent FROM runs ORDER BY started_at DESC LIMIT 1) AS sent,
        (SELECT bool_and(balanced) FROM books) AS balanced
    FROM traces_full
"""


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_its_rulings_are_calls_in_the_ledger_and_another_judge_rules_anew(
    tmp_path: Path, reflectory: Reflectory
) -> None:
    def call(*arguments: str) -> str:
        process = reflectory(*arguments, cwd=tmp_path)
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    def found() -> dict[str, Any]:
        return dict(json.loads(call("sql", QUERY, "--format", "json"))[0])

    rows = [{"question": SUM.format(a, b), "kind": "judge"} for a, b in SUMS]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "run.toml").write_text(CONFIGURATION)
    call("run", "run.toml", "--until", "verify")
    first = found()
    assert (first["n"], first["balanced"]) == (12, True)
    assert set(first["reasons"]) >= {"judged_correct"}
    assert "judge_unavailable" not in first["reasons"]
    assert first["rulings"] >= 6
    assert first["sent"] == first["calls"] == 12 + first["rulings"], "its calls are in the books"
    assert first["effects"] > 0, "it has ruled on the drafts, too"
    assert "nothing is left to do" in call("run", "run.toml", "--until", "verify")
    call("run", "run.toml", "--until", "verify", "--set", "judge.temperature=0.1")
    again = found()
    assert again["rulings"] == 2 * first["rulings"]
    assert (again["sent"], again["verdicts"], again["n"]) == (12 + first["rulings"], 24, 12)
