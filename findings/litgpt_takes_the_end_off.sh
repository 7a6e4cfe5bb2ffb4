#!/usr/bin/env bash
# litgpt 0.5.13: `Tokenizer.encode(text, eos=True)` adds the end-of-sequence token, unless the tokens have it already: then it takes
# it off, because the branch for `eos=False` is reached as well. So rows whose output ends with `</s>` or `<|im_end|>`, as data
# that was formatted before does, are learnt without an end, and so is every row under a tokenizer whose own template adds
# one: what is trained never stops, and nothing is said. `SFTDataset`, by which `litgpt finetune` reads JSON, encodes each
# output so. Needed: the text with its end, once. Seen with torch 2.13.0: an output with and without an end, and under
# a tokenizer that adds one. The package is loaded without what training needs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 tokenizers==0.23.3
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" litgpt==0.5.13
seen=$("$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON'
import json
import sys
from pathlib import Path
from types import ModuleType

import torch  # before the stand-ins: it looks at what is loaded
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

folder = Path(sys.argv[1])
assert torch.__version__
for name in ("litgpt", "litgpt.data", "litgpt.utils", "litgpt.config", "lightning"):
    module = sys.modules[name] = ModuleType(name)
    module.__path__ = [str(folder / "packages" / name.replace(".", "/"))]
    module.__dict__["__getattr__"] = lambda part: object
from litgpt.data.base import SFTDataset  # noqa: E402
from litgpt.prompts import Default  # noqa: E402
from litgpt.tokenizer import Tokenizer as LitTokenizer  # noqa: E402

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
inner.add_special_tokens(["[E]"])
(folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "[E]", "tokenizer_class": "GPT2Tokenizer"}))


def learnt(output: str) -> str:
    inner.save(str(folder / "tokenizer.json"))
    rows = SFTDataset([{"instruction": "q", "output": output}], LitTokenizer(folder), Default())
    return inner.decode(rows[0]["labels"][1:].tolist(), skip_special_tokens=False)


for output in ("12 pens", "12 pens[E]"):
    print(f"{output!r} learns {learnt(output)!r}")
inner.post_processor = processors.TemplateProcessing(single="$A [E]", special_tokens=[("[E]", letters.index("[E]"))])
print(f"template with an end: '12 pens' learns {learnt('12 pens')!r}")
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
'12 pens' learns '12 pens[E]'
'12 pens[E]' learns '12 pens'
template with an end: '12 pens' learns '12 pens'
SEEN
