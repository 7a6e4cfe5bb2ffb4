"""Every shipped rule, in the order in which they are applied unless it says otherwise."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.curation.rules.amounts import MixRule, QuotasRule, SampleRule
from tasks.curation.rules.contamination import ContaminationRule
from tasks.curation.rules.duplicates import DuplicatesRule
from tasks.curation.rules.filters import EffectRule, LengthRule, PassRateRule, StructureRule, VerdictRule
from tasks.curation.rules.hygiene import HygieneRule
from tasks.curation.rules.ifd import IfdRule, RifdRule
from tasks.curation.rules.language import LanguageRule
from tasks.curation.rules.rule import Rule

SHIPPED: Mapping[str, type[Rule]] = MappingProxyType(
    {
        "verdict": VerdictRule,
        "structure": StructureRule,
        "effect": EffectRule,
        "length": LengthRule,
        "language": LanguageRule,
        "hygiene": HygieneRule,
        "pass_rate": PassRateRule,
        "contamination": ContaminationRule,
        "duplicates": DuplicatesRule,
        "ifd": IfdRule,
        "rifd": RifdRule,
        "quotas": QuotasRule,
        "mix": MixRule,
        "sample": SampleRule,
    }
)
LATER = ("hygiene",)
"""Rules that older policies do not know: one that is off is in no policy's identity."""
