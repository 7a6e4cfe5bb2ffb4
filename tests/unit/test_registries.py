"""Each name of a registry leads to a class of its kind, and no two names to the same one."""

from collections.abc import Mapping
from pkgutil import resolve_name

import pytest

from schemas.question_source import SOURCES
from schemas.teacher import STRATEGIES
from tasks.curation.policy import Policy
from tasks.curation.rules.registered import RULES
from tasks.questions.source import Source
from tasks.tracing.strategy import Strategy


@pytest.mark.parametrize(("registry", "kind"), [(SOURCES, Source), (STRATEGIES, Strategy)])
def test_each_name_leads_to_a_class(registry: Mapping[str, str], kind: type) -> None:
    found = [resolve_name(path) for path in registry.values()]
    assert all(issubclass(one, kind) for one in found)
    assert len({*found}) == len(registry)


def test_each_rule_is_a_section_of_the_policy() -> None:
    policy = Policy()
    assert {name: type(getattr(policy, name)) for name in RULES} == RULES
    assert len({*RULES.values()}) == len(RULES)
    assert [policy.section(rule) for rule in RULES.values()] == [rule() for rule in RULES.values()]
