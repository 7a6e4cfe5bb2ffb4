"""Text that attacks the reader of a release's page: no script of it runs, nothing is asked of a network, no row breaks.

Each page is opened twice: as it is, and without its security policy and with a driver that shows every trace, so that
it is the escaping that is tested, and not only the second line behind it.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from schemas.contamination import Contamination, Detector
from schemas.curation import Decision
from schemas.question import AnswerKind, Question
from schemas.release import Release
from tasks.report.inline import embedded
from tasks.report.page import report_page
from tests.integration.report_reading import CHROMIUM, Page, driven, opened
from tests.released_world import build
from warehouse.catalog import connect
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

HIT = "document.documentElement.dataset.hit=1"
PAYLOADS = [
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"<!--<script>{HIT}</script>-->",
    f"--></script></pre></td></table><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"</title></head><body><script>{HIT}</script>",
    f"</textarea></select></option><script>{HIT}</script>",
    f"<ScRiPt\t>{HIT}</sCrIpT >",
    f"<img src=x onerror={HIT}>",
    '<img src="http://127.0.0.1:PORT/img"><link rel=stylesheet href="http://127.0.0.1:PORT/css">',
    f"<svg onload={HIT}><animate onbegin={HIT} attributeName=x dur=1s></svg>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe><iframe src=http://127.0.0.1:PORT/frame></iframe>",
    f'<a href="javascript:{HIT}">answer</a> [answer](javascript:{HIT})',
    f'<object data="data:text/html,<script>top.{HIT}</script>"></object>',
    '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:PORT/refresh"><base href="http://127.0.0.1:PORT/">',
    f'" autofocus onfocus={HIT} x="',
    f"' onmouseover={HIT} style='position:fixed;inset:0' x='",
    f"<details open ontoggle={HIT}><summary>x</summary></details>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={HIT}></style></mglyph></table></mtext></math>",
    f'<noscript><p title="</noscript><img src=x onerror={HIT}>"></noscript>',
    f"&lt;script&gt;{HIT}&lt;/script&gt; &#60;script&#62; &amp;lt;",
    f"\\u003cscript\\u003e{HIT}\\u003c/script\\u003e ]]> \\\" \\' ` ${{{HIT}}}",
    "{{ 7 * 7 }}{% include 'style.css' %}{{ config }}{# ",
    f"line\u2028separator\u2029 {HIT} \u0085 \x00 \x07 \x1b[31m \r\n tab\t end",
    "\u202egnihtemos yas\u202c \u2066isolate \u200b\ufeff\ufffe",
    "Z" + "\u0334\u0322\u0317\u0359" * 60 + "algo",
    "a" * 3_000,
    '=HYPERLINK("http://127.0.0.1:PORT/cell","x")',
    "'); COPY (SELECT 1) TO '/tmp/x'; -- ../../x",
    "__proto__ constructor toString $\\frac{1}{0}$ <|im_start|>system\n<thinking><reflection></output>",
    "<form id=filters action=http://127.0.0.1:PORT/form><input name=elements><button id=more>x</button></form>",
]
DRIVER = """
const more = document.getElementById("more");
while (!more.hidden) more.click();
for (const each of document.querySelectorAll("details")) each.open = true;
"""
PHONE = """
<!doctype html><meta charset="utf-8"><body><script>
const frame = Object.assign(document.createElement("iframe"), {{width: 390, height: 900, srcdoc: {}}});
frame.addEventListener("load", () => setTimeout(() => {{
  const page = frame.contentDocument.documentElement;
  const broken = [...page.querySelectorAll("body *")].filter((each) => !each.textContent.includes("\\u0334"));
  const ends = broken.map((each) => each.getBoundingClientRect().right);
  page.dataset.overflow = Math.ceil(Math.max(page.scrollWidth, ...ends) - page.clientWidth);
  document.replaceChild(document.adoptNode(page), document.documentElement);
}}, 1000));
document.body.append(frame);
</script>
"""
"""A frame as wide as a phone, because Chromium's own window is never under 500; what is in it then takes its place.
A letter with 240 marks on it cannot be broken, and is cut off; nothing else may be."""
ALLOWED = re.compile(
    "html|head|body|meta|title|style|script|header|nav|main|section|footer|noscript|form|label|input|select|option|button"
    "|div|p|h1|h2|h3|pre|code|bdi|wbr|span|a|details|summary|dl|dt|dd|table|thead|tbody|tfoot|tr|th|td|figure|figcaption"
    "|svg|g|path|text|rect|defs|clippath|use"
)
"""The elements that the page is made of."""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}")


class Home(ThreadingHTTPServer):
    """Where the payloads call."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Door)


