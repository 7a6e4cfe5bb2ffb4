"""number_filtering: the numbers of a list that lie on one side of a limit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from random import Random
from types import MappingProxyType

from tasks.practice.problem import Slip
from tasks.practice.worked import Pen, Text, Worked
from tasks.wording import say

_NUMBER = r"-?\d+(?:\.\d+)?"
_QUESTION = re.compile(
    rf"(keep|remove) all numbers (larger|greater|smaller|less) than ({_NUMBER}) in this list:\s*"
    rf"(\[\s*'?{_NUMBER}'?(?:,\s*'?{_NUMBER}'?)*\s*\])",
    re.I,
)

EVERY, KEPT_ONLY = range(2)
"""What the way tells of: each number, or those that stay."""

CHANGES = (
    "[Wait|Hold on|Hmm|Actually], {number} is {side} {limit}, [so it {verb}|not {other} it][, which I had wrong|].",
    "[Let me|I should|I'll] [recheck|look again at] {number}. [It is|That is] {side} {limit},"
    " so it {verb}[. I had that the other way round|; that was a mistake|].",
    "{number} [bothers me|looks off]. [On the number line|Carefully], it is {side} {limit}[:|, so] it {verb}.",
    "[Did I get|Was] {number} right? No, it is {side} {limit} and {verb}.",
)
STANDS = (
    "[Wait|Hmm|Hold on], {number}[...|:] {side} {limit}, so it {verb}. [Right|Fine|That is what I had].",
    "[Let me|I should|I want to] [double-check|recheck] {number}: {side} {limit}, so it {verb}[ indeed|, as before|].",
    "[I am least sure of|The closest call is] {number}. [Once more|Slowly]: {side} {limit}. It {verb}.",
    "[Is|Was] {number} really {side} {limit}? [Yes|It is].",
)


@dataclass(frozen=True)
class Filter(Worked):
    numbers: tuple[str, ...]
    limit: str
    larger: bool
    """Whether the question is about the larger numbers."""
    keep: bool
    """Whether it keeps them."""
    quote: str

    WAYS = 2
    FORMS = MappingProxyType(
        {
            "stays": (
                "{number}[: stays| stays]",
                "{number} → keep",
                "{number} ({value} it): in",
                "{number} is {value} {limit}, [keep|stays]",
                "{number} ✓",
            ),
            "goes": (
                "{number}[: goes| goes]",
                "{number} → [out|drop]",
                "{number} ({value} it): out",
                "{number} is {value} {limit}, [drop|goes]",
                "{number} ✗",
            ),
            "unsaid": ("",),
        }
    )
    OPENINGS = (
        "[I need|We want|The task is] to {task} [what|whatever|everything that] is {asked} than {limit}.",
        "[Okay|Right|So|Alright], the limit is {limit}[, and larger means further right|].",
        "[Let me|I'll|Let's] [go through|check] the {k} numbers [one by one|in order].",
        "[Compare|Comparing] each [number|entry] with {limit}[; what is {asked} {fate}|].",
        "[With negative numbers|For signs], [care is needed|larger means nearer to plus infinity].",
        "{k} numbers[ to check|], [limit|against] {limit}.",
        "[What is|Numbers] {asked} than {limit} {fate}[, the rest {rest}|].",
    )
    CLOSINGS = (
        "",
        "[So|Then] {answer} [is left|remains].",
        "[What is left|Remaining]: {answer}.",
        "[The new list|In order]: {answer}.",
    )
    RECHECKS = (
        "[Going over|Scanning] the list again[, with {limit} in mind|]: {answer} [once more|again].",
        "[Every entry of|Each number in] {answer} [passes|meets the condition][, I think|. Yes|].",
        "[The order|The original order] is kept[, and nothing is written differently|: {answer}|].",
        "[Did I drop|Is there] one too many in {answer}? [I don't think so|No].",
        "[The signs|Negative ones] again: [nothing changes|all as before|fine].",
    )
    GISTS = (
        "[Compared with|Against] {limit}, [what stays is|this remains:] {answer}",
        "[The new list|The list] [comes to|becomes] {answer}.",
        "[Of the {k} numbers|From the list], {answer} [remains|is left].",
        "With the numbers {asked} than {limit} {done}: {answer}",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, sum(len(number) for number in self.numbers) / 80)

    @property
    def names(self) -> Mapping[str, object]:
        asked = "larger" if self.larger else "smaller"
        task, done, fate, rest = (
            ("keep", "kept", "stays", "goes") if self.keep else ("remove", "removed", "goes", "stays")
        )
        names = {"limit": self.limit, "k": len(self.numbers), "asked": asked, "task": task, "done": done}
        return {**names, "fate": fate, "rest": rest}

    def solve(self, way: int, pen: Pen) -> str:
        kept = []
        for number in self.numbers:
            right, wrong = self._sides(number)
            kind, names = partial(_kind, way), {"number": number, "limit": self.limit}
            if pen.compute(number, right, kind, [wrong] if number in self._close else [], **names):
                kept.append(number)
        return f"[{', '.join(f'{self.quote}{number}{self.quote}' for number in kept)}]"

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        names = {"number": slip.what, "limit": self.limit, "verb": "stays" if now else "goes"}
        return say(rng, STANDS if was == now else CHANGES, side=now, other=was, **names)

    def _sides(self, number: str) -> tuple[Text, Text]:
        """Where the number lies and where it may seem to lie: 1 where it stays for it, and 0."""
        value, limit = Decimal(number), Decimal(self.limit)
        lies = "above" if value > limit else "below" if value < limit else "equal to"
        asked, unasked = ("above", "below") if self.larger else ("below", "above")
        stays = int((lies == asked) == self.keep)
        return Text(stays, lies), Text(1 - stays, unasked if lies == asked else asked)

    @property
    def _close(self) -> list[str]:
        """The half of the numbers that is closest to the limit, when a sign may be overlooked."""
        limit = abs(Decimal(self.limit))
        by_distance = sorted(self.numbers, key=lambda number: abs(abs(Decimal(number)) - limit))
        return by_distance[: (len(self.numbers) + 1) // 2]


def _kind(way: int, stays: int) -> str:
    return "stays" if stays else "unsaid" if way == KEPT_ONLY else "goes"


def read(question: str) -> Filter | None:
    """None also where a number is written in two ways: reasoning-gym wants the first one for both."""
    found = _QUESTION.search(question)
    if not found:
        return None
    verb, asked, limit, listed = found.groups()
    numbers = tuple(re.findall(_NUMBER, listed))
    if len(set(map(Decimal, numbers))) < len(set(numbers)):
        return None
    larger = asked.lower() in ("larger", "greater")
    return Filter(numbers, limit, larger, verb.lower() == "keep", "'" * ("'" in listed))
