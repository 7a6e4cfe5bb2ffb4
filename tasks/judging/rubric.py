"""Kind `judge`: another model's ruling by a rubric. What it is asked, and what is read from its reply.

Every other kind goes before it: a verdict that a program reaches is never replaced by this one (`traces_full`).
"""

import re
from collections.abc import Callable, Sequence

from schemas.call import Call, CallEnd, Message
from schemas.prompts import Prompts
from schemas.record import Record
from schemas.verdict import Judgement, Reason
from tasks.judging.spec import read_spec
from tasks.prompts import fenced, prompt
from tasks.replay.procedure import AskModel, Procedure

AskFor = Callable[[Sequence[Message]], AskModel]
"""The call that has these messages answered by the model that judges."""

SHIPPED = Prompts()

RULINGS = {
    "correct": Reason.JUDGED_CORRECT,
    "incorrect": Reason.JUDGED_INCORRECT,
    "undecided": Reason.JUDGE_UNDECIDED,
}
PREFERENCES = ("a", "b", "tie")
EVIDENCE_CHARACTERS = 300

_VERDICT = re.compile(
    r"""[\s{*_#`"']* (?:final\ )?verdict [*_"'`]* \s*[:=]\s* [*_"'`]* \s* (?P<word>\w+) [*_"'`.,}\s]*""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING = re.compile(r"[\s`}\]]*")


class RubricSpec(Record):
    """The spec of a question of this kind."""

    question: str
    rubric: str = "answer"
    """The name of a shipped one (`answer`, `translation`), or a rubric."""
    reference: str | None = None
    rival: str | None = None
    """Another response; then the answer is correct if the judge prefers it to this one in both orders."""


def judge_by_rubric(
    ask: AskFor, gold: str, answer: str, spec: str, question: str | None = None, prompts: Prompts = SHIPPED
) -> Procedure[Judgement]:
    """Ask a model to judge an answer. The gold, if there is one, is the reference unless the spec has its own, and
    likewise `question`. The evidence is the judge's reason.
    """
    try:
        case = read_spec(spec, RubricSpec, {} if question is None else {"question": question})
    except ValueError as error:
        return Judgement.of(Reason.BAD_SPEC, answer, str(error)[:EVIDENCE_CHARACTERS])
    if case.reference is None and gold:
        case = case.model_copy(update={"reference": gold})
    if case.rival is not None:
        return (yield from prefer(ask, case, answer, case.rival, prompts))
    call: Call = yield ask(judging_messages(case, answer, prompts))
    return read_judgement(_reply(call), answer)


def prefer(ask: AskFor, case: RubricSpec, answer: str, rival: str, prompts: Prompts = SHIPPED) -> Procedure[Judgement]:
    """Ask a judge twice which it prefers, each of the two first once: correct if `answer` is preferred both times,
    incorrect if `rival` is.
    """
    replies = yield from both_orders(ask, case, answer, rival, prompts)
    words = [read_verdict(reply, PREFERENCES) for reply in replies]
    evidence = " | ".join(filter(None, map(_evidence, replies)))[:EVIDENCE_CHARACTERS] or None
    failed = next((word for word in words if isinstance(word, Reason)), None)
    reasons = {("a", "b"): RULINGS["correct"], ("b", "a"): RULINGS["incorrect"], ("tie", "tie"): RULINGS["undecided"]}
    return Judgement.of(failed or reasons.get((words[0], words[1]), Reason.JUDGE_CONTRADICTS), answer, evidence)


def both_orders(
    ask: AskFor, case: RubricSpec, answer: str, rival: str, prompts: Prompts = SHIPPED
) -> Procedure[list[str | None]]:
    """Return the judge's two replies on a comparison: with `answer` first, then with `rival` first; None for none."""
    pairs = (answer, rival), (rival, answer)
    calls: list[Call] = yield [ask(comparing_messages(case, *pair, prompts)) for pair in pairs]
    return [_reply(call) for call in calls]


def read_judgement(reply: str | None, answer: str) -> Judgement:
    """Return what a reply says of one answer; None where there is none to be had."""
    word = read_verdict(reply, tuple(RULINGS))
    return Judgement.of(word if isinstance(word, Reason) else RULINGS[word], answer, _evidence(reply))


def judging_messages(case: RubricSpec, answer: str, prompts: Prompts = SHIPPED) -> tuple[Message, Message]:
    """Return the system's and the user's message for a ruling on one answer."""
    return _messages("judge", case, prompts, answer=answer)


def comparing_messages(
    case: RubricSpec, first: str, second: str, prompts: Prompts = SHIPPED
) -> tuple[Message, Message]:
    """Return what a judge is told for a comparison of two, the first as A."""
    return _messages("judge_pair", case, prompts, answer_a=first, answer_b=second)


def read_verdict(reply: str | None, words: Sequence[str]) -> str | Reason:
    """Return the verdict on the last line of a reply, in lower case, or why there is none.

    Taken as one: `Verdict: correct` in any case, in bold, in quotes, or as JSON; what a reasoning model thinks before
    `</think>` is skipped. One further up is none, for it may be quoted from the answer; but it must not differ.
    """
    if reply is None:
        return Reason.JUDGE_UNAVAILABLE
    lines = [line for line in reply.rpartition("</think>")[2].splitlines() if not _CLOSING.fullmatch(line)]
    said = [str(found["word"]).lower() if (found := _VERDICT.fullmatch(line)) else "" for line in lines]
    given = {word for word in said if word in words}
    if not said or said[-1] not in given:
        return Reason.JUDGE_SILENT
    return said[-1] if len(given) == 1 else Reason.JUDGE_CONTRADICTS


def without_verdict(reply: str | None) -> str:
    """Return what else the reply says, less what is thought before `</think>`."""
    lines = (reply or "").rpartition("</think>")[2].split("\n")
    return "\n".join(line for line in lines if not _VERDICT.fullmatch(line)).strip()


def _messages(name: str, case: RubricSpec, prompts: Prompts, **answers: str) -> tuple[Message, Message]:
    rubric = prompt(f"rubric_{case.rubric}", prompts) if case.rubric in ("answer", "translation") else case.rubric
    parts = {"rubric": rubric, "question": case.question, "reference": case.reference, **answers}
    user = "\n\n".join(fenced(part, text) for part, text in parts.items() if text is not None)
    return Message(role="system", content=prompt(name, prompts)), Message(role="user", content=user)


def _reply(call: Call) -> str | None:
    return call.content if call.ended is CallEnd.ANSWERED else None


def _evidence(reply: str | None) -> str | None:
    return " ".join(without_verdict(reply).split())[-EVIDENCE_CHARACTERS:] or None
