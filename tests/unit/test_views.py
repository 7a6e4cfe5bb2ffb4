"""The views that answer people's questions, and the past, over rows that are written here.

Three days. On the first the old teacher is asked an easy and a hard question, twice each; on the second a new one; on
the third a policy decides on what the old one wrote, and a newer verifier changes its mind about one trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest

from schemas.tables import KEYS, TABLES
from warehouse.arrow_schema import arrow_schema
from warehouse.catalog import query_text
from warehouse.defining import define_views

ROWS = """
CREATE MACRO on_day(n) AS TIMESTAMPTZ '2026-05-01 00:00:00+00' + to_days(n - 1);
INSERT INTO questions BY NAME
    SELECT q AS question_id, 'number' AS kind, '2' AS gold, 'is it ' || q AS text, q AS source, on_day(1) AS landed_at
    FROM (VALUES ('easy'), ('hard')) t(q);
CREATE TEMP TABLE asked AS
    SELECT teacher || q || n AS name, q, n, teacher, day, outcome
    FROM (VALUES ('old', 1, 'easy', 0, 'correct'), ('old', 1, 'easy', 1, 'correct'), ('old', 1, 'hard', 0, 'incorrect'),
        ('old', 1, 'hard', 1, 'incorrect'), ('new', 2, 'easy', 0, 'correct'), ('new', 2, 'hard', 0, 'correct'),
        ('new', 2, 'hard', 1, 'incorrect')) t(teacher, day, q, n, outcome);
INSERT INTO attempts BY NAME
    SELECT 'a' || name AS attempt_id, teacher AS plan_id, q AS question_id, n AS sample_index, 'c' || name AS call_id,
        on_day(day) AS landed_at
    FROM asked;
INSERT INTO calls BY NAME
    SELECT 'c' || name AS call_id, teacher AS model_asked, 'answered' AS ended, 0.5 AS cost_usd,
        on_day(day) AS landed_at
    FROM asked;
INSERT INTO traces BY NAME
    SELECT 't' || name AS trace_id, 'a' || name AS attempt_id, teacher AS plan_id, q AS question_id, n AS sample_index,
        ['c' || name] AS call_ids, 'ok' AS structure, on_day(day) AS landed_at
    FROM asked;
INSERT INTO verdicts BY NAME
    SELECT 'v' || name AS verdict_id, 'trace' AS subject, 't' || name AS subject_id, 'number' AS verifier,
        '1' AS verifier_version, outcome AS verdict, 'equal' AS reason, on_day(day) AS landed_at
    FROM asked;
INSERT INTO verdicts BY NAME
    SELECT 'newer' AS verdict_id, 'trace' AS subject, 'toldhard1' AS subject_id, 'number' AS verifier,
        '2' AS verifier_version, 'correct' AS verdict, on_day(3) AS landed_at;
INSERT INTO curations BY NAME SELECT 'k' AS curation_id, 'strict' AS name, on_day(3) AS landed_at;
INSERT INTO decisions BY NAME
    SELECT 'k' AS curation_id, 'a' || name AS attempt_id, 't' || name AS trace_id, q AS question_id, q AS source,
        CASE q WHEN 'easy' THEN 'kept' ELSE 'dropped' END AS fate, CASE q WHEN 'hard' THEN 'verdict' END AS rule,
        CASE q WHEN 'hard' THEN 'incorrect' END AS reason, on_day(3) AS landed_at
    FROM asked
    WHERE teacher = 'old';
INSERT INTO runs BY NAME
    SELECT 'run' || n AS run_id, plan AS plan_id, on_day(n) AS started_at, on_day(n) AS landed_at
    FROM (VALUES (1, 'old'), (2, 'new'), (3, 'old')) t(n, plan);
INSERT INTO contaminations BY NAME
    SELECT detector AS contamination_id, detector AS check_id, 'easy' AS question_id, 'bench' AS benchmark,
        'b' || detector AS match_id, detector, convicts AS contaminated, score, false AS borderline,
        on_day(3) AS landed_at
    FROM (VALUES ('ngram', true, 0.8), ('embedding', true, 0.9), ('judge', false, 1.0)) t(detector, convicts, score);
