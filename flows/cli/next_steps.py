"""What to look at after a run: commands to copy, with traces of this plan."""

import shlex
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from rich.console import Console

QUERIES = (
    "select source, effect, count(*) as n, round(avg(ifd), 3) as ifd from traces_full group by all order by all",
    "select trace_id, question, gold, answer from traces_full where effect = 'corrected' order by ifd desc limit 5",
    "select finish_reason, count(*) as calls, sum(usage.completion_tokens) as tokens from calls group by all",
)
_ID = 12
"""Characters of a trace_id that tell it from millions of others."""


def print_next_steps(console: Console, warehouse: str, examples: Sequence[tuple[str, str]]) -> None:
    """Print the commands that look closer; `examples` are traces, each with what it is an example of."""
    shows = [f"show {trace_id[:_ID]}" for trace_id, _ in examples]
    remarks = [what for _, what in examples]
    asks = [f'sql "{query}"' for query in QUERIES]
    print_commands(console, warehouse, [*shows, *asks, "sql --views"], remarks)


def print_commands(
    console: Console,
    warehouse: str,
    commands: Sequence[str],
    remarks: Sequence[str] = (),
    heading: str = "\nLook closer:",
) -> None:
    """Print commands to copy, as the user would type them; the first ones with a remark."""
    where = "" if warehouse == str(Path("data/warehouse").absolute()) else f" --warehouse {shlex.quote(warehouse)}"
    console.print(heading, markup=False)
    for command, remark in zip_longest(commands, remarks):
        line = f"  {_program()} {command}{where}" + (f"  # {remark}" if remark else "")
        console.print(line, markup=False)


def _program() -> str:
    """As the user calls it."""
    called = Path(sys.argv[0])
    return "python -m flows" if called.name == "__main__.py" else str(called)
