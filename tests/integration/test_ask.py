"""A model is asked from the command line: parts in colours, a pipe gets the text, a gold decides, a ledger keeps."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from flows.answering import AnsweringModel, find_release, model_of
from flows.cli.ask import ask_and_show, ask_in_ledger, wanted_of
from flows.cli.compare import _side
from flows.configure import read_as
from schemas.configuration import LineConfiguration, RunConfiguration
from schemas.errors import Refused, TeacherUnavailable
from tasks.extraction.answer import find_answer
from tasks.parsing.grammar import parse
from tasks.practice.process import PracticeTeacher
from tasks.tracing.reflection_70b import SUFFIX, SYSTEM_PROMPT
from tests.released_world import CORRECTED, build, question
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

SUM = "State the final answer to the following arithmetic problem: 859 + 467 - 914 + 807 ="


def configured(*sets: str) -> LineConfiguration:
    return read_as(LineConfiguration, None, sets)


def asked(model: AnsweringModel, terminal: bool, gold: str | None = None) -> tuple[str, str]:
    out, err = (Console(file=io.StringIO(), force_terminal=terminal, width=200) for _ in range(2))
    ask_and_show(out, err, model, model.request(SUM, seed=0), wanted_of(gold, None, None, SUM))
    return out.file.getvalue(), err.file.getvalue()  # type: ignore[attr-defined]


def test_a_terminal_shows_parts_and_a_pipe_gets_the_text() -> None:
    model = model_of("practice", configured())
    shown, told = asked(model, terminal=True, gold="1219")
    plain, _ = asked(model, terminal=False)
    assert parse(plain).structure == "ok"
    assert plain.startswith("<thinking>")
    assert "<thinking>" not in shown
    assert "\x1b[2;4mthinking" in shown
    assert "\x1b[1;36m" in shown
    answer = find_answer(plain)
    assert answer
    assert ("correct (equal)" in told.replace("\x1b[0m\x1b[32m", "")) is (answer.answer == "1219")


@pytest.mark.parametrize(
    ("question", "gold", "is_hinted"),
    [("Who wrote Hamlet?", None, True), ("Who wrote Hamlet?", "Shakespeare", False), (SUM, None, False)],
)
def test_what_the_practice_teacher_cannot_know_is_said(question: str, gold: str | None, is_hinted: bool) -> None:
    out, err = (Console(file=io.StringIO(), width=200) for _ in range(2))
    model = model_of("practice", configured(), golds={question: gold} if gold else None)
    ask_and_show(out, err, model, model.request(question, seed=0), wanted_of(gold, None, None, question))
    told = err.file.getvalue()  # type: ignore[attr-defined]
    assert ("--gold gives" in told) is is_hinted


def test_it_is_asked_as_reflection_70b_was_or_as_the_configuration_says() -> None:
    student = "tasks/practice/student"
    published = model_of(student, configured()).request("Q?", 0)
    assert [message.content for message in published.messages] == [SYSTEM_PROMPT, f"Q?\n{SUFFIX}"]
    assert (published.sampling.temperature, published.sampling.top_p) == (0.7, 0.95)
    own = model_of("practice", configured("teacher.system_prompt=Be brief.")).request("Q?", 0)
    assert [message.content for message in own.messages] == ["Be brief.", "Q?"]
    suffix = model_of(student, configured("teacher.suffix=Go.")).request("Q?", 0)
    assert [message.content for message in suffix.messages] == [SYSTEM_PROMPT, "Q?\nGo."]
    assert model_of("practice#practice-weak", configured()).request("Q?", 0).model == "practice-weak"


def test_an_endpoint_is_asked_by_its_first_model_or_the_one_that_is_named() -> None:
    with PracticeTeacher() as teacher:
        model = model_of(teacher.base_url, configured())
        assert (model.name, model.endpoint) == ("practice", teacher.base_url)
        assert asked(model, terminal=False)[0].strip()
        named = model_of(f"{teacher.base_url}#practice-weak", configured())
        assert named.request("Q?", 0).model == "practice-weak"
        with pytest.raises(TeacherUnavailable, match="nobody"):
            asked(model_of(teacher.base_url, configured("teacher.model=nobody")), terminal=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("./no-such-folder", "no folder"),
        ("http://user:hunter2@127.0.0.1/v1", "user information"),
        ("http://127.0.0.1/v1?key=hunter2", "a query"),
        ("ftp://x", "student.model"),
    ],
)
def test_what_is_no_model_is_refused_and_no_key_is_repeated(given: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        model_of(given, configured())
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("gold", "kind", "spec", "said"),
    [
        (None, "number", None, "without --gold"),
        ("1", "nub", None, "needs one of"),
        ("1", None, "[1]", "a JSON object"),
        ("1", None, "{", "no JSON"),
        ("1", None, '{"answer_pattern": "("}', "answer_pattern"),
    ],
)
def test_a_gold_that_cannot_be_judged_is_refused_before_anything_is_asked(
    gold: str | None, kind: str | None, spec: str | None, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        wanted_of(gold, kind, spec, "Q?")


def test_with_a_warehouse_its_call_is_in_the_ledger_and_made_once(tmp_path: Path) -> None:
    model, warehouse = model_of("practice", configured()), tmp_path / "warehouse"
    said: list[str] = []
    for _ in range(2):
        out, err = Console(file=io.StringIO()), Console(file=io.StringIO())
        request = model.request(SUM, seed=0)
        ask_in_ledger(out, err, model, request, {}, configured(), warehouse)
        said.append(out.file.getvalue())  # type: ignore[attr-defined]
    assert said[0] == said[1] != "\n"
    with Snapshot(Warehouse(warehouse)) as now:
        _, calls = now.ask("SELECT call_id, tries FROM calls", [])
        _, runs = now.ask("SELECT flow, ended, ledger.sent, ledger.answered FROM runs", [])
    assert {file.stat().st_mode & 0o777 for file in warehouse.rglob("*.parquet")} == {0o600}
    assert calls == [(request.call_id, 1)]
    assert runs == [("ask", "done", 1, 1)] * 2


def test_a_release_says_how_its_students_are_asked(tmp_path: Path) -> None:
    from flows.release import ReleaseOrder, make_release

    warehouse = Warehouse(tmp_path / "warehouse")
    warehouse.create()
    curation = build(warehouse, [question(1)])
    with warehouse.sole_writer():
        make_release(warehouse, curation, ReleaseOrder("taught", tmp_path / "releases", system="Think first."), "r")
    folder = find_release("taught", tmp_path / "releases")
    asked = model_of("practice", configured(), folder).request("Q?", 0)
    assert [message.content for message in asked.messages] == ["Think first.", "Q?"]
    sides = read_as(RunConfiguration, None, ["questions.source=jsonl", "questions.path=q.jsonl"])
    side = _side("taught", [question(1), question(2)], sides, tmp_path / "releases", {})
    assert side.answers == {question(1).question_id: CORRECTED.format(gold="2")}
    with pytest.raises(Refused, match="no release"):
        find_release("other", tmp_path / "releases")
