"""English words that are, or may be part of, a number."""

from fractions import Fraction

_WORDS = (
    "zero:0 no:0 none:0 nothing:0 nil:0 one:1 once:1 single:1 two:2 twice:2 both:2 pair:2 couple:2 three:3 "
    "thrice:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 dozen:12 thirteen:13 "
    "fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 score:20 thirty:30 forty:40 "
    "fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 hundred:100 thousand:1000 million:1000000 "
    "billion:1000000000 trillion:1000000000000 half:1/2 halves:1/2 third:1/3 quarter:1/4 fifth:1/5 sixth:1/6 "
    "eighth:1/8 tenth:1/10"
)
SPELT = {word: Fraction(value) for word, value in (pair.split(":") for pair in _WORDS.split())}
"""The value of each word, in the singular and lower case."""


def spelt(word: str) -> Fraction | None:
    """The value of `word` in any case, singular or plural; None for every other word."""
    lower = word.lower()
    return SPELT.get(lower, SPELT.get(lower.removesuffix("s")))
