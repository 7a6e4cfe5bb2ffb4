"""How many rows there may be: of a question, a source or a tag, of each part beside the others, in all."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.section import Share
from tasks.curation.rules.rule import Rule


class MixRule(Rule):
    """As many rows as the scarcest part allows, and not more than `sample.size`. Reasons: `part_full`, `not_in_mix`."""

    shares: dict[str, Share] = Field(default_factory=dict)
    """Tags or sources by name; together 1. A row counts for the first of them that it has."""

    statements = (
        """
        WITH parts AS (
            SELECT
                generate_subscripts($shares_names::VARCHAR[], 1) AS number,
                unnest($shares_names::VARCHAR[]) AS part,
                unnest($shares_values::DOUBLE[]) AS share
        ),
        assigned AS (
            SELECT
                place,
                [n FOR n IN $shares_names::VARCHAR[] IF list_contains(list_append(tags, source), n)][1] AS part,
                row_number() OVER (PARTITION BY part ORDER BY draw, place) AS n
            FROM remaining
        ),
        total AS (
            SELECT least(min(floor(found / share + 1e-6)), $size::BIGINT) AS total
            FROM (
                SELECT share, count(place) AS found
                FROM parts
                LEFT JOIN assigned USING (part)
                GROUP BY part, share
            )
        ),
        room AS (
            -- rounded at the borders between the parts, so that they add up to the total
            SELECT part, border - lag(border, 1, 0) OVER (ORDER BY number) AS room
            FROM (SELECT *, round(total * sum(share) OVER (ORDER BY number)) AS border FROM parts CROSS JOIN total)
        )
        SELECT place, CASE WHEN room IS NULL THEN 'not_in_mix' ELSE 'part_full' END AS reason
        FROM assigned
        LEFT JOIN room USING (part)
        WHERE room IS NULL OR n > room
        """,
    )
    only_chooses = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.shares.values())
        if self.shares and abs(total - 1) > 1e-6:
            raise ValueError(f"mix.shares: got {total:g} together; needs 1")
        return self


_AT_MOST = """
    SELECT place, '{reason}' AS reason
    FROM remaining
    QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY draw, place) > ${most}
"""


class QuotasRule(Rule):
    """At most so many rows, drawn by the seed. Reasons: `question_full`, `source_full`, `tag_full`."""

    per_question: int | None = Field(default=None, ge=1)
    per_source: int | None = Field(default=None, ge=1)
    per_tag: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Tags or sources by name. A row goes when one of its names is full."""

    statements = (
        _AT_MOST.format(reason="question_full", by="question_id", most="per_question"),
        _AT_MOST.format(reason="source_full", by="source", most="per_source"),
        """
        SELECT place, 'tag_full' AS reason
        FROM remaining
        WHERE list_contains(list_append(tags, source), $per_tag_names[$number])
        QUALIFY row_number() OVER (ORDER BY draw, place) > $per_tag_values[$number]
        """,
    )
    only_chooses = True


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