"""
ANSWERS = {
    "FROM drops_by_reason SELECT fate, rule, reason, attempts, share, most_hit": [
        ("pending", None, "not_curated", 3, 0.4286, "hard"),
        ("dropped", "verdict", "incorrect", 2, 0.2857, "hard"),
    ],
    "FROM spend SELECT day::VARCHAR, source, teacher, calls, cost_usd, kept_traces, usd_per_kept_trace": [
        ("2026-05-01", "easy", "old", 2, 1.0, 2, 0.5),
        ("2026-05-01", "hard", "old", 2, 1.0, 0, None),
        ("2026-05-02", "easy", "new", 1, 0.5, 0, None),
        ("2026-05-02", "hard", "new", 2, 1.0, 0, None),
    ],
    "FROM hardest_families SELECT source, pass_rate, unsolved, sometimes, solved": [
        ("hard", 0.5, 0, 1, 0),
        ("easy", 1.0, 0, 0, 1),
    ],
    "FROM teacher_against_teacher SELECT source, teacher, rival, pass_rate, rival_pass_rate, ahead, behind": [
        ("easy", "new", "old", 1.0, 1.0, 0, 0),
        ("hard", "new", "old", 0.5, 0.5, 0, 0),
    ],
    "FROM contaminated_questions SELECT question_id, detectors, score, match_id, attempts, kept": [
        ("easy", ["embedding", "ngram"], 0.9, "bembedding", 3, 2)
    ],
    "FROM question_history SELECT event, what, who WHERE question_id = 'hard' AND attempt_id = 'aoldhard1'": [
        ("attempt", "planned", "old"),
        ("call", "answered", "old"),
        ("trace", "ok", None),
        ("verdict", "incorrect", "number 1"),
        ("decision", "dropped", "strict"),
        ("verdict", "correct", "number 2"),
    ],
    "FROM changes_between('run1', 'run2') SELECT change, question_id, pass_rate_before, pass_rate_after": [
        ("better", "hard", 0.0, 0.5),
        ("other_counts", "easy", 1.0, 1.0),
    ],
    "FROM changes_between('run1', 'run3') SELECT change, question_id, pass_rate_before, pass_rate_after": [
        ("better", "hard", 0.0, 0.5)
    ],
    "FROM run_changes SELECT source, change, questions, examples": [
        ("easy", "other_counts", 1, ["easy"]),
    ],
}


@pytest.fixture(scope="module")
def world() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table, record in TABLES.items():
            connection.register("empty", arrow_schema(record).empty_table())
            connection.execute(f"CREATE TABLE {table} AS FROM empty")
        connection.execute(ROWS)
        define_views(connection)
        yield connection


@pytest.mark.parametrize(("query", "rows"), ANSWERS.items(), ids=[query.split()[1] for query in ANSWERS])
def test_a_view_answers(world: duckdb.DuckDBPyConnection, query: str, rows: list[tuple[Any, ...]]) -> None:
    assert world.execute(query).fetchall() == rows


def test_a_run_without_attempts_is_not_what_the_newest_run_is_compared_with(world: duckdb.DuckDBPyConnection) -> None:
    """After `recycle`, which plans no attempts, every question of the run before it was `gone`."""
    question = "FROM run_changes SELECT source, change, questions, examples"
    world.execute("BEGIN")
    world.execute(
        "INSERT INTO runs BY NAME SELECT * REPLACE ('recycled' AS run_id, 'pairs' AS plan_id, "
        "TIMESTAMPTZ '2999-01-01 00:00+00' AS landed_at) FROM runs LIMIT 1"
    )
    found = world.execute(question).fetchall()
    world.execute("ROLLBACK")
    assert found == ANSWERS[question]


VERDICT = "SELECT verdict FROM {} WHERE trace_id = 'toldhard1'"


@pytest.mark.parametrize(
    ("past", "traces", "verdict"),
    [
        ("traces_full_at('run1')", 4, "incorrect"),
        ("traces_full_at('run2')", 7, "incorrect"),
        ("traces_full_at('run3')", 7, "correct"),
        ("traces_full_at('2026-05-01 12:00')", 4, "incorrect"),
        ("traces_full_at(TIMESTAMPTZ '2026-05-02 12:00:00+00')", 7, "incorrect"),
        ("traces_full_at(now())", 7, "correct"),
        ("traces_full", 7, "correct"),
    ],
)
def test_the_past_is_as_it_was(world: duckdb.DuckDBPyConnection, past: str, traces: int, verdict: str) -> None:
    assert world.execute(f"SELECT count(*) FROM {past}").fetchall() == [(traces,)]
    assert world.execute(VERDICT.format(past)).fetchall() == [(verdict,)]


def test_before_everything_there_is_nothing_and_an_unknown_version_is_an_error(
    world: duckdb.DuckDBPyConnection,
) -> None:
    assert world.execute("SELECT count(*) FROM fates_at('2020-01-01')").fetchall() == [(0,)]
    assert world.execute("SELECT count(*) FROM fates_at('run1') WHERE fate = 'kept'").fetchall() == [(0,)]
    assert world.execute("SELECT count(*) FROM fates_at('run3') WHERE fate = 'kept'").fetchall() == [(2,)]
    with pytest.raises(duckdb.Error, match="version: got run9; needs the run_id"):
        world.execute("SELECT count(*) FROM traces_full_at('run9')").fetchall()


EVERYWHERE = """
INSERT INTO attempts BY NAME
    SELECT 'a' || where_ AS attempt_id, plan_id, 'easy' AS question_id, 7 AS sample_index, 'c' || where_ AS call_id,
        on_day(3) AS landed_at
    FROM (VALUES ('nowhere'), ('called'), ('failed'), ('traced'), ('uncalled')) t(where_),
        (VALUES ('old'), ('new')) p(plan_id);
