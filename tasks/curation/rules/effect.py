"""What reflecting must have done."""

from schemas.verdict import Effect
from tasks.curation.rules.rule import Rule


class EffectRule(Rule):
    """What reflecting did. Reasons: the effect, `effect_unknown`, or `decorative`."""

    keep: tuple[Effect, ...] | None = None
    """Among them `none`, for traces without a reflection or a draft; unset: all."""
    decorative: bool = True
    """False: traces go of which every reflection is decorative (`traces_full.reflection_marks`)."""

    statements = (
        """
        SELECT place, coalesce(effect, 'effect_unknown') AS reason
        FROM remaining
        WHERE NOT coalesce(list_contains($keep, effect), false)
        """,
        "SELECT place, 'decorative' AS reason FROM remaining WHERE decorative AND NOT $decorative",
    )

    @property
    def is_on(self) -> bool:
        return self.keep is not None or not self.decorative
