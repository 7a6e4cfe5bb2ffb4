#!/usr/bin/env bash
# deltalake 1.6.6: `DeltaTable.is_deltatable` keeps Python's interpreter lock while it waits for an object store, so that
# no other thread runs meanwhile; opening the same table, `DeltaTable(url)`, gives it away. A heartbeat in a thread stops.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
import threading
import time

import deltalake

SLOW_STORE = """
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(2)
        body = b"<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
"""
beats = 0


def beat():
    global beats
    while True:
        time.sleep(0.02)
        beats += 1


def beats_during(call):
    before, started = beats, time.monotonic()
    try:
        call()
    except Exception:  # there is no table
        pass
    return beats - before, time.monotonic() - started


with subprocess.Popen([sys.executable, "-c", SLOW_STORE], stdout=subprocess.PIPE, text=True) as store:
    options = {
        "aws_endpoint_url": f"http://127.0.0.1:{int(store.stdout.readline())}",
        "allow_http": "true",
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
        "aws_region": "us-east-1",
    }
    threading.Thread(target=beat, daemon=True).start()
    url = "s3://bucket/table"
    asked, asked_s = beats_during(lambda: deltalake.DeltaTable.is_deltatable(url, storage_options=options))
    opened, opened_s = beats_during(lambda: deltalake.DeltaTable(url, storage_options=options))
    store.kill()
print(f"deltalake {deltalake.__version__}: {asked} beats of a thread in {asked_s:.1f} s of is_deltatable,")
print(f"{opened} in {opened_s:.1f} s of DeltaTable()")
raise SystemExit(not (asked < 5 < 20 < opened))
PYTHON
