"""How many rows a question, a source or a tag may have."""

from typing import Annotated

from pydantic import Field

from tasks.curation.rules.rule import Rule

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
