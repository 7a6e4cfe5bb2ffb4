"""What the page asks the warehouse, as the SQL that stands under each table: paste it into `reflectory sql`. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent

FATES = ("kept", "dropped", "failed", "pending")
COUNTED = ", ".join(f"count(*) FILTER (fate = '{fate}') AS {fate}" for fate in FATES)
"""The columns by which a table's rows add up to what was planned."""
BINS = 24
LEVELS = {"lowest": 0, "q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9, "highest": 1}
"""Quantiles by the names of their columns."""
LISTED = 50
"""Rows at most of a table that lists cases."""


@dataclass(frozen=True)
class Query:
    """One table of the page."""

    name: str
    title: str
    views: str
    """Those that its SQL reads, for the line above it."""
    sql: str
    prose: str = ""
    empty: str = "None."
    """What the page says instead of a table without rows."""


def quoted(text: str) -> str:
    """As a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def facts(curation_id: str) -> Query:
    """The one row of figures that the page begins with."""
    sql = f"""\
SELECT
    count(*) AS planned,
    count(*) FILTER (fate = 'kept') AS kept,
    count(DISTINCT question_id) FILTER (fate = 'kept') AS questions,
    count(DISTINCT source) FILTER (fate = 'kept') AS families,
    count(*) FILTER (fate = 'kept' AND effect = 'corrected') AS corrected,
    count(*) FILTER (verdict = 'correct') / nullif(count(*) FILTER (verdict IN ('correct', 'incorrect')), 0)
        AS pass_rate,
    median(ifd) FILTER (fate = 'kept') AS median_ifd,
    CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END / nullif(kept, 0) AS cost_usd_per_kept
{_from(curation_id)}"""
    return Query("facts", "In short", "decided_full", sql)


def funnel(curation_id: str, rules: Sequence[str]) -> Iterator[Query]:
    """`rules`: the steps of the funnel, in order."""
    stored = f"""\
FROM (
    SELECT unnest(funnel) AS step, generate_subscripts(funnel, 1) AS place
    FROM curations
    WHERE curation_id = {quoted(curation_id)}
)"""
    yield Query(
        "funnel_steps",
        "Rule by rule",
        "curations",
        "SELECT step.rule, coalesce(list_sum([d.n FOR d IN step.dropped]), 0)::BIGINT AS dropped, step.remaining,\n"
        "    array_to_string([d.reason || ' ' || d.n FOR d IN step.dropped], ', ') AS reasons\n"
        f"{stored}\nORDER BY place",
        "As it was stored when the policy decided. The first step is what it began with: every trace with a verdict.",
    )
    steps = ", ".join(f"max(n) FILTER (place = {n}) AS {_identifier(rule)}" for n, rule in enumerate(rules, 1))
    yield Query(
        "funnel_by_family",
        "By family",
        "curations",
        f"SELECT source, {steps or 'NULL AS nothing'}\n"
        f"FROM (\n    SELECT place, unnest(step.by_source, recursive := true)\n{indent(stored, '    ')}\n)\n"
        "GROUP BY source\nORDER BY source",
        "How many of each family remain after each rule.",
    )


def by_family(curation_id: str) -> Iterator[Query]:
    yield Query(
        "fates_by_family",
        "Yield by family",
        "decided_full",
        _by_fate(curation_id, "source", ["round(kept / planned, 4) AS kept_share"], order="source"),
        "What became of every planned attempt. Every row, and the table, adds up to what was planned.",
    )
    verdicts = ", ".join(f"count(*) FILTER (verdict = '{v}') AS {v}" for v in ("correct", "incorrect", "unverified"))
    yield Query(
        "pass_rate_by_family",
        "Pass rate by family",
        "decided_full",
        f"SELECT source, count(*) AS attempts, {verdicts},\n"
        "    count(*) FILTER (verdict IS NULL) AS without_verdict,\n"
        "    round(correct / nullif(correct + incorrect, 0), 4) AS pass_rate, round(median(ifd), 3) AS median_ifd\n"
        f"{_from(curation_id)}\nGROUP BY source\nORDER BY source",
        "Correct over verified. What no verifier could decide is unverified, never quietly wrong.",
    )


def why(curation_id: str) -> Iterator[Query]:
    yield Query(
        "reasons",
        "Why each attempt is in or not",
        "decided_full",
        _by_fate(curation_id, "coalesce(rule, fate) AS rule, coalesce(fate_reason, '') AS reason"),
        "The rule of the policy that dropped it and its reason; how an attempt failed, or what it waits for.",
    )
    yield Query(
        "verdicts",
        "Verdicts and their reasons",
        "decided_full",
        _by_fate(
            curation_id, "coalesce(verdict, 'no verdict') AS verdict, coalesce(verdict_reason, '') AS verdict_reason"
        ),
    )
    yield Query(
        "structures",
        "Structure",
        "decided_full",
        _by_fate(curation_id, "coalesce(structure, 'no trace') AS structure"),
        "Well formed, or the first defect that the tag grammar finds.",
    )


def drops(curation_id: str) -> Query:
    sql = f"SELECT fate_reason AS reason, count(*) AS attempts\n{_from(curation_id)} AND fate = 'dropped'\n"
    sql += "GROUP BY ALL\nORDER BY attempts DESC, reason\nLIMIT 8"
    return Query("drops", "Why the most were dropped", "decided_full", sql)


def effects(curation_id: str) -> Iterator[Query]:
    yield Query(
        "effects",
        "What reflecting did",
        "decided_full",
        _by_fate(
            curation_id,
            "coalesce(effect, effect_reason, 'no verdict') AS effect",
            ["round(median(ifd), 3) AS median_ifd"],
        ),
        "From the first draft to the final answer, both judged by the same verifier: corrected (wrong, then right),"
        " confirmed, harmed, missed; none where there was no draft to compare.",
    )
    yield Query(
        "each_reflection",
        "Reflection by reflection",
        "decided_full",
        f"""\
SELECT coalesce(effect, 'not judged') AS effect, count(*) AS reflections, {_counted(("kept", "dropped"))},
    count(*) FILTER (mark IS NOT NULL) AS decorative
FROM (
    SELECT fate, unnest(reflection_effects) AS effect, unnest(reflection_marks) AS mark
    {_from(curation_id, "    ")}
)
GROUP BY ALL
ORDER BY reflections DESC, effect""",
        "Each one by the draft before it and the draft or answer after it. Decorative ones re-check nothing.",
        "No trace has a reflection.",
    )


def spread(curation_id: str, column: str, title: str, prose: str, digits: int) -> Query:
    """Quantiles of a column by fate."""
    whole = "" if digits else "::BIGINT"
    shown = ",\n    ".join(
        f"round(quantile_cont({column}, {level}), {digits}){whole} AS {name}" for name, level in LEVELS.items()
    )
    return Query(
        f"spread_{column}",
        title,
        "decided_full",
        f"SELECT fate, count(*) AS attempts, count({column}) AS with_value,\n    {shown}\n"
        f"{_from(curation_id)}\nGROUP BY fate\nORDER BY fate = 'kept' DESC, fate",
        prose,
    )


def scored(curation_id: str) -> Query:
    return Query(
        "scored",
        "Scored by",
        "decided_full",
        _by_fate(
            curation_id,
            "coalesce(student, 'nobody') AS student, CASE WHEN ifd IS NULL THEN coalesce(ifd_reason, 'not scored') "
            "ELSE 'scored' END AS ifd",
        ),
        "The student that was asked, and why a trace has no IFD.",
    )


def histogram(curation_id: str, column: str) -> str:
    """Kept and dropped in bins between the 0.5 % and the 99.5 % quantile; the end bins hold what is beyond."""
    return f"""\
WITH seen AS (
    SELECT fate, {column}::DOUBLE AS x
    {_from(curation_id, "    ")} AND {column} IS NOT NULL AND fate IN ('kept', 'dropped')
),
ends AS (
    SELECT quantile_cont(x, 0.005) AS low, quantile_cont(x, 0.995) AS high
    FROM seen
)
SELECT
    low,
    high,
    greatest(0, least({BINS - 1}, floor(coalesce({BINS} * (x - low) / nullif(high - low, 0), 0))))::INTEGER AS bin,
    {_counted(("kept", "dropped"))}
FROM seen
CROSS JOIN ends
GROUP BY ALL
ORDER BY bin"""


def costs(curation_id: str) -> Query:
    whole = "CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END"
    return Query(
        "costs",
        "Cost by teacher and family",
        "decided_full",
        _by_fate(
            curation_id,
            "coalesce(teacher, 'no trace') AS teacher, source",
            [
                f"round({whole}, 6) AS cost_usd",
                f"round({whole} / nullif(kept, 0), 6) AS cost_usd_per_kept",
                "sum(completion_tokens)::BIGINT AS completion_tokens",
            ],
            order="teacher, source",
        ),
        "In USD: what the teacher's calls have cost, with those of traces that were dropped and attempts that failed."
        " Unknown where the endpoint or the configuration names no price; 0 for the practice teacher and recordings.",
    )


def contamination(curation_id: str) -> Iterator[Query]:
    yield Query(
        "contamination",
        "Contamination",
        "decided_full, newest_contaminations",
        f"""\
SELECT
    CASE
        WHEN c.question_id IS NULL THEN 'no finding'
        WHEN c.convicted THEN 'contaminated'
        WHEN c.undecided THEN 'undecided'
        WHEN c.near THEN 'borderline'
        ELSE 'clean'
    END AS finding,
    count(*) AS planned, {COUNTED}
FROM decided_full
LEFT JOIN (
    SELECT question_id, bool_or(contaminated) AS convicted, bool_or(contaminated IS NULL) AS undecided,
        bool_or(borderline) AS near
    FROM newest_contaminations
    GROUP BY question_id
) c USING (question_id)
WHERE curation_id = {quoted(curation_id)}
GROUP BY ALL
ORDER BY planned DESC, finding""",
        "What the detectors of every check so far found of the attempts' questions. The policy below names the"
        " benchmarks that decided; without any, nothing was looked for.",
    )
    yield Query(
        "contamination_evidence",
        "The evidence",
        "newest_contaminations, questions",
        f"""\
SELECT c.score, c.detector, coalesce(c.contaminated::VARCHAR, 'undecided') AS contaminated, q.text AS question,
    c.match_text AS benchmark_item, c.benchmark, c.evidence
FROM newest_contaminations c
JOIN questions q USING (question_id)
SEMI JOIN (FROM decisions WHERE curation_id = {quoted(curation_id)}) d ON d.question_id = c.question_id
WHERE c.contaminated OR c.contaminated IS NULL OR c.borderline
ORDER BY c.contaminated DESC NULLS LAST, c.score DESC, c.contamination_id
LIMIT {LISTED}""",
        f"Convicted, undecided and borderline questions beside the benchmark item that comes nearest; at most {LISTED}."
        " The view borderline_contaminations lists what is worth a look.",
        "No question is convicted, undecided or borderline.",
    )


def disputes(curation_id: str) -> Iterator[Query]:
    yield Query(
        "disputes",
        "Disputed labels",
        "decided_full, disputes, newest_rulings",
        f"""\
SELECT
    CASE WHEN r.ruling <> 'open' THEN r.ruling WHEN x.question_id IS NOT NULL THEN 'in dispute' ELSE 'undisputed' END
        AS standing,
    count(*) AS planned, {COUNTED}
FROM decided_full d
LEFT JOIN disputes x ON x.question_id = d.question_id
LEFT JOIN newest_rulings r ON r.question_id = d.question_id
WHERE curation_id = {quoted(curation_id)}
GROUP BY ALL
ORDER BY planned DESC, standing""",
        "A question is in dispute when its samples agree with each other and not with the gold. Its traces are"
        " unverified until a person rules.",
    )
    yield Query(
        "disputed_questions",
        "The disputes",
        "disputes",
        f"""\
SELECT question, gold, agreed_answer, n_agreeing, n_gold, n_verified, round(share, 2) AS share, source
FROM disputes
SEMI JOIN (FROM decisions WHERE curation_id = {quoted(curation_id)}) USING (question_id)
ORDER BY share DESC, n_agreeing DESC, question_id
LIMIT {LISTED}""",
        f"The clearest first; at most {LISTED}.",
        "No question is in dispute.",
    )


def books(curation_id: str) -> Iterator[Query]:
    yield Query(
        "books",
        "The books",
        "books",
        f"""\
SELECT plan_id, planned, verified, unverified, failed, pending, doubled, balanced
FROM books
WHERE plan_id IN (
    SELECT plan_id
    FROM attempts
    SEMI JOIN (FROM decisions WHERE curation_id = {quoted(curation_id)}) USING (attempt_id)
)
ORDER BY plan_id""",
        "Plan by plan, each number counted by a query of its own, so that a lost or doubled row shows.",
    )


def policy(curation_id: str) -> Query:
    return Query(
        "policy",
        "The policy",
        "curations",
        f"SELECT name, json_pretty(policy) AS policy\nFROM curations\nWHERE curation_id = {quoted(curation_id)}",
        "All of it: whoever curates the same rows by it, anywhere, gets the same release.",
    )


def files(release_name: str) -> Query:
    return Query(
        "files",
        "Files",
        "releases",
        f"""\
SELECT file.path AS file, file.rows, file.size AS bytes, file.sha256
FROM (SELECT unnest(files) AS file FROM releases WHERE name = {quoted(release_name)})
ORDER BY file""",
        "The content of the release. This page and manifest.json lie beside it and are not part of its hash.",
    )


def _by_fate(curation_id: str, what: str, extra: list[str] | None = None, order: str = "planned DESC, ALL") -> str:
    order = order.replace("ALL", ", ".join(re.findall(r"\bAS (\w+)", what)))
    more = "".join(f",\n    {column}" for column in extra or [])
    return (
        f"SELECT {what},\n    count(*) AS planned, {COUNTED}{more}\n"
        f"{_from(curation_id)}\nGROUP BY ALL\nORDER BY {order}"
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _counted(fates: tuple[str, ...]) -> str:
    return ", ".join(f"count(*) FILTER (fate = '{fate}') AS {fate}" for fate in fates)


def _from(curation_id: str, indent: str = "") -> str:
    return f"FROM decided_full\n{indent}WHERE curation_id = {quoted(curation_id)}"
