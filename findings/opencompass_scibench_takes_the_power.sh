#!/usr/bin/env bash
# opencompass 0.5.4: the postprocessor for SciBench takes the last figures behind "answer is", up to the end of the response: of 6.626
# times ten to the minus 34 it is the exponent, of 9.8 m/s^2 the power of the unit, and whatever a later sentence counts. A box ends
# at its first closing brace: a fraction or a power in it is cut. Needed: the number that the answer begins with, and all of the box.
# Seen: what is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" opencompass==0.5.4
seen=$("$folder/venv/bin/python" -W ignore - "$folder/packages/opencompass/datasets/scibench.py" <<'PYTHON'
import re
import sys

source = open(sys.argv[1]).read()
names = {"re": re}
exec(source[source.index("def scibench_postprocess") :], names)  # by itself: the package asks for all that running models needs
for response in (
    "The answer is 24.",
    "The answer is 6.626 \\times 10^{-34}.",
    "The answer is 6.626e-34.",
    "The answer is 9.8 m/s^2.",
    "The answer is 24. I used 3 steps.",
    "The answer is \\boxed{24}.",
    "The answer is \\boxed{\\frac{1}{2}}.",
    "The answer is \\boxed{6.626 \\times 10^{-34}}.",
):
    print(f"{response!r} is {names['scibench_postprocess'](response)!r}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
'The answer is 24.' is '24'
'The answer is 6.626 \\times 10^{-34}.' is '-34'
'The answer is 6.626e-34.' is '-34'
'The answer is 9.8 m/s^2.' is '2'
'The answer is 24. I used 3 steps.' is '3'
'The answer is \\boxed{24}.' is '24'
'The answer is \\boxed{\\frac{1}{2}}.' is '\\frac{1'
'The answer is \\boxed{6.626 \\times 10^{-34}}.' is '6.626 \\times 10^{-34'
SEEN
