"""A package with a verifier, a source, a rule and a strategy of its own: judged, run, curated and released."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tasks.judging.verify import ROW_VERSION
from tests.conftest import asked
from tests.forked import Forked
from tests.outside_package import MODULE, PROJECT, install, place

ROOT = Path(__file__).parents[2]
RUN = """
[questions]
source = "counting"
limit = 4

[teacher]
samples = 2
strategy = "ask_again"
"""
POLICY = """
name = "even"
rules = ["even_index"]

[even_index]
on = true
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("outside"))


class Python:
    """A Python, forked where `server` listens, that has the package of a folder installed."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server, self._folder = server, folder

    def run(self, module: str, *arguments: str, paths: Path, **more: str) -> tuple[int, str, str]:
        """Its exit code, and what the module, or the program after `-c`, writes on standard output and error."""
        environment = more | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(paths)])}
        process = Forked(self._server, arguments, self._folder, environment, module)
        out, err = process.communicate(timeout=240)
        assert process.returncode is not None
        return process.returncode, out, err

    def __call__(self, module: str, *arguments: str, paths: Path, code: int = 0, **more: str) -> str:
        """What it says: on standard output, or of its failure."""
        returned, out, err = self.run(module, *arguments, paths=paths, **more)
        assert returned == code, out + err
        return out if code == 0 else err


@pytest.fixture
def called(fork_server_of_libraries: Path, tmp_path: Path) -> Python:
    return Python(fork_server_of_libraries, tmp_path)


def judged(rows: list[dict[str, Any]], folder: Path, paths: Path, called: Python) -> tuple[list[dict[str, Any]], str]:
    """The rows of `reflectory verify`, and what it says beside them."""
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    code, out, err = called.run("flows", "verify", "in.jsonl", "--out", "out.jsonl", paths=paths)
    assert code == 0, out + err
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()], err


def test_its_verifier_judges_and_whatever_it_does_nothing_is_wrongly_incorrect(
    installed: Path, tmp_path: Path, called: Python
) -> None:
    cases = {
        "2": ("correct", "equal"),
        "3": ("incorrect", "not_equal"),
        "crash": ("unverified", "verifier_crashed"),
        "hang": ("unverified", "verifier_timeout"),
        "raise": ("unverified", "verifier_crashed"),
        "odd reply": ("unverified", "verifier_crashed"),
        "4": ("correct", "equal"),
    }
    rows = [{"id": gold, "kind": "parity", "gold": gold, "response": "Answer: 8"} for gold in cases]
    out, _ = judged(rows, tmp_path, installed, called)
    assert {row["id"]: (row["verdict"], row["reason"]) for row in out} == cases


@pytest.mark.parametrize(
    ("gold", "reason", "says"),
    [
        ("raise", "verifier_crashed", "ZeroDivisionError: such as it is (evenness.py, line LINE)"),
        (
            "no number",
            "verifier_crashed",
            "ValueError: invalid literal for int() with base 10: 'no number' (even",
        ),
        ("sys.exit", "verifier_crashed", "SystemExit: 3 (evenness.py, line LINE)"),
        *[(f"exit {code}", "verifier_crashed", "its process ended while it judged, by os._exit") for code in (0, 3, 4)],
        ("None", "verifier_crashed", "returned NoneType; needs Judgement.of(reason, answer)"),
        ("True", "verifier_crashed", "returned bool; needs Judgement.of(reason, answer)"),
        ("odd reply", "verifier_crashed", "said correct with the reason not_equal; needs Judgement.of(reason, answer)"),
        ("hang", "verifier_timeout", "took more than 1 s of processor time, or 8 times that on the clock"),
        (
            "write kept.txt",
            "verifier_crashed",
            "PermissionError: [Errno 1] Operation not permitted: 'FILE' (even",
        ),
        ("2", "equal", None),
    ],
)
def test_what_went_wrong_is_evidence_and_no_file_changes(
    gold: str, reason: str, says: str | None, installed: Path, tmp_path: Path, recorded: dict[str, Any]
) -> None:
    """The bugs: only `verifier_crashed` was told, exit code 3 was a timeout, and `open(…, "w")` emptied a file."""
    judged = recorded[gold]
    assert judged["reason"] == reason
    if says is None:
        return
    code = {"raise": "raise ZeroDivisionError", "sys.exit": "sys.exit(3)"}.get(gold, "")
    line = next(number for number, line in enumerate(MODULE.splitlines(), start=1) if code in line)
    says = says.replace("LINE", str(line)).replace("FILE", recorded["file"])
    assert judged["evidence"].startswith(f"entry point reflectory.verifiers parity of evenness-1.0: {says}")
    assert Path(recorded["file"]).read_text() == "kept"


@pytest.fixture(scope="module")
def recorded(
    installed: Path, tmp_path_factory: pytest.TempPathFactory, fork_server_of_libraries: Path
) -> dict[str, Any]:
    """What its verifier comes to, by gold; and a file that it may write to."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "kept.txt").write_text("kept")
    code = """
import json
from contextlib import closing
from pathlib import Path
from tasks.judging.verify import Verifier
golds = ["raise", "no number", "sys.exit", "exit 0", "exit 3", "exit 4", "None", "True", "odd reply", "hang", "2"]
told = {"file": str(Path("kept.txt").resolve())}
with closing(Verifier()) as verifier:
    for gold in [*golds, "write kept.txt"]:
        asked = gold.replace("kept.txt", told["file"])
        told[gold] = json.loads(verifier.judge("parity", asked, "8").model_dump_json())
print(json.dumps(told))
"""
    return dict(json.loads(Python(fork_server_of_libraries, folder)("-c", code, paths=installed)))


