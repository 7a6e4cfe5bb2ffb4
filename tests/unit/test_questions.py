"""Rows of files to questions: what is read, in which order, and what is refused with the row's place."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.configure import read_configuration
from schemas.errors import Refused
from schemas.question import AnswerKind
from schemas.question_source import Questions
from tasks.questions import Loaded, Recorded, load, source_of
from tasks.rows.values import infer_kind

ROOT = Path(__file__).parents[2]


def write(tmp_path: Path, *rows: Any, name: str = "q.jsonl") -> Path:
    """One line per row: a text as it is, anything else as JSON."""
    path = tmp_path / name
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    return path


def read(path: Path, source: str = "jsonl", **settings: Any) -> Loaded:
    return load(Questions.model_validate({"source": source, "path": str(path), **settings}), seed=0)


def one(tmp_path: Path, row: Any, **settings: Any) -> Any:
    return read(write(tmp_path, row), **settings).seeds[0].question


def test_every_field_of_a_row(tmp_path: Path):
    row = {
        "question": " Why? ",
        "gold": "no reason",
        "kind": "math",
        "spec": {"answer_pattern": "A: (.*)"},
        "id": "../../x",  # only data
        "tags": ["a", 2],
        "other": [{}],
    }
    question = one(tmp_path, row, licence="MIT")
    assert question.model_dump(exclude={"question_id"}) == {
        "text": " Why? ",
        "gold": "no reason",
        "kind": AnswerKind.MATH,
        "spec": '{"answer_pattern":"A: (.*)"}',
        "source": "q",
        "external_id": "../../x",
        "tags": ("a", "2"),
        "licence": "MIT",
    }


@pytest.mark.parametrize(
    ("row", "settings", "expected"),
    [
        ({"gold": 18}, {}, {"gold": "18", "kind": "number"}),
        ({"gold": 18.0}, {}, {"gold": "18", "kind": "number"}),
        ({"gold": None}, {}, {"gold": None, "kind": "exact"}),
        ({"gold": "  "}, {}, {"gold": None, "kind": "exact"}),
        ({}, {}, {"gold": None, "kind": "exact", "spec": "{}", "external_id": None, "tags": ()}),
        ({"gold": "18"}, {"kind": "exact"}, {"kind": "exact"}),
        ({"gold": "18", "kind": "math"}, {"kind": "exact"}, {"kind": "math"}),
        ({"gold": "2 + 2\n#### 4"}, {"gold_pattern": "#### (.*)"}, {"gold": "4", "kind": "number"}),
        ({"gold": None}, {"gold_pattern": "#### (.*)"}, {"gold": None}),
        ({}, {"spec": '{ "answer_pattern": "(x)" }'}, {"spec": '{"answer_pattern":"(x)"}'}),
        ({"spec": None}, {"spec": '{"answer_pattern": "(x)"}'}, {"spec": '{"answer_pattern":"(x)"}'}),
        ({"spec": "{}"}, {"spec": '{"answer_pattern": "(x)"}'}, {"spec": "{}"}),
        ({"id": 7}, {}, {"external_id": "7"}),
        ({"tags": "one"}, {}, {"tags": ("one",)}),
        ({"meta": {"a": "5"}}, {"columns": {"gold": "meta.a"}}, {"gold": "5"}),
        ({"question": "lone \ud800 and \x00"}, {"name": "mine"}, {"source": "mine"}),
    ],
)
def test_fields(tmp_path: Path, row: dict[str, Any], settings: dict[str, Any], expected: dict[str, Any]):
    question = one(tmp_path, {"question": "q", **row}, **settings)
    assert {name: getattr(question, name) for name in expected} == expected
    question.model_dump_json().encode()  # a lone surrogate would fail a whole batch


def test_lines_as_other_tools_write_them(tmp_path: Path):
    path = tmp_path / "q.jsonl"
    path.write_bytes('\ufeff{"question": "é"}\r\n\r\n  \n{"question": "b\u2028c"}\n{"question": "last"}'.encode())
    assert texts(read(path)) == ["é", "b\u2028c", "last"]


def texts(loaded: Loaded) -> list[str]:
    return [seed.question.text for seed in loaded.seeds]


def test_order_duplicates_and_limit(tmp_path: Path):
    path = write(tmp_path, *({"question": text} for text in "abacbd"))
    every = read(path)
    assert (texts(every), every.n_rows, every.n_duplicates) == (["a", "b", "c", "d"], 6, 2)
    two = read(path, limit=2)
    assert (texts(two), two.n_rows, two.n_duplicates) == (["a", "b"], 3, 1)
    assert two.seeds == every.seeds[:2]
    assert read(path) == every


def test_rows_past_the_limit_are_not_read(tmp_path: Path):
    assert len(read(write(tmp_path, {"question": "a"}, {"question": "b"}, "not JSON"), limit=1).seeds) == 1


BAD_ROWS = [
    ("not JSON", "q.jsonl, line 2: not JSON in UTF-8 (Expecting value"),
    ('{"question": "a"', "q.jsonl, line 2: not JSON in UTF-8 (Expecting ',' delimiter"),
    ('{"question": "a"} {"question": "b"}', "q.jsonl, line 2: not JSON in UTF-8 (Extra data"),
    ('{"question": "\udc80"}', "q.jsonl, line 2: not JSON in UTF-8 ('utf-8' codec can't decode"),
    ('{"question": ' + "[" * 100_000, "q.jsonl, line 2: not JSON in UTF-8 (maximum recursion depth"),
    (
        '{"question": "a", "gold": 1, "gold": 2}',
        "q.jsonl, line 2: not JSON in UTF-8 (the key 'gold' stands twice",
    ),
    ('["a"]', "q.jsonl, line 2: got an array; needs one JSON object on each line"),
    ({"prompt": "a"}, "q.jsonl, line 2, question: got None; needs the question as text that is not empty"),
    ({"question": " "}, "q.jsonl, line 2, question: got ' '; needs the question as text"),
    ({"question": ["a"]}, "q.jsonl, line 2, question: got ['a']; needs the question as text"),
    ({"question": "a", "gold": {}}, "q.jsonl, line 2, gold: got {}; needs text, a finite number, true, false or null"),
    (
        {"question": "a", "gold": ["1", "2"]},
        "q.jsonl, line 2, gold: got ['1', '2']; needs one gold; questions.several_golds = \"any\" takes each",
    ),
    (
        '{"question": "a", "gold": NaN}',
        "q.jsonl, line 2, gold: got nan; needs text, a finite number, true",
    ),
    (
        {"question": "a", "kind": "maths"},
        "kind: got 'maths'; needs one of exact, number, math, reasoning_gym",
    ),
    ({"question": "a", "kind": ["math"]}, "q.jsonl, line 2, kind: got ['math']; needs one of"),
    ({"question": "a", "spec": "x"}, "q.jsonl, line 2, spec: got 'x'; needs a JSON object, or its text"),
    ({"question": "a", "spec": {"answer_pattern": "x"}}, "q.jsonl, line 2, spec.answer_pattern: got 'x'"),
    ({"question": "a", "spec": {"answer_pattern": 5}}, "q.jsonl, line 2, spec.answer_pattern: got 5"),
    ({"question": "a", "id": {}}, "q.jsonl, line 2, id: got {}; needs text or a number"),
    ({"question": "a", "tags": [[]]}, "q.jsonl, line 2, tags: got [[]]; needs a text or a list of texts"),
    (
        {"question": "a", "tags": {"x": 1}},
        "q.jsonl, line 2, tags: got {'x': 1}; needs a text or a list of texts",
    ),
    ({"question": "a", "gold": "\x1b[31m" * 50 + "x", "kind": "\x1b[31m"}, "kind: got '\\x1b[31m'; needs"),
]


SEVERAL = [
    # what a list of golds comes to where each is right by itself: gold, kind, what the spec accepts
    ({"gold": ["a", "b", "a"]}, ("a", "exact", ["b"])),
    ({"gold": '["a", "b"]'}, ("a", "exact", ["b"])),
    ({"gold": ["5", 6]}, ("5", "exact", ["6"])),
    ({"gold": ["a", None, " ", "b"]}, ("a", "exact", ["b"])),
    ({"gold": ["a", "b"], "spec": {"accept": ["c"]}}, ("a", "exact", ["c", "b"])),
    ({"gold": ["5", "5"]}, ("5", "number", None)),
    ({"gold": ["5"]}, ("5", "number", None)),
    ({"gold": 5}, ("5", "number", None)),
    ({"gold": "[a]"}, ("[a]", "exact", None)),
]


@pytest.mark.parametrize(("row", "expected"), SEVERAL)
def test_each_of_several_golds_is_right(tmp_path: Path, row: Any, expected: tuple[str, str, list[str] | None]) -> None:
    """BIG-bench's targets and TriviaQA's aliases were rows that could not be read."""
    [question] = [seed.question for seed in read(write(tmp_path, {"question": "a", **row}), several_golds="any").seeds]
    assert (question.gold, question.kind, json.loads(question.spec).get("accept")) == expected


LISTED = [
    # what a gold comes to where a list is one: gold, kind
    ("[0, 5]", ("[0, 5]", "exact")),
    ("[0.30, 1e2]", ("[0.30, 1e2]", "exact")),
    ("[[3, 2], [7, 8]]", ("[[3, 2], [7, 8]]", "exact")),
    ("[[3, 2]]", ("[[3, 2]]", "exact")),
    ("[5]", ("[5]", "exact")),
    ('["a", "b"]', ('["a", "b"]', "exact")),
    ("5", ("5", "number")),
    ("true", ("True", "exact")),
    ('"a"', ("a", "exact")),
]


@pytest.mark.parametrize(("gold", "expected"), LISTED)
def test_a_list_is_one_gold(tmp_path: Path, gold: str, expected: tuple[str, str]) -> None:
    """TheoremQA's lists, the grids of ARC: their rows were refused, or each item was right by itself."""
    path = write(tmp_path, f'{{"question": "a", "gold": {gold}}}')
    [question] = [seed.question for seed in read(path, several_golds="list").seeds]
    assert (question.gold, question.kind) == expected


