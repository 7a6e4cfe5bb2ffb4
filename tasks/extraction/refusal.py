"""Whether all that an answer says is that there will be none: `I'm sorry, I can't help with that.`

One sentence has to refuse. Whatever else is said has to be an apology, words that name nothing but the question, or an
offer that goes along with a refusal. So `I cannot find an integer solution` is an answer, and so is what holds a digit.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tasks.extraction.vocabulary import any_of
from tasks.late_pattern import late_pattern

MAX_CHARACTERS = 1000
_LANGUAGES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).values()
_WORDS = [word for language in _LANGUAGES for word in language["words"].split()]


def _said(patterns: Iterable[str]) -> re.Pattern[str]:
    return late_pattern("|".join(patterns), re.IGNORECASE)


_REFUSES = _said(
    pattern if language.get("spaced") is False else rf"(?<!\w)(?:{pattern})(?!\w)"
    for language in _LANGUAGES
    for pattern in language["refuses"]
)
_GOES_ALONG = _said(pattern for language in _LANGUAGES for pattern in language.get("offers", ()))
_WORD = late_pattern(rf"(?<![^\W\d_])(?:{any_of(' '.join(_WORDS))})(?![^\W\d_])", re.IGNORECASE)
_UNSPACED = late_pattern(any_of(" ".join(word for word in _WORDS if re.search(r"[\u3040-\u30ff\u3400-\u9fff]", word))))
_SENTENCE_END = late_pattern(r"[.!?\u2026\u3002\uff01\uff1f\u061f\u0964\n]+")
_PLAIN = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})


def refuses(answer: str) -> bool:
    """Return whether `answer` declines to answer, and does nothing else."""
    if len(answer) > MAX_CHARACTERS or any(map(str.isdigit, answer)):
        return False
    sentences = [" ".join(part.translate(_PLAIN).split()) for part in _SENTENCE_END.split(answer)]
    found = [_REFUSES.search(sentence) is not None for sentence in sentences]
    return any(found) and all(map(_names_nothing, sentences))


def _names_nothing(sentence: str) -> bool:
    """Whether no word of a sentence is outside those of a refusal."""
    rest = _UNSPACED.sub(" ", _WORD.sub(" ", _REFUSES.sub(" ", sentence)))
    return not any(map(str.isalpha, rest)) or _GOES_ALONG.fullmatch(sentence.strip(" *_#\"'>-")) is not None
