"""A policy applied: rule by rule to what the rules before it left, until every attempt has its fate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from schemas.curation import Curation, FunnelStep, Line, ReasonCount, SourceCount
from schemas.errors import BooksDoNotBalance, Refused
from schemas.record import canonical_json, content_key
from schemas.release import TableVersion
from tasks.curation.candidates import gather_candidates
from tasks.curation.policy import Policy
from tasks.curation.rules.amounts import SampleRule
from tasks.curation.rules.registered import RULES, asking, named
from tasks.curation.scorer import PinnedScorer, find_scorer, gather_scores

Report = Callable[[FunnelStep], None]
JUDGED = "judged"
"""The funnel's first step: what the rules begin with."""

SELECTION = "selection"
"""The second, where pairs are decided on: recycling kept no version of these originals."""
_UNSELECTED = f"""
    INSERT INTO drops BY NAME
    SELECT place, '{SELECTION}' AS rule, unselected AS reason FROM remaining WHERE unselected IS NOT NULL
"""
_DECISIONS = """
    CREATE OR REPLACE TABLE decided AS
    SELECT
        c.place, c.attempt_id, c.trace_id, c.question_id, c.source, c.line,
        CASE WHEN c.standing <> 'judged' THEN c.standing WHEN d.place IS NULL THEN 'kept' ELSE 'dropped' END AS fate,
        d.rule,
        coalesce(d.reason, c.standing_reason) AS reason,
        d.duplicate_of,
        d.span,
        CASE WHEN fate = 'kept' THEN row_number() OVER (PARTITION BY fate ORDER BY c.draw, c.place) - 1 END AS rank
    FROM candidates c
    LEFT JOIN drops d USING (place)
"""
_DIGEST = """
    SELECT md5(coalesce(string_agg(md5(CAST(d AS VARCHAR)), '' ORDER BY attempt_id), ''))
    FROM (SELECT * EXCLUDE (place, line, span) FROM decided) d
"""
_BOOKS = """
    SELECT
        (
            SELECT count(DISTINCT attempt_id)
            FROM attempts
            WHERE list_contains($lines, 'traces') AND ($plans IS NULL OR list_contains($plans, plan_id))
        ) + (
            SELECT count(DISTINCT plan_id || original_id)
            FROM originals
            WHERE list_contains($lines, 'pairs') AND ($plans IS NULL OR list_contains($plans, plan_id))
        ),
        count(*) FILTER (fate = 'kept'),
        count(*) FILTER (fate = 'dropped'),
        count(*) FILTER (fate = 'failed'),
        count(*) FILTER (fate = 'pending')
    FROM decided
"""
_REMAINING = """
    SELECT source, count(*) FILTER (d.place IS NULL) AS n
    FROM candidates c
    LEFT JOIN drops d USING (place)
    WHERE c.standing = 'judged'
    GROUP BY source
    ORDER BY source
"""
_SURPLUS = """
    SELECT count(*) FILTER (place IS NULL OR reason IS NULL), count(*) - count(DISTINCT r.place)
    FROM dropping
    LEFT JOIN remaining r USING (place)
"""
_REASONS = "SELECT reason, count(*) AS n FROM drops WHERE rule = $rule GROUP BY reason ORDER BY n DESC, reason"


@dataclass(frozen=True)
class DecidedCuration:
    curation: Curation
    decisions: pa.Table
    """Of the columns of `Decision`, in order of attempt_id."""
    scorer: PinnedScorer