def test_a_trusted_one_may_write_and_is_unverified_too_where_it_is_wrong(tmp_path: Path, called: Python) -> None:
    """The control: what stops the untrusted one from writing is not the test's own file."""
    trusted = place(tmp_path, module=MODULE.replace("timeout_s = 1.0", "trusted = True"))
    (tmp_path / "kept.txt").write_text("kept")
    golds = [f"write {tmp_path / 'kept.txt'}", "raise", "None", "odd reply", "sys.exit", "2"]
    rows = [{"kind": "parity", "gold": gold, "response": "Answer: 8"} for gold in golds]
    started = time.monotonic()
    out, _ = judged(rows, tmp_path, trusted, called)
    assert [row["reason"] for row in out] == ["verifier_crashed"] * 5 + ["equal"]
    assert time.monotonic() - started < 60  # no process of the judge's ended
    assert (tmp_path / "kept.txt").read_text() == "mine"


def test_verify_says_once_for_each_kind_what_broke_it(installed: Path, tmp_path: Path, called: Python) -> None:
    golds = ["2", "raise", "raise", "None"]
    rows = [{"id": gold, "kind": "parity", "gold": gold, "response": "Answer: 8"} for gold in golds]
    _, err = judged(rows, tmp_path, installed, called)
    told = [line for line in err.splitlines() if "parity" in line]
    assert len(told) == 1
    assert "in.jsonl, line 2, entry point reflectory.verifiers parity of evenness-1.0: ZeroDivisionError" in told[0]
    assert told[0].endswith("(so 3 rows of this kind)")


def test_it_shares_no_process_with_the_judge_unless_it_is_trusted(
    installed: Path, tmp_path: Path, called: Python
) -> None:
    code = """
import json, os, sys
from contextlib import closing
from tasks.judging.verify import Verifier, verifier_version
with closing(Verifier()) as verifier:
    first = verifier.judge("parity", "2", "4")
    secret = verifier.judge("parity", "secrets", "4")
own = str(os.getpid())
told = [first.evidence != own, secret.answer, "evenness" in sys.modules, verifier_version("parity")]
print(json.dumps(told))
"""
    told = called("-c", code, paths=installed, PLANTED="sk")
    assert json.loads(told) == [True, "None", False, f"1.{ROW_VERSION}+evenness-1.0"]
    trusted = place(tmp_path, "2.0", module=MODULE.replace("timeout_s = 1.0", "trusted = True"))
    told = called("-c", code, paths=trusted, PLANTED="sk")
    assert json.loads(told) == [False, "sk", True, f"1.{ROW_VERSION}+evenness-2.0"]


