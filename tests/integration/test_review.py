"""The workbench page: what its server answers and refuses, and that a person reads and rules with it in a browser."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from aiohttp import web

from flows.release import ReleaseOrder, make_release, releases_beside
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.ruling import OnGold
from schemas.verdict import Effect, EffectReason, Reason, Verdict, VerdictSubject
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tasks.questions.rulings import read_rulings
from tasks.report import traces
from tasks.review.server import application
from tasks.review.workbench import PAGE, Workbench
from tests.integration.report_reading import CHROMIUM
from tests.released_world import build, question
from warehouse.landing import Warehouse

HOSTILE = "<img src=x onerror=document.documentElement.dataset.hit=1></pre><script>1</script> \u202e {{ 7*7 }}"
QUESTIONS = [question(n, f"family {n % 2}") for n in range(20)] + [
    Question.of(text=HOSTILE, gold="3", kind=AnswerKind.NUMBER, source="family 0")
]
DISPUTED = QUESTIONS[-1]


def wrong(name: str) -> Verdict:
    return Verdict(
        verdict_id=f"w{name}",
        subject=VerdictSubject.TRACE,
        subject_id=f"t{name}",
        verifier="number",
        verifier_version="2",
        verdict=Reason.NOT_EQUAL.ruling,
        reason=Reason.NOT_EQUAL,
        answer="5",
        answer_key="5",
        effect=Effect.NONE,
        effect_reason=EffectReason.JUDGED,
        reflection_effects=(),
        duration_s=0.0,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two releases, of one curation and of another; then a verifier that disagrees with a gold."""
    warehouse = Warehouse(tmp_path_factory.mktemp("world") / "warehouse")
    warehouse.create()
    curation = build(warehouse, QUESTIONS)
    make_release(warehouse, curation, ReleaseOrder("all", releases_beside(warehouse)), "run")
    few = curate_warehouse(warehouse, Policy.model_validate({"name": "few", "quotas": {"per_question": 1}})).curation
    make_release(warehouse, few, ReleaseOrder("few", releases_beside(warehouse)), "run")
    names = [f"{DISPUTED.question_id[:6]}-{sample}" for sample in range(3)]
    warehouse.land("verdicts", [wrong(name) for name in names], "run", "later")
    return warehouse


class Served(NamedTuple):
    server_port: int
    token: str = "t0ken"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


@pytest.fixture
def server(world: Warehouse, tmp_path: Path) -> Iterator[Served]:
    root = releases_beside(world)
    loop = asyncio.new_event_loop()
    workbench = Workbench(root / "all", world, root / "few", tmp_path / "rulings.jsonl")
    runner = web.AppRunner(application(workbench, "t0ken"))
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Served(runner.addresses[0][1])
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        workbench.close()


def ask(server: Served, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        sent = None if body is None else json.dumps(body)
        given = {"Content-Type": "application/json"} if sent else {}
        connection.request("POST" if sent else "GET", path, sent, {**given, **headers})
        reply = connection.getresponse()
        said = reply.read()
        is_json = reply.headers.get_content_type() == "application/json"
        return reply.status, json.loads(said) if is_json else said.decode(), dict(reply.headers)
    finally:
        connection.close()


def get(server: Served, name: str) -> Any:
    status, answer, _ = ask(server, f"/{server.token}/{name}")
    assert status == 200, answer
    return answer


def rule(server: Served, **said: Any) -> tuple[int, Any]:
    status, answer, _ = ask(server, f"/{server.token}/ruling", said)
    return status, answer


def test_every_row_is_there_page_by_page(server: Served) -> None:
    ids: list[str] = []
    while rows := get(server, f"rows?after={ids[-1] if ids else ''}"):
        assert len(rows) <= PAGE
        ids += [row["trace_id"] for row in rows]
    assert len(ids) == len(set(ids)) == 2 * len(QUESTIONS)
    assert ids == sorted(ids)
    [row] = [row for row in get(server, "rows") if row["trace_id"] == ids[0]]
    assert "".join(text for _, _, text in row["pieces"]).startswith("<thinking>")


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("source=family%201", 20),
        ("effect=corrected", 21),
        ("verdict=incorrect", 0),
        ("words=onerror", 2),
        ("words=ONERROR%20count", 1),
        ("words=%25", 0),
        ("words=it's", 0),
        ("effect=corrected&source=family%200&words=how%201%2B2", 1),
    ],
)
def test_rows_are_chosen(server: Served, query: str, n: int) -> None:
    assert len(get(server, f"rows?{query}")) == n