def decide(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    versions: tuple[TableVersion, ...],
    code_version: str,
    checks: Sequence[str] = (),
    report: Report = lambda step: None,
) -> DecidedCuration:
    """Decide on every planned attempt, in a connection to a warehouse (`warehouse.catalog.connect`) of its own.

    `checks` are those whose evidence of contamination is in force. Raises `Refused` where the policy's scorer is not
    one student, and `BooksDoNotBalance` when an attempt has no fate or two.
    """
    scorer = find_scorer(connection, policy.scorer, policy.lines)
    gather_scores(connection, scorer.taken)
    funnel = _apply(connection, policy, checks, report)
    connection.execute(_DECISIONS)
    books = _books(connection, policy)
    [(digest,)] = connection.execute(_DIGEST).fetchall()
    asked = canonical_json(policy.model_dump(mode="json"))
    named = [scorer.taken.model_dump(mode="json")] if scorer.taken else []
    curation = Curation(
        curation_id=content_key("curation", asked, digest, *named),
        name=policy.name,
        policy=asked,
        table_versions=versions,
        code_version=code_version,
        checks=tuple(checks),
        scorer=scorer.taken,
        **books,
        funnel=tuple(funnel),
    )
    decisions = connection.sql(
        "SELECT $curation_id AS curation_id, * EXCLUDE (place) FROM decided ORDER BY attempt_id",
        params={"curation_id": curation.curation_id},
    )
    return DecidedCuration(curation, decisions.to_arrow_table(), scorer)


def _apply(
    connection: duckdb.DuckDBPyConnection, policy: Policy, checks: Sequence[str], report: Report
) -> list[FunnelStep]:
    gather_candidates(connection, policy, checks)
    funnel = [_step(connection, JUDGED)]
    if Line.PAIRS in policy.lines:
        report(funnel[-1])
        connection.execute(_UNSELECTED)
        funnel.append(_step(connection, SELECTION))
    for rule in policy.rules_on:
        report(funnel[-1])
        apply_rule(connection, rule, policy)
        funnel.append(_step(connection, rule))
    report(funnel[-1])
    return funnel


def apply_rule(connection: duckdb.DuckDBPyConnection, name: str, policy: Policy) -> None:
    """Put what the rule drops of `remaining` into `drops`. Raises `Refused` where its SQL is wrong."""
    rule = policy.section(RULES[name])
    with asking(name):
        rule.make_facts(connection)
    for sql, parameters in rule.asked(policy.section(SampleRule).size):
        drop(connection, name, sql, parameters)


def drop(connection: duckdb.DuckDBPyConnection, rule: str, sql: str, parameters: dict[str, Any]) -> None:
    """Put what a statement gives into `drops`. Raises `Refused` where that is not once a place that remains."""
    try:
        connection.execute("CREATE OR REPLACE TEMP TABLE dropping AS FROM drops LIMIT 0")
        connection.execute(f"INSERT INTO dropping BY NAME SELECT *, '{rule}' AS rule FROM ({sql})", parameters or None)
    except duckdb.Error as error:
        raise Refused(f"{named(rule)}: cannot run a statement of it ({error})") from error
    [(n_incomplete, n_surplus)] = connection.execute(_SURPLUS).fetchall()
    if n_incomplete or n_surplus:
        wrong = "a row without place or reason" if n_incomplete else "a place twice, or one that does not remain"
        raise Refused(
            f"{named(rule)}: a statement of it gives {wrong}; needs place and reason, once for each row to go"
        )
    connection.execute("INSERT INTO drops FROM dropping")


def _step(connection: duckdb.DuckDBPyConnection, rule: str) -> FunnelStep:
    reasons = connection.execute(_REASONS, {"rule": rule}).fetchall()
    sources = connection.execute(_REMAINING).fetchall()
    return FunnelStep(
        rule=rule,
        dropped=tuple(ReasonCount(reason=reason, n=n) for reason, n in reasons),
        remaining=sum(n for _, n in sources),
        by_source=tuple(SourceCount(source=source, n=n) for source, n in sources),
    )


def _books(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, int]:
    [counts] = connection.execute(_BOOKS, {"plans": policy.plans, "lines": policy.lines}).fetchall()
    books = dict(zip(("planned", "kept", "dropped", "failed", "pending"), counts, strict=True))
    if 2 * books["planned"] != sum(books.values()):
        raise BooksDoNotBalance(
            f"the curation does not balance: {books}; a rule dropped a row twice, or a key is doubled (doubled_keys)"
        )
    return books
