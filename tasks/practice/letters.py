"""letter_counting: how often a letter occurs in a text."""

import re
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tasks.practice.problem import Slip
from tasks.wording import in_words, say, times

_QUESTION = re.compile(r'letter "(\w)" appear in the text: "([^"]+)"')

OPENINGS = (
    '[Okay, |Alright, |So, |]I [need|have|want] to count [how often|how many times] "{letter}"'
    " [occurs|appears|shows up]"
    " [here|in this text|in the given text].",
    "[Let me|I'll|Let's] [go through|take|walk through] the text [word by word|one word at a time|from"
    " left to right]"
    ' and [look for|watch for|pick out] [the letter |every |]"{letter}".',
    '{k} words to [scan|check|look at][, and|;] the letter [I want|in question|to find] is "{letter}".',
    'We are [looking for|asked about] [the letter |]"{letter}" in "{text}".',
    "Counting letters is easy to get wrong, so [slowly|one word at a time|carefully].",
    "Upper and lower case [count alike|both count|are the same here], [I assume|I take it|as far as I can tell].",
    'The text[ is| reads|:] "{text}". [I note|Noting|Here is] [every|each] "{letter}"[ in it|].',
    'How many "{letter}"s? [Word by word|One after the other|Going along]:',
)

WAYS = (
    # which words are shown, how many at a time, how one is written, what stands between them
    ("all", 1, "{words}: {n}", "\n"),
    ("all", 1, "- {spelled} → {n}", "\n"),
    ("all", 1, "{i}. {words}: {count}", "\n"),
    ("all", 1, "{words} → {n} (so far {total})", "\n"),
    ("all", 1, "{words} {n}", ", "),
    ("all", 3, '"{words}": {n}', "\n"),
    ("all", 4, '"{words}" has {count}', "; "),
    ("hits", 1, '"{words}" has {count}', "; "),
    ("hits", 1, "{words} ({n})", ", "),
    ("hits", 1, '"{words}" brings it to {total}', ", "),
    ("hits", 1, "* {spelled}: {count}", "\n"),
)

TALLIES = (
    "[Adding up|Adding these|Summing|The sum]: {sum} = {total}.",
    "{sum} = {total}",
    "{sum}, [that is|which is|together] {total}.",
    "[Together|All in all|Overall|In total] {total}.",
    "[That makes|Which makes|I count] {count} [in total|altogether|overall].",
)

GAPS = (" ", "\n")

CHANGES = (
    '[Wait|Hold on|Hmm|Actually], "{word}": [spelled out it is |that is |]{spelled}, [so it has|which'
    " has|and I see] {now},"
    " not {was}.",
    'I [gave|counted|wrote|noted] {was} for "{word}", but {spelled} has {now}.',
    '[Let me|I should|I\'ll] [recheck|look again at|go back to] "{word}". {spelled}: {now}. [Earlier I had'
    " {was}|That is"
    " where I went wrong|I had {was}].",
    '"{word}" [bothers me|looks off|needs another look]. Letter by letter, {spelled}, I find {now}; I had {was}.',
    'Did I [get|read|count] "{word}" right? No: {spelled} [contains|has] {now} and I put down {was}.',
    "[Oh|Oops|Careful]: {spelled} has {now}. [I skimmed over it|I misread it|So {was} was a miscount].",
)

STANDS = (
    'Did I [get|read|count] "{word}" right? {spelled}: {now}. Yes.',
    '[Let me|I should|I want to] [double-check|recheck|verify] "{word}": {spelled}. [That is {now}|{now}],'
    " as [I had"
    " it|before|I said].",
    '[Wait|Hmm|Hold on], does "{word}" really have {now}? {spelled}, yes, {now}.',
    '[I am least sure of|The risky one is|The easiest to misread is] "{word}". {spelled}: {now}.'
    " [Fine|That was right|Good].",
    '[I doubt "{word}"|Not sure about "{word}"], so letter by letter: {spelled}. Still {now}.',
)