def test_what_is_not_learnt_is_marked(server: Served) -> None:
    row = get(server, "rows?effect=corrected")[0]
    assert "".join(text for _, marks, text in row["pieces"] if "u" in marks) == "It is 3."


def test_a_long_row_says_how_much_of_it_is_not_shown(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    [whole] = [row for row in get(server, "rows?effect=corrected")[:1] if not row["hidden"]]
    monkeypatch.setattr(traces, "_LONGEST", 20)
    cut = get(server, "rows?effect=corrected")[0]
    shown = {name: len("".join(text for _, _, text in row["pieces"])) for name, row in (("whole", whole), ("cut", cut))}
    assert (shown["cut"], cut["hidden"]) == (20, shown["whole"] - 20)


def test_all_samples_of_a_question_whatever_became_of_them(server: Served) -> None:
    found = get(server, f"question?id={QUESTIONS[0].question_id}")
    assert [sample["fate"] for sample in found["samples"]] == ["kept", "dropped", "kept"]
    assert found["samples"][1]["why"] == "verdict: incorrect"
    assert found["ruling"] is None
    assert get(server, "question?id=unknown")["samples"] == []


def test_what_another_release_has_instead(server: Served) -> None:
    about, rows = get(server, "about"), get(server, "changes")
    assert (about["before"], about["n_changes"]) == ("few", len(QUESTIONS))
    assert len(rows) == min(PAGE, len(QUESTIONS))
    assert {row["change"] for row in rows} == {"added"}
    assert "policy.quotas.per_question" in [setting["key"] for setting in about["settings"]]
    assert get(server, "changes?offset=1") == rows[1:]


def test_a_dispute_is_ruled_on_and_a_run_can_read_the_ruling(server: Served, tmp_path: Path) -> None:
    [dispute] = get(server, "disputes")
    assert (dispute["question_id"], dispute["agreed_answer"]) == (DISPUTED.question_id, "5")
    key = DISPUTED.question_id
    assert rule(server, question_id=key, ruling="gold_replaced", gold="5", by="Ada", note="é")[0] == 200
    assert get(server, "about")["ruled"] == [key]
    assert get(server, f"question?id={key}")["ruling"]["gold"] == "5"
    assert rule(server, question_id=key, ruling="open")[0] == 200
    assert get(server, "about")["ruled"] == []
    lines = read_rulings(tmp_path / "rulings.jsonl")
    assert [(line.question_id, line.ruling, line.gold, line.by, line.note) for line in lines] == [
        (key, OnGold.GOLD_REPLACED, "5", "Ada", "é"),
        (key, OnGold.OPEN, None, None, None),
    ]


def test_what_a_person_wrote_before_stays(server: Served, tmp_path: Path) -> None:
    before = json.dumps({"id": "row-7", "ruling": "question_dropped"})  # no end of line
    (tmp_path / "rulings.jsonl").write_text(before)
    assert rule(server, question_id=DISPUTED.question_id, ruling="gold_stands")[0] == 200
    assert (tmp_path / "rulings.jsonl").read_text().splitlines()[0] == before
    assert len(read_rulings(tmp_path / "rulings.jsonl")) == 2


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"ruling": "gold_stands"}, "needs either the question_id"),
        ({"question_id": "unknown", "ruling": "gold_stands"}, "needs the id of one that was decided on here"),
        ({"question_id": DISPUTED.question_id, "ruling": "perhaps"}, "needs one of gold_stands"),
        ({"question_id": DISPUTED.question_id, "ruling": "gold_replaced"}, "needs the new gold"),
        ({"question_id": DISPUTED.question_id, "ruling": "gold_stands", "file": "/etc/passwd"}, "got file"),
        ([1], "needs a JSON object"),
    ],
)
def test_a_ruling_that_a_run_would_refuse_is_not_written(
    server: Served, tmp_path: Path, said: Any, message: str
) -> None:
    status, answer, _ = ask(server, f"/{server.token}/ruling", said)
    assert status == 400
    assert message in answer["error"]["message"]
    assert not (tmp_path / "rulings.jsonl").exists()


