#!/usr/bin/env bash
# lemminflect 0.2.3 knows common words in one part of speech only: bar and tin are verbs and no nouns to it, calorie is no
# word at all, so that getAllLemmas says that 'bars' and 'tins' are no plurals. Who decides by it what is counted needs
# another source for units and packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lemminflect==0.2.3
"$folder/venv/bin/python" - <<'PYTHON'
from lemminflect import getAllLemmas

found = {word: getAllLemmas(word) for word in ("bars", "tins", "calories", "eggs")}
for word, lemmas in found.items():
    print(word, lemmas)
raise SystemExit("NOUN" in found["bars"] or "NOUN" in found["tins"] or bool(found["calories"]) or "NOUN" not in found["eggs"])
PYTHON
