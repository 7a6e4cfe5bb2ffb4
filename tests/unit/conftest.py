"""The unit part stays light: it never imports Prefect, Ray or torch."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.landing import Warehouse

HEAVY = ("prefect", "ray", "torch")


@pytest.fixture(autouse=True, scope="session")
def light() -> Iterator[None]:
    before = set(sys.modules)
    yield
    heavy = [name for name in HEAVY if name in sys.modules and name not in before]
    assert not heavy, f"a unit test imported {', '.join(heavy)}"


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: nine Delta tables cost more than most tests."""
    made = Warehouse(tmp_path_factory.mktemp("empty") / "warehouse")
    made.create()
    return made.folder


@pytest.fixture
def warehouse(empty_warehouse: Path, tmp_path: Path) -> Warehouse:
    return Warehouse(shutil.copytree(empty_warehouse, tmp_path / "it's a folder"))
