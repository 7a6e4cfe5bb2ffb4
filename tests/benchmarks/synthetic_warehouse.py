"""A warehouse of any number of traces, made up by SQL in seconds, for benchmarks of views and of curation.

What a real run gives (about 150 words each, four samples a question, twenty families, wrong, broken
and failed ones among them); of every twenty questions one is another one's text in another family, so that of its
samples two are exact duplicates and two near ones.

    python -m tests.benchmarks.synthetic_warehouse DIR 100000
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from schemas.run import Books, Ledger, Run, RunEnd
from schemas.score import Definition, ResponseText, StudentIdentity
from schemas.tables import TABLES
from warehouse.catalog import write_catalog
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

BATCH = 50_000
STUDENT = StudentIdentity(
    student="s", student_revision="r", template="plain", template_hash="t", definition=Definition.PPL_RATIO,
    response_text=ResponseText.TRACE, max_length=512, dtype="float32",
)  # fmt: skip
MACROS = """
CREATE MACRO key(word, n) AS md5(word || n);
CREATE MACRO chance(n, salt) AS (hash(n, salt) % 1000000) / 1000000;
CREATE MACRO words(seed, n) AS list_aggregate(
    [substr(md5((hash(seed, i) % 30000)::VARCHAR), 1, 3 + (hash(seed, i) % 6)::INT) FOR i IN range(n)],
    'string_agg', ' ');
CREATE MACRO content(question) AS CASE WHEN question % 20 = 19 THEN question - 1 ELSE question END;
CREATE MACRO verdict_of(n) AS
    CASE WHEN chance(n, 'v') < 0.75 THEN 'correct' WHEN chance(n, 'v') < 0.95 THEN 'incorrect' ELSE 'unverified' END;
