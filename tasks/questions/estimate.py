"""What writing questions will take, and what came of it, for a person. Pure."""

from typing import NamedTuple

from schemas.budget import Charge
from schemas.call import Request
from tasks.asking.endpoint import request_bytes, worst_case
from tasks.asking.forecast import said, total
from tasks.questions.asking import METHODS, WritingSpec, evolving_request, solving_request, writing_request
from tasks.questions.writer import QuestionWriter
from tasks.questions.written import chains_for, most_chains

USUAL = 400
"""Characters of a question, for a bound on what a call costs; a longer one costs more."""


class Estimate(NamedTuple):
    calls: int
    """If all that is written can be taken."""
    most: int
    worst: Charge
    """Of the most calls, each sent once and with questions of `USUAL` characters; None where nothing bounds it."""


def estimate(order: WritingSpec) -> Estimate:
    """Estimate an order that nothing has been asked for."""
    most = _calls(order, most_chains(order))
    worst = [worst_case(request, order.teacher, request_bytes(request)) for request in _usual(order)]
    charges = [charge for charge, n in zip(worst, most, strict=True) for _ in range(n)]
    return Estimate(sum(_calls(order, chains_for(order, order.wanted))), sum(most), total(charges))


def format_estimate(writer: QuestionWriter) -> str:
    """Say what is to be expected, before anything more is asked."""
    expected, due = estimate(writer.order), len(writer.progress.due)
    answered = len(writer.progress.requests) - due
    more, most = max(expected.calls - answered, due), max(expected.most - answered, due)
    bound = f"at most {said(expected.worst)} in all, with questions of {USUAL} characters"
    return f"{format_progress(writer)}; to write the others: about {more} calls, at most {most}; {bound}"


def format_progress(writer: QuestionWriter) -> str:
    drafts, due = writer.writing.drafts, writer.progress.due
    return f"questions: {len(drafts)} of {writer.order.wanted} written; {len(due)} calls are due"


def format_written(writer: QuestionWriter) -> str:
    """Say, when nothing is due, what is there, what it took, what was not taken."""
    golds = sum(question.gold is not None for question in writer.questions)
    aside = ", ".join(f"{n} {reason}" for reason, n in sorted(writer.writing.set_aside.items())) or "nothing"
    sent, cost_usd = writer.ledger(), writer.cost_usd
    ends = f"answered {sent.answered} + failed {sent.failed} + unknown {sent.unknown}"
    cost = "unknown cost" if cost_usd is None else f"{cost_usd:.4f} USD"
    return (
        f"questions: {len(writer.questions)} of {writer.order.wanted} written, {golds} with a gold; set aside: {aside};"
        f" {len(writer.progress.requests)} calls, sent {sent.sent} = {ends}; {cost}"
    )


def _calls(order: WritingSpec, chains: int) -> tuple[int, int, int]:
    """That write, that evolve, that solve."""
    turns, rest = divmod(chains, len(order.topics) * order.settings.per_call)
    writing = turns * len(order.topics) + min(rest, len(order.topics))
    return writing, chains * order.settings.rounds, order.wanted * order.settings.gold_samples


def _usual(order: WritingSpec) -> tuple[Request, Request, Request]:
    topic, text = max(order.topics, key=len), "x" * USUAL
    method = max(METHODS, key=lambda name: len(METHODS[name]))
    evolving = evolving_request(order, topic, text, method, 1)
    return writing_request(order, topic, 0), evolving, solving_request(order, text, 0)
