#!/usr/bin/env bash
# litellm 1.110.2 takes <thinking>…</thinking> out of an answer that begins with it and puts it into `reasoning_content`, for
# every OpenAI-compatible server, although the server sent it as content and the tags were what the prompt had asked for.
# Whoever keeps `content`, as the OpenAI client would give it, keeps traces without their thinking. One character before the tag, and
# it stays. No setting turns it off. Needed: the content that was sent, or at least as much for `<think>` only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litellm==1.110.2
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm

TRACE = "<thinking>\n2 + 2 = 5. <reflection>No, 4.</reflection>\n</thinking>\n\n<output>4</output>"


class Endpoint(BaseHTTPRequestHandler):
    content = TRACE

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        choice = {"index": 0, "message": {"role": "assistant", "content": Endpoint.content}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = json.dumps({"id": "a", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


def ask():
    url = f"http://127.0.0.1:{server.server_port}/v1"
    messages = [{"role": "user", "content": "Think in <thinking> tags, then answer in <output> tags: 2 + 2?"}]
    return litellm.completion(model="openai/m", api_base=url, api_key="none", messages=messages).choices[0].message


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
begins = ask()
Endpoint.content = f" {TRACE}"
later = ask()
print("sent:", repr(TRACE))
print("content:", repr(begins.content), "reasoning_content:", repr(begins.reasoning_content))
print("with a space before it:", repr(later.content))
raise SystemExit(not (begins.content == "\n\n<output>4</output>" and later.content == f" {TRACE}"))
PYTHON