INSERT INTO calls BY NAME
    SELECT 'c' || where_ AS call_id, 'old' AS model_asked, 'answered' AS ended, on_day(3) AS landed_at
    FROM (VALUES ('called'), ('failed'), ('traced')) t(where_);
INSERT INTO failures BY NAME
    SELECT 'afailed' AS attempt_id, 'refused' AS reason, ['cfailed'] AS call_ids, on_day(3) AS landed_at;
INSERT INTO traces BY NAME
    SELECT 't' || where_ || grammar AS trace_id, 'a' || where_ AS attempt_id, 'old' AS plan_id, 'easy' AS question_id,
        7 AS sample_index, ['c' || where_] AS call_ids, grammar, 'ok' AS structure, on_day(day) AS landed_at
    FROM (VALUES ('traced', '1', 3), ('traced', '2', 4), ('uncalled', '1', 3)) t(where_, grammar, day);
INSERT INTO verdicts BY NAME
    SELECT 'vuncalled' AS verdict_id, 'trace' AS subject, 'tuncalled1' AS subject_id, 'number' AS verifier,
        '1' AS verifier_version, 'correct' AS verdict, on_day(3) AS landed_at;
"""
BESIDE_EACH_OTHER = """
    SELECT s.* EXCLUDE (trace_id, structure, verdict, reason, effect, reflection_marks),
        f.* EXCLUDE (plan_id, attempt_id, question_id, sample_index, source, tags)
    FROM standings s
    LEFT JOIN traces_full f USING (trace_id)
