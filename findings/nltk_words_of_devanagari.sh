#!/usr/bin/env bash
# NLTK 3.10.4 counts other words than 3.9.1: RegexpTokenizer(r'\w+') keeps a word of Devanagari whole (9 here), where the
# older one cut it at each vowel sign (17). IFEval's published checker counts words by it, so that the number of words of a
# Hindi response, and with it the verdict, depends on the version of NLTK that happens to be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nltk==3.10.4 defusedxml==0.7.1
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys

COUNT = """
from nltk.tokenize import RegexpTokenizer
print(len(RegexpTokenizer(r"\\\\w+").tokenize("यह एक हिंदी वाक्य है जिसमें पर्याप्त शब्द हैं।")))
"""


def count():
    return int(subprocess.run([sys.executable, "-c", COUNT.replace("\\\\", "\\")], capture_output=True, text=True, check=True).stdout)


newer = count()
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nltk==3.9.1"], check=True)
older = count()
print(f"3.10.4: {newer} words; 3.9.1: {older} words")
raise SystemExit((newer, older) != (9, 17))
PYTHON
