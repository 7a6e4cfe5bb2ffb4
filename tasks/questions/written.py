"""The questions that a teacher writes: what it is asked for, and what is taken of its answers. Pure.

Chains are written in a fixed order: one for each topic in turn, and again. A chain is a new question and what it is
evolved into, round by round. What a chain asks follows from the order and from its own answers alone. So an order for
more questions begins with the same ones, and one that was interrupted asks what is missing and nothing else.

A question is set aside if it is alike to an example, to one before it, or to any that the warehouse has. What was
written here and has landed is no stranger to itself: it stays, whatever came into the warehouse after it.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from schemas.call import CUT_OFF, Call
from schemas.question import Question
from schemas.record import content_key
from schemas.verdict import Reason
from tasks.asking.compose import compose
from tasks.extraction.answer import find_answer
from tasks.extraction.refusal import refuses
from tasks.judging.consensus import find_majority
from tasks.judging.same_value import compare_cheaply
from tasks.questions.alike import Alike
from tasks.questions.asking import WritingSpec, draw_method, evolving_request, solving_request, writing_request
from tasks.questions.replies import NOTHING, Fault, read_evolved, read_questions
from tasks.replay.procedure import AskModel, Group, Procedure, Progress
from tasks.rows.values import infer_kind

LONGEST = 300
"""Characters of a gold; more is no answer that others will spell alike."""
UNANSWERABLE = "none"
"""What the prompt wants stated where a question has no answer."""


class Gold(NamedTuple):
    text: str | None
    tag: str
    """`gold:4/5`, or why there is none: `no_gold:` and too_few_samples, no_majority, unanswerable or not_asked_for."""


MOST_TIMES = 3
"""So many times the questions that are wanted may be asked for; then the teacher has no more to give."""


class Repeats(StrEnum):
    """Why a question that was written is not taken."""

    SAME = "same"
    """As one that is there: word for word, but for case and punctuation."""
    ALIKE = "alike"


@dataclass(frozen=True)
class Existing:
    """The questions of the warehouse."""

    texts: Alike
    written: frozenset[str] = frozenset()
    """The `external_id`s among them."""


@dataclass(frozen=True)
class Draft:
    """A question as it was written, without a gold."""

    written_id: str
    """Its call and its place there: the `external_id` of the question."""
    text: str
    topic: str
    round: int
    """0: new; else how often its parents were evolved before it, itself included."""
    method: str | None = None
    parent: str | None = None
    """`written_id` of the one that it was made from."""


Chain = list[Draft | Fault]


class Writing:
    """An order that is being written."""

    def __init__(self, order: WritingSpec, existing: Existing) -> None:
        self.drafts: list[Draft] = []
        """What is taken, in order."""
        self.set_aside: Counter[str] = Counter()
        """What was written and not taken, by `Fault` and `Repeats`."""
        self._order, self._existing, self._settings = order, existing, order.settings
        self._seen = Alike((), self._settings.alike, Alike(order.examples, self._settings.alike))
        self._under_way = Group()
        self._golds: list[Progress[Gold]] = []

    def steps(self) -> Procedure[list[Question]]:
        """Write chains until enough is taken, or there may be no more, as many at a time as those before let expect;
        meanwhile solve what is taken. The questions with their golds.
        """
        chains, more = 0, chains_for(self._order, self._order.wanted)
        while more:
            for chain in [self._under_way.start(self._chain(number)) for number in range(chains, chains + more)]:
                while not chain.is_over:
                    yield from self._under_way.step()
                self._take(chain.result or [])
            chains += more
            taken = len(self.drafts)
            expected = math.ceil((self._order.wanted - taken) * chains / taken) if taken else chains
            more = min(expected, most_chains(self._order) - chains)
        while self._under_way.due:
            yield from self._under_way.step()
        golds = [gold.result for gold in self._golds if gold.result]
        return [self._question(*pair) for pair in zip(self.drafts, golds, strict=True)]

    def _chain(self, number: int) -> Procedure[Chain]:
        place, topic_number = divmod(number, len(self._order.topics))
        turn, position = divmod(place, self._settings.per_call)
        topic = self._order.topics[topic_number]
        call: Call = yield AskModel(writing_request(self._order, topic, turn))
        found = read_questions(call, self._settings.per_call)
        if position >= len(found):
            return [] if found[0] in NOTHING else [Fault.NOT_WRITTEN]
        text = found[position]
        if isinstance(text, Fault):
            return [text]
        return (yield from self._evolved(Draft(_written_id(call, position), text, topic, 0)))

    def _evolved(self, root: Draft) -> Procedure[Chain]:
        """Where a round fails, the next one tries again with the same parent."""
        chain: Chain = [root]
        parent = root
        for number in range(1, self._settings.rounds + 1):
            method = draw_method(self._order, root.topic, parent.text, number)
            call: Call = yield AskModel(evolving_request(self._order, root.topic, parent.text, method, number))
            text = read_evolved(call)
            if isinstance(text, Fault):
                chain.append(text)
                continue
            parent = Draft(_written_id(call, 0), text, root.topic, parent.round + 1, method, parent.written_id)
            chain.append(parent)
        return chain

    def _solve(self, draft: Draft) -> Procedure[Gold]:
        samples = range(self._settings.gold_samples)
        solutions: list[Call] = yield [AskModel(solving_request(self._order, draft.text, sample)) for sample in samples]
        return agreed_gold(solutions, self._settings.gold_share)

    def _take(self, chain: Chain) -> None:
        for draft in chain:
            if len(self.drafts) == self._order.wanted:
                return
            reason = draft if isinstance(draft, Fault) else self._repeats(draft)
            if isinstance(draft, Draft) and reason is None:
                self.drafts.append(draft)
                self._seen.add(draft.text)
                self._golds.append(self._under_way.start(self._solve(draft)))
            else:
                self.set_aside[str(reason)] += 1

    def _repeats(self, draft: Draft) -> Repeats | None:
        found = self._seen.match(draft.text)
        if found is None and draft.written_id not in self._existing.written:
            found = self._existing.texts.match(draft.text)
        return None if found is None else Repeats.SAME if found.share == 1 else Repeats.ALIKE

    def _question(self, draft: Draft, gold: Gold) -> Question:
        settings = self._settings
        made = [f"method:{draft.method}", f"parent:{draft.parent}"] if draft.parent else []
        return Question.of(
            text=draft.text,
            gold=gold.text,
            kind=settings.kind or infer_kind(gold.text),
            spec=settings.spec,
            source=f"{settings.name or 'teacher'}/{draft.topic}",
            external_id=draft.written_id,
            tags=(f"topic:{draft.topic}", f"round:{draft.round}", *made, gold.tag),
            licence=settings.licence,
        )


def chains_for(order: WritingSpec, questions: int) -> int:
    return math.ceil(questions / (1 + order.settings.rounds))


def most_chains(order: WritingSpec) -> int:
    return chains_for(order, MOST_TIMES * order.wanted)


def _written_id(call: Call, position: int) -> str:
    return content_key("written", call.call_id, position)


def agreed_gold(solutions: Sequence[Call], share: float) -> Gold:
    """Return what at least `share` of the solutions state, in its commonest spelling.

    One that states no answer agrees with none, and neither does one that was cut off. The same model may well be wrong
    in the same way each time: such a gold is its opinion, and the tag says so.
    """
    if not solutions:
        return Gold(None, "no_gold:not_asked_for")
    stated = [_stated(call) for call in solutions]
    found = find_majority(stated, 2, share, compare_cheaply)
    if found.reason is not Reason.MAJORITY:
        return Gold(None, f"no_gold:{found.reason}")
    gold = Counter(found.answers).most_common(1)[0][0]
    if gold.strip(" .").casefold() == UNANSWERABLE:
        return Gold(None, "no_gold:unanswerable")
    return Gold(gold, f"gold:{len(found.answers)}/{len(stated)}")


def _stated(call: Call) -> str | None:
    if call.finish_reason in CUT_OFF or not (call.content or call.reasoning):
        return None
    found = find_answer(compose(call.content or "", call.reasoning))
    usable = found is not None and found.explicit and len(found.answer) <= LONGEST
    return found.answer if found and usable and not refuses(found.answer) else None
