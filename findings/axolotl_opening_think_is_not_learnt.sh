#!/usr/bin/env bash
# axolotl 0.19.0: `type: chat_template` finds an answer by putting a dummy in its place and comparing the two. Templates that write
# <think> themselves, as Qwen3's, write an empty <think></think> before the dummy, so the opening tag of the thoughts is the
# same in both and counts as the header: it is never learnt, be the thoughts in `content` or in `reasoning_content`. Where
# the generation prompt does not end in the tag, as under Qwen3's, nobody writes it then: a model that did not
# know it begins with its thoughts bare and closes what it never opened. Nothing is said. Needed: what stands behind the generation
# prompt. Seen with transformers 5.23.0, torch 2.13.0 and the templates of Qwen that trl 1.16.0 ships: what follows the question when
# the model is asked, and what is learnt of one answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 torch==2.13.0 datasets==5.2.0 \
    accelerate==1.15.0 addict==2.4.0 scipy colorama
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps axolotl==0.19.0 trl==1.16.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
from importlib.metadata import files

from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<|im_start|>", "<|im_end|>", "<pad>"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<pad>")
tokenizer.add_tokens(["<think>", "</think>"])
QUESTION = {"role": "user", "content": "3 boxes of 4?"}
INLINE = {"role": "assistant", "content": "<think>\nThree fours.\n</think>\n\n12"}
APART = {"role": "assistant", "reasoning_content": "Three fours.", "content": "12"}


def learnt(template: str, answer: dict[str, str]) -> str:
    prompter = ChatTemplatePrompter(
        tokenizer, chat_template=template, message_property_mappings={"role": "role", "content": "content"}
    )
    strategy = ChatTemplateStrategy(
        prompter, tokenizer, train_on_inputs=False, sequence_len=999, roles_to_train=["assistant"], train_on_eos="turn"
    )
    labels = strategy.tokenize_prompt({"messages": [QUESTION, answer]})["labels"]
    return tokenizer.decode([label for label in labels if label != -100])


templates = {file.stem: file for file in files("trl") if file.suffix == ".jinja"}
for name in ("qwen2_5", "qwen3"):
    template = templates[name].locate().read_text()
    asked = tokenizer.apply_chat_template([QUESTION], chat_template=template, add_generation_prompt=True, tokenize=False)
    print(f"{name}, asked:", repr(asked.partition("4?")[2]))
    print(f"{name}, in content:", repr(learnt(template, INLINE)))
print("qwen3, in reasoning_content:", repr(learnt(template, APART)))
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
qwen2_5, asked: '<|im_end|>\n<|im_start|>assistant\n'
qwen2_5, in content: '<think>\nThree fours.\n</think>\n\n12<|im_end|>'
qwen3, asked: '<|im_end|>\n<|im_start|>assistant\n'
qwen3, in content: 'Three fours.\n</think>\n\n12<|im_end|>'
qwen3, in reasoning_content: 'Three fours.\n</think>\n\n12<|im_end|>'
SEEN
