"""How long a trace may be."""

from pydantic import Field

from tasks.curation.rules.rule import Rule


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
