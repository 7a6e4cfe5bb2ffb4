"""What the verifiers of all kinds have in common. A new kind is one class in one file, and one line of `KINDS`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from schemas.prompts import Prompts
from schemas.record import Record, content_key
from schemas.trace import DraftAnswer, Span
from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.answer import Stated, answer_place, find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.extraction.refusal import refuses
from tasks.extraction.stated_answers import find_stated
from tasks.judging.answer_key import MAX_CHARACTERS, value_spelling
from tasks.judging.spec import read_spec
from tasks.judging.verifiers.resources import Resources
from tasks.mathematics.boxed import unbox
from tasks.parsing.grammar import Parsed
from tasks.parsing.thinking import after_thinking

if TYPE_CHECKING:
    from tasks.judging.rubric import AskFor
    from tasks.replay.procedure import Procedure

_LONGEST = 300
"""Characters of what is wrong with a spec."""
Read = tuple[Stated | None, tuple[DraftAnswer | None, ...]]
"""The final answer, None without one, and for each reflection the draft in force."""


class Reference(NamedTuple):
    """What an answer is held against."""

    gold: str
    """Empty without one."""
    spec: str = "{}"
    """A JSON object."""
    question: str | None = None
    """Its text."""


class KindVerifier(ABC):
    """All that is special about one answer kind. Holds no state: what has to be started and ended is in `Resources`."""

    kind: ClassVar[str]
    """Its name, as in the column `kind`."""
    version: ClassVar[str]
    """To be raised by whoever changes what the kind decides, here or in the modules that it uses."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """The distributions whose versions are part of the verifier's."""
    spec: ClassVar[type[Record] | None] = None
    """The model of what is read from a question's spec; None where it names no record of its own."""
    needs_gold: ClassVar[bool] = True
    """Else the spec says what is right, and there may be a gold beside it."""
    checks_gold: ClassVar[bool] = True
    """Whether a gold is judged against itself before anything is bought."""
    spec_decides: ClassVar[bool] = False
    """Whether another spec may make another answer right, as other choices do of a letter, or other tests of code."""
    judges_blank: ClassVar[bool] = False
    """Whether a blank text is an answer."""
    states_answers: ClassVar[bool] = True
    """Whether a response states its answer in words, as in `Answer: 5`, so that it may state another one too, state it
    in its thinking alone, or only repeat the question. Else what was read is judged, and no doubt applies.
    """
    works_out: ClassVar[bool] = False
    """Whether an expression that is copied from the question is no answer."""
    asks_model: ClassVar[bool] = False
    """Whether a model judges: its calls are in the ledger, and its identity is part of the version."""

    trusted: ClassVar[bool] = False
    """Of an outside package: whether it runs in the judge's own process. Else it has one, which is killed in time."""
    timeout_s: ClassVar[float] = 5.0
    """Seconds of processor time for one answer, where it is not trusted; eight times as many on the clock."""

    @abstractmethod
    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        """Judge one answer that is not blank. Every text gets a judgement; what an outside one raises is evidence of
        `verifier_crashed`.
        """

    def judge_by_model(
        self, answer: str, reference: Reference, ask: "AskFor", prompts: Prompts
    ) -> "Procedure[Judgement]":
        """Judge one answer by what a model replies: of a kind that asks one, where there is one to ask."""
        raise NotImplementedError(f"kind {self.kind} asks no model")

    def check_gold(self, reference: Reference, resources: Resources) -> Judgement:
        """Judge the gold as if it were the answer."""
        return self.judge(reference.gold, reference, resources)

    def spec_fault(self, spec: str, question: str | None = None) -> str | None:
        """Say what of a spec is wrong or missing; None for one that this kind can use, as far as its fields show."""
        if self.spec is None:
            return None
        try:
            read_spec(spec, self.spec, {"question": question})
        except ValueError as error:
            return str(error)
        return None

    def bad_spec(self, spec: str, answer: str | None, fault: str | None) -> Judgement:
        """Give the judgement on whatever answers a question with such a spec, which says what the spec may hold."""
        holds = f" (the spec of kind {self.kind} holds {', '.join(self.spec.model_fields)})" if self.spec else ""
        return Judgement.of(Reason.BAD_SPEC, answer, f"spec: {fault or f'got {spec}'}"[:_LONGEST] + holds)

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Find the final answer in a whole response, and the draft before each reflection."""
        return find_answer(text, None, parsed), find_drafts(text, parsed)

    def stated(self, text: str) -> Sequence[tuple[int, int]]:
        """Find the range of each answer that a text states, in order."""
        return find_stated(text)

    def labels(self, output: str, start: int) -> bool:
        """Return whether what looks like an answer announced at `start` is a label, and announces none."""
        return False

    def answer_key(self, gold: str | None, answer: str | None) -> str | None:
        """Spell an answer as all that mean the same; a long spelling is replaced by its hash, None is for no answer.

        Equal keys mean equal answers. Equal answers may have two keys where only algebra shows that they are equal.
        """
        if answer is None or not answer.strip():
            return None
        key = self.spelling(gold or "", unbox(answer))
        return key if len(key) <= MAX_CHARACTERS else content_key("answer", key)

    def spelling(self, gold: str, answer: str) -> str:
        """Return the one spelling of an answer that is not blank, in the gold's unit."""
        return value_spelling(gold, answer)

    def with_gold(self, spec: str, gold: str | None) -> str:
        """Return the spec of the question with another gold, wherever it repeats the gold."""
        return spec

    def accepting(self, spec: Mapping[str, Any], others: Sequence[str]) -> dict[str, Any]:
        """Return the spec with the golds behind the first, each of which is right by itself, among what it accepts.

        Raises `ValueError`, which says what is needed, for a kind that compares with one gold alone.
        """
        if self.spec is None or "accept" not in self.spec.model_fields:
            raise ValueError(f"one gold for kind {self.kind}, whose spec accepts no others; exact's does")
        given = spec.get("accept")
        return {**spec, "accept": [*(given if isinstance(given, list) else ()), *others]}


class WholeVerifier(KindVerifier):
    """Judges a response as it is: nothing is looked for in it, and it has no draft."""

    needs_gold = False
    checks_gold = False
    states_answers = False

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Take all but the thinking, which is never judged: where it does not end, nothing is."""
        place, rest = answer_place(text, parsed), after_thinking(text[: parsed.end])
        if rest and rest.place == place and not rest.closed:
            place = Span(start=parsed.end, end=parsed.end)
        whole = Stated(start=place.start, end=place.end, answer=place.of(text), explicit=False)
        return whole, (None,) * len(parsed.reflections)


def unless_refused(final: Judgement) -> Judgement:
    """Return `final`, but REFUSED where all that the answer does is to decline: that is no example of a wrong one.
    Where it is right it stays so: the gold may be `I don't know`.
    """
    if final.verdict is Ruling.CORRECT or final.answer is None or not refuses(final.answer):
        return final
    return Judgement.of(Reason.REFUSED, final.answer)
