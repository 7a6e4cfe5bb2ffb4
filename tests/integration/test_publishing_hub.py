"""A release is pushed to a hub: a stub of its own that speaks the part of the protocol that a push needs."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ReflectoryError
from tasks.proving.experiment import EXPERIMENTS
from tasks.publishing.hub import Hub

TOKEN = "hf_planted_0123456789"


class HubStub(BaseHTTPRequestHandler):
    """Remembers what was asked; says 403 to every other token."""

    asked: list[tuple[str, str]]
    files: dict[str, bytes]
    tags: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(("POST", self.path))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._say(403, {"error": "no such token"})
        if self.path.endswith("/repos/create"):
            assert json.loads(body)["visibility"] == "private"
            return self._say(200, {"url": f"{self._home()}/datasets/me/traces", "name": "me/traces"})
        if "/preupload/" in self.path:
            named = [{"path": f["path"], "uploadMode": "regular"} for f in json.loads(body)["files"]]
            return self._say(200, {"files": [{**file, "shouldIgnore": False} for file in named]})
        if "/commit/" in self.path:
            self._commit([json.loads(line) for line in body.splitlines()])
            return self._say(
                200,
                {"success": True, "commitOid": "0" * 40, "commitUrl": f"{self._home()}/datasets/me/traces/commit/0"},
            )
        if self.path.endswith("/validate-yaml"):
            return self._say(200, {"errors": [], "warnings": []})
        assert "/tag/" in self.path
        self.tags.append(json.loads(body)["tag"])
        return self._say(200, {})

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path))
        tree = [{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in self.files]
        info = {"id": "me/traces", "sha": "1" * 40, "siblings": [{"rfilename": name} for name in self.files]}
        self._say(200, tree if "/tree/" in self.path else info)

    def _home(self) -> str:
        return f"http://{self.headers['Host']}"

    def _commit(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del self.files[value["path"]]

    def _say(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def hub() -> Iterator[tuple[type[HubStub], str]]:
    stub = type("Stub", (HubStub,), {"asked": [], "files": {"old.parquet": b"old"}, "tags": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), stub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield stub, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# demo\n")
    (tmp_path / "chat.parquet").write_bytes(b"PAR1")
    (tmp_path / "tokenizer" / "tokenizer.json").write_text("{}")
    (tmp_path / EXPERIMENTS / "e" / "rows").mkdir(parents=True)
    (tmp_path / EXPERIMENTS / "e" / "rows" / "all.jsonl").write_text("dropped")
    return tmp_path


def test_the_repository_becomes_the_release_and_is_tagged(hub: tuple[type[HubStub], str], folder: Path) -> None:
    stub, endpoint = hub
    where = Hub(TOKEN, endpoint).push(folder, "me/traces", "demo", "abc")
    assert where == f"{endpoint}/datasets/me/traces/commit/0"
    assert {name: stub.files[name] for name in ("chat.parquet", "tokenizer/tokenizer.json")} == {
        "chat.parquet": b"PAR1",
        "tokenizer/tokenizer.json": b"{}",
    }
    assert not [name for name in stub.files if EXPERIMENTS in name], "rows that were dropped, and weights"
    assert "old.parquet" not in stub.files, "what an earlier release had and this one has not"
    assert stub.tags == ["demo"]


def test_a_hub_that_does_not_take_it_says_so_without_the_token(hub: tuple[type[HubStub], str], folder: Path) -> None:
    with pytest.raises(ReflectoryError, match="did not take the release") as refused:
        Hub("hf_wrong_0123456789", hub[1]).push(folder, "me/traces", "demo", "abc")
    assert "hf_wrong" not in str(refused.value)
    assert "chat.parquet" not in hub[0].files
