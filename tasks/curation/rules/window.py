"""Between which values a score of the student must be."""

from pydantic import Field

from tasks.curation.rules.rule import Rule


def window(value: str) -> str:
    """The statement that drops what is outside `low` and `high` in the column `value`."""
    return f"""
        SELECT
            place,
            CASE WHEN {value} IS NULL THEN 'not_scored' WHEN {value} < $low THEN 'too_low' ELSE 'too_high' END AS reason
        FROM remaining
        WHERE {value} < $low OR {value} > $high OR ({value} IS NULL AND NOT $unscored)
    """


class WindowRule(Rule):
    """Reasons: `too_low`, `too_high`, `not_scored`."""

    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    unscored: bool = False
    """True: traces without a value stay."""

    @property
    def is_on(self) -> bool:
        return self.low is not None or self.high is not None
