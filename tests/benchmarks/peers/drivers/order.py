"""What a driver is told, and its command line: `DRIVER.py run ORDER.json`, then `DRIVER.py rows ORDER.json`.

`run` is what is measured. `rows` comes after it, unmeasured: it reads what the library left, in the library's own form.
Only the standard library is used here: every driver runs in the interpreter of its own peer.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    base_url: str
    model: str
    system_prompt: str
    temperature: float
    top_p: float
    max_tokens: int
    in_flight: int
    requests_per_minute: int | None
    """What the client is told of the server's limit; None: nothing."""
    questions: str
    """A JSONL file of `id` and `question`."""
    folder: str
    """The library's own for its caches and output; the same in a rerun."""
    out: str
    """Where `rows` writes `{"id", "response"}`, a response null where there is none."""

    def read(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in Path(self.questions).read_text("utf-8").splitlines()]

    def messages(self, question: str) -> list[dict[str, str]]:
        return [{"role": "system", "content": self.system_prompt}, {"role": "user", "content": question}]

    @property
    def sampling(self) -> dict[str, Any]:
        return {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}


Row = tuple[str, str | None]


def drive(run: Callable[[Order], None], rows: Callable[[Order], Iterable[Row]]) -> None:
    """Does what the command line says."""
    what, path = sys.argv[1:]
    order = Order(**json.loads(Path(path).read_text("utf-8")))
    if what == "run":
        run(order)
        return
    with Path(order.out).open("w", encoding="utf-8") as out:
        for name, response in rows(order):
            out.write(json.dumps({"id": name, "response": response}) + "\n")
