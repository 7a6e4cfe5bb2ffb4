"""How an attempt is made and goes on from its first answer. Pure.

No request depends on anything but the answers before it, so every later call is keyed like a first one.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from schemas.call import CUT_OFF, Call, CallEnd, Message, Request
from schemas.errors import ReflectoryError
from schemas.failure import FailureReason
from schemas.prompts import Prompts
from schemas.question import Question
from schemas.record import content_key
from schemas.teacher import STRATEGIES, DrafterSettings, OnTruncation, StructuredOutput, TeacherSettings, Unwanted
from tasks.asking.completion import cut_at_limit
from tasks.asking.sampling import extra_body, request
from tasks.asking.structured import structured_body, text_of
from tasks.prompts import fenced, prompt
from tasks.raised import raised
from tasks.replay.procedure import AskModel, Procedure, Verify

_FORMS = {"reflection": True, "draft": False, "revise": False}
"""The prompts that ask for tags, each with whether it asks for reflections."""


class Answer(NamedTuple):
    """What an attempt comes to: the text of its trace."""

    text: str
    finish_reason: str | None
    """Of the call that the text ends with."""


@dataclass(frozen=True)
class Drafting:
    """Who writes drafts where the teacher does not, and as whom the teacher is asked about them."""

    settings: DrafterSettings
    endpoint: str
    """The identity, not the address, like the next."""
    teacher_endpoint: str
    seed: int
    """That of the run."""

    def wrote(self, request: Request) -> bool:
        """Return whether a request is a request for a draft."""
        return (request.endpoint, request.model) == (self.endpoint, self.settings.model)


class Failed(Exception):
    """Ends an attempt without an answer: its reason, a `FailureReason`, is the one argument."""


class Strategy(ABC):
    """One way of making attempts, under the policies of a teacher's settings."""

    prompts: ClassVar[tuple[str, ...]]
    """Names of shipped ones: that of the first call, which `teacher.system_prompt` replaces, then those of later calls.
    A text of one's own is no prompt; it stands in `steps`.
    """
    asks_for_tags: ClassVar[bool] = True
    """Whether the first answer is to have them."""
    reads_recorded: ClassVar[bool] = False
    """Whether recorded answers become traces by it, too; else each is its trace as it stands."""
    version: ClassVar[str]
    """Part of the key of every attempt: change it when the same calls come to another text, or are asked otherwise."""

    def __init__(self, teacher: TeacherSettings, drafting: Drafting | None = None) -> None:
        self.teacher, self.drafting = teacher, drafting

    def rollout(self, first: AskModel, question: Question) -> Procedure[Answer | FailureReason]:
        """Make an attempt: ask `first`, and what follows from each answer, until it has come to an end.

        Raises `ReflectoryError` that names the strategy where its steps raise, or yield or return what they may not.
        """
        try:
            return (yield from self._checked(self.steps(first, question)))
        except Failed as failed:
            if failed.args and failed.args[0] in list(FailureReason):
                return FailureReason(failed.args[0])
            raise self._broken(f"raised {failed!r}; needs one of {', '.join(FailureReason)}") from failed
        except ReflectoryError:
            raise
        except Exception as error:
            raise self._broken(f"raised {raised(error, type(self).__module__)}") from error

    def _checked(self, steps: Any) -> Procedure[Answer]:
        if not isinstance(steps, Generator):
            raise self._broken(f"returned {type(steps).__name__} and yielded nothing; needs to yield AskModel")
        sent = wanted = None
        while True:
            try:
                wanted = steps.send(sent)
            except StopIteration as done:
                answer = done.value
                break
            several = [*wanted.values()] if isinstance(wanted, Mapping) else wanted
            for one in several if isinstance(several, list | tuple) else [several]:
                if not isinstance(one, AskModel | Verify):
                    raise self._broken(f"yielded {type(one).__name__}; needs AskModel")
            sent = yield wanted
        if wanted is None:
            raise self._broken("came to an end and yielded nothing; needs to yield AskModel")
        if not isinstance(answer, Answer):
            raise self._broken(f"returned {type(answer).__name__}; needs Answer(text, finish_reason)")
        if not isinstance(answer.text, str):
            raise self._broken(f"returned {answer}; needs a text")
        return answer

    def _broken(self, problem: str) -> ReflectoryError:
        name, steps = self.teacher.strategy, f"{type(self).__name__}.steps"
        entry = STRATEGIES.describe(name) if name in STRATEGIES.outside else f"strategy {name}"
        return ReflectoryError(f"{entry}: {steps} {problem}")

    @abstractmethod
    def steps(self, first: AskModel, question: Question) -> Procedure[Answer]:
        """Yield what is to be sent, given the call that answers it, until the attempt has come to its answer. Raises
        `Failed`.
        """

    @property
    def goes_on(self) -> bool:
        """Whether an attempt may ask for more than one call."""
        return True

    @property
    def key(self) -> tuple[str, ...]:
        """What decides how attempts go on after their first call, for their keys."""
        return (self.teacher.strategy, *self.policies, self.prompt_version, self.version)

    @property
    def policies(self) -> tuple[str, ...]:
        return (self.teacher.on_truncation, self.teacher.on_refusal, self.teacher.on_content_filter)

    @property
    def prompt_version(self) -> str:
        """The hash of the prompts, the suffix and the examples in force."""
        shown = [example.model_dump() for example in self.teacher.examples]
        later = map(self.prompt, self.prompts[1:])
        return content_key("prompt", self._system_prompt, self.teacher.suffix, *later, *([shown] if shown else []))

    @property
    def _system_prompt(self) -> str:
        given = self.teacher.system_prompt
        return self.prompt(self.prompts[0]) if given is None else given

    def prompt(self, name: str) -> str:
        """Return the text of a prompt under the settings."""
        return prompt(name, self.teacher.prompts)

    def first_request(self, text: str, sample_index: int, endpoint: str, seed: int, fresh: str) -> Request:
        """Return the exact request for one sample of a question. `endpoint` is the identity, not the address."""
        asked = request(self.teacher, endpoint, self.opening(self.teacher, text), seed, sample_index, fresh)
        return asked.model_copy(update={"extra_body": self._body_for(self.prompts[0])})

    def opening(self, settings: TeacherSettings, text: str) -> list[Message]:
        """Return the messages that a question is put by: what the model is told, its examples, the question."""
        system_prompt = settings.system_prompt
        system = self._prompt_text(self.prompts[0]) if system_prompt is None else system_prompt
        shown = (
            message
            for example in settings.examples
            for message in (self.asked(settings, example.question), Message(role="assistant", content=example.answer))
        )
        head = [Message(role="system", content=system)] if system else []
        return [*head, *shown, self.asked(settings, text)]

    def conversation(self, first: AskModel, name: str, **parts: str) -> AskModel:
        """Return a request of its own, with a prompt and parts between tags; all else as in the first one."""
        user = "\n\n".join(fenced(part, text) for part, text in parts.items())
        messages = (Message(role="system", content=self._prompt_text(name)), Message(role="user", content=user))
        asked = first.with_messages(*messages).request
        return AskModel(asked.model_copy(update={"extra_body": self._body_for(name)}))

    def _prompt_text(self, name: str) -> str:
        as_json = self.teacher.structured is StructuredOutput.JSON_SCHEMA and name in _FORMS
        return f"{self.prompt(name)}\n{self.prompt('as_json')}" if as_json else self.prompt(name)

    def _body_for(self, name: str) -> str | None:
        """What is sent beside messages and sampling where that prompt is told."""
        form = self.teacher.structured
        more = structured_body(form, _FORMS[name]) if form and name in _FORMS else {}
        return extra_body(self.teacher, more)

    @staticmethod
    def asked(settings: TeacherSettings, question: str) -> Message:
        """Return a question as a model is asked it, with the suffix."""
        suffix = settings.suffix
        return Message(role="user", content=f"{question}\n{suffix}" if suffix else question)

    def answer(self, asked: AskModel) -> Procedure[Call]:
        """Return the call that answers `asked`, under the policies. Where more tokens are refused, or the window cut it
        off, what there is stands. Raises `Failed`.
        """
        call: Call = yield asked
        if self.teacher.on_truncation is OnTruncation.EXTEND and cut_at_limit(call):
            max_tokens = asked.request.sampling.max_tokens
            twice = asked.request.sampling.model_copy(update={"max_tokens": max_tokens and 2 * max_tokens})
            longer: Call = yield AskModel(asked.request.model_copy(update={"sampling": twice}))
            call = longer if longer.ended is CallEnd.ANSWERED else call
        if reason := self._failure(call):
            raise Failed(reason)
        return call

    def _failure(self, call: Call) -> FailureReason | None:
        if call.ended is not CallEnd.ANSWERED:
            return FailureReason(call.ended.value)
        if call.finish_reason in CUT_OFF and self.teacher.on_truncation is OnTruncation.DROP:
            return FailureReason.TRUNCATED
        if call.finish_reason == "content_filter" and self.teacher.on_content_filter is Unwanted.DROP:
            return FailureReason.CONTENT_FILTER
        if call.refusal is not None and self.teacher.on_refusal is Unwanted.DROP:
            return FailureReason.DECLINED
        return None