"""
TRACE = """
CREATE OR REPLACE TABLE made AS
SELECT n, n // 4 AS q, n % 4 AS sample,
    words('t' || content(n // 4) || '/' || n % 4, 120 + (hash(content(n // 4), n % 4) % 60)::INT)
    || CASE WHEN (n // 4) % 20 = 19 AND n % 4 >= 2 THEN ' and one word more' ELSE '' END AS body,
    CASE WHEN chance(n, 's') < 0.9 THEN 'ok' ELSE 'unclosed' END AS structure,
    CASE WHEN chance(n, 'c') < 0.02 THEN 'pending' WHEN chance(n, 'c') < 0.04 THEN 'failed' ELSE 'traced' END AS state
FROM range($first, $last) t(n);
"""
QUERIES = {
    "questions": """
        SELECT key('q', q) AS question_id, words('q' || content(q), 25) AS text, (content(q) % 97)::VARCHAR AS gold,
            'number' AS kind, '{}' AS spec, 'family_' || lpad((q % 20)::VARCHAR, 2, '0') AS source, NULL AS external_id,
            ['level:' || q % 5, 'topic:' || q % 7] AS tags, NULL AS licence
        FROM (SELECT DISTINCT q FROM made) ORDER BY q""",
    "attempts": """
        SELECT key('a', n) AS attempt_id, key('plan', 1) AS plan_id, key('shard', n // 100) AS shard_id,
            key('q', q) AS question_id, sample AS sample_index, key('c', n) AS call_id, NULL AS prompt_version
        FROM made""",
    "calls": """
        SELECT key('c', n) AS call_id, 'e' AS endpoint, 'm' || sample % 2 AS model_asked, model_asked AS model_answered,
            [{'role': 'user', 'content': words('q' || content(q), 25)}] AS messages,
            {'temperature': 0.7, 'top_p': 0.95, 'max_tokens': 2048, 'seed': n} AS sampling, sample AS sample_index,
            '' AS fresh, CASE state WHEN 'failed' THEN 'refused' ELSE 'answered' END AS ended, NULL AS error,
            ('{"content": "' || body || '"}')::BLOB AS raw_response, body AS content, NULL AS reasoning,
            'stop' AS finish_reason, NULL AS refusal, NULL AS extra_body,
            {'prompt_tokens': 60, 'completion_tokens': 200, 'cached_tokens': NULL, 'reasoning_tokens': NULL} AS usage,
            0.001 AS cost_usd, 0.5 AS latency_s, 1 AS tries
        FROM made WHERE state <> 'pending'""",
    "failures": """
        SELECT key('a', n) AS attempt_id, key('plan', 1) AS plan_id, 'refused' AS reason, [key('c', n)] AS call_ids
        FROM made WHERE state = 'failed'""",
    "traces": """
        SELECT key('t', n) AS trace_id, key('a', n) AS attempt_id, key('plan', 1) AS plan_id,
            key('q', q) AS question_id, sample AS sample_index, [key('c', n)] AS call_ids, '1' AS grammar,
            '<thinking>' || body || '</thinking><output>' || (content(q) % 97) || '</output>' AS text,
            structure, body AS thinking, [] AS reflections, (content(q) % 97)::VARCHAR AS output,
            (content(q) % 97)::VARCHAR AS answer, [] AS draft_answers
        FROM made WHERE state = 'traced'""",
    "verdicts": """
        SELECT key('v', n) AS verdict_id, 'trace' AS subject, key('t', n) AS subject_id, 'number' AS verifier,
            '1' AS verifier_version, verdict_of(n) AS verdict,
            CASE verdict_of(n) WHEN 'correct' THEN 'equal' WHEN 'incorrect' THEN 'not_equal' ELSE 'no_answer' END
                AS reason,
            (content(q) % 97)::VARCHAR AS answer,
            CASE WHEN chance(n, 'e') < 0.2 THEN 'corrected' WHEN chance(n, 'e') < 0.7 THEN 'confirmed' ELSE 'none' END
                AS effect,
            'judged' AS effect_reason, [] AS reflection_effects, [] AS reflection_marks,
            CASE verdict_of(n) WHEN 'correct' THEN (content(q) % 97)::VARCHAR
                WHEN 'incorrect' THEN (content(q) % 97 + 1 + hash(n) % 5)::VARCHAR END AS answer_key,
            0.0 AS duration_s, NULL AS evidence
        FROM made WHERE state = 'traced'""",
    "scores": """
        SELECT key('s', n) AS score_id, key('t', n) AS subject_id, 's' AS student, 'r' AS student_revision,
            'plain' AS template, 't' AS template_hash, 'ppl_ratio' AS definition, 'trace' AS response_text,
            512 AS max_length, 'float32' AS dtype, 40 AS n_instruction_tokens, 200 AS n_response_tokens,
            40 AS n_scored_instruction_tokens, 200 AS n_scored_response_tokens, 1.0 AS loss_response_conditioned,
            1.5 AS loss_response_direct, 2.0 AS loss_instruction_conditioned, 2.5 AS loss_instruction_direct,
            0.2 + chance(n, 'i') AS ifd, 0.2 + chance(n, 'r') AS rifd, false AS truncated, NULL AS reason,
            NULL AS rifd_reason
        FROM made WHERE state = 'traced' AND chance(n, 'x') < 0.95""",
}


def make(folder: Path, n_traces: int, first: int = 0) -> Warehouse:
    """Land the attempts from number `first` up to `n_traces`, 96 % of them with a trace, and a run to score them by."""
    warehouse = Warehouse(folder)
    warehouse.create()
    with duckdb.connect() as connection:
        connection.execute(MACROS)
        for start in range(first, n_traces, BATCH):
            end = min(start + BATCH, n_traces)
            connection.execute(TRACE, {"first": start, "last": end})
            for table, query in QUERIES.items():
                made = connection.sql(query).columns
                of_table = TABLES[table].model_fields
                columns = ", ".join(name if name in made else f"NULL AS {name}" for name in of_table)
                rows = connection.sql(f"SELECT {columns} FROM ({query})").to_arrow_table()
                warehouse.land_columns(table, rows, "synthetic", f"synthetic {start}")
    now = datetime.now(UTC)
    run = Run(
        run_id="synthetic", plan_id="p", flow="synthetic", configuration="{}", code_version="0", scored_by=STUDENT,
        started_at=now, ended_at=now, ended=RunEnd.DONE, error=None,
        books=Books(planned=0, verified=0, unverified=0, failed=0, pending=0, doubled=0),
        ledger=Ledger(sent=0, answered=0, failed=0, unknown=0), cost_usd=None, table_versions=(),
    )  # fmt: skip
    warehouse.land("runs", [run], run.run_id, run.run_id)
    with Snapshot(warehouse) as now:
        now.note_newest()
    write_catalog(warehouse)
    return warehouse


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    began = time.monotonic()
    make(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{sys.argv[2]} traces in {time.monotonic() - began:.0f} s")
