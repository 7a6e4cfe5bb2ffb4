#!/usr/bin/env bash
# opencompass 0.5.4: its postprocessors for MATH cut a response at every point and take the first piece with "answer is" in it,
# so the point of a decimal ends the answer: "The answer is 3.5" is 3, wrong where 3.5 is right and right where 3 is. A
# model that names an answer, sees the mistake and names another is scored by the first. Boxed answers go first, and are
# whole. For GSM8K a comma ends the number, known since December 2025 (issues 2343, 2647): 1,450 is 450, and a
# response that begins with "Question:" has none. Needed: the number that stands there, of the last answer. The files are
# loaded by themselves: the package asks for all that running models needs. Seen: what is read, and the verdict.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/packages" opencompass==0.5.4
"$folder/venv/bin/python" -W ignore - "$folder/packages/opencompass/datasets" <<'PYTHON'
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType


class Registry:
    def register_module(self, *names):
        return lambda part: part


class Evaluator:
    def __init__(self, **settings):
        pass


def stand_in(name: str, **parts) -> None:
    module = sys.modules[name] = ModuleType(name)
    module.__path__, module.__dict__["__getattr__"] = [], lambda part: None
    module.__dict__.update(parts)


def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"opencompass.datasets.{name}", f"{sys.argv[1]}/{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


registries = {name: Registry() for name in ("LOAD_DATASET", "TEXT_POSTPROCESSORS", "ICL_EVALUATORS")}
for name, parts in (
    ("datasets", {}),
    ("opencompass", {}),
    ("opencompass.openicl", {"BaseEvaluator": Evaluator}),
    ("opencompass.openicl.icl_evaluator", {"BaseEvaluator": Evaluator}),
    ("opencompass.registry", registries),
    ("opencompass.utils", {}),
    ("opencompass.datasets", {}),
    ("opencompass.datasets.base", {"BaseDataset": object}),
):
    stand_in(name, **parts)
math, gsm8k = load("math"), load("gsm8k")
TWICE = "The answer is 7, it seems. No: 3 times 4 is 12. The final answer is 12."
CASES = (
    (math.math_postprocess_v2, math.MATHEvaluator(version="v2").is_equiv, (
        ("The answer is 12.", "12", "12", True),
        ("The answer is 3.5.", "3.5", "3", False),
        ("The answer is 3.5.", "3", "3", True),
        ("The final answer is $0.25$.", "0.25", "0", False),
        (TWICE, "12", "7,itseems", False),
        (r"\boxed{7}? No: \boxed{3.5}", "3.5", "3.5", True),
    )),
    (math.math_postprocess, math.MATHEvaluator().is_equiv, (
        ("The final answer is 3.5.", "3.5", "3", False),
        ("The final answer is 3.5.", "3", "3", True),
    )),
    (gsm8k.gsm8k_postprocess, gsm8k.Gsm8kEvaluator().is_equal, (
        ("She has $1,450.", "1450", "450", False),
        ("She has $1,450.", "450", "450", True),
        ("Question: how many? Answer: 18", "18", "NULL", False),
    )),
)
same = True
for read, judge, cases in CASES:
    for response, gold, *before in cases:
        now = [read(response), judge(read(response), gold)]
        same &= now == before
        print(f"{read.__name__}: {response!r} for {gold} is read as {now[0]!r}: {now[1]}")
raise SystemExit(not same)
PYTHON
