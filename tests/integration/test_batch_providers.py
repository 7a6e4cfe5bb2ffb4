"""Batches in the words of those who offer them: wrapped objects, other names of states, files that come late."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from schemas.errors import TeacherUnavailable
from schemas.teacher import TeacherSettings
from tasks.asking.batch_client import BatchWire
from tasks.asking.endpoint import TeacherAddress
from tests.integration.batching import Door, asks, cut_after, ledger, life, says, teacher, with_batches

AZURE_PENDING = says(
    400,
    '{"error": {"code": "invalidPayload", "message": "The input file \'file-0\' is in \'pending\' state. Only files'
    " with status 'Processed' are accepted for batch inferencing. Please check the file status and try again\"}}",
)


def upper(batch: dict[str, Any]) -> dict[str, Any]:
    """Together's, without counts, and Novita's."""
    named = {name: batch[name] for name in ("id", "endpoint", "input_file_id", "output_file_id", "error_file_id")}
    return named | {"status": batch["status"].upper(), "progress": 75, "model_id": "m"}


def empty_ids(batch: dict[str, Any]) -> dict[str, Any]:
    """OpenAI's and Azure's of a file that there is none of."""
    return batch | {name: batch[name] or "" for name in ("output_file_id", "error_file_id")}


DIALECTS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "Together": {
        "create": lambda batch: {"job": upper(batch), "warning": ""},
        "poll": upper,
        "list": lambda page: [upper(batch) for batch in page["data"]],
    },
    "SiliconFlow": {
        "upload": lambda file: {"code": 20000, "message": "Ok", "status": True, "data": file},
        "create": lambda batch: batch | {"status": "in_queue", "request_counts": None},
    },
    "Novita": {"poll": lambda batch: upper(batch) | {"errors": "", "version": 3}},
    "Azure": {"poll": empty_ids},
    "of one l": {"poll": lambda batch: batch | {"status": batch["status"].replace("completed", "canceled")}},
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("interrupted", [False, True])
def test_each_dialect_is_understood(tmp_path: Path, name: str, interrupted: bool) -> None:
    """With a creation whose answer is lost, too: the batch is then found in the list."""
    requests = asks(20)

    async def scenario(door: Door) -> None:
        door.spoken = DIALECTS[name]
        door.breaks["create"] = [cut_after] if interrupted else []
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 20
        assert (await door.counted("/counters/batches"))["batches"] == 1

    with_batches(scenario)


async def moved(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A server of Go answers a path with two slashes so."""
    return web.Response(status=301, headers={"Location": request.path.replace("//", "/")})


def test_an_empty_file_id_is_no_file(tmp_path: Path) -> None:
    """`/files//content` is a redirect to some servers, and was the end of a run that had all its answers."""

    async def scenario(door: Door) -> None:
        door.spoken = DIALECTS["Azure"]

        async def at_step(step: str, _: int) -> None:
            if step == "content" and door.steps["content"] > 1:
                door.breaks["content"] = [moved]

        door.at_step = at_step
        assert all(outcome.call for outcome in await life(door, tmp_path, asks(5)))
        assert door.steps["content"] == 1

    with_batches(scenario)


def test_a_file_that_is_taken_in_is_waited_for(tmp_path: Path) -> None:
    """Azure refuses a batch of a file that is `pending`, as it is for some seconds after its upload."""
    requests = asks(5)

    async def scenario(door: Door) -> None:
        states = iter(["pending", "running"])
        door.spoken["file"] = lambda file: file | {"status": next(states)}
        door.breaks["create"] = [AZURE_PENDING, AZURE_PENDING]
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert (door.steps["create"], door.steps["file"]) == (3, 2)
        assert ledger(tmp_path, requests) == (5, 5, 0, 0)

    with_batches(scenario)


@pytest.mark.parametrize("state", ["processed", "error", "pending"])
def test_a_refusal_that_is_not_the_files_ends_the_run(tmp_path: Path, state: str) -> None:
    """At once, or where the file stays as it is once the patience is over."""
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.spoken["file"] = lambda file: file | {"status": state}
        door.breaks["create"] = [AZURE_PENDING] * 100
        with pytest.raises(TeacherUnavailable, match="Only files with status"):
            await life(door, tmp_path, requests, patience_s=0.2)
        assert (door.steps["create"] > 1) == (state == "pending")
        assert ledger(tmp_path, requests) == (5, 0, 5, 0)

    with_batches(scenario)


def test_a_state_of_an_unknown_name_is_told_and_waited_for(tmp_path: Path) -> None:
    """It was waited for in silence, for ever where it ends a batch. The control: the known names."""
    named = ("VALIDATING", "in_queue", "PROGRESS", "canceling", "finalizing", "Paused", "", None, "paused", "completed")

    async def scenario(door: Door) -> None:
        states = iter(named)

        def named_so(batch: dict[str, Any]) -> dict[str, Any]:
            return batch | {"status": next(states)} if batch["status"] == "completed" else batch

        door.spoken["poll"] = named_so
        door.breaks["poll"] = [says(404)]
        asked = teacher(door, tmp_path)
        assert all(outcome.call for outcome in await asked.answer(asks(5)))
        assert (await asked.state()).unknown == {"paused": "batch_0", "": "batch_0", "none": "batch_0"}
        await asked.close()
        assert next(states, None) is None

    with_batches(scenario)


