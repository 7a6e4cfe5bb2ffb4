import math
from dataclasses import replace

import pytest

from schemas.question import AnswerKind, Question
from schemas.score import Definition, ResponseText, StudentIdentity
from schemas.trace import Structure, Trace
from tasks.scoring.score import ScoredText, score_text, score_texts, score_traces
from tasks.scoring.student_identity import score_id
from tasks.scoring.template import parse_template

TEMPLATE = parse_template(
    "t",
    'prompt_with_input = "{instruction}+{input}:"\n'
    'prompt_without_input = "{instruction}:"\n'
    'reverse_prompt = "{response}?"',
)
START = -1


class CharacterStudent:
    """One token per character. What a token costs depends on the sequence before it only."""

    any_token = True

    def __init__(self, template=TEMPLATE, max_length=100, response_text=ResponseText.TRACE, cost=None):
        self.template = template
        self.start = START
        self.identity = StudentIdentity(
            student="characters",
            student_revision="1",
            template=template.name,
            template_hash=template.hash(),
            definition=Definition.PPL_RATIO,
            response_text=response_text,
            max_length=max_length,
            dtype="float32",
        )
        self.seen = []
        self.cost = cost or (lambda n_before: 1 / n_before)

    def prompt_tokens(self, prompt):
        return [START, *map(ord, prompt)]

    def target_tokens(self, target):
        target.encode()
        return list(map(ord, target))

    def log_probs(self, readings):
        self.seen += ["".join(chr(token) for token in reading.tokens if token != START) for reading in readings]
        return [[-self.cost(position) for position, _ in reading.asked] for reading in readings]


def mean(values):
    return sum(values) / len(values)


def test_each_direction_is_one_target_after_its_prompt_and_alone():
    student = CharacterStudent()
    score = score_text(student, "s", "Add", "12", "three")
    assert student.seen == ["Add+12:three", "three?Add12", "Add12"]  # "three" alone: read on the way to the "?"
    assert (score.n_response_tokens, score.n_instruction_tokens) == (5, 5)
    given = mean([1 / (1 + len("Add+12:") + n) for n in range(5)])
    alone = mean([1 / (1 + n) for n in range(5)])
    assert score.loss_response_conditioned == pytest.approx(given)
    assert score.loss_response_direct == score.loss_instruction_direct == pytest.approx(alone)
    assert score.ifd == pytest.approx(math.exp(given - alone))
    assert score.rifd == pytest.approx(math.exp(mean([1 / (1 + len("three?") + n) for n in range(5)]) - alone))
    assert (score.truncated, score.reason, score.rifd_reason) == (False, None, None)


@pytest.mark.parametrize(
    ("instruction", "input", "response", "reason"),
    [
        ("Add", "", "", "empty_response"),
        ("", "", "three", "empty_instruction"),
        ("", "", "", "empty_response"),
        ("Add \ud800", "", "three", "error: UnicodeEncodeError"),
        ("Add", "", "\udfff", "error: UnicodeEncodeError"),
    ],
)
def test_where_there_is_no_ratio_there_is_a_reason_and_no_number(instruction, input, response, reason):
    score = score_text(CharacterStudent(), "s", instruction, input, response)
    assert (score.reason, score.rifd_reason) == (reason, reason)
    losses = [value for name, value in score.model_dump().items() if name.startswith("loss_")]
    assert [score.ifd, score.rifd, *losses] == [None] * 6
    counted = not reason.startswith("error")
    assert score.n_response_tokens == (len(response) if counted else None)


@pytest.mark.parametrize(
    ("max_length", "scored", "reason"),
    [(10, 5, None), (9, 4, None), (6, 1, None), (5, 0, "truncated_away"), (2, 0, "truncated_away")],
)
def test_the_window_cuts_both_passes_alike(max_length, scored, reason):
    student = CharacterStudent(max_length=max_length)
    score = score_text(student, "s", "Add", "", "three")  # start, 4 of prompt, 5 of response
    assert (score.n_response_tokens, score.n_scored_response_tokens) == (5, scored)
    assert (score.reason, score.truncated) == (reason, max_length < 10)
    if scored:
        assert student.seen[0] == "Add:" + "three"[:scored]


