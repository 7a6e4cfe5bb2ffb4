"""What providers and engines answer, each in its own way: one run asks a question of each, and its row says what came.

A behaviour is named after who does it. What is broken off is sent again, as a 502 is; what is cut, thought, refused or
counted is read wherever it stands. One question's answers do not touch another's.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Reflectory, asked

GOOD = "<thinking>40 and 2.<reflection>Counted on.</reflection></thinking><output>Answer: 42</output>"
WRONG_HALF = "<thinking>Half of it is 21.</thinking><output>Answer: 21</output>"
PROSE_CUT = "So we take 40 and add the 2 to"
USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
MODEL = "the-model"
Body = dict[str, Any] | list[Any]


def said(content: object, finish: object = "stop", usage: object = USAGE, **message: object) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": content} | message, "finish_reason": finish}
    return {"object": "chat.completion", "model": MODEL, "choices": [choice], "usage": usage}


def broken(error: object, content: object = WRONG_HALF, finish: object = "stop") -> dict[str, Any]:
    whole = said(content, finish)
    whole["choices"][0]["error"] = error
    return whole


def flat(code: int, kind: str, message: str) -> tuple[int, Body]:
    """An error of SGLang's, LMDeploy's and TensorRT-LLM's: no object holds it."""
    return code, {"object": "error", "message": message, "type": kind, "param": None, "code": code}


def minimax(code: int, message: str) -> dict[str, Any]:
    """An error of its, whose status is 200."""
    return {"choices": None, "base_resp": {"status_code": code, "status_msg": message}}


class Row(NamedTuple):
    """What the tables are to say; None where nothing is asked of them."""

    sends: int = 1
    finish: str | None = "stop"
    verdict: str | None = "correct"
    reason: str | None = "equal"
    thinking: str | None = None
    """A part of it."""
    completion_tokens: int | None = 20


