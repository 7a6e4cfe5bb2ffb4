"""Reading a run configuration: what is accepted, and every refusal in the user's own terms."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from pydantic import BaseModel

from flows.configure import check_inputs, read_as, read_configuration
from flows.misconfigured import keys
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.proving import DemoConfiguration, ProveConfiguration
from schemas.question import AnswerKind
from schemas.recycling import RecycleConfiguration
from tasks.questions import load

ROOT = Path(__file__).parents[2]
SHIPPED = sorted({*(ROOT / "deploy").glob("*.toml")} - {ROOT / "deploy" / "policy.toml"})
LINES: dict[str, type[BaseModel]] = {
    "recycle.toml": RecycleConfiguration,
    "prove.toml": ProveConfiguration,
    "prove_benchmark.toml": ProveConfiguration,
    "prove_reflections.toml": ProveConfiguration,
    "prove_smollm2.toml": ProveConfiguration,
    "prove_demo.toml": DemoConfiguration,
}
"""What a shipped file configures, where it is not a run."""
MINIMAL = '[questions]\nsource = "reasoning_gym"\n'
KEY = "sk-live-0123456789abcdef"


@pytest.fixture
def toml(tmp_path: Path):
    def write(text: str = MINIMAL) -> Path:
        path = tmp_path / "run.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def refusal(path: Path, *sets: str) -> str:
    with pytest.raises(Refused) as refused:
        read_configuration(path, sets)
    return str(refused.value)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_configurations_are_valid(path: Path):
    assert read_as(LINES.get(path.name, RunConfiguration), path, [])


def test_shipped_configurations_are_here():
    assert {"demo.toml", "recorded.toml", "gsm8k_recorded.toml"} <= {path.name for path in SHIPPED}


def test_shipped_recordings_load(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    configuration = read_configuration(Path("deploy/recorded.toml"), [])
    check_inputs(configuration)
    loaded = load(configuration.questions, configuration.run.seed)
    assert (len(loaded.seeds), loaded.n_duplicates, loaded.n_missing) == (16, 0, 1)
    assert sum(len(seed.recorded) for seed in loaded.seeds) == 31
    assert {seed.question.source for seed in loaded.seeds} == {"demo_recorded"}
    assert {seed.question.kind for seed in loaded.seeds} == {AnswerKind.NUMBER}


def test_every_key_but_the_source_has_a_default(toml):
    configuration = read_configuration(toml(), [])
    assert configuration == RunConfiguration(questions={"source": "reasoning_gym"})


@pytest.mark.parametrize(
    ("setting", "section", "name", "value"),
    [
        ("teacher.samples=3", "teacher", "samples", 3),
        ("teacher.temperature=1", "teacher", "temperature", 1.0),
        ("teacher.send_seed=false", "teacher", "send_seed", False),
        ("teacher.base_url=http://127.0.0.1:8000/v1", "teacher", "base_url", "http://127.0.0.1:8000/v1"),
        ("teacher.suffix=a = b", "teacher", "suffix", "a = b"),
        ('questions.families=["a", "b"]', "questions", "families", ("a", "b")),
        ("questions.path=data/x.jsonl", "questions", "path", "data/x.jsonl"),
        ('questions.name="2024"', "questions", "name", "2024"),
        ("questions.name=", "questions", "name", ""),
        ("questions.name=a\nb = 3", "questions", "name", "a\nb = 3"),
        ("questions.name=1\nb = 3", "questions", "name", "1\nb = 3"),  # was read as TOML: a second key
        ("questions.name=caf\x00", "questions", "name", "caf\ufffd"),
        ("questions.kind=math", "questions", "kind", AnswerKind.MATH),
        (" questions.limit =5", "questions", "limit", 5),
        ("run = {seed = 7}", "run", "seed", 7),
    ],
)
def test_set(toml, setting: str, section: str, name: str, value: object):
    assert getattr(getattr(read_configuration(toml(), [setting]), section), name) == value


def test_an_argument_that_is_not_utf_8(toml):
    name = read_configuration(toml(), ["questions.name=caf\udce9"]).questions.name
    assert name
    assert name.encode().startswith(b"caf")


def test_set_reaches_into_sections_that_the_file_does_not_have(toml):
    sets = [
        "questions.columns.gold=ground_truth",
        "questions.columns.response=a.b",
        "questions.columns.gold=answer",
    ]
    columns = read_configuration(toml(), sets).questions.columns
    assert (columns.gold, columns.responses, columns.question) == ("answer", ("a.b",), "question")


def test_a_file_from_windows(tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert read_configuration(path, []).questions.source == "reasoning_gym"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("teacher.samples=-1", "teacher.samples: got -1; needs at least 1"),
        ("teacher.samples=2.5", "teacher.samples: got 2.5; needs an integer"),
        ('teacher.samples="2"', 'teacher.samples: got "2"; needs an integer'),
        ("teacher.samples=two", 'teacher.samples: got "two"; needs an integer'),
        ("teacher.samples=true", "teacher.samples: got true; needs an integer"),  # is 1 to a lax reader
        ("teacher.send_seed=1", "teacher.send_seed: got 1; needs true or false"),
        ("teacher.examples=[{question='a'}]", "teacher.examples[0].answer: got none; needs a value"),
        ("teacher.examples=[{question='', answer='b'}]", 'teacher.examples[0].question: got ""; needs text that is'),
        (
            "teacher.examples=[{question='a', answer='b', note=1}]",
            "teacher.examples[0].note: unknown key; known in teacher.examples: question, answer",
        ),
        ("teacher.examples={question='a', answer='b'}", "teacher.examples: got"),
        ("judge.examples=[{question='a', answer='b'}]", "judge.examples: got a value; only the teacher has it"),
        ("teacher.omit=seed", 'teacher.omit: got "seed"; needs a list of texts'),
        ("teacher.omit=['stop']", "teacher.omit[0]: got \"stop\"; needs one of 'temperature', 'top_p', 'max_tokens'"),
        ("teacher.extra_body=3", "teacher.extra_body: got 3; needs a table of keys"),
        ("teacher.extra_body.temperature=1", "teacher.extra_body: got the key temperature; set it by the key"),
        ("teacher.extra_body.seed=1", "teacher.extra_body: got the key seed; set it by run.seed"),
        ("teacher.extra_body.messages=[]", "teacher.extra_body: got the key messages; set it by the questions"),
        ("teacher.extra_body.n=2", "teacher.extra_body: got the key n; each request is for one whole answer"),
        ("teacher.extra_body.stream=true", "teacher.extra_body: got the key stream; each request is for one whole"),
        ("judge.extra_body.model=x", "judge.extra_body: got the key model; set it by the key model of the same"),
        ("teacher.extra_body.penalty=nan", "teacher.extra_body: got a number that is not finite"),
        ("teacher.extra_body.max_completion_tokens=9", "teacher.extra_body: got max_completion_tokens beside"),
        ("teacher.temperature=3", "teacher.temperature: got 3; needs at most 2"),
        ("teacher.temperature=hot", 'teacher.temperature: got "hot"; needs a number'),
        ("teacher.top_p=0", "teacher.top_p: got 0; needs more than 0"),
        ("teacher.timeout_s=inf", "teacher.timeout_s: got Infinity; needs a finite number"),
        ("teacher.timeout_s=nan", "teacher.timeout_s: got NaN; needs a finite number"),
        ("teacher.model=7", "teacher.model: got 7; needs text, in quotes"),
        ("teacher.sample=2", "teacher.sample: unknown key; did you mean teacher.samples?"),
        ("seed=2", "seed: unknown key; did you mean run.seed?"),
        ("techer.model=x", "techer: unknown key; did you mean teacher?"),
        (
            "run.nonsense=2",
            "run.nonsense: unknown key; known in run: shard_size, shards_in_flight, seed, watchdog_s",
        ),
        (
            "nonsense=2",
            "nonsense: unknown key; known sections: teacher, judge, budget, verifier, student, run, questions",
        ),
        (
            "questions.columns.answer=a",
            "questions.columns.answer: unknown key; known in questions.columns: question",
        ),
        ("questions.source=json", "questions.source: got \"json\"; needs one of 'reasoning_gym', 'jsonl'"),
        ("questions.source=jsonl", "questions.path: got none; source 'jsonl' needs a file, folder or name"),
        ("questions.source=teacher", "questions.topics: got none; source 'teacher' needs at least one"),
        ('questions.topics=["gcd", " GCD"]', "questions.topics: got ['gcd', ' GCD']; needs topics that are not blank"),
        ('questions.topics=[" "]', "questions.topics: got [' ']; needs topics that are not blank, each once"),
        ("questions.gold_samples=1", "questions.gold_samples: got 1; needs 0 for no golds, or at least 2"),
        ("questions.families=a", 'questions.families: got "a"; needs a list of texts'),
        ("questions.families=[1]", "questions.families[0]: got 1; needs text, in quotes"),
        ("questions.families=[]", "questions.families: got []; needs at least 1 of them"),
        (
            "questions.columns=5",
            "questions.columns: got 5; needs a section, [questions.columns], and below it some of",
        ),
        ("questions.spec={]", "questions.spec: got '{]'; needs the text of a JSON object"),
        (
            "teacher.base_url=localhost:8000",
            "teacher.base_url: got 'localhost:8000'; needs `practice` or an URL",
        ),
        ("student.backend=vllm", "student.base_url: got none; backend 'vllm' needs an URL"),
        ("student.base_url=http://h/v1", "student.base_url: got an URL; needs student.backend = 'vllm'"),
        ("student.offload_folder=x", "student.offload_folder: got one without student.device_map"),
        ("student.quantisation=2bit", "student.quantisation: got \"2bit\"; needs one of '4bit'"),
        ("teacher.model.name=x", "teacher.model: got"),
        ("teacher", "--set number 1: needs the form section.key=value"),
        ("teacher..samples=1", "--set number 1: needs the form section.key=value"),
        ("=1", "--set number 1: needs the form section.key=value"),
    ],
)
def test_refusals(toml, setting: str, message: str):
    said = refusal(toml(), setting)
    assert said.startswith(message)
    assert "\n" not in said


@pytest.mark.parametrize(
    "setting",
    [
        f"teacher.api_key={KEY}",
        f"teacher.api_key=env:{KEY}",
        f'teacher.api_key=["{KEY}"]',
        f"teacher.api_key.value={KEY}",
        f"teacher.apikey={KEY}",
        f"teacher.api_key:{KEY}",
        f"teacher.base_url=https://me:{KEY}@api.example/v1",
        f"teacher.base_url=me:{KEY}@api.example/v1",
        f"student.api_key={KEY}",
        f'student.api_key=["{KEY}"]',
        f"student.base_url=https://me:{KEY}@api.example/v1",
    ],
)
def test_a_key_is_refused_and_never_repeated(toml, setting: str):
    said = refusal(toml(), setting)
    assert KEY not in said
    assert re.search(r"(teacher|student)\.(api_?key|base_url): |section\.key=value", said)


def test_every_problem_has_its_line(toml):
    said = refusal(toml(), "teacher.samples=0", "run.seed=x", "student.modle=y")
    assert said.splitlines() == [
        "teacher.samples: got 0; needs at least 1",
        "student.modle: unknown key; did you mean student.model?",
        'run.seed: got "x"; needs an integer',
    ]


def test_examples_that_are_not_there_are_refused(toml):
    sets = ["questions.source=teacher", 'questions.topics=["gcd"]', "questions.examples=nowhere.jsonl"]
    with pytest.raises(Refused, match=r"questions\.examples: got 'nowhere\.jsonl'; no such file"):
        check_inputs(read_configuration(toml(), sets))


def test_a_missing_source_is_named(toml):
    named = "reasoning_gym, jsonl, parquet, huggingface, recorded, python_tasks, teacher, gsm8k, math, mmlu, humaneval"
    assert refusal(toml("")) == f"questions.source: got none; needs a value: one of {named}, ifeval, code_tests"


@pytest.mark.parametrize(
    "value", ["-1", "1.5", "9" * 5000, "true", "x", "[]", "[1]", "{}", "nan", "2020-01-01", "9" * 400, '"a\\u0000b"']
)
def test_no_value_of_any_key_is_answered_in_other_words(toml, value: str):
    """Pydantic has a hundred kinds of error: one that `NEEDS` lacks would be a KeyError here."""
    for section, name in keys(RunConfiguration):
        key = f"{section}.{name}" if section else name
        try:
            read_configuration(toml(), [f"{key}={value}"])
        except Refused as refused:
            said = str(refused)
            assert re.match(r"[\w.\[\]]+: (got|unknown)", said), said
            assert not re.search(r"pydantic|Input should|Value error|https://errors", said), said


def test_unreadable_files(tmp_path: Path):
    missing = tmp_path / "none.toml"
    assert refusal(missing) == f"{missing}: cannot read the configuration (No such file or directory)"
    assert "Is a directory" in refusal(tmp_path)
    broken = tmp_path / "broken.toml"
    for text, why in {
        "[questions\n": "Expected ']'",
        '{"teacher": {}}': "Invalid statement",
        "[run]\nname = 1\nname = 2": "Cannot overwrite a value",
        "[run]\n[run]": "Cannot declare",
    }.items():
        broken.write_text(text)
        assert refusal(broken).startswith(f"{broken}: not TOML ({why}")
        assert refusal(broken).endswith("needs lines `key = value`, text in quotes, below names in brackets: [teacher]")
    broken.write_bytes(b'a = "\xff"')
    assert refusal(broken) == f"{broken}: not UTF-8 (byte 5: invalid start byte); save it as UTF-8"


@pytest.mark.parametrize(
    ("sets", "lines"),
    [
        ([], []),
        (
            ["questions.source=jsonl", "questions.path=none.jsonl"],
            ["questions.path: got 'none.jsonl'; no such file"],
        ),
        (["questions.source=recorded", "questions.path=."], []),
        (["questions.source=recorded", "questions.path=none.parquet"], ["questions.path: got 'none.parquet'; no such"]),
        (
            ["questions.source=huggingface", "questions.path=./none"],
            ["questions.path: got './none'; no such file or folder"],
        ),
        (["questions.source=huggingface", "questions.path=openai/gsm8k"], []),
        (
            ["teacher.api_key=env:REFLECTORY_NO_KEY"],
            ["teacher.api_key: the environment variable REFLECTORY_NO_KEY"],
        ),
        (["teacher.api_key=env:REFLECTORY_A_KEY"], []),
        (["student.template=none.toml"], ["student.template: got 'none.toml'; needs plain, chat or a file"]),
        (["student.model=./none"], ["student.model: got './none'; no such folder"]),
        (["questions.gold_pattern=("], ["questions.gold_pattern: got '('"]),
        (
            ['questions.spec={"answer_pattern": "no group"}'],
            ["questions.spec.answer_pattern: got 'no group'"],
        ),
        (
            ["student.template=none.toml", "teacher.api_key=env:REFLECTORY_NO_KEY"],
            ["teacher.api_key: ", "student.template: "],
        ),
    ],
)
def test_inputs_are_checked_before_anything_starts(
    toml,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sets: list[str],
    lines: list[str],
):
    """The bug: a dry run, which sends nothing, was refused for want of a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REFLECTORY_NO_KEY", raising=False)
    monkeypatch.setenv("REFLECTORY_A_KEY", KEY)
    configuration = read_configuration(toml(), sets)
    assert starts(missing(configuration), lines)
    keys = [line for line in lines if "api_key" in line]
    assert starts(missing(configuration, dry_run=True), [line for line in lines if line not in keys])
    assert starts([record.getMessage() for record in caplog.records], keys)


def missing(configuration: RunConfiguration, dry_run: bool = False) -> list[str]:
    try:
        check_inputs(configuration, dry_run)
    except Refused as refused:
        return str(refused).splitlines()
    return []


def starts(said: list[str], lines: list[str]) -> bool:
    return len(said) == len(lines) and all(map(str.startswith, said, lines))


def test_recorded_completions_need_no_key(toml, tmp_path: Path):
    recorded = tmp_path / "r.jsonl"
    recorded.write_text("{}")
    sets = [
        "questions.source=recorded",
        f"questions.path={recorded}",
        "teacher.api_key=env:REFLECTORY_NO_KEY",
    ]
    check_inputs(read_configuration(toml(), sets))


@pytest.mark.parametrize("judge", ["", "[judge]\n"])
def test_recycled_pairs_have_no_second_judge(judge: str, toml: Callable[[str], Path]) -> None:
    path = toml('[pairs]\npath = "pairs.jsonl"\n' + judge)
    with pytest.raises(Refused, match="judge: got a section") if judge else nullcontext():
        read_as(RecycleConfiguration, path, ())
