#!/usr/bin/env bash
# curatorkit 0.1.22 with `enable_checkpoint` answers a changed input or a changed prompt from its last run, without a word: once a
# run has ended, its checkpoint stays, and its key has neither the rows, nor the prompt's template, nor the temperature or the
# server. Its documentation says that another configuration begins afresh. Needed: the new rows asked, and all rows
# under a new prompt. Seen: two rows asked; then five, then two under another prompt: no request, the same two answers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "curatorkit[generation]==0.1.22" litellm==1.110.2
cat > "$folder/ask.py" <<'PYTHON'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from curatorkit import Curator, CuratorConfig

ASKED = []


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
        ASKED.append(asked)
        choice = {"index": 0, "message": {"role": "assistant", "content": f"to: {asked}"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = json.dumps({"id": "a", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


def run(n_rows, prompt):
    """(answers, requests that were made)"""
    ASKED.clear()
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": f"question {n}", "output": ""}) + "\n" for n in range(n_rows)))
    config = CuratorConfig(
        dataset=str(rows),
        schema_gate=False,
        llm_model="openai/m",
        llm_api_base=f"http://127.0.0.1:{server.server_port}/v1",
        llm_api_key="none",
        generation_task="cot",
        cot_prompt_template=prompt + "{context_section} {instruction}",
        output_dir=str(folder / "out"),
        enable_checkpoint=True,
    )
    return sorted(row.output for row in Curator(config).run().passed), len(ASKED)


folder, server = Path(sys.argv[1]), ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
seen = [run(*step) for step in ((2, "briefly:"), (5, "briefly:"), (2, "at length:"))]
for answers, asked in seen:
    print("seen:", asked, "requests,", answers)
first = ["to: briefly: question 0", "to: briefly: question 1"]
raise SystemExit(seen != [(first, 2), (first, 0), (first, 0)])
PYTHON
HOME=$folder LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" "$folder/ask.py" "$folder" > "$folder/log" 2>&1 \
    || { tail -20 "$folder/log"; exit 1; }
grep "^seen" "$folder/log"
