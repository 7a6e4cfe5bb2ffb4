#!/usr/bin/env bash
# trl 1.16.0: `reasoning_accuracy_reward` says of `reasoning_delimiters` that "the final answer is assumed to be after the last
# occurrence of any of these". It takes the first of the list that occurs, and what stands behind that is the answer: with
# ["</thinking>", "</reflection>"] all of a reflection is, and earns the reward for an answer that was never given, or
# for one other than was given. With the list turned round it does not; the same completions, other rewards. Needed: the last of
# them, in either order. The file is loaded by itself: the package asks for all that training needs. Seen with math-verify
# 0.9.0, for a gold of 12: 1, 1 and 1, then 0, 0 and 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check math-verify==0.9.0 latex2sympy2_extended==1.11.0 sympy==1.14.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" trl==1.16.0
"$folder/venv/bin/python" - "$folder/packages/trl" 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

for name in ("trl", "trl.rewards", "trl.import_utils"):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = []
sys.modules["trl.import_utils"].is_math_verify_available = lambda: True
spec = spec_from_file_location("trl.rewards.accuracy_rewards", f"{sys.argv[1]}/rewards/accuracy_rewards.py")
rewards = module_from_spec(spec)
spec.loader.exec_module(rewards)
COMPLETIONS = (
    r"<thinking>3 times 4</thinking><reflection>Is it \boxed{12}?</reflection> I do not know.",
    r"<thinking>3 times 4</thinking><reflection>Is it \boxed{12}?</reflection> No: the answer is 7.",
    r"<thinking>3 times 4</thinking><reflection>Right.</reflection> \boxed{12}",
)
same = True
for delimiters, before in ((["</thinking>", "</reflection>"], [1.0, 1.0, 1.0]), (["</reflection>", "</thinking>"], [0.0, 0.0, 1.0])):
    completions = [[{"role": "assistant", "content": completion}] for completion in COMPLETIONS]
    now = rewards.reasoning_accuracy_reward(completions, ["12"] * len(COMPLETIONS), delimiters)
    same &= now == before
    print(f"{delimiters}: {now}")
raise SystemExit(not same)
PYTHON
