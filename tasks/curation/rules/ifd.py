"""Which IFD and r-IFD a row must have, by value and among the others of its family."""

from pydantic import Field

from schemas.section import Share
from tasks.curation.rules.rule import Rule


def window(value: str) -> str:
    """Return the statement that drops what is outside `low` and `high` in the column `value`."""
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


class IfdRule(WindowRule):
    """Reasons: those of the window, and `not_in_top_share`."""

    top_share: Share | None = None
    """Of each family, after the window, so many of the rows with the highest IFD, rounded up."""

    statements = (
        window("ifd"),
        """
        SELECT place, CASE WHEN ifd IS NULL THEN 'not_scored' ELSE 'not_in_top_share' END AS reason
        FROM remaining
        WHERE ifd IS NOT NULL OR NOT $unscored
        QUALIFY ifd IS NULL OR row_number() OVER (PARTITION BY source, ifd IS NULL ORDER BY ifd DESC, draw, place)
            > ceil($top_share * count(ifd) OVER (PARTITION BY source) - 1e-9)
        """,
    )

    @property
    def is_on(self) -> bool:
        return super().is_on or self.top_share is not None


class RifdRule(WindowRule):
    """Reasons: `too_low`, `too_high`, `not_scored`."""

    statements = (window("rifd"),)
