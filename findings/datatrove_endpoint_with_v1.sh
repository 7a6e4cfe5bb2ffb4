#!/usr/bin/env bash
# datatrove 0.10.1 has no `endpoint_url` that works for an OpenAI-compatible server of another host: whether it is ready is
# asked at URL/v1/models (and without the key), the completion by the OpenAI client at URL/chat/completions. With /v1 in the
# URL it is never ready, and 300 times five seconds are waited; without, the completion goes to a path that is not there.
# For hosts called localhost, 127.0.0.1 or ::1 another client adds /v1 itself. Needed: one URL for both.
# Seen, of a server under the name 127.1: the paths that it is asked for with either URL.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datatrove==0.10.1 aiosqlite==0.22.1 \
    aiofiles==25.1.0 httpx==0.28.1 orjson==3.13.0 xxhash openai==3.54.0
cat > "$folder/ask.py" <<'PYTHON'
import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from datatrove.pipeline.inference.run_inference import InferenceConfig
from datatrove.pipeline.inference.servers.endpoint_server import EndpointServer

PATHS = []


class Endpoint(BaseHTTPRequestHandler):
    def do_GET(self):
        PATHS.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


async def look(url):
    server = EndpointServer(InferenceConfig(server_type="endpoint", endpoint_url=url, model_name_or_path="m", api_key="k"), 0)
    await server.is_ready()
    try:
        await server._make_request({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
    except Exception as error:
        print(type(error).__name__)


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in ("/v1", ""):
    asyncio.run(look(f"http://127.1:{server.server_port}{path}"))
print(*PATHS)
raise SystemExit(PATHS != ["/v1/v1/models", "/v1/chat/completions", "/v1/models", "/chat/completions"])
PYTHON
"$folder/venv/bin/python" "$folder/ask.py"
