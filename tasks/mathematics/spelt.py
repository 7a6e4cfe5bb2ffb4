"""Words that are, or may be part of, a number; and numbers in words put into digits, by text2num."""

import re
from fractions import Fraction

LANGUAGES = ("fr", "es", "pt", "de", "it", "nl", "ru")
"""Read where the text is no English number; a word that two of them read differently is left."""
MAX_CHARACTERS = 200

_WORDS = (
    "zero:0 no:0 none:0 nothing:0 nil:0 one:1 once:1 single:1 two:2 twice:2 both:2 pair:2 couple:2 three:3 "
    "thrice:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 dozen:12 thirteen:13 "
    "fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 score:20 thirty:30 forty:40 "
    "fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 hundred:100 thousand:1000 million:1000000 "
    "billion:1000000000 trillion:1000000000000"
    " myriad:10000 lakh:100000 crore:10000000 gross:144 half:1/2 halves:1/2 third:1/3 quarter:1/4 fifth:1/5 sixth:1/6 "
    "eighth:1/8 tenth:1/10"
)
SPELT = {word: Fraction(value) for word, value in (pair.split(":") for pair in _WORDS.split())}
"""The value of each word, in the singular and lower case."""

_TEENS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen"
)
_NO_NOUN = "(?:hundred|thousand|million|billion|half|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\\b"
_BEFORE = tuple(
    (re.compile(pattern, re.IGNORECASE), digits)
    for pattern, digits in (
        (r"^(?:minus|negative)\s+", "-"),
        (rf"\b(an?|{_TEENS})-(?=half\b|halves\b|quarter|third|fourth|[a-z]{{3,7}}ths?\b)", r"\1 "),
        (rf"^an? (?!{_NO_NOUN})([a-z]+) and an? (half|quarter)$", r"one and a \2 \1"),
        (r"\b(hundred|thousand|million)ths\b", r"/\1"),
        (r"^(-?)(?:an?|one) (hundred|thousand|million)th\b", r"\g<1>1 /\2"),
        (r"^(?:a |one )?half (?:an? )?(dozen|hundred|thousand|million|billion)\b", r"1/2 \1"),
        (r"^(?:a |one )?half(?= of an? [a-z]+$| an? [a-z]+$|$)(?: of)?(?: an?)?", "1/2"),
        (r"^quarter of an? (?=[a-z]+$)", "1/4 "),
        (r"^an? (?=dozen|gross|lakh|crore)", "1 "),
        (r"^an? (?=hundred|thousand|million|billion)", "one "),
        (r"\band a half\b|\band one half\b", "1/2"),
        (r"\band a quarter\b|\band one quarter\b", "1/4"),
        (r"\bhal(?:f|ves)\b", "2nd"),
        (r"\bquarters?\b", "4th"),
    )
)
_SHARE = re.compile(
    r"^(-?)(?:(\d+) and )?(an?|\d+)(?:[ -](\d+)(?:st|nd|rd|th)s?| /(\d+))(?: of an? (?=[a-z]+$))?\b", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which text2num raises at."""
_SCALED = re.compile(r"(?<=\d/\d )(100|1000|10{6}|10{9}|10{12})\b")
_POWERS = {"100": "hundred", "1000": "thousand", "1" + 6 * "0": "million", "1" + 9 * "0": "billion"}
"""What follows a fraction multiplies it, and keeps its word."""


def spelt(word: str) -> Fraction | None:
    """Return the value of `word` in any case, singular or plural; None for every other word."""
    lower = word.lower()
    return SPELT.get(lower, SPELT.get(lower.removesuffix("s")))


def in_digits(text: str) -> tuple[str, bool]:
    """Put the numbers that `text` spells into digits, and say whether it is English, so that it is sure.

    `two thirds` becomes `2/3`, `two and a half` becomes `2 1/2`, `vierundzwanzig` becomes `24`. A text without any is
    returned as it is.
    """
    from text_to_num import alpha2digit

    if len(text) > MAX_CHARACTERS or "\\" in text or _SURROGATE.search(text):
        return text, True
    changed = text
    for pattern, digits in _BEFORE:
        changed = pattern.sub(digits, changed)
    changed = _SHARE.sub(_share, alpha2digit(changed, "en", 0)).strip()
    changed = _SCALED.sub(lambda power: _POWERS.get(power[0], power[0]), changed)
    if changed != text or any(map(str.isdigit, text)):
        return changed, True
    readings = {_whole(text, language) for language in LANGUAGES} - {None}
    return (str(readings.pop()), False) if len(readings) == 1 else (text, True)


def _whole(text: str, language: str) -> int | None:
    from text_to_num import text2num

    try:
        value: int = text2num(text.lower(), language)
    except ValueError:
        return None
    return value


def _share(match: re.Match[str]) -> str:
    sign, whole, top, *bottoms = match.groups()
    bottom = next(filter(None, bottoms))
    top = "1" if top.lower() in ("a", "an") else top
    return f"{sign}{whole + ' ' if whole else ''}{top}/{bottom} "
