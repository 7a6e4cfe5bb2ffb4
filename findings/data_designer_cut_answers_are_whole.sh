#!/usr/bin/env bash
# NVIDIA Data Designer 0.9.7 (data-designer) asks why a response ended only when it cannot be read. A text that was cut off by `max_tokens`
# goes into its column as it is, and a judge's JSON that was cut is mended by json-repair: with a scale of 1 to 10 a verdict that ends
# behind the first figure of 10 is the lowest score, with the reason for the highest. The records count as ok, no column tells them
# from the others, and nothing is logged of it. Needed: the record failed, or marked. Seen: one record with a server that says
# `finish_reason: length`, and one whose answers are whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check data-designer==0.9.7
export HOME=$folder DO_NOT_TRACK=1 NEMO_TELEMETRY_ENABLED=false
seen=$("$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import data_designer.config as dd
from data_designer.interface import DataDesigner

VERDICT = '```json\n{"Right": {"reasoning": "Every step is right.", "score": 10}}\n```'
ANSWERS = {"whole": ("The total is 18.", VERDICT), "length": ("The total is 1", VERDICT[: VERDICT.index("0}}")])}
asked_for = "whole"


class Server(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        prompt = self.rfile.read(int(self.headers["content-length"])).decode()
        content = ANSWERS[asked_for]["Rate it" in prompt]
        choice = {
            "index": 0,
            "finish_reason": "stop" if asked_for == "whole" else "length",
            "message": {"role": "assistant", "content": content},
        }
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        chat = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(chat).encode())

    def log_message(self, *_: object) -> None: ...


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v1"
provider = dd.ModelProvider(name="here", endpoint=url, provider_type="openai", api_key="none")
settings = dd.ChatCompletionInferenceParams(max_tokens=64)
model = dd.ModelConfig(alias="m", model="m", provider="here", inference_parameters=settings)
builder = dd.DataDesignerConfigBuilder(model_configs=[model])
words = dd.CategorySamplerParams(values=["boxes"])
builder.add_column(dd.SamplerColumnConfig(name="of", sampler_type=dd.SamplerType.CATEGORY, params=words))
builder.add_column(dd.LLMTextColumnConfig(name="text", model_alias="m", prompt="Count the {{ of }}."))
scale = dd.Score(name="Right", description="how right", options={n: str(n) for n in range(1, 11)})
builder.add_column(dd.LLMJudgeColumnConfig(name="verdict", model_alias="m", prompt="Rate it: {{ text }}", scores=[scale]))
for asked_for in ANSWERS:
    designer = DataDesigner(artifact_path=sys.argv[1], model_providers=[provider])
    [record] = designer.preview(builder, num_records=1).dataset.to_dict("records")
    print(f"{asked_for}: {record['text']!r}, {record['verdict']}, columns {sorted(record)}")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
whole: 'The total is 18.', {'Right': {'reasoning': 'Every step is right.', 'score': 10}}, columns ['of', 'text', 'verdict']
length: 'The total is 1', {'Right': {'reasoning': 'Every step is right.', 'score': 1}}, columns ['of', 'text', 'verdict']
SEEN
