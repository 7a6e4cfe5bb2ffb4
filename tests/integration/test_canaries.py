"""Six planted secrets, and a search for their bytes through all that two runs and a Prefect server leave behind."""

import base64
import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp

import pytest

from schemas.tables import TABLES
from tests.integration.test_schedule import ask, server
from tests.sums import write_sums
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

pytestmark = pytest.mark.slow

__all__ = ["server"]

PLANTED = {
    "key": "sk-canary-key-0123456789abcdef",
    "block": "sk-canary-block-0123456789abcdef",
    "header": "canary-header-0123456789abcdef",
    "url": "canary-url-0123456789abcdef",
    "body": "sk-canary-body-0123456789abcdef",
    "typed": "sk-canary-typed-0123456789abcdef",
}
CONTROL = "control-0123456789abcdef"
"""Said by the endpoint too, and no secret: the search finds it."""


class Echo(BaseHTTPRequestHandler):
    """Refuses every call, and says what it knows: the key that it was sent, and secrets of its own."""

    def do_GET(self) -> None:
        self._say(200, {"data": []})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        sent = self.headers["Authorization"]
        self.server.sent.add(sent)  # type: ignore[attr-defined]
        said = f"{CONTROL}: no access for {sent}; api_key={PLANTED['body']}"
        self._say(400, {"error": {"message": said, "type": "refused"}})

    def _say(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Api-Key", PLANTED["header"])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def echo() -> Iterator[ThreadingHTTPServer]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    listening.sent = set()  # type: ignore[attr-defined]
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield listening
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def forms(secret: str) -> list[bytes]:
    """As it is, and as it is inside of base64, wherever it begins there."""
    inside = [base64.b64encode(b"\0" * shift + secret.encode())[4 if shift else 0 : -8] for shift in range(3)]
    return [secret.encode(), *inside]


def found(secret: str, places: list[Path], more: str) -> list[str]:
    wanted = forms(secret)
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    hits = [str(file) for file in files if any(form in file.read_bytes() for form in wanted)]
    return hits + (["tables or output"] if any(form in more.encode() for form in wanted) else [])


def rows(warehouse: Warehouse) -> str:
    with Snapshot(warehouse) as now:
        return "\n".join(str(now.ask(f"FROM {table}")) for table in TABLES)


@pytest.mark.timeout(600)
def test_no_planted_secret_is_anywhere(server: dict[str, str], tmp_path: Path) -> None:
    ray = Path(mkdtemp(prefix="ray"))  # not below tmp_path: its sockets need a short name
    own = {name: value for name, value in server.items() if name != "RAY_ADDRESS"}
    environment = own | {"RAY_TMPDIR": str(ray), "TEACHER_KEY": PLANTED["key"]}
    output = ""

    def reflectory(*arguments: str) -> int:
        nonlocal output
        command = [sys.executable, "-m", "flows", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        output += done.stdout + done.stderr
        return done.returncode

    write_sums(tmp_path / "questions.jsonl", 4)
    with echo() as endpoint:
        url = f"http://127.0.0.1:{endpoint.server_port}/v1"
        (tmp_path / "run.toml").write_text(
            f'[questions]\nsource = "jsonl"\npath = "questions.jsonl"\n[teacher]\nbase_url = "{url}"\ntries = 2\n'
        )
        secret = {"block_types": {"slug": {"any_": ["secret"]}}}
        while not (types := ask(server, "block_types/filter", secret)):  # a server that began just now registers it
            time.sleep(0.1)
        schemas = ask(server, "block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [types[0]["id"]]}}})
        block = {"name": "teacher-key", "data": {"value": PLANTED["block"]}, "block_type_id": types[0]["id"]}
        ask(server, "block_documents/", block | {"block_schema_id": schemas[0]["id"]})
        for number, reference in enumerate(("env:TEACHER_KEY", "prefect:teacher-key")):
            setting = f"teacher.api_key={reference}"
            assert reflectory("run", "run.toml", "--until", "verify", "--fresh", str(number), "--set", setting) == 1
        assert endpoint.sent == {f"Bearer {PLANTED[name]}" for name in ("key", "block")}  # type: ignore[attr-defined]
        with_user = f"teacher.base_url=http://me:{PLANTED['url']}@127.0.0.1/v1"
        assert reflectory("run", "run.toml", "--set", with_user) == 2
        assert reflectory("run", "run.toml", "--set", f"teacher.api_key={PLANTED['typed']}") == 2
        assert reflectory("deploy", "run.toml", "--name", "canaries", "--set", "teacher.api_key=env:TEACHER_KEY") == 0
        [deployment] = [
            each
            for each in ask(server, "deployments/filter", {"deployments": {"name": {"any_": ["canaries"]}}})
            if each["entrypoint"].endswith(".synthesize")
        ]
        for key, value in (("api_key", PLANTED["typed"]), ("base_url", f"http://me:{PLANTED['url']}@127.0.0.1/v1")):
            typed = deployment["parameters"] | {
                "configuration": {"questions": {"source": "reasoning_gym"}, "teacher": {key: value}}
            }
            with pytest.raises(urllib.error.HTTPError, match="409"):
                ask(server, f"deployments/{deployment['id']}/create_flow_run", {"parameters": typed})
    output += rows(Warehouse(tmp_path / "data/warehouse"))
    places = [tmp_path, ray, Path(server["PREFECT_HOME"])]
    try:
        assert len(found(CONTROL, places, output)) >= 2, "the control: what the endpoint said is there"
        assert "***" in output
        assert {name: hits for name, secret in PLANTED.items() if (hits := found(secret, places, output))} == {}
    finally:
        shutil.rmtree(ray)
