"""How hard a question may be."""

from pydantic import Field

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
