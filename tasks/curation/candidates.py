"""The planned attempts, and the originals of recycle plans, that a policy decides on, with what its rules look at."""

from collections.abc import Sequence

import duckdb

from tasks.curation.policy import Policy

_CANDIDATES = """
    CREATE OR REPLACE TABLE candidates AS
    WITH once AS (
        -- plans share attempts
        SELECT attempt_id, min(plan_id) AS plan_id
        FROM attempts
        WHERE $plans IS NULL OR list_contains($plans, plan_id)
        GROUP BY attempt_id
    ),
    planned AS (
        SELECT
            'traces' AS line, attempt_id, question_id, coalesce(source, 'unknown') AS source,
            coalesce(tags, []) AS tags, standing, standing_reason, trace_id, structure, verdict,
            reason AS verdict_reason, effect, scored.ifd, scored.rifd,
            len(reflection_marks) > 0 AND NOT list_contains([mark IS NULL FOR mark IN reflection_marks], true)
                AS decorative,
            NULL AS unselected
        FROM standings
        LEFT JOIN scored USING (trace_id)
        SEMI JOIN once USING (attempt_id, plan_id)
        WHERE list_contains($lines, 'traces')
        UNION ALL BY NAME
        SELECT
            'pairs' AS line, attempt_id, question_id, source, tags, standing, standing_reason, trace_id,
            NULL AS structure, verdict, reason AS verdict_reason, effect, scored.ifd, scored.rifd,
            false AS decorative, unselected
        FROM recycled_full
        LEFT JOIN scored USING (trace_id)
        WHERE list_contains($lines, 'pairs') AND ($plans IS NULL OR list_contains($plans, plan_id))
    ),
    released AS (
        -- by attempt: a newer grammar makes another trace of what was released
        SELECT DISTINCT attempt_id, true AS released
        FROM (SELECT attempt_id, trace_id FROM traces UNION ALL SELECT attempt_id, trace_id FROM recycled_full)
        SEMI JOIN (SELECT unnest(trace_ids) AS trace_id FROM releases) USING (trace_id)
    ),
    evidence AS (
        -- true if anything convicts the question, NULL if anything is undecided
        SELECT question_id, bool_or(contaminated) OR CASE WHEN bool_or(contaminated IS NULL) THEN NULL ELSE false END
            AS contaminated
        FROM newest_contaminations
        WHERE list_contains($checks::VARCHAR[], check_id)
        GROUP BY question_id
    )
    SELECT
        row_number() OVER (ORDER BY attempt_id) AS place,
        p.*,
        coalesce(r.released, false) AS released,
        CASE WHEN e.question_id IS NOT NULL THEN e.contaminated ELSE false END AS contaminated,
        md5_number_lower($seed || '/' || trace_id) AS draw
    FROM planned p
    LEFT JOIN released r USING (attempt_id)
    LEFT JOIN evidence e USING (question_id)
"""
DROPS = """
    CREATE OR REPLACE TABLE drops (place BIGINT, rule VARCHAR, reason VARCHAR, duplicate_of VARCHAR, span VARCHAR);
    CREATE OR REPLACE VIEW remaining AS
    SELECT c.* FROM candidates c ANTI JOIN drops USING (place) WHERE c.standing = 'judged';
"""
"""The empty table `drops`, and the view `remaining` between it and `candidates`."""


def gather_candidates(connection: duckdb.DuckDBPyConnection, policy: Policy, checks: Sequence[str]) -> None:
    """Make the table `candidates`, the empty table `drops` and the view `remaining` between them.

    `checks` are those whose rows in `contaminations` are in force; the table `scored` is there already.
    """
    connection.execute(
        _CANDIDATES, {"plans": policy.plans, "seed": policy.seed, "checks": checks, "lines": policy.lines}
    )
    connection.execute(DROPS)