def test_a_whole_run_curation_and_release(installed: Path, tmp_path: Path, called: Python) -> None:
    (tmp_path / "run.toml").write_text(RUN)
    (tmp_path / "policy.toml").write_text(POLICY)

    def reflectory(*arguments: str, paths: Path = installed, code: int = 0) -> str:
        own_ray = ""  # the tests' has not the package
        return called("flows", *arguments, paths=paths, code=code, RAY_ADDRESS=own_ray)

    def ask(query: str) -> list[dict[str, Any]]:
        return asked(tmp_path / "data/warehouse", query)

    reflectory("run", "run.toml", "--until", "verify")
    found = ask("select verifier, verifier_version, verdict, count(*) as n from verdicts group by all order by all")
    assert {(row["verifier"], row["verifier_version"]) for row in found} == {
        ("parity", f"1.{ROW_VERSION}+evenness-1.0")
    }
    assert sum(row["n"] for row in found) == 8
    assert {row["verdict"] for row in found} >= {"correct"}
    assert ask("select count(*) as n from calls") == [{"n": 16}]
    reflectory("release", "first", "--policy", "policy.toml")
    assert ask("select fate, reason, count(*) as n from decisions group by all order by all") == [
        {"fate": "dropped", "reason": "odd_index", "n": 4},
        {"fate": "kept", "reason": None, "n": 4},
    ]
    assert len((tmp_path / "data/releases/first/chat.jsonl").read_text("utf-8").splitlines()) == 4
    assert "nothing is left to do" in reflectory("run", "run.toml", "--until", "verify")
    told = reflectory("curate", "policy.toml", "--set", "even_index.breaks=true", code=2)
    assert "rules even_index of evenness-1.0: raised LookupError: no facts (evenness.py, line" in told

    newer = place(tmp_path, "1.1")  # its verdicts are another's, and so are attempts by its strategy
    again = reflectory("run", "run.toml", "--until", "verify", paths=newer)
    assert "nothing is left to do" not in again
    assert ask("select count(*) as n from calls") == [{"n": 16}]
    versions = "select distinct verifier_version as v from verdicts order by 1"
    assert [row["v"] for row in ask(versions)] == [f"1.{ROW_VERSION}+evenness-1.0", f"1.{ROW_VERSION}+evenness-1.1"]
    nowhere = tmp_path / "nowhere"
    assert "kind" in reflectory("sql", "select distinct kind from questions", paths=nowhere)  # still readable
    told = called("flows", "run", "run.toml", paths=nowhere, code=2)
    assert 'questions.source: got "counting"; needs one of' in told


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("odd.txt", "raised ValueError: invalid literal for int() with base 10: 'odd.txt' (evenness.py, line"),
        ("none.txt", "load returned NoneType; needs Loaded, as `made` of questions gives it"),
        (None, None),
    ],
)
def test_a_source_that_is_wrong_is_told_by_its_name(
    path: str | None, says: str | None, installed: Path, called: Python
) -> None:
    code = f"""
from schemas.question_source import Questions
from tasks.questions import load
print(len(load(Questions(source="counting", limit=3, path={path!r}), 0).seeds))
"""
    told = called("-c", code, paths=installed, code=1 if says else 0)
    if says is None:
        assert told == "3\n"
    else:
        assert f"Refused: entry point reflectory.sources counting of evenness-1.0: {says}" in told


def test_an_installed_package_leaves_the_default_policy_as_it_was(
    installed: Path, tmp_path: Path, called: Python
) -> None:
    code = "from tasks.curation.policy import Policy; print(Policy().model_dump_json())"
    with_it = called("-c", code, paths=installed)
    without = called("-c", code, paths=tmp_path)
    assert with_it == without
    named = code.replace("Policy()", "Policy(rules=('even_index',))")
    told = called("-c", named, paths=installed)
    assert '"even_index":{"on":null,"breaks":null}' in told


