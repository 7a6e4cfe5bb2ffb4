#!/usr/bin/env bash
# bespokelabs-curator 0.1.31 answers a changed `system_prompt` from its cache, without a word: the key of the cache has the
# rows, the source of `prompt`, the model's name and the sampling, not the system prompt (nor `base_url`).
# Needed: the rows asked again, as after a change of `prompt`.
# Seen: three rows asked; the same three under another system prompt: no request, the old answers. TIKTOKEN_CACHE_DIR is set to
# the encodings that litellm ships, so that none is downloaded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check bespokelabs-curator==0.1.31
cat > "$folder/ask.py" <<'PYTHON'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bespokelabs import curator

ASKED = []


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = [message["content"] for message in body["messages"] if message["role"] == "system"]
        ASKED.extend(said)  # a first request, about limits, has no messages
        choice = {"index": 0, "message": {"role": "assistant", "content": f"under {said}"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        answer = json.dumps({"id": "a", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *arguments):
        pass


class Answers(curator.LLM):
    def prompt(self, row):
        return row["question"]

    def parse(self, row, response):
        return {"question": row["question"], "response": response}


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
rows = [{"question": f"question {n}"} for n in range(3)]
answers = []
for system_prompt in ("be brief", "be thorough"):
    llm = Answers(
        model_name="m",
        backend="openai",
        system_prompt=system_prompt,
        backend_params={"base_url": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "none"},
    )
    answers.append([row["response"] for row in llm(rows, working_dir=sys.argv[1]).dataset])
print("asked under:", ASKED)
print("answers under 'be thorough':", answers[1])
raise SystemExit(not (ASKED == ["be brief"] * 3 and answers[1] == answers[0] == ["under ['be brief']"] * 3))
PYTHON
encodings=$(echo "$folder"/venv/lib/python3*/site-packages/litellm/litellm_core_utils/tokenizers)
HOME=$folder TELEMETRY_ENABLED=0 TIKTOKEN_CACHE_DIR=$encodings \
    "$folder/venv/bin/python" "$folder/ask.py" "$folder/work" > "$folder/log" 2>&1 || { tail -20 "$folder/log"; exit 1; }
grep -E "^(asked|answers) under" "$folder/log"
