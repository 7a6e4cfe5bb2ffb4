"""Records `old_warehouse.tar.xz`: what a given commit writes when it works with a scripted endpoint.

    python tests/golden/record_old_warehouse.py CHECKOUT tests/golden/old_warehouse.tar.xz

Runs every command of `COMMANDS` by the code in CHECKOUT, in an empty folder and with relative paths only, so that the
archive holds no path of the machine. The fixture in this folder was recorded by commit 9143127.
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from pathlib import Path
from typing import Any

PORT = 28437
"""A part of every call's key: the same at each recording."""
COMMANDS = (
    ("run", "kinds.toml"),
    ("run", "revise.toml", "--until", "verify"),
    ("run", "written.toml", "--until", "verify"),
    ("run", "recorded.toml", "--until", "verify"),
    ("recycle", "recycle.toml"),
    ("curate", "policy.toml"),
    ("release", "old"),
)

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"question": "How many legs have 3 spiders?", "gold": "24", "kind": "number"},
    {"question": "What is 418 - 92 + 377?", "gold": "703", "kind": "number", "tags": ["sums"]},
    {"question": "A shirt of $40 is 15% off. What does it cost?", "gold": "34"},
    {"question": "What does 14 * 12 - 9 come to?", "gold": "159"},
    {"question": "Simplify the square root of 18.", "gold": "3\\sqrt{2}", "kind": "math"},
    {"question": "Which part of an hour are 45 minutes?", "gold": "3/4", "kind": "math"},
    {"question": "Solve 7*x + 12 = 96.", "gold": "x = 12", "kind": "math"},
    {"question": "Spell shadow backwards.", "gold": "wodahs", "kind": "exact"},
    {"question": "Which city is the capital of France?", "gold": "Paris", "id": "paris"},
    {
        "question": "Which planet is the largest? A: Mars, B: Jupiter, C: Venus",
        "gold": "B",
        "kind": "choice",
        "spec": {"choices": ["Mars", "Jupiter", "Venus"]},
    },
    {
        "question": "Write a Python function double(n) that returns twice n.",
        "kind": "code",
        "spec": {"entry_point": "double", "cases": [{"args": [2], "expected": 4}, {"args": [-3], "expected": -6}]},
    },
    {
        "question": "Name three colours, without any comma.",
        "kind": "constraints",
        "spec": {
            "prompt": "Name three colours, without any comma.",
            "instruction_id_list": ["punctuation:no_comma"],
            "kwargs": [{}],
        },
    },
    {"question": "How many primes are below 20?", "kind": "consensus", "spec": {"samples": ["8", "8", "Answer: 9"]}},
    {"question": "Why is the sky blue?", "kind": "judge", "gold": "Air scatters blue light most."},
    {"question": "What will be asked tomorrow?", "kind": "number"},
)
ANSWERS = {
    "legs have 3 spiders": "24",
    "418 - 92 + 377": "703",
    "15% off": "$34",
    "14 * 12 - 9": "159",
    "square root of 18": "$\\sqrt{18}$",
    "part of an hour": "0.75",
    "7*x + 12 = 96": "12",
    "shadow backwards": "wodahs",
    "capital of France": "Paris",
    "planet is the largest": "B",
    "function double": "```python\ndef double(n):\n    return 2 * n\n```",
    "three colours": "red and green and blue",
    "primes are below 20": "8",
    "sky blue": "Air scatters blue light more than red light.",
    "asked tomorrow": "nobody knows",
    "crates": "42",
}
"""By a part of the question."""
PAIRS = (
    {"instruction": "Calculate 605 + 391.", "input": "", "output": "996"},
    {"instruction": "Sort these words.", "input": "guitar, butter, temple", "output": "butter, guitar, temple"},
    {"instruction": "Name the capital of France.", "input": "", "output": "Paris"},
    {"instruction": "Keep this pair: what is 2 + 2?", "input": "", "output": "4"},
)
RECORDED = (
    {"id": "eggs", "question": "9 eggs at 2 dollars?", "gold": "18", "response": "So 9 * 2. Answer: $18"},
    {"id": "half", "question": "Half of 90?", "gold": "45", "response": "Half of it. Answer: 54"},
)
TEACHER = f"""
[teacher]
base_url = "http://127.0.0.1:{PORT}/v1"
model = "stub"
usd_per_million_input = 1.0
usd_per_million_output = 2.0
"""
JUDGE = TEACHER.replace("[teacher]", "[judge]").replace('"stub"', '"stub-judge"')
FILES = {
    "questions.jsonl": QUESTIONS,
    "pairs.jsonl": PAIRS,
    "recorded.jsonl": RECORDED,
    "kinds.toml": f'[questions]\nsource = "jsonl"\npath = "questions.jsonl"\n{TEACHER}samples = 2\n{JUDGE}',
    "revise.toml": '[questions]\nsource = "jsonl"\npath = "questions.jsonl"\nlimit = 8\n'
    f'{TEACHER}strategy = "draft_reflect_revise"\non_truncation = "extend"\n',
    "written.toml": '[questions]\nsource = "teacher"\ntopics = ["crates"]\nlimit = 4\nper_call = 2\nrounds = 1\n'
    f"gold_samples = 3\n{TEACHER}",
    "recorded.toml": '[questions]\nsource = "recorded"\npath = "recorded.jsonl"\nkind = "number"\n',
    "recycle.toml": f'[pairs]\npath = "pairs.jsonl"\n[selection]\nmode = "recycle"\n{TEACHER}',
    "policy.toml": 'name = "all_correct"\nseed = 7\n',
}


