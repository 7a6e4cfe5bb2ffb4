"""Every rule that a policy may name: the shipped ones, then those of outside packages.

Apart from the package, which an outside module imports while it is itself being loaded for its rule.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from schemas.errors import ReflectoryError, Refused
from schemas.registry import Registry
from tasks.curation.rules import SHIPPED
from tasks.curation.rules.rule import Rule
from tasks.raised import raised

REGISTRY = Registry(
    "reflectory.rules",
    {name: f"{rule.__module__}:{rule.__qualname__}" for name, rule in SHIPPED.items()},
    base="tasks.curation.rules.rule:Rule",
    flaw_of="tasks.curation.rules.rule:flaw_of",
    reserved=("name", "seed", "plans", "rules", "scorer", "lines", "rules_on", "section"),
)
RULES: Mapping[str, type[Rule]] = MappingProxyType({name: REGISTRY.load(name) for name in REGISTRY})


def named(name: str) -> str:
    """Name a rule, and the package that brings it, for a message."""
    return REGISTRY.describe(name) if name in REGISTRY.outside else f"rule {name}"


@contextmanager
def asking(name: str) -> Iterator[None]:
    """Raise what a rule of another package raises as `Refused`, with its package and the line."""
    try:
        yield
    except ReflectoryError:
        raise
    except Exception as error:
        if name not in REGISTRY.outside:
            raise
        raise Refused(f"{named(name)}: raised {raised(error, RULES[name].__module__)}") from error