"""


@pytest.fixture
def everywhere(world: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """With attempts of two plans at once that stand in every place."""
    world.begin()
    world.execute(EVERYWHERE)
    yield world
    world.rollback()


def test_attempts_full_is_standings_beside_traces_full(everywhere: duckdb.DuckDBPyConnection) -> None:
    for one, other in (("FROM attempts_full", BESIDE_EACH_OTHER), (BESIDE_EACH_OTHER, "FROM attempts_full")):
        assert everywhere.execute(f"({one}) EXCEPT ALL ({other})").fetchall() == []
    standings = "SELECT standing, standing_reason, count(*) FROM attempts_full WHERE sample_index = 7 GROUP BY ALL"
    assert everywhere.execute(f"{standings} ORDER BY standing_reason").fetchall() == [
        ("pending", "no_call", 4),
        ("pending", "no_trace", 2),
        ("pending", "no_verdict", 2),
        ("failed", "refused", 2),
    ]


def test_the_books_have_every_attempt_at_its_place(everywhere: duckdb.DuckDBPyConnection) -> None:
    books = "SELECT plan_id, planned, verified, unverified, failed, pending, balanced FROM books ORDER BY plan_id"
    # the verdict of a trace without a call is counted beside its attempt, which pends: that must show
    assert everywhere.execute(books).fetchall() == [("new", 8, 4, 0, 1, 4, False), ("old", 9, 5, 0, 1, 4, False)]
    everywhere.execute("DELETE FROM verdicts WHERE verdict_id = 'vuncalled'")
    assert everywhere.execute(books).fetchall() == [("new", 8, 3, 0, 1, 4, True), ("old", 9, 4, 0, 1, 4, True)]


def test_no_table_may_hold_a_key_twice(world: duckdb.DuckDBPyConnection) -> None:
    """`releases`, `runs`, `experiments` and `evaluations` were not looked at."""
    for table, keys in KEYS.items():
        with _meanwhile(world):
            world.execute(f"TRUNCATE {table}")
            columns = ", ".join(f"'{key}' AS {key}" for key in keys)
            assert world.execute("SELECT table_name, n FROM doubled_keys").fetchall() == []
            world.execute(f"INSERT INTO {table} BY NAME SELECT {columns} FROM range(2)")
            assert world.execute("SELECT table_name, n FROM doubled_keys").fetchall() == [(table, 2)]


RECYCLED = """
INSERT INTO originals BY NAME
    SELECT 'p' AS plan_id, o AS original_id, 'pairs' AS source, o AS instruction, '' AS input, 'r' AS response,
        'pairs.jsonl, line 1' AS place, on_day(1) AS landed_at
    FROM (VALUES ('one'), ('two'), ('dropped'), ('refused'), ('bad'), ('open')) t(o);
INSERT INTO selections BY NAME
    SELECT 'p' AS plan_id, o AS original_id, fate, fate AS reason, chosen_id, call_ids, on_day(1) AS landed_at
    FROM (VALUES ('one', 'kept', 'xone', ['k1']), ('two', 'kept', 'xtwo', ['k2']), ('dropped', 'dropped', NULL, ['k3']),
        ('refused', 'failed', NULL, ['k4']), ('bad', 'failed', NULL, [])) t(o, fate, chosen_id, call_ids);
INSERT INTO pairs BY NAME
    SELECT 'p' AS plan_id, o AS original_id, 'x' || o AS pair_id, 'A*' AS stage, o AS instruction, '' AS input,
        'r' AS response, o <> 'dropped' AS chosen, on_day(1) AS landed_at
    FROM (VALUES ('one'), ('two'), ('dropped')) t(o);
INSERT INTO calls BY NAME
    SELECT 'k' || n AS call_id, 'new' AS model_asked, n / 4 AS cost_usd, on_day(1) AS landed_at FROM range(1, 5) t(n);
INSERT INTO curations BY NAME SELECT 'r' AS curation_id, 'pairs' AS name, on_day(3) AS landed_at;
INSERT INTO decisions BY NAME
    SELECT 'r' AS curation_id, attempt_id, trace_id, question_id, source, 'pairs' AS line,
        CASE WHEN standing <> 'judged' THEN standing WHEN unselected IS NULL THEN 'kept' ELSE 'dropped' END AS fate
    FROM recycled_full;
"""


@contextmanager
def _meanwhile(world: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Undo what is written inside."""
    world.begin()
    try:
        yield
    finally:
        world.rollback()


