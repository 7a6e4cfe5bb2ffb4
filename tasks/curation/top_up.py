"""How many more questions each bucket needs until enough of its rows are accepted."""

import math
from dataclasses import dataclass

import duckdb

from tasks.curation.policy import Policy
from tasks.curation.rules.amounts import MixRule
from tasks.curation.rules.registered import RULES

_BUCKETS = """
    WITH named AS (
        SELECT
            place, question_id, standing,
            CASE WHEN $parts IS NULL THEN source
                ELSE [name FOR name IN $parts::VARCHAR[] IF list_contains(list_append(tags, source), name)][1]
            END AS bucket
        FROM candidates
    )
    SELECT
        bucket,
        count(DISTINCT question_id) AS questions,
        count(*) FILTER (standing <> 'pending') AS finished,
        count(*) FILTER (standing = 'pending') AS pending,
        count(*) FILTER (standing = 'judged' AND (d.place IS NULL OR list_contains($choosing, d.rule))) AS accepted
    FROM named
    LEFT JOIN drops d USING (place)
    WHERE bucket IS NOT NULL
    GROUP BY bucket
    ORDER BY bucket
"""


@dataclass(frozen=True)
class Need:
    bucket: str
    questions: int
    finished: int
    """Attempts that are judged or failed."""
    pending: int
    accepted: int
    """No rule found fault with them; quotas, mix and sample, which only choose, are not asked."""
    wanted: int
    attempts_per_question: float

    @property
    def rate(self) -> float | None:
        """Accepted over finished attempts; None where nothing is finished."""
        return self.accepted / self.finished if self.finished else None

    @property
    def more_questions(self) -> int | None:
        """Expected to be enough, with as many samples each as now and after what is pending; None at a rate of 0."""
        missing = self.wanted - self.accepted - self.pending * (self.rate or 0)
        if missing <= 1e-9:
            return 0
        return math.ceil(missing / (self.rate * self.attempts_per_question) - 1e-9) if self.rate else None


def needs(connection: duckdb.DuckDBPyConnection, policy: Policy, wanted: int) -> list[Need]:
    """Return what each bucket lacks, after `tasks.curation.decide.decide`, in its connection. Buckets are the parts of
    the mix, else the families.
    """
    parts = list(policy.section(MixRule).shares) or None
    given = {"parts": parts, "choosing": [name for name, rule in RULES.items() if rule.only_chooses]}
    rows = connection.execute(_BUCKETS, given).fetchall()
    return [
        Need(bucket, questions, finished, pending, accepted, wanted, (finished + pending) / questions)
        for bucket, questions, finished, pending, accepted in rows
    ]