def test_nobody_else_gets_in(server: Served, tmp_path: Path) -> None:
    token, said = server.token, {"question_id": DISPUTED.question_id, "ruling": "gold_stands"}
    for path in ("/", "/rows", "//rows", f"/{token[:-1]}/rows", f"/{token}x/rows", f"/{token}x", f"/{token}/a/rows"):
        assert ask(server, path)[0] == 404
    status, _, headers = ask(server, f"/{token}")
    assert (status, headers["Location"]) == (308, f"/{token}/"), "an address that lost its last slash"
    assert ask(server, f"/{token}", Host="evil.example")[0] == 404
    assert ask(server, f"/{token}/rows", Host=f"evil.example:{server.server_port}")[0] == 404
    assert ask(server, f"/{token[:-1]}/ruling", said)[0] == 404
    assert ask(server, f"/{token}/ruling", said, Host="evil.example")[0] == 404
    assert ask(server, f"/{token}/ruling", said, **{"Content-Type": "text/plain"})[0] == 415
    assert ask(server, f"/{token}/ruling", {"note": "x" * 70_000})[0] == 413
    assert ask(server, f"/{token}/nothing")[0] == 404
    assert ask(server, f"/{token}/changes?offset=x")[0] == 400
    assert not (tmp_path / "rulings.jsonl").exists()
    assert ask(server, f"/{token}/ruling", said)[0] == 200, "the control"


def test_the_page_holds_no_word_of_a_teacher_and_allows_its_own_script_only(server: Served) -> None:
    status, page, headers = ask(server, f"/{server.token}/")
    policy = headers["Content-Security-Policy"]
    assert status == 200
    assert "onerror" not in page
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; "
        r"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        policy,
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "innerHTML" not in page


def test_a_release_of_another_warehouse_is_refused(world: Warehouse, tmp_path: Path) -> None:
    other = Warehouse(tmp_path / "other")
    other.create()
    with pytest.raises(Refused, match="is not one of the warehouse"):
        Workbench(releases_beside(world) / "all", other, None, tmp_path / "r.jsonl")
    (tmp_path / "r.jsonl").write_text("{}\n")
    with pytest.raises(Refused, match=r"r\.jsonl, line 1"):
        Workbench(releases_beside(world) / "all", world, None, tmp_path / "r.jsonl")


def seen(server: Served, view: str, tmp_path: Path) -> str:
    """The page as Chromium has it when its scripts are done."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=8000"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *flags, profile, "--dump-dom", f"{server.url}#{view}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")
def test_a_person_reads_in_a_browser(server: Served, tmp_path: Path) -> None:
    traces = seen(server, "traces", tmp_path)
    assert traces.count('<details class="trace"') == PAGE
    assert "data-hit" not in traces
    disputes = seen(server, "disputes", tmp_path)
    assert "3 of 3 say 5" in disputes
    assert "&lt;img src=x onerror" in disputes
    assert "data-hit" not in disputes
    question_ = seen(server, f"question={DISPUTED.question_id}", tmp_path)
    assert question_.count('<article class="sample">') == 3
    assert "data-hit" not in question_
    assert f"{len(QUESTIONS)} rows differ" in seen(server, "changes", tmp_path)
