#!/usr/bin/env bash
# `transformers serve` (transformers 5.24.0) takes a temperature and does not sample: unless the model's own generation_config.json
# says `do_sample`, which what `save_pretrained` writes of a model that was trained or made from a configuration does not, every
# answer is the greedy one, whatever the temperature, `top_p` and the seed. Eight samples of a question are one, eight times.
# `n`, `response_format` and `logprobs` are taken and not followed, though serving/chat_completion.py says that they raise
# an error; `frequency_penalty` is the repetition penalty less one, so that 0.5 punishes the words of the question; the stop
# string stands in the answer. All with status 200: a line in the server's log is all there is. Needed: samples, or a refusal.
# Seen with a tiny random model: one text for eight seeds; told to sample by its file, the same server gives eight.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "transformers[serving]==5.24.0" torch==2.13.0
export HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error PYTHONWARNINGS=ignore
"$folder/venv/bin/python" - "$folder" > "$folder/made" 2>&1 <<'PYTHON'
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="[E]")
tokenizer.chat_template = "{% for message in messages %}{{ message.content }}{% endfor %}"
torch.manual_seed(0)
sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
model = LlamaForCausalLM(LlamaConfig(vocab_size=257, eos_token_id=256, bos_token_id=None, **sizes))
for name, samples in (("as_saved", None), ("samples", True)):
    model.generation_config.do_sample = samples
    model.save_pretrained(f"{sys.argv[1]}/{name}")
    tokenizer.save_pretrained(f"{sys.argv[1]}/{name}")
PYTHON
port=28743
"$folder/venv/bin/transformers" serve --host 127.0.0.1 --port "$port" --device cpu --dtype float32 > "$folder/log" 2>&1 &
server=$!
"$folder/venv/bin/python" - "$folder" "$port" <<'PYTHON' || { tail -5 "$folder/log"; exit 1; }
import json
import sys
import time
import urllib.request

folder, url = sys.argv[1], f"http://127.0.0.1:{sys.argv[2]}"
for _ in range(600):
    try:
        urllib.request.urlopen(f"{url}/health", timeout=5)
        break
    except OSError:
        time.sleep(0.5)


def ask(model: str, **more: object) -> list[dict]:
    messages = [{"role": "user", "content": "Tell a story."}]
    asked = {"model": f"{folder}/{model}", "messages": messages, "max_tokens": 12, "temperature": 1.0, **more}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request, timeout=300))["choices"]


def text(choices: list[dict]) -> str:
    return choices[0]["message"]["content"]


different = {model: len({text(ask(model, seed=seed)) for seed in range(8)}) for model in ("as_saved", "samples")}
print("texts of eight seeds at temperature 1:", different)
greedy = text(ask("as_saved", temperature=0.0))
whole_number = {"name": "n", "strict": True, "schema": {"type": "integer"}}
several = ask("as_saved", n=3, logprobs=True, response_format={"type": "json_schema", "json_schema": whole_number})
ignored = len(several), several[0].get("logprobs"), text(several) == greedy
print("n = 3, logprobs, a schema: choices, their log-probabilities, text is the greedy one:", ignored)
stop = next(letter for letter in greedy if letter != "\ufffd")
stopped = text(ask("as_saved", temperature=0.0, stop=[stop]))
print(f"stop = {stop!r}: {stopped!r}")
raise SystemExit(different != {"as_saved": 1, "samples": 8} or ignored != (1, None, True) or not stopped.endswith(stop))
PYTHON
