"""How many rows there may be in all."""

from pydantic import Field

from tasks.curation.rules.rule import Rule


class SampleRule(Rule):
    """Drawn by the seed and the trace's id, never by order. Reason: `not_drawn`."""

    size: int | None = Field(default=None, ge=1)

    statements = (
        """
        SELECT place, 'not_drawn' AS reason
        FROM remaining
        QUALIFY row_number() OVER (ORDER BY draw, place) > $size
        """,
    )
    only_chooses = True
