#!/usr/bin/env bash
# instructlab-training 0.16.2 (Red Hat) puts markers into the messages, applies the chat template and makes labels of what stands
# between them. It then gives the pieces to the messages in order, and takes it that each message's thoughts are still
# there: under a template that leaves out earlier turns' thoughts, as Qwen's do, the last turn's go to the first, and
# the earlier answers to nobody. Their end is then not learnt: a model that answers and goes on. Without thoughts, or with those
# of the last turn alone, each end is. The template sees the markers, too: white space that it would strip stays, so the row
# is not what the model will meet; thoughts written as <think>…</think> in the text, which such templates look for, end in
# an error that asks to be reported. Needed: the tokens of the row as the template renders it, and each answer's end.
# Seen with transformers 5.24.0 and torch 2.13.0: what is learnt of two turns; tokens for characters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0 datasets==5.2.0 jinja2 pydantic numpy
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" instructlab-training==0.16.2
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder/packages/instructlab" 2> "$folder/log" <<'PYTHON'
import sys
from importlib import import_module
from types import ModuleType

import datasets  # noqa: F401
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerFast  # noqa: F401

for name in ("", ".training", ".training.utils", ".training.vlm_utils", ".training.config"):
    module = sys.modules["instructlab" + name] = ModuleType("instructlab" + name)
    module.__path__ = [sys.argv[1] + name.replace(".", "/")]
    module.__dict__["__getattr__"] = lambda part: object
data_process = import_module("instructlab.training.data_process")

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]", pad_token="[E]")
MARKERS = ("UNMASK_BEGIN", "UNMASK_END", "UNMASK_REASONING_BEGIN", "UNMASK_REASONING_END")
tokenizer.add_special_tokens({"extra_special_tokens": [getattr(data_process, f"{name}_TOKEN") for name in MARKERS]})
tokenizer.chat_template = """{%- for m in messages -%}
[B]{{ m.role }}{{ '\\n' }}
{%- if m.role == 'assistant' -%}
{%- set text = m.content.split('</think>')[-1] -%}
{%- set thoughts = m.reasoning_content or m.content.split('</think>')[0].split('<think>')[-1] if '</think>' in m.content else m.reasoning_content -%}
{%- if thoughts and loop.last -%}<think>{{ thoughts }}</think>{%- endif -%}
{{ text | trim }}
{%- else -%}{{ m.content }}{%- endif -%}
[E]{{ '\\n' }}
{%- endfor -%}"""


def learnt(*answers: dict[str, str]) -> str:
    turns = [turn for answer in answers for turn in ({"role": "user", "content": "q"}, {"role": "assistant", **answer})]
    try:
        row = data_process.unmask_messages(turns, tokenizer, ["assistant"])
    except ValueError as error:
        return f"error: {error}"
    rendered = tokenizer.apply_chat_template(turns, tokenize=False)
    spans = "".join("_" if label == -100 else tokenizer.decode([label]) for label in row["labels"])
    same = "as rendered" if tokenizer.decode(row["input_ids"]) == rendered else f"rendered {rendered!r}"
    return f"{[span for span in spans.split('_') if span]}, {same}"


PLAIN, THOUGHT = {"content": "12"}, {"reasoning_content": "3*4", "content": "12"}
print("no thoughts:", learnt(PLAIN, PLAIN))
print("last thoughts:", learnt(PLAIN, THOUGHT))
print("thoughts:", learnt(THOUGHT, THOUGHT))
print("thoughts of three:", learnt(THOUGHT, THOUGHT, THOUGHT))
print("white space:", learnt({"content": "\n\n12\n"}))
print("in the text:", learnt({"content": "<think>3*4</think>12"}))
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
no thoughts: ['12[E]', '12[E]'], as rendered
last thoughts: ['12[E]', '3*4</think>12[E]'], as rendered
thoughts: ['12', '3*4</think>12[E]'], as rendered
thoughts of three: ['12', '12', '3*4</think>12[E]'], as rendered
white space: ['\n\n12\n[E]'], rendered '[B]user\nq[E]\n[B]assistant\n12[E]\n'
in the text: error: encountered an "<|UNMASK_END|>" token while not unmasking. This should never happen, please contact the training maintainers.
SEEN