@pytest.mark.parametrize(("gold", "expected"), [(True, "True"), (False, "False"), ([True], "True")])
def test_true_and_false_are_golds(tmp_path: Path, gold: Any, expected: str) -> None:
    """BoolQ's and TheoremQA's rows were refused."""
    [question] = [seed.question for seed in read(write(tmp_path, {"question": "a", "gold": gold})).seeds]
    assert (question.gold, question.kind) == (expected, "exact")


def test_only_exact_compares_with_several_golds(tmp_path: Path) -> None:
    rows = {"question": "a", "gold": "1"}, {"question": "b", "gold": ["1", "2"], "kind": "number"}
    [rejected] = read(write(tmp_path, *rows), several_golds="any").rejected
    assert "needs one gold for kind number, whose spec accepts no others" in str(rejected)


def test_the_context_stands_above_the_question(tmp_path: Path) -> None:
    rows = {"question": "How many?", "Body": "Two."}, {"question": "Why?"}, {"question": "When?", "Body": "N/A"}
    loaded = read(write(tmp_path, *rows), columns={"context": "Body"})
    assert (texts(loaded), loaded.notes) == (["Two.\n\nHow many?", "Why?", "When?"], {})
    with pytest.raises(Refused, match=r"questions\.columns\.context: got 'Bodi'"):
        read(write(tmp_path, *rows), columns={"context": "Bodi"})


