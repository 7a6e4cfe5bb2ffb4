"""spell_backward: a word from its last letter to its first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tasks.practice.worked import Pen, Text, Worked
from tasks.wording import in_words

_QUESTION = re.compile(r"spell (?:this|the) word backwards?(?: \([^)\n]*\))?:\s*([^\W_]+)[.\s]*\Z", re.I)

SIZES = (1, 0, 2, 3, 4)
"""Letters that are turned round at a time: 1 writes them in a row, 0 takes the word in two halves."""

ROWS = (
    "[Its|The] letters[ in order|]: {spelled}.",
    "{spelled}.",
    "[Spelled out|Letter by letter]: {spelled}.",
    "[From first to last|Forwards]: {row}.",
)
PIECES = (
    "[In|Cut into] [pieces|parts]: {pieces}. [The last one first|From the end]:",
    "{pieces}[ are the pieces|], [each turned round|reversed one at a time][, the last first|]:",
    "[I take|Taking] {pieces} [from the right|backwards]:",
)
JOINED = (
    "[Put together|Joined|In one]: {written}.",
    "{pieces} [make|give] {written}.",
    "[Without the gaps|Strung together], {written}.",
    "[That spells|Which spells|Together] {written}.",
)


@dataclass(frozen=True)
class Word(Worked):
    word: str

    WAYS = len(SIZES)
    FORMS = MappingProxyType(
        {
            "row": (
                "backwards: {value}",
                "from the end: {value}",
                "{value} [the other way round|in reverse]",
                "[reversed,|now] {value}",
                "last to first gives {value}",
            ),
            "piece": (
                '"{piece}" → "{value}"',
                "{piece} → {value}",
                '"{piece}" turns into "{value}"',
                "{value} [out of|from|for] {piece}",
            ),
        }
    )
    OPENINGS = (
        '[I need|We want|To find:] "{word}" [backwards|in reverse|from the end].',
        "[Okay|Right|So|Alright], the word [is|reads] {word}.",
        "[Let me|I'll|Let's] [reverse|turn round] \"{word}\" [carefully|step by step|without losing a letter].",
        "{word} [has|is] {k} letters[ long|, from {first} to {last}|].",
        "[Start|I start|Starting] at the {last}[, then leftwards|; the {first} comes at the end|].",
        '"{word}"[: {k} letters, so {k} must come out|, {k} letters].',
    )
    RECHECKS = (
        "[Reading|Read] {answer} from the right[ again|]: {word}[, it seems|. Yes|].",
        "[Starts|It starts] with {last} and ends with {first}[, as it must|: right].",
        "[Letter count|Length]: {word} has {k}, {answer} [looks as long|has them too][.|, I think.]",
        "[Once more|A second pass]: {answer}. [Good|Fine|Same].",
        '[Any doubled letter lost|Two letters swapped]? [Not that I see|I don\'t think so] in "{answer}".',
    )
    GISTS = (
        "{word} [backwards|reversed|spelled backward] is {answer}.",
        '[Read|Written] from the end, "{word}" [becomes|turns into|gives] "{answer}".',
        "{word} -> {answer}",
        "[Starting|Going back] from the last letter of {word}[, I get|:] {answer}",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, len(self.word) / 12)

    @property
    def names(self) -> Mapping[str, object]:
        first, last, k = self.word[0], self.word[-1], in_words(len(self.word))
        return {"word": self.word, "k": k, "first": first, "last": last}

    def solve(self, way: int, pen: Pen) -> str:
        size = SIZES[way] or (len(self.word) + 1) // 2
        if size == 1:
            pen.remark(ROWS, spelled="-".join(self.word), row=", ".join(self.word))
            return str(_turned(pen, self.word, "-")).replace("-", "")
        pieces = [self.word[i : i + size] for i in range(0, len(self.word), size)]
        pen.remark(PIECES, pieces=" | ".join(pieces))
        turned = [str(_turned(pen, piece)) for piece in reversed(pieces)]
        written = "".join(turned)
        if len(pieces) > 1:
            pen.remark(JOINED, written=written, pieces=" + ".join(turned))
        return written


def _turned(pen: Pen, piece: str, between: str = "") -> int:
    """The piece in reverse; mistaken, two letters stand in the wrong order, or one is lost or doubled."""
    right = piece[::-1]
    swapped = [right[:i] + right[i + 1] + right[i] + right[i + 2 :] for i in range(len(right) - 1)]
    lost = [right[:i] + right[i + 1 :] for i in range(1, len(right) - 1)]
    doubled = [right[:i] + right[i:].replace(right[i], right[i] * 2, 1) for i in range(1, len(right) - 1)]
    wrong = [text for text in dict.fromkeys([*swapped, *lost, *doubled]) if text.lower() != right.lower()]
    texts = [Text(i, between.join(text)) for i, text in enumerate([right, *(wrong or [right * 2])])]
    what = f'"{piece}" backwards'
    return pen.compute(what, texts[0], "row" if between else "piece", texts[1:] if wrong else [], piece=piece)


def read(question: str) -> Word | None:
    """None also for a word that no slip could change, such as a single letter."""
    found = _QUESTION.search(question)
    return Word(found[1]) if found and len(set(found[1].lower())) > 1 else None
