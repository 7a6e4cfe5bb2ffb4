#!/usr/bin/env bash
# LLaMA-Factory 0.9.5: a row of more than `cutoff_len` tokens (2048 if nothing is said) is cut in its prompt, too, where that is not
# the far shorter part, and at the prompt's end: away go the rest of the question, the end of its turn and the header of the
# assistant's. What is learnt then is to answer in the middle of somebody else's sentence, of the system prompt even. Of
# several turns that befalls the last one that still fits, however short its question is. Nothing is said, and the row stays;
# so it does for `packing`, which would drop it for its length had it not been cut. Needed: a cut at the end of the whole, or no row.
# Seen with transformers 5.6.0 and torch 2.13.0; torchaudio, imported and not used here, is left out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.6.0 torch==2.13.0 datasets==4.0.0 \
    accelerate==1.11.0 peft==0.18.1 omegaconf pillow av
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps llamafactory==0.9.5
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
import importlib.machinery
import sys
from types import ModuleType, SimpleNamespace

sound = ModuleType("torchaudio")
sound.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = sound

from llamafactory.data.processor.supervised import SupervisedDatasetProcessor
from llamafactory.data.template import TEMPLATES
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<|im_start|>", "<|im_end|>", "<|endoftext|>"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
special = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=inner, additional_special_tokens=["<|im_start|>"], clean_up_tokenization_spaces=False, **special
)


def shown(cutoff_len, *turns):
    roles = ("user", "assistant")
    rows = [{"role": roles[n % 2], "content": turn} for n, turn in enumerate(turns)]
    arguments = SimpleNamespace(cutoff_len=cutoff_len, mask_history=False, train_on_prompt=False)
    processor = SupervisedDatasetProcessor(TEMPLATES["qwen"], tokenizer, None, arguments)
    made = processor.preprocess_dataset(
        {
            "_prompt": [rows[:-1]],
            "_response": [rows[-1:]],
            "_system": ["Think first."],
            **{f"_{empty}": [None] for empty in ("tools", "images", "videos", "audios")},
        }
    )
    [ids], [labels] = made["input_ids"], made["labels"]
    learnt = tokenizer.decode([label for label in labels if label != -100])
    return f"{tokenizer.decode(ids)!r} learns {learnt!r}"


print("whole:", shown(500, "How many pens are in 3 boxes of 4?", "4 and 4 and 4 are twelve pens: 12 in all."))
print("one turn:", shown(99, "How many pens are in 3 boxes of 4?", "4 and 4 and 4 are twelve pens: 12 in all."))
print("in the system prompt:", shown(30, "How many pens are in 3 boxes of 4?", "4 and 4 and 4 are twelve pens: 12 in all."))
print("two turns:", shown(130, "How many pens?", "12", "And in five boxes?", "Five boxes of four pens are twenty pens."))
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
whole: '<|im_start|>system\nThink first.<|im_end|>\n<|im_start|>user\nHow many pens are in 3 boxes of 4?<|im_end|>\n<|im_start|>assistant\n4 and 4 and 4 are twelve pens: 12 in all.<|im_end|>\n' learns '4 and 4 and 4 are twelve pens: 12 in all.<|im_end|>\n'
one turn: '<|im_start|>system\nThink first.<|im_end|>\n<|im_start|>user\nHow many pens are in 3 boxes4 and 4 and 4 are twelve pens: 12 in all.<|im_end|>\n' learns '4 and 4 and 4 are twelve pens: 12 in all.<|im_end|>\n'
in the system prompt: '<|im_start|>system\nThink first.4 and 4 an' learns '4 and 4 an'
two turns: '<|im_start|>system\nThink first.<|im_end|>\n<|im_start|>user\nHow many pens?<|im_end|>\n<|im_start|>assistant\n12<|im_end|>\n<|im_start|>user\nAnd in five boxes?<|im_end|>\n<|im_start|>assistaFive boxes of four pens are twenty pe' learns '12<|im_end|>\nFive boxes of four pens are twenty pe'
SEEN
