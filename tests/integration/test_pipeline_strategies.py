"""Attempts of several calls on the line: all of them land, are counted and are paid once, whatever is cut short."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from flows.accounts import Accounts, read_accounts
from flows.preparation import land_plan, prepared
from schemas.call import Request
from schemas.configuration import RunConfiguration
from schemas.errors import TeacherUnavailable
from schemas.question import AnswerKind
from schemas.until import Until
from schemas.verdict import Judgement, Reason
from tasks.asking.endpoint import request_bytes, worst_case
from tasks.judging.verifiers.number import NumberVerifier
from tasks.judging.verify import Verifier, verifier_version
from tasks.synthesis.budget import open_budget
from tasks.synthesis.pipeline import SynthesizePipeline
from tasks.tracing import trace
from tests.scripted import (
    CUT,
    DECLINED,
    FILTERED,
    FLAWED,
    HOLDS,
    REFUSED,
    REVISED,
    WHOLE,
    Reply,
    ScriptedWorkers,
    role,
    said,
)
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

Script = Callable[[Request], Reply | str]
N = 4
SINGLE = {"strategy": "single_pass"}
DROP = {"on_truncation": "drop", "on_refusal": "drop", "on_content_filter": "drop"}


def run_of(tmp_path: Path, tags: bool = False, budget: int | None = None, **teacher: object) -> RunConfiguration:
    """Questions with the gold 1219, perhaps each once more with a tag; two attempts in a shard."""
    path = tmp_path / "questions.jsonl"
    rows = [{"question": f"q{i}?", "gold": "1219", "kind": "number"} for i in range(N)]
    rows += [row | {"tags": ["again"]} for row in rows] if tags else []
    path.write_text("\n".join(json.dumps(row) for row in rows))
    settings = {"base_url": "http://127.0.0.1:1/v1", "model": "m", "strategy": "draft_reflect_revise"} | teacher
    asked = {"questions": {"source": "jsonl", "path": str(path)}, "teacher": settings, "budget": {"tokens": budget}}
    return RunConfiguration.model_validate(asked | {"run": {"shard_size": 2}})


def carry(warehouse: Warehouse, run: RunConfiguration, script: Script) -> tuple[list[Request], Accounts]:
    """One run of the line; what was asked in it, and the accounts after it. It is closed also when it is cut short."""
    workers = ScriptedWorkers(script)
    with prepared(run, warehouse.folder, Until.VERIFY) as made:
        land_plan(made, "run")
        line = SynthesizePipeline(made.plan, made.work, warehouse, made.before, workers, "run", Event())
        with closing(line), closing(Journal(warehouse.journal_path)) as workers.journal:
            for shard_work in made.work:
                line.generate(shard_work.shard_id)
                line.verify(shard_work.shard_id)
                line.leave(shard_work.shard_id)
    with Snapshot(warehouse) as now:
        return workers.asked, read_accounts(now, warehouse, made.plan)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = Warehouse(tmp_path_factory.mktemp("empty") / "warehouse")
    made.create()
    return made


@pytest.fixture
def warehouse(empty: Warehouse, tmp_path: Path) -> Warehouse:
    return Warehouse(shutil.copytree(empty.folder, tmp_path / "warehouse"))


def ask(warehouse: Warehouse, *queries: str) -> list[list[tuple[Any, ...]]]:
    with Snapshot(warehouse) as now:
        return [now.ask(sql)[1] for sql in queries]


def flawed_then_mended(request: Request) -> Reply:
    return {"draft": WHOLE, "check": said(FLAWED), "revise": said(REVISED)}[role(request)]


def is_of(question: str, request: Request) -> bool:
    return question in request.messages[-1].content


def drafted(run: RunConfiguration, **student: object) -> RunConfiguration:
    teacher = run.teacher.model_dump() | {"strategy": "student_draft"}
    drafter = {"base_url": "http://127.0.0.1:2/v1", "model": "pupil", "confirm": 0} | student
    return RunConfiguration.model_validate(run.model_dump() | {"teacher": teacher, "drafter": drafter})


def wrong_but_for_one(request: Request) -> Reply:
    if request.model == "pupil":
        return said("So the answer is 1219." if is_of("q0?", request) else "So the answer is 1220.")
    return said("Each sum comes out otherwise." if role(request) == "check" else REVISED)


def test_drafts_of_the_student_land_are_verified_and_charged(warehouse: Warehouse, tmp_path: Path) -> None:
    """The drafter has no prices and the teacher has: each call is charged by whom it went to."""
    run = drafted(run_of(tmp_path, budget=10**9))
    asked, accounts = carry(warehouse, run, wrong_but_for_one)
    assert Counter(request.model for request in asked) == {"pupil": N, "m": 2 * (N - 1)}
    assert accounts.problem is None
    assert (accounts.books.verified, accounts.books.failed, accounts.ledger.sent) == (N - 1, 1, 3 * N - 2)
    shown = "SELECT drafter, teacher, effect, verdict, n_calls, count(*)::INT FROM traces_full GROUP BY ALL"
    drafts = "SELECT verdict, count(*)::INT FROM verdicts WHERE subject = 'draft' GROUP BY ALL ORDER BY ALL"
    traces, judged, failed, [(calls,)] = ask(
        warehouse, shown, drafts, "SELECT reason FROM failures", "SELECT count(*) FROM calls"
    )
    assert traces == [("pupil", "m", "corrected", "correct", 3, N - 1)]
    assert judged == [("correct", 1), ("incorrect", N - 1)]
    assert (failed, calls) == ([("draft_correct",)], 3 * N - 2)
    with prepared(run, warehouse.folder, Until.VERIFY) as done:
        assert (done.drafter, list(done.calls_due())) == (None, [])
        opened = open_budget(run, done.plan, warehouse)
    worst = sum(worst_case(request, run.teacher, request_bytes(request)).tokens or 0 for request in asked)
    assert opened
    assert opened[1].tokens == worst, "no usage was reported: each send is charged at its worst case, the drafts too"
    assert carry(warehouse, run, wrong_but_for_one) == ([], accounts)


@pytest.mark.parametrize("cut_at", ["draft", "check", "revise"])
def test_a_run_of_drafts_that_is_cut_short_pays_for_none_twice(
    warehouse: Warehouse, tmp_path: Path, cut_at: str
) -> None:
    run, bought = drafted(run_of(tmp_path)), []

    def cut(request: Request) -> Reply:
        if role(request) == cut_at and is_of("q3?", request):
            raise TeacherUnavailable("killed")
        bought.append(request.call_id)
        return wrong_but_for_one(request)

    with pytest.raises(TeacherUnavailable):
        carry(warehouse, run, cut)
    asked, accounts = carry(warehouse, run, wrong_but_for_one)
    assert not {request.call_id for request in asked} & set(bought)
    assert len(asked) + len(bought) == 3 * N - 2
    assert (accounts.problem, accounts.books.verified, accounts.books.failed) == (None, N - 1, 1)


def test_recorded_reasoning_becomes_reflections_and_nobody_is_asked(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "recorded.jsonl"
    thought = "So the answer is 1220.\n\nWait, 9 + 7 is 16. So the answer is 1219."
    row = {"question": "q?", "gold": "1219", "kind": "number", "response": f"<think>{thought}</think>\nAnswer: 1219"}
    path.write_text(json.dumps(row))
    values = {"questions": {"source": "recorded", "path": str(path)}}

    def run(strategy: str) -> RunConfiguration:
        return RunConfiguration.model_validate(values | {"teacher": {"strategy": strategy}})

    for strategy in ("single_pass", "reasoning_to_reflection"):
        asked, accounts = carry(warehouse, run(strategy), lambda request: "nobody")
        assert (asked, accounts.problem, accounts.books.verified) == ([], None, 1)
    [found] = ask(warehouse, "SELECT n_reflections, effect, verdict FROM traces_full ORDER BY n_reflections")
    assert found == [(0, "none", "correct"), (1, "corrected", "correct")]


def test_every_call_lands_is_counted_and_is_asked_once(warehouse: Warehouse, tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        holds = is_of("q0?", request) and role(request) == "check"
        return said(HOLDS) if holds else flawed_then_mended(request)

    asked, accounts = carry(warehouse, run_of(tmp_path), script)
    assert Counter(map(role, asked)) == {"draft": N, "check": N, "revise": N - 1}
    assert accounts.problem is None
    assert (accounts.books.verified, accounts.ledger.sent, accounts.ledger.answered) == (N, 3 * N - 1, 3 * N - 1)
    assert accounts.cost_usd == (3 * N - 1) * 0.25
    shown = "SELECT effect, verdict, n_calls, cost_usd, teacher, count(*)::INT FROM traces_full GROUP BY ALL ORDER BY 1"
    traces, [(calls,)] = ask(warehouse, shown, "SELECT count(*) FROM calls")
    assert traces == [("corrected", "correct", 3, 0.75, "m", N - 1), ("missed", "incorrect", 2, 0.5, "m", 1)]
    assert calls == 3 * N - 1
    assert carry(warehouse, run_of(tmp_path), script) == ([], accounts)


@pytest.mark.parametrize("older", ["verifier", "grammar"])
def test_an_older_warehouse_is_verified_again_without_a_call(
    warehouse: Warehouse, tmp_path: Path, older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever raises a version has all verdicts of that kind given again, and no answer paid again."""
    with monkeypatch.context() as then:
        then.setattr(NumberVerifier, "version", "0")
        then.setattr(Verifier, "judge", lambda self, kind, gold, answer, *_: Judgement.of(Reason.UNDECIDED, answer))
        if older == "grammar":
            then.setattr(trace, "GRAMMAR", "reflectory-0")
        verifier_version.cache_clear()
        asked, before = carry(warehouse, run_of(tmp_path), flawed_then_mended)
    verifier_version.cache_clear()
    assert (len(asked), before.books.verified, before.books.unverified) == (3 * N, 0, N)

    again, after = carry(warehouse, run_of(tmp_path), flawed_then_mended)
    assert again == []
    assert (after.books.verified, after.books.unverified, after.problem) == (N, 0, None)
    assert after.ledger == before.ledger
    [(calls,)], verdicts, shown = ask(
        warehouse,
        "SELECT count(*) FROM calls",
        "SELECT verdict, verifier_version, count(*)::INT FROM verdicts GROUP BY ALL ORDER BY 1",
        "SELECT verdict, count(*)::INT FROM traces_full GROUP BY ALL",
    )
    assert calls == 3 * N
    assert [(verdict, n) for verdict, _, n in verdicts] == [("correct", N), ("unverified", N)], "the old ones stay"
    assert verdicts[0][1] == verifier_version(AnswerKind.NUMBER) != verdicts[1][1]
    assert shown == [("correct", N)], "the newest verdict on an attempt is the one in force"
    assert carry(warehouse, run_of(tmp_path), flawed_then_mended) == ([], after)


