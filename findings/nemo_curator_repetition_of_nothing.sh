#!/usr/bin/env bash
# nemo-curator 1.4.0: its filters of repetition (Gopher, arXiv 2112.11446, table A1), as its English pipeline sets them, drop
# what repeats nothing and keep what does nothing else. A text of fewer than n words has the highest score, 1, so the filter
# for 10-grams drops every answer of nine words or less. The most frequent n-gram counts where it stands once: a sentence of a
# dozen words is dropped for one of its phrases, whichever comes first in a set of texts, so the same row is kept in one run
# and dropped in the next. And it is looked for with blanks between its words: a loop of one word a line has the score 0.
# Needed: 0 where nothing is repeated, white space as white space, and one answer. Seen: which texts are kept in all of ten
# runs, in some, or in none. The package's __init__ is left out: it imports what Ray needs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check loguru==0.7.3 regex
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python nemo-curator==1.4.0
cat > "$folder/kept.py" <<'PYTHON'
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

package = ModuleType("nemo_curator")
package.__path__ = [str(Path(sysconfig.get_path("purelib"), "nemo_curator"))]
sys.modules["nemo_curator"] = package
for name in ("stages", "stages.text", "stages.text.filters", "stages.text.utils"):
    part = sys.modules[f"nemo_curator.{name}"] = ModuleType(f"nemo_curator.{name}")
    part.__path__ = [str(Path(package.__path__[0], *name.split(".")))]
from nemo_curator.stages.text.filters.heuristic.repetition import repetition

FILTERS = {
    "top 2-gram": repetition.RepeatingTopNGramsFilter(n=2, max_repeating_ngram_ratio=0.2),
    "10-grams": repetition.RepeatingDuplicateNGramsFilter(n=10, max_repeating_duplicate_ngram_ratio=0.1),
}
TEXTS = {
    "four words": "The answer is 12.",
    "ten words": "So three boxes of four pens are exactly twelve pens.",
    "60 words": " ".join(f"word{n}" for n in range(60)),
    "a loop in a line": " ".join(["wait", "no"] * 40),
    "a loop by lines": "\n".join(["wait", "no"] * 40),
}
for name, text in TEXTS.items():
    for which, one in FILTERS.items():
        print(f"{name}, {which}:", int(one.keep_document(one.score_document(text))))
PYTHON
seen=$(for seed in {0..9}; do PYTHONHASHSEED=$seed "$folder/venv/bin/python" "$folder/kept.py"; done |
    awk -F ': ' '!($1 in kept) { order[++n] = $1 } { kept[$1] += $2 }
        END { for (i = 1; i <= n; i++) print order[i] ": " (kept[order[i]] == 10 ? "all" : kept[order[i]] ? "some" : "none") }')
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
four words, top 2-gram: none
four words, 10-grams: none
ten words, top 2-gram: some
ten words, 10-grams: all
60 words, top 2-gram: all
60 words, 10-grams: all
a loop in a line, top 2-gram: none
a loop in a line, 10-grams: none
a loop by lines, top 2-gram: all
a loop by lines, 10-grams: none
SEEN
