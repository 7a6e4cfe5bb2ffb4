"""distilabel's pipeline of `LoadDataFromDicts` and `TextGeneration` with `OpenAILLM`, batches as large as there may be
calls in flight, cache on. It can't be told a limit per minute.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from order import Order, Row, drive


def run(order: Order) -> None:
    from distilabel.models.llms import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    with Pipeline("peers", cache_dir=str(Path(order.folder, "cache"))) as pipeline:
        data = [{"id": row["id"], "instruction": row["question"]} for row in order.read()]
        load = LoadDataFromDicts(data=data, batch_size=order.in_flight)
        sampling = {"temperature": order.temperature, "top_p": order.top_p, "max_new_tokens": order.max_tokens}
        llm = OpenAILLM(model=order.model, base_url=order.base_url, api_key="none", generation_kwargs=sampling)
        answer = TextGeneration(llm=llm, system_prompt=order.system_prompt, input_batch_size=order.in_flight)
        load >> answer
    found = pipeline.run(use_cache=True)["default"]["train"]
    Path(order.folder, "answers.json").write_text(json.dumps([[row["id"], row["generation"]] for row in found]))


def rows(order: Order) -> Iterator[Row]:
    kept = Path(order.folder, "answers.json")
    yield from json.loads(kept.read_text()) if kept.exists() else ()


if __name__ == "__main__":
    drive(run, rows)
