#!/usr/bin/env bash
# verifiers 0.4.0 (Prime Intellect): its reference judge with `choices=["A", "B"]`, which its own page gives as the example
# of graders that answer in letters, reads the verdict without regard to case and takes the last letter that stands alone.
# The English article is such a letter: a judge that says "B. It names a different city." gave the positive verdict, so a
# wrong answer scores 1. Three choices ("A", "B", "C") go the same way. With "Answer:" in front the first one counts, so
# "Verdict: this is a wrong answer: B" is A as well. Needed: 0 for the five (1 for the last). Seen: 0 for the bare letter,
# 1 for the other four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check verifiers==0.4.0
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
from verifiers.v1.judge import JudgeResponse
from verifiers.v1.judges.reference import ReferenceJudge, ReferenceJudgeConfig

VERDICTS = (
    ("B", 0.0),
    ("B. It names a different city.", 1.0),
    ("B\n\nThe response is off by a year.", 1.0),
    ("The verdict is B because it gives a range.", 1.0),
    ("Verdict: this is a wrong answer: B", 1.0),
    ("A", 1.0),
)
judge = ReferenceJudge(ReferenceJudgeConfig(choices=("A", "B")))
seen = [judge.parse(JudgeResponse(text=text)) for text, _ in VERDICTS]
for (text, _), score in zip(VERDICTS, seen):
    print(f"{text!r}: {score}")
raise SystemExit(seen != [score for _, score in VERDICTS])
PYTHON
