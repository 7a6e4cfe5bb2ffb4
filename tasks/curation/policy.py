"""A policy of curation: values only. What each rule does with them stands in its file in `tasks/curation/rules/`."""

from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    create_model,
    field_validator,
    model_serializer,
    model_validator,
)

from schemas.curation import Line
from schemas.scorer import ScorerPin
from schemas.section import Section, one_of
from tasks.curation.rules import LATER, SHIPPED
from tasks.curation.rules.registered import RULES
from tasks.curation.rules.rule import Rule

S = TypeVar("S", bound=Section)
R = TypeVar("R", bound=Rule)


def _with_sections(policy: type[S]) -> type[S]:
    """The model with a section for each rule, by its name."""
    sections: dict[str, Any] = {name: (rule, rule()) for name, rule in RULES.items()}
    return create_model(
        policy.__name__, __base__=policy, __module__=policy.__module__, __doc__=policy.__doc__, **sections
    )


@_with_sections
class Policy(Section):
    """What goes into a data set and why the rest does not. Without any value: the policy `default`."""

    name: str = Field(default="default", min_length=1)
    seed: int = 0
    plans: tuple[str, ...] | None = None
    """Plan ids whose attempts are decided on; unset: all of the warehouse."""
    rules: tuple[Annotated[str, one_of(RULES)], ...] = tuple(SHIPPED)
    """Which, and in which order. One whose section asks for nothing is passed over."""
    scorer: ScorerPin = ScorerPin()
    lines: tuple[Line, ...] = Field(default=(Line.TRACES,), min_length=1)
    """`traces` of questions, `pairs` that recycling chose, or both. No golds verify most pairs: `verdict.keep` says
    whether those that are unverified are in."""

    @model_serializer(mode="wrap")
    def _without_rules_that_are_not_named(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """So a policy is the same whatever packages are installed, and one that pins no scorer what it always was;
        likewise one of traces alone, and one without a rule that came later."""
        idle = set(RULES) - set(SHIPPED) - set(self.rules) | ({"scorer"} if not self.scorer.pinned else set())
        idle |= {"lines"} if self.lines == (Line.TRACES,) else set()
        off = {name for name in LATER if not getattr(self, name).is_on}
        stated = {name: value for name, value in dump(self).items() if name not in idle | off}
        if "rules" in stated:
            stated["rules"] = type(stated["rules"])(name for name in stated["rules"] if name not in off)
        return stated

    @property
    def rules_on(self) -> dict[str, Rule]:
        """The rules that ask for something, in their order."""
        sections: dict[str, Rule] = {name: getattr(self, name) for name in self.rules}
        return {name: section for name, section in sections.items() if section.is_on}

    def section(self, rule: type[R]) -> R:
        """Return what the policy says of a rule."""
        return next(section for name in RULES if type(section := getattr(self, name)) is rule)

    @field_validator("lines")
    @classmethod
    def _in_one_order(cls, value: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(line for line in Line if line in value)

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        if len(set(self.rules)) < len(self.rules):
            raise ValueError(f"rules: got {list(self.rules)!r}; needs each rule at most once")
        for name in RULES:
            if name not in self.rules and getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name}: got settings of a rule that is not in `rules`; add it there")
        return self
