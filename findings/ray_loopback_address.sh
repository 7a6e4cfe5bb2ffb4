#!/usr/bin/env bash
# ray 2.60.0 does not listen where it is told to on Linux: ray.init(_node_ip_address="127.0.0.1") is resolved to the address of the
# machine's network, and the node's ports are open there. Needed: a local node on loopback alone. Its variable
# RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0, meant for other systems and read when it is imported, does that; its drivers need it
# too. Seen: the node's address is another than 127.0.0.1, and 127.0.0.1 with the variable. Needs a network interface.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0
address() {
    env "$@" "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
import ray

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
print(ray.nodes()[0]["NodeManagerAddress"])
ray.shutdown()
PYTHON
}
told=$(address RAY_USAGE_STATS_ENABLED=0)
switched=$(address RAY_USAGE_STATS_ENABLED=0 RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0)
echo "told 127.0.0.1: $(test "$told" = 127.0.0.1 && echo 127.0.0.1 || echo another address); with the variable: $switched"
test "$told" != 127.0.0.1
test "$switched" = 127.0.0.1
