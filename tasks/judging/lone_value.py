"""The one value that a response comes to and never calls its answer, as in `The car goes 75 km/h.`

A value found so may show that an answer is right, never that it is wrong: an intermediate result may stand there, too.
"""

import operator
import re
from collections.abc import Callable
from fractions import Fraction

from schemas.verdict import Reason
from tasks.extraction.correction import correction
from tasks.extraction.vocabulary import has_denial
from tasks.mathematics.lexicon import is_one_thing, names_number
from tasks.mathematics.number import compare_quantities, read_quantity
from tasks.mathematics.spelt import spelt

MAX_CHARACTERS = 50_000
_CORRECTED = 120
"""Characters of an answer that is no more than a guess and its correction."""
_WORDS_OF_UNIT = 4
_NUMBER = re.compile(r"(?<![\w.,$/-])[-+\u2212]?[$€£]?\d[\d,]*(?:\.\d+)?%?(?![\w/-]|[.,]\d)", re.ASCII)
_NAME = re.compile(
    r"\b(?!(?:The|A|An|There|It|He|She|They|We|I|You|Each|Every|Her|His|Their|Its|Our|My|This|That|If|How)\b)[A-Z][a-z]+"
)
_WORD = re.compile("[a-z]+")
_TWICE = re.compile(r"([^()]{1,60}?)(?:(?:\s|(?<![\d)}]))\(([^()]{1,60})\)|,?\sor\s([^()]{1,60}))\.?")
_LAST_IN_BOLD = re.compile(r"(.*)\n\s*\*\*([^*\n]{1,60})\*\*\.?", re.DOTALL)
_ALONE = re.compile(
    r"(?P<before>.*\S)[ \t]*\n[ \t]*\n\s*(?:\*\*(?P<bold>[^*\n]{1,60})\*\*|(?P<bare>[^*\n#>|`]{1,60}))\.?", re.DOTALL
)
_DOUBTED = re.compile(
    r"""\b(?:not|no|never|neither|nor|cannot|if|unless|or|wrong\w*|incorrect\w*|mistake\w*|guess\w*|estimat\w+|about
      |approximately|around|roughly|maybe|perhaps|possibly|might|could|parts?|questions?|steps?|pages?|examples?
      |intermediate|thinks?|thought|said|says|claim\w*|first|next|wait|instead|also|another)\b|n['\u2019]t\b|[?]""",
    re.VERBOSE | re.IGNORECASE,
)
"""In the line above a value that stands alone."""
_WORKED: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    **dict.fromkeys(("times", "multiplied by", "x", "\u00d7", "*", "\u00b7"), operator.mul),
    **dict.fromkeys(("plus", "+"), operator.add),
    **dict.fromkeys(("minus", "-", "\u2212"), operator.sub),
    **dict.fromkeys(("divided by", "/", "\u00f7"), operator.truediv),
}
_PART = r"\(?[-\u2212]?\d[\d,]*(?:\.\d+)?\)?"
_SUM = re.compile(
    rf"""\**(?P<one>{_PART})\s?(?P<sign>{"|".join(map(re.escape, _WORKED))})\s?(?P<other>{_PART})
    \s(?:is|equals|is\sequal\sto|makes|=)\s\**(?P<value>{_PART})\**[.!]?\**""",
    re.VERBOSE | re.IGNORECASE,
)
_LAST_SENTENCE = re.compile(r"(?:^|[.!?:]\s+|\n\s*)(?P<last>[A-Z][^\n]*?)\Z")
_CONCLUDES = re.compile(r"(?:Thus|Therefore|Consequently|Altogether|Overall|In (?:total|all|conclusion))\b")
"""`So` leads on from one step to the next as well."""
_ENGLISH = re.compile(
    r"(?:The|A|An|There|It|He|She|They|We|I|You|Each|Every|Her|His|Their|Its|Our|My|This|That)\s"
    r"|[A-Z][^\n]*\s(?:the|every|each|her|his|their|with|from|and|have|has|had|were|are|this|that|by)\s"
)
"""Of another language the words that take a value back are too many to list."""
_NOT_THE_VALUE = re.compile(
    r"""\b(?: not|no|never|neither|nor|cannot|if|unless|whether|or|but|when|while|until|before|after|since|because
      |though|although|except
      | about|approximately|around|roughly|nearly|almost|at\sleast|at\smost|more|less|fewer|than|over|under|above|below
        |between|up\sto
      | times|half|twice|double|triple|thirds?|quarters?|percent|percentage|additional|another|other|extra|further|off
        |only
      | steps?|questions?|problems?|parts?|options?|pages?|equations?|lines?|cases?|examples?|chapters?|numbers?
        |choices?|rows?
      | maybe|perhaps|possibly|probably|might|could|may|would|should|must|can|let|suppose|assum\w+|guess\w*|think|thinks
        |thought|believ\w+
      | says?|said|claims?|claimed|wrong|incorrect\w*|mistake\w*|wanted|wants|expected|planned|started|starts|begins?
        |began|initially
      | originally|first|second|already|still|instead|answers?|squared?|cubed?|root|minus|plus|divided|multipl\w+|added
        |subtract\w*
      | we\sare\sgiven|given|know|known|ratio|average
      | wait|hmm+|seems?|appears?|supposedly|allegedly|rules?\sout|exclud\w+|such
      | doubt\w*|den(?:y|ies|ied)|bets?|hop(?:e|es|ed|ing)|rumou?rs?|pretend\w*|dream\w*|wish\w*|hardly|barely
      | argu(?:e|es|ed)|textbook|upwards?|close\sto|circa|shy\sof|too\s(?:many|much|few)|to\sgo )\b
        | n['\u2019]t\b | [Nn]one\b | [Nn]obody\b | [?=<>\u2248:;+*^|~()] | \.\.\Z""",
    re.VERBOSE,
)
_ONLY_WHERE_ASKED = re.compile(
    r"""\b(?: by|minimum|maximum|loses?|lacks?|lacking|short|missing|owes?
      | (?:fast|slow|old|young|tall|high|low|heavi|light|cheap|long|short|larg|small|bigg|great|lat|earli|farth|furth)er
      | each|every|per|apiece
      | remainder|quotient|exponent|numerator|denominator|coefficient )\b | (?<![\w'\u2019])[b-hj-z](?=\s)""",
    re.VERBOSE,
)
"""What makes another quantity of a value than the one that is asked for, unless the question has the word as well."""