@pytest.mark.parametrize(
    ("row", "settings", "named"),
    [
        ({"question": "a", "answer": "4"}, {}, "answer"),
        ({"question": "a", "answerKey": "B"}, {}, "answerKey"),
        ({"question": "a", "final_answer": 0}, {"kind": "number"}, "final_answer"),
        ({"question": "a", "gold": None, "target": ["x"]}, {}, "target"),
        ({"question": "a", "Correct Answer": "x"}, {}, "Correct Answer"),
        ({"messages": [{"role": "user", "content": "a"}], "answer": "x"}, {}, "answer"),
        ({"messages": [{"role": "user", "content": "a"}], "label": True}, {}, None),
        ({"question": "a", "gold": "4", "answer": "2 + 2 = 4"}, {}, None),
        ({"question": "a", "answer": ""}, {}, None),
        ({"question": "a", "answer": None}, {}, None),
        ({"question": "a", "solution": "4"}, {}, None),
        ({"answer": "4 or 5?"}, {"columns": {"question": "answer"}}, None),
        ({"question": "a", "answer": "4"}, {"source": "recorded", "columns": {"responses": ["answer"]}}, None),
        ({"question": "a", "answer": None, "right": 4}, {"columns": {"gold": "right"}}, None),
    ],
)
def test_a_column_that_may_hold_the_gold_is_named(
    tmp_path: Path, row: dict[str, Any], settings: dict[str, Any], named: str | None
) -> None:
    """Else a run without golds is noticed after it is paid for."""
    notes = read(write(tmp_path, row), **settings).notes
    remark = f"{named}, which may be the right answer; questions.columns.gold names its column"
    assert notes == ({remark: 1} if named else {})


