#!/usr/bin/env bash
# langdetect 1.0.9 takes a French sentence in capitals for English, in each of ten runs. IFEval's published checker of
# change_case:english_capital asks it whether a response is English, and so accepts French.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langdetect==1.0.9
"$folder/venv/bin/python" - <<'PYTHON'
from langdetect import DetectorFactory, detect

TEXT = "BONJOUR TOUT LE MONDE, COMMENT ALLEZ-VOUS AUJOURD'HUI ?"
found = []
for seed in range(10):
    DetectorFactory.seed = seed
    found.append(detect(TEXT))
print(TEXT, found, detect(TEXT.lower()))
raise SystemExit(set(found) != {"en"})
PYTHON
