#!/usr/bin/env bash
# opencompass 0.5.4: the reader of TheoremQA's answers looks for `yes`, `true`, `no` and `false` anywhere in what follows "the answer
# is", also within words: a number with its noun (`5 nodes`, `12 knots`), one that is called normal, known or monotone, or one
# behind which `not` stands is read as False, and so is wrong whatever it is; where False is the gold such a number is right. A No that is
# explained with the word `true` is True. Needed: the number; a yes or no only where it stands as a word and answers. Seen: what is
# read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" opencompass==0.5.4
seen=$("$folder/venv/bin/python" -W ignore - "$folder/packages/opencompass/datasets/TheoremQA" <<'PYTHON'
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

# The reader is loaded by itself; it asks for a parser of LaTeX, which here can read nothing, as it cannot read words.
sys.modules["latex2sympy2_extended"] = ModuleType("latex2sympy2_extended")
sys.modules["latex2sympy2_extended"].latex2sympy = lambda text: 1 / 0
sys.modules["package"] = ModuleType("package")
sys.modules["package"].__path__ = []
for name in ("number_utils", "utils"):
    spec = spec_from_file_location(f"package.{name}", f"{sys.argv[1]}/{name}.py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:  # of what only the comparing of numbers needs
        for each in ("clean_units", "compare_two_numbers", "compare_two_list", "number_it"):
            setattr(module, each, lambda text, *more: text)
for said in ("5", "5 edges", "5 nodes", "12 knots", "5, not 6", "the normal force, 5 N", "No", "No, for 0 it is not true"):
    print(f"{said!r} is {module.answer_clean(('The answer is', 'the answer is'), f'So the answer is {said}.')!r}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
'5' is '5'
'5 edges' is '5'
'5 nodes' is 'False'
'12 knots' is 'False'
'5, not 6' is 'False'
'the normal force, 5 N' is 'False'
'No' is 'False'
'No, for 0 it is not true' is 'True'
SEEN
