"""A policy of curation: values only. What each rule does with them stands in `tasks/curation/rules.py`."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from schemas.contamination import Detection
from schemas.section import Section
from schemas.trace import Structure
from schemas.verdict import Effect, Ruling

Share = Annotated[float, Field(gt=0, le=1)]


class RuleName(StrEnum):
    """Every rule, in the order in which they are applied unless a policy says otherwise."""

    VERDICT = "verdict"
    STRUCTURE = "structure"
    EFFECT = "effect"
    LENGTH = "length"
    LANGUAGE = "language"
    PASS_RATE = "pass_rate"
    CONTAMINATION = "contamination"
    DUPLICATES = "duplicates"
    IFD = "ifd"
    RIFD = "rifd"
    QUOTAS = "quotas"
    MIX = "mix"
    SAMPLE = "sample"


CHOOSING = (RuleName.QUOTAS, RuleName.MIX, RuleName.SAMPLE)
"""The rules that find no fault with a row, but need no more of its kind."""


LEAST_NEAR = 0.75
"""At 21 bands of 6 hashes, pairs of this likeness are found with a chance of 0.984, at 0.8 of 0.998."""


class RuleSection(Section):
    @property
    def is_on(self) -> bool:
        """Whether it asks for anything: by its switch `on`, or by any limit that is set."""
        return any(getattr(self, name) not in (None, {}) for name in type(self).model_fields)


class VerdictRule(RuleSection):
    """Reason: the verdict's own, such as `not_equal`."""

    keep: tuple[Ruling, ...] = (Ruling.CORRECT,)


class StructureRule(RuleSection):
    """Reason: the defect."""

    keep: tuple[Structure, ...] = (Structure.OK,)


class EffectRule(RuleSection):
    """What reflecting did. Reasons: the effect, `effect_unknown`, or `decorative`."""

    keep: tuple[Effect, ...] | None = None
    """Among them `none`, for traces without a reflection or a draft; unset: all."""
    decorative: bool = True
    """False: traces go of which every reflection is decorative (`traces_full.reflection_marks`)."""

    @property
    def is_on(self) -> bool:
        return self.keep is not None or not self.decorative


class LengthRule(RuleSection):
    """Of the whole trace, tags included. Reasons: `too_short`, `too_long`, `no_token_count`."""

    min_characters: int | None = Field(default=None, ge=0)
    max_characters: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    """As the teacher counted its completions."""


class LanguageRule(RuleSection):
    """Reasons: `other_language`, and `language_unknown` for what py3langid cannot tell."""

    keep: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    """ISO 639-1, such as `en`."""
    unknown: bool = True
    """False: traces go whose language cannot be told, such as those with hardly a word."""

    @property
    def is_on(self) -> bool:
        return self.keep is not None


class PassRateRule(RuleSection):
    """Correct over verified traces of the question, in the policy's scope. Reasons: `too_hard`, `too_easy`."""

    low: float | None = Field(default=None, ge=0, le=1)
    high: float | None = Field(default=None, ge=0, le=1)
    from_samples: int = Field(default=4, ge=1)
    """Questions with fewer verified traces stay: their pass rate is not known."""

    @property
    def is_on(self) -> bool:
        return self.low is not None or self.high is not None


class ContaminationRule(Detection, RuleSection):
    """On when it names benchmarks; what the detectors find lands in the table `contaminations` first. Reasons:
    `contaminated`, `contamination_undecided`."""

    undecided: bool = True
    """False: traces of questions go that a detector could not decide on, and none convicted."""

    @property
    def is_on(self) -> bool:
        return bool(self.benchmarks)


