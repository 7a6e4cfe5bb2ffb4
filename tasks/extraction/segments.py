"""The drafts, checks and corrections in what a model thought, by how they begin and how they end. Pure.

A second look begins with a sentence that turns back (`Wait, …`, `Actually, …`, `No, that's not right`) or that goes
over the work (`Let me check …`, `To verify, …`), and ends with the first sentence that says what came of it, else with
its paragraph. All else is draft.
"""
# ruff: noqa: RUF001

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from tasks.extraction.correction import AFFIRMS_ABROAD, TURN_ABROAD
from tasks.extraction.stated_answers import find_stated


class SegmentKind(StrEnum):
    DRAFT = "draft"
    CHECK = "check"
    """A second look that leaves the answer as it was."""
    CORRECTION = "correction"
    """One that states another answer than the one before it, or says that something was wrong."""


class Segment(NamedTuple):
    part: SegmentKind
    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


_LEAD = (
    r"(?:(?:but|and|so|oh|ah|hmm+|okay|ok|well|now|yes|yeah|right|however|also|just|alternatively)\b[\s,.…!—–-]*){0,3}"
)
_CUE = re.compile(
    rf"""[\s*_>"'“(-]*{_LEAD}(?:
      (?:wait|hold\ on|hang\ on)\b | actually,? | (?:no|nope)\s*[,.!—–-] | w?h?oops\b | scratch\ that | my\ mistake
      | on\ second\ thought | I\ (?:made|see)\ (?:an?\ |my\ )(?:\w+\ )?(?:mistake|error) | I\ mis\w+
      | (?:that|this|it)(?:['’]s|\ is|\ was|\ seems|\ can['’]t\ be|\ doesn['’]t\ (?:seem|look))
        \ (?:not\ |n['’]t\ )?(?:right|correct|wrong|incorrect|off|a\ mistake)\b(?=[.?!,;:—–-])
      | (?:let\ me|let['’]s|I(?:['’]ll|\ (?:will|should|can|need\ to|want\ to|have\ to))?|maybe\ I\ should|we\ (?:can
        |should))
        \ (?:just\ |also\ |quickly\ |now\ )?(?:(?:double|cross|sanity)[- ]?check|re-?\w*(?:check|read|verif|calculat
          |comput|count|examin|consider|evaluat|think|do)\w* | verify | confirm | make\ sure | check | test | validate
          | go\ (?:over|through)\ (?:this|that|it|each|the\ \w+)\ (?:again|once\ more|one\ more\ time)
          | try\ (?:again|another\ way) | look\ (?:at\ (?:this|that|it|the\ \w+)\ )?again)\b
          (?!\ (?:each|all|every|if|whether|what|which|how|(?:the\ |these\ |those\ )?(?:other\ |given\ 
            |remaining\ )?(?:option|choice|statement)s?)\b
            (?![^.:\n]*\bagain\b))
      | (?:to|just\ to)\ (?:double[- ]?check|verify|confirm|check|be\ (?:sure|safe|certain)|make\ sure)\b
      | (?:double-?|cross-?|re)?check(?:ing)?\ (?:this|that|it|again|with|by|my|the\ (?:answer|result|calculation))\b
      | verif(?:ying|ication)\b | is\ (?:that|this|it)\ (?:right|correct)\? | did\ I\b | am\ I\ sure\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CHECK_ABROAD = re.compile(
    r"""[\s*_>"'“(-]*(?:
      (?:déjame|vamos\sa|voy\sa)\s(?:re)?(?:verific|comprob|revis)\w+ | (?:verifi|comprob|revis)(?:quemos|emos)
      | (?:je\s(?:vais|dois)\s|laissez-moi\s)?(?:re)?vérifi(?:er|ons) | pour\svérifier
      | (?:lass\smich|ich|wir)\s(?:das\s)?(?:\w+\s)?(?:überprüf|prüf|nachrechn|kontrollier)\w* | (?:über)?prüfen\swir
      | zur\skontrolle
      | (?:deixe-me|vamos)\s(?:verific|confer)\w+ | (?:fammi|verifichiamo|controlliamo|ricontroll)\w*
      | (?:давайте?\s)?(?:пере)?провер(?:им|ю|ка|ить)\w* | (?:перевір)\w+ | sprawdź\w* | kontrol\sed\w+
      | (?:让我|我)?(?:再|来|重新)?(?:检查|验证|确认|核对|验算|检验)(?:一下|一遍)?
      | (?:確認|検算|検証|見直)し? | 다시\s?확인 | 검산 | 확인해
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_HOLDS = re.compile(
    r"""\b(?:(?:that|this|it|which|everything|all)\ (?:\w+\ ){0,2}(?:checks?\ out|makes\ sense|adds\ up|works(?:\ out)?
      |holds(?:\ up)?|match(?:es)?|fits)
      | (?:seems|looks|is|was|are|['’]s)\ (?:(?!not\b|n['’]t\b)\w+\ )?(?:right|correct|consistent|fine|good)
        (?!\ (?:answer|option|choice))
      | I(?:['’]m|\ am)\ (?:\w+\ )?(?:confident|sure|certain) | (?:no|not\ any)\ (?:mistakes?|errors?)
      | same\ (?:result|answer)
      | confirm(?:s|ed) | as\ (?:before|expected))\b | ^\W*(?:yes|yep|yeah|right|good|great|okay\ good)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_WRONG = re.compile(
    r"""\b(?:(?:not|n['’]t|in)\s?(?:be\ |quite\ |seem\ |look\ )?(?:right|correct) | wrong
      | mis(?:take|read|calculat|count|took)\w*
      | error | overlooked | forgot | I\ (?:missed|confused|mixed) | oops | should\ (?:be|have\ been)\b.{1,80}\bnot)\b
      | ^\W*(?:\w+,?\ ){0,2}no\b(?=\s*[,.!—–-])""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIED = re.compile(r"\b(?:no|not|n['’]t|any|without)\s(?:\w+\s){0,3}(?:error|wrong|mis\w+)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?:[.!?…](?=[\"'”’)\]*_]*\s)[\"'”’)\]*_]*|[。！？]+[”’」』）]*)[^\S\n]*\n*|\n+")
_FENCED = re.compile(r"```[\s\S]*?(?:```|\Z)|\$\$[\s\S]*?\$\$|\\\[[\s\S]*?\\\]")
_ABBREVIATED = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e|approx|No)|\n\s*\d{1,2})\.\Z")
_OPEN = re.compile(r"[:：]\s*\Z")
_ENGLISH = re.compile(r"\b(?:the|is|so|of|and|to|that|a)\b", re.IGNORECASE)
_ENGLISH_SHARE = 0.08
"""Of the words of an English text, at least, these are so many."""
_LEAST = 24
"""Characters of a second look; a shorter one, such as `Wait, no.`, goes on with what follows it."""
_ANNOUNCES = 72
"""Characters of a sentence that, alone in its paragraph, says only that a second look follows."""
_TURNS = 160
"""Characters of a second look in which it says that something was wrong, rather than that something else would be."""
_CONCLUDES = re.compile(r"\W*(?:so|yes|yep|therefore|thus|hence|right|good|great)\b", re.IGNORECASE)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the ranges of its sentences, each with the white space behind it; together they are all of the text.
    Fenced code and displayed formulas are parts of one.
    """
    fenced = [found.span() for found in _FENCED.finditer(text)]
    begins = [start for start, _ in fenced]

    def is_fenced(at: int) -> bool:
        n = bisect_left(begins, at)
        return n > 0 and at < fenced[n - 1][1]

    ends = [
        found.end()
        for found in _SENTENCE_END.finditer(text)
        if not is_fenced(found.end())
        and not (found[0][0] == "." and _ABBREVIATED.search(text[max(0, found.start() - 8) : found.start() + 1]))
    ]
    return [(start, end) for start, end in pairwise([0, *ends, len(text)]) if start < end]


def segments(text: str) -> list[Segment]:
    """Split a text into drafts, checks and corrections, in order; together they are all of the text, character for
    character.
    """
    reader = _Reader(text)
    return list(_with_drafts([Segment(reader.part(*look), *look) for look in reader.looks()], len(text)))


class _Reader:
    """What the sentences of one text do."""

    def __init__(self, text: str) -> None:
        self._text, self._units = text, sentences(text)
        self._stated = find_stated(text)
        self._ends = [end for _, end in self._stated]
        words = text.split(maxsplit=400)[:400]
        self._abroad = len(_ENGLISH.findall(" ".join(words))) < _ENGLISH_SHARE * len(words)

    def looks(self) -> Iterator[tuple[int, int]]:
        """The ranges of the second looks; none before something was said that could be looked at."""
        units = self._units
        at = next((i for i, (start, end) in enumerate(units) if self._text[start:end].strip()), len(units)) + 1
        while at < len(units):
            if not self._begins(at):
                at += 1
                continue
            last = self._last(at)
            yield units[at][0], units[last][1]
            at = last + 1

    def part(self, start: int, end: int) -> SegmentKind:
        """Of a second look."""
        n = bisect_right(self._ends, start)
        now = self._answer(start, end)
        if n and now is not None:
            return (
                SegmentKind.CHECK
                if _plain(self._text[slice(*self._stated[n - 1])]) == _plain(now)
                else SegmentKind.CORRECTION
            )
        opening = _DENIED.sub("", self._text[start : min(end, start + _TURNS)])
        return SegmentKind.CORRECTION if _WRONG.search(opening) else SegmentKind.CHECK

    def _answer(self, start: int, end: int) -> str | None:
        """The last one that is stated there."""
        n = bisect_right(self._ends, end)
        return self._text[slice(*self._stated[n - 1])] if n and self._stated[n - 1][0] >= start else None

    def _begins(self, at: int) -> bool:
        start, end = self._units[at]
        if _CUE.match(self._text, start, end) or _CHECK_ABROAD.match(self._text, start, end):
            return True
        return self._abroad and TURN_ABROAD.match(self._text[start:end].lstrip()) is not None

    def _last(self, first: int) -> int:
        """The last sentence of the second look that begins with the `first`."""
        text, begin = self._text, self._units[first][0]
        for i, (start, end) in enumerate(self._units[first:], start=first):
            if end - begin < _LEAST:
                continue
            holds = i > first and (_HOLDS.search(text[start:end]) or AFFIRMS_ABROAD.search(text, start, end))
            if holds or self._answer(start, end) is not None:
                return i + self._goes_on_concluding(i)
            if (
                self._ends_paragraph(i)
                and not (i == first and end - start < _ANNOUNCES)
                and not _OPEN.search(text, start, end)
            ):
                return i
        return len(self._units) - 1

    def _ends_paragraph(self, at: int) -> bool:
        start, end = self._units[at]
        return "\n" in self._text[start + len(self._text[start:end].rstrip()) : end]

    def _goes_on_concluding(self, at: int) -> bool:
        """Whether the next sentence of the paragraph states, too, what came of it."""
        if at + 1 == len(self._units) or self._ends_paragraph(at):
            return False
        start, end = self._units[at + 1]
        says = self._answer(start, end) is not None or _HOLDS.search(self._text[start:end]) is not None
        return says and _CONCLUDES.match(self._text, start, end) is not None


def _plain(answer: str) -> str:
    return re.sub(r"[\s$*.,]", "", answer).casefold()


def numbered(text: str) -> str:
    """Write the sentences of a text, each on a line of its own behind its number, for a model that is to say where
    segments are.
    """
    return "\n".join(
        f"[{number}] {' '.join(text[start:end].split())}"
        for number, (start, end) in enumerate(sentences(text), start=1)
    )


_LINE = re.compile(r"^\W*(\d+)(?:\s*[-–—]\s*(\d+))?\W+(check|correction)\b", re.MULTILINE | re.IGNORECASE)


def read_segments(text: str, reply: str) -> list[Segment] | None:
    """Return the segments that a model names by the numbers of sentences, such as `4-6 check`; None where it names
    none, or some that are not there, that overlap or that come before all draft.
    """
    units, named = sentences(text), []
    for line in _LINE.finditer(reply):
        first, last = int(line[1]), int(line[2] or line[1])
        if not 2 <= first <= last <= len(units):
            return None
        named.append(Segment(SegmentKind(line[3].lower()), units[first - 1][0], units[last - 1][1]))
    named.sort(key=lambda segment: segment.start)
    if not named or any(a.end > b.start for a, b in pairwise(named)):
        return None
    return list(_with_drafts(named, len(text)))


def _with_drafts(looks: Sequence[Segment], length: int) -> Iterator[Segment]:
    end = 0
    for look in looks:
        if end < look.start:
            yield Segment(SegmentKind.DRAFT, end, look.start)
        yield look
        end = look.end
    if end < length:
        yield Segment(SegmentKind.DRAFT, end, length)