def reply(messages: list[dict[str, str]], seed: int) -> str:
    """What the endpoint says: the right answer, but for a wrong one in the first of two attempts at some questions."""
    system, user = messages[0]["content"], messages[-1]["content"]
    if "how many questions are wanted" in system:
        return "".join(f"<question>How many crates hold {n * 7} jars, {n} to each?</question>\n" for n in (6, 12))
    if "turn a question into another one" in system:
        return f"<question>{_between(user, 'question')} Say it in a whole number of crates.</question>"
    if "what it is worth" in system:
        return _reflected(system, user)
    if system.startswith("You judge one answer"):
        return "The cause is named.\n\nVerdict: correct"
    if system.startswith("You check one attempt"):
        return "The step breaks.\n\nVerdict: flawed" if "Answer: 1" in user else "It holds.\n\nVerdict: holds"
    return _attempt(user, revised="<critique>" in user, plain=system.startswith("Answer the question"), seed=seed)


def _attempt(user: str, revised: bool, plain: bool, seed: int) -> str:
    right = next((answer for part, answer in ANSWERS.items() if part in user), "7")
    if plain:
        return f"Worked out.\n\nAnswer: {right}"
    errs = right.isdigit() and seed % 2 == 0 and not revised
    said = f"1{right}" if errs else right
    first = f"1{right}" if right.isdigit() and seed % 3 == 0 else said
    looked = f"<reflection>Once more: {first} does not come out again.</reflection>\n" if first != said else ""
    checked = looked or "<reflection>It comes out again.</reflection>\n"
    thinking = f"<thinking>So the answer is {first}. {checked}So the answer is {said}.</thinking>"
    return f"{thinking}\n<output>Answer: {said}</output>"


def _reflected(system: str, user: str) -> str:
    if "Keep this pair" in user:
        return "<critique>Good.</critique>\n<decision>keep</decision>"
    parts = ["<critique>Too short.</critique>", "<decision>replace</decision>"]
    if "new_instruction" in system:
        parts.append(f"<new_instruction>{_between(user, 'given_instruction')} Show each step.</new_instruction>")
    return "\n".join([*parts, f"<new_response>Step by step: {_between(user, 'given_response')}</new_response>"])


def _between(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>\s*(.*?)\s*</{tag}>", text, re.DOTALL)
    assert found, f"no <{tag}> in {text!r}"
    return found[1]


class Server(ThreadingHTTPServer):
    n_asked = 0
    """Completions so far."""


class Endpoint(BaseHTTPRequestHandler):
    """The two paths that are asked."""

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": name, "object": "model"} for name in ("stub", "stub-judge")]})

    def do_POST(self) -> None:
        assert isinstance(self.server, Server)
        self.server.n_asked += 1
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = reply(asked["messages"], asked.get("seed") or 0)
        said = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": 100, "completion_tokens": len(text.split())}
        choices = [{"index": 0, "message": said, "finish_reason": "stop"}]
        self._send(
            {"id": "1", "object": "chat.completion", "model": asked["model"], "choices": choices, "usage": usage}
        )

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _send(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def endpoint() -> Iterator[Server]:
    """Serve the scripted endpoint at `PORT`."""
    with Server(("127.0.0.1", PORT), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def record(checkout: Path, archive: Path) -> None:
    with tempfile.TemporaryDirectory() as name, endpoint():
        folder = Path(name)
        write_inputs(folder)
        for command in COMMANDS:
            _flows(checkout, folder, command)
        (folder / "hashes.txt").write_text(_flows(checkout, folder, ("hashes",)))
        pack(folder, archive)


def write_inputs(folder: Path) -> None:
    """Write the questions, pairs and configurations."""
    for file, content in FILES.items():
        rows = content if isinstance(content, str) else "".join(json.dumps(row) + "\n" for row in content)
        (folder / file).write_text(rows)


def pack(folder: Path, archive: Path) -> None:
    """Put everything but Prefect's folder and the catalog, which is made anew, into a tar without paths and owners."""
    for log in folder.glob("warehouse/*/_delta_log/*.json"):
        log.write_text(log.read_text().replace(str(folder), ""))
    with tarfile.open(archive, "w:xz") as packed:
        for path in sorted(folder.rglob("*")):
            packed.add(path, path.relative_to(folder), recursive=False, filter=_anonymous)


def _flows(checkout: Path, folder: Path, command: tuple[str, ...]) -> str:
    full = [sys.executable, "-m", "flows", *command, "--warehouse", "warehouse"]
    ours = {**environ, "PYTHONPATH": str(checkout.absolute())}
    return subprocess.run(full, cwd=folder, env=ours, check=True, stdout=subprocess.PIPE, text=True).stdout


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return None if member.name.startswith("data") or member.name.endswith((".duckdb", ".lock")) else member


if __name__ == "__main__":
    record(Path(sys.argv[1]), Path(sys.argv[2]))
