"""Kind `exact`: whether an answer is the gold's text, is another text, or may be another spelling of the same thing.

The same text in normal form is correct, and so it is where only capitals at the beginning of words differ, and a yes or
a no before its sentence. Incorrect is what is another text and cannot mean the same. Left open is what may: the gold
inside a longer answer, a part of a gold that is a sentence or a labelled choice, other capitals, accents, spaces or
punctuation, a list in another order or notation, a formula, what may be the same number (with or without its unit, or
in another), also in a sentence, a date or a time in another notation, and of a yes or a no what says neither. A gold
that is a whole solution is none.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Annotated

from pydantic import StringConstraints

from schemas.record import Record
from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.stated_answers import find_stated
from tasks.judging.answer_key import normal_text
from tasks.judging.as_asked import in_other_order, yes_or_no
from tasks.judging.dates import compare_times
from tasks.judging.literal import judge_literals
from tasks.judging.spec import read_spec
from tasks.late_pattern import late_pattern
from tasks.mathematics.boxed import inside, unbox
from tasks.mathematics.lexicon import names_number
from tasks.mathematics.number import compare_quantities, read_quantity

MAX_CHARACTERS = 20_000
"""A longer text is only compared as it is."""

_LONGEST = 60
"""Characters of a gold's answer in evidence."""
MAX_NUMBERS = 100
"""An answer with more of them is not searched for the gold."""
_LONGEST_NAME = 200
"""Characters of what may be a name in another script."""
WORDS_OF_NUMBER = 5
"""Of a number with its unit within a sentence."""
OPPOSITES = {"yes": "no", "no": "yes", "true": "false", "false": "true"}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_WORD = re.compile(r"[^\W\d_]{2,}")
_BOX = re.compile(r"\\f?boxed|\\fbox")
_SENTENCE = late_pattern(r"(?:\S+\s+){4,}\S+[.!]", re.DOTALL)
"""Five words or more, and a stop."""
_LABELLED = re.compile(r"\(?([A-J])[).:]\s+(.+)", re.DOTALL)
_BETWEEN = re.compile(r"[,;&]|\b(?:and|or)\b")
_ITEM_MARK = re.compile(r"(?<!\S)(?:\d{1,2}[.)]|[-*\u2022])(?=\s)|\s?(?:->|\u2192)\s?|[,;>]|(?<=[^\W\d])-(?=[^\W\d])")
_GROUP_MARK = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TWO_LETTERS = {"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "oe", "\u00e5": "aa", "\u00e6": "ae"}
_UNSPACED = frozenset(["CJK", "HIRAGANA", "KATAKANA", "THAI", "KATAKANA-HIRAGANA"])
_ESCAPE = re.compile(r"\\(?=[\s,;:!{}])")
"""Before a brace or a space of LaTeX: `\\{1,\\ 2\\}`."""
_FORMULA = re.compile(r"\\[A-Za-z]+|\^|[√∞≤≥≠±π]|\d!(?!\w)")
"""Mathematics, which other text can mean, too: `2^{10}` is 1024."""
_BEFORE_FRACTION = re.compile(r"(?<=\d) (?=\\[dt]?frac\b)")
"""`12 \\frac{3}{5}` is spelt `12\\frac{3}{5}`, too."""
_MARK = r"[][(){}<>=+\u2227\u2228\u21d2\u2264\u2265]"
_BESIDE_MARK = re.compile(rf"(?<=[,;])\s+(?!\d{{3}}(?!\d))|\s+(?=[,;])|(?<={_MARK})\s+|\s+(?={_MARK})")
"""Spaces that part nothing, but for those of `1, 234`, which may be two numbers."""
_LONE_LETTER = re.compile(r"\A\(([A-Z])\)\Z")
_CHOICE = re.compile(r"[A-J]|\(?[a-j]\)?")
"""The letter of a choice, perhaps, whose text an answer may say instead: BIG-Bench Hard's `(B)`."""
_NAMES_CHOICE = re.compile(r"\(?([A-Za-z])(?:[).:]|\Z)")
_SHOWS = late_pattern(
    r"""(?:\A|\n)
    (?P<line>[^\n]{0,80}\b(?:answer|output|result|solution|grid|list|order|json|matrix)\b[^\n]{0,40}):[*_]{0,3}[ \t]*\n
    \s*(?:```\w*[ \t]*\n(?P<fenced>(?:(?!```).)+?)\s*```|(?P<plain>(?:(?!:[*_]{0,3}[ \t]*\n).)+?))\s*\Z""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
"""`The output grid is:`, and below it the grid alone."""
_OTHER_THAN_ANSWER = late_pattern(
    r"\b(?:not|never|wrong|incorrect|instead|except|input|initial|first|original|if|would|could|might|may|example|draft"
    r"|attempt|previous|given|expected)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"\"|(?<!\w)'")
"""Between two, spaces count."""
_HALF = re.compile(r"\b([ap])\.?(m)\b\.?", re.IGNORECASE)
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_DECADE = re.compile(r"\ds\b")
_RATIO = re.compile(r"\d+(?:\.\d+)?\s?(?::|to|/)\s?\d+(?:\.\d+)?")
_YES_OR_NO = late_pattern(
    r"""(?:(?:most\s)?(?:likely|probably)\s)?["'*_]*(?P<word>yes|no|true|false)\b["'*_]*
    (?P<rest>\s*(?:(?:[,;:!]|[.\u2013\u2014-](?!\s?\d)).{0,400})?)""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS = {
    word: late_pattern(
        rf"""(?:\b(?:is|are|be|so,?|then)\s|:\s*)[*_"']*{word}\b(?=\W*\Z|["'*_]*[.,;]|\s(?:because|since|as)\b)""",
        re.IGNORECASE,
    )
    for word in OPPOSITES
}
"""`The statement is false.`"""
_TURNS = r"wait|however|actually|correction|sorry"
_NO = r"no(?!\s(?!(?:it|that|this|they|he|she|we|i|you|wait|not)\b)[^\W\d_])"
"""But that of a noun, as in `Yes, because it has no roots.`"""
_NOT_DENIED = r"(?<!not )(?<!n['\u2019]t )"
_TAKES_BACK = {
    word: late_pattern(rf"\b(?:{_TURNS}|{others})\b", re.IGNORECASE)
    for others, words in ((rf"{_NO}|{_NOT_DENIED}false", ("yes", "true")), (f"yes|{_NOT_DENIED}true", ("no", "false")))
    for word in words
}
_HEDGES = late_pattern(
    r"\b(?:but|if|unless|except|although|though|depend\w*|maybe|perhaps|partly|partially|unclear|unknown|sometimes|only"
    r"|for\ssure)\b|[?]",
    re.IGNORECASE,
)
_MULTIPLE = late_pattern(r"(\d+(?:[.,]\d+)?)\s?-?(?:x|\u00d7|times|fold)(?:\s.*)?", re.IGNORECASE)
_FALLS = late_pattern(
    r"\b(?:f[ae]ll\w*|drop\w*|decreas\w*|declin\w*|los[est]\w*|below|under|minus|negative|down|less|fewer|lower\w*|cool\w*"
    r"|reduc\w*|shrink\w*|shrank|sink\w*|sank)\b",
    re.IGNORECASE,
)
_ITEMS = late_pattern(r"\s*(?:[;&\u00d7*\u00b7]|,(?!\d{3}\b)|\b(?:and|or)\b)\s*")
_AROUND = late_pattern(r"[\[\](){}\"'$]|\\[,;:!{}]")
_NAMED = late_pattern(r"^\s*[A-Za-z]\w?\s*=\s*")


class ExactSpec(Record):
    """The spec of a question of this kind."""

    accept: tuple[Text, ...] = ()
    """Other texts that are as right as the gold, such as `United States` beside `USA`."""


def judge_exact(gold: str, answer: str, spec: str, question: str = "") -> Judgement:
    """Judge by text alone, against the gold and whatever else the spec accepts: incorrect is what is none of them. A
    `question` may ask for yes or no where the gold is True, as BoolQ's do, or for a list in any order.
    """
    if stated := _stated_within(gold):
        problem = f"the gold is a whole solution that states {stated[:_LONGEST]!r}; give its answer alone"
        return Judgement.of(Reason.GOLD_UNPARSABLE, answer, f"{problem} (questions.gold_pattern finds it)")
    try:
        others = read_spec(spec, ExactSpec).accept if "accept" in spec else ()
    except ValueError as error:
        return Judgement.of(Reason.BAD_SPEC, answer, str(error))
    found = {_compare_asked(each, answer, question) for each in (gold, *others)}
    reason = Reason.EQUAL_TEXT if Reason.EQUAL_TEXT in found else Reason.UNDECIDED
    return Judgement.of(found.pop() if len(found) == 1 else reason, answer)


@lru_cache(maxsize=1024)
def _stated_within(gold: str) -> str | None:
    """The answer that a gold states as a response does, among other words: `… #### 72`, `The answer is 72.`"""
    if len(gold) > MAX_CHARACTERS or not (stated := find_stated(gold)):
        return None
    start, end = stated[-1]
    return gold[start:end] if _WORD.search(_BOX.sub("", gold[:start] + gold[end:])) or "####" in gold else None


def _compare_asked(gold: str, answer: str, question: str) -> Reason:
    """As the question asks for it."""
    found = _compare_boxed(gold, answer)
    if found is Reason.EQUAL_TEXT or not question:
        return found
    word = yes_or_no(gold, question) if found is Reason.UNDECIDED else None
    return _compare_boxed(word, answer) if word else in_other_order(gold, inside(answer), question) or found


def _compare_boxed(gold: str, answer: str) -> Reason:
    """As all that the boxes of the answer say, or what they hold alone."""
    found = compare_texts(gold, unbox(answer))
    if found is Reason.EQUAL_TEXT:
        return found
    others = [inside(answer)]
    if found is Reason.UNDECIDED and (shown := _shown_below(answer)):
        others.append(shown)
    equal = any(compare_texts(gold, other) is Reason.EQUAL_TEXT for other in others)
    return Reason.EQUAL_TEXT if equal else found


def same_text(gold: str, answer: str) -> bool:
    """Return whether two texts are the same in normal form."""
    return normal_text(gold) == normal_text(answer)


def compare_texts(gold: str, answer: str) -> Reason:
    """Return EQUAL_TEXT, NOT_EQUAL, or UNDECIDED where the two may be spellings of one thing."""
    literal = judge_literals(gold, answer)
    quoted = any(map(_QUOTE.search, (gold, answer)))
    if literal is Reason.EQUAL_TEXT or (literal and quoted):
        return literal
    expected, stated = (_BEFORE_FRACTION.sub("", normal_text(text)) for text in (gold, answer))
    if max(len(expected), len(stated)) > MAX_CHARACTERS:
        return Reason.EQUAL_TEXT if expected == stated else Reason.NOT_EQUAL
    one, other = (expected, stated) if quoted else (_unspaced(expected), _unspaced(stated))
    if one.casefold() == other.casefold():
        capitals = one.casefold() not in OPPOSITES and _lowered(one) != _lowered(other)
        return Reason.UNDECIDED if capitals else Reason.EQUAL_TEXT
    if literal:
        return literal
    if expected.casefold() in OPPOSITES:
        return _compare_yes_or_no(expected.casefold(), stated)
    if (times := compare_times(expected, stated)) is not None:
        return times
    spellings = (_letters, _items, _on_the_line, _sequence, _transliterated)
    alike = any(spell(expected) == spell(stated) != spell("") for spell in spellings)
    open_ = (
        alike
        or (_CHOICE.fullmatch(one) and not _names_other(one, other))
        or _FORMULA.search(expected)
        or _may_be_formula(expected, stated)
        or _holds(stated, expected)
        or _holds(other, one)
        or _in_other_script(expected, stated)
        or _is_part(gold.strip(), stated)
        or _may_be_equal(expected, stated)
        or may_say_it(expected, stated)
        or _same_figures(expected, stated)
        or _in_other_notation(expected, stated)
    )
    return Reason.UNDECIDED if open_ else Reason.NOT_EQUAL


def _names_other(gold: str, answer: str) -> bool:
    """Whether an answer begins with the letter of another choice."""
    named = _NAMES_CHOICE.match(answer)
    return named is not None and named[1].casefold() != gold.strip("()").casefold()


def _unspaced(text: str) -> str:
    """Without spaces beside marks and brackets around a lone letter, with one apostrophe, and one `PM` for `p.m.`."""
    text = _BESIDE_MARK.sub("", text.replace("\u2019", "'"))
    text = _LONE_LETTER.sub(r"\1", text)
    return _HALF.sub(lambda half: f"{half[1]}{half[2]}".upper(), text)


def _shown_below(answer: str) -> str:
    """What an answer shows below its last line that ends with a colon and says what it shows; empty without one."""
    found = _SHOWS.search(answer)
    return "" if found is None or _OTHER_THAN_ANSWER.search(found["line"]) else found["fenced"] or found["plain"]


def _lowered(text: str) -> str:
    """Without the capitals that begin words of several letters; `pH` and `USA` keep theirs."""
    return _WORD.sub(lambda word: word[0].lower() if word[0][1:].islower() else word[0], text)


def _letters(text: str) -> str:
    """Without case, accents, punctuation and an article; empty for a text with digits, whose signs count."""
    if any(c.isdigit() for c in text):
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalpha() or c.isspace())
    return "".join(re.sub(r"^(?:the|an?) (?=\w\w)", "", plain).split())


def _on_the_line(text: str) -> str:
    """Without what raises and lowers figures: `H2O` for `H_2O` and its figures in Unicode."""
    return re.sub(r"[\s_^{}$]", "", unicodedata.normalize("NFKC", text))


def _transliterated(text: str) -> str:
    """`Muenchen` for `M\u00fcnchen`."""
    return "".join(_TWO_LETTERS.get(c, c) for c in text.casefold())


def _sequence(text: str) -> str:
    """Items in their order, whatever numbers or parts them; empty for fewer than two."""
    items = _ITEM_MARK.sub(" ", _GROUP_MARK.sub("", text.casefold())).split()
    return " ".join(items) if len(items) > 1 else ""


def _in_other_script(gold: str, answer: str) -> bool:
    """Whether their letters have no script in common, so that one may be the other's name there; or the gold stands in
    an answer of a script without spaces between words.
    """
    if max(len(gold), len(answer)) > _LONGEST_NAME:
        return False
    scripts = [{unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha()} for text in (gold, answer)]
    unspaced = len(gold) > 1 and bool(scripts[0]) and scripts[0] <= _UNSPACED
    return all(scripts) and (scripts[0].isdisjoint(scripts[1]) or (unspaced and gold in answer))


def _items(text: str) -> list[str]:
    """The items of a list, in whatever order; of anything else all of it. Spaces within are none."""
    plain = _ESCAPE.sub("", text).strip("{} ").casefold()
    return sorted("".join(item.split()) for item in _BETWEEN.split(plain) if item.strip())


def _may_be_formula(gold: str, answer: str) -> bool:
    """Whether the answer is a formula, and the gold has figures but is no number: `x=2 or x=-2` and `x=\\pm 2`."""
    return bool(_FORMULA.search(answer)) and any(map(str.isdigit, gold)) and read_quantity(gold) is None


def _holds(longer: str, gold: str) -> bool:
    """Whether the gold stands in the answer as words."""
    return re.search(rf"(?<!\w){re.escape(gold.casefold())}(?!\w)", longer.casefold()) is not None


def _is_part(gold: str, answer: str) -> bool:
    """Whether the answer stands in a gold that is a sentence, or is the letter or the text of one such as `(A) 12`."""
    choice = _LABELLED.fullmatch(gold)
    named = choice is not None and answer.casefold() in (choice[1].casefold(), normal_text(choice[2]).casefold())
    return named or (_SENTENCE.fullmatch(gold) is not None and _holds(normal_text(gold), answer))


def _may_be_equal(gold: str, answer: str) -> bool:
    """Whether they are numbers, and not different ones: `12,800 metres` may be `12,800`, and is not `12 km`."""
    expected, stated = read_quantity(gold), read_quantity(answer)
    if expected is None or stated is None:
        return False
    return compare_quantities(expected, stated).ruling is not Ruling.INCORRECT


def may_say_it(gold: str, answer: str) -> bool:
    """Decide whether a longer answer holds a number that may be the gold: `It goes 120 kilometres.` of `120 km`."""
    expected, words = read_quantity(gold), answer.split()
    if expected is None or len(words) < 2:
        return False
    starts = [n for n, word in enumerate(words) if any(map(str.isnumeric, word)) or names_number(word.casefold())]
    if len(starts) > MAX_NUMBERS:
        return True
    return any(_may_be_equal(gold, _number_at(words[start : start + WORDS_OF_NUMBER])) for start in starts)


def _same_figures(gold: str, answer: str) -> bool:
    """Whether one is a number, and the other no more than it with letters, a sign in words or brackets, or percent in
    points: `-12.5%` and `decreased by 12.5%`, 1.5 and `1.5x`; or both are one ratio, as `3:1` and `3 to 1`.
    """
    figures = [_FIGURES.findall(text) for text in (gold, answer)]
    if figures[0] != figures[1] or not figures[0]:
        return False
    if len(figures[0]) == 1:
        read = [read_quantity(text) for text in (gold, answer)]
        bare = next((number for number in read if number), None)
        return bare is not None and None in read and not bare.unit and not _DECADE.search(f"{gold} {answer}")
    return all(map(_RATIO.fullmatch, (gold, answer)))


def _number_at(words: list[str]) -> str:
    """The longest beginning that is a number, with its unit; empty where none is."""
    phrases = (" ".join(words[:n]).strip("(.,;:!?)") for n in range(len(words), 0, -1))
    return next((phrase for phrase in phrases if read_quantity(phrase)), "")


def _compare_yes_or_no(gold: str, answer: str) -> Reason:
    """By the word that the answer begins with, where it is all of it or a sentence follows that takes nothing back:
    `Yes, it can.` Else another word may still be said: `There is no doubt.` says none, `So the claim is false.` does.
    """
    said = _YES_OR_NO.fullmatch(answer)
    word = said["word"].casefold() if said else ""
    if said and word in (gold, OPPOSITES[gold]):
        if _TAKES_BACK[word].search(said["rest"]):
            return Reason.UNDECIDED
        if word != gold:
            return Reason.NOT_EQUAL
        return Reason.UNDECIDED if _HEDGES.search(said["rest"]) else Reason.EQUAL_TEXT
    other = _SAYS[OPPOSITES[gold]].search(answer)
    return Reason.NOT_EQUAL if other and not _holds(answer, gold) else Reason.UNDECIDED


def _in_other_notation(gold: str, answer: str) -> bool:
    """Whether they may be one list with its items in other notations, one multiple, or one fall with its sign in words:
    `2, 3, 5` and `2\u00d73\u00d75`, `(1, 2)` and `x=1, y=2`, `1.5x` and `1.5 times`, -13 °C and `It falls by 13 °C`.
    """
    multiples = [_MULTIPLE.fullmatch(text) for text in (gold, answer)]
    if all(multiples):
        return len({multiple[1] for multiple in multiples if multiple}) == 1
    expected = read_quantity(gold)
    if expected and expected.value < 0 and _FALLS.search(answer):
        return may_say_it(gold.lstrip("-\u2212 "), answer)
    ends = {(text[:1], text[-1:]) for text in (gold, answer) if text[:1] in "[(" and text[-1:] in ")]"}
    if len(ends) > 1:
        return False  # intervals, perhaps
    items = [_ITEMS.split(_AROUND.sub("", text)) for text in (gold, answer)]
    return len(items[0]) == len(items[1]) > 1 and all(map(_may_be_item, *items))


def _may_be_item(one: str, other: str) -> bool:
    one, other = (_NAMED.sub("", side).strip() for side in (one, other))
    return one.casefold() == other.casefold() != "" or _may_be_equal(one, other)