def test_a_batch_just_created_may_not_be_known_yet(tmp_path: Path) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["poll"] = [says(404), says(404)]
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 5

    with_batches(scenario)


def test_one_that_never_becomes_known_ends_the_run(tmp_path: Path) -> None:
    requests = asks(5)

    async def scenario(door: Door) -> None:
        door.breaks["poll"] = [says(404)] * 100
        with pytest.raises(TeacherUnavailable, match="is not known there"):
            await life(door, tmp_path, requests, patience_s=0.2)
        assert ledger(tmp_path, requests) == (5, 0, 0, 5)
        door.breaks["poll"] = [says(404)]
        with pytest.raises(TeacherUnavailable, match="is not known there"):  # it may be of another key
            await life(door, tmp_path, requests)

    with_batches(scenario)


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled"])
def test_a_file_that_comes_late_is_waited_for(tmp_path: Path, status: str) -> None:
    """What is in it is paid for."""
    requests = asks(20)

    async def scenario(door: Door) -> None:
        door.spoken["poll"] = lambda batch: batch | {"status": batch["status"].replace("completed", status)}
        door.breaks["content"] = [says(404)] * 4
        assert all(outcome.call for outcome in await life(door, tmp_path, requests))
        assert await door.paid() == [1] * 20

    with_batches(scenario)


def test_a_file_named_late_is_waited_for(tmp_path: Path) -> None:
    async def scenario(door: Door) -> None:
        polls = iter([{"output_file_id": None}])

        def late(batch: dict[str, Any]) -> dict[str, Any]:
            return batch | next(polls, {}) | {"status": "expired"} if batch["status"] == "completed" else batch

        door.spoken["poll"] = late
        assert all(outcome.call for outcome in await life(door, tmp_path, asks(5)))

    with_batches(scenario)


def test_a_file_that_lies_elsewhere_is_fetched_without_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A presigned address in a store: what a key is sent to as well, it answers with 400."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-ours")

    async def scenario(door: Door) -> None:
        seen: list[tuple[str, dict[str, str]]] = []

        async def elsewhere(request: web.Request, handler: Handler) -> web.StreamResponse:
            whole = await handler(request)
            assert isinstance(whole, web.Response)

            async def store(asked: web.BaseRequest) -> web.Response:
                seen.append((asked.raw_path, dict(asked.headers)))
                return web.Response(body=whole.body)

            server = web.ServerRunner(web.Server(store))
            await server.setup()
            site = web.TCPSite(server, "127.0.0.1", 0)
            await site.start()
            runners.append(server)
            place = f"http://127.0.0.1:{server.addresses[0][1]}/a%2Fb?X-Amz-Signature=x%2By%2F%3D"
            return web.Response(status=302, headers={"Location": place})

        runners: list[web.ServerRunner] = []
        door.breaks["content"] = [elsewhere]
        assert all(outcome.call for outcome in await life(door, tmp_path, asks(5)))
        [(path, headers)] = seen
        assert path == "/a%2Fb?X-Amz-Signature=x%2By%2F%3D"
        assert not {"Authorization", "OpenAI-Organization", "api-key"} & headers.keys()
        for runner in runners:
            await runner.cleanup()

    with_batches(scenario)


@pytest.mark.parametrize("place", ["", "ftp://elsewhere.test/x", "//[", "LOOP"])
def test_a_redirect_that_leads_nowhere_is_told(tmp_path: Path, place: str) -> None:
    async def scenario(door: Door) -> None:
        to = f"{door.base_url}/files/file-1/content" if place == "LOOP" else place
        door.breaks["content"] = [says(302, Location=to)] * 20
        with pytest.raises(TeacherUnavailable, match="redirected"):
            await life(door, tmp_path, asks(5))
        door.breaks["content"] = []
        assert all(outcome.call for outcome in await life(door, tmp_path, asks(5)))

    with_batches(scenario)


@pytest.mark.parametrize("errors", ["too many lines", ["too many lines"], {"data": [{"message": "too many lines"}]}])
@pytest.mark.parametrize("name", ["errors", "error"])
def test_why_a_batch_has_failed_is_told_in_each_form(tmp_path: Path, name: str, errors: object) -> None:
    async def scenario(door: Door) -> None:
        door.spoken["poll"] = lambda batch: batch | {"status": "FAILED", "output_file_id": None, name: errors}
        [outcome] = await life(door, tmp_path, asks(1), tries=1)
        assert outcome.pending == "not_run: batch batch_0: too many lines"

    with_batches(scenario)


@pytest.mark.parametrize("host", ["api.together.xyz", "api.together.ai"])
def test_together_has_its_uploads_elsewhere(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, dict[str, object]]] = []

    async def upload(request: web.Request) -> web.Response:
        form = await request.post()
        seen.append((request.path, {name: form[name] for name in form if name != "file"}))
        return web.json_response({"id": "file-1", "purpose": "batch-api", "Processed": True})

    async def scenario() -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", upload)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://{host}:{runner.addresses[0][1]}/v1"
        wire = BatchWire(TeacherSettings(model="m", base_url=base), TeacherAddress(base))
        monkeypatch.setattr(wire._http, "_base_url", base.replace(host, "127.0.0.1"))
        assert (await wire.upload("b.jsonl", b"{}\n"))["id"] == "file-1"
        await wire.close()
        await runner.cleanup()

    asyncio.run(scenario())
    assert seen == [("/v1/files/upload", {"purpose": "batch-api", "file_name": "b.jsonl"})]
