"""Every shipped prompt can be replaced, which changes the keys of what is asked with it and of nothing else."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from flows.configure import read_as, with_prompt_texts
from flows.teacher_address import drafting_of
from schemas.configuration import RunConfiguration
from schemas.contamination import Detector
from schemas.detection import Detection
from schemas.errors import Refused
from schemas.prompts import Prompts
from schemas.question import AnswerKind, Question
from schemas.recycling import RecycleConfiguration
from schemas.score import Definition, ResponseText, StudentIdentity
from schemas.teacher import JudgeSettings
from tasks.contamination.detect import version
from tasks.contamination.judge import same_messages
from tasks.judging.llm_judge import LLMJudge
from tasks.judging.rubric import RubricSpec, comparing_messages, judging_messages
from tasks.prompts import shipped
from tasks.questions import Seed
from tasks.questions.asking import WritingSpec, evolving_request, solving_request, writing_request
from tasks.recycling import asking as recycling
from tasks.synthesis.plan import make_plan

ROOT = Path(__file__).parents[2]
NAMES = sorted(file.stem for file in (ROOT / "tasks" / "prompts").glob("*.txt"))
HERE = "http://127.0.0.1:1/v1"
ASKED = {"questions": {"source": "jsonl", "path": "x"}}
STUDENT = StudentIdentity(
    student="s",
    student_revision="r",
    template="plain",
    template_hash="h",
    definition=Definition.PPL_RATIO,
    response_text=ResponseText.TRACE,
    max_length=8,
    dtype="float32",
)


def attempts(prompts: dict[str, str], **teacher: str) -> list[str]:
    configuration = RunConfiguration.model_validate(ASKED | {"teacher": {"prompts": prompts, **teacher}})
    question = Question.of(text="1+1?", gold="2", kind=AnswerKind.NUMBER, source="s")
    plan = make_plan(configuration, [Seed(question, ())], HERE)
    return [plan.plan_id, *(attempt.attempt_id for attempt in plan.attempts)]


def drafts(prompts: dict[str, str]) -> list[str]:
    return attempts(prompts, strategy="draft_reflect_revise")


def reasoned(prompts: dict[str, str]) -> list[str]:
    return attempts(prompts, strategy="reasoning_to_reflection")


def drafted(prompts: dict[str, str]) -> list[str]:
    values = {"teacher": {"prompts": prompts, "strategy": "student_draft"}, "drafter": {"base_url": "practice"}}
    configuration = RunConfiguration.model_validate(ASKED | values)
    question = Question.of(text="1+1?", gold="2", kind=AnswerKind.NUMBER, source="s")
    plan = make_plan(configuration, [Seed(question, ())], HERE, drafting=drafting_of(configuration))
    return [plan.plan_id, *(attempt.attempt_id for attempt in plan.attempts)]


def assembled(prompts: dict[str, str]) -> list[str]:
    return attempts(prompts, strategy="assembled")


def as_json(prompts: dict[str, str]) -> list[str]:
    return attempts(prompts, structured="json_schema")


def written(prompts: dict[str, str]) -> list[str]:
    values = {"questions": {"source": "teacher", "topics": ["gcd"]}, "teacher": {"prompts": prompts}}
    order = WritingSpec.of(RunConfiguration.model_validate(values), HERE, "")
    asked = (
        writing_request(order, "gcd", 0),
        evolving_request(order, "gcd", "a", "deepen", 1),
        solving_request(order, "a", 0),
    )
    return [order.order_id, *(request.call_id for request in asked)]


def recycled(prompts: dict[str, str]) -> list[str]:
    found = []
    for check in ({"by": "consensus"}, {"by": "judge", "model": "m"}):
        values = {"pairs": {"path": "x"}, "check": check, "teacher": {"prompts": prompts}}
        order = recycling.RecycleSpec.of(RecycleConfiguration.model_validate(values), STUDENT, HERE, "")
        reflected = [recycling.reflecting_request(order, stage, "i", "", "r") for stage in recycling.PROMPTS]
        asked = [*reflected, *recycling.checking_requests(order, "i", "", "r")]
        found += [order.order_id, *(request.call_id for request in asked)]
    return found


def judged(prompts: dict[str, str]) -> list[str]:
    given = Prompts(**prompts)
    asked = [
        judging_messages(RubricSpec(question="q"), "a", given),
        judging_messages(RubricSpec(question="q", rubric="translation"), "a", given),
        comparing_messages(RubricSpec(question="q"), "a", "b", given),
    ]
    return [LLMJudge(JudgeSettings(prompts=given), HERE, 0, "").identity, *map(str, asked)]


def same(prompts: dict[str, str]) -> list[str]:
    settings = Detection.model_validate({"judge": {"prompts": prompts}})
    return [version(Detector.JUDGE, settings, "m"), str(same_messages("a", "b", settings.judge.prompts))]


KEYS = {
    "reflection": attempts,
    "draft": drafts,
    "check": drafts,
    "revise": drafts,
    "solve": drafted,
    "finish": assembled,
    "as_json": as_json,
    "flaw": drafted,
    "confirm": drafted,
    "segment": reasoned,
    "questions_write": written,
    "questions_evolve": written,
    "questions_solve": written,
    "recycle_instruction": recycled,
    "recycle_response": recycled,
    "judge": judged,
    "judge_pair": judged,
    "rubric_answer": judged,
    "rubric_translation": judged,
    "judge_same": same,
}
"""Each prompt, and what gives the keys, the whole's first, and the requests that it is part of."""


