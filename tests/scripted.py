"""A teacher of scripted answers, through the journal as the real one; every request that it was sent is remembered."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from schemas.call import Call, CallEnd, Message, Outcome, Request, Sampling, SendEnd, Usage
from schemas.failure import FailureReason
from schemas.question import AnswerKind, Question
from schemas.teacher import TeacherSettings
from schemas.verdict import Verdict
from tasks.judging.verify import Verifier
from tasks.replay.procedure import AskModel, Need, Procedure, Progress, Verify, replay, requests_of
from tasks.synthesis.pipeline import TakeScores, Tick, TracesAndQuestions
from tasks.tracing.draft_verdict import verify_drafts
from tasks.tracing.strategy import Answer, Drafting, strategy_of
from warehouse.journal import Journal

T = TypeVar("T")
Reply = dict[str, Any]
"""Fields of the call that it ends."""

DRAFT = "<thinking>It adds up. So the answer is 1220.</thinking>\n<output>It adds up.\nAnswer: 1220</output>"
FLAWED = "859 + 467 is 1326, not 1327.\n\nVerdict: flawed"
HOLDS = "Each sum comes out again.\n\nVerdict: holds"
REVISED = "<thinking>From there on 1326 - 914 + 807. So the answer is 1219.</thinking>\n<output>Answer: 1219</output>"
GOLD = "1219"
QUESTION = Question.of(text="859 + 467 - 914 + 807?", gold=GOLD, kind=AnswerKind.NUMBER, source="s")

REFUSED: Reply = {"ended": CallEnd.REFUSED, "error": "HTTP 400", "finish_reason": None, "content": None}


def said(content: str | None, finish: str = "stop", **more: object) -> Reply:
    return {"content": content, "finish_reason": finish} | more


WHOLE = said(DRAFT)
CUT = said("<thinking>It adds", "length")
FILTERED = said("<thinking>It adds", "content_filter")
DECLINED = said(None, refusal="I will not.")


def call(of: Request, values: Reply) -> Call:
    row: Reply = {
        **of.model_dump(exclude={"model"}),
        "call_id": of.call_id,
        "model_asked": of.model,
        "model_answered": of.model,
        "ended": CallEnd.ANSWERED,
        "error": None,
        "raw_response": b"",
        "reasoning": None,
        "usage": Usage(),
        "cost_usd": 0.25,
        "latency_s": 0.0,
        "tries": 1,
    }
    return Call.model_validate(row | values)


def teacher(**settings: object) -> TeacherSettings:
    return TeacherSettings.model_validate({"base_url": "http://127.0.0.1:1/v1", "model": "m"} | settings)


Step = Request | Answer | FailureReason
"""What is to be sent next, or how the attempt has ended."""


def play(
    settings: TeacherSettings,
    replies: Sequence[Reply],
    question: Question = QUESTION,
    drafting: Drafting | None = None,
) -> tuple[Step, list[Request]]:
    """What an attempt comes to with these replies, all of which it must want, and what was asked."""
    strategy = strategy_of(settings, drafting)
    first = strategy.first_request(question.text, 0, "http://127.0.0.1:1/v1", seed=0, fresh="")
    attempt = Progress(strategy.rollout(AskModel(first), question))
    asked: list[Request] = []
    for reply in replies:
        (need,) = attempt.due.values()
        assert isinstance(need, AskModel)
        asked.append(need.request)
        attempt.advance({need.key: call(need.request, reply)})
        verify(attempt)
    assert set(asked) <= set(attempt.requests.values())
    step = attempt.result or list(attempt.requests.values())[-1]
    return step, asked


def verify(attempt: Progress[Any]) -> None:
    """Go on as far as verdicts take it."""
    while needs := [need for need in attempt.due.values() if isinstance(need, Verify)]:
        attempt.advance({verdict.verdict_id: verdict for verdict in verify_drafts(Verifier(), needs)})


def ask_for(messages: Sequence[Message]) -> AskModel:
    """The call of some judge that these messages are for."""
    sampling = Sampling(temperature=None, top_p=None, max_tokens=None, seed=None)
    asked = Request(endpoint="e", model="m", messages=tuple(messages), sampling=sampling, sample_index=0, fresh="")
    return AskModel(asked)


def judged(procedure: Procedure[T], reply: Callable[[Sequence[Message]], str | None]) -> T:
    """What it comes to with a judge that replies so; None is for a call that is refused."""

    def find(due: Mapping[str, Need]) -> dict[str, Call]:
        replies = {key: (request, reply(request.messages)) for key, request in requests_of(due).items()}
        return {key: call(request, REFUSED if text is None else said(text)) for key, (request, text) in replies.items()}

    ended = replay({0: procedure}, find)[0]
    assert ended.result is not None
    return ended.result


def role(request: Request) -> str:
    """Which call of an attempt it is."""
    user = request.messages[-1].content
    return "revise" if "<critique>" in user else "check" if "<attempt>" in user else "draft"


class ScriptedWorkers:
    """The scripted teacher and the real verifier; nothing scores."""

    def __init__(self, script: Callable[[Request], Reply | str]) -> None:
        """`script`: what the call ends with, or why it stays pending."""
        self.asked: list[Request] = []
        self.journal: Journal | None = None
        self.script = script
        self.verifier = Verifier()

    def answer(self, requests: list[Request], tick: Tick) -> list[Outcome]:
        assert self.journal
        return [asyncio.run(self._through(self.journal, request)) for request in requests]

    def draft(self, requests: list[Request]) -> list[Outcome]:
        return self.answer(requests, lambda rows: None)

    def verify_drafts(self, needs: list[Verify]) -> list[Verdict]:
        return verify_drafts(self.verifier, needs)

    def verify(self, jobs: TracesAndQuestions, tick: Tick) -> list[Verdict]:
        return self.verifier.verify_traces(jobs)

    def score(self, jobs: TracesAndQuestions, tick: Tick, take: TakeScores) -> int:
        raise AssertionError("nothing asked for scores")

    async def _through(self, journal: Journal, request: Request) -> Outcome:
        found = await journal.reserve(request.call_id)
        if isinstance(found, Call):
            return Outcome(call_id=request.call_id, call=found, pending=None)
        assert isinstance(found, int)
        self.asked.append(request)
        reply = self.script(request)
        if isinstance(reply, str):
            await journal.settle(request.call_id, found, SendEnd.FAILED, error=reply)
            return Outcome(call_id=request.call_id, call=None, pending=reply)
        ended = call(request, reply)
        await journal.settle(request.call_id, found, SendEnd.ANSWERED, call=ended)
        return Outcome(call_id=request.call_id, call=ended, pending=None)
