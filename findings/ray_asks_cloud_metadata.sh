#!/usr/bin/env bash
# ray 2.60.0 asks the metadata address of clouds, 169.254.169.254:80, when a local node starts, although usage statistics are off
# and there is no dashboard; no setting prevents it. Needed: a local run that asks nobody. Seen by an audit hook in every
# Python process of the node: connects to 169.254.169.254:80.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0
mkdir "$folder/hook"
cat > "$folder/hook/sitecustomize.py" <<'PYTHON'
import os
import sys


def note(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        with open(os.environ["CONNECTS"], "a") as seen:
            seen.write(f"{arguments[1][0]}:{arguments[1][1]}\n")


sys.addaudithook(note)
PYTHON
CONNECTS="$folder/seen" RAY_USAGE_STATS_ENABLED=0 PYTHONPATH="$folder/hook" "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
import time

import ray

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
time.sleep(12)
ray.shutdown()
PYTHON
echo "connects to 169.254.169.254:80: $(grep -c '^169\.254\.169\.254:80' "$folder/seen")"
