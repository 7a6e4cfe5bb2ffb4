#!/usr/bin/env bash
# verifiers 0.4.0 (Prime Intellect): `compare_stdout_results`, by which its task sets judge what a program prints, lets
# numbers differ by 0.001 whatever their size, so a program that prints 0 solves any problem whose answers are small:
# probabilities, lengths in kilometres, 1e-9. Needed: a difference
# in proportion to the number. Seen: True for the four small pairs, False for 1 and 1.0011.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check verifiers==0.4.0
HOME=$folder "$folder/venv/bin/python" - <<'PYTHON'
from verifiers.v1.utils.score import compare_stdout_results

PAIRS = (("0", "0.001", True), ("0.001", "0.002", True), ("0.0005", "0.0001", True), ("0", "1e-9", True), ("1", "1.0011", False))
seen = [compare_stdout_results(printed, expected) for printed, expected, _ in PAIRS]
for (printed, expected, _), taken in zip(PAIRS, seen):
    print(f"{printed} for {expected}: {taken}")
raise SystemExit(seen != [taken for *_, taken in PAIRS])
PYTHON
