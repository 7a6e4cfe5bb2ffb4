"""What must be so of a row itself: its verdict, structure, effect, length, and how hard its question is."""

from pydantic import Field

from schemas.trace import Structure
from schemas.verdict import Effect, Ruling
from tasks.curation.rules.rule import Rule


class PassRateRule(Rule):
    """Correct over verified traces of the question, in the policy's scope. Reasons: `too_hard`, `too_easy`."""

    low: float | None = Field(default=None, ge=0, le=1)
    high: float | None = Field(default=None, ge=0, le=1)
    from_samples: int = Field(default=4, ge=1)
    """Questions with fewer verified traces stay: their pass rate is not known."""

    statements = (
        """
        WITH rates AS (
            SELECT
                question_id,
                count(*) FILTER (verdict = 'correct') AS correct,
                count(*) FILTER (verdict IN ('correct', 'incorrect')) AS verified
            FROM candidates
            GROUP BY question_id
        )
        SELECT place, CASE WHEN correct / verified < $low THEN 'too_hard' ELSE 'too_easy' END AS reason
        FROM remaining
        JOIN rates USING (question_id)
        WHERE verified >= $from_samples AND (correct / verified < $low OR correct / verified > $high)
        """,
    )

    @property
    def is_on(self) -> bool:
        return self.low is not None or self.high is not None


class LengthRule(Rule):
    """Of the whole trace, tags included. Reasons: `too_short`, `too_long`, `no_token_count`."""

    min_characters: int | None = Field(default=None, ge=0)
    max_characters: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    """As the teacher counted its completions."""

    statements = (
        """
        SELECT place, CASE WHEN length(text) < $min_characters THEN 'too_short' ELSE 'too_long' END AS reason
        FROM remaining
        JOIN trained_texts USING (trace_id)
        WHERE length(text) < $min_characters OR length(text) > $max_characters
        """,
        """
        SELECT place, CASE WHEN completion_tokens IS NULL THEN 'no_token_count' ELSE 'too_long' END AS reason
        FROM remaining
        JOIN (
            SELECT trace_id, completion_tokens FROM traces_full
            UNION ALL
            SELECT trace_id, any_value(completion_tokens) FROM recycled_full GROUP BY trace_id
        ) USING (trace_id)
        WHERE coalesce(completion_tokens > $max_tokens, true)
        """,
    )


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


class StructureRule(Rule):
    """Reason: the defect."""

    keep: tuple[Structure, ...] = (Structure.OK,)

    statements = ("SELECT place, structure AS reason FROM remaining WHERE NOT list_contains($keep, structure)",)


class VerdictRule(Rule):
    """Reason: the verdict's own, such as `not_equal`."""

    keep: tuple[Ruling, ...] = (Ruling.CORRECT,)

    statements = ("SELECT place, verdict_reason AS reason FROM remaining WHERE NOT list_contains($keep, verdict)",)
