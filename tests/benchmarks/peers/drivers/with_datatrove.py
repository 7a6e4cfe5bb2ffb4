"""datatrove's `InferenceRunner` in a `LocalPipelineExecutor`, as in its examples/inference: an endpoint, chunks of 500,
a folder for checkpoints and with it the cache of requests, bad requests skipped.

A rerun has `skip_completed=False`, else the executor does nothing. To an endpoint of this machine datatrove speaks with
a client of its own.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from order import Order, Row, drive


async def ask(document: Any, generate: Any, order: Order) -> Any:
    return await generate({"messages": order.messages(document.text), **order.sampling})


def run(order: Order) -> None:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    folder, questions = Path(order.folder), Path(order.questions)
    runner = InferenceRunner(
        rollout_fn=partial(ask, order=order),
        config=InferenceConfig(
            server_type="endpoint",
            endpoint_url=order.base_url.removesuffix("/v1"),
            api_key="none",
            model_name_or_path=order.model,
            max_concurrent_generations=order.in_flight,
        ),
        output_writer=JsonlWriter(
            str(folder / "output"), output_filename="${rank}_chunk_${chunk_index}.jsonl", compression=None
        ),
        checkpoints_local_dir=str(folder / "checkpoints"),
        records_per_chunk=500,
        skip_bad_requests=True,
    )
    reader = JsonlReader(str(questions.parent), glob_pattern=questions.name, text_key="question", id_key="id")
    LocalPipelineExecutor(
        pipeline=[reader, runner], logging_dir=str(folder / "logs"), tasks=1, skip_completed=False
    ).run()


def rows(order: Order) -> Iterator[Row]:
    for path in sorted(Path(order.folder, "output").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            document = json.loads(line)
            yield document["id"], document["metadata"]["rollout_results"][0]["text"]


drive(run, rows)
