"""CuratorKIT's `Curator` with its task `cot`, the one that keeps an answer as it is given, checkpoints on, batches as
large as there may be calls in flight; gates, cleaning and duplicates off.

It sends no system message, so the system prompt stands before the question, in the template. It can't be told a limit
per minute. It gives every answer an id of its own, so rows are known by their question.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from order import Order, Row, drive


def run(order: Order) -> None:
    from curatorkit import Curator, CuratorConfig

    sampling = {"llm_temperature": order.temperature, "llm_max_tokens": order.max_tokens}
    config = CuratorConfig(
        dataset=order.questions,
        field_mapping={"question": "instruction"},
        **dict.fromkeys(("schema_gate", "clean", "write_hf_readme"), False),
        dedup="none",
        llm_model=f"openai/{order.model}",
        llm_api_base=order.base_url,
        llm_api_key="none",
        llm_extra_body={"top_p": order.top_p},
        **sampling,
        llm_concurrency=order.in_flight,
        generation_task="cot",
        cot_prompt_template=order.system_prompt + "\n\n{context_section}{instruction}",
        export_formats=["alpaca"],
        output_dir=str(Path(order.folder, "curatorkit")),
        enable_checkpoint=True,
        checkpoint_batch_size=order.in_flight,
    )
    passed = Curator(config).run().passed
    Path(order.folder, "answers.json").write_text(json.dumps([[row.instruction, row.output] for row in passed]))


def rows(order: Order) -> Iterator[Row]:
    kept, names = Path(order.folder, "answers.json"), {row["question"]: row["id"] for row in order.read()}
    for question, response in json.loads(kept.read_text()) if kept.exists() else ():
        yield names[question], response


drive(run, rows)