@pytest.mark.parametrize(("row", "message"), BAD_ROWS, ids=[message[:60] for _, message in BAD_ROWS])
def test_a_bad_row_is_rejected_by_its_place_and_field(tmp_path: Path, row: Any, message: str):
    path = write(tmp_path, {"question": "fine"}, row, {"question": "fine, too"})
    loaded = read(path)
    assert texts(loaded) == ["fine", "fine, too"]
    [rejected] = loaded.rejected
    assert message in str(rejected)
    assert "\x1b" not in str(rejected)
    assert "1 that cannot be read" in loaded.tally.lines()[0]
    with pytest.raises(Refused, match=r"q\.jsonl, (line|row) 1.*\n.*holds no questions that can be read"):
        read(write(tmp_path, row))


@pytest.mark.parametrize(
    ("rows", "settings", "message"),
    [
        ([{"prompt": "a", "gold": 1}], {}, "q.jsonl, line 1: got no 'question' but 'prompt', 'gold'; needs"),
        ([], {}, "holds no questions"),
        (["", " "], {}, "holds no questions"),
        ([{"question": "a"}], {"columns": {"gold": "answr"}}, "questions.columns.gold: got 'answr'"),
        (
            [{"question": "a", "gold": "4"}],
            {"gold_pattern": "#### (.*)"},
            "q.jsonl, line 1, gold: got '4'; needs a match",
        ),
        (
            [{"question": "a"}],
            {"gold_pattern": "#### .*"},
            "questions.gold_pattern: got '#### .*', which has 0 groups",
        ),
        ([{"question": "a"}], {"spec": '{"answer_pattern": "("}'}, "questions.spec.answer_pattern: got '('"),
    ],
)
def test_refused_files(tmp_path: Path, rows: list[Any], settings: dict[str, Any], message: str):
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, *rows), **settings)
    assert message in str(refused.value)


@pytest.mark.parametrize("source", ["jsonl", "parquet", "recorded"])
def test_files_that_cannot_be_read(tmp_path: Path, source: str):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Refused, match=r"questions\.path: cannot read"):
            read(path, source)


def table(tmp_path: Path, columns: dict[str, Any], name: str = "q.parquet") -> Path:
    pq.write_table(pa.table(columns), tmp_path / name)
    return tmp_path / name


