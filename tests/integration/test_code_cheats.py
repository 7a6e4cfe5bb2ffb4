"""No cheat passes, whether the question has cases, asserts, or a test to be run; the honest solution passes each."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.code import CodeJudge
from tasks.sandbox.confinement import ResourceLimits
from tests.integration.cheats import ASSERTS, CHEATS, ENTRY_POINT, HONEST, LOOP, PAIRS, SPECS, TRIAL


@pytest.fixture(scope="module")
def judge() -> Iterator[CodeJudge]:
    made = CodeJudge(ResourceLimits(cpu_s=2, idle_s=0.5))
    yield made
    made.close()


def test_the_table_is_long_enough() -> None:
    assert len(CHEATS) >= 40


@pytest.mark.parametrize("spec", SPECS)
def test_the_honest_solution_passes(judge: CodeJudge, spec: str) -> None:
    judgement = judge.judge(HONEST, json.dumps(SPECS[spec]))
    assert judgement.verdict is Ruling.CORRECT, judgement


def test_asserts_become_cases_and_the_other_test_is_run(judge: CodeJudge) -> None:
    evidence = [judge.judge(HONEST, json.dumps(spec)).evidence for spec in (PAIRS, ASSERTS, TRIAL, LOOP)]
    assert evidence == ["6 of 6 cases"] * 2 + ["the test passed after 6 calls"] * 2


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_passes(judge: CodeJudge, name: str, spec: str) -> None:
    judgement = judge.judge(CHEATS[name], json.dumps(SPECS[spec]))
    assert judgement.verdict is not Ruling.CORRECT, judgement
    assert judgement.reason not in (Reason.SANDBOX_UNAVAILABLE, Reason.VERIFIER_CRASHED, Reason.VERIFIER_TIMEOUT)


def test_an_exit_code_grader_lets_many_pass(tmp_path: Path) -> None:
    """The control: the candidate and its test in one process, which passes when it exits with 0."""
    fooled = {
        spec: [name for name, cheat in CHEATS.items() if _exits_with_0(cheat, SPECS[spec]["test"], tmp_path)]
        for spec in ("asserts", "trial")
    }
    assert _exits_with_0(HONEST, ASSERTS["test"], tmp_path)
    assert all(len(names) >= 10 for names in fooled.values()), fooled


def _exits_with_0(program: str, test: object, folder: Path) -> bool:
    file = folder / "program.py"
    file.write_text(f"{program}\n{test}\ncheck({ENTRY_POINT})\n")
    command = [sys.executable, "-I", "-S", str(file)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
