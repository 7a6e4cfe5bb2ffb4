#!/usr/bin/env bash
# SkyRL 0.3.0: SFT keeps what it has tokenized in `~/.cache/skyrl`, unless told not to, under the name of the data set, the split,
# the model's path and the lengths. For files of one's own the name is a folder: rows that are added, mended or taken out are
# not learnt, for a later run reads the tokens of the first one, says that it loaded them, and trains. So it does where the chat
# template of the model's folder has changed, and an old mistake of either is learnt for good. `force_recache=true` reads anew.
# Needed: a key of the files' content, as `datasets` has one. Seen with transformers 5.8.0, torch 2.13.0 and datasets 5.2.0: what
# is learnt of a folder, of other rows in it, under another template, and by `force_recache`. (On Python 3.11 its import wants
# `TypedDict` from typing_extensions.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.8.0 datasets==5.2.0 ray==2.56.0 \
    jaxtyping==0.3.11 torchdata==0.11.0 tensordict omegaconf==2.3.1 loguru peft==0.18.1 accelerate pillow requests polars func_timeout \
    hydra-core fastapi uvicorn tqdm aiohttp cloudpathlib rich
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps skyrl==0.3.0 skyrl-gym==0.4.0
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import json
import sys
import typing
from pathlib import Path

import typing_extensions

typing.TypedDict = typing_extensions.TypedDict
from skyrl.train.config.sft_config import SFTConfig  # noqa: E402
from skyrl.train.sft_trainer import SFTTrainer  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: E402
from transformers import AutoTokenizer, PreTrainedTokenizerFast  # noqa: E402

model, data = Path(sys.argv[1]) / "model", Path(sys.argv[1]) / "data"
data.mkdir()
letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]", "[P]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]", pad_token="[P]")
TEMPLATE = "{% for m in messages %}[B]{{ m.role }}:{{ m.content }}[E]{% endfor %}{% if add_generation_prompt %}[B]assistant:{% endif %}"


def learnt(said: str, answers: list[str], template: str = TEMPLATE, force: bool = False) -> None:
    tokenizer.chat_template = template
    tokenizer.save_pretrained(model)
    rows = [{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": a}]} for a in answers]
    (data / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    trainer = SFTTrainer.__new__(SFTTrainer)  # without a cluster
    trainer.sft_cfg = SFTConfig(num_workers=0, force_recache=force)
    trainer.sft_cfg.model.path = str(model)
    trainer.tokenizer, trainer.processor, trainer.is_vlm = AutoTokenizer.from_pretrained(model), None, False
    seen = trainer._load_and_tokenize(str(data), "train")
    print(f"{said}:", [tokenizer.decode(row["input_ids"][-row["num_actions"] :]) for row in seen])


learnt("two rows", ["4 apples", "5 apples"])
learnt("one mended, one more", ["4 apples", "6 apples", "7 pears"])
learnt("another template", ["4 apples", "6 apples", "7 pears"], TEMPLATE.replace("[E]", "!"))
learnt("forced", ["4 apples", "6 apples", "7 pears"], TEMPLATE.replace("[E]", "!"), force=True)
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
two rows: ['4 apples[E]', '5 apples[E]']
one mended, one more: ['4 apples[E]', '5 apples[E]']
another template: ['4 apples[E]', '5 apples[E]']
forced: ['4 apples!', '6 apples!', '7 pears!']
SEEN
