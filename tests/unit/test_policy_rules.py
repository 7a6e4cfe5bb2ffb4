"""Each rule on a handful of rows: which go, for which reason, and which stay."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pydantic import ValidationError

from flows.cli.curate import read_policy
from schemas.errors import Refused
from tasks.curation.candidates import DROPS
from tasks.curation.decide import apply_rule, drop
from tasks.curation.policy import Policy
from tasks.curation.rules.duplicates import DuplicatesRule
from tasks.curation.rules.registered import RULES
from tasks.curation.rules.rule import Rule, flaw_of
from tasks.curation.signing import METHOD
from tasks.curation.top_up import needs

SCHEMA = pa.schema(
    {
        "place": pa.int64(), "attempt_id": pa.string(), "trace_id": pa.string(), "question_id": pa.string(),
        "source": pa.string(), "tags": pa.list_(pa.string()), "standing": pa.string(), "standing_reason": pa.string(),
        "structure": pa.string(), "verdict": pa.string(), "verdict_reason": pa.string(), "effect": pa.string(),
        "ifd": pa.float64(), "rifd": pa.float64(), "decorative": pa.bool_(), "released": pa.bool_(),
        "contaminated": pa.bool_(), "draw": pa.uint64(), "text": pa.string(),
    }
)  # fmt: skip
Row = dict[str, Any]
BENCHMARK: Row = {"benchmarks": [{"path": "benchmark.jsonl"}]}


def row(**given: Any) -> Row:
    """One that no rule drops by default."""
    return {
        "question_id": "q", "source": "s", "tags": [], "standing": "judged", "structure": "ok", "verdict": "correct",
        "verdict_reason": "equal", "effect": "confirmed", "ifd": 0.5, "rifd": 0.5, "decorative": False,
        "released": False, "contaminated": False, "text": "We think about this and then we write the answer down.",
    } | given  # fmt: skip


def fill(connection: duckdb.DuckDBPyConnection, *rows: Row) -> None:
    """Rows are drawn in the order in which they are given."""
    numbered = [
        {"place": n, "attempt_id": f"a{n}", "trace_id": f"t{n}", "draw": n} | given for n, given in enumerate(rows)
    ]
    connection.register("given", pa.Table.from_pylist(numbered, SCHEMA))
    connection.execute("CREATE OR REPLACE TABLE candidates AS SELECT * EXCLUDE (text) FROM given")
    connection.execute("CREATE OR REPLACE TABLE trained_texts AS SELECT trace_id, NULL AS question, text FROM given")
    connection.execute(
        "CREATE OR REPLACE TABLE traces_full AS SELECT trace_id, length(text) AS completion_tokens FROM given"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE recycled_full AS SELECT trace_id, 0 AS completion_tokens FROM given LIMIT 0"
    )
    connection.execute(DROPS)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """One for all tests: each of its tables is made anew."""
    with duckdb.connect() as opened:
        yield opened


def dropped(
    connection: duckdb.DuckDBPyConnection, rule: str, section: Row, *rows: Row, **policy: Any
) -> dict[int, str]:
    """The places that the rule drops, with its reasons."""
    given = Policy.model_validate_json(json.dumps({rule: section} | policy))
    assert rule in given.rules_on
    fill(connection, *rows)
    apply_rule(connection, rule, given)
    found: list[tuple[int, str]] = connection.execute("SELECT place, reason FROM drops ORDER BY place").fetchall()
    assert len(dict(found)) == len(found), "no row goes twice"
    return dict(found)


CASES: list[tuple[str, Row, list[Row], dict[int, str]]] = [
    ("verdict", {}, [row(), row(verdict="incorrect", verdict_reason="not_equal")], {1: "not_equal"}),
    ("verdict", {"keep": ["correct", "unverified"]}, [row(verdict="unverified", verdict_reason="no_gold")], {}),
    ("verdict", {}, [row(verdict="unverified", verdict_reason="disputed")], {0: "disputed"}),
    ("verdict", {}, [row(standing="pending", verdict=None)], {}),
    ("structure", {}, [row(), row(structure="truncated")], {1: "truncated"}),
    ("effect", {"keep": ["corrected"]}, [row(), row(effect="corrected"), row(effect=None)],
     {0: "confirmed", 2: "effect_unknown"}),
    ("effect", {"decorative": False}, [row(), row(decorative=True), row(decorative=None)], {1: "decorative"}),
    ("length", {"min_characters": 3, "max_characters": 5}, [row(text="ab"), row(text="abc"), row(text="abcdef")],
     {0: "too_short", 2: "too_long"}),
    ("length", {"max_tokens": 5}, [row(text="abcde"), row(text="abcdef"), row(text=None)],
     {1: "too_long", 2: "no_token_count"}),
    ("language", {"keep": "en"}, [row(), row(text="Nous pensons d'abord, puis nous parlons."), row(text="7")],
     {1: "other_language"}),
    ("language", {"keep": "en", "unknown": False}, [row(), row(text="7")], {1: "language_unknown"}),
    # less than is no tag: all up to the next one was taken out, and nothing was left to tell a language by
    ("language", {"keep": "en"}, [row(text="<thinking>3 < 5, donc nous pensons, puis nous parlons.</thinking>")],
     {0: "other_language"}),
    ("hygiene", {"personal": True}, [row(), row(text="Write to ada@lovelace.org."), row(text=None)], {1: "email"}),
    ("hygiene", {"secrets": True}, [row(), row(text="Write to ada@lovelace.org.")], {}),
    ("pass_rate", {"low": 0.3, "high": 0.7}, [row()] * 4, dict.fromkeys(range(4), "too_easy")),
    ("pass_rate", {"low": 0.3}, [row(), *[row(verdict="incorrect")] * 3], dict.fromkeys(range(4), "too_hard")),
    ("pass_rate", {"low": 0.25}, [row(), *[row(verdict="incorrect")] * 3], {}),
    ("pass_rate", {"low": 0.3, "high": 0.7}, [row()] * 3, {}),
    ("pass_rate", {"high": 0.7}, [*[row()] * 3, row(verdict="unverified")], {}),
    ("contamination", BENCHMARK, [row(), row(contaminated=True), row(contaminated=None)], {1: "contaminated"}),
    ("contamination", BENCHMARK | {"undecided": False}, [row(), row(contaminated=None)],
     {1: "contamination_undecided"}),
    ("ifd", {"low": 0.2, "high": 1.0}, [row(ifd=0.2), row(ifd=0.1), row(ifd=1.1), row(ifd=None)],
     {1: "too_low", 2: "too_high", 3: "not_scored"}),
    ("ifd", {"high": 1.0, "unscored": True}, [row(ifd=None)], {}),
    ("ifd", {"top_share": 0.5}, [row(ifd=0.1), row(ifd=0.3), row(ifd=0.2), row(ifd=None), row(source="x", ifd=0.0)],
     {0: "not_in_top_share", 3: "not_scored"}),
    ("ifd", {"top_share": 0.5, "high": 0.25}, [row(ifd=0.1), row(ifd=0.3), row(ifd=0.2)],
     {0: "not_in_top_share", 1: "too_high"}),
    ("rifd", {"high": 0.6}, [row(), row(rifd=0.7), row(rifd=None)], {1: "too_high", 2: "not_scored"}),
    ("quotas", {"per_question": 1}, [row(), row(), row(question_id="p")], {1: "question_full"}),
    ("quotas", {"per_source": 2}, [row(), row(), row(), row(source="x")], {2: "source_full"}),
    ("quotas", {"per_tag": {"a": 1, "s": 3}}, [row(tags=["a"]), row(tags=["a", "b"]), row(), row(), row()],
     {1: "tag_full", 4: "tag_full"}),  # the row that `a` has no room for takes no room of `s`
    ("quotas", {"per_question": 1, "per_source": 1}, [row(), row(), row(question_id="p")],
     {1: "question_full", 2: "source_full"}),
    ("mix", {"shares": {"a": 0.5, "b": 0.5}}, [row(tags=["a"]), row(tags=["b"]), row(tags=["b"]), row()],
     {2: "part_full", 3: "not_in_mix"}),
    ("mix", {"shares": {"a": 0.75, "s": 0.25}}, [*[row(tags=["a"])] * 3, row(), row()], {4: "part_full"}),
    ("mix", {"shares": {"a": 0.5, "missing": 0.5}}, [row(tags=["a"]), row()], {0: "part_full", 1: "not_in_mix"}),
    ("sample", {"size": 2}, [row(), row(), row(), row(standing="failed")], {2: "not_drawn"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "section", "rows", "expected"), CASES)
def test_a_rule_drops_what_it_says(
    connection: duckdb.DuckDBPyConnection, rule: str, section: Row, rows: list[Row], expected: dict[int, str]
) -> None:
    assert dropped(connection, rule, section, *rows) == expected


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT place FROM remaining", "a row without place or reason"),
        ("SELECT 'x' AS reason FROM remaining", "a row without place or reason"),
        ("SELECT place, nullif('x', 'x') AS reason FROM remaining", "a row without place or reason"),
        ("SELECT place, 'x' AS reason FROM remaining, range(2)", "a place twice, or one that does not remain"),
        ("SELECT place + 7 AS place, 'x' AS reason FROM remaining", "a place twice, or one that does not remain"),
        ("SELECT place, 'x' AS reason FROM candidates", "a place twice, or one that does not remain"),
        ("SELECT place, 'x' AS reason, 1 AS more FROM remaining", "cannot run a statement of it (Binder Error"),
        ("SELECT place, 'x' AS reason FROM remainder", "cannot run a statement of it (Catalog Error"),
        ("SELECT place, 'x' AS reason FROM remaining WHERE lenght(source) = 1", "cannot run a statement of it"),
        ("SELECT place, 'x' AS reason FROM remaining; DROP TABLE traces", "cannot run a statement of it (Parser Error"),
    ],
)
def test_sql_that_does_not_give_what_is_needed_is_refused_by_name_and_drops_nothing(
    connection: duckdb.DuckDBPyConnection, sql: str, says: str
) -> None:
    fill(connection, row(), row(standing="pending"))
    with pytest.raises(Refused) as refused:
        drop(connection, "verdict", sql, {})
    assert str(refused.value).startswith("rule verdict: ")
    assert says in str(refused.value)
    assert connection.execute("SELECT count(*) FROM drops").fetchall() == [(0,)]
    drop(connection, "verdict", "SELECT place, 'x' AS reason FROM remaining", {})  # the control
    assert connection.execute("SELECT place, reason FROM drops").fetchall() == [(0, "x")]


def test_no_shipped_rule_has_a_flaw_and_one_without_keys_is_on() -> None:
    class Marked(Rule):
        statements = ("SELECT place, 'x' AS reason FROM remaining WHERE source = '$5'",)

    assert [flaw for rule in (Marked, *RULES.values()) if (flaw := flaw_of(rule))] == []
    assert Marked().is_on


def test_every_rule_is_in_the_table() -> None:
    assert {*RULES} == {rule for rule, *_ in CASES} | {"duplicates"}


@pytest.mark.parametrize(
    ("size", "shares"),
    [
        (33, {"a": 0.35, "b": 0.35, "s": 0.3}),
        # the known-bad control: a border at a half was rounded up for one part, and down for the next
        (30, {"a": 0.45, "b": 0.55}),
        (35, {"a": 0.1, "b": 0.35, "c": 0.45, "s": 0.1}),
        (70, {"a": 0.05, "b": 0.3, "c": 0.05, "s": 0.6}),
    ],
)
def test_a_mix_adds_up_to_the_size_of_the_sample(
    connection: duckdb.DuckDBPyConnection, size: int, shares: dict[str, float]
) -> None:
    rows = [row(tags=[tag]) for tag in "abcd" for _ in range(60)]
    assert len(rows) - len(dropped(connection, "mix", {"shares": shares}, *rows, sample={"size": size})) == size


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rules": ["verdict"], "ifd": {"high": 1}}, "ifd: got settings of a rule that is not in `rules`"),
        ({"rules": ["verdict", "verdict"]}, "at most once"),
        ({"mix": {"shares": {"a": 0.5}}}, "needs 1"),
        ({"duplicates": {"near": 0.5}}, "at least 0.75"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(values: Row, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Policy.model_validate(values)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("ifd.hihg=1", "ifd.hihg: unknown key; did you mean ifd.high?"),
        ("duplicates.near=0.5", "duplicates.near: got 0.5; needs 0, or at least 0.75"),
        ("rules=['verdit']", "rules[0]: got \"verdit\"; needs one of 'verdict', 'structure'"),
        ("language.keep=English", 'language.keep: got "English"; needs text of the form'),
        ("name=''", 'name: got ""; needs text that is not empty'),
        ("mix.shares=1", "mix.shares: got 1; needs a table of keys"),
        ("mix.shares={a=0.5}", "mix.shares: got 0.5 together; needs 1"),
    ],
)
def test_a_setting_that_is_wrong_is_named(setting: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        read_policy(None, None, [setting])
    assert message in str(refused.value)


def test_the_default_policy_has_three_rules_on() -> None:
    assert [*Policy().rules_on] == ["verdict", "structure", "duplicates"]


def test_top_up_counts_what_rules_found_fault_with_and_not_what_they_only_left_out(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    wrong = row(verdict="incorrect", verdict_reason="not_equal")
    rows = [row(question_id="1"), wrong | {"question_id": "1"}, row(question_id="2"), row(question_id="2"),
            row(source="none", verdict="incorrect", verdict_reason="not_equal"),
            row(source="none", standing="pending"), row(source="new", standing="pending")]  # fmt: skip
    fill(connection, *rows)
    policy = Policy.model_validate({"sample": {"size": 1}})
    for rule in ("verdict", "sample"):
        apply_rule(connection, rule, policy)
    found = {need.bucket: (need.accepted, need.rate, need.more_questions) for need in needs(connection, policy, 10)}
    # 7 are missing, and a question gives 2 attempts of which 3 in 4 are accepted
    assert found == {"s": (3, 0.75, 5), "none": (0, 0.0, None), "new": (0, None, None)}


@pytest.mark.parametrize("places", [(1, 2), (2, 1)])
def test_of_a_pair_that_two_plans_share_the_first_attempt_stays(places: tuple[int, int]) -> None:
    """Whatever the order in which rows are read: by trace_id, the same for both, it decided."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE releases (trace_ids VARCHAR[])")
        connection.execute("CREATE TABLE traces (trace_id VARCHAR, attempt_id VARCHAR)")
        connection.execute(
            "CREATE TABLE signatures AS SELECT 't' AS trace_id, $1 AS method, 'k' AS text_key, [0] AS bands", [METHOD]
        )
        connection.execute(
            "CREATE TABLE remaining AS SELECT unnest($1::INT[]) AS place, 't' AS trace_id, 'a' AS attempt_id,"
            " 7 AS draw, false AS released",
            [list(places)],
        )
        DuplicatesRule(near=0).make_facts(connection)
        assert connection.sql("SELECT place, duplicate_of FROM duplicates").fetchall() == [(2, "t")]
