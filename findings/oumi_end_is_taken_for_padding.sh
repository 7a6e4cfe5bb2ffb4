#!/usr/bin/env bash
# Oumi 0.9: where a tokenizer pads with its end token, as those of DeepSeek's distilled models and of SmolLM2 do, what is learnt never
# ends. `train_target: all_assistant_turns` takes the padding off the end of a row before it looks for the answers, and the end of the last
# answer with it, where the template writes nothing behind it, in a row alone and without any padding, too; its words are that
# the end is learnt, and that end and padding may be the same. `final_assistant_turn` leaves every end out. In DPO the
# end is learnt twice: a second one follows the template's own, and the header of the answer is part of what is compared. Nothing
# is said. Needed: the end of every answer, once. Seen with transformers 5.16.0, torch 2.13.0 and the templates
# that trl 1.16.0 ships: what is learnt of one answer, by what pads, and what of one DPO takes for the answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.16.0 datasets==4.8.5 \
    jsonlines jsonschema pexpect wandb mlflow-skinny tensorboard pandas pydantic aiohttp backoff jinja2 pillow accelerate peft \
    requests typer rich psutil scipy scikit-learn tqdm httpx orjson sqlparse
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps oumi==0.9 omegaconf==2.4.0.dev4 \
    antlr4-python3-runtime==4.9.3 trl==1.6.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/templates" trl==1.16.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import sys
from pathlib import Path

import pandas as pd
from oumi.builders.collators import build_data_collator, resolve_collator_templates
from oumi.core.datasets import BaseDpoDataset
from oumi.datasets import TextSftJsonLinesDataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

TEMPLATES = Path(sys.argv[1]) / "templates/trl/chat_templates"
QUESTION, ANSWER = {"role": "user", "content": "3 boxes of 4?"}, {"role": "assistant", "content": "12 pens"}
ENDS = {"deepseek_r1_distill": "<｜end▁of▁sentence｜>", "qwen2_5": "<|im_end|>"}
OTHERS = ["<pad>", "<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<|im_start|>"]


def tokenizer(template: str, pad: str) -> PreTrainedTokenizerFast:
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet())]
    inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=ENDS[template], pad_token=pad, model_max_length=999)
    made.add_special_tokens({"additional_special_tokens": OTHERS})
    made.chat_template = (TEMPLATES / f"{template}.jinja").read_text()
    return made


def learnt(template: str, pad: str, target: str) -> str:
    made = tokenizer(template, pad)
    rows = TextSftJsonLinesDataset(data=[{"messages": [QUESTION, ANSWER]}], tokenizer=made)
    header, end = resolve_collator_templates(made)
    collator = build_data_collator(
        "text_completions_only_with_padding",
        made,
        max_length=999,
        train_target=target,
        response_template=header,
        end_of_turn_template=end,
    )
    labels = collator([dict(rows[0])])["labels"][0]
    return made.decode(labels[labels != -100])


class Pairs(BaseDpoDataset):
    def _load_data(self) -> pd.DataFrame:
        return pd.DataFrame([{"prompt": [QUESTION], "chosen": [ANSWER], "rejected": [ANSWER]}])


for template, end in ENDS.items():
    for target in ("all_assistant_turns", "final_assistant_turn"):
        for name, pad in (("another token", "<pad>"), ("the end", end)):
            print(f"{template}, {target}, padded with {name}: {learnt(template, pad, target)!r}")
for template in ENDS:
    made = tokenizer(template, "<pad>")
    row = Pairs(dataset_name="pairs", tokenizer=made)[0]
    print(f"{template}, DPO:", repr(made.decode(row["chosen_ids"])))
PYTHON
)
seen=$(grep -v "INFO" <<< "$seen")
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
deepseek_r1_distill, all_assistant_turns, padded with another token: '12 pens<｜end▁of▁sentence｜>'
deepseek_r1_distill, all_assistant_turns, padded with the end: '12 pens'
deepseek_r1_distill, final_assistant_turn, padded with another token: '12 pens<｜end▁of▁sentence｜>'
deepseek_r1_distill, final_assistant_turn, padded with the end: '12 pens'
qwen2_5, all_assistant_turns, padded with another token: '\n12 pens<|im_end|>\n'
qwen2_5, all_assistant_turns, padded with the end: '\n12 pens<|im_end|>\n'
qwen2_5, final_assistant_turn, padded with another token: '\n12 pens<|im_end|>\n'
qwen2_5, final_assistant_turn, padded with the end: '\n12 pens\n'
deepseek_r1_distill, DPO: '<｜Assistant｜>12 pens<｜end▁of▁sentence｜><｜end▁of▁sentence｜>'
qwen2_5, DPO: '<|im_start|>assistant\n12 pens<|im_end|>\n<|im_end|>'
SEEN
