#!/usr/bin/env bash
# prefect 3.8.8: a process worker that is stopped, by SIGTERM as from `systemctl restart` or `docker stop`, kills its flow run at
# once: no SIGTERM comes before the SIGKILL, so neither a handler, nor `finally`, nor the hook `on_crashed` of the flow is run,
# and on the server the run stays Running. A run that is cancelled gets SIGTERM and 30 s. Needed: the same when its worker ends.
# It matters to every flow that has something to write, or a call that is paid for, when its machine is updated.
# Seen: the worker says that it has stopped, the run's process is gone, nothing of the flow's end is written, state RUNNING; with
# SIGTERM to the run itself `finally` is run.
set -euo pipefail
folder=$(mktemp -d)
server= worker=
trap 'kill $server $worker 2> /dev/null || true; wait; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy<2.1"
prefect="$folder/venv/bin/prefect"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
export PREFECT_API_URL="http://127.0.0.1:$port/api"
cd "$folder"
cat > long.py <<'PYTHON'
import time
from pathlib import Path

from prefect import flow


def says(*_: object) -> None:
    Path("crashed").touch()


@flow(on_crashed=[says])
def long() -> None:
    Path("begun").touch()
    try:
        time.sleep(120)
    finally:
        Path("ended").touch()


if __name__ == "__main__":
    long.from_source(str(Path.cwd()), "long.py:long").deploy("d", work_pool_name="p")
PYTHON
until_there() { for _ in $(seq 1200); do "$@" > /dev/null 2>&1 && return; sleep 0.1; done; echo "never: $*"; return 1; }
"$prefect" server start --host 127.0.0.1 --port "$port" --no-ui > server.log 2>&1 &
server=$!
until_there curl -sf "$PREFECT_API_URL/health"
"$prefect" work-pool create p --type process > log
"$folder/venv/bin/python" long.py > log 2>&1
# A shell's background has its children ignore SIGINT, which the worker sends itself when it gets SIGTERM; a service has not.
begin() {
    rm -f begun ended crashed
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
        "$prefect" worker start --pool p > worker.log 2>&1 &
    worker=$!
    "$prefect" deployment run long/d > log
    until_there ls begun
    sleep 2
}
state() {  # of the run that began last
    curl -sf -X POST -H 'content-type: application/json' -d '{"sort": "START_TIME_DESC"}' "$PREFECT_API_URL/flow_runs/filter" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["state_type"])'
}
engine() { pgrep -f "^$folder/.*prefect.engine"; }
begin
kill -TERM "$worker"
wait "$worker" || true
sleep 10
wrote=$(ls ended crashed 2> log || true)
echo "SIGTERM to the worker: $(grep -o 'stopped!' worker.log); $(engine | wc -l) runs alive, their end wrote '$wrote', $(state)"
[ -z "$(engine)" ] && [ ! -e ended ] && [ ! -e crashed ] && [ "$(state)" = RUNNING ]
begin
kill -TERM "$(engine | head -1)"  # what it could have been told
until_there ls ended
echo "SIGTERM to the run: the flow's end wrote '$(ls ended)'"