class DuplicatesRule(RuleSection):
    """Rows are compared as a trainer sees them: question and whole trace together (`tasks/curation/duplicates.py`).
    Reasons: `exact_duplicate`, `near_duplicate`."""

    exact: bool = True
    """After normalisation of case, white space and compatibility characters, nothing else."""
    near: float = Field(default=0.8, ge=0, le=1)
    """Share of common word 5-grams (Jaccard) from which on a row is a duplicate; 0: not looked for. Between 0 and 0.75
    the index would miss too many."""
    released: bool = True
    """Compare with everything released before, too. A row that was released is no duplicate of itself."""

    @property
    def is_on(self) -> bool:
        return self.exact or self.near > 0

    @field_validator("near")
    @classmethod
    def _found_by_the_index(cls, value: float) -> float:
        if 0 < value < LEAST_NEAR:
            raise ValueError(f"got {value:g}; needs 0, or at least {LEAST_NEAR}, from which on the index finds them")
        return value


class WindowRule(RuleSection):
    """Reasons: `too_low`, `too_high`, `not_scored`."""

    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    unscored: bool = False
    """True: traces without a value stay."""

    @property
    def is_on(self) -> bool:
        return self.low is not None or self.high is not None


class IfdRule(WindowRule):
    """Reasons: those of the window, and `not_in_top_share`."""

    top_share: Share | None = None
    """Of each family, after the window, so many of the rows with the highest IFD, rounded up."""

    @property
    def is_on(self) -> bool:
        return super().is_on or self.top_share is not None


class QuotasRule(RuleSection):
    """At most so many rows, drawn by the seed. Reasons: `question_full`, `source_full`, `tag_full`."""

    per_question: int | None = Field(default=None, ge=1)
    per_source: int | None = Field(default=None, ge=1)
    per_tag: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Tags or sources by name. A row goes when one of its names is full."""


class MixRule(RuleSection):
    """As many rows as the scarcest part allows, and not more than `sample.size`. Reasons: `part_full`, `not_in_mix`."""

    shares: dict[str, Share] = Field(default_factory=dict)
    """Tags or sources by name; together 1. A row counts for the first of them that it has."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.shares.values())
        if self.shares and abs(total - 1) > 1e-6:
            raise ValueError(f"mix.shares: got {total:g} together; needs 1")
        return self


class SampleRule(RuleSection):
    """Drawn by the seed and the trace's id, never by order. Reason: `not_drawn`."""

    size: int | None = Field(default=None, ge=1)


class Policy(Section):
    """What goes into a data set and why the rest does not. Without any value: the policy `default`."""

    name: str = Field(default="default", min_length=1)
    seed: int = 0
    plans: tuple[str, ...] | None = None
    """Plan ids whose attempts are decided on; unset: all of the warehouse."""
    rules: tuple[RuleName, ...] = tuple(RuleName)
    """Which, and in which order. One whose section asks for nothing is passed over."""
    verdict: VerdictRule = VerdictRule()
    structure: StructureRule = StructureRule()
    effect: EffectRule = EffectRule()
    length: LengthRule = LengthRule()
    language: LanguageRule = LanguageRule()
    pass_rate: PassRateRule = PassRateRule()
    contamination: ContaminationRule = ContaminationRule()
    duplicates: DuplicatesRule = DuplicatesRule()
    ifd: IfdRule = IfdRule()
    rifd: WindowRule = WindowRule()
    quotas: QuotasRule = QuotasRule()
    mix: MixRule = MixRule()
    sample: SampleRule = SampleRule()

    @property
    def rules_on(self) -> tuple[RuleName, ...]:
        return tuple(rule for rule in self.rules if self.section(rule).is_on)

    def section(self, rule: RuleName) -> RuleSection:
        found = getattr(self, rule.value)
        assert isinstance(found, RuleSection)
        return found

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        if len(set(self.rules)) < len(self.rules):
            raise ValueError(f"rules: got {[rule.value for rule in self.rules]!r}; needs each rule at most once")
        for rule in RuleName:
            given = self.section(rule) != type(self).model_fields[rule.value].default
            if given and rule not in self.rules:
                raise ValueError(f"{rule.value}: got settings of a rule that is not in `rules`; add it there")
        return self