@pytest.mark.parametrize("cut_at", ["check", "revise"])
def test_a_run_cut_short_between_the_calls_pays_for_none_twice(
    warehouse: Warehouse, tmp_path: Path, cut_at: str
) -> None:
    """Nor does its account forget one: no usage is reported, so that each send stays charged at its worst case."""
    run, bought = run_of(tmp_path, budget=10**9), []

    def cut(request: Request) -> Reply:
        bought.append(request)
        if role(request) == cut_at and is_of("q3?", request):
            raise TeacherUnavailable("killed")
        return flawed_then_mended(request)

    def worst(requests: list[Request]) -> int:
        return sum(worst_case(request, run.teacher, request_bytes(request)).tokens or 0 for request in requests)

    with pytest.raises(TeacherUnavailable):
        carry(warehouse, run, cut)
    with prepared(run, warehouse.folder, Until.VERIFY) as left, Snapshot(warehouse) as now:
        before = read_accounts(now, warehouse, left.plan)
        opened = open_budget(run, left.plan, warehouse)
        due = list(left.calls_due())
    assert (before.problem, before.ledger.sent, before.ledger.unknown) == (None, len(bought), 1)
    assert opened
    assert opened[1].tokens == worst(bought), "the later calls too, and the one that was under way"
    assert cut_at in map(role, due), "what follows from journaled answers is due"
    asked, accounts = carry(warehouse, run, flawed_then_mended)
    assert {request.call_id for request in asked}.isdisjoint(r.call_id for r in bought[:-1])
    assert (accounts.problem, accounts.books.verified, accounts.ledger.sent) == (None, N, 3 * N + 1)
    opened = open_budget(run, left.plan, warehouse)
    assert opened
    assert opened[1].tokens == worst(bought) + worst(asked)