def test_parquet(tmp_path: Path):
    path = table(
        tmp_path,
        {
            "q.text": ["a", "b", "c"],
            "meta": [
                {"gold": 1.0, "spec": {"answer_pattern": "(x)", "n": None}},
                {"gold": 2.5, "spec": None},
                None,
            ],
            "tags": [["t"], [], None],
            "unused": pa.array([b"\xff", None, None]),
        },
    )
    columns = {"question": "q.text", "gold": "meta.gold", "spec": "meta.spec"}
    questions = [seed.question for seed in read(path, "parquet", columns=columns).seeds]
    assert [(q.text, q.gold, q.spec, q.tags) for q in questions] == [
        ("a", "1", '{"answer_pattern":"(x)"}', ("t",)),
        ("b", "2.5", "{}", ()),
        ("c", None, "{}", ()),
    ]


def test_the_same_rows_are_the_same_questions_in_both_formats(tmp_path: Path):
    rows = [{"question": f"q{i}", "gold": i, "tags": ["x"]} for i in range(3000)]  # three batches
    lines, parquet = (
        write(tmp_path, *rows),
        table(tmp_path, {name: [row[name] for row in rows] for name in rows[0]}),
    )
    assert read(lines) == read(parquet, "parquet")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"prompt": ["a"], "gold": ["b"]}, "q.parquet, row 1: got no 'question' but 'prompt', 'gold'"),
        ({"question": pa.array([None, None], pa.string())}, "q.parquet, row 1, question: got None"),
        (
            {"question": pa.array([b"ok", b"\xff"]).view(pa.utf8())},
            "cannot read",
        ),
        (b"no Parquet", "cannot read"),
        (b"", "cannot read"),
    ],
)
def test_refused_parquet(tmp_path: Path, content: Any, message: str):
    path = tmp_path / "q.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        table(tmp_path, content)
    with pytest.raises(Refused) as refused:
        read(path, "parquet")
    assert message in str(refused.value)


RESPONSES = {"responses": ["a.text", "b.text"]}


def test_recorded_completions(tmp_path: Path):
    path = write(
        tmp_path,
        {"question": "q1", "a": {"text": "one"}, "b": {"text": ""}},
        {"question": "q2", "a": {"text": None}, "b": {}},
        {"question": "q3", "a": {"text": "nul \x00"}},
    )
    loaded = read(path, "recorded", columns=RESPONSES)
    assert [seed.recorded for seed in loaded.seeds] == [
        (Recorded("a.text", "one"), Recorded("b.text", "")),  # an empty answer is an answer
        (),
        (Recorded("a.text", "nul \ufffd"),),
    ]
    assert (loaded.n_rows, loaded.n_duplicates, loaded.n_missing) == (3, 0, 3)
    assert {seed.question.source for seed in loaded.seeds} == {"q_recorded"}


def test_one_response_per_row(tmp_path: Path):
    rows = [{"question": q, "response": r} for q, r in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("a", "1")]]
    path = write(tmp_path, *rows)
    every = read(path, "recorded")
    assert [[r.text for r in seed.recorded] for seed in every.seeds] == [["1", "3", "1"], ["2"], ["4"]]
    assert (every.n_rows, every.n_duplicates) == (5, 2)
    assert read(path, "recorded", limit=2).seeds == every.seeds[:2]  # whole: also what stands past the limit


def test_recorded_parquet(tmp_path: Path):
    path = table(tmp_path, {"question": ["a", "b"], "a": [{"text": "1"}, None], "b": [None, {"text": "2"}]})
    loaded = read(path, "recorded", columns=RESPONSES)
    assert [seed.recorded for seed in loaded.seeds] == [
        (Recorded("a.text", "1"),),
        (Recorded("b.text", "2"),),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"a": {"text": "x"}}, "questions.columns.responses: got 'b.text'"),
        ({"a": {"text": "x"}, "b": {"text": 5}}, "q.jsonl, line 1, b.text: got 5; needs text, or null"),
    ],
)
def test_refused_recordings(tmp_path: Path, row: dict[str, Any], message: str):
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, {"question": "q", **row}), "recorded", columns=RESPONSES)
    assert message in str(refused.value)


