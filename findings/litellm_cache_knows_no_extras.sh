#!/usr/bin/env bash
# litellm 1.110.2: the key of its cache (`litellm.cache`) has OpenAI's own parameters, and nothing that is for the server behind:
# not `extra_body`, `chat_template_kwargs`, `min_p` or `repetition_penalty`, by which vLLM and SGLang are told whether to think and
# how to sample, and not the server, `api_base`. Asked again without thinking, it gives the thoughts; asked of the trained
# model at a port of its own, what the base model said. Nothing is said. `enable_caching_on_provider_specific_optional_params`
# (off) takes up all but the server. A hit also needs fastapi, orjson and soundfile, which it does not ask for: without them
# the second call is an error. Needed: the server asked. Seen: those below from the cache; for `seed` and `top_k` it is asked.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litellm==1.110.2 fastapi orjson soundfile
export LITELLM_LOCAL_MODEL_COST_MAP=True PYTHONWARNINGS=ignore HOME=$folder
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import json
import threading

import litellm
from litellm.caching.caching import Cache

litellm.telemetry = False
asked = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked.append(body)
        message = {"role": "assistant", "content": f"answer {len(asked)}"}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"]}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        data = json.dumps(answer | {"choices": choices, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def served() -> str:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


base, trained = served(), served()


def is_asked(**more: object) -> bool:
    before = len(asked)
    messages = [{"role": "user", "content": "What is 2 + 2?"}]
    how = {"model": "openai/student", "api_base": base, "api_key": "-", "caching": True}
    litellm.completion(messages=messages, **(how | more))
    return len(asked) > before


WITHOUT_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
LEFT_OUT = [{"extra_body": WITHOUT_THINKING}, WITHOUT_THINKING, {"min_p": 0.1}, {"repetition_penalty": 1.3}, {"api_base": trained}]
IN_THE_KEY = [{"seed": 7}, {"top_k": 5}, {"temperature": 0.5}]
SEEN = {False: [False] * 5 + [True] * 3, True: [True] * 4 + [False] + [True] * 3}
same = True
for extras, before in SEEN.items():
    litellm.cache = Cache(type="local")
    litellm.enable_caching_on_provider_specific_optional_params = extras
    assert is_asked()
    now = [is_asked(**more) for more in LEFT_OUT + IN_THE_KEY]
    same &= now == before
    for more, was_asked in zip(LEFT_OUT + IN_THE_KEY, now, strict=True):
        shown = "another server" if "api_base" in more else more
        print(f"with the switch {'on' if extras else 'off'}, {shown}: {'asked' if was_asked else 'from the cache'}")
raise SystemExit(not same)
PYTHON
