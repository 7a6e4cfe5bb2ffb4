"""Which IFD a row must have, by value and among the others of its family."""

from schemas.section import Share
from tasks.curation.rules.window import WindowRule, window


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