def strategy_of(teacher: TeacherSettings, drafting: Drafting | None = None) -> Strategy:
    """Return the strategy that the settings name, under their policies."""
    found: type[Strategy] = STRATEGIES.load(teacher.strategy)
    return found(teacher, drafting) if drafting else found(teacher)


def flaw_of(strategy: type[Strategy]) -> str | None:
    """Return what keeps a strategy from being used, to follow the name of its class; None where nothing does."""
    prompts, version = getattr(strategy, "prompts", None), getattr(strategy, "version", None)
    if not isinstance(version, str):
        return f"has the version {version!r}; needs a text, to be raised when its attempts may come out otherwise"
    if not (isinstance(prompts, tuple) and prompts and all(isinstance(name, str) for name in prompts)):
        return f"has the prompts {prompts!r}; needs a tuple with the name of at least one shipped prompt"
    shipped = list(Prompts.model_fields)
    if unknown := [name for name in prompts if name not in shipped]:
        return f"has the prompt {unknown[0]!r}; needs one of {', '.join(shipped)} (your own texts stand in `steps`)"
    return None


def key_of(strategy: Strategy) -> tuple[str, ...]:
    """Return its key, with the package that it comes from and that one's version where it is not shipped."""
    package = STRATEGIES.package(strategy.teacher.strategy)
    return (*strategy.key, package) if package else strategy.key


def request_of(call: Call) -> Request:
    """Return the request of a call."""
    return Request(
        endpoint=call.endpoint,
        model=call.model_asked,
        messages=call.messages,
        sampling=call.sampling,
        sample_index=call.sample_index,
        fresh=call.fresh,
        extra_body=call.extra_body,
    )


def said(call: Call) -> Answer:
    """Return what came back in a call, as the text of a trace."""
    return Answer(text_of(call), call.finish_reason)
