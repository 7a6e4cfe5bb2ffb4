"""Every rule that a policy may name: the shipped ones, then those of outside packages.

Apart from the package, which an outside module imports while it is itself being loaded for its rule.
"""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.registry import Registry
from tasks.curation.rules import SHIPPED
from tasks.curation.rules.rule import Rule

REGISTRY = Registry(
    "reflectory.rules",
    {name: f"{rule.__module__}:{rule.__qualname__}" for name, rule in SHIPPED.items()},
    base="tasks.curation.rules.rule:Rule",
    flaw_of="tasks.curation.rules.rule:flaw_of",
    reserved=("name", "seed", "plans", "rules", "rules_on", "section"),
)
RULES: Mapping[str, type[Rule]] = MappingProxyType({name: REGISTRY.load(name) for name in REGISTRY})


def told(name: str) -> str:
    """Name a rule, and the package that brings it, for a message."""
    return REGISTRY.told(name) if name in REGISTRY.outside else f"rule {name}"