@pytest.mark.parametrize(("max_length", "scored", "truncated"), [(12, 8, False), (11, 7, True), (4, 0, True)])
def test_a_cut_of_the_instruction_is_said_too(max_length, scored, truncated):
    template = replace(TEMPLATE, prompt_without_input=":", reverse_prompt="{response}?!")
    score = score_text(CharacterStudent(template, max_length), "s", "Multiply", "", "6")
    assert (score.n_scored_response_tokens, score.n_scored_instruction_tokens) == (1, scored)
    assert (score.truncated, score.rifd_reason) == (truncated, None if scored else "truncated_away")


def test_without_a_reverse_prompt_only_the_reversed_side_is_null():
    score = score_text(CharacterStudent(template=replace(TEMPLATE, reverse_prompt=None)), "s", "Add", "", "three")
    assert score.ifd is not None
    assert score.reason is None
    assert (score.rifd, score.loss_instruction_direct) == (None, None)
    assert (score.rifd_reason, score.truncated) == ("no_reverse_prompt", False)


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), MemoryError(), AttributeError("a bug")])
def test_what_is_no_fault_of_the_row_is_raised(error):
    """Landed as NULL it would count as scored for ever."""

    def fail(n_before):
        raise error

    with pytest.raises(type(error)):
        score_text(CharacterStudent(cost=fail), "s", "Add", "", "three")


def test_a_nan_is_overflow_and_not_a_number():
    score = score_text(CharacterStudent(cost=lambda n_before: math.nan), "s", "Add", "", "three")
    assert (score.ifd, score.reason, score.rifd_reason) == (None, "overflow", "overflow")


def test_a_row_that_cannot_be_read_is_null_among_rows_that_can():
    subjects = [ScoredText(str(n), "Add", "", response) for n, response in enumerate(["three", "", "\udfff", "four"])]
    student = CharacterStudent()
    scores = score_texts(student, subjects)
    assert [score.subject_id for score in scores] == ["0", "1", "2", "3"]
    assert [score.reason for score in scores] == [None, "empty_response", "error: UnicodeEncodeError", None]
    assert [scores[0], scores[3]] == [
        score_text(student, s.subject_id, s.instruction, "", s.response) for s in (subjects[0], subjects[3])
    ]


QUESTION = Question.of(text="Add 1 2", gold="3", kind=AnswerKind.NUMBER, source="t")


def trace(text, output):
    return Trace(
        trace_id="t1",
        attempt_id="a",
        plan_id="p",
        question_id=QUESTION.question_id,
        sample_index=0,
        call_ids=("c",),
        grammar="1",
        text=text,
        structure=Structure.OK,
        thinking=None,
        reflections=(),
        output=output,
        answer=None,
        draft_answers=(),
    )


@pytest.mark.parametrize(
    ("response_text", "output", "response", "reason"),
    [
        (ResponseText.TRACE, "3", "whole 3", None),
        (ResponseText.OUTPUT, "3", "3", None),
        (ResponseText.OUTPUT, None, "", "empty_response"),
    ],
)
def test_the_response_of_a_trace_is_a_setting(response_text, output, response, reason):
    student = CharacterStudent(response_text=response_text)
    (score,) = score_traces(student, [(trace("whole 3", output), QUESTION)])
    assert (score.n_response_tokens, score.reason) == (len(response), reason)
    assert score.score_id == score_id("t1", student.identity)
    assert student.seen[:1] == (["Add 1 2:" + response] if response else [])


def test_every_part_of_the_identity_is_in_the_key():
    identity = CharacterStudent().identity
    changes = {
        "student": "other",
        "student_revision": "2",
        "template": "u",
        "template_hash": "0",
        "definition": Definition.LOSS_RATIO,
        "response_text": ResponseText.OUTPUT,
        "max_length": 99,
        "dtype": "bfloat16",
    }
    assert set(changes) == set(StudentIdentity.model_fields)
    keys = {score_id("t1", identity.model_copy(update={name: value})) for name, value in changes.items()}
    assert len(keys | {score_id("t1", identity), score_id("t2", identity)}) == len(changes) + 2
