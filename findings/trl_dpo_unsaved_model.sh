#!/usr/bin/env bash
# trl 1.16.0: DPOTrainer without a reference model makes one from the path in the model's configuration. A model that is
# already in memory and has never been saved (made from a configuration, or merged there) has no path: the trainer
# fails, where SFTTrainer takes the same object. Saved and loaded again it trains. Seen with transformers 5.23.0 and torch 2.13.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check trl==1.16.0 transformers==5.23.0 torch==2.13.0 \
    accelerate==1.15.0 datasets==5.2.0
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder/out" 2> "$folder/log" <<'PYTHON' | grep -E "^(in memory|saved)"
import sys

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

words = {word: n for n, word in enumerate("[PAD] [EOS] [UNK] what is two plus four five".split())}
inner = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
inner.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="[PAD]", eos_token="[EOS]", unk_token="[UNK]")
rows = Dataset.from_list([{"prompt": "what is two plus two", "chosen": " four", "rejected": " five"}] * 4)
config = LlamaConfig(vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
                     num_attention_heads=2, pad_token_id=0, eos_token_id=1, bos_token_id=1)
torch.manual_seed(0)

def train(model, folder):
    args = DPOConfig(output_dir=folder, max_steps=1, per_device_train_batch_size=2, report_to=[], use_cpu=True, bf16=False,
                     gradient_checkpointing=False)
    DPOTrainer(model=model, args=args, train_dataset=rows, processing_class=tokenizer).train()


folder = sys.argv[1]
model = LlamaForCausalLM(config)
try:
    train(model, folder)
    print("in memory: trained")
except OSError as error:
    print("in memory: OSError,", str(error).splitlines()[0][:40])
model.save_pretrained(f"{folder}/model")
train(LlamaForCausalLM.from_pretrained(f"{folder}/model"), folder)
print("saved and loaded: trained")
PYTHON
)
echo "$seen"
grep -q "^in memory: OSError" <<< "$seen"
grep -q "^saved and loaded: trained" <<< "$seen"
