"""From a request to seeded decisions to the completion that they make. Pure: no clock, no state, no gold."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Any

from schemas.record import content_key
from schemas.trace import Structure
from tasks.asking.compose import compose
from tasks.parsing.grammar import TAG, parse
from tasks.practice.author import author, read_task
from tasks.practice.damage import damaged, output_block, thinks, whole
from tasks.practice.decision import ReplyPlan, ThinkingForm, declined, draw_moves, draw_shape
from tasks.practice.families import read_family
from tasks.practice.judge import agrees, compare, judge, read_case, read_two
from tasks.practice.problem import Problem
from tasks.practice.protocol import WINDOW, Ask, ask, count_tokens, cut
from tasks.practice.rates import JUDGE, MILD, REASONER, STUDENT, Rates
from tasks.practice.recycler import read_task as read_pair
from tasks.practice.recycler import recycle
from tasks.practice.replay import Golds, Read, replayed
from tasks.practice.review import ReviewTask, check, revise
from tasks.practice.review import read_case as read_review
from tasks.practice.voice import Script, attacked, decline, in_words, ramble, tell

_NO_GOLDS: Golds = MappingProxyType({})
_STUDENT_UNTAGGED = 0.5


@dataclass(frozen=True)
class Reply:
    asked: Ask
    body: dict[str, Any]
    """The chat completion, ready for JSON."""
    decisions: tuple[ReplyPlan, ...]
    """One for each choice."""

    @property
    def text(self) -> str:
        """The first choice in one piece, as the factory reads it."""
        message = self.body["choices"][0]["message"]
        return compose(message["content"], message.get("reasoning_content"))


@dataclass(frozen=True)
class _Said:
    """One choice before limits."""

    reasoning: str | None
    content: str
    decision: ReplyPlan


def reply(body: Any, rates: Rates = MILD, golds: Golds = _NO_GOLDS) -> Reply:
    """Return the completion for a request body. Equal requests get equal bytes from equal golds. Raises
    `RequestError`.
    """
    reads = partial(read, golds=golds)
    asked = ask(body)
    choose = _ruling if asked.model == JUDGE else _attempt
    prompt = sum(count_tokens(text) for _, text in asked.messages)
    usage = Counter(prompt_tokens=prompt, completion_tokens=0, total_tokens=prompt)
    choices, decisions = [], []
    for index in range(asked.n):
        said = choose(reads, asked, index, rates)
        said = replace(said, content=_as_json(said.content)) if asked.as_json else said
        choice, tokens = _choice(index, said, asked)
        usage.update(tokens)
        choices.append(choice)
        length = choice["finish_reason"] == "length"
        decisions.append(replace(said.decision, malform=Structure.TRUNCATED) if length else said.decision)
    reasoning = usage.pop("reasoning_tokens", 0)
    spent = {**usage, "completion_tokens_details": {"reasoning_tokens": reasoning}}
    completion = {"id": f"chatcmpl-{asked.key}", "object": "chat.completion", "created": 0, "model": asked.model}
    return Reply(asked, {**completion, "choices": choices, "usage": spent}, tuple(decisions))


def read(question: str, golds: Golds = _NO_GOLDS) -> Problem | None:
    """Return the problem that a question states; None when no family reads it and its gold is not known. A gold that
    the family's working does not come to is replayed.
    """
    worked, gold = read_family(question), golds.get(question.strip())
    return replayed(question, gold) if gold and not (worked and agrees(gold, worked.answer)) else worked


def _ruling(reads: Read, asked: Ask, index: int, rates: Rates) -> _Said:
    """One choice of the judge."""
    rng = _rng("ruling", asked.key, index)
    if two := read_two(asked.question):
        return _Said(None, *compare(rng, rates, *map(reads, two)))
    case = read_case(asked.question)
    return _Said(None, *judge(rng, rates, case, reads(case.question) if case else None))


def _attempt(reads: Read, asked: Ask, index: int, rates: Rates) -> _Said:
    """One choice of a model that solves, or writes questions. Decisions and words are drawn apart: another wording
    decides nothing else.
    """
    if task := read_task(asked.question):
        return _Said(None, *author(_rng("authoring", asked.key, index), rates, task))
    fate, words = _rng("fate", asked.key, index), _rng("words", asked.key, index)
    if pair := read_pair(asked.question):
        return _Said(None, *recycle(fate, words, rates, pair, reads))
    if review := read_review(asked.question):
        return _second_look(fate, words, review, rates, reads)
    known = ((text, found) for text in asked.texts if (found := reads(text)))  # else it follows up on an earlier one
    question, problem = next(known, (asked.question, None))
    if problem is None or fate.random() < rates.refusal:
        return _declined(fate, words, problem, rates)
    slip = problem.slip(_rng("common", question) if fate.random() < rates.common else words)
    slip_rate = rates.slip(asked.temperature, problem.difficulty, asked.model)
    slipped = fate.random() < slip_rate
    moves = tuple(draw_moves(fate, rates, slipped)) if _may_reflect(asked) else ()
    stated = fate.random() >= rates.unstated
    malform, form = draw_shape(fate, rates)
    if asked.model == STUDENT and fate.random() < _STUDENT_UNTAGGED:
        malform, form = Structure.UNTAGGED, ThinkingForm.TAGS
    if asked.model == REASONER:
        malform, form = Structure.OK, ThinkingForm.FIELD
    script = tell(words, problem, slip, slipped, stated, moves)
    decision = ReplyPlan(problem, False, slip_rate, slipped, moves, script.drafts, script.answer, malform, form)
    if fate.random() < rates.ramble:
        script = ramble(words, script, problem, slip, slipped, WINDOW)
    if fate.random() < rates.attack:
        script = attacked(words, script)
    if asked.model == REASONER:
        script = in_words(words, script)
    return _written(words, script, decision)


def _second_look(fate: Random, words: Random, case: ReviewTask, rates: Rates, reads: Read) -> _Said:
    """One choice of a model that checks an attempt or finishes it."""
    problem = reads(case.question)
    if case.critique is None:
        return _Said(None, *check(fate, words, rates, case, problem))
    if problem is None:
        return _declined(fate, words, problem, rates)
    script, decision = revise(fate, words, rates, case, problem)
    malform, form = draw_shape(fate, rates)
    return _written(words, script, replace(decision, malform=malform, form=form))


def _may_reflect(asked: Ask) -> bool:
    """Unless the system message describes the tags and leaves this one out; the student never does."""
    if asked.model == STUDENT:
        return False
    described = "".join(text for role, text in asked.messages if role == "system")
    return "<thinking>" not in described or "<reflection>" in described


def _written(rng: Random, script: Script, decision: ReplyPlan) -> _Said:
    if decision.malform is not Structure.OK:
        return _Said(None, damaged(rng, script, decision.malform), decision)
    if decision.form is ThinkingForm.FIELD:
        thoughts = "\n\n".join(filter(None, [script.thinking, script.after]))
        return _Said(thoughts, rng.choice((script.output, output_block(script))), decision)
    return _Said(None, thinks(rng, script) if decision.form is ThinkingForm.THINK else whole(script), decision)


def _as_json(text: str) -> str:
    """A trace in the JSON schema of traces; what is none is all output."""
    parsed = parse(text)
    if parsed.structure is not Structure.OK or parsed.thinking is None or parsed.output is None:
        return json.dumps({"thinking": [], "output": text})
    pieces = TAG.split(parsed.thinking.of(text))[::3]
    reflected = [{"kind": "reflection" if i % 2 else "step", "text": piece} for i, piece in enumerate(pieces)]
    after = [reflection for reflection in parsed.reflections if reflection.start > parsed.thinking.end]
    steps = [*reflected, *({"kind": "reflection", "text": reflection.text} for reflection in after)]
    return json.dumps({"thinking": steps, "output": parsed.output.of(text)})


def _declined(fate: Random, words: Random, problem: Problem | None, rates: Rates) -> _Said:
    script = decline(words)
    if fate.random() < rates.untagged_refusal:
        return _Said(None, script.output, replace(declined(problem), malform=Structure.UNTAGGED))
    return _Said(None, whole(script), ReplyPlan(problem, refused=True))


def _choice(index: int, said: _Said, asked: Ask) -> tuple[dict[str, Any], dict[str, int]]:
    """The choice within its limits, and what it adds to the usage. Thinking uses up the limit first."""
    limit = min(asked.max_tokens or WINDOW, WINDOW)
    reasoning, thought, short = cut(said.reasoning or "", limit)
    ends = [at for stop in asked.stop if (at := said.content.find(stop)) >= 0]
    content, tokens, shorter = cut(said.content[: min(ends, default=None)], limit - thought)
    thoughts = {} if said.reasoning is None else {"reasoning_content": reasoning}
    message = {"role": "assistant", "content": content} | thoughts
    finish = "length" if short or shorter else "stop"
    spent = dict.fromkeys(("completion_tokens", "total_tokens"), thought + tokens) | {"reasoning_tokens": thought}
    return {"index": index, "message": message, "logprobs": None, "finish_reason": finish}, spent


def _rng(*parts: str | int) -> Random:
    return Random(int(content_key("rng", *parts), 16))
