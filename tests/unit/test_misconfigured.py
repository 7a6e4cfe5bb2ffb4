"""Configurations and command lines as users get them wrong, and how each is answered.

A row is what was given and how the answer begins: `@` is the key, `.*` anything, ANOTHER that the section belongs
elsewhere. One with a full stop after it is the whole answer.
"""

import re
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from flows.cli.main import app
from flows.cli.usage import complaint
from flows.configure import read_as, read_configuration
from flows.release import read_formats
from schemas.closest import closest, hint
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.proving import DemoConfiguration, ProveConfiguration
from schemas.recycling import RecycleConfiguration
from tasks.curation.policy import Policy
from tasks.questions.draw import refusal

RUN = '[questions]\nsource = "jsonl"\npath = "q.jsonl"\n'
RECYCLE = '[pairs]\npath = "p.jsonl"\n'
PROVE = '[evaluation.questions]\nsource = "reasoning_gym"\n'
POLICY = 'name = "strict"\n[length]\nmax_characters = 200\n'
ANOTHER = "unknown key; it is a section of another kind of configuration, which `reflectory"

SOUND = {RunConfiguration: RUN, RecycleConfiguration: RECYCLE, ProveConfiguration: PROVE, Policy: POLICY}
SETS: dict[type[BaseModel], list[tuple[str, str]]] = {
    RunConfiguration: [
        ("questions.kind=maths", "@: got \"maths\"; needs one of 'exact', 'number', .*; did you mean math?."),
        ("questions.kind=numbers", "@: got .*; did you mean number?."),
        ("questions.source=Jsonl", '@: got "Jsonl"; .*; did you mean jsonl?.'),
        ("questions.source=reasoning-gym", "@: .*; did you mean reasoning_gym?."),
        ("questions.source=hugging_face", "@: .*; did you mean huggingface?."),
        ("questions.source=spreadsheet", "@: .* or 'code_tests'."),
        ("teacher.strategy=student_drafts", "@: .*; did you mean student_draft?."),
        ("teacher.on_truncation=keeps", "@: .*; did you mean keep?."),
        ("teacher.preset=Sloppy", "@: .*; did you mean sloppy?."),
        ('teacher.omit=["max-tokens"]', "@[0]: .*; did you mean max_tokens?."),
        ("student.backend=transformer", "@: .*; did you mean transformers?."),
        ("teacher.temprature=1", "@: unknown key; did you mean teacher.temperature?."),
        ("teacher.top-p=1", "@: unknown key; did you mean teacher.top_p?."),
        ("teacher.timeout=9", "@: unknown key; did you mean teacher.timeout_s?."),
        ("questions.Limit=9", "@: unknown key; did you mean questions.limit?."),
        ("Questions.limit=9", "Questions: unknown key; did you mean questions?."),
        ("verifiers.math=true", "verifiers: unknown key; did you mean verifier?."),
        ("student.quantization=4bit", "@: unknown key; did you mean student.quantisation?."),
        ("limit=5", "@: unknown key; did you mean questions.limit?."),
        ("teacher.seed=5", "@: unknown key; did you mean run.seed? known in teacher: base_url"),
        ("teacher.name=m", "@: unknown key; did you mean questions.name? known in teacher: base_url"),
        # was: did you mean questions.families?
        ("questions.file=q.jsonl", "@: unknown key; known in questions: source, path"),
        ('teacher.stop=["a"]', "@: unknown key; known in .* to say goes into teacher.extra_body."),
        ("teacher.reasoning_effort=low", "@: .* to say goes into teacher.extra_body."),
        ("length.max_characters=9", "length: ANOTHER curate POLICY` takes."),
        ("teacher.model=", '@: got ""; needs text that is not empty.'),
        ("student.model=", '@: got ""; needs text that is not empty.'),
        ("questions.limit=none", '@: got "none"; needs an integer; leave the key out for none.'),
        ("teacher.max_tokens=null", '@: got "null"; needs an integer; leave the key out for none.'),
        ("questions.limit=all", '@: got "all"; needs an integer.'),
        ("questions.limit=1e3", "@: got 1000.0; needs an integer."),
        ("teacher.temperature=0,7", '@: got "0,7"; needs a number.'),
        ("teacher.timeout_s=30s", '@: got "30s"; needs a number.'),
        ("budget.usd=$5", '@: got "$5"; needs a number.'),
        ("teacher.batch=yes", '@: got "yes"; needs true or false.'),
        ("teacher.temperature=-1", "@: got -1; needs at least 0."),
        ("teacher.timeout_s=0", "@: got 0; needs more than 0."),
        ("teacher.samples=1000000000", "@: got 1000000000; needs at most 10000."),  # planned for ever
        ("budget=5", "@: got 5; needs a section, [budget], and below it some of the keys usd, tokens."),
        ("judge=true", "@: got true; needs a section, [judge], and below it some of the keys base_url"),
        ("questions.families=gcd", '@: got "gcd"; needs a list of texts, such as ["gcd"].'),
        ('questions.spec={answer_pattern = "a"}', "@: got {.*}; needs text, in quotes: A JSON object"),
        (
            "teacher.base_url=http://h/v1/chat/completions",
            "@: .* requests go; needs what stands before that: http://h/v1.",
        ),
        ("judge.base_url=http://h/v1/completions/", "@: got .*; needs what stands before that: http://h/v1."),
        ("teacher.base_url=Practice", "@: got 'Practice'; needs `practice` or an URL that starts with"),
        ("teacher.base_url=127.0.0.1:8000/v1", "@: got '127.0.0.1:8000/v1'; needs `practice` or an URL"),
        # was the prompt itself
        ("teacher.system_prompt=file:none.txt", "@: got 'file:none.txt'; cannot read it (No such"),
    ],
    RecycleConfiguration: [
        ("check.by=concensus", "@: .*; did you mean consensus?."),
        ("selection.mode=selective-cut", "@: .*; did you mean selective_cut?."),
        ("quotas.per_question=1", "quotas: ANOTHER curate POLICY` takes."),
        # was an IndexError
        ("pairs.path=", '@: got ""; needs text that is not empty.'),
    ],
    ProveConfiguration: [
        ('arms=[{name="x", pool="releases"}]', "@[0].pool: .*; did you mean release?."),
        ("training.batch_size=3", "@: unknown key; did you mean training.batch?."),
        ("evaluation.limit=3", "@: unknown key; did you mean evaluation.questions.limit? known"),
        ('arms=[{pool="all"}]', "@[0].name: got none; needs a value."),
        ("seeds=3", "@: got 3; needs a list of integers."),
        ("arms.name=x", 'arms: got {"name": "x"}; needs a list of tables of keys.'),
        ('arms=["release"]', '@[0]: got "release"; needs a table with the keys name, pool'),
    ],
    Policy: [
        ('verdict.keep=["Correct"]', "@[0]: .*; did you mean correct?."),
        ('rules=["verdicts"]', "@[0]: .*; did you mean verdict?."),
        ("quota.per_question=4", "quota: unknown key; did you mean quotas?."),
        ("teacher.samples=3", "teacher: ANOTHER run CONFIG` takes."),
        ("contamination.benchmarks=b.jsonl", '@: got "b.jsonl"; needs a list of tables of keys.'),
        ("verdict.keep=correct", '@: got "correct"; needs a list of texts, such as ["correct"].'),
        ("length.min_characters=300", "length: got min_characters = 300 above max_characters = 200, between which"),
    ],
}
FILES: list[tuple[type[BaseModel], str, str]] = [
    (RunConfiguration, RECYCLE, "pairs: ANOTHER recycle CONFIG` takes."),
    (RunConfiguration, PROVE, "evaluation: ANOTHER prove RELEASE CONFIG` takes."),
    (RecycleConfiguration, RUN, "questions: ANOTHER run CONFIG` takes."),
    (ProveConfiguration, RUN, "questions: ANOTHER run CONFIG` takes."),
    (Policy, RUN, "questions: ANOTHER run CONFIG` takes."),
    (RunConfiguration, "", "questions.source: got none; needs a value: one of reasoning_gym, jsonl"),
    (RunConfiguration, '[question]\nsource = "jsonl"\n', "question: unknown key; did you mean questions?."),
    (RecycleConfiguration, "", "pairs.path: got none; needs a value: A file of JSON, JSONL or Parquet or a folder"),
    (ProveConfiguration, "", "evaluation.questions.source: got none; needs a value: one of reasoning_gym"),
    (RunConfiguration, 'questions = "q.jsonl"\n', 'questions: got "q.jsonl"; needs a section, [questions], and below'),
    (RunConfiguration, '[[questions]]\nsource = "jsonl"\n', "questions: got .*; needs a section, [questions], and"),
    (Policy, "pass_rate = {low = 0.9, high = 0.1}", "pass_rate: got low = 0.9 above high = 0.1, between which"),
    (Policy, "ifd = {low = 0.9, high = 0.1}", "ifd: got low = 0.9 above high = 0.1, between which"),
]


