#!/usr/bin/env bash
# prefect 3.8.8: the events of a process wait in a queue without an end. When the server has gone, each is tried for about
# seven seconds before the next one's turn, and at its end the process waits for the whole queue: there is no limit of time,
# and no setting that has one (`drain_all` takes a timeout, and the handler at exit gives none). A flow emits three events for
# each run of a task, so one with 300 runs of tasks may linger for more than an hour and a half after its last line.
# Seen: with 4 events the process ended 29 s after its last line.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill ${server:-} 2> /dev/null || true; wait; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy<2.1"
export PREFECT_HOME="$folder/home" PREFECT_API_URL=http://127.0.0.1:4877/api PREFECT_LOGGING_LEVEL=CRITICAL
export PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
"$folder/venv/bin/prefect" server start --port 4877 > "$folder/server.log" 2>&1 &
server=$!
cat > "$folder/emit.py" <<'PYTHON'
import os
import signal
import sys
import time
import urllib.request

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

for _ in range(240):
    try:
        urllib.request.urlopen(os.environ["PREFECT_API_URL"] + "/health", timeout=2)
        break
    except OSError:
        time.sleep(0.5)
emit_event("shown", {"prefect.resource.id": "r"})
[worker] = EventsWorker._instances.values()
worker.wait_until_empty()
os.kill(int(sys.argv[1]), signal.SIGKILL)
time.sleep(1)
for _ in range(4):
    emit_event("shown", {"prefect.resource.id": "r"})
print(time.time(), flush=True)
PYTHON
last_line=$("$folder/venv/bin/python" "$folder/emit.py" "$server" 2> /dev/null)
lingered=$(python3 -c "import time; print(round(time.time() - $last_line))")
echo "4 events: the process ended $lingered s after its last line"
[ "$lingered" -ge 20 ]