def test_control_without_its_journal_it_would_pay_again(warehouse: Warehouse, tmp_path: Path) -> None:
    def cut(request: Request) -> Reply:
        if role(request) == "check":
            raise TeacherUnavailable("killed")
        return flawed_then_mended(request)

    with pytest.raises(TeacherUnavailable):
        carry(warehouse, run_of(tmp_path), cut)
    for file in warehouse.journal_path.parent.iterdir():
        file.unlink()
    assert len(carry(warehouse, run_of(tmp_path), flawed_then_mended)[0]) == 3 * N


def test_a_later_call_that_failed_for_now_is_all_that_is_asked_again(warehouse: Warehouse, tmp_path: Path) -> None:
    def down(request: Request) -> Reply | str:
        return "HTTP 503" if role(request) == "check" else WHOLE

    _, accounts = carry(warehouse, run_of(tmp_path), down)
    assert (accounts.problem, accounts.books.pending, accounts.ledger.failed) == (None, N, N)
    with prepared(run_of(tmp_path), warehouse.folder, Until.VERIFY) as left:
        assert set(map(role, left.calls_missing())) == {"check"}, "the drafts have landed"
    asked, accounts = carry(warehouse, run_of(tmp_path), flawed_then_mended)
    assert Counter(map(role, asked)) == {"check": N, "revise": N}
    assert (accounts.problem, accounts.books.verified, accounts.ledger.sent) == (None, N, 4 * N)