def test_every_shipped_prompt_has_a_key_of_the_configuration() -> None:
    assert NAMES == sorted(Prompts.model_fields) == sorted(KEYS)


@pytest.mark.parametrize("name", NAMES)
def test_another_text_is_other_keys_and_the_same_text_the_same(name: str) -> None:
    before, after = KEYS[name]({}), KEYS[name]({name: "Think of " + name})
    assert KEYS[name]({name: shipped(name)}) == before
    assert after[0] != before[0]
    assert set(after[1:]) != set(before[1:])


@pytest.mark.parametrize("name", ["questions_solve", "judge", "rubric_answer"])
def test_a_prompt_that_checks_pairs_is_theirs_too(name: str) -> None:
    before, after = recycled({}), recycled({name: "x"})
    assert recycled({name: shipped(name)}) == before
    assert after[0] != before[0]
    assert len(set(after) - set(before)) > 2, "more than the keys of the two wholes"


def test_a_file_is_read_with_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("check.txt").write_text("Look again.\n", "utf-8")
    file = '[questions]\nsource = "jsonl"\npath = "x"\n[teacher.prompts]\ncheck = "file:check.txt"\nrevise = "Mend."\n'
    Path("run.toml").write_text(file, "utf-8")
    read = read_as(RunConfiguration, Path("run.toml"), [])
    assert read.teacher.prompts.replaced == {"check": "Look again.\n", "revise": "Mend."}
    assert with_prompt_texts(read) == read
    given = with_prompt_texts(
        RunConfiguration.model_validate(ASKED | {"judge": {"prompts": {"judge": "file:check.txt"}}})
    )
    assert given.judge
    assert given.judge.prompts.judge == "Look again.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read it (No such file or directory, from "),
        (b" \n", "needs a file that is not empty"),
        (b"\xff", "cannot read it (not UTF-8, from "),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    content: bytes | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("check.txt").write_bytes(content)
    sets = ["questions.source=jsonl", "questions.path=x", "teacher.prompts.check=file:check.txt"]
    with pytest.raises(Refused, match=re.escape(f"teacher.prompts.check: got 'file:check.txt'; {said}")):
        read_as(RunConfiguration, None, sets)


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (RunConfiguration, {"teacher": {"prompts": {"judge": "x"}}}, "teacher.prompts.judge: got a value"),
        (RunConfiguration, {"judge": {"prompts": {"check": "x"}}}, "judge.prompts.check: got a value"),
        (RunConfiguration, {"teacher": {"system_prompt": "x", "prompts": {"draft": "y"}}}, "needs one of them"),
        (RunConfiguration, {"teacher": {"prompts": {"chek": "x"}}}, "Extra inputs"),
        (RecycleConfiguration, {"teacher": {"prompts": {"check": "x"}}}, "teacher.prompts.check: got a value"),
        (Detection, {"judge": {"prompts": {"judge": "x"}}}, "contamination.judge.prompts.judge: got a value"),
    ],
)
def test_a_prompt_that_would_change_nothing_is_refused(
    model: type[BaseModel], values: dict[str, object], said: str
) -> None:
    needed = {RunConfiguration: ASKED, RecycleConfiguration: {"pairs": {"path": "x"}}}
    with pytest.raises(ValidationError, match=re.escape(said)):
        model.model_validate(needed.get(model, {}) | values)


def test_a_configuration_without_any_is_written_as_before_there_were_any() -> None:
    assert "prompts" not in json.dumps(RunConfiguration.model_validate(ASKED).model_dump(mode="json"))
    replaced = RunConfiguration.model_validate(ASKED | {"teacher": {"prompts": {"draft": "x"}}})
    assert replaced.model_dump(mode="json")["teacher"]["prompts"]["draft"] == "x"
