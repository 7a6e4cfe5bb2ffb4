#!/usr/bin/env bash
# verl 0.9.1: MultiTurnSFTDataset takes as many tokens off the loss of every answer as the generation prompt has, whatever stands
# there. Templates of thinking models, as DeepSeek-R1's and Qwen's, end that prompt with `<think>` and a line break; an answer that
# has no such beginning, or whose thoughts the template takes out, then loses its own first two tokens: "12 pens" teaches " pens",
# and "<thinking>…" teaches "hinking>…" (with tokens of one character). Its sanity check compares the tokens and not the mask,
# and passes. Needed: the header alone masked, as it stands in the row. Seen with transformers 5.9.0 and torch 2.13.0: what
# is learnt of three answers under a template that ends in the header, and in the header and `<think>`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 tensordict ray==2.60.0 transformers==5.9.0 \
    omegaconf pandas pyarrow codetiming jinja2 pillow accelerate datasets colorama
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps verl==0.9.1
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import sys
from pathlib import Path

import pandas as pd
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]", "[P]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]", pad_token="[P]")
tokenizer.add_tokens(["<think>", "</think>"])
TURNS = "{% for m in messages %}[B]{{ m.role }}\n{{ m.content }}[E]\n{% endfor %}"
HEADER = TURNS + "{% if add_generation_prompt %}[B]assistant\n{% endif %}"
THINKING = TURNS + "{% if add_generation_prompt %}[B]assistant\n<think>\n{% endif %}"
file = str(Path(sys.argv[1]) / "rows.parquet")


def learnt(template: str, answer: str) -> str:
    tokenizer.chat_template = template
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": answer}]
    pd.DataFrame([{"messages": turns}]).to_parquet(file)
    row = MultiTurnSFTDataset(file, tokenizer, {"max_length": 99, "pad_mode": "no_padding"})[0]
    return tokenizer.decode(row["input_ids"][row["loss_mask"] == 1])


for name, template in (("header", HEADER), ("think", THINKING)):
    for answer in ("12 pens", "<thinking>Three fours.</thinking>", "<think>\nThree fours.\n</think>\n\n12"):
        print(f"{name}: {answer!r} learns {learnt(template, answer)!r}")
PYTHON
)
seen=$(grep -v "^dataset len" <<< "$seen")
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
header: '12 pens' learns '12 pens[E]\n'
header: '<thinking>Three fours.</thinking>' learns '<thinking>Three fours.</thinking>[E]\n'
header: '<think>\nThree fours.\n</think>\n\n12' learns '<think>\nThree fours.\n</think>\n\n12[E]\n'
think: '12 pens' learns ' pens[E]\n'
think: '<thinking>Three fours.</thinking>' learns 'hinking>Three fours.</thinking>[E]\n'
think: '<think>\nThree fours.\n</think>\n\n12' learns 'Three fours.\n</think>\n\n12[E]\n'
SEEN
