"""bespokelabs-curator's `LLM` by its backend `openai`, as its documents have it for an OpenAI-compatible URL.

Limits per minute are set far above what is asked, because the defaults are far below; a failed row does not fail the
whole; an answer that ends with `length` is an answer.
"""

import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from order import Order, Row, drive


def run(order: Order) -> None:
    # the encoding that it downloads stands in a package that it installs
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(find_spec("litellm").origin).parent / "litellm_core_utils/tokenizers")
    from bespokelabs import curator

    class Answers(curator.LLM):
        def prompt(self, row: dict) -> str:
            return row["question"]

        def parse(self, row: dict, response: str) -> dict:
            return {"id": row["id"], "response": response}

    answers = Answers(
        model_name=order.model,
        backend="openai",
        system_prompt=order.system_prompt,
        generation_params=order.sampling,
        backend_params={
            "base_url": order.base_url,
            "api_key": "none",
            "max_concurrent_requests": order.in_flight,
            "max_requests_per_minute": order.requests_per_minute or 10_000_000,
            "max_tokens_per_minute": 10_000_000_000,
            "require_all_responses": False,
            "invalid_finish_reasons": [],
        },
    )
    found = answers(order.read(), working_dir=str(Path(order.folder, "curator")))
    Path(order.folder, "answers.json").write_text(json.dumps(found.dataset.to_list()))


def rows(order: Order) -> Iterator[Row]:
    kept = Path(order.folder, "answers.json")
    for row in json.loads(kept.read_text()) if kept.exists() else ():
        yield row["id"], row["response"]


drive(run, rows)
