#!/usr/bin/env bash
# obstore 0.12.1: a GCSStore with `skip_signature=True`, which "will not fetch credentials and will not sign requests",
# does so for GET, HEAD and lists alone. PUT and DELETE ask the machine's metadata for a token first, and fail where there
# is none, so that a store without authentication, such as an emulator, can be read and not written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check obstore==0.12.1
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

came = []


class Store(BaseHTTPRequestHandler):
    def answer(self):
        came.append((self.command, self.path.partition("?")[0], self.headers.get("authorization")))
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b"" if self.command != "GET" else b"content"
        self.send_response(404 if self.path.startswith("/computeMetadata") else 200)
        for name, value in {"ETag": '"1"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT", "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"127.0.0.1:{server.server_port}"
for name in [name for name in os.environ if name.startswith("GOOGLE_")]:
    del os.environ[name]
os.environ.update({"GCE_METADATA_HOST": address, "GCE_METADATA_IP": address})

from obstore.store import GCSStore

store = GCSStore(
    "bucket",
    base_url=f"http://{address}",
    skip_signature=True,
    client_options={"allow_http": True},
    retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
)
calls = {
    "get": lambda: store.get("name"),
    "put": lambda: store.put("name", b"content", use_multipart=False),
    "delete": lambda: store.delete("name"),
}
asked = {}
for name, call in calls.items():
    came.clear()
    try:
        call()
        said = "done"
    except Exception as error:
        said = str(error).partition(":")[2].split(" in ")[0].strip()
    asked[name] = any(path.startswith("/computeMetadata") for _, path, _ in came)
    print(f"obstore {version('obstore')}: {name}: {said[:110]}; asked for a token: {asked[name]}")
raise SystemExit(asked != {"get": False, "put": True, "delete": True})
PYTHON