def begins(said: str, told: str) -> bool:
    words = told.removesuffix(".").replace("ANOTHER", ANOTHER).split(".*")
    pattern = ".*".join(map(re.escape, words))
    return re.match(pattern + (r"\Z" if told.endswith(".") else ""), said) is not None


def refused(folder: Path, line: type[BaseModel], text: str, *sets: str) -> str:
    path = folder / "c.toml"
    path.write_text(text)
    with pytest.raises(Refused) as wrong:
        read_as(line, path, sets)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("line", "setting", "told"), [(line, *row) for line, rows in SETS.items() for row in rows], ids=str
)
def test_a_wrong_setting_is_answered_in_the_users_words(
    tmp_path: Path, line: type[BaseModel], setting: str, told: str
) -> None:
    said = refused(tmp_path, line, SOUND[line], setting)
    assert begins(said, told.replace("@", setting.partition("=")[0])), said


@pytest.mark.parametrize(("line", "text", "told"), FILES)
def test_a_wrong_file_is_answered_in_the_users_words(
    tmp_path: Path, line: type[BaseModel], text: str, told: str
) -> None:
    said = refused(tmp_path, line, text)
    assert begins(said, told), said


def test_what_only_follows_is_not_told(tmp_path: Path) -> None:
    """The bugs: a file of pairs was told to need questions first; the demo's releases were `got {}`."""
    assert "\n" not in refused(tmp_path, RunConfiguration, RECYCLE + 'format = "alpaca"\n')
    told = "releases: got none; needs a value: The first is the one"
    assert refused(tmp_path, DemoConfiguration, "").startswith(told)