def test_real_recordings():
    data = Path(os.environ.get("REFLECTORY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    path = data / "gsm8k_model_solutions.jsonl"
    if not path.is_file():
        pytest.skip("no gsm8k_model_solutions.jsonl: REFLECTORY_SHARED_DATA does not name its folder")
    configuration = read_configuration(ROOT / "deploy" / "gsm8k_recorded.toml", [f"questions.path={path}"])
    loaded = load(configuration.questions, seed=0)
    assert (len(loaded.seeds), loaded.n_duplicates, loaded.n_missing) == (400, 0, 0)
    assert {len(seed.recorded) for seed in loaded.seeds} == {4}
    assert {seed.question.source for seed in loaded.seeds} == {"gsm8k_recorded"}
    assert {infer_kind(seed.question.gold) for seed in loaded.seeds} == {AnswerKind.NUMBER}
    assert loaded.seeds[0].question.gold == "18"


AS_TEXT = (
    'is compared as text: a column `kind` with "number" has such rows read;'
    " questions.kind would refuse golds that are text"
)
READ = 'none of these golds is other text: set questions.kind = "number" to have them read'


@pytest.mark.parametrize(
    ("rows", "settings", "line"),
    [
        (
            ["2 m", 3, 4],
            {},
            f"2 number (such as '3'), 1 exact (such as '2 m'); {READ}",
        ),
        (["2 m", "3"], {"kind": "number"}, "2 number"),
        (["two", "3"], {}, "1 exact (such as 'two'), 1 number (such as '3')"),
        ([None, "x2", "y3"], {}, "3 exact (such as 'x2')"),
        (
            [None, "", None],
            {},
            "3 exact; no row has a gold, so no answer will be judged: questions.columns.gold names its"
            " column, and kind consensus or judge needs none",
        ),
        ([None, None], {"kind": "judge"}, "2 judge"),
        (["x2", "50%", "y3"], {}, f"3 exact (such as '50%'); '50%' {AS_TEXT}"),
        (["two", "3 m"], {"limit": 1}, "1 exact (such as 'two')"),
        (["2 m"], {"kind": "exact"}, "1 exact"),
        (["so " * 50 + "2"], {"gold_pattern": r"(\d)"}, "1 number (such as '2')"),
    ],
)
def test_kinds_are_counted_and_a_number_that_is_taken_for_text_is_shown(
    tmp_path: Path, rows: list[Any], settings: dict[str, Any], line: str
) -> None:
    path = write(tmp_path, *({"question": f"Q{n}?", "gold": gold} for n, gold in enumerate(rows)))
    assert read(path, **settings).kinds_line == f"kinds: {line}"


def glance(source: str, path: Any = None) -> str:
    return source_of(Questions.model_validate({"source": source, "path": path and str(path)})).glance()


def test_a_glance_reads_to_the_first_question_and_fetches_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "no JSON", {"question": "Why?", "response": "So."}, {"question": 7})
    for source in ("jsonl", "recorded"):
        assert glance(source, path) == "q.jsonl, line 2: 'Why?', kind exact"
    pq.write_table(pa.table({"question": ["1+1?"], "gold": [2]}), tmp_path / "q.parquet")
    assert glance("parquet", tmp_path / "q.parquet") == "q.parquet, row 1: '1+1?', kind number"
    assert "nothing is downloaded" in glance("huggingface", "openai/gsm8k")
    assert "none is made for a look" in glance("reasoning_gym")


@pytest.mark.parametrize("row", ["no JSON", {"text": "Why?"}])
def test_a_glance_refuses_as_a_run_does(tmp_path: Path, row: Any) -> None:
    path = write(tmp_path, row)
    with pytest.raises(Refused, match="no questions that can be read") as of_glance:
        glance("jsonl", path)
    with pytest.raises(Refused) as of_run:
        read(path)
    assert str(of_glance.value) == str(of_run.value)
    with pytest.raises(Refused, match="no such file"):
        glance("jsonl", tmp_path / "none.jsonl")
