"""`reflectory run CONFIG --until generate`, with `teacher.max_in_flight`, and `teacher.requests_per_minute` if told."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from order import Order, Row, drive

CONFIGURATION = """
[questions]
source = "jsonl"
path = {questions}
[teacher]
base_url = {base_url}
model = {model}
system_prompt = {system_prompt}
omit = ["seed"]
max_in_flight = {in_flight}
temperature = {temperature}
top_p = {top_p}
max_tokens = {max_tokens}
"""


def run(order: Order) -> None:
    path = Path(order.folder, "run.toml")
    text = CONFIGURATION.format(**{key: json.dumps(value) for key, value in vars(order).items()})
    if order.requests_per_minute:
        text += f"requests_per_minute = {order.requests_per_minute}\n"
    path.write_text(text)
    raise SystemExit(subprocess.run(command(order, "run", str(path), "--until", "generate")).returncode)


def rows(order: Order) -> Iterator[Row]:
    query = "select messages, content from calls"
    asked = subprocess.run(command(order, "sql", query, "--format", "json"), capture_output=True, check=True)
    names = {row["question"]: row["id"] for row in order.read()}
    for call in json.loads(asked.stdout):
        system, question = (message["content"] for message in call["messages"])
        if system == order.system_prompt and question in names:
            yield names[question], call["content"]


def command(order: Order, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "flows", *arguments, "--warehouse", str(Path(order.folder, "warehouse"))]


drive(run, rows)
