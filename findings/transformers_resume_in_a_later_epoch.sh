#!/usr/bin/env bash
# transformers 5.24.0: `Trainer.train(resume_from_checkpoint=…)` goes on with the rows that are left, in a later epoch as in the
# first, but under `train_sampling_strategy="group_by_length"`: there it skips as many batches of the first epoch's order, which
# is drawn before the random numbers of the checkpoint are read, and not of the order that was left off. So some rows are learnt
# twice in that epoch and others not at all, and nothing is said. A checkpoint in the first epoch, or at the end of one, is
# right. TRL's trainers inherit it. Needed: each row once an epoch, as in a run that was not stopped. (A streamed data set
# begins again at its first row, known: issue 26413.) Seen with accelerate 1.15.0 and torch 2.13.0: 12 rows in batches of 2,
# two epochs, stopped after 9 of 12 steps: the second epoch as it was learnt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0 \
    datasets==5.2.0 accelerate==1.15.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON'
import sys

import torch
from datasets import Dataset
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments

ROWS = [{"input_ids": [n + 1] * (2 + n % 5), "labels": [n + 1] * (2 + n % 5), "length": 2 + n % 5} for n in range(12)]


def batch(rows):
    width = max(len(row["input_ids"]) for row in rows)
    ids = [row["input_ids"] + [0] * (width - len(row["input_ids"])) for row in rows]
    return {"input_ids": torch.tensor(ids), "labels": torch.tensor(ids)}


class Stop(TrainerCallback):
    def __init__(self, at):
        self.at = at

    def on_step_end(self, args, state, control, **kwargs):
        control.should_training_stop = state.global_step == self.at


class Seen(Trainer):
    def training_step(self, model, inputs, *args, **kwargs):
        self.rows = [*getattr(self, "rows", []), *inputs["input_ids"][:, 0].tolist()]
        return super().training_step(model, inputs, *args, **kwargs)


def run(order: str, stop: int | None = None, resume: str | None = None) -> list[int]:
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=16, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2)
    args = TrainingArguments(
        f"{sys.argv[1]}/{order}",
        per_device_train_batch_size=2,
        num_train_epochs=2,
        train_sampling_strategy=order,
        save_steps=9,
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    rows = Dataset.from_list(ROWS)
    trainer = Seen(LlamaForCausalLM(config), args, train_dataset=rows, data_collator=batch, callbacks=[Stop(stop)])
    trainer.train(resume_from_checkpoint=resume)
    return trainer.rows


ROWS_OF_EPOCH = set(range(1, 13))
for name in ("random", "group_by_length"):
    first = run(name, stop=9)
    second = first[12:] + run(name, resume=f"{sys.argv[1]}/{name}/checkpoint-9")
    lacking = sorted(ROWS_OF_EPOCH - set(second))
    twice = sorted(row for row in ROWS_OF_EPOCH if second.count(row) > 1)
    print(f"@{name}: {len(second)} rows, twice {twice}, never {lacking}")
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
seen=$(grep -o "@.*" <<< "$seen")
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
@random: 12 rows, twice [], never []
@group_by_length: 12 rows, twice [4, 7, 8], never [3, 9, 11]
SEEN
