"""`reflectory run` with draft_reflect_revise, as a user meets it. Kills: tests/chaos/test_run_killed.py."""

from pathlib import Path

from tests.conftest import Reflectory, asked

CONFIGURATION = """
[questions]
source = "reasoning_gym"
families = ["chain_sum", "letter_counting"]
limit = 60

[teacher]
preset = "sloppy"
strategy = "draft_reflect_revise"
on_truncation = "extend"
"""
QUERY = """
    SELECT list(DISTINCT effect ORDER BY effect) AS effects,
        list(DISTINCT n_calls ORDER BY n_calls) AS calls,
        bool_and(reflection_effects[1] = effect) AS by_the_check,
        (SELECT count(*) FROM calls) AS landed,
        (SELECT bool_and(balanced) FROM books) AS balanced
    FROM traces_full WHERE structure = 'ok'
"""


def test_it_earns_every_effect_and_the_same_command_again_makes_no_call(tmp_path: Path, reflectory: Reflectory) -> None:
    def call(*arguments: str) -> str:
        process = reflectory(*arguments, cwd=tmp_path)
        out, err = process.communicate(timeout=280)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    (tmp_path / "run.toml").write_text(CONFIGURATION)
    printed = call("run", "run.toml", "--until", "verify")
    [found] = asked(tmp_path / "data/warehouse", QUERY)
    assert found["effects"] == ["confirmed", "corrected", "harmed", "missed"]
    assert (found["calls"], found["by_the_check"], found["balanced"]) == ([2, 3], True, True)
    assert "books: planned 60 = verified" in printed
    assert f"calls: sent {found['landed']} = answered {found['landed']} + failed 0 + unknown 0" in printed
    again = call("run", "run.toml", "--until", "verify")
    assert "nothing is left to do" in again
    assert f"calls: sent {found['landed']} = " in again
