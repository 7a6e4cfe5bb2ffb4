"""Traces and their questions, or instructions and their responses, to scores. Pure given a student."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas.question import Question
from schemas.score import ResponseText, Score, StudentIdentity
from schemas.trace import Trace
from tasks.scoring.ifd import EMPTY_INSTRUCTION, EMPTY_RESPONSE, NO_REVERSE_PROMPT, TRUNCATED_AWAY, Contrast, contrast
from tasks.scoring.reading import LogprobSlice, Pass, ReadingRequest, merged
from tasks.scoring.student_identity import score_id
from tasks.scoring.template import Template

DATA_ERRORS = (ValueError, ArithmeticError)
"""What a text can do to a tokenizer: that row is NULL, by the error's name.

Everything else is raised: a bug would make every row NULL alike, and what the machine ran out of (memory, a
device) is no property of the row, whose score stays to be made, on a larger machine or with a smaller window.
"""


class Scorer(Protocol):
    """What scoring needs of a student: `tasks.scoring.student.Student`, or fixed numbers in a test."""

    identity: StudentIdentity
    template: Template
    start: int
    """The token before every sequence, so that the first token of a target alone has a loss too."""
    any_token: bool
    """Whether `log_probs` can say how likely a token is at a position where another one stands."""

    def prompt_tokens(self, prompt: str) -> list[int]:
        """Return the start token and the prompt's tokens."""

    def target_tokens(self, target: str) -> list[int]:
        """Return the tokens of the text and nothing else. `ValueError` when it cannot be tokenised."""

    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        """Return for each reading the natural-log probabilities of what it asks, in its order."""


@dataclass(frozen=True)
class ScoredText:
    """An instruction and its response; `input` may be empty."""

    subject_id: str
    instruction: str
    input: str
    response: str


def score_traces(student: Scorer, jobs: Sequence[tuple[Trace, Question]]) -> list[Score]:
    """Return one score per job, in order."""
    return score_texts(student, [subject_of(trace, question, student.identity) for trace, question in jobs])


def subject_of(trace: Trace, question: Question, identity: StudentIdentity) -> ScoredText:
    """Return what is scored of a trace; which text of it is the response is a setting of the student's."""
    whole = identity.response_text is ResponseText.TRACE
    return ScoredText(trace.trace_id, question.text, "", trace.text if whole else trace.output or "")


def score_text(student: Scorer, subject_id: str, instruction: str, input: str, response: str) -> Score:
    """Score one text by IFD and r-IFD."""
    return score_texts(student, [ScoredText(subject_id, instruction, input, response)])[0]


def score_texts(student: Scorer, subjects: Sequence[ScoredText]) -> list[Score]:
    """Compute IFD of each response to its instruction and input, and r-IFD the other way round; in order.

    Prompt and target are tokenised apart, so that no token spans both. The reversed target is instruction and
    input with nothing between.
    """
    looks = [_look(student, subject) for subject in subjects]
    found = student.log_probs([reading for look in looks for reading in look.readings])
    scores, first = [], 0
    for subject, look in zip(subjects, looks, strict=True):
        mine = found[first : first + len(look.readings)]
        first += len(look.readings)
        contrasts = look.contrasts(mine, student.identity)
        scores.append(_score(student.identity, student.template.adds, subject.subject_id, *contrasts))
    return scores


@dataclass(frozen=True)
class _Direction:
    """One target with its prompt: what it is cut to, or why there is nothing to look at."""

    n_tokens: int | None
    reason: str | None = None
    passes: tuple[Pass, ...] = ()
    """After its prompt, and alone."""


@dataclass(frozen=True)
class _Look:
    """Both directions of a subject, and the readings that answer them."""

    directions: tuple[_Direction, _Direction]
    readings: list[ReadingRequest] = field(default_factory=list)
    places: list[LogprobSlice] = field(default_factory=list)

    def contrasts(self, found: Sequence[Sequence[float]], identity: StudentIdentity) -> list[Contrast]:
        """IFD's and r-IFD's, from what the readings gave."""
        answers = iter([found[place.reading][place.start : place.stop] for place in self.places])
        return [
            contrast(next(answers), next(answers), each.n_tokens or 0, identity.definition)
            if each.passes
            else Contrast(each.n_tokens, None if each.n_tokens is None else 0, reason=each.reason)
            for each in self.directions
        ]


def _look(student: Scorer, subject: ScoredText) -> _Look:
    try:
        directions = _directions(student, subject)
    except DATA_ERRORS as error:
        failed = _Direction(None, f"error: {type(error).__name__}")
        return _Look((failed, failed))
    passes = [each for direction in directions for each in direction.passes]
    return _Look(directions, *merged(passes, student.any_token))


def _directions(student: Scorer, subject: ScoredText) -> tuple[_Direction, _Direction]:
    response, instruction = subject.response, subject.instruction + subject.input
    y, x = student.target_tokens(response), student.target_tokens(instruction)
    if not (y and _visible(response)) or not (x and _visible(instruction)):
        reason = EMPTY_INSTRUCTION if y and _visible(response) else EMPTY_RESPONSE
        return _Direction(len(y), reason), _Direction(len(x), reason)
    reversed_prompt = student.template.reversed_prompt(subject.response)
    return (
        _direction(student, student.template.prompt(subject.instruction, subject.input), y),
        _Direction(len(x), NO_REVERSE_PROMPT) if reversed_prompt is None else _direction(student, reversed_prompt, x),
    )


def _visible(text: str) -> bool:
    """Whether anything is to be seen: white space and what joins or directs characters is not."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _direction(student: Scorer, prompt: str, target: list[int]) -> _Direction:
    """`target` after `prompt` and alone, over the tokens that the window has room for after the prompt."""
    context = tuple(student.prompt_tokens(prompt))
    scored = tuple(target[: max(0, student.identity.max_length - len(context))])
    if not scored:
        return _Direction(len(target), TRUNCATED_AWAY)
    return _Direction(len(target), passes=(Pass(context, scored), Pass((student.start,), scored)))


def _score(identity: StudentIdentity, adds: str | None, subject_id: str, ifd: Contrast, rifd: Contrast) -> Score:
    return Score(
        **identity.model_dump(),
        score_id=score_id(subject_id, identity),
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
        template_adds=adds,
    )