def test_a_policy_that_has_landed_is_read_whatever_it_says() -> None:
    assert Policy.model_validate_json('{"ifd": {"low": 0.9, "high": 0.1}}').name == "default"


COMMANDS = [
    (
        "run c.toml --until generation",
        "--until: got 'generation'; needs one of generate, verify, score; did you mean generate?.",
    ),
    (
        "run c.toml --until=verifying",
        "--until: got 'verifying'; needs one of generate, verify, score; did you mean verify?.",
    ),
    ("run c.toml --limit 5", "No such option: --limit; a configuration says it: --set questions.limit=… ("),
    (
        "run c.toml --max-tokens 5",
        "No such option: --max-tokens; a configuration says it: --set teacher.max_tokens=… or",
    ),
    ("run c.toml --dryrun", "No such option: --dryrun (Possible options: --dry-run) ("),
    ("--warehouse x run c.toml", "No such option: --warehouse; options stand behind the command ("),
    ("rnu c.toml", "No such command 'rnu'. Did you mean 'run'? ("),
    ("run", "Missing argument 'config'. ("),
    ("sql x --format yaml", "--format: got 'yaml'; needs one of table, json, csv."),
    ("sql x --format JSON", "--format: got 'JSON'; needs one of table, json, csv; did you mean json?."),
    ("sql x --untrusted --timeout 0", "--timeout: got '0'; needs at least 0.1."),
    ("sql x --csv", "No such option: --csv ("),
    ("curate --top-up x", "--top-up: got 'x'; needs an integer."),
    ("curate --top-up 0", "--top-up: got '0'; needs at least 1."),
    ("release x --best-of 1", "--best-of: got '1'; needs at least 2."),
    ("compact --keep-days 1.5", "--keep-days: got '1.5'; needs an integer."),
    ("review x --port 70000", "--port: got '70000'; needs at most 65535."),
    ("init x.jsonl --kind apis", "--kind: got 'apis'; needs one of api, vllm, files, recycle; did you mean api?."),
]


@pytest.mark.parametrize(("given", "told"), COMMANDS)
def test_a_wrong_command_line_is_answered_in_the_same_words(given: str, told: str) -> None:
    """The bug: Typer's own words, which are pydantic's: `Value error, …`, `Input should be …`."""
    with pytest.raises(typer.TyperException) as wrong:
        app(given.split(), standalone_mode=False)
    said = complaint(wrong.value, given.split())
    assert begins(said, told), said
    assert not re.search(r"Input should|Value error|Invalid value", said)


def test_formats_and_families_that_are_not_there() -> None:
    """The bug: `reasoning-gym has no such family; it has gcd`, as if that were all of it."""
    with pytest.raises(Refused, match=r"with commas between them; did you mean chat_dpo\?$"):
        read_formats("chat-dpo")
    assert refusal(["gcdd"]) == "got 'gcdd', which is no data set of reasoning-gym; did you mean gcd?"
    assert str(refusal(["nothing"])).startswith(
        "got 'nothing', which is no data set of reasoning-gym; it has ab, acre,"
    )


def test_a_system_prompt_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(RUN)
    (tmp_path / "p.txt").write_text("Think.\n")
    sets = [f"teacher.system_prompt=file:{tmp_path}/p.txt"]
    assert read_configuration(tmp_path / "c.toml", sets).teacher.system_prompt == "Think.\n"
    assert read_configuration(tmp_path / "c.toml", ["teacher.system_prompt="]).teacher.system_prompt == ""


@pytest.mark.parametrize(
    ("given", "names", "close"),
    [
        ("maths", ("math", "exact"), ["math"]),
        ("Top-P", ("top_p",), ["top_p"]),
        ("batch_size", ("batch",), ["batch"]),
        ("trace", ("traces", "traces_full", "calls"), ["traces", "traces_full"]),
        ("file", ("families",), []),
        ("max", ("max_tokens",), []),
        ("", ("a",), []),
    ],
)
def test_the_closest_names(given: str, names: tuple[str, ...], close: list[str]) -> None:
    assert closest(given, names, 3) == close
    assert hint(given, names, 3) == (f"; did you mean {' or '.join(close)}?" if close else "")
