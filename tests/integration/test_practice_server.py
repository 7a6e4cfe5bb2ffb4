"""The practice teacher over loopback, as the official client and the factory meet it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from schemas.errors import TeacherUnavailable
from schemas.teacher import Preset
from tasks.practice import endpoint
from tasks.practice.behaviour import reply
from tasks.practice.process import PracticeTeacher
from tasks.practice.rates import PRESETS

ROOT = Path(__file__).parents[2]
QUESTION = "State the final answer to the following arithmetic problem: 859 + 467 - 914 + 807 ="
MESSAGES: list[Any] = [{"role": "user", "content": QUESTION}]
MODELS = ["practice", "practice-weak", "practice-student", "practice-reasoner", "practice-judge"]


@pytest.fixture(scope="module")
def teacher() -> Iterator[PracticeTeacher]:
    with PracticeTeacher() as teacher:
        yield teacher


@pytest.fixture
def client(teacher: PracticeTeacher) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=teacher.base_url, api_key="none", max_retries=0) as client:
        yield client


def get(teacher: PracticeTeacher, path: str) -> Any:
    with urllib.request.urlopen(teacher.base_url.removesuffix("/v1") + path) as response:
        return json.load(response)


def post(teacher: PracticeTeacher, body: bytes, path: str = "/chat/completions") -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(teacher.base_url + path, data=body)) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ends_within(seconds: float, port: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and listens(port):
        time.sleep(0.05)
    return not listens(port)


def port_of(teacher: PracticeTeacher) -> int:
    return int(teacher.base_url.split(":")[2].removesuffix("/v1"))


# --- the protocol ----------------------------------------------------------------------------------------------


def test_a_completion_is_what_the_pure_function_says(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(model="practice", messages=MESSAGES, temperature=0.7, seed=3)
    asked = {"model": "practice", "messages": MESSAGES, "temperature": 0.7, "seed": 3}
    expected = reply(asked).body
    assert made.choices[0].message.content == expected["choices"][0]["message"]["content"]
    assert made.id == expected["id"]
    assert made.object == "chat.completion"
    assert made.usage is not None
    assert made.usage.model_dump(exclude_unset=True) == expected["usage"]


def test_n_stop_and_limit(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(model="practice", messages=MESSAGES, n=3, stop=["</thinking>"])
    assert len({choice.message.content for choice in made.choices}) == 3
    assert not any("</thinking>" in str(choice.message.content) for choice in made.choices)
    made = client.chat.completions.create(model="practice", messages=MESSAGES, max_completion_tokens=5)
    assert made.choices[0].finish_reason == "length"


def test_a_stream_says_what_the_completion_says(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "practice", "messages": MESSAGES, "n": 2, "seed": 3, "stop": ["</output>"]}
    whole = client.chat.completions.create(**asked)
    texts, ends, usages = ["", ""], {}, []
    for chunk in client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}):
        assert (chunk.id, chunk.object, chunk.model) == (whole.id, "chat.completion.chunk", "practice")
        usages.append(chunk.usage)
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            ends[choice.index] = choice.finish_reason
    assert texts == [choice.message.content for choice in whole.choices]
    assert ends == {choice.index: choice.finish_reason for choice in whole.choices}
    assert usages[-1] == whole.usage
    assert set(usages[:-1]) == {None}
    plain = list(client.chat.completions.create(**asked, stream=True))
    assert [chunk.usage for chunk in plain] == [None] * (len(usages) - 1)


def test_the_clients_own_accumulator_takes_the_stream(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="practice", messages=MESSAGES, seed=5, max_tokens=40)
    with client.chat.completions.stream(model="practice", messages=MESSAGES, seed=5, max_tokens=40) as stream:
        for _ in stream:
            pass
        snapshot = stream.current_completion_snapshot
    assert snapshot.choices[0].message.content == whole.choices[0].message.content
    assert snapshot.choices[0].finish_reason == "length"


def test_a_stream_that_nobody_reads_to_its_end_harms_no_other(teacher: PracticeTeacher, client: openai.OpenAI) -> None:
    """Found while writing: each one that was left ended in a 500 and a traceback."""
    for _ in range(3):
        with client.chat.completions.create(model="practice", messages=MESSAGES, n=100, stream=True) as stream:
            assert next(iter(stream)).choices
    deadline = time.monotonic() + 60
    while get(teacher, "/counters")["in_flight"] and time.monotonic() < deadline:
        time.sleep(0.05)
    counters = get(teacher, "/counters")
    assert counters["in_flight"] == 0
    assert "500" not in counters["by_status"]
    assert client.chat.completions.create(model="practice", messages=MESSAGES).choices


def test_seeds_decide(client: openai.OpenAI) -> None:
    def ask(seed: int) -> str | None:
        made = client.chat.completions.create(model="practice", messages=MESSAGES, seed=seed)
        return made.choices[0].message.content

    assert ask(1) == ask(1)
    assert len({ask(seed) for seed in range(5)}) == 5


def test_models_health_and_name(client: openai.OpenAI, teacher: PracticeTeacher) -> None:
    assert [model.id for model in client.models.list()] == MODELS
    assert client.models.retrieve("practice-judge").id == "practice-judge"
    assert get(teacher, "/health") == {"status": "ok", "endpoint": endpoint(Preset.MILD)}
    assert teacher.endpoint == endpoint(Preset.MILD)


def test_each_model_answers_in_its_own_way(client: openai.OpenAI) -> None:
    def ask(model: str, content: str) -> str:
        made = client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}], seed=1)
        assert made.model == model
        return str(made.choices[0].message.content)

    assert ask("practice", QUESTION) != ask("practice-weak", QUESTION)
    judged = f"<question>{QUESTION}</question><answer>1219</answer>"
    assert ask("practice-judge", judged).endswith("\nVerdict: correct")
    assert ask("practice-judge", judged.replace("1219", "1218")).endswith("\nVerdict: incorrect")


def test_errors_are_the_clients_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="gpt-7"):
        client.chat.completions.create(model="gpt-7", messages=MESSAGES)
    with pytest.raises(openai.BadRequestError, match="temperature"):
        client.chat.completions.create(model="practice", messages=MESSAGES, temperature=5)
    with pytest.raises(openai.NotFoundError, match="gpt-7"):
        client.models.retrieve("gpt-7")
    with pytest.raises(openai.BadRequestError, match="temperature"):
        client.chat.completions.create(model="practice", messages=MESSAGES, temperature=5, stream=True)


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        (b"{", "/chat/completions", 400),
        (b"\xff\xfe", "/chat/completions", 400),
        (b"[]", "/chat/completions", 400),
        (b"{}", "/completions", 404),
        (b"[" * 100_000, "/chat/completions", 400),
    ],
)
def test_a_body_that_is_no_request(teacher: PracticeTeacher, body: bytes, path: str, status: int) -> None:
    assert (answer := post(teacher, body, path))[0] == status
    assert answer[1]["error"]["message"]


def test_a_wrong_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTICE_KEY", "sesame")
    with PracticeTeacher(api_key_env="PRACTICE_KEY") as teacher:
        for key in ("wrong", "sesame2"):
            with openai.OpenAI(base_url=teacher.base_url, api_key=key, max_retries=0) as client:
                with pytest.raises(openai.AuthenticationError):
                    client.models.list()
                with pytest.raises(openai.AuthenticationError):
                    client.chat.completions.create(model="practice", messages=MESSAGES)
        with openai.OpenAI(base_url=teacher.base_url, api_key="sesame", max_retries=0) as client:
            assert client.models.list().data  # control
        odd = urllib.request.Request(f"{teacher.base_url}/models", headers={"Authorization": "Bearer \xff"})
        with pytest.raises(urllib.error.HTTPError, match="401"):  # bytes that are no UTF-8 once ended in a 500
            urllib.request.urlopen(odd)
        assert get(teacher, "/health")["status"] == "ok"


# --- timing ----------------------------------------------------------------------------------------------------


async def ask_all(teacher: PracticeTeacher, seeds: list[int]) -> dict[int, str]:
    async with openai.AsyncOpenAI(base_url=teacher.base_url, api_key="none", max_retries=0) as client:

        async def ask(seed: int) -> tuple[int, str]:
            made = await client.chat.completions.with_raw_response.create(
                model="practice", messages=MESSAGES, seed=seed
            )
            return seed, made.text

        return dict(await asyncio.gather(*map(ask, seeds)))


def test_timing_and_order_change_no_byte(teacher: PracticeTeacher) -> None:
    seeds = list(range(40))
    with PracticeTeacher(latency_s=0.05) as slow:
        assert asyncio.run(ask_all(teacher, seeds)) == asyncio.run(ask_all(slow, seeds[::-1]))
        assert get(slow, "/counters")["in_flight_max"] > 1, "each waits for itself alone"


def test_counters_tell_what_was_asked() -> None:
    with PracticeTeacher() as teacher:
        good = json.dumps({"model": "practice", "messages": MESSAGES}).encode()
        for body in (good, good, b"{"):
            post(teacher, body)
        get(teacher, "/health")
        assert get(teacher, "/counters") == {
            "received": 3,
            "answered": 3,
            "in_flight": 0,
            "in_flight_max": 1,
            "by_status": {"200": 2, "400": 1},
            "distinct": 1,
            "faults": {},
        }


# --- the process -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_it_serves_its_preset_and_ends_with_its_block(preset: Preset) -> None:
    with PracticeTeacher(preset) as teacher:
        port = port_of(teacher)
        assert get(teacher, "/health")["endpoint"] == teacher.endpoint == endpoint(preset)
        expected = reply({"model": "practice", "messages": MESSAGES}, PRESETS[preset]).body
        assert post(teacher, json.dumps({"model": "practice", "messages": MESSAGES}).encode()) == (200, expected)
    assert ends_within(60, port)


def test_it_ends_with_a_killed_driver() -> None:
    """Also when the driver has no chance to say so, and whatever the signal did to its other children."""
    driver = textwrap.dedent("""
        import time
        from tasks.practice.process import PracticeTeacher
        with PracticeTeacher() as teacher:
            print(teacher.base_url, flush=True)
            time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", driver], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        port = int(process.stdout.readline().decode().split(":")[2].removesuffix("/v1\n"))
        assert listens(port)
        process.send_signal(signal.SIGKILL)
    assert ends_within(60, port)


def test_a_server_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(TeacherUnavailable, match="status 2"), PracticeTeacher(api_key_env="NO_SUCH_KEY"):
        pass


def test_it_never_sees_a_gold(tmp_path: Path) -> None:
    """A reasoning_gym that tells when it is imported: the server answers without, and could not if it wanted."""
    touched = tmp_path / "touched"
    (tmp_path / "reasoning_gym.py").write_text(f"open({str(touched)!r}, 'w').close()\n")
    path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}

    def run(code: str) -> int:
        return subprocess.run([sys.executable, "-c", code], env=path, stderr=subprocess.DEVNULL).returncode

    serve = [sys.executable, "-m", "tasks.practice", "--until-stdin-closes"]
    with subprocess.Popen(serve, env=path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        url = json.loads(process.stdout.readline())["base_url"]
        with openai.OpenAI(base_url=url, api_key="none") as client:
            made = client.chat.completions.create(model="practice", messages=MESSAGES)
        assert made.choices[0].message.content
        process.communicate()
    blocked = "from tasks.practice.__main__ import block_golds; block_golds(); import reasoning_gym"
    assert run(blocked) == 1
    assert not touched.exists()
    assert run("import tasks.practice.__main__; import reasoning_gym") == 0  # control
    assert touched.exists()
