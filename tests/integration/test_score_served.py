"""The vLLM protocol against a stub that answers as the server does, with the shipped student's weights."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest
import torch

from flows.cli.files import score
from schemas.errors import Refused
from schemas.student import StudentSettings
from schemas.student_backend import StudentBackend
from tasks.scoring import served, student_server
from tasks.scoring.reading import ReadingRequest
from tasks.scoring.score import ScoredText, score_texts
from tasks.scoring.served import SpotCheckFailed
from tasks.scoring.student import Student
from tasks.scoring.student_server import RESTART_S, WAITS_S, StudentUnavailable

SUBJECTS = [
    ScoredText(
        "plain", "State the final answer: 60 + 93 - 16 =", "", "60 + 93 is 153. 153 - 16 is 137.\n\nAnswer: 137"
    ),
    ScoredText("with input", "Solve for k", "840*k = 10920", "k = 10920 / 840 = 13"),
    ScoredText("one character", "how many 🍎?", "", "s"),
    ScoredText("longer than the window", "count", "", "seven apples and " * 80),
    ScoredText("empty", "count", "", ""),
]
WINDOW = 300


@pytest.fixture(scope="module")
def local() -> Student:
    return Student(StudentSettings(device="cpu", max_length=WINDOW))


class Stub:
    """`/v1/models` and `/v1/completions`. A list of faults is used up, one for each request to the latter."""

    def __init__(self, student: Student) -> None:
        self._model, self._reading = student.model, Lock()
        self.faults: list[int] = []
        self.bend = 1.0
        self.dtype = torch.float32
        self.cached = 0
        self.window = WINDOW + 1
        self.requests: list[dict] = []

    def completions(self, body: dict) -> dict:
        self.requests.append(body)
        assert (body["model"], body["max_tokens"]) == ("practice", 1)
        found = [self._prompt(prompt, body["prompt_logprobs"]) for prompt in body["prompt"]]
        return {"choices": [{"index": n, "text": "x", "prompt_logprobs": p} for n, p in enumerate(found)][::-1]}

    def _prompt(self, prompt: list[int], beside: int) -> list[dict | None]:
        """As vLLM: of each token, and of so many of the likeliest; logits are rounded to the type."""
        assert len(prompt) + 1 <= self.window
        with self._reading, torch.inference_mode():
            logits_TV = self._model(torch.tensor([prompt[:-1]])).logits[0]
        found_TV = logits_TV.to(self.dtype).float().log_softmax(-1) * self.bend
        shown = [
            {str(token): {"logprob": log_probs_V[token].item()} for token in (asked, *likeliest[:beside])}
            for asked, log_probs_V, likeliest in zip(
                prompt[1:], found_TV, found_TV.topk(2).indices.tolist(), strict=True
            )
        ]
        return [None, *[None] * self.cached, *shown[self.cached :]]


@contextmanager
def serving(stub: Stub) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say(200, {"data": [{"id": "practice", "max_model_len": stub.window}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if stub.faults:
                self.say(stub.faults.pop(), {"error": f"planted, for {self.headers['Authorization']}"})
            else:
                self.say(200, stub.completions(body))

        def say(self, status: int, what: dict) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture
def stub(local: Student) -> Iterator[tuple[Stub, str]]:
    made = Stub(local)
    with serving(made) as url:
        yield made, url


def student(url: str, **changes: object) -> Student:
    told = {"backend": "vllm", "base_url": url, "device": "cpu", "max_length": WINDOW, "spot_check": 0.0}
    return Student(StudentSettings(**{**told, **changes}))


def assert_equal(theirs: list, ours: list, tolerance: float) -> None:
    for there, here in zip(theirs, ours, strict=True):
        assert (there.reason, there.rifd_reason, there.truncated) == (here.reason, here.rifd_reason, here.truncated)
        for name in ("ifd", "rifd", "loss_response_conditioned", "loss_instruction_direct"):
            expected = getattr(here, name)
            assert getattr(there, name) == (None if expected is None else pytest.approx(expected, rel=tolerance))


def test_a_server_gives_what_transformers_gives(local: Student, stub: tuple[Stub, str]) -> None:
    theirs = score_texts(student(stub[1]), SUBJECTS)
    ours = score_texts(local, SUBJECTS)
    assert_equal(theirs, ours, 1e-3)
    assert {score.dtype for score in theirs} == {"vllm+float32"}
    assert not {score.score_id for score in theirs} & {score.score_id for score in ours}


def test_equal_sequences_are_sent_once_and_many_in_one_request(stub: tuple[Stub, str]) -> None:
    reader = student(stub[1])
    stub[0].requests.clear()  # that of the check
    score_texts(reader, SUBJECTS[:3] * 4)
    sent = [tuple(prompt) for body in stub[0].requests for prompt in body["prompt"]]
    assert len(sent) == len(set(sent)) <= 3 * 4
    assert len(stub[0].requests) == 1


@pytest.mark.parametrize("bend", [1.0, 1.05])
def test_a_spot_check_sees_another_model(stub: tuple[Stub, str], bend: float) -> None:
    checking = student(stub[1], spot_check=0.5)
    stub[0].bend = bend
    if bend == 1:
        assert len(score_texts(checking, SUBJECTS)) == len(SUBJECTS)
    else:
        with pytest.raises(SpotCheckFailed, match="differ by"):
            score_texts(checking, SUBJECTS)


@pytest.mark.parametrize("share", [0.0, 0.01], ids=["by its logits alone", "beside ours, too"])
@pytest.mark.parametrize(
    ("served_in", "said", "has"),
    [
        (torch.float32, "float32", None),
        (torch.bfloat16, "float32", "a 16-bit type"),
        (torch.float16, "float32", "a 16-bit type"),
        (torch.float32, "bfloat16", "float32"),
        (torch.float32, "float16", "float32"),
        (torch.bfloat16, "bfloat16", None),
        (torch.float16, "float16", None),
    ],
)
def test_a_server_of_another_type_is_refused_before_it_scores(stub, served_in, said, has, share) -> None:
    stub[0].dtype = served_in
    if has is None:
        assert student(stub[1], dtype=said, spot_check=share).identity.dtype == f"vllm+{said}"
        return
    with pytest.raises(Refused, match=rf"student\.dtype: got '{said}', but the server's logits are of {has}"):
        student(stub[1], dtype=said, spot_check=share)
    assert len(stub[0].requests) == 1


def test_a_server_with_other_weights_is_refused_before_it_scores(stub: tuple[Stub, str]) -> None:
    stub[0].bend = 1.05
    with pytest.raises(Refused, match="vLLM and transformers differ by"):
        student(stub[1], spot_check=0.01)
    student(stub[1], spot_check=0.0)  # the control: nothing of ours to compare it with


@pytest.mark.parametrize("asked", [None, WINDOW - 10])
def test_the_window_is_one_token_less_than_the_servers(stub: tuple[Stub, str], asked: int | None) -> None:
    assert student(stub[1], max_length=asked).identity.max_length == (asked or WINDOW)


def test_the_share_that_is_checked_follows_from_the_texts_alone() -> None:
    readings = [ReadingRequest((0,), (n,), ((1, n),)) for n in range(4000)]
    drawn = [served._drawn(reading) < 0.01 for reading in readings]
    assert drawn == [served._drawn(reading) < 0.01 for reading in readings]
    assert 20 < sum(drawn) < 60


@pytest.mark.parametrize(
    ("fault", "raised", "named"),
    [
        ({"faults": [500]}, None, ""),
        ({"faults": [500] * (len(WAITS_S + RESTART_S) + 1)}, StudentUnavailable, "HTTP 500"),
        ({"faults": [400]}, Refused, "refuses /completions .HTTP 400.*planted"),
        ({"cached": 16}, StudentUnavailable, "prefix cache"),
    ],
    ids=["a moment's trouble", "trouble", "a refusal", "a prefix cache"],
)
def test_what_a_server_does_wrong_is_named(stub, monkeypatch, fault, raised, named) -> None:
    monkeypatch.setattr(student_server, "sleep", partial(asyncio.sleep, 0))
    reader = student(stub[1])
    for name, value in fault.items():
        setattr(stub[0], name, list(value) if isinstance(value, list) else value)
    if raised is None:
        assert score_texts(reader, SUBJECTS[:1])[0].ifd is not None
    else:
        with pytest.raises(raised, match=named):
            score_texts(reader, SUBJECTS[:1])


def test_the_key_is_sent_and_shown_nowhere(stub: tuple[Stub, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDENT_KEY", "sk-of-a-student\n")
    reader = student(stub[1], api_key="env:STUDENT_KEY")
    stub[0].faults = [403]
    with pytest.raises(Refused, match=r"HTTP 403: .*planted, for Bearer \*\*\*"):
        score_texts(reader, SUBJECTS[:1])
    monkeypatch.setenv("STUDENT_KEY", "sk-of\na-student")
    with pytest.raises(Refused, match="env:STUDENT_KEY holds characters that no HTTP header can carry"):
        student(stub[1], api_key="env:STUDENT_KEY")


def test_the_event_loop_of_a_notebook_is_not_in_the_way(stub: tuple[Stub, str]) -> None:
    async def cell() -> list:
        return score_texts(student(stub[1]), SUBJECTS[:1])

    assert asyncio.run(cell())[0].ifd is not None


def test_a_server_that_nobody_runs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student_server, "sleep", partial(asyncio.sleep, 0))
    told = r"no answer from /models of http://127.0.0.1:9/v1 in 4 tries \(unreachable: .*make vllm MODEL="
    for max_length in (None, 100):
        with pytest.raises(Refused, match=told):
            student("http://127.0.0.1:9/v1", max_length=max_length)


def test_a_server_that_does_not_fit_is_refused_before_anything_is_sent(stub: tuple[Stub, str]) -> None:
    with pytest.raises(Refused, match=r"student\.served_as: got 'mine'; the server has practice"):
        student(stub[1], served_as="mine")
    with pytest.raises(Refused, match=r"student\.max_length: 301 tokens; the server has room for 300"):
        student(stub[1], max_length=WINDOW + 1)


@pytest.mark.skipif(
    "REFLECTORY_VLLM" not in os.environ,
    reason="set REFLECTORY_VLLM to a server's URL and REFLECTORY_VLLM_MODEL to the folder of the model it serves",
)
def test_a_real_server_gives_what_transformers_gives() -> None:
    model = os.environ["REFLECTORY_VLLM_MODEL"]
    told = {"backend": "vllm", "base_url": os.environ["REFLECTORY_VLLM"], "model": model, "max_length": WINDOW}
    there = Student(StudentSettings(**told, served_as=os.environ.get("REFLECTORY_VLLM_NAME"), spot_check=1.0))
    here = Student(StudentSettings(model=model, max_length=WINDOW))
    assert_equal(score_texts(there, SUBJECTS), score_texts(here, SUBJECTS), 1e-3)


@pytest.mark.parametrize(("dtype", "refused"), [("float32", False), ("bfloat16", True)])
def test_the_command_scores_by_a_server(stub: tuple[Stub, str], tmp_path: Path, dtype: str, refused: bool) -> None:
    row = {"id": 1, "instruction": SUBJECTS[0].instruction, "response": SUBJECTS[0].response}
    (tmp_path / "in.jsonl").write_text(json.dumps(row), "utf-8")
    out = tmp_path / "out.jsonl"
    sets = [f"student.dtype={dtype}", "student.spot_check=0"]
    told = {"student": "practice", "template": "plain", "base_url": stub[1], "set_": sets}
    if refused:
        with pytest.raises(Refused, match="logits are of float32") as error:
            score(tmp_path / "in.jsonl", out=out, backend=StudentBackend.VLLM, **told)
        assert error.value.exit_code == 2
        assert not out.exists()
        return
    score(tmp_path / "in.jsonl", out=out, backend=StudentBackend.VLLM, **told)
    assert json.loads(out.read_text("utf-8"))["ifd"] is not None
