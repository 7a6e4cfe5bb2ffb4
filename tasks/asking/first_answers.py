"""What the first answers of a run show to be wrong, and what to set; and which model gives them."""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from threading import Lock

from schemas.call import Call, CallEnd, Message, Outcome
from schemas.teacher import SamplingKey, TeacherSettings
from schemas.trace import Structure
from tasks.asking.call_outcome import CallOutcome
from tasks.asking.completion import cut_at_limit, mapping, parsed
from tasks.asking.structured import text_of
from tasks.parsing.grammar import STOPPED, parse

ENOUGH = 10
"""Answers that something is said after; fewer where a run has no more."""
_MANY = 0.2
"""The part of them that is no accident."""
_LONG = 80
"""Characters that two samples do not have in common by chance."""
_OVERFLOW = re.compile(r"context|n_ctx|too long|maximum.{0,20}(?:length|tokens)|exceeds?\b", re.IGNORECASE)
_LOG = logging.getLogger("reflectory")


def warn(line: str) -> None:
    """Say what is wrong and stops nothing, to whoever listens to the logger `reflectory`; else on standard error."""
    _LOG.warning(line)


class FirstAnswers:
    """Hears of all outcomes of a run, and says each thing once. Threads may share one."""

    def __init__(
        self, teacher: TeacherSettings, tagged: Container[str] = (), say: Callable[[str], None] = warn
    ) -> None:
        """`tagged`: the call_ids of those calls whose answers are to have the tags of a trace."""
        self._teacher, self._tagged, self._say = teacher, tagged, say
        self._first: list[Outcome] = []
        self._is_told = False
        self._models: dict[str, None] = {}
        self._several = False
        self._hearing = Lock()

    def hear(self, outcomes: Sequence[Outcome]) -> None:
        with self._hearing:
            for call in (outcome.call for outcome in outcomes):
                if call and call.ended is CallEnd.ANSWERED:
                    self._hear_model(call)
                    if not self._is_told:
                        self._hear_choices(call)
            if not self._is_told:
                self._first += outcomes
                if len(self._first) >= ENOUGH:
                    self._tell()

    def close(self) -> None:
        """Say what is known of a run that had too few answers."""
        with self._hearing:
            if self._first and not self._is_told:
                self._tell()

    def _tell(self) -> None:
        self._is_told = True
        for line in diagnose(self._first, self._teacher, self._tagged):
            self._say(line)

    def _hear_model(self, call: Call) -> None:
        name = call.model_answered
        if name is None or name in self._models:
            return
        if self._models:
            self._say(
                f"the endpoint answers as {name!r} now, after {list(self._models)[-1]!r}; calls keep which gave each"
            )
        elif name != call.model_asked:
            self._say(f"the endpoint answers as {name!r} to the model {call.model_asked!r}; calls keep both")
        self._models[name] = None

    def _hear_choices(self, call: Call) -> None:
        if not self._several and (n := _n_choices(call)) > 1:
            self._several = True
            self._say(
                f"the endpoint gives {n} choices for the one that was asked for: the first is read, and its usage may"
                " count one of them only"
            )


def diagnose(outcomes: Sequence[Outcome], teacher: TeacherSettings, tagged: Container[str]) -> Iterator[str]:
    """Yield a line for each thing that goes wrong often among `outcomes`, with what to set."""
    n, calls = len(outcomes), [outcome.call for outcome in outcomes if outcome.call]
    refused = [call.error or "" for call in calls if call.ended is CallEnd.REFUSED]
    if refused:
        yield f"{len(refused)} of {n} calls were refused: {_most(refused)}{advice_on_refusal(_most(refused), teacher)}"
    unreadable = [call.error or "" for call in calls if call.ended is CallEnd.UNREADABLE]
    if unreadable:
        yield f"{len(unreadable)} of {n} answers are unreadable: {_most(unreadable)}"
    late = sum((outcome.pending or "").startswith(CallOutcome.DEADLINE) for outcome in outcomes)
    if late >= _MANY * n:
        yield (
            f"{late} of {n} answers were not whole within teacher.timeout_s = {teacher.timeout_s:g}: raise it, or lower"
            " teacher.max_in_flight to what the server answers at once"
        )
    answered = [call for call in calls if call.ended is CallEnd.ANSWERED]
    yield from _cut(answered, teacher)
    yield from _alike(answered)
    yield from _form([call for call in answered if call.call_id in tagged])


