#!/usr/bin/env bash
# Ray 2.60.0: after `ray.shutdown()` SIGTERM kills the process at once, whatever handler the program has set for it, before
# or after `ray.init()`. `signal.getsignal` goes on naming that handler; the system has none any more. So a driver whose
# work behind Ray's end is to be finished in order (results to be written, a last line in a table) is killed by the SIGTERM
# of a scheduler or of `docker stop`, and nothing in Python can tell beforehand. Setting the handler again after the
# shutdown mends it; SIGINT is left alone.
#
# Seen: handled before; after the shutdown getsignal names the handler, and SIGTERM ends the process (-15).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet "ray==2.60.0" 2>/dev/null
export RAY_USAGE_STATS_ENABLED=0
cat >"$work/driver.py" <<'PY'
import os
import signal
import sys

import ray


def hear(signum, frame):
    print("heard", flush=True)


ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
signal.signal(signal.SIGTERM, hear)
os.kill(os.getpid(), signal.SIGTERM)
if "shutdown" in sys.argv:
    ray.shutdown()
if "again" in sys.argv:
    signal.signal(signal.SIGTERM, hear)
print("handler" if signal.getsignal(signal.SIGTERM) is hear else "none", flush=True)
os.kill(os.getpid(), signal.SIGTERM)
print("goes on", flush=True)
PY
cat >"$work/look.py" <<'PY'
import subprocess
import sys


def ends(*how):
    done = subprocess.run([sys.executable, sys.argv[1], *how], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    print(f"{' '.join(how) or 'no shutdown'}: {done.stdout.split()}, exit {done.returncode}", flush=True)
    return done.returncode, done.stdout.split()


whole = (0, ["heard", "handler", "heard", "goes", "on"])
assert ends() == whole, "the control: with Ray up the handler is called"
assert ends("shutdown", "again") == whole, "the control: set again, it is called"
assert ends("shutdown") == (-15, ["heard", "handler"]), "ray.shutdown no longer takes the handler away"
PY
"$work/env/bin/python" -c 'import ray; print("ray", ray.__version__)'
"$work/env/bin/python" "$work/look.py" "$work/driver.py"
