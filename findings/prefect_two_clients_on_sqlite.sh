#!/usr/bin/env bash
# prefect 3.8.8, its server on SQLite, as `prefect server start` sets it up: where two requests that write come at once, one is
# answered 503 ("database is locked" in the log) within milliseconds, although the server waits 60 s for a lock by its
# settings, and writes ahead (WAL). A transaction that has read and then writes cannot wait: SQLite refuses it at once when
# another has committed in between. Creating a flow run and resuming one are such. Prefect's own Python client asks again;
# the UI, and whoever asks by HTTP, see a failure of the server, and nothing has changed. One client alone meets it, too,
# because the server's services write beside it. Needed: BEGIN IMMEDIATE, or the request done again by the server.
# Seen, two clients, 40 runs that are created, suspended and resumed: 22 to 26 of 40 creations answered 503, and 12 to 14 of
# the 14 to 18 resumptions; with eight clients 56 of 60 creations. Seen with sqlalchemy 2.0.51 and 2.0.58, aiosqlite 0.22.1.
set -euo pipefail
folder=$(mktemp -d)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 'fastapi>=0.139,<0.151' \
    sqlalchemy==2.0.51 aiosqlite==0.22.1
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false
port=$("$folder/venv/bin/python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder/venv/bin/prefect" server start --host 127.0.0.1 --port "$port" > "$folder/log" 2>&1 &
server=$!
trap 'kill $server; wait $server 2> /dev/null || true; rm -rf "$folder"' EXIT
"$folder/venv/bin/python" - "http://127.0.0.1:$port/api" <<'PYTHON'
import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

api = sys.argv[1]


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{api}/{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}


def is_up():
    try:
        return ask("health")[0] == 200
    except OSError:
        return False


until = time.monotonic() + 120
while not is_up():
    assert time.monotonic() < until, "the server does not come up"
    time.sleep(0.5)
flow = ask("flows/", {"name": "of_two"})[1]["id"]


def live(_):
    created, run = ask("flow_runs/", {"flow_id": flow, "state": {"type": "PENDING"}})
    if created != 201:
        return [("created", created)]
    for state in ({"type": "RUNNING"}, {"type": "PAUSED", "name": "Suspended"}):
        ask(f"flow_runs/{run['id']}/set_state", {"state": state})
    return [("created", created), ("resumed", ask(f"flow_runs/{run['id']}/resume", {})[0])]


with ThreadPoolExecutor(2) as clients:
    seen = Counter(step for steps in clients.map(live, range(40)) for step in steps)
print(*(f"{step} {status}: {n}" for (step, status), n in sorted(seen.items())), sep="; ")
sys.exit(0 if seen["created", 503] or seen["resumed", 503] else 1)
PYTHON
grep -qm1 "database is locked" "$folder/log"
