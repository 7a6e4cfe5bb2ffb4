"""From a request to seeded decisions to the completion that they make. Pure: no clock, no state, no gold."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from schemas.record import content_key
from schemas.trace import Structure
from tasks.compose import compose
from tasks.practice import equations, letters, sums
from tasks.practice.damage import damaged, output_block, whole
from tasks.practice.decision import Decision, draw_defect, draw_moves
from tasks.practice.problem import Problem
from tasks.practice.protocol import WINDOW, Ask, ask, count_tokens, cut
from tasks.practice.rates import MILD, Rates
from tasks.practice.voice import decline, ramble, tell

FAMILIES = (letters, sums, equations)
"""The modules that read and solve a family; the first that can read a question has it."""


@dataclass(frozen=True)
class Reply:
    body: dict[str, Any]
    """The chat completion, ready for JSON."""
    decisions: tuple[Decision, ...]
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
    decision: Decision


def reply(body: Any, rates: Rates = MILD) -> Reply:
    """The completion for a request body. Equal requests get equal bytes. Raises `RequestError`."""
    asked = ask(body)
    problem = read(asked.question)
    prompt = sum(count_tokens(text) for _, text in asked.messages)
    usage = Counter(prompt_tokens=prompt, completion_tokens=0, total_tokens=prompt)
    choices, decisions = [], []
    for index in range(asked.n):
        said = _say(_rng(asked.key, index), asked, problem, rates)
        choice, tokens = _choice(index, said, asked)
        usage.update(tokens)
        choices.append(choice)
        length = choice["finish_reason"] == "length"
        decisions.append(replace(said.decision, malform=Structure.TRUNCATED) if length else said.decision)
    reasoning = usage.pop("reasoning_tokens", 0)
    completion = {
        "id": f"chatcmpl-{asked.key}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": choices,
        "usage": {**usage, "completion_tokens_details": {"reasoning_tokens": reasoning}},
    }
    return Reply(completion, tuple(decisions))


def read(question: str) -> Problem | None:
    """The problem that a question states, or None when no family can read it."""
    return next((problem for family in FAMILIES if (problem := family.read(question)) is not None), None)


def _say(rng: Random, asked: Ask, problem: Problem | None, rates: Rates) -> _Said:
    if problem is None or rng.random() < rates.refusal:
        return _declined(rng, problem, rates)
    slip = problem.slip(_rng("common", asked.question) if rng.random() < rates.common else rng)
    slip_rate = rates.slip(asked.temperature, problem.difficulty, asked.model)
    slipped = rng.random() < slip_rate
    moves = tuple(draw_moves(rng, rates, slipped))
    stated = rng.random() >= rates.unstated
    malform = draw_defect(rng, rates)
    endless = rng.random() < rates.ramble
    field = malform is Structure.OK and rng.random() < rates.field
    script = tell(rng, problem, slip, slipped, stated, moves)
    decision = Decision(
        problem, False, slip_rate, slipped, moves, script.drafts, script.answer, malform=malform, field=field
    )
    if endless:
        script = ramble(rng, script, problem, slip, slipped, WINDOW)
    if field:
        thoughts = "\n\n".join(filter(None, [script.thinking, script.after]))
        return _Said(thoughts, rng.choice((script.output, output_block(script))), decision)
    text = whole(script) if malform is Structure.OK else damaged(rng, script, malform)
    return _Said(None, text, decision)


def _declined(rng: Random, problem: Problem | None, rates: Rates) -> _Said:
    script = decline(rng)
    plain = rng.random() < rates.untagged_refusal
    malform = Structure.UNTAGGED if plain else Structure.OK
    decision = Decision(problem, True, 0.0, False, (), (), None, malform=malform, field=False)
    return _Said(None, script.output if plain else whole(script), decision)


def _choice(index: int, said: _Said, asked: Ask) -> tuple[dict[str, Any], dict[str, int]]:
    """The choice within its limits, and what it adds to the usage. Thinking uses up the limit first."""
    limit = min(asked.max_tokens or WINDOW, WINDOW)
    reasoning, thought, short = cut(said.reasoning or "", limit)
    ends = [at for stop in asked.stop if (at := said.content.find(stop)) >= 0]
    content, tokens, shorter = cut(said.content[: min(ends, default=None)], limit - thought)
    message = {"role": "assistant", "content": content}
    if said.reasoning is not None:
        message["reasoning_content"] = reasoning
    finish = "length" if short or shorter else "stop"
    spent = {
        "completion_tokens": thought + tokens,
        "total_tokens": thought + tokens,
        "reasoning_tokens": thought,
    }
    return {"index": index, "message": message, "logprobs": None, "finish_reason": finish}, spent


def _rng(*parts: str | int) -> Random:
    return Random(int(content_key("rng", *parts), 16))
