#!/usr/bin/env bash
# synthetic-data-kit 0.0.5: `curate` keeps what the rater wrote back, not the pair that was rated, and before it reads that as
# JSON it makes each line break, also the escaped ones inside a string, a blank: code is no longer code, paragraphs and
# lists are one line. Here the rater is perfect: it sends every pair back as it was, with a 9. Needed: the answers
# as they were. Seen: the three are kept, without their line breaks.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check synthetic-data-kit==0.0.5
cd "$folder"
"$folder/venv/bin/python" - 2> log <<'PYTHON' || { tail -20 log; exit 1; }
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from synthetic_data_kit.core.curate import curate_qa_pairs

PAIRS = [
    {"question": "Add two numbers in Python.", "answer": "def add(a, b):\n    return a + b"},
    {"question": "Name two primes, one a line.", "answer": "- 2\n- 3"},
    {"question": "What is 2 + 3?", "answer": "5"},
]


class Rater(BaseHTTPRequestHandler):
    """Sends back the pairs that it is asked about, each with a 9."""

    def do_GET(self) -> None:
        self.reply({"object": "list", "data": []})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][0]["content"]
        pairs = asked[asked.index("QA pairs to rate:") + len("QA pairs to rate:") :]
        given = json.loads(pairs)
        rated = [pair | {"rating": 9} for pair in (given if isinstance(given, list) else [given])]
        self.reply({"choices": [{"message": {"role": "assistant", "content": json.dumps(rated)}}]})

    def reply(self, body: dict) -> None:
        sent = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Rater)
Thread(target=server.serve_forever, daemon=True).start()
Path("pairs.json").write_text(json.dumps({"qa_pairs": PAIRS}))
curate_qa_pairs(
    "pairs.json", "kept/kept.json", 7.0, f"http://127.0.0.1:{server.server_port}/v1", "rater", None, False, "vllm"
)
kept = json.loads(Path("kept/kept.json").read_text())
answers = [pair["answer"] for pair in kept.get("qa_pairs", kept.get("filtered_pairs", []))]
print(f"given: {[pair['answer'] for pair in PAIRS]}")
print(f"kept:  {answers}")
raise SystemExit(answers != ["def add(a, b): return a + b", "- 2 - 3", "5"])
PYTHON
