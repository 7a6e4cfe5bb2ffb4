#!/usr/bin/env bash
# evalscope 1.14.1 (ModelScope): for BIG-bench Hard it says that it reads "answer is (A)" and "The answer is A.", "always the last
# occurrence". It looks for "So the answer is " in these letters. Without that it takes the first letter of the first line, or for
# free answers the whole of it: "It cannot be (A), so the answer is (B)." is A, and right where A is. A colon behind "is", or
# the phrase within a sentence, is enough. The prompt asks for the phrase; what is lost without it is not the answer, but
# which one. Needed: what its description says, or no answer. The file is loaded by itself: the package asks for all that
# running models needs. Seen: what is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" evalscope==1.14.1
"$folder/venv/bin/python" - "$folder/packages/evalscope/benchmarks/bbh" <<'PYTHON'
import sys
from importlib import import_module
from types import ModuleType


class Nothing:
    """For all that the adapter takes from the package: a decorator that changes nothing."""

    def __call__(self, *parts, **settings):
        return parts[0] if parts and isinstance(parts[0], type) else self

    def __getattr__(self, name):
        return self


for name in ("", ".api", ".api.benchmark", ".api.dataset", ".api.evaluator", ".api.registry", ".constants", ".utils", ".utils.logger"):
    module = sys.modules["evalscope" + name] = ModuleType("evalscope" + name)
    module.__path__, module.__dict__["__getattr__"] = [], lambda part: object if part.endswith("Adapter") else Nothing()
sys.modules["bbh"] = ModuleType("bbh")
sys.modules["bbh"].__path__ = [sys.argv[1]]
adapter = import_module("bbh.bbh_adapter").BBHAdapter
CASES = (
    (adapter._extract_mc_answer, "(A) is too small.\nSo the answer is (B).", "B"),
    (adapter._extract_mc_answer, "(A) is too small.\nThe answer is (B).", "A"),
    (adapter._extract_mc_answer, "(A) is too small.\nSo the answer is: (B)", "A"),
    (adapter._extract_mc_answer, "It cannot be (A), so the answer is (B).", "A"),
    (adapter._extract_ff_answer, "The word is fine.\nSo the answer is **valid**.", "valid"),
    (adapter._extract_ff_answer, "The word is fine.\nThe answer is **valid**.", "The word is fine"),
)
same = True
for read, response, before in CASES:
    now = read(response)
    same &= now == before
    print(f"{response!r} is read as {now!r}")
raise SystemExit(not same)
PYTHON
