#!/usr/bin/env bash
# ms-swift 4.6.0: its reward `accuracy` reads the first <answer> of a response, in the thoughts, too, and without one the first
# \boxed. A model that tries an answer, sees its mistake and corrects it gets nothing; one that withdraws a right answer for a wrong
# one gets all. What is learnt from that is never to correct what has been said, and that a first guess is what counts. Of a
# number with a unit it takes the number: 3 hours are 3 days. Needed: the last answer, behind the thoughts.
# Seen for a gold of 12: 0, 0, 0 for corrected ones, 1 for the withdrawn one. The file of the rewards is loaded by itself: the
# package asks for all that training needs. Seen with math-verify 0.9.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2_extended==1.11.0 sympy==1.14.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/swift" ms-swift==4.6.0
"$folder/venv/bin/python" - "$folder/swift" 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

engine = ModuleType("swift.infer_engine")
engine.InferRequest = dict
sys.modules |= {"swift": ModuleType("swift"), "swift.infer_engine": engine}
spec = spec_from_file_location("orm", f"{sys.argv[1]}/swift/rewards/orm.py")
rewards = module_from_spec(spec)
spec.loader.exec_module(rewards)
accuracy = rewards.orms["accuracy"]()
CASES = (
    ("right at once", "<think>Three fours.</think><answer>12</answer>", "12", 1.0),
    ("corrected", "<answer>7</answer> Wait, 3 times 4 is 12. <answer>12</answer>", "12", 0.0),
    ("corrected in the thoughts", "<think><answer>7</answer>? No.</think><answer>12</answer>", "12", 0.0),
    ("corrected in boxes", r"It is \boxed{7}. Wait, 3 times 4 is 12: \boxed{12}", "12", 0.0),
    ("withdrawn", "<answer>12</answer> Wait, 3 and 4 are 7. <answer>7</answer>", "12", 1.0),
    ("another unit", "<answer>3 days</answer>", "3 hours", 1.0),
)
same = True
for name, response, gold, before in CASES:
    [now] = accuracy([response], [gold])
    same &= now == before
    print(f"{name}: {response!r} for {gold!r} -> {now}")
raise SystemExit(not same)
PYTHON
