#!/usr/bin/env bash
# deepeval 4.3.1: its GSM8K has the model answer with a whole number, by a schema, and compares it letter by letter with what stands behind
# `####`. Golds with a comma, as "2,125", which the set's own reader takes out, are right for no answer. Its DROP asks for a whole
# number as well, and compares without points and signs: where 1.5 is the gold, 15 is right, and 1.5 cannot be answered.
# 15 is right for -15, 15000 for 1500.0, and 1500 is wrong. Needed: numbers compared as numbers. Seen: `predict` of both with a
# model that says the answer, of the wheel's own code; of its framework, which no rule uses, names stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/eval" deepeval==4.3.1
"$folder/venv/bin/python" - "$folder/eval/deepeval" <<'PYTHON'
import ast
import re
import string
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

root = Path(sys.argv[1])
[rule] = [
    node
    for node in ast.parse((root / "utils.py").read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name == "normalize_text"
]
utils = {"re": re, "string": string}
exec(compile(ast.Module([rule], []), "utils.py", "exec"), utils)
Base = type("Base", (), {})
STAND_IN = {
    "deepeval": {},
    "deepeval.benchmarks": {},
    "deepeval.benchmarks.gsm8k": {},
    "deepeval.benchmarks.drop": {},
    "deepeval.scorer": {},
    "deepeval.utils": {"normalize_text": utils["normalize_text"]},
    "deepeval.config": {},
    "deepeval.config.settings": {"get_settings": None},
    "deepeval.metrics": {},
    "deepeval.metrics.utils": {"trimAndLoadJson": None},
    "deepeval.models": {"DeepEvalBaseLLM": Base},
    "deepeval.dataset": {"Golden": SimpleNamespace},
    "deepeval.telemetry": {"capture_benchmark_run": None},
    "deepeval.benchmarks.base_benchmark": {"DeepEvalBaseBenchmark": Base, "DeepEvalBaseBenchmarkResult": Base},
    "deepeval.benchmarks.tasks": {},
    "deepeval.benchmarks.drop.task": {"DROPTask": Base},
    "deepeval.benchmarks.utils": {"should_use_batch": None},
    "tqdm": {"tqdm": None},
}
for name, content in STAND_IN.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(content, __path__=[str(root.parent / name.replace(".", "/"))])
from deepeval.benchmarks.drop.drop import DROP
from deepeval.benchmarks.gsm8k.gsm8k import GSM8K
from deepeval.benchmarks.gsm8k.template import GSM8KTemplate
from deepeval.scorer.scorer import Scorer

SETTINGS = {"scorer": Scorer(), "shots_dataset": [], "n_shots": 0, "enable_cot": True, "confinement_instructions": ""}


def score(benchmark: type, gold: str, answer: str) -> int:
    task = object.__new__(benchmark)
    vars(task).update(SETTINGS)
    model = SimpleNamespace(generate=lambda prompt, schema: schema(answer=answer))
    golden = SimpleNamespace(input="?", expected_output=gold, context=["number"])
    return task.predict(model, golden)["score"]


CASES = (  # benchmark, gold, answer, score
    (GSM8K, "18", "18", 1),
    (GSM8K, "18", "19", 0),
    (GSM8K, "2,500", "2500", 0),
    (DROP, "18", "18", 1),
    (DROP, "18", "19", 0),
    (DROP, "1.5", "15", 1),
    (DROP, "-15", "15", 1),
    (DROP, "1500.0", "15000", 1),
    (DROP, "1500.0", "1500", 0),
)
same = True
for benchmark, gold, answer, before in CASES:
    expected = GSM8KTemplate.format_answer({"answer": f"By hand.\n#### {gold}"}) if benchmark is GSM8K else gold
    now = score(benchmark, expected, answer)
    same &= now == before
    print(f"{benchmark.__name__}, gold {gold}: {answer} has {now}{'' if now == before else ' OTHER THAN BEFORE'}")
try:
    score(DROP, "1.5", "1.5")
except ValueError as error:
    print("DROP, gold 1.5: 1.5 is refused:", error.errors()[0]["msg"])
else:
    same = False
raise SystemExit(not same)
PYTHON
