#!/usr/bin/env bash
# lm-eval 0.4.13: two of IFEval's published prompts name a sign where others name a letter (`#` at least 4 times, `!` at least 6
# times). `ifeval` takes only a to z for a letter and draws one at random for anything else, anew for each response: one full of the
# sign fails, one without it passes, and which does follows from what was judged before it, so the order of responses and the part of
# the file that is judged change the score. lighteval 0.13.0, evalscope 1.14.1, opencompass 0.5.4 and if-verifiable 0.1.2 carry the same
# lines. Needed: the sign. Seen: of 200 judgements of one response how many pass.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nltk==3.10.4 langdetect==1.0.9 immutabledict==4.3.1 packaging==26.3
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" lm-eval==0.4.13
"$folder/venv/bin/python" - "$folder/packages" <<'PYTHON'
import random
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import nltk

nltk.download = lambda *names, **settings: True  # nothing here needs what it loads
folder = f"{sys.argv[1]}/lm_eval/tasks/ifeval"
for name in ("lm_eval", "lm_eval.tasks", "lm_eval.tasks.ifeval"):
    sys.modules[name] = ModuleType(name)
for name in ("instructions_util", "instructions"):
    spec = spec_from_file_location(f"lm_eval.tasks.ifeval.{name}", f"{folder}/{name}.py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    setattr(sys.modules["lm_eval.tasks.ifeval"], name, module)
    spec.loader.exec_module(module)


def passes(letter, times, response):
    check = module.LetterFrequencyChecker("keywords:letter_frequency")
    check.build_description(letter=letter, let_frequency=times, let_relation="at least")
    return check.check_following(response)


random.seed(0)
found = {}
for letter, response in (("#", "# " * 9), ("!", "Yes! " * 9), ("#", "the tea is a treat " * 9), ("e", "the tea " * 9)):
    found[letter, response[:10]] = sum(passes(letter, 4, response) for _ in range(200))
    print(f"{letter!r} at least 4 times in {response[:10]!r} …: {found[letter, response[:10]]} of 200 judgements pass")
signs, mixed, without, letter = found.values()
sys.exit(not (signs == 0 and 0 < mixed < 200 and 0 < without < 200 and letter == 200))
PYTHON
