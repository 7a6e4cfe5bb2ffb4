"""A command in an environment, or under a profile, that has Prefect try every flow again."""

from pathlib import Path

from tests.conftest import Reflectory, asked

CONFIG = """
[questions]
source = "reasoning_gym"
families = ["letter_counting"]
limit = 6

[teacher]
base_url = "practice"
samples = 1
usd_per_million_input = 1.0
usd_per_million_output = 1.0
max_tokens = 1000

[budget]
usd = 0.0035  # a call costs 0.0004, and 0.0025 at worst
"""


def test_a_command_that_fails_is_not_begun_again(
    tmp_path: Path, reflectory: Reflectory, services: dict[str, str]
) -> None:
    """It ran three times, the later ones by what the first knew before it began: all 6 calls were left, they said."""
    (tmp_path / "run.toml").write_text(CONFIG)
    again = {"PREFECT_FLOWS_DEFAULT_RETRIES": "2", "PREFECT_API_URL": services["PREFECT_API_URL"]}
    process = reflectory("run", "run.toml", "--until", "generate", cwd=tmp_path, **again)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 3, said
    [run] = asked(tmp_path / "data/warehouse", "select ended, ledger.answered as answered from runs")
    assert run["ended"] == "budget_reached"
    assert f"; {6 - run['answered']} calls are left" in said
