"""word_sorting: words in the order of their characters' codes, capitals before small letters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from random import Random
from types import MappingProxyType

from tasks.practice.problem import Slip
from tasks.practice.worked import Pen, Text, Worked
from tasks.wording import say

_QUESTION = re.compile(r"sort these words in (ascending|descending) order[^:\n]*:\s*(\w+(?:,\s*\w+)*)\s*\Z", re.I)
_CUT = re.compile(r", (?:as|because|but|instead|not|rather|right|since|so|where|which)\b", re.I)
"""What seems to end the statement of an answer: `the answer is and, but, cat`."""
_TALK = re.compile(
    r"(?:based|clear|confirmed|consistent|correct|expected|found|given|incorrect|not|obtained|plausible|reasonable"
    r"|required|right|supposed|unclear|verified|what|whatever|wrong|again|actually|certainly|clearly|definitely"
    r"|indeed|just|now|probably|really|simply|still|then|therefore|thus|because|since)\b",
    re.I,
)
"""What seems to be talk of an answer: `the answer is given, …`, `the answer is again, …`."""

PICKING, INSERTING, GROUPING = range(3)

PICKS = (
    "[Pick|I pick|Picking] the {extreme} word [again and again|each time|of what is left]:",
    "[One after the other|In turn], always the {extreme} [that is left|one]:",
    "[Which word is|What is] {extreme}, and [which|what] [is next|comes after it]?",
)
INSERTS = (
    "[Insert|I put|Putting] each word [into its place|where it belongs][, one by one|]:",
    "[Building|I build] the list [up|word by word]:",
    "[Start|I start] with {start}[ and add the others|]:",
)
GROUPS = (
    "[By|Grouped by|Sorted by] first [character|letter]:",
    "[First characters|Initials] decide most of it[:|; here are the groups:]",
    "[Group|I group] [them|the words] by [how they begin|their initial]:",
)
JOINED = ("[Put together|All in all|In a row]: {order}.", "[That gives|So the order runs] {order}.", "")

CHANGES = (
    "[Wait|Hold on|Hmm|Actually], [with|for|about] {what}: I had {was}, [but it is|it should be] {now}.",
    "[The step|The part] with {what} [bothers me|looks off]. [Character by character|By the codes], {now} is right,"
    " [not {was}|{was} was wrong].",
    "[Let me|I should|I'll] [redo|look again at] {what}. [I find|It comes out as] {now}[, not {was}|; before, {was}].",
    "[Comparing|Compared] once more, {what} is {now}, not {was}[. I slipped there|. Careless|].",
)
STANDS = (
    "[Wait|Hmm|Hold on], {what}[...|:] {now}. [Right|Fine|That is what I had].",
    "[Let me|I should|I want to] [double-check|look again at] {what}. [Comparing codes|Character by character], {now}"
    "[ again|, as before|].",
    "[I am least sure of|The easiest place to slip is] {what}. [Once more|Slowly]: {now}. [Good|That is right].",
    "[Is|Was] {what} really {now}? [Yes|It is].",
)


@dataclass(frozen=True)
class Words(Worked):
    words: tuple[str, ...]
    descending: bool

    WAYS = 3
    FORMS = MappingProxyType(
        {
            "pick": ("{value}", "{value} [comes next|next]", "then {value}", "{value}, {left} left", "{value}"),
            "insert": ('"{word}": {value}', "[with|adding] {word}, {value}", "{value}", '"{word}" goes in: {value}'),
            "group": ('"{initial}": {value}', '[with|under] "{initial}", {value}', "{value}", '"{initial}" → {value}'),
        }
    )
    OPENINGS = (
        "[I need|We want|To find:] [these words|the list] in {direction} order[, capitals first by their codes|].",
        "[Okay|Right|So|Alright], {k} words[, {direction} order| to sort].",
        "[ASCII|By character code], [so A to Z come before a to z|every capital is smaller than any small letter].",
        "[Let me|I'll|Let's] [sort|order] {listed}.",
        "[The words|Given]: {listed}. [The order is to be|Wanted:] {direction}.",
        "{k} words[ are to be sorted| to put in order], [and the order is {direction}|{direction}].",
        "[Compare|Comparing] character by character[; case matters here|, where capitals are smaller].",
    )
    RECHECKS = (
        "[Going through|Reading] {answer} [again|once more]: [each pair is in order|it looks sorted].",
        "[All|Are all] {k} words [there|present]? [Yes|It seems so|I count them, yes].",
        "[Capitals|The capitals] [are where they belong|come where their codes put them][, I think|].",
        "[The ends|First and last]: {ends}. [Plausible|Fine|That fits].",
        "[A second|Another] pass over the {k} words [changes nothing|gives the same order].",
    )
    GISTS = (
        "[In {direction} order|Sorted]: {answer}",
        "[The {k} words|The words] in {direction} order[, by character code|]:\n{answer}",
        "[Sorted|Ordered] [by ASCII codes|character by character], [the list reads|they are] {answer}.",
        "[Capitals|Upper case] before lower case, [which|and that] [gives|makes] {answer}.",
    )

    @property
    def difficulty(self) -> float:
        alike = sum(a[0] == b[0] for a, b in zip(self._order, self._order[1:], strict=False))
        return min(1.0, (len(self.words) + 2 * alike) / 20)

    @property
    def names(self) -> Mapping[str, object]:
        direction, extreme = ("descending", "largest") if self.descending else ("ascending", "smallest")
        names = {"listed": ", ".join(self.words), "k": len(self.words), "direction": direction, "extreme": extreme}
        return names | {"ends": f"{self._order[0]} and {self._order[-1]}"}

    @property
    def _order(self) -> list[str]:
        return sorted(self.words, reverse=self.descending)

    def solve(self, way: int, pen: Pen) -> str:
        order = (self._picked, self._inserted, self._grouped)[way](pen)
        if way == GROUPING:
            pen.remark(JOINED, order=", ".join(order))
        listed = ", ".join(order)
        return ",".join(order) if _CUT.search(listed) else listed

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        return say(rng, STANDS if was == now else CHANGES, what=slip.what, was=was, now=now)

    def _slips(self, rng: Random, way: int) -> Iterator[Slip]:
        return (slip for slip in super()._slips(rng, way) if not _TALK.match(slip.answer))

    def _picked(self, pen: Pen) -> list[str]:
        """The smallest that is left, each time; instead of it the next one that begins like it, or any next one."""
        left, picked = self._order, list[str]()
        pen.remark(PICKS)
        while left:
            near = [i for i in range(1, min(3, len(left))) if left[i] != left[0]]
            alike = [i for i in near if left[i][0].lower() == left[0][0].lower()]
            mistakes = [Text(i, f'"{left[i]}"') for i in alike or near[:1]]
            what, names = f"pick number {len(picked) + 1}", {"left": len(left) - 1}
            at = pen.compute(what, Text(0, f'"{left[0]}"'), "pick", mistakes, **names)
            picked.append(left.pop(int(at)))
        return picked

    def _inserted(self, pen: Pen) -> list[str]:
        """Each word into the list so far; mistaken, one place off."""
        first, *rest = self.words
        placed = [first]
        pen.remark(INSERTS, start=f'"{first}"')
        for word in rest:
            right = sum((other >= word) if self.descending else (other <= word) for other in placed)
            places = [at for at in (right - 1, right + 1) if 0 <= at <= len(placed)]
            lists = {at: ", ".join([*placed[:at], word, *placed[at:]]) for at in (right, *places)}
            mistakes = [Text(at, lists[at]) for at in places]
            at = int(pen.compute(f'the place of "{word}"', Text(right, lists[right]), "insert", mistakes, word=word))
            placed.insert(at, word)
        return placed

    def _grouped(self, pen: Pen) -> list[str]:
        """By initial, then each group; mistaken, two neighbours of a group stand the wrong way round."""
        order: list[str] = []
        pen.remark(GROUPS)
        for initial, group in groupby(self._order, key=lambda word: word[0]):
            words = list(group)
            swaps = [[*words[:i], words[i + 1], words[i], *words[i + 2 :]] for i in range(len(words) - 1)]
            lists = [words, *swaps]
            texts = [Text(i, ", ".join(listed)) for i, listed in enumerate(lists)]
            what = f'the group "{initial}"'
            order += lists[pen.compute(what, texts[0], "group", texts[1:], initial=initial)]
        return order


def read(question: str) -> Words | None:
    """None also where there is nothing to sort, or no sentence could state the sorted list."""
    found = _QUESTION.search(question)
    words = tuple(re.split(r",\s*", found[2])) if found else ()
    if not found or len({word for word in words if not _TALK.fullmatch(word)}) < 2:
        return None
    problem = Words(words, found[1].lower() == "descending")
    return None if _TALK.match(problem.answer) else problem
