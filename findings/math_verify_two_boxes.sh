#!/usr/bin/env bash
# math-verify 0.9.0: two boxes become one answer, a set, where fewer than 10 characters lie between them, or fewer than 70
# with a comma, a semicolon, "and" or "or" among them. A model that boxes a draft, says in a short sentence what is wrong with it and boxes
# the right answer has answered {12, 18}, and is wrong for the gold 18, with the defaults as with what trl's `accuracy_reward`
# asks for. The same with a longer sentence, or without the comma, is right: a reward for saying much, or nothing, about an
# error. A sum whose parts are boxed before it is a set as well. Needed: the last box, as MATH's own reader takes it. Two
# boxes that are the set which is asked for are right, which the rule is there for. Seen: what is read, and `verify` for the
# gold, with the defaults and with the extraction of trl 1.16.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2-extended==1.11.0
"$folder/venv/bin/python" - 2> /dev/null <<'PYTHON'
from latex2sympy2_extended import NormalizationConfig
from math_verify import LatexExtractionConfig, parse, verify

TRL = {
    "extraction_config": [
        LatexExtractionConfig(
            normalization_config=NormalizationConfig(units=True),
            boxed_match_priority=0,
            try_extract_without_anchor=False,
        )
    ],
    "extraction_mode": "first_match",
}
CASES = (  # response, gold, is it right?
    (r"So \boxed{12}. Wait, that leaves out the tax. It is \boxed{18}.", "18", False),
    (r"\boxed{12}? No: \boxed{18}", "18", False),
    (r"\boxed{12}? That is not all of it: \boxed{18}", "18", True),
    (r"So \boxed{12}. Wait, that leaves out the tax" + ", which has to be added" * 3 + r". It is \boxed{18}.", "18", True),
    (r"Red: \boxed{9}. Blue, as seen above: \boxed{8}. In all, \boxed{17}", "17", False),
    (r"It is \boxed{18}.", "18", True),
    (r"The roots are \boxed{12} and \boxed{18}.", r"\{12, 18\}", True),
)
same = True
for text, gold, before in CASES:
    seen = [verify(parse(f"${gold}$"), parse(text, **settings)) for settings in ({}, TRL)]
    same &= seen == [before] * 2
    print(f"{text} is read as {parse(text)[0]}, {seen} for {gold}{'' if seen == [before] * 2 else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON
