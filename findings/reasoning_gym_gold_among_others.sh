#!/usr/bin/env bash
# reasoning-gym 0.1.25 gives full score to an answer that names the gold and then another one: in letter_jumble (words
# behind the gold are not looked at), fraction_simplification (in TeX) and time_intervals (in days), where the first match
# counts. Needed: less, since nobody can tell which of the two is meant.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check reasoning-gym==0.1.25
"$folder/venv/bin/python" - <<'PYTHON'
from reasoning_gym.factory import create_dataset, get_score_answer_fn

taken = set()
for family in ("letter_jumble", "fraction_simplification", "time_intervals"):
    score = get_score_answer_fn(family)
    for seed in range(5):
        entry, other = (create_dataset(family, size=1, seed=seed + more)[0] for more in (0, 50))
        answer = f"{entry['answer']} or {other['answer']}"
        if score(answer, entry) > 0.999 and family not in taken:
            taken.add(family)
            print(score(answer, entry), family, f"answer {answer}", sep="  ")
raise SystemExit(len(taken) != 3)
PYTHON