AGAIN = Row(sends=2)
CUT = Row(finish="length", verdict="unverified", reason="truncated")
FILTERED = Row(finish="content_filter", verdict="unverified", reason="truncated")
THOUGHT = Row(thinking="40 and 2.")
REFUSED = Row(finish=None, verdict=None, reason=None, completion_tokens=None)
BEHAVIOURS: dict[str, tuple[list[tuple[int, Body]], Row]] = {
    "openai": ([(200, said(GOOD))], Row()),
    "openrouter-error-in-the-choice": ([(200, broken({"code": 502, "message": "Provider returned error"}))], AGAIN),
    "openrouter-rate-limit-in-the-choice": ([(200, broken({"code": 429, "message": "Rate limited upstream"}))], AGAIN),
    "openrouter-key-of-a-host-in-the-choice": ([(200, broken({"code": 401, "message": "No auth upstream"}))], AGAIN),
    "openrouter-finish-reason-error": ([(200, said(WRONG_HALF, "error", {"prompt_tokens": None}))], AGAIN),
    "openrouter-error-beside-choices": ([(200, said(WRONG_HALF) | {"error": {"code": 504, "message": "Idle"}})], AGAIN),
    "openrouter-error-without-choices": ([(200, {"error": {"code": 502, "message": "Bad gateway"}})], AGAIN),
    "litellm-error-text-beside-choices": ([(200, said(WRONG_HALF) | {"error": "upstream died"})], AGAIN),
    "vllm-0.6-error-object": ([(200, {"object": "error", "message": "engine dead", "code": 500})], AGAIN),
    "deepseek-insufficient-resource": ([(200, said(WRONG_HALF, "insufficient_system_resource"))], AGAIN),
    "zai-network-error": ([(200, said(WRONG_HALF, "network_error"))], AGAIN),
    "sglang-abort": ([(200, said(WRONG_HALF, "abort"))], AGAIN),
    "sglang-queue": ([flat(503, "503", "The request queue is full.")], AGAIN),
    "lmdeploy-gone": ([flat(503, "server_error", "The inference engine is unavailable.")], AGAIN),
    "vllm-0.33-queue": (
        [(503, {"error": {"message": "The engine is currently busy", "type": "Service Unavailable", "code": 503}})],
        AGAIN,
    ),
    "tensorrt-llm-cancelled": ([(200, said(WRONG_HALF, "cancelled"))], AGAIN),
    "tensorrt-llm-timeout": ([(200, said(WRONG_HALF, "timeout"))], AGAIN),
    "minimax-rate-limit": ([(200, minimax(1002, "rate limit"))], AGAIN),
    "minimax-internal": ([(200, minimax(1013, "internal error"))], AGAIN),
    "google-retry-in": ([(429, [{"error": {"code": 429, "message": "Quota. Please retry in 0.2s."}}])], AGAIN),
    "google-overloaded-in-a-list": ([(503, [{"error": {"code": 503, "message": "The model is overloaded."}}])], AGAIN),
    "anthropic-overloaded": ([(529, {"type": "error", "error": {"type": "overloaded_error", "message": "x"}})], AGAIN),
    "google-max-tokens": ([(200, said(PROSE_CUT, "MAX_TOKENS"))], CUT),
    "anthropic-max-tokens": ([(200, said(PROSE_CUT, "max_tokens"))], CUT),
    "mistral-model-length": ([(200, said(PROSE_CUT, "model_length"))], CUT),
    "zai-window": ([(200, said(PROSE_CUT, "model_context_window_exceeded"))], CUT),
    "vllm-length": ([(200, said(PROSE_CUT, "length"))], CUT),
    "vllm-repetition": ([(200, said(PROSE_CUT, "repetition"))], CUT),
    "xiaomi-repetition": ([(200, said(PROSE_CUT, "repetition_truncation"))], CUT),
    "vllm-length-in-thinking": ([(200, said(None, "length", reasoning=PROSE_CUT))], CUT),
    "openai-length-in-hidden-thinking": ([(200, said("", "length"))], CUT._replace(reason="no_answer")),
    "google-safety": ([(200, said(PROSE_CUT, "SAFETY"))], FILTERED),
    "google-recitation-in-its-own-words": ([(200, said(PROSE_CUT, "content_filter: RECITATION"))], FILTERED),
    "bedrock-guardrail": ([(200, said(PROSE_CUT, "guardrail_intervened"))], FILTERED),
    "zai-sensitive": ([(200, said(PROSE_CUT, "sensitive"))], FILTERED),
    "azure-content-filter": ([(200, said(PROSE_CUT, "content_filter"))], FILTERED),
    "mistral-thinking-parts": (
        [
            (
                200,
                said(
                    [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "40 and "}, {"text": "2."}]},
                        {"type": "text", "text": "Answer: 42"},
                    ]
                ),
            )
        ],
        THOUGHT,
    ),
    "anthropic-thinking-parts": (
        [
            (
                200,
                said(
                    [
                        {"type": "thinking", "thinking": "40 and 2.", "signature": "c2ln"},
                        {"type": "redacted_thinking", "data": "ZW5j"},
                        {"type": "text", "text": "Answer: "},
                        {"type": "text", "text": "42"},
                    ],
                    "end_turn",
                ),
            )
        ],
        THOUGHT._replace(finish="end_turn"),
    ),
    "openai-output-text-parts": ([(200, said([{"type": "output_text", "text": GOOD}]))], THOUGHT),
    "gateway-parts-as-texts": ([(200, said(["Answer:", " 42"]))], Row()),
    "deepseek-reasoning-content": ([(200, said("Answer: 42", reasoning_content="40 and 2."))], THOUGHT),
    "vllm-0.33-reasoning": ([(200, said("Answer: 42", reasoning_content=None, reasoning="40 and 2."))], THOUGHT),
    "sglang-reasoning": (
        [(200, said("Answer: 42", reasoning_content="40 and 2.", usage=USAGE | {"reasoning_tokens": 9}))],
        THOUGHT,
    ),
    "ollama-thinking": ([(200, said("Answer: 42", thinking="40 and 2."))], THOUGHT),
    "openrouter-reasoning-details": (
        [
            (
                200,
                said(
                    "Answer: 42",
                    reasoning=None,
                    reasoning_details=[
                        {"type": "reasoning.encrypted", "data": "ZW5j"},
                        {"type": "reasoning.text", "text": "40 and 2.", "signature": None},
                        {"type": "reasoning.summary", "summary": "A sum."},
                    ],
                ),
            )
        ],
        THOUGHT,
    ),
    "bedrock-reasoning-in-the-content": (
        [(200, said("<reasoning>40 and</reasoning><reasoning> 2.</reasoning>Answer: 42"))],
        THOUGHT,
    ),
    "bedrock-cut-in-its-reasoning": ([(200, said("<reasoning>40 and 2.", "length"))], CUT),
    "qwen3-think-in-the-content": ([(200, said("<think>40 and 2.</think>\n\nAnswer: 42"))], THOUGHT),
    "deepseek-r1-template-opened-think": ([(200, said("40 and 2.\n</think>\n\nAnswer: 42"))], THOUGHT),
    "google-thoughts-in-the-total": (
        [(200, said(GOOD, usage={"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 330}))],
        Row(completion_tokens=320),
    ),
    "xai-reasoning-apart": (
        [
            (
                200,
                said(
                    GOOD,
                    usage={
                        "prompt_tokens": 10,
                        "completion_tokens": 20,
                        "completion_tokens_details": {"reasoning_tokens": 300},
                    },
                ),
            )
        ],
        Row(completion_tokens=320),
    ),
    "openai-reasoning-within": (
        [
            (
                200,
                said(
                    GOOD,
                    usage=USAGE
                    | {"completion_tokens_details": {"reasoning_tokens": 15}, "prompt_tokens_details": None},
                ),
            )
        ],
        Row(),
    ),
    "perplexity-reasoning-beside": (
        [
            (
                200,
                said(GOOD, usage={"prompt_tokens": 10, "completion_tokens": 20, "reasoning_tokens": 300}),
            )
        ],
        Row(completion_tokens=320),
    ),
    "google-no-choices": (
        [(200, {"object": "chat.completion", "model": MODEL, "usage": USAGE})],
        Row(finish=None, verdict=None, reason=None),
    ),
    "gateway-without-usage": ([(200, said(GOOD, usage=None))], Row(completion_tokens=None)),
    "llama.cpp-usage-of-one-of-two": (
        [(200, said(GOOD) | {"choices": [said(GOOD)["choices"][0], said(WRONG_HALF)["choices"][0]]})],
        Row(),
    ),
    "llama.cpp-model-is-a-path": ([(200, said(GOOD) | {"model": "models/the-model-q4.gguf"})], Row()),
    "openai-dated-model": ([(200, said(GOOD) | {"model": "the-model-2026-08-07"})], Row()),
    "google-refusal-in-a-list": (
        [(400, [{"error": {"code": 400, "message": "Unknown name seed", "status": "INVALID_ARGUMENT"}}])],
        REFUSED,
    ),
    "sglang-window": (
        [flat(400, "BadRequest", "Requested token count exceeds the model's maximum context length of 4096 tokens.")],
        REFUSED,
    ),
    "mlx-lm-refusal": ([(400, {"error": "temperature must be at least 0"})], REFUSED),
    "openai-refusal-part": (
        [(200, said([{"type": "refusal", "refusal": "I cannot."}]))],
        Row(verdict="unverified", reason="no_answer"),
    ),
    "gateway-picture": (
        [(200, said([{"type": "image_url", "image_url": {"url": "x"}}]))],
        Row(finish=None, verdict=None, reason=None),
    ),
}
"""What each sends first, and what its row says; whoever is asked again sends a good answer."""


class Endpoint(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [{"id": MODEL}]})

    def do_POST(self) -> None:
        assert isinstance(self.server, Providers)
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = re.findall(r"\[(.*)\]", asked["messages"][-1]["content"])[0]
        bodies, _ = BEHAVIOURS[name]
        turn = 0 if self.server.repeats else self.server.asked[name]
        self.server.asked[name] += 1
        self._send(*(bodies[turn] if turn < len(bodies) else (200, said(GOOD))))

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _send(self, status: int, value: Body) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Providers(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.asked: Counter[str] = Counter()
        self.repeats = False
        """Whether the first thing sent is sent whenever it is asked."""


@contextmanager
def providers() -> Iterator[Providers]:
    with Providers() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


CONFIGURATION = """
[questions]
source = "jsonl"
path = "questions.jsonl"

[teacher]
base_url = "http://127.0.0.1:{port}/v1"
model = "the-model"
usd_per_million_input = 1
usd_per_million_output = 1
"""


class Ran(NamedTuple):
    rows: dict[str, dict[str, Any]]
    """By behaviour."""
    sends: Counter[str]
    out: str
    err: str
    books: dict[str, Any]


Asked = dict[str, str]
"""The text of each question, by the behaviour that it asks for."""


def run_of(questions: Asked, folder: Path, reflectory: Reflectory, server: Providers) -> tuple[int, str, str]:
    """The exit code of a run, and what it writes on its standard output and standard error."""
    lines = [{"question": text, "gold": "42", "kind": "number"} for text in questions.values()]
    (folder / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "run.toml").write_text(CONFIGURATION.format(port=server.server_port))
    run = reflectory("run", "run.toml", "--until", "verify", cwd=folder)
    out, err = run.communicate(timeout=240)
    return run.returncode, out, err


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory) -> Ran:
    folder = tmp_path_factory.mktemp("providers")
    with providers() as server:
        questions = {name: f"What is 40 + 2? [{name}]" for name in BEHAVIOURS}
        code, out, err = run_of(questions, folder, reflectory, server)
        assert code == 0, f"{out}\n{err}"

    rows = asked(
        folder / "data/warehouse",
        "select c.messages[-1].content as asked, c.ended, c.finish_reason, c.usage.completion_tokens as tokens,"
        " c.error, c.model_answered, t.thinking, t.verdict, t.reason, t.evidence, t.text from calls c"
        " left join attempts a using (call_id) left join traces_full t using (attempt_id)",
    )
    [books] = asked(folder / "data/warehouse", "select * from books")
    by_name = {re.findall(r"\[(.*)\]", row["asked"])[0]: row for row in rows}
    return Ran(by_name, server.asked, out, err, books)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_an_answer_is_what_its_provider_means(ran: Ran, name: str) -> None:
    _, expected = BEHAVIOURS[name]
    row = ran.rows[name]
    assert ran.sends[name] == expected.sends
    found = (row["finish_reason"], row["verdict"], row["reason"], row["tokens"])
    assert found == (expected.finish, expected.verdict, expected.reason, expected.completion_tokens)
    assert expected.thinking is None or expected.thinking in row["thinking"]


@pytest.mark.timeout(300)
def test_the_books_hold_whatever_came(ran: Ran) -> None:
    assert ran.books["balanced"] is True
    assert ran.books["planned"] == len(BEHAVIOURS) == len(ran.rows)
    sends = sum(expected.sends for _, expected in BEHAVIOURS.values())
    assert f"calls: sent {sends} = answered" in ran.out
    again = [first for [(_, first), *_], expected in BEHAVIOURS.values() if expected == AGAIN]
    begun = sum(isinstance(first, dict) and bool(first.get("choices")) for first in again)
    assert f" + unknown {begun}" in ran.out, "what had begun may be paid for"


def test_a_refusal_is_told_in_the_endpoint_s_own_words(ran: Ran) -> None:
    assert ran.rows["google-refusal-in-a-list"]["error"] == "refused: HTTP 400: Unknown name seed"
    assert "of image_url" in ran.rows["gateway-picture"]["error"]


def test_a_model_that_answers_by_other_names_is_told(ran: Ran) -> None:
    told = [line for line in ran.err.splitlines() if "answers as" in line]
    assert 2 <= len(told) <= 3, "each name once"
    assert all(line.startswith("reflectory: warning: ") for line in told)


@pytest.mark.timeout(300)
def test_a_run_whose_every_call_is_refused_fails_in_the_endpoint_s_words(
    tmp_path: Path, reflectory: Reflectory
) -> None:
    refused = {str(n): f"What is {n} + 2? [google-refusal-in-a-list]" for n in range(3)}
    with providers() as server:
        server.repeats = True
        code, out, err = run_of(refused, tmp_path, reflectory, server)
    assert code == 1
    *_, last = err.splitlines()
    assert last.startswith("reflectory: the endpoint refused every call (3): refused: HTTP 400: Unknown name seed (3)")
    assert 'Set teacher.omit = ["seed"]' in last
    assert "books: planned 3 = verified 0 + unverified 0 + failed 3 + pending 0" in out
    assert "Traceback" not in err


@pytest.mark.timeout(300)
def test_a_run_that_reads_no_reflection_is_done_and_warns(tmp_path: Path, reflectory: Reflectory) -> None:
    """The known-good control is `ran`, which has one."""
    prose = {str(n): f"What is {n} + 2? [gateway-parts-as-texts]" for n in range(3)}
    with providers() as server:
        server.repeats = True
        code, _, err = run_of(prose, tmp_path, reflectory, server)
    assert code == 0, err
    assert "warning: 0 of 3 answers are well-formed, most others are untagged: try teacher.examples" in err
    assert "warning: no reflection was read in any of 3 traces (3 without thinking, 3 without output" in err


def test_a_run_that_reads_one_does_not_warn_of_none(ran: Ran) -> None:
    assert "no reflection was read" not in ran.err
