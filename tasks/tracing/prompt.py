"""What the teacher is asked: messages and sampling of one attempt."""

from functools import cache
from importlib.resources import files

from schemas import configuration
from schemas.call import Message, Request, Sampling
from schemas.configuration import Strategy
from schemas.question import Question
from schemas.record import content_key

_FIRST = {Strategy.SINGLE_PASS: "reflection", Strategy.DRAFT_REFLECT_REVISE: "draft"}
"""The prompt that an attempt starts with, and those that may follow."""
_LATER = {Strategy.SINGLE_PASS: (), Strategy.DRAFT_REFLECT_REVISE: ("check", "revise")}


@cache
def shipped(name: str) -> str:
    """One of our prompts: what stands in `prompts/NAME.txt`."""
    return files("tasks").joinpath(f"prompts/{name}.txt").read_text(encoding="utf-8")


def prompt_version(teacher: configuration.Teacher) -> str:
    """The hash of the prompts and the suffix in force."""
    later = [shipped(name) for name in _LATER[teacher.strategy]]
    return content_key("prompt", _system_prompt(teacher), teacher.suffix, *later)


def request(
    question: Question, sample_index: int, teacher: configuration.Teacher, endpoint: str, seed: int, fresh: str
) -> Request:
    """The exact request for one (question, sample_index). `endpoint` is the identity, not the address."""
    return Request(
        endpoint=endpoint,
        model=teacher.model,
        messages=_messages(question.text, teacher),
        sampling=sampling(teacher, seed, sample_index),
        sample_index=sample_index,
        fresh=fresh,
    )


def sampling(teacher: configuration.Teacher, seed: int, sample_index: int) -> Sampling:
    """As the configuration has it, with the seed of this sample."""
    return Sampling(
        temperature=teacher.temperature,
        top_p=teacher.top_p,
        max_tokens=teacher.max_tokens,
        seed=sample_seed(seed, sample_index) if teacher.send_seed else None,
    )


def sample_seed(seed: int, sample_index: int) -> int:
    """31 bits that differ between the samples of a question and between runs of another seed."""
    return int(content_key("seed", seed, sample_index)[:8], 16) & 0x7FFFFFFF


def _system_prompt(teacher: configuration.Teacher) -> str:
    return shipped(_FIRST[teacher.strategy]) if teacher.system_prompt is None else teacher.system_prompt


def _messages(text: str, teacher: configuration.Teacher) -> tuple[Message, ...]:
    asked = f"{text}\n{teacher.suffix}" if teacher.suffix else text
    system = _system_prompt(teacher)
    user = Message(role="user", content=asked)
    return (Message(role="system", content=system), user) if system else (user,)
