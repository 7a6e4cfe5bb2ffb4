#!/usr/bin/env bash
# trl 1.16.0: KTOTrainer measures KL on "mismatched" pairs, a prompt with the completion of the row before it in its batch, and
# lets nobody shuffle: the order of the data set is the order of training (`train_sampling_strategy` has to be
# "sequential"). Nothing looks whether the two rows have different prompts. In data where the samples of a question stand
# together, as they are drawn, every mismatched completion answers the very prompt that it is put to, so that the KL term takes
# what the policy has learnt to say there for drift. Nothing is said, and the documentation names no order. Needed: a
# completion of another prompt, or a warning. Seen: 4 questions of 4 samples, batches of 4: 16 of 16 pairs of one question;
# the same rows in another order: 0. Seen with transformers 5.23.0 and torch 2.13.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check trl==1.16.0 transformers==5.23.0 torch==2.13.0 \
    accelerate==1.15.0 datasets==5.2.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' | grep "^rows"
import sys

from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import KTOConfig, KTOTrainer

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[E]", "[P]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="[E]", pad_token="[P]")
sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def model():
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **sizes))


def of_one_question(order):
    rows = [{"prompt": f"{q}?", "completion": f" {q}, sample {n}", "label": n < 2} for q, n in order]
    args = KTOConfig(sys.argv[1], per_device_train_batch_size=4, use_cpu=True, bf16=False, report_to="none")
    trainer = KTOTrainer(
        model(), model(), args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
    )
    pairs = [tokenizer.batch_decode([row["prompt_ids"], row["KL_completion_ids"]]) for row in trainer.train_dataset]
    return sum(prompt[0] == completion[1] for prompt, completion in pairs)


print("rows by question, pairs of one question:", of_one_question((q, n) for q in range(4) for n in range(4)))
print("rows by sample, pairs of one question:", of_one_question((q, n) for n in range(4) for q in range(4)))
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
grep -qx "rows by question, pairs of one question: 16" <<< "$seen"
grep -qx "rows by sample, pairs of one question: 0" <<< "$seen"