def lone_value(answer: str, question: str) -> str | None:
    """Return a value with its unit, as it stands there; None where there is none, more than one, or any doubt.

    A sentence counts only where it is English and all of the answer, or its conclusion, and only with a value that the
    question does not hold: one that it holds may only be repeated.
    """
    answer = answer.strip()
    if len(answer) > MAX_CHARACTERS:
        return None
    return (
        said_twice(answer)
        or _corrected(answer)
        or _last_in_bold(answer)
        or _last_alone(answer, question)
        or _worked_out(answer, question)
        or _in_sentence(answer, question)
    )


def said_twice(answer: str) -> str | None:
    """Return the value of `forty (40)`, `3/4 (75%)` or `90 minutes, or 1.5 hours`: one with its unit, if it has any."""
    said = _TWICE.fullmatch(answer)
    sides = [side for side in said.groups() if side] if said else []
    read = [quantity for side in sides if (quantity := read_quantity(side))]
    if len(read) < 2 or compare_quantities(*read) is not Reason.EQUAL:
        return None
    return max(zip(read, sides, strict=True), key=lambda each: len(each[0].unit))[1]


def _corrected(answer: str) -> str | None:
    """`I think 41. Wait, no: 42.`"""
    found = list(_NUMBER.finditer(answer)) if len(answer) <= _CORRECTED else []
    put = correction(answer, *found[0].span()) if len(found) == 2 else None
    if put is None or not put[0] <= found[1].start() < put[1] or answer[put[1] :].strip(" .!*"):
        return None
    return answer[slice(*put)]


def _last_in_bold(answer: str) -> str | None:
    """A last line that holds only a value in bold, which the text comes to before."""
    last = _LAST_IN_BOLD.fullmatch(answer)
    return last[2] if last and last[2] in last[1].rstrip().rpartition("\n")[2] and read_quantity(last[2]) else None


