#!/usr/bin/env bash
# trl 1.16.0: pairs without a `prompt`, its "implicit prompt" form, are split where the two texts first differ, by characters: of answers that
# differ in a number the figures that they share go to the prompt. "It is 18." over "It is 12." teaches "8." over "2." behind a
# prompt that ends in "1", tokens which no model sees when it answers, and of "12 apples" over "12" the 1 is prompt. Where the
# answers differ in a word the prompt ends before it, if they differ in its first letter. Pairs of messages are split by
# message. Needed: the prompt to end before the word that differs. Seen by `extract_prompt`, which DPOTrainer and KTOTrainer use for
# such pairs; of the libraries around it, which it does not use, names stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/trl" trl==1.16.0
"$folder/venv/bin/python" - "$folder/trl/trl/data_utils.py" <<'PYTHON'
import runpy
import sys
from types import ModuleType


class Anything(ModuleType):
    def __getattr__(self, name: str) -> type:
        return type(name, (), {})


for name in ("numpy", "pyarrow", "pyarrow.compute", "pyarrow.types", "datasets", "transformers"):
    sys.modules[name] = Anything(name)
extract_prompt = runpy.run_path(sys.argv[1])["extract_prompt"]


def turns(answer: str) -> list[dict]:
    return [{"role": "user", "content": "3 * 6?"}, {"role": "assistant", "content": answer}]


CASES = (  # chosen, rejected, split
    ("Q: 3 * 6? A: yes", "Q: 3 * 6? A: no", ("Q: 3 * 6? A:", " yes", " no")),
    ("Q: 3 * 6? A: It is 18.", "Q: 3 * 6? A: It is 12.", ("Q: 3 * 6? A: It is 1", "8.", "2.")),
    ("Q: How many? A: 12 apples", "Q: How many? A: 12", ("Q: How many? A: 1", "2 apples", "2")),
    (turns("It is 18."), turns("It is 12."), (turns("")[:1], turns("It is 18.")[1:], turns("It is 12.")[1:])),
)
same = True
for chosen, rejected, before in CASES:
    now = tuple(extract_prompt({"chosen": chosen, "rejected": rejected}).values())
    same &= now == before
    print(f"{chosen!r} over {rejected!r}: {now}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON
