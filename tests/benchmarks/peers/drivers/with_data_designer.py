"""NVIDIA Data Designer: an ordered seed file and one text column, row groups of 100, four of them at once, resumed if
possible. It paces its requests itself; it can't be told a limit per minute.
"""

from collections.abc import Iterator
from pathlib import Path

from order import Order, Row, drive


def run(order: Order) -> None:
    from data_designer import config
    from data_designer.interface import DataDesigner

    provider = config.ModelProvider(name="local", endpoint=order.base_url, api_key="none")
    model = config.ModelConfig(
        alias="teacher",
        model=order.model,
        provider="local",
        skip_health_check=True,
        inference_parameters=config.ChatCompletionInferenceParams(
            **order.sampling, max_parallel_requests=order.in_flight
        ),
    )
    builder = config.DataDesignerConfigBuilder(model_configs=[model])
    builder.with_seed_dataset(config.LocalFileSeedSource(path=order.questions))
    builder.add_column(
        config.LLMTextColumnConfig(
            name="response", model_alias="teacher", system_prompt=order.system_prompt, prompt="{{ question }}"
        )
    )
    designer = DataDesigner(artifact_path=Path(order.folder, "artifacts"), model_providers=[provider])
    designer.set_run_config(config.RunConfig(buffer_size=100, max_concurrent_row_groups=4, disable_early_shutdown=True))
    designer.create(builder, num_records=len(order.read()), resume=config.ResumeMode.IF_POSSIBLE)


def rows(order: Order) -> Iterator[Row]:
    import pandas

    folders = sorted(Path(order.folder, "artifacts").iterdir(), key=lambda folder: folder.stat().st_mtime)
    for path in sorted(folders[-1].glob("parquet-files/*.parquet")):
        for row in pandas.read_parquet(path).itertuples():
            yield str(row.id), row.response


drive(run, rows)
