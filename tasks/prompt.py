"""What the teacher is asked: messages and sampling of one attempt."""

from functools import cache
from importlib.resources import files

from schemas import configuration
from schemas.call import Message, Request, Sampling
from schemas.question import Question
from schemas.record import content_key


@cache
def shipped_system_prompt() -> str:
    """Our prompt for thinking, reflection and output."""
    return files("tasks").joinpath("prompts/reflection.txt").read_text(encoding="utf-8")


def prompt_version(teacher: configuration.Teacher) -> str:
    """The hash of the system prompt and the suffix in force."""
    return content_key("prompt", _system_prompt(teacher), teacher.suffix)


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
    return shipped_system_prompt() if teacher.system_prompt is None else teacher.system_prompt


def _messages(text: str, teacher: configuration.Teacher) -> tuple[Message, ...]:
    asked = f"{text}\n{teacher.suffix}" if teacher.suffix else text
    system = _system_prompt(teacher)
    user = Message(role="user", content=asked)
    return (Message(role="system", content=system), user) if system else (user,)
