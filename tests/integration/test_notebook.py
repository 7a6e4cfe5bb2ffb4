"""The notebook of the documentation runs, cell by cell, without Prefect or Ray."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHECK = """
import json, sys
print(json.dumps({
    "verdicts": [row["verdict"] for row in verdicts],
    "ifd": [row["ifd"] for row in scores],
    "contaminated": [row["contaminated"] for row in found],
    "questions": questions.num_rows,
    "loaded": [name for name in ("prefect", "ray", "deltalake", "openai", "torch") if name in sys.modules],
}))
"""


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def executed(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The code run inside an event loop, as a kernel runs it, over the recorded warehouse."""
    with tarfile.open(ROOT / "tests" / "golden" / "old_warehouse.tar.xz") as recorded:
        recorded.extractall(folder, filter="data")
    warehouse = next(folder.rglob("traces")).parent
    kernel = "import asyncio, sys\nasync def kernel():\n    exec(sys.stdin.read(), globals())\nasyncio.run(kernel())"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "REFLECTORY_WAREHOUSE": str(warehouse)}
    return subprocess.run(
        [sys.executable, "-c", kernel], input=code, env=environment, cwd=folder, capture_output=True, text=True
    )


def test_the_notebook_runs(tmp_path: Path) -> None:
    done = executed(code_of(ROOT / "docs" / "quickstart.ipynb") + CHECK, tmp_path)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["verdicts"] == ["correct", "correct", "incorrect"]
    asked, not_asked = told["ifd"]
    assert asked < not_asked
    assert told["contaminated"] == [True, False]
    assert told["questions"] > 0
    assert told["loaded"] == ["torch"]  # of scoring
    assert "table: got 'question'; needs questions?" in done.stdout


def test_a_cell_that_fails_is_seen(tmp_path: Path) -> None:
    done = executed("import reflectory\nreflectory.verify([{}])", tmp_path)
    assert done.returncode == 1
    assert "Refused: none of the rows can be used" in done.stderr
