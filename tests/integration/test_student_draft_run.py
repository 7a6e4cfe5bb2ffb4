"""`reflectory run` and `release` with drafts by the student, as a user meets them: by an endpoint, by its weights."""

import json
from pathlib import Path

import pytest

from tests.conftest import Reflectory

ROOT = Path(__file__).parents[2]
QUERY = """
    SELECT list(DISTINCT drafter) AS drafters, list(DISTINCT teacher) AS teachers,
        count(*) FILTER (n_calls > 1) AS reflected,
        (SELECT count(*) FROM calls) AS landed,
        (SELECT bool_and(balanced) FROM books) AS balanced
    FROM traces_full
"""


@pytest.mark.slow
@pytest.mark.parametrize("base_url", ["practice", "student"])
def test_a_run_and_its_release(tmp_path: Path, reflectory: Reflectory, base_url: str) -> None:
    def call(*arguments: str) -> str:
        process = reflectory(*arguments, cwd=tmp_path)
        out, err = process.communicate(timeout=280)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    sets = [f'drafter.base_url="{base_url}"', "questions.limit=24", "drafter.max_tokens=48", "budget.tokens=9000000"]
    sets = sets if base_url == "student" else [*sets[:2], *sets[3:]]
    command = ["run", str(ROOT / "deploy" / "student_draft.toml"), *(part for each in sets for part in ("--set", each))]
    printed = call(*command)
    [found] = json.loads(call("sql", QUERY, "--format", "json"))
    assert found["balanced"]
    assert f"calls: sent {found['landed']} = answered {found['landed']} + failed 0 + unknown 0" in printed
    assert "nothing is left to do" in call(*command)
    if base_url == "practice":
        assert found["drafters"] == ["practice-student"]
        assert set(found["teachers"]) >= {"practice"}
        assert found["reflected"]
        call("release", "drafts")
        assert (tmp_path / "data" / "releases" / "drafts" / "report.html").is_file()
