"""A trace and its question, or an instruction and its response, to a score. Pure given a student."""

from collections.abc import Sequence
from typing import Protocol

from schemas.question import Question
from schemas.score import ResponseText, Score, StudentIdentity
from schemas.trace import Trace
from tasks.scoring.ifd import EMPTY_INSTRUCTION, EMPTY_RESPONSE, NO_REVERSE_PROMPT, TRUNCATED_AWAY, Contrast, contrast
from tasks.scoring.student_identity import score_id
from tasks.scoring.template import Template

DATA_ERRORS = (ValueError, ArithmeticError)
"""What a text can do to a tokenizer or a formula: that row is NULL, by the error's name.

Everything else is raised: a bug would make every row NULL alike, and what the machine ran out of (memory, a
device) is no property of the row, whose score stays to be made, on a larger machine or with a smaller window.
"""


class Scorer(Protocol):
    """What scoring needs of a student: `tasks.scoring.student.Student`, or fixed numbers in a test."""

    identity: StudentIdentity
    template: Template
    start: int
    """The token before every sequence, so that the first token of a target alone has a loss too."""

    def prompt_tokens(self, prompt: str) -> list[int]:
        """The start token and the prompt's tokens."""
        ...

    def target_tokens(self, target: str) -> list[int]:
        """The tokens of the text and nothing else. `ValueError` when it cannot be tokenised."""
        ...

    def log_probs(self, prompt: Sequence[int], target: Sequence[int]) -> list[float]:
        """Natural-log probability of each target token after the prompt and the target tokens before it."""
        ...


def score_trace(student: Scorer, trace: Trace, question: Question) -> Score:
    whole = student.identity.response_text is ResponseText.TRACE
    response = trace.text if whole else trace.output or ""
    return score_text(student, trace.trace_id, question.text, "", response)


def score_text(student: Scorer, subject_id: str, instruction: str, input: str, response: str) -> Score:
    """IFD of `response` to `instruction` and `input`, and r-IFD the other way round.

    Prompt and target are tokenised apart, so that no token spans both. The reversed target is instruction and
    input with nothing between.
    """
    try:
        ifd, rifd = _both(student, instruction, input, response)
    except DATA_ERRORS as error:
        ifd = rifd = Contrast(None, None, reason=f"error: {type(error).__name__}")
    return Score(
        **student.identity.model_dump(),
        score_id=score_id(subject_id, student.identity),
        subject_id=subject_id,
        n_instruction_tokens=rifd.n_tokens,
        n_response_tokens=ifd.n_tokens,
        n_scored_instruction_tokens=rifd.n_scored,
        n_scored_response_tokens=ifd.n_scored,
        loss_response_conditioned=ifd.conditioned,
        loss_response_direct=ifd.direct,
        loss_instruction_conditioned=rifd.conditioned,
        loss_instruction_direct=rifd.direct,
        ifd=ifd.ratio,
        rifd=rifd.ratio,
        truncated=ifd.truncated or rifd.truncated,
        reason=ifd.reason,
        rifd_reason=rifd.reason,
    )


def _both(student: Scorer, instruction: str, input: str, response: str) -> tuple[Contrast, Contrast]:
    y, x = student.target_tokens(response), student.target_tokens(instruction + input)
    if not y or not x:
        reason = EMPTY_INSTRUCTION if y else EMPTY_RESPONSE
        return Contrast(len(y), 0, reason=reason), Contrast(len(x), 0, reason=reason)
    reversed_prompt = student.template.reversed_prompt(response)
    return (
        _contrast(student, student.template.prompt(instruction, input), y),
        Contrast(len(x), 0, reason=NO_REVERSE_PROMPT)
        if reversed_prompt is None
        else _contrast(student, reversed_prompt, x),
    )


def _contrast(student: Scorer, prompt: str, target: list[int]) -> Contrast:
    """`target` after `prompt` and alone, over the tokens that the window has room for after the prompt."""
    context = student.prompt_tokens(prompt)
    scored = target[: max(0, student.identity.max_length - len(context))]
    if not scored:
        return Contrast(len(target), 0, reason=TRUNCATED_AWAY)
    conditioned = student.log_probs(context, scored)
    direct = student.log_probs([student.start], scored)
    return contrast(conditioned, direct, len(target), student.identity.definition)
