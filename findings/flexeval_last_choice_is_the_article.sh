#!/usr/bin/env bash
# flexeval 0.18.3 (SB Intuitions): LastChoiceExtractor, which reads the answers to its MMMU and JMMMU, "extracts the last mentioned multiple-choice
# option". A letter in brackets anywhere goes before all others, so "(A) looks right, but the answer is B" is A. The others are
# compared by where the letter stands last in the text, within words and as an article, too: "The answer is B. A check confirms it." is A,
# and so is "Not A but B, ADDED UP". SimpleEvalMGSMProcessor, which reads MGSM, takes the last run of digits: of 1.5e6 it is
# 6, of 1/2 it is 2, of 10-18 it is -18, of "18 m2" 2. Needed: B, and the numbers. Seen: what the wheel's own code
# reads; its package is not imported.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/flexeval" flexeval==0.18.3
"$folder/venv/bin/python" - "$folder/flexeval/flexeval/core/string_processor" <<'PYTHON'
import sys
from types import ModuleType

for name in ("flexeval", "flexeval.core", "flexeval.core.string_processor"):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1]]
from flexeval.core.string_processor.last_choice import LastChoiceExtractor
from flexeval.core.string_processor.mgsm import SimpleEvalMGSMProcessor

CASES = (
    (LastChoiceExtractor(), "The answer is B.", "B"),
    (LastChoiceExtractor(), "(A) looks right, but it is (B).", "B"),
    (LastChoiceExtractor(), "(A) looks right, but the answer is B.", "A"),
    (LastChoiceExtractor(), "The answer is B. A check confirms it.", "A"),
    (LastChoiceExtractor(), "Not A but B, ADDED UP.", "A"),
    (SimpleEvalMGSMProcessor("Answer:"), "Answer: 1,500,000.0", "1500000"),
    (SimpleEvalMGSMProcessor("Answer:"), "Answer: 1.5e6", "6"),
    (SimpleEvalMGSMProcessor("Answer:"), "Answer: 1/2", "2"),
    (SimpleEvalMGSMProcessor("Answer:"), "Answer: 10-18", "-18"),
    (SimpleEvalMGSMProcessor("Answer:"), "Answer: 18 m2", "2"),
)
same = True
for read, text, before in CASES:
    same &= read(text) == before
    print(f"{type(read).__name__}: {text!r} is read as {read(text)}")
raise SystemExit(not same)
PYTHON
