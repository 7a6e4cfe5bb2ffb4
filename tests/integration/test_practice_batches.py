"""The practice teacher's batch API, as the official client and a curious user meet it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types import Batch

from tasks.practice.behaviour import reply
from tasks.practice.process import PracticeTeacher

QUESTION = "State the final answer to the following arithmetic problem: {} + 467 - 914 + 807 ="


def body(n: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": QUESTION.format(n)}]
    return {"model": "practice", "messages": messages, "temperature": 0.7, "seed": 3}


def line(custom_id: object, asked: object, **changed: object) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": asked} | changed


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    faults = tmp_path_factory.mktemp("faults") / "faults.toml"
    faults.write_text("[batches]\nseconds_per_line = 0.1\nmost_queued = 60\n")
    with PracticeTeacher(faults=faults) as teacher:
        yield openai.OpenAI(base_url=teacher.base_url, api_key="none", max_retries=0)


def create(client: openai.OpenAI, *lines: Any, **changed: Any) -> Batch:
    content = b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines)
    file = client.files.create(file=("in.jsonl", content), purpose="batch")
    assert (file.bytes, file.purpose, file.status) == (len(content), "batch", "processed")
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).content == content
    given: dict[str, Any] = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return client.batches.create(input_file_id=file.id, **(given | changed))


def ended(client: openai.OpenAI, batch: Batch) -> Batch:
    deadline = time.monotonic() + 120
    while batch.status in ("validating", "in_progress", "finalizing", "cancelling") and time.monotonic() < deadline:
        time.sleep(0.02)
        batch = client.batches.retrieve(batch.id)
    return batch


def lines_of(client: openai.OpenAI, file_id: str | None) -> dict[str, Any]:
    assert file_id
    return {(one := json.loads(text))["custom_id"]: one for text in client.files.content(file_id).text.splitlines()}


def test_a_batch_from_upload_to_download(client: openai.OpenAI) -> None:
    asked = {f"call {n}": body(n) for n in range(20)}
    wrong = line("wrong", {"model": "practice", "messages": []})
    batch = create(client, wrong, *(line(name, one) for name, one in asked.items()), metadata={"of": "a test"})
    assert batch.status == "validating"
    assert batch.metadata == {"of": "a test"}
    batch = ended(client, batch)
    assert batch.status == "completed"
    assert batch.request_counts
    assert batch.request_counts.model_dump() == {"total": 21, "completed": 20, "failed": 1}
    assert batch.created_at <= (batch.in_progress_at or 0) <= (batch.completed_at or 0) <= (batch.expires_at or 0)
    answers = lines_of(client, batch.output_file_id)
    assert list(answers) != list(asked), "in an order of its own"
    for name, one in asked.items():
        assert answers[name]["error"] is None
        assert answers[name]["response"]["status_code"] == 200
        assert answers[name]["response"]["body"] == reply(one).body
    [refused] = lines_of(client, batch.error_file_id).values()
    assert refused["response"]["status_code"] == 400
    assert "messages" in refused["response"]["body"]["error"]["message"]


@pytest.mark.parametrize(
    ("lines", "code", "number"),
    [
        ([], "invalid_file", None),
        ([line("a", body(1)), b"{\n"], "invalid_json_line", 2),
        ([line("a", body(1)), line("a", body(2))], "invalid_custom_id", 2),
        ([line(7, body(1))], "invalid_custom_id", 1),
        ([line("a", "text")], "invalid_request", 1),
        ([line("a", body(1), url="/v1/embeddings")], "invalid_request", 1),
        ([line("a", body(1), method="GET")], "invalid_request", 1),
        ([line(f"{n}", body(n)) for n in range(61)], "token_limit_exceeded", None),
    ],
)
def test_a_file_that_is_wrong_fails_as_a_whole(client: openai.OpenAI, lines: Any, code: str, number: int) -> None:
    batch = ended(client, create(client, *lines))
    assert batch.status == "failed"
    assert batch.errors
    assert batch.errors.data
    assert (batch.errors.data[0].code, batch.errors.data[0].line) == (code, number)
    assert batch.output_file_id is None
    assert batch.error_file_id is None


def test_a_cancelled_batch_gives_what_it_has(client: openai.OpenAI) -> None:
    batch = create(client, *(line(f"{n}", body(n)) for n in range(50)))
    while not (counts := client.batches.retrieve(batch.id).request_counts) or not counts.completed:
        time.sleep(0.02)
    assert client.batches.cancel(batch.id).status == "cancelling"
    batch = ended(client, batch)
    assert batch.status == "cancelled"
    done, left = lines_of(client, batch.output_file_id), lines_of(client, batch.error_file_id)
    assert len(done) + len(left) == 50
    assert {one["error"]["code"] for one in left.values()} == {"batch_cancelled"}
    with pytest.raises(openai.ConflictError):
        client.batches.cancel(batch.id)


def test_all_batches_are_listed_the_newest_first(client: openai.OpenAI) -> None:
    made = [create(client, line("a", body(1))).id for _ in range(5)]
    listed = [batch.id for batch in client.batches.list(limit=2)]
    assert listed[:5] == made[::-1]
    assert len(listed) == len(set(listed))
    with pytest.raises(openai.BadRequestError):
        client.batches.list(after="nobody")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"input_file_id": "file-none"}, "input_file_id"),
        ({"endpoint": "/v1/embeddings"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {f"{n}": "" for n in range(17)}}, "metadata"),
    ],
)
def test_what_cannot_be_created(client: openai.OpenAI, changed: Any, refusal: str) -> None:
    given = {"input_file_id": "file-0", "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    client.files.create(file=("in.jsonl", b"{}"), purpose="batch")
    with pytest.raises(openai.BadRequestError, match=refusal):
        client.batches.create(**(given | changed))


def test_what_is_not_there(client: openai.OpenAI) -> None:
    for lookup in (client.batches.retrieve, client.batches.cancel, client.files.retrieve, client.files.content):
        with pytest.raises(openai.NotFoundError):
            lookup("none")
    with pytest.raises(openai.BadRequestError, match="purpose"):
        client.files.create(file=("in.jsonl", b"{}"), purpose="vision")


def test_the_key_is_asked_for_here_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRACTICE_KEY", "sk-practice")
    with PracticeTeacher(api_key_env="PRACTICE_KEY") as teacher:
        with (
            openai.OpenAI(base_url=teacher.base_url, api_key="sk-wrong", max_retries=0) as wrong,
            pytest.raises(openai.AuthenticationError),
        ):
            wrong.batches.list()
        with openai.OpenAI(base_url=teacher.base_url, api_key="sk-practice", max_retries=0) as right:
            assert list(right.batches.list()) == []