@pytest.mark.parametrize(
    ("was", "becomes", "use", "says"),
    [
        ("parity = ", "number = ", "KINDS", "verifiers number of evenness-1.0: the name is one of reflectory's own"),
        ("even_index =", "seed =", "RULES", "rules seed of evenness-1.0: the name is one of reflectory's own"),
        ("counting =", "Counting =", "SOURCES", "sources Counting of evenness-1.0: needs a name of small letters"),
        ("evenness:Counting", "evenness:Nothing", "SOURCES", "cannot load evenness:Nothing (AttributeError"),
        ("evenness:AskAgain", "other:AskAgain", "STRATEGIES", "cannot load other:AskAgain (ModuleNotFoundError"),
        ("evenness:Counting", "evenness:AskAgain", "SOURCES", "is no subclass of tasks.questions.source.Source"),
        ("evenness:EvenIndexRule", "json:dumps", "RULES", "json:dumps is no subclass of tasks.curation.rules"),
        ("evenness:ParityVerifier", "evenness:Counting", "VERIFIERS", "is no subclass of tasks.judging.verifiers"),
        ("evenness:ParityVerifier", "evenness:Nothing", "VERIFIERS", "cannot load evenness:Nothing"),
        ("evenness:Counting", "tasks.questions.source:Source", "SOURCES", "Source has no method load"),
        ("evenness:AskAgain", "evenness:Strategy", "STRATEGIES", "evenness:Strategy has no method steps"),
        ("evenness:AskAgain", "tasks.tracing.single_pass:SinglePass", "STRATEGIES", "SinglePass has the version None"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_by_name(
    was: str, becomes: str, use: str, says: str, tmp_path: Path, called: Python
) -> None:
    uses = {
        "KINDS": "from schemas.question import KINDS; list(KINDS)",
        "RULES": "import tasks.curation.policy",
        "SOURCES": "from schemas.question_source import Questions; Questions(source='counting')",
        "STRATEGIES": "from schemas.teacher import TeacherSettings as T; from tasks.tracing.strategy import"
        " strategy_of; strategy_of(T(strategy='ask_again'))",
        "VERIFIERS": "from tasks.judging.verifiers import VERIFIERS; VERIFIERS['parity']",
    }
    paths = place(tmp_path, project=PROJECT.replace(was, becomes))
    told = called("-c", uses[use], paths=paths, code=1)
    assert "schemas.errors.Refused: entry point reflectory." in told
    assert "of evenness-1.0" in told
    assert says in told


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("$on", "$no", "has a statement with $no; its parameters are breaks, number, on, size"),
        ("$on", "$on_names", "has a statement with $on_names; its parameters are breaks, number, on, size"),
        ("$on", "?", "has a statement with $1; its parameters are breaks, number, on, size"),
        ("WHERE $on", "WHERE (", "has a statement that is no SQL (Parser Error: syntax error at or near"),
        ("    statements = (", "    _sql = (", "has the statements None; needs a tuple of texts of SQL"),
        ("    on: bool | None = None", "    on: bool", "has the key on without a default"),
    ],
)
def test_a_rule_that_could_never_do_what_it_says_is_refused(
    was: str, becomes: str, says: str, tmp_path: Path, called: Python
) -> None:
    """The bug: a misspelt parameter counted as one that is not set, and its statement was left out in silence."""
    paths = place(tmp_path, module=MODULE.replace(was, becomes, 1))
    told = called("-c", "import tasks.curation.policy", paths=paths, code=1)
    assert "entry point reflectory.rules even_index of evenness-1.0: evenness:EvenIndexRule" in told
    assert says in told


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('    version = "1"\n    timeout_s', "    timeout_s", "its class has no version"),
        ("    timeout_s = 1.0\n", "    kind = 'other'\n", "its class has the kind 'other'"),
        ("    timeout_s = 1.0\n", "    asks_model = True\n", "its class asks a model"),
        (
            "    timeout_s = 1.0\n",
            "    def spelling(self, gold, answer):\n        return ''\n",
            "has a method spelling of its own, and that is in the judge's process; needs trusted = True",
        ),
        ("class ParityVerifier", "import os\nos._exit(3)\nclass ParityVerifier", "did not start"),
        (
            "class ParityVerifier",
            "open(os.devnull, 'w')\nclass ParityVerifier",
            "changes no file, also when it is imported: needs trusted = True",
        ),
    ],
)
def test_a_verifier_that_does_not_say_what_is_needed_is_refused(
    was: str, becomes: str, says: str, tmp_path: Path, called: Python
) -> None:
    paths = place(tmp_path, module=MODULE.replace(was, becomes, 1))
    rows = [{"kind": "number", "gold": "8", "response": "8"}, {"kind": "parity", "gold": "2", "response": "8"}]
    out, err = judged(rows, tmp_path, paths, called)
    assert "in.jsonl, line 2, kind: entry point reflectory.verifiers parity of evenness-1.0" in err
    assert says in err
    assert [row["reason"] for row in out] == ["equal", "verifier_crashed"]