@pytest.fixture
def recycled(world: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """With a recycle plan whose originals ended in every way."""
    with _meanwhile(world):
        world.execute(RECYCLED)
        yield world


def test_calls_of_pairs_that_are_not_kept_have_their_price(recycled: duckdb.DuckDBPyConnection) -> None:
    """Dropped ones counted as free, and one bad row, for which nothing was sent, made the whole cost unknown."""
    paid = "SELECT fate, cost_usd FROM decided_full WHERE curation_id = 'r' ORDER BY ALL"
    assert recycled.execute(paid).fetchall() == [
        ("dropped", 0.75),
        ("failed", 0.0),
        ("failed", 1.0),
        ("kept", 0.25),
        ("kept", 0.5),
        ("pending", 0.0),
    ]


BILLED = """
INSERT INTO calls BY NAME
    SELECT 'm' || n AS call_id, 'new' AS model_asked, n AS cost_usd, {'completion_tokens': 10 * n} AS usage,
        on_day(1) AS landed_at
    FROM range(1, 6) t(n);
INSERT INTO attempts BY NAME
    SELECT 'a' || n AS attempt_id, 'm' AS plan_id, 'easy' AS question_id, n AS sample_index, 'm' || n AS call_id,
        on_day(1) AS landed_at
    FROM range(1, 6) t(n);
INSERT INTO traces BY NAME
    SELECT 'tm' AS trace_id, 'a1' AS attempt_id, 'm' AS plan_id, 'easy' AS question_id, 0 AS sample_index,
        ['m1', 'm2'] AS call_ids, 'ok' AS structure, on_day(1) AS landed_at;
INSERT INTO failures BY NAME
    SELECT 'a3' AS attempt_id, 'refused' AS reason, ['m3', 'm4'] AS call_ids, on_day(1) AS landed_at;
INSERT INTO decisions BY NAME
    SELECT 'm' AS curation_id, attempt_id, trace_id, 'easy' AS source, fate
    FROM (VALUES ('a1', 'tm', 'kept'), ('a3', NULL, 'failed'), ('a5', NULL, 'pending')) t(attempt_id, trace_id, fate);
"""


@pytest.mark.parametrize(
    ("unknown", "bills"),
    [
        (None, [("failed", 7.0, 70), ("kept", 3.0, 30), ("pending", 0.0, 0)]),
        ("m2", [("failed", 7.0, 70), ("kept", None, None), ("pending", 0.0, 0)]),  # it was the 10 of the other call
        ("m4", [("failed", None, None), ("kept", 3.0, 30), ("pending", 0.0, 0)]),
    ],
)
def test_tokens_are_billed_as_money_is(
    world: duckdb.DuckDBPyConnection, unknown: str | None, bills: list[tuple[Any, ...]]
) -> None:
    """Those of an attempt without a trace were in no sum of a report; of a trace, those of the calls that told any."""
    with _meanwhile(world):
        world.execute(BILLED)
        world.execute("UPDATE calls SET cost_usd = NULL, usage = NULL WHERE call_id = ?", [unknown])
        paid = "SELECT fate, cost_usd, paid_tokens FROM decided_full WHERE curation_id = 'm' ORDER BY ALL"
        assert world.execute(paid).fetchall() == bills
        of_traces = world.execute(
            "SELECT cost_usd, completion_tokens FROM traces_full WHERE trace_id = 'tm'"
        ).fetchall()
        assert of_traces == [bill[1:] for bill in bills if bill[0] == "kept"]
        costs = query_text("report/costs").replace("$curation_id", "'m'")
        by_teacher = world.execute(f"SELECT cost_usd, completion_tokens FROM ({costs})").fetchall()
        sums = [sum(bill[n] for bill in bills) for n in (1, 2)] if unknown is None else None
        assert sums is None or [sum(row[n] for row in by_teacher) for n in (0, 1)] == sums


@pytest.mark.parametrize(
    "wrong",
    [
        "INSERT INTO pairs BY NAME SELECT * REPLACE ('another' AS pair_id) FROM pairs WHERE original_id = 'one'",
        "UPDATE pairs SET chosen = false WHERE original_id = 'one'",
        "UPDATE pairs SET original_id = 'one' WHERE original_id = 'two'",
        "UPDATE pairs SET chosen = true WHERE original_id = 'dropped'; UPDATE pairs SET chosen = false"
        " WHERE original_id = 'two'",
    ],
    ids=["two versions", "none", "two of one and none of another", "of one that was dropped"],
)
def test_the_books_of_recycling_have_one_version_of_each_that_is_kept(
    recycled: duckdb.DuckDBPyConnection, wrong: str
) -> None:
    """They counted over the plan: two versions of one made up for none of another."""
    books = "SELECT planned, kept, dropped, failed, pending, balanced FROM pair_books"
    assert recycled.execute(books).fetchall() == [(6, 2, 1, 2, 1, True)]
    recycled.execute(wrong)
    assert recycled.execute(f"SELECT balanced FROM ({books})").fetchall() == [(False,)]


def test_what_nobody_scored_has_no_coherence(recycled: duckdb.DuckDBPyConnection) -> None:
    """DuckDB makes NaN of 0 / 0, which is no number of JSON, and no NULL."""
    assert recycled.execute("SELECT version, coherent FROM pair_statistics").fetchall() == [
        ("A*", None),
        ("chosen", None),
    ]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_days_and_moments_are_of_utc_wherever_the_catalog_is_opened(
    world: duckdb.DuckDBPyConnection, zone: str
) -> None:
    """Another program that opens the catalog has the time zone of its machine."""
    world.execute(f"SET TimeZone = '{zone}'")
    try:
        days = "SELECT DISTINCT day::VARCHAR FROM spend ORDER BY ALL"
        assert world.execute(days).fetchall() == [("2026-05-01",), ("2026-05-02",)]
        for past, traces in {
            "2026-05-01 00:00": 4,
            "2026-05-01": 4,
            "2026-04-30 23:59:59": 0,
            "2026-04-30": 0,
            "2026-05-02 00:00": 7,
            "2026-05-01T23:59:59Z": 4,
            "2026-05-02 01:59+02": 4,
            "2026-05-02 02:00+02": 7,
        }.items():
            assert world.execute(f"SELECT count(*) FROM traces_full_at('{past}')").fetchall() == [(traces,)], past
    finally:
        world.execute("SET TimeZone = 'UTC'")


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_run_that_is_none_is_no_run_without_questions(world: duckdb.DuckDBPyConnection, side: str) -> None:
    """Every question of the other run was `new`, or `gone`."""
    other = "after" if side == "before" else "before"
    with pytest.raises(duckdb.Error, match=f"{side}: got run9; needs the run_id of a run that planned attempts"):
        world.execute(f"FROM changes_between({side} := 'run9', {other} := 'run1')").fetchall()


def test_the_price_of_a_family_is_unknown_where_that_of_a_trace_is(world: duckdb.DuckDBPyConnection) -> None:
    price = "SELECT source, cost_usd FROM yield_by_source ORDER BY source"
    assert world.execute(price).fetchall() == [("easy", 1.5), ("hard", 2.0)]
    with _meanwhile(world):
        world.execute("UPDATE calls SET cost_usd = NULL WHERE call_id = 'coldhard1'")
        assert world.execute(price).fetchall() == [("easy", 1.5), ("hard", None)]


@pytest.mark.parametrize("turn", [1, -1])
def test_what_ties_is_decided_by_a_key(world: duckdb.DuckDBPyConnection, turn: int) -> None:
    """Not by the order in which rows landed, or were read."""
    with _meanwhile(world):
        for n in (1, 2, 3)[::turn]:
            world.execute(
                f"INSERT INTO contaminations BY NAME SELECT * REPLACE ('x{n}' AS contamination_id, 'x{n}' AS match_id,"
                " 1.0 AS score, true AS contaminated) FROM contaminations WHERE detector = 'judge' AND NOT contaminated"
            )
        for question in ("easy", "hard")[::turn]:
            world.execute(
                f"INSERT INTO attempts BY NAME SELECT * REPLACE ('{question}' AS attempt_id, '{question}' AS"
                " question_id) FROM attempts WHERE attempt_id = 'anewhard1'"
            )
        world.execute("DELETE FROM attempts WHERE attempt_id = 'anewhard1'")
        assert world.execute("SELECT match_id FROM contaminated_questions").fetchall() == [("x3",)]
        booked = "SELECT source, calls FROM spend WHERE teacher = 'new' ORDER BY ALL"
        assert world.execute(booked).fetchall() == [("easy", 2), ("hard", 1)]
