#!/usr/bin/env bash
# mlx-lm 0.32.2 (Apple): the mask of its loss goes one token past the end of each row, and every batch is padded by at least one:
# that a 0 follows the end, `!` to Qwen and GPT-2, is learnt and counted. Of an answer of three tokens it is a quarter,
# and the validation loss and the "test ppl" that are printed are not those of the text. `--val-batches -1`, which "uses the
# entire validation set", leaves out what does not fill the last batch, and in training those rows are the same in every epoch:
# batches are made once, before they are shuffled (mlx-examples issue 843). Needed: the loss of the rows' own tokens.
# Seen with a model that gives each token but 0 the probability 1/257, a loss of 5.55, and 0 one of e^-50: 16.66 for four
# rows; of seven rows in batches of four, the first four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx-lm==0.32.2 "mlx[cpu]==0.32.2" transformers==5.24.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
import math

import mlx.core as mx
import mlx.nn as nn
from mlx_lm.tuner.datasets import CacheDataset, CompletionsDataset
from mlx_lm.tuner.trainer import evaluate, iterate_batches
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


class Fixed(nn.Module):
    def __call__(self, tokens):
        logits = mx.full((*tokens.shape, len(letters)), -math.log(len(letters) - 1))
        logits[..., 0] = -50.0
        return logits


def rows(number: int) -> CacheDataset:
    data = [{"prompt": "q", "completion": str(n)} for n in range(number)]
    return CacheDataset(CompletionsDataset(data, tokenizer, "prompt", "completion", True))


batch, [(offset, length), *_] = next(iterate_batches(rows(4), 4, 64))
row, offset, length = batch[0].tolist(), offset.item(), length.item()
counted = [token for step, token in enumerate(row[1:], 1) if offset <= step <= length]  # as its default_loss has it
print(f"answer {tokenizer.decode(row[offset:length])!r}, counted {tokenizer.decode(counted)!r}")
print(f"loss of each token {math.log(len(letters) - 1):.2f}, evaluate says {evaluate(Fixed(), rows(4), 4, -1):.2f}")
epochs = iterate_batches(rows(7), 4, 64, loop=True)
used = {row[offset] - letters.index("0") for _ in range(5) for row in next(epochs)[0].tolist()}
print(f"of seven rows in five epochs: {sorted(used)}")
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
answer '0[E]\n', counted '0[E]\n!'
loss of each token 5.55, evaluate says 16.66
of seven rows in five epochs: [0, 1, 2, 3]
SEEN
