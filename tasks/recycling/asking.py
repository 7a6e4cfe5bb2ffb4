"""What a teacher is asked about a pair: to reflect on it, and, where a check is configured, to solve or judge it. Pure.

Each request is a call like any other, keyed by all that it says.
"""

from dataclasses import dataclass

from schemas.call import Message, Request
from schemas.pair import PairStage
from schemas.record import content_key
from schemas.recycling import Check, Checking, Mode, RecycleConfiguration, Selection
from schemas.score import StudentIdentity
from schemas.teacher import TeacherSettings
from tasks.asking.sampling import request, sampling_key
from tasks.judging.rubric import RubricSpec, judging_messages
from tasks.prompts import changed, fenced, prompt

PROMPTS = {
    PairStage.INSTRUCTION: "recycle_instruction",
    PairStage.RESPONSE: "recycle_response",
    PairStage.BOTH: "recycle_response",
}
"""By the stage of the pair that is asked for."""
SOLVES = "questions_solve"


@dataclass(frozen=True)
class RecycleSpec:
    """How pairs are recycled: by whom, by which rule, for which student."""

    selection: Selection
    check: Checking
    teacher: TeacherSettings
    student: StudentIdentity
    endpoint: str
    """The identity of the teacher, not its address."""
    seed: int
    fresh: str

    @classmethod
    def of(cls, run: RecycleConfiguration, student: StudentIdentity, endpoint: str, fresh: str) -> "RecycleSpec":
        return cls(run.selection, run.check, run.teacher, student, endpoint, run.run.seed, fresh)

    @property
    def mode(self) -> Mode:
        return self.selection.mode

    @property
    def order_id(self) -> str:
        """Of all that decides what becomes of a given row."""
        prompts = [
            prompt(name, self.teacher.prompts) for name in ("recycle_instruction", "recycle_response", SOLVES, "judge")
        ]
        sampled = sampling_key(self.teacher, self.seed)
        rules = [part.model_dump(mode="json") for part in (self.selection, self.check, self.student)]
        asked = (self.endpoint, self.teacher.model, sampled, self.fresh)
        replaced = changed(self.teacher.prompts)
        return content_key("order", rules, prompts, *asked, *([replaced] if replaced else []))


def reflecting_request(order: RecycleSpec, stage: PairStage, instruction: str, input: str, response: str) -> Request:
    """Ask for a pair of `stage`, made of the pair with these texts."""
    parts = {
        "reflect": "instruction" if stage is PairStage.INSTRUCTION else "response",
        "given_instruction": instruction,
        "given_input": input,
        "given_response": response,
    }
    said = "\n\n".join(fenced(name, text) for name, text in parts.items() if text)
    return _request(
        order, (_system(prompt(PROMPTS[stage], order.teacher.prompts)), Message(role="user", content=said)), 0
    )


def checking_requests(order: RecycleSpec, instruction: str, input: str, response: str) -> tuple[Request, ...]:
    """Return what has to be answered before a response that nothing else verifies can be checked; nothing without a
    check.
    """
    asked = whole(instruction, input)
    if order.check.by is Check.CONSENSUS:
        messages = (_system(prompt(SOLVES, order.teacher.prompts)), Message(role="user", content=asked))
        return tuple(_request(order, messages, sample) for sample in range(order.check.samples))
    if order.check.by is Check.JUDGE:
        messages = judging_messages(RubricSpec(question=asked), response, order.teacher.prompts)
        return (_request(order, messages, 0, order.check.model),)
    return ()


def whole(instruction: str, input: str) -> str:
    """Return instruction and input as one text."""
    return f"{instruction}\n\n{input}" if input else instruction


def _system(text: str) -> Message:
    return Message(role="system", content=text)


def _request(order: RecycleSpec, messages: tuple[Message, ...], sample: int, model: str | None = None) -> Request:
    return request(order.teacher, order.endpoint, messages, order.seed, sample, order.fresh, model)
