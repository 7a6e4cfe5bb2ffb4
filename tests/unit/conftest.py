"""The unit part stays light: it never imports Prefect, Ray or torch."""

import sys
from collections.abc import Iterator

import pytest

HEAVY = ("prefect", "ray", "torch")


@pytest.fixture(autouse=True, scope="session")
def light() -> Iterator[None]:
    before = set(sys.modules)
    yield
    heavy = [name for name in HEAVY if name in sys.modules and name not in before]
    assert not heavy, f"a unit test imported {', '.join(heavy)}"