RULES_OF_THE_PAGE = """
rules = ["verdict", "short_output"]
short_output.min_characters = 50
"""


@pytest.mark.slow
def test_the_classes_of_the_page_do_what_it_says(tmp_path: Path, called: Python) -> None:
    """The bug: its strategy, with the practice teacher, had no correct trace, and its source refused an empty cell."""
    page = (ROOT / "docs/how-to/extend.md").read_text("utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (project,) = [block for language, block in blocks if language == "toml"]
    module = "\n\n".join(block for language, block in blocks if language == "python")
    paths = install(tmp_path, project=project.replace("{", "{{").replace("}", "}}"), module=module, name="mine.py")

    verified = next(block for language, block in blocks if "reflectory verify" in block).splitlines()[0]
    subprocess.run(verified, cwd=tmp_path, shell=True, check=True)

    def reflectory(*arguments: str, code: int = 0) -> str:
        return called("flows", *arguments, paths=paths, code=code, RAY_ADDRESS="")

    reflectory("verify", "rows.jsonl", "--out", "verdicts.jsonl")
    assert json.loads((tmp_path / "verdicts.jsonl").read_text())["verdict"] == "correct"

    golds = ["4", "b, a", "red, green, blue", "12", "17", "x", "7", "1, 2, 3", "cat, dog", "99", "5"]
    cells = [f'Riddle {n}: which?,"{gold}",{"items" if "," in gold else ""}' for n, gold in enumerate(golds)]
    (tmp_path / "q.csv").write_text("\n".join(["question,gold,kind", *cells, "Riddle without a gold,,number"]))
    run = {"questions.source": "csv", "questions.path": "q.csv", "teacher.strategy": "ask_again", "teacher.samples": 2}
    (tmp_path / "run.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in run.items()))
    reflectory("run", "run.toml", "--until", "verify")

    def ask(query: str) -> list[dict[str, Any]]:
        return list(json.loads(reflectory("sql", query, "--format", "json")))

    [counts] = ask(
        "select count(*) as n, max(n_calls) as calls, count(*) filter (verdict = 'correct') as correct,"
        " count(*) filter (structure = 'ok') as ok, count(*) filter (effect in ('confirmed', 'corrected')) as reflected"
        " from traces_full"
    )
    assert counts["n"] == 24
    assert counts["calls"] == 2
    assert min(counts["correct"], counts["ok"], counts["reflected"]) >= 12
    (tmp_path / "short.toml").write_text(RULES_OF_THE_PAGE)
    reflectory("curate", "short.toml")
    [dropped] = ask("select count(*) as n from decisions where rule = 'short_output'")
    assert 0 < dropped["n"] < counts["correct"]

    (tmp_path / "q.csv").write_text("question,gold\nWhat?,1,2\n")
    assert "q.csv, row 1: got more cells than" in reflectory("run", "run.toml", code=2)
    planned = reflectory(
        "run", "run.toml", "--set", "questions.source=squares", "--set", "questions.limit=3", "--dry-run"
    )
    assert "3 questions" in planned
