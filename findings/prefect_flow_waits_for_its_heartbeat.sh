#!/usr/bin/env bash
# Prefect 3.8.8: with heartbeats on, as they are by default (every 180 s), a flow ends only at the next full second since
# it began: the thread that sends them sleeps a second at a time, and the flow joins it. A flow of 50 ms takes 1.05 s and
# more, one of 1.05 s takes 2.05. It matters to flows that are many and short, and to commands that are one flow each.
#
# Seen: 0.05 s of work: 1.11 s with heartbeats, 0.25 s without; 1.05 s of work: 2.20 s and 1.27 s.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet "prefect==3.8.8" "fastapi==0.139.2" "sqlalchemy==2.0.54" 2>/dev/null
export PREFECT_HOME="$work/home" PREFECT_LOGGING_LEVEL=CRITICAL PREFECT_SERVER_ANALYTICS_ENABLED=false
cat >"$work/flows.py" <<'PY'
import time

import prefect
from prefect import flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, get_current_settings, temporary_settings
from prefect.testing.utilities import prefect_test_harness


@flow
def work(seconds):
    time.sleep(seconds)


def least(seconds):
    def once():
        began = time.monotonic()
        work(seconds)
        return time.monotonic() - began

    return min(once() for _ in range(5))


with prefect_test_harness(server_startup_timeout=120):
    print(f"prefect {prefect.__version__}, heartbeats every {get_current_settings().flows.heartbeat_frequency} s by default")
    work(0)
    late = []
    for seconds in (0.05, 1.05):
        beside = least(seconds)
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            without = least(seconds)
        print(f"{seconds} s of work, the least of five: {beside:.2f} s with heartbeats, {without:.2f} s without")
        late.append(beside - without)
    assert min(late) > 0.4, "flows no longer wait for their heartbeats"
PY
"$work/env/bin/python" "$work/flows.py"