class _Door(BaseHTTPRequestHandler):
    server: Home

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with Home() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def payloads(home: Home) -> list[str]:
    return [payload.replace("PORT", str(home.server_port)) for payload in PAYLOADS]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, payloads: list[str]) -> Path:
    """The page of a release in which every text that comes from elsewhere is an attack."""
    folder = tmp_path_factory.mktemp("attacked")
    warehouse = Warehouse(folder / "warehouse")
    warehouse.create()
    asked = [
        Question.of(text=f"Q {text}", gold=text, kind=AnswerKind.EXACT, source=text, licence=text) for text in payloads
    ]
    curation = build(warehouse, asked).model_copy(update={"curation_id": "c'2", "name": payloads[0]})
    with Snapshot(warehouse) as now:
        decisions = now.rows(Decision, "curation_id", ["c"])
    reasons = [
        decision.model_copy(
            update={"curation_id": "c'2", "reason": decision.reason and payloads[at % len(payloads)]}
            | {"rule": decision.rule and payloads[-1 - at % len(payloads)]}
        )
        for at, decision in enumerate(decisions)
    ]
    warehouse.land("decisions", reasons, "run", "attack")
    warehouse.land("contaminations", [_finding(question, at) for at, question in enumerate(asked)], "run", "attack")
    warehouse.land("releases", [_release(payloads[1])], "run", "attack")
    with closing(connect(warehouse)) as connection:
        page = report_page(connection, _release(payloads[1]), curation)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    return folder / "report.html"


def test_no_script_runs_and_nothing_is_asked_of_a_network(attacked: Path, home: Home) -> None:
    dom, console = opened(attacked)
    assert not console, "an attack that the security policy has to stop got too far"
    _check_harmless(dom, scripts=2)
    assert f"{3 * len(PAYLOADS)} of {3 * len(PAYLOADS)} sampled traces" in dom
    assert not home.asked


def test_without_the_policy_nothing_runs_either_and_every_trace_is_whole_on_a_phone(
    attacked: Path, home: Home, payloads: list[str], tmp_path: Path
) -> None:
    page = attacked.read_text("utf-8")
    dom, console = on_phone(driven(page, DRIVER), tmp_path)
    assert not console
    _check_harmless(dom, scripts=3)
    assert not home.asked
    assert _overflow(dom) == 0, "a phone would scroll sideways"
    assert dom.count('class="inside"') == 3 * len(payloads)
    sample = json.loads(Page(page).scripts[0])
    assert {trace["question"] for trace in sample} == {f"Q {payload}" for payload in payloads}
    families = Page(dom).blocks["fates_by_family"]
    assert len(families.rows) == len(payloads), "no row is broken"
    assert all(len(row) == len(families.heads) for row in families.rows)
    evidence = Page(dom).blocks["contamination_evidence"]
    assert {_plain(row[evidence.heads.index("evidence")]) for row in evidence.rows} == set(map(_plain, payloads))


def test_the_control_a_page_that_escapes_nothing_is_hit(home: Home, payloads: list[str], tmp_path: Path) -> None:
    naive = tmp_path / "naive.html"
    naive.write_text(
        "<!doctype html><meta charset=utf-8>" + "".join(f"<p>{text}</p>" for text in payloads[:12]), "utf-8"
    )
    dom, _ = opened(naive)
    assert "data-hit" in dom
    assert "/img" in home.asked
    home.asked.clear()
    with pytest.raises(AssertionError):
        _check_harmless(dom, scripts=0)


def test_the_control_a_word_that_does_not_break_is_seen(tmp_path: Path) -> None:
    dom, _ = on_phone(f"<p>{'a' * 500}</p>", tmp_path)
    assert _overflow(dom) > 0


def test_the_control_a_page_of_only_a_policy_complains(attacked: Path, tmp_path: Path) -> None:
    guarded = tmp_path / "guarded.html"
    page = attacked.read_text("utf-8")
    guarded.write_text(page.replace("<main>", f"<main><img src=x onerror={HIT}>"), "utf-8")
    dom, console = opened(guarded)
    assert "data-hit" not in dom, "the second line holds"
    assert console


def on_phone(page: str, folder: Path) -> tuple[str, list[str]]:
    outer = folder / "phone.html"
    outer.write_text(PHONE.format(embedded(page)), encoding="utf-8", newline="\n")
    return opened(outer)


def _overflow(dom: str) -> int:
    """Pixels by which the page is wider than its window."""
    [found] = re.findall(r'data-overflow="(\d+)"', dom)
    return int(found)


def _check_harmless(dom: str, scripts: int) -> None:
    assert "data-hit" not in dom.partition("<body")[0], "a script of an attacker ran"
    page = Page(dom)
    assert sum(tag == "script" for tag, _ in page.elements) == scripts
    assert not {tag for tag, _ in page.elements if not ALLOWED.fullmatch(tag)}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "srcdoc", "style", "action")}
    targets = {attributes.get("href") for tag, attributes in page.elements if tag in ("a", "use")}
    assert all(target and target.startswith("#") for target in targets)


def _plain(text: str) -> str:
    """Without what an HTML parser may change of a text: control characters and the sort of line end."""
    return re.sub(r"[\x00-\x20\ufffd\ufffe\x7f-\x9f]+", "", text)


def _finding(question: Question, at: int) -> Contamination:
    return Contamination(
        contamination_id=f"n{at}",
        check_id="k",
        question_id=question.question_id,
        benchmark=question.source,
        match_id=question.source,
        match_text=question.source,
        detector=Detector.JUDGE,
        detector_version="1",
        contaminated=(True, False, None)[at % 3],
        borderline=at % 3 == 1,
        score=0.9,
        start=None,
        end=None,
        evidence=question.source,
    )


def _release(name: str) -> Release:
    return Release(
        release_id="r",
        name=name,
        plan_id=None,
        curation_id="c'2",
        query="",
        table_versions=(),
        code_version="0",
        configuration="{}",
        content_hash="h",
        files=(),
        trace_ids=(),
    )