def test_questions_that_differ_by_a_tag_share_all_their_calls(warehouse: Warehouse, tmp_path: Path) -> None:
    """The second shard to come found its first call in the journal, and bought the later ones again."""
    asked, accounts = carry(warehouse, run_of(tmp_path, tags=True), flawed_then_mended)
    assert Counter(map(role, asked)) == {"draft": N, "check": N, "revise": N}
    assert (accounts.problem, accounts.books.verified, accounts.ledger.sent) == (None, 2 * N, 3 * N)
    assert ask(warehouse, "SELECT count(*) FROM calls") == [[(3 * N,)]]


ENDS = {"q0?": CUT, "q1?": FILTERED, "q2?": DECLINED, "q3?": REFUSED}


@pytest.mark.parametrize(
    ("policies", "calls", "structures", "failures"),
    [
        ({}, N, ["empty", "truncated", "truncated"], ["refused"]),
        (DROP, N, [], ["content_filter", "declined", "refused", "truncated"]),
        ({"on_truncation": "extend"}, N + 1, ["empty", "ok", "truncated"], ["refused"]),
    ],
)
def test_policies_leave_balanced_books_with_the_reason(
    warehouse: Warehouse,
    tmp_path: Path,
    policies: dict[str, object],
    calls: int,
    structures: list[str],
    failures: list[str],
) -> None:
    """Every way to end; then the settings change, and what was bought before serves again."""

    def script(request: Request) -> Reply:
        end = next(end for question, end in ENDS.items() if is_of(question, request))
        return WHOLE if request.sampling.max_tokens == 4096 else end

    run = run_of(tmp_path, **SINGLE, **policies)
    asked, accounts = carry(warehouse, run, script)
    assert (len(asked), accounts.problem, accounts.books.failed) == (calls, None, len(failures))
    traces, fates = ask(
        warehouse,
        "SELECT structure FROM traces_full ORDER BY 1",
        "SELECT fate_reason FROM fates WHERE fate = 'failed' ORDER BY 1",
    )
    assert ([s for (s,) in traces], [r for (r,) in fates]) == (structures, failures)
    assert carry(warehouse, run, script) == ([], accounts)
    asked, _ = carry(warehouse, run_of(tmp_path, **SINGLE, **(policies | {"on_truncation": "extend"})), script)
    assert [r.sampling.max_tokens for r in asked] == ([] if calls > N else [4096]), "one more call, by its own key"


def test_a_failure_of_a_later_call_names_its_reason(warehouse: Warehouse, tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        if role(request) != "check" or is_of("q0?", request):
            return flawed_then_mended(request)
        return REFUSED if is_of("q1?", request) else said("Hard to say.")

    _, accounts = carry(warehouse, run_of(tmp_path), script)
    [reasons] = ask(warehouse, "SELECT fate_reason FROM fates WHERE fate = 'failed' ORDER BY 1")
    assert reasons == [("check_unclear",), ("check_unclear",), ("refused",)]
    assert (accounts.problem, accounts.books.verified, accounts.ledger.sent) == (None, 1, 2 * N + 1)