def advice_on_refusal(error: str, teacher: TeacherSettings) -> str:
    """Return what to set, by the words of a refusal, as a sentence to go on with; empty where they name nothing of
    ours.
    """
    if _OVERFLOW.search(error):
        return ". Where the window is too small, lower teacher.max_tokens, or shorten the prompt and the questions"
    named = [key.value for key in SamplingKey if teacher.sends(key) and re.search(rf"\b{key.value}\b", error)]
    if {SamplingKey.TEMPERATURE.value, SamplingKey.TOP_P.value} <= set(named):
        named.remove(SamplingKey.TEMPERATURE.value)  # refused beside each other: one of them is enough
    if not named:
        return ""
    body = ", and teacher.extra_body.max_completion_tokens" if SamplingKey.MAX_TOKENS.value in named else ""
    return f". Set teacher.omit = {json.dumps(sorted({*named, *teacher.omit}))}{body}"


def _cut(answered: Sequence[Call], teacher: TeacherSettings) -> Iterator[str]:
    cut = [call for call in answered if call.finish_reason == "length"]
    at_limit = sum(cut_at_limit(call) for call in cut)
    if at_limit and at_limit >= _MANY * len(answered):
        limit = "" if teacher.max_tokens is None else f" at teacher.max_tokens = {teacher.max_tokens}"
        yield (
            f"{at_limit} of {len(answered)} answers were cut off{limit}: raise it, or set"
            " teacher.on_truncation = 'extend'"
        )
    in_window = len(cut) - at_limit
    if in_window and in_window >= _MANY * len(answered):
        yield (
            f"{in_window} of {len(answered)} answers were cut off by the model's window: give the server a larger one,"
            " or shorten the prompt"
        )


def _alike(answered: Sequence[Call]) -> Iterator[str]:
    """Of what was asked several times above temperature 0 and is too long to come out the same by chance."""
    texts: dict[Sequence[Message], list[str]] = {}
    for call in answered:
        text = f"{call.reasoning or ''}{call.content or ''}"
        if call.sampling.temperature and len(text) >= _LONG:
            texts.setdefault(call.messages, []).append(text)
    several = [each for each in texts.values() if len(each) > 1]
    alike = [each for each in several if len(set(each)) == 1]
    if alike and 2 * len(alike) > len(several):
        yield (
            f"{len(alike)} of {len(several)} questions got one and the same text for each of their samples: the server"
            " does not sample, or answers from a cache. Turn that off there (transformers serve samples only where the"
            " model's generation_config.json has do_sample), or set teacher.samples = 1"
        )


def _form(answered: Sequence[Call]) -> Iterator[str]:
    """Of what was not cut off."""
    whole = [call for call in answered if call.finish_reason not in STOPPED]
    parsed = [parse(text_of(call)) for call in whole]
    formed = sum(each.structure is Structure.OK for each in parsed)
    if 2 * formed < len(parsed):
        defect = _most([each.structure.value for each in parsed if each.structure is not Structure.OK])
        yield (
            f"{formed} of {len(parsed)} answers are well-formed, most others are {defect}: try teacher.examples, or"
            " teacher.structured where the server takes a grammar or a schema"
        )


def _most(texts: Sequence[str]) -> str:
    return Counter(texts).most_common(1)[0][0]


def _n_choices(call: Call) -> int:
    choices = mapping(parsed(call.raw_response)).get("choices")
    return len(choices) if isinstance(choices, list) else 0
