"""The rules of a policy, each as SQL over what the rules before it left.

`remaining` has the rows of `candidates` (`tasks/curation/candidates.py`) that no rule has dropped. A statement gives
those to drop now: place, reason and, if it says so, `duplicate_of`. Its parameters are the keys of the rule's section;
one whose parameters are all unset is left out, and one with `$number` is asked for each item of a list in turn. A
rule's `facts` run before it, and make the tables that it asks.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from schemas.policy import Policy, RuleName
from tasks.curation.duplicates import find_duplicates
from tasks.curation.languages import find_languages

Facts = Callable[[duckdb.DuckDBPyConnection, Policy], None]


@dataclass(frozen=True)
class Rule:
    statements: tuple[str, ...]
    facts: Facts | None = None


def statements(rule: RuleName, policy: Policy) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the rule asks, in order, each with its parameters."""
    given = _parameters(rule, policy)
    for sql in RULES[rule].statements:
        named = {name: given.get(name) for name in re.findall(r"\$(\w+)", sql)}
        if "number" in named:
            items = max(len(value) for value in named.values() if isinstance(value, list))
            yield from ((sql, named | {"number": number}) for number in range(1, items + 1))
        elif not named or any(value is not None for value in named.values()):
            yield sql, named


def _parameters(rule: RuleName, policy: Policy) -> dict[str, Any]:
    """The keys of the section; of a table its `_names` and its `_values`."""
    given: dict[str, Any] = policy.section(rule).model_dump(mode="json") | {"size": policy.sample.size}
    tables = [(name, value) for name, value in given.items() if isinstance(value, dict)]
    return given | {f"{n}_names": [*t] for n, t in tables} | {f"{n}_values": [*t.values()] for n, t in tables}


_WINDOW = """
    SELECT
        place,
        CASE WHEN {value} IS NULL THEN 'not_scored' WHEN {value} < $low THEN 'too_low' ELSE 'too_high' END AS reason
    FROM remaining
    WHERE {value} < $low OR {value} > $high OR ({value} IS NULL AND NOT $unscored)
"""
_AT_MOST = """
    SELECT place, '{reason}' AS reason
    FROM remaining
    QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY draw, place) > ${most}
"""

RULES: dict[RuleName, Rule] = {
    RuleName.VERDICT: Rule(
        ("SELECT place, verdict_reason AS reason FROM remaining WHERE NOT list_contains($keep, verdict)",)
    ),
    RuleName.STRUCTURE: Rule(
        ("SELECT place, structure AS reason FROM remaining WHERE NOT list_contains($keep, structure)",)
    ),
    RuleName.EFFECT: Rule(
        (
            """
            SELECT place, coalesce(effect, 'effect_unknown') AS reason
            FROM remaining
            WHERE NOT coalesce(list_contains($keep, effect), false)
            """,
            "SELECT place, 'decorative' AS reason FROM remaining WHERE decorative AND NOT $decorative",
        )
    ),
    RuleName.LENGTH: Rule(
        (
            """
            SELECT place, CASE WHEN length(text) < $min_characters THEN 'too_short' ELSE 'too_long' END AS reason
            FROM remaining
            JOIN traces USING (trace_id)
            WHERE length(text) < $min_characters OR length(text) > $max_characters
            """,
            """
            SELECT place, CASE WHEN completion_tokens IS NULL THEN 'no_token_count' ELSE 'too_long' END AS reason
            FROM remaining
            JOIN (SELECT trace_id, completion_tokens FROM traces_full) USING (trace_id)
            WHERE coalesce(completion_tokens > $max_tokens, true)
            """,
        )
    ),
    RuleName.LANGUAGE: Rule(
        (
            """
            SELECT place, CASE WHEN spoken IS NULL THEN 'language_unknown' ELSE 'other_language' END AS reason
            FROM remaining
            JOIN languages USING (place)
            WHERE $keep IS NOT NULL AND (NOT spoken OR (spoken IS NULL AND NOT $unknown))
            """,
        ),
        facts=find_languages,
    ),
    RuleName.PASS_RATE: Rule(
        (
            """
            WITH rates AS (
                SELECT
                    question_id,
                    count(*) FILTER (verdict = 'correct') AS correct,
                    count(*) FILTER (verdict IN ('correct', 'incorrect')) AS verified
                FROM candidates
                GROUP BY question_id
            )
            SELECT place, CASE WHEN correct / verified < $low THEN 'too_hard' ELSE 'too_easy' END AS reason
            FROM remaining
            JOIN rates USING (question_id)
            WHERE verified >= $from_samples AND (correct / verified < $low OR correct / verified > $high)
            """,
        )
    ),
    RuleName.CONTAMINATION: Rule(
        (
            "SELECT place, 'contaminated' AS reason FROM remaining WHERE contaminated",
            """
            SELECT place, 'contamination_undecided' AS reason
            FROM remaining
            WHERE contaminated IS NULL AND NOT $undecided
            """,
        )
    ),
    RuleName.DUPLICATES: Rule(("SELECT place, reason, duplicate_of FROM duplicates",), facts=find_duplicates),
    RuleName.IFD: Rule(
        (
            _WINDOW.format(value="ifd"),
            """
            SELECT place, CASE WHEN ifd IS NULL THEN 'not_scored' ELSE 'not_in_top_share' END AS reason
            FROM remaining
            WHERE ifd IS NOT NULL OR NOT $unscored
            QUALIFY ifd IS NULL OR row_number() OVER (PARTITION BY source, ifd IS NULL ORDER BY ifd DESC, draw, place)
                > ceil($top_share * count(ifd) OVER (PARTITION BY source) - 1e-9)
            """,
        )
    ),
    RuleName.RIFD: Rule((_WINDOW.format(value="rifd"),)),
    RuleName.QUOTAS: Rule(
        (
            _AT_MOST.format(reason="question_full", by="question_id", most="per_question"),
            _AT_MOST.format(reason="source_full", by="source", most="per_source"),
            """
            SELECT place, 'tag_full' AS reason
            FROM remaining
            WHERE list_contains(list_append(tags, source), $per_tag_names[$number])
            QUALIFY row_number() OVER (ORDER BY draw, place) > $per_tag_values[$number]
            """,
        )
    ),
    RuleName.MIX: Rule(
        (
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
                SELECT part, round(total * up_to) - round(total * (up_to - share)) AS room
                FROM (SELECT *, sum(share) OVER (ORDER BY number) AS up_to FROM parts)
                CROSS JOIN total
            )
            SELECT place, CASE WHEN room IS NULL THEN 'not_in_mix' ELSE 'part_full' END AS reason
            FROM assigned
            LEFT JOIN room USING (part)
            WHERE room IS NULL OR n > room
            """,
        )
    ),
    RuleName.SAMPLE: Rule(
        (
            """
            SELECT place, 'not_drawn' AS reason
            FROM remaining
            QUALIFY row_number() OVER (ORDER BY draw, place) > $size
            """,
        )
    ),
}
