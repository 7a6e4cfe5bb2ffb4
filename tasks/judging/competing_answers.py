"""Why the answer that was found may not be the one that was given, whatever a judge says of it."""
# ruff: noqa: RUF001

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Self

from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.correction import turns_between
from tasks.extraction.other_languages import announced_in_other_language
from tasks.extraction.stated_answers import find_stated
from tasks.extraction.vocabulary import any_of
from tasks.judging.verifiers import VERIFIERS
from tasks.parsing.grammar import Parsed

_ANNOUNCES = re.compile(r"[Aa]nswer|ANSWER|A[*_]{0,3} ?:|####|box|</answer>")
"""Every statement in English has one; looking for them costs a tenth of finding statements."""
_BETWEEN = re.compile(r"[.!?;,\n]|\b(?:or|and)\b")
_SYMBOL = re.compile(r"\W+")
_SPACE = re.compile(r"[\s$]+")
_OPERATION = re.compile(r"[\w)}\]!][-+*/^\u00d7\u00f7\u2212](?=[\w({\[\\])")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_LONGEST_POINTER = 200
_PLACES = "above earlier before previously below reasoning thinking explanation derivation working work steps box"
_POINTERS = """
    as see refer look read check per shown given stated explained computed calculated derived described mentioned found
    written boxed answer result solution
"""
_BESIDE = """
    the a my in at to of is are was it i have that this which please final so thus hence therefore and for full detailed
    complete already been just we you can you'll in-depth step by
"""
_POINTER, _PLACE = (re.compile(rf"\b(?:{any_of(words)})\b") for words in (_POINTERS, _PLACES))
_WORDS = re.compile(rf"(?:\b(?:{any_of(f'{_PLACES} {_POINTERS} {_BESIDE}')})\b|[\s.,:;!*_()-])+")
_ELSEWHERE = re.compile(
    r"""[\s*_(]*(?:(?:siehe|wie)\s(?:oben|vorstehend)(?:\s(?:gezeigt|beschrieben|berechnet|angegeben|erklärt))?
    | (?:voir|comme)\s(?:(?:montré|indiqué|expliqué|calculé)\s)?(?:ci-dessus|plus\shaut)
    | (?:ver|véase|como\sse\s(?:muestra|indica|explica)|como\s(?:mostrado|indicado|explicado))\s(?:arriba|acima)
    | (?:vedi|come\s(?:mostrato|indicato|spiegato))\ssopra | (?:см\.?|смотри(?:те)?|как\sпоказано)\sвыше
    | 如上(?:所示|所述)? | [见見]上(?:文|面)?(?:推理|分析|解答)? | 上記の(?:通り|とおり) | 위와\s같(?:다|습니다|이) )
    [\s.。*_)]*""",
    re.VERBOSE,
)


class AnswerContext(NamedTuple):
    """Of an answer that was found without a pattern: what else there is to look at."""

    output: str | None
    thinking: str | None
    question: str | None

    @classmethod
    def of(cls, response: str, parsed: Parsed, question: str | None) -> Self:
        output, thinking = (span.of(response) if span else None for span in (parsed.output, parsed.thinking))
        return cls(output, thinking, question)


def judge_in_context(
    kind: str, gold: str | None, answer: str | None, around: AnswerContext, judge: Callable[[str | None], Judgement]
) -> Judgement:
    """Return what `judge` says of the answer, unless the output states another with another verdict, states none or
    only that it stands elsewhere, or the answer is the question itself. Each of these is unverified.
    """
    if not VERIFIERS[kind].states_answers:
        return judge(answer)
    if answer is not None and around.question and echoes(kind, answer, around.question, gold or ""):
        return Judgement.of(Reason.QUESTION_ECHOED, answer)
    final = judge(answer)
    if final.verdict is Ruling.INCORRECT and points_elsewhere(answer or ""):
        final = judge(None)
    if final.reason is Reason.NO_ANSWER:
        thought = find_stated(around.thinking or "")
        evidence = (around.thinking or "")[slice(*thought[-1])] if thought else None
        return Judgement.of(Reason.ANSWER_IN_THINKING, None, evidence) if thought else final
    if final.verdict is not Ruling.UNVERIFIED and around.output:
        for rival in competing_answers(kind, around.output):
            if judge(rival).verdict not in (final.verdict, Ruling.UNVERIFIED):
                return Judgement.of(Reason.SEVERAL_ANSWERS, answer, f"also {rival}")
    return final


def competing_answers(kind: str, output: str) -> list[str]:
    """Return what the output states as an answer before its last one, each once, unless the text takes it back;
    `Answer: the answer is 5` states one.
    """
    announced = len(_ANNOUNCES.findall(output)) + len(announced_in_other_language(output))
    stated = find_stated(output) if announced > 1 else []
    apart = [
        (start, end)
        for (start, end), (following, _) in pairwise(stated)
        if _BETWEEN.search(output, end, following)
        and not turns_between(output, end, following)
        and not VERIFIERS[kind].labels(output, start)
    ]
    return list(dict.fromkeys(output[start:end] for start, end in apart))


def echoes(kind: str, answer: str, question: str, gold: str) -> bool:
    """Return whether the answer is the question, or, for numbers and mathematics, an expression copied from it. The
    gold never is.
    """
    copied = _SPACE.sub("", answer)
    worked_out = _OPERATION.search(copied) is None or _PROSE.search(answer) is not None
    if worked_out and 2 * len(answer) < len(question):
        return False
    said, asked, right = (_SYMBOL.sub("", text).casefold() for text in (answer, question, gold))
    if said == right:
        return False
    if said and said == asked:
        return True
    if worked_out or not VERIFIERS[kind].works_out:
        return False
    return copied in _SPACE.sub("", question) and copied != _SPACE.sub("", gold)


def points_elsewhere(answer: str) -> bool:
    """Return whether an answer only says that it stands elsewhere, as `See my reasoning.`; `above` alone may be one."""
    if len(answer) > _LONGEST_POINTER:
        return False
    said = answer.casefold()
    if _ELSEWHERE.fullmatch(said):
        return True
    return _WORDS.fullmatch(said) is not None and bool(_PLACE.search(said) and _POINTER.search(said))
