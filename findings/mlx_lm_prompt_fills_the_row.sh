#!/usr/bin/env bash
# mlx-lm 0.32.2 (Apple): with `--mask-prompt`, a row whose prompt is longer than `--max-seq-length` has no token to learn once it
# is cut, and its loss is 0 / 0. Alone in its batch it makes the gradient NaN, and with it every weight that is trained, for
# good: the run goes on to its end, and saves them. One such row in the validation set makes the loss of all of it NaN. What is
# said is that a row is cut, and that this costs memory (mlx-lm pull request 1355). Needed: the row skipped, or an error. Rows of TRL's
# form, whose prompt and completion are lists of messages, are learnt as what Python prints for a list.
# Seen with mlx 0.32.2 on the CPU and a tiny model: six short rows and one long one, in batches of one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx-lm==0.32.2 "mlx[cpu]==0.32.2" transformers==5.24.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON'
import sys

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx_lm.tuner.datasets import CacheDataset, CompletionsDataset
from mlx_lm.tuner.trainer import TrainingArgs, evaluate, train
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]")
tokenizer.chat_template = (
    "{% for m in messages %}[B]{{ m.role }}\n{{ m.content }}[E]\n{% endfor %}"
    "{% if add_generation_prompt %}[B]assistant\n{% endif %}"
)


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.head = nn.Embedding(len(letters), 8), nn.Linear(8, len(letters))
        self.layers = [self.head]

    def __call__(self, tokens):
        return self.head(self.inner(tokens))


def rows(*lengths: int) -> CacheDataset:
    data = [{"prompt": "q" * length, "completion": "12"} for length in lengths]
    return CacheDataset(CompletionsDataset(data, tokenizer, "prompt", "completion", True))


def nan(number) -> bool:
    return bool(mx.isnan(mx.array(number)).any().item())


short, long = rows(*[9] * 6), rows(*[9] * 6, 99)
for name, data in (("short", short), ("one long", long)):
    model = Tiny()
    print(f"@{name}: validation {nan(evaluate(model, data, 1, -1, max_seq_length=64))}")
    args = TrainingArgs(batch_size=1, iters=len(data), max_seq_length=64, adapter_file=f"{sys.argv[1]}/a.safetensors")
    train(model, optim.Adam(1e-3), data, None, args)
    print(f"\n@{name}: weights {nan(model.head.weight)}, saved {nan(mx.load(args.adapter_file)['head.weight'])}")
conversation = {"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "12"}]}
learnt, _ = CompletionsDataset([conversation], tokenizer, "prompt", "completion", True).process(conversation)
print(f"@conversation: {tokenizer.decode(learnt)!r}")
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
seen=$(grep -o "^@.*" <<< "$seen" | sed 's/ *\x1b.*//; s/ *$//')
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
@short: validation False
@short: weights False, saved False
@one long: validation True
@one long: weights True, saved True
@conversation: "[B]user\n[{'role': 'user', 'content': 'q'}][E]\n[B]assistant\n[{'role': 'assistant', 'content': '12'}][E]\n"
SEEN
