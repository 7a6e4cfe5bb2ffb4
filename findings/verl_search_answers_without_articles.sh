#!/usr/bin/env bash
# verl 0.9.1: the reward for questions of Search-R1 (NQ, TriviaQA, HotpotQA …) compares as SQuAD does, without punctuation and
# without a, an and the. Golds of a number or a letter lose what tells them apart: 15 and -1.5 earn all of it where 1.5 is
# right, 12 where 1/2 is, and where the gold is "A" (a blood group, a grade, a choice) "The" and an empty answer earn it.
# Needed: articles dropped before other words, and signs kept within numbers. Seen: 1.0 for each of these, 0.0 for other words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps verl==0.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import contextlib
import io
from importlib.metadata import files
from importlib.util import module_from_spec, spec_from_file_location

# Alone: the package around it would load torch and Ray, which it does not use.
[path] = [file.locate() for file in files("verl") if file.name == "search_r1_like_qa_em.py"]
spec = spec_from_file_location("search_r1_like_qa_em", path)
reward = module_from_spec(spec)
spec.loader.exec_module(reward)

CASES = [("15", "1.5"), ("-1.5", "1.5"), ("12", "1/2"), ("The", "A"), ("", "A"), ("16", "1.5"), ("B", "A")]
scores = []
for answer, gold in CASES:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints one case in 64
        scores.append(reward.compute_score(f"<answer>{answer}</answer>", {"target": [gold]}))
    print(f"{answer!r} where the gold is {gold!r}: {scores[-1]}")
raise SystemExit(scores != [1.0] * 5 + [0.0] * 2)
PYTHON