RECHECKS = (
    "[Counting again|A second pass|Once more][, backwards|, from the end|]: {backwards}. [Total|Sum|Again] {total}.",
    "[Going over|Scanning|Reading] the text again[, quickly,|] I [find|see|count] {total} once more.",
    "The words that [contain|have] it: {names}. [That is|Making|Which makes] {total}.",
    '[Checking|Recounting] the "{letter}"s: {forwards}. {total}[ again| as before|].',
    "I [went|have gone] [through|over] all {k} words [again|a second time][ and nothing changes|; same count|].",
)

GISTS = (
    'The letter "{letter}" [occurs|appears|shows up] {times} in the [text|given text|sentence].',
    '[Counting|I counted] word by word: "{letter}" [occurs|appears|comes up] {times}.',
    "[Going through|Checking] the {k} words [one by one |]gives {answer} in total.",
    'Case ignored, "{letter}" [occurs|appears] {times}.',
)


@dataclass(frozen=True)
class Letters:
    letter: str
    words: tuple[str, ...]

    @cached_property
    def counts(self) -> tuple[int, ...]:
        return tuple(word.lower().count(self.letter) for word in self.words)

    @property
    def answer(self) -> str:
        return str(sum(self.counts))

    @property
    def difficulty(self) -> float:
        return min(1.0, sum(map(len, self.words)) / 80)

    def slip(self, rng: Random) -> Slip:
        """One word miscounted by one: rather a repeated letter, a capital or a long word."""
        weights = [4 * n + len(word) / 8 + 2 * word.startswith(self.letter.upper()) for word, n in self._counted]
        at = rng.choices(range(len(self.words)), weights)[0]
        right = self.counts[at]
        wrong = right - 1 if right and rng.random() < 0.8 else right + 1
        answer = str(sum(self.counts) + wrong - right)
        return Slip(rng.randrange(len(WAYS)), at, self.words[at], right, wrong, answer)

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        counts = self._seen(slip, fell)
        shown, size, item, between = WAYS[slip.way]
        entries, total = [], 0
        for i, start in enumerate(range(0, len(counts), size), 1):
            n = sum(counts[start : start + size])
            total += n
            words = " ".join(self.words[start : start + size])
            if n or shown == "all":
                said = item.format(words=words, spelled=_spelled(words), n=n, count=in_words(n), total=total, i=i)
                entries.append((said, n))
        opening = say(rng, OPENINGS, letter=self.letter, text=" ".join(self.words), k=len(self.words))
        steps = between.join(said for said, _ in entries) or "no word has it"
        tally = _tally(rng, [n for _, n in entries if n])
        if between == "\n":
            return f"{opening}\n{steps}\n{tally}"
        return f"{opening} {steps}.{rng.choice(GAPS)}{tally}"

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        forms = STANDS if was == now else CHANGES
        word = self.words[slip.at]
        return say(rng, forms, word=word, spelled=_spelled(word), was=in_words(was), now=in_words(now))

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        counts = self._seen(slip, fell)
        hits = [f"{word} {n}" for word, n in zip(self.words, counts, strict=True) if n] or ["nothing"]
        return say(
            rng,
            RECHECKS,
            forwards=", ".join(hits),
            backwards=", ".join(reversed(hits)),
            names=", ".join(hit.rsplit(" ", 1)[0] for hit in hits),
            total=sum(counts),
            letter=self.letter,
            k=len(self.words),
        )

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, GISTS, letter=self.letter, times=times(int(answer)), answer=answer, k=len(self.words))

    @property
    def _counted(self) -> list[tuple[str, int]]:
        return list(zip(self.words, self.counts, strict=True))

    def _seen(self, slip: Slip, fell: bool) -> list[int]:
        counts = list(self.counts)
        if fell:
            counts[slip.at] = slip.wrong
        return counts


def read(question: str) -> Letters | None:
    found = _QUESTION.search(question)
    return Letters(found[1].lower(), tuple(found[2].split())) if found else None


def _spelled(word: str) -> str:
    return "-".join(word.replace(" ", ""))


def _tally(rng: Random, counts: list[int]) -> str:
    """The total in words; of a single count there is nothing to add up."""
    forms = TALLIES if len(counts) > 1 else TALLIES[-2:]
    total = sum(counts)
    return say(rng, forms, sum=" + ".join(map(str, counts)), total=total, count=in_words(total))
