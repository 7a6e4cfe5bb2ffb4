#!/usr/bin/env bash
# datatrove 0.10.1 counts its last, partly filled chunk as a whole one: rows added to an input that was done are never asked,
# and nothing says so. Needed: the added rows asked, or an error. `InferenceRunner` with a checkpoint folder writes the number
# of the last chunk, and the next run skips (number + 1) * records_per_chunk rows.
# Seen: 5 rows with chunks of 10, then 8 rows: no request for the 3 new ones, exit without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datatrove==0.10.1 aiosqlite==0.22.1 \
    aiofiles==25.1.0 httpx==0.28.1 orjson==3.13.0 xxhash
cat > "$folder/ask.py" <<'PYTHON'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

ASKED = []


class Endpoint(BaseHTTPRequestHandler):
    def do_GET(self):
        self.say({"data": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ASKED.append(body["messages"][0]["content"])
        choice = {"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
        self.say({"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    def say(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


async def ask(document, generate):
    return await generate({"messages": [{"role": "user", "content": document.text}]})


folder, server = Path(sys.argv[1]), ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
sent = []
for run, n in enumerate((5, 8)):
    (folder / "rows").mkdir(exist_ok=True)
    (folder / "rows/rows.jsonl").write_text("".join(json.dumps({"id": str(i), "text": f"row {i}"}) + "\n" for i in range(n)))
    runner = InferenceRunner(
        rollout_fn=ask,
        config=InferenceConfig(
            server_type="endpoint", endpoint_url=f"http://127.0.0.1:{server.server_port}", model_name_or_path="m"
        ),
        output_writer=JsonlWriter(str(folder / "out"), output_filename="${rank}_${chunk_index}.jsonl", compression=None),
        checkpoints_local_dir=str(folder / "checkpoints"),
        records_per_chunk=10,
    )
    LocalPipelineExecutor([JsonlReader(str(folder / "rows")), runner], logging_dir=str(folder / f"logs{run}")).run()
    sent.append(len(ASKED))
print(f"requests after 5 rows: {sent[0]}, after 8 rows: {sent[1]}")
raise SystemExit(sent != [5, 5])
PYTHON
"$folder/venv/bin/python" "$folder/ask.py" "$folder" 2> "$folder/log" || { tail -20 "$folder/log"; exit 1; }
