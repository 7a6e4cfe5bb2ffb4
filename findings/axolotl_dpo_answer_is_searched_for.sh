#!/usr/bin/env bash
# axolotl 0.19.0: DPO by `type: chat_template.default` (and `argilla_chat`) renders the answer behind a dummy question, and then
# looks for it: what stands from its first occurrence on is `chosen`. A short answer occurs in the template's own words: "s"
# becomes "start|>user [[dummy_message]]…" under ChatML, and so do "user", "message", or a figure of a date that a
# template names. Where the template changes the answer it occurs nowhere, and `chosen` is the last
# character of the whole: Llama 3's and Gemma's trim, so one line break at either end of an answer leaves ">" or nothing;
# DeepSeek's takes thoughts out, Qwen3's writes them anew. A `rejected` without the flaw stays, and the model learns to prefer
# ">" to it. Nothing is said. Needed: what the template puts behind the prompt. Seen with transformers 5.23.0, torch
# 2.13.0 and the templates that axolotl ships.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 torch==2.13.0 datasets==5.2.0 \
    accelerate==1.15.0 addict==2.4.0 scipy colorama
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps axolotl==0.19.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
from axolotl.prompt_strategies.dpo.chat_template import default
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=Tokenizer(models.WordLevel({"[U]": 0}, unk_token="[U]")), bos_token="<bos>", eos_token="<eos>"
)


def shown(template: str, answer: str) -> None:
    transform, _ = default({"chat_template": template, "datasets": [{"field_messages": "prompt"}]})
    row = {"prompt": [{"role": "user", "content": "Which?"}]}
    sides = {side: [{"role": "assistant", "content": answer}] for side in ("chosen", "rejected")}
    print(f"{template}, {answer!r}:", repr(transform(row | sides, tokenizer=tokenizer)["chosen"]))


for template in ("chatml", "llama3", "gemma", "deepseek_v3", "qwen3"):
    shown(template, "Paris")
shown("chatml", "s")
shown("llama3", "user")
for template in ("chatml", "llama3", "gemma"):
    shown(template, "Paris\n")
for template in ("chatml", "deepseek_v3", "qwen3"):
    shown(template, "<think>France.</think>Paris")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
chatml, 'Paris': 'Paris<|im_end|>'
llama3, 'Paris': 'Paris<|eot_id|>'
gemma, 'Paris': 'Paris<end_of_turn>'
deepseek_v3, 'Paris': 'Paris<｜end▁of▁sentence｜>'
qwen3, 'Paris': 'Paris<|im_end|>'
chatml, 's': 'start|>user\n[[dummy_message]]<|im_end|>\n<|im_start|>assistant\ns<|im_end|>'
llama3, 'user': 'user<|end_header_id|>\n\n[[dummy_message]]<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nuser<|eot_id|>'
chatml, 'Paris\n': 'Paris\n<|im_end|>'
llama3, 'Paris\n': '>'
gemma, 'Paris\n': ''
chatml, '<think>France.</think>Paris': '<think>France.</think>Paris<|im_end|>'
deepseek_v3, '<think>France.</think>Paris': '>'
qwen3, '<think>France.</think>Paris': ''
SEEN
