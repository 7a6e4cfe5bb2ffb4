"""Questions for tests of runs: the practice teacher solves them, and no library is loaded to draw or to judge them."""

import json
from pathlib import Path

SUM = "State the final answer to the following arithmetic problem: {} + {} ="


def write_sums(path: Path, n_rows: int) -> None:
    """A JSONL file of `n_rows` different sums with their golds."""
    rows = [{"question": SUM.format(110 + n, 945), "gold": str(1055 + n), "kind": "number"} for n in range(n_rows)]
    path.write_text("\n".join(map(json.dumps, rows)))
