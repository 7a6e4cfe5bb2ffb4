#!/usr/bin/env bash
# OpenRLHF 0.11.2: SFT with `--data.multiturn` measures each answer where it is the last one, and puts the loss where so many
# tokens would stand. Chat templates of thinking models, as Qwen3's, take the thoughts out of earlier answers, so in the row
# the answer is shorter: the loss runs on into the user's next message, and what is learnt is to write the user's turn. The
# longer the thoughts, the more of it. Without it, too, an answer is what stands behind as many characters as the generation
# prompt has: where that ends in `<think>` and the row has none, as under DeepSeek-R1's template, the answer loses its first
# ones: "12 pens" is gone, "<thinking>…" begins "g>". Nothing is said. Needed: each answer as it stands in the row, and
# nothing else. Seen with transformers 5.23.0, torch 2.13.0 and the templates that trl 1.16.0 ships: what is learnt of two
# turns, and of one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 datasets==5.2.0 \
    jinja2 sympy pylatexenc
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps openrlhf==0.11.2 trl==1.16.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
from importlib.metadata import files
from types import SimpleNamespace

from datasets import Dataset, disable_progress_bars
from openrlhf.datasets.sft_dataset import SFTDataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

disable_progress_bars()
letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<bos>", "<pad>", "<|im_end|>"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<bos>", eos_token="<|im_end|>", pad_token="<pad>")
templates = {file.stem: file for file in files("trl") if file.suffix == ".jinja"}
QUESTION, THOUGHT = "3 boxes of 4?", "<think>\nThree fours are twelve.\n</think>\n\n12"
TWO = [QUESTION, THOUGHT, "And 5 boxes? Please be quick about it.", "<think>\nFive fours.\n</think>\n\n20"]


def learnt(template: str, said: list[str]) -> list[str]:
    tokenizer.chat_template = templates[template].locate().read_text()
    messages = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(said)]
    data = SimpleNamespace(input_key="messages", output_key=None, apply_chat_template=True)
    rows = Dataset.from_list([{"messages": messages}])
    strategy = SimpleNamespace(args=SimpleNamespace(data=data))
    ids, _, mask = SFTDataset(rows, tokenizer, 999, strategy, num_processors=None, multiturn=len(said) > 2)[0]
    texts, span = [], []
    for token, counts in zip(ids[0, 1:].tolist() + [None], mask[0, :-1].tolist() + [0], strict=True):
        if counts:
            span.append(token)
        elif span:
            texts.append(tokenizer.decode(span))
            span = []
    return texts


print("two turns, no thoughts:", learnt("qwen3_instruct_2507", [text.split("\n\n")[-1] for text in TWO]))
print("two turns, thoughts taken out:", learnt("qwen3", TWO))
for answer in ("12 pens", "<thinking>Three fours.</thinking>12"):
    print("one turn, header:", learnt("qwen3_instruct_2507", [QUESTION, answer]))
    print("one turn, header and <think>:", learnt("deepseek_r1_distill", [QUESTION, answer]))
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
two turns, no thoughts: ['12<|im_end|>\n', '20<|im_end|>']
two turns, thoughts taken out: ['12<|im_end|>\n<|im_start|>user\nAnd 5 boxes? Please be qu', '<think>\nFive fours.\n</think>\n\n20<|im_end|>']
one turn, header: ['12 pens<|im_end|>']
one turn, header and <think>: ['｜end▁of▁sentence｜> <|im_end|>']
one turn, header: ['<thinking>Three fours.</thinking>12<|im_end|>']
one turn, header and <think>: ['g>Three fours.</thinking>12<｜end▁of▁sentence｜> <|im_end|>']
SEEN
