#!/usr/bin/env bash
# py-data-juicer 1.6.1: instruction_following_difficulty_filter takes it that a tokenizer which has a `bos_token` puts it before
# every text. Those of GPT-2 and SmolLM2 have one and do not. For them the first token of a response never counts; and a
# response of one token ("Paris", "7") leaves nothing to mask by, labels[:-0], so that its loss is that of the instruction,
# and alone it has none: the value is NaN, and over a data set the filter ends with a TypeError. Needed: the loss of the response.
# Seen with a tiny random model: loss after the instruction = loss of the whole text, not of the response.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check py-data-juicer==1.6.1 datasets==5.2.0 aiohttp \
    transformers==5.23.0 torch==2.13.0
HOME=$folder HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - "$folder/model" > "$folder/log" 2>&1 <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
import math
import sys

import torch
from data_juicer.ops.filter.instruction_following_difficulty_filter import InstructionFollowingDifficultyFilter
from data_juicer.utils.constant import Fields, StatsKeys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

words = {word: n for n, word in enumerate("<s> </s> what is the capital of France Paris it".split())}
inner = Tokenizer(models.WordLevel(words, unk_token="</s>"))
inner.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>")
torch.manual_seed(0)
shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(words), **shape)).eval()
model.save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])


def losses(text):
    """Of each token but the first."""
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.no_grad():
        logits = model(ids).logits[0, :-1]
    return torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none").tolist()


op = InstructionFollowingDifficultyFilter(hf_model=sys.argv[1], query_template="{instruction}", response_template="{output}")
mean = lambda values: sum(values) / len(values)
instruction = "what is the capital of France"
each = {"Paris": losses(f"{instruction} Paris"), "it is Paris": losses(f"{instruction} it is Paris")}
taken = {}
for response, values in each.items():
    sample = op.sample_with_messages({"instruction": instruction, "output": response})
    taken[response] = op._loss(sample)
    n = len(response.split())
    print(f"seen: {response!r}: {taken[response]:.4f}; the response {mean(values[-n:]):.4f}, all {mean(values):.4f}")
score = op.compute_stats_single({"instruction": instruction, "output": "Paris", Fields.stats: {}})[Fields.stats]
print("seen: IFD of 'Paris':", score[StatsKeys.ifd_score])
whole, later = mean(each["Paris"]), mean(each["it is Paris"][-2:])
as_seen = math.isclose(taken["Paris"], whole, rel_tol=1e-4) and math.isclose(taken["it is Paris"], later, rel_tol=1e-4)
raise SystemExit(not (as_seen and math.isnan(score[StatsKeys.ifd_score])))
PYTHON
grep "^seen" "$folder/log"
