#!/usr/bin/env bash
# axolotl 0.19.0: the spans of `train_detail` end with their last character, not after it, which no description of the
# key says: with ends as Python has them a trained span also teaches the character behind it where that is a token of
# its own. And a character that a byte-level tokenizer splits teaches all its tokens but the last one when it stands right
# behind a trained span, although its own span says `"train": false`. Seen with transformers 5.23.0 and torch 2.13.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 torch==2.13.0 datasets==5.2.0 \
    accelerate==1.15.0 addict==2.4.0 scipy colorama
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps axolotl==0.19.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]", "[P]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]", pad_token="[P]")
template = "{% for m in messages %}[B]{{ m.role }}\n{{ m.content }}[E]{% endfor %}"
prompter = ChatTemplatePrompter(
    tokenizer,
    chat_template=template,
    message_property_mappings={"role": "role", "content": "content"},
    message_field_training_detail="train_detail",
)
strategy = ChatTemplateStrategy(prompter, tokenizer, train_on_inputs=False, sequence_len=99, roles_to_train=["assistant"])


def learnt(content, *spans):
    detail = [dict(zip(("begin_offset", "end_offset", "train"), span, strict=True)) for span in spans]
    answer = {"role": "assistant", "content": content, "train_detail": detail}
    labels = strategy.tokenize_prompt({"messages": [{"role": "user", "content": "q"}, answer]})["labels"]
    return ascii(tokenizer.decode([label for label in labels if label != -100])), sum(label != -100 for label in labels)


print("ends behind:", *learnt("abcdef", (0, 3, True), (3, 6, False)))
print("ends at the last:", *learnt("abcdef", (0, 2, True), (3, 5, False)))
print("two bytes:", *learnt("abc\u00e9ef", (0, 2, True), (3, 5, False)))
print("three bytes:", *learnt("abc\u65e5ef", (0, 2, True), (3, 5, False)))
PYTHON
)
echo "$seen"
grep -qx "ends behind: 'abcd' 4" <<< "$seen"
grep -qx "ends at the last: 'abc' 3" <<< "$seen"
grep -qx "two bytes: 'abc.ufffd' 4" <<< "$seen"
grep -qx "three bytes: 'abc.ufffd.*' 5" <<< "$seen"
