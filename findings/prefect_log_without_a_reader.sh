#!/usr/bin/env bash
# prefect 3.8.8: a flow run whose log nobody reads any more ends at its next line, in the middle of its work. That befalls
# every run of a process worker (or of `serve`) that is killed: the run logs into the worker's pipe. Prefect's handler prints
# through rich, whose `Console.on_broken_pipe` raises `SystemExit(1)`; the handler lets only an `Exception` be a matter of the
# log. The flow sees no exception of its own: what it had paid for and not yet stored is lost.
# Seen: exit code 1, the flow's second step is not done. With `handler.console.on_broken_pipe` replaced, it is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy<2.1"
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=120
cat > "$folder/run.py" <<'PYTHON'
import sys
from pathlib import Path

from prefect import flow, get_run_logger


@flow
def two_steps(folder: str) -> None:
    get_run_logger().info("first step")
    (Path(folder) / "second").touch()


two_steps(sys.argv[1])
PYTHON
run() {  # what it logs goes to $1
    mkdir -p "$folder/$2"
    (cd "$folder" && set +e && "$folder/venv/bin/python" "$folder/run.py" "$folder/$2" 2> "$1"; echo "exit code $?")
}
mkfifo "$folder/pipe"
sleep 0.1 < "$folder/pipe" &  # reads nothing and goes
echo "read: $(run "$folder/log" read), second step $(ls "$folder/read")"
echo "not read: $(run "$folder/pipe" unread | tail -1), second step '$(ls "$folder/unread")'"
[ "$(ls "$folder/read")" = second ]
[ -z "$(ls "$folder/unread")" ]