def _last_alone(answer: str, question: str) -> str | None:
    """A last paragraph that is only a value, below text that leaves no doubt of it."""
    last = _ALONE.fullmatch(answer) if question else None
    value = (last["bold"] or last["bare"]).strip().removesuffix(".") if last else ""
    read = read_quantity(value, question) if any(map(str.isdecimal, value)) else None
    if last is None or read is None or _holds(question, read.value):
        return None
    before = last["before"].rstrip().rpartition("\n")[2]
    plain = before.strip("*_ .")
    return None if read_quantity(plain) or _DOUBTED.search(before) or has_denial(before) else value


def _worked_out(answer: str, question: str) -> str | None:
    """`7 times 8 is 56.`, where it is."""
    sum_ = _SUM.fullmatch(answer)
    if sum_ is None or not question:
        return None
    one, other, value = (read_quantity(sum_[name]) for name in ("one", "other", "value"))
    if not (one and other and value) or _holds(question, value.value):
        return None
    worked = _WORKED[sum_["sign"].lower()](one.value, other.value) if other.value else None
    return sum_["value"] if worked == value.value else None


def _in_sentence(answer: str, question: str) -> str | None:
    plain = answer.replace("**", "").replace("\\$", "$")
    last = _LAST_SENTENCE.search(plain[-500:])
    if not question or last is None or not plain.endswith("."):
        return None
    sentence, whole = last["last"], last["last"] == plain
    concludes = _CONCLUDES.match(sentence)
    about = sentence.split()[0] in question.split()
    if not (concludes or (whole and (about or _ENGLISH.match(sentence)))) or not sentence.isascii():
        return None
    found = list(_NUMBER.finditer(sentence))
    if len(found) != 1 or _NOT_THE_VALUE.search(sentence[0].lower() + sentence[1:]) or has_denial(sentence):
        return None
    if is_one_thing(sentence[: found[0].start()].split()[-1].lower()):
        return None  # `verse 75`
    rest = sentence[: found[0].start()] + sentence[found[0].end() :]
    value, asked = read_quantity(found[0][0]), set(_WORD.findall(question.lower()))
    if _of_another(sentence, question):
        return None
    if any({said, said.removesuffix("s")}.isdisjoint(asked) for said in _ONLY_WHERE_ASKED.findall(rest.lower())):
        return None
    if value is None or any(map(names_number, _WORD.findall(rest.lower()))) or _holds(question, value.value):
        return None
    words = sentence[found[0].start() :].removesuffix(".").split(" ")
    for n in range(min(len(words), 1 + _WORDS_OF_UNIT), 0, -1):
        phrase = " ".join(words[:n])
        if read_quantity(phrase, question) and (n > 1 or n == len(words) or words[1] in _GO_ON):
            return phrase
    return None


def _of_another(sentence: str, question: str) -> bool:
    """Whether it names somebody of the question's, and none of those for whom its last sentence asks."""
    given, _, asked = question.rstrip(" ?").rpartition(". ")
    names = set(_NAME.findall(given)) & set(_NAME.findall(sentence))
    wanted = set(_NAME.findall(asked)) & set(_NAME.findall(given))
    return bool(names and wanted) and names.isdisjoint(wanted)


def _holds(question: str, value: Fraction) -> bool:
    """Whether the question says this value, in figures or words."""
    read = [read_quantity(number[0]) for number in _NUMBER_IN_QUESTION.finditer(question)]
    words = {spelt(word) for word in re.findall("[A-Za-z]+", question)}
    sizes = {abs(value), 100 * abs(value), abs(value) / 100}
    return any(number.value in sizes for number in read if number) or abs(value) in words


_NUMBER_IN_QUESTION = re.compile(r"\d[\d,]*(?:\.\d+)?(?:/\d+)?", re.ASCII)


_AFTER = "in on at for from to by every each per with altogether total left remaining during today together"
_GO_ON = frozenset(_AFTER.split())
"""What may follow a number without a unit."""
