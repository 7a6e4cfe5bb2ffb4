#!/usr/bin/env bash
# dspy 3.4.1 answers for another server from its cache, which is on unless it is turned off, lies on the disk and is shared by all
# programs: `api_base` is no part of its key. A student before and after training, or two checkpoints, each served under one
# name at a port of its own, get one and the same score: the second is never asked, and nothing is said. Sampling and
# `extra_body` are in the key. Needed: the other server asked, as another model would be. `cache=False` asks.
# Seen, of two servers that each say their name: the first one's, twice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dspy==3.4.1
export DSPY_CACHEDIR=$folder/cache LITELLM_LOCAL_MODEL_COST_MAP=True PYTHONWARNINGS=ignore HOME=$folder
cat > "$folder/asked.py" <<'PYTHON'
import http.server
import json
import threading

import dspy

asked = []


def served(name: str) -> str:
    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(name)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": name}}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            answer = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"]}
            data = json.dumps(answer | {"choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def says(url: str, **more: object) -> str:
    return dspy.LM("openai/student", api_base=url, api_key="-", **more)("What is 2 + 2?")[0]


base, trained = served("base"), served("trained")
found = says(base), says(trained), says(trained, cache=False), says(trained)
print("the base model, the trained one, that without the cache, and with it again:", found, "asked:", asked)
PYTHON
"$folder/venv/bin/python" "$folder/asked.py" | tee "$folder/first"
"$folder/venv/bin/python" "$folder/asked.py" | tee "$folder/second"
grep -q "('base', 'base', 'trained', 'base') asked: \['base', 'trained'\]" "$folder/first"
grep -q "('base', 'base', 'trained', 'base') asked: \['trained'\]" "$folder/second"
