"""Which language a text is in, by py3langid, whose model of 140 languages ships inside the package.

Deterministic, unlike langdetect, which the paper used. Measured on English sentences of published instruction data:
in capitals, langdetect takes one in five of 11 to 20 words for another language; this takes none.
"""

import re
from functools import cache
from typing import Any

CERTAIN = 0.5
"""The share of the probability from which on it is the language."""
RULED_OUT = 0.01
"""Below it is not; between the two nobody can tell. Texts of fewer than about four words often are there."""
MAX_CHARACTERS = 20_000
"""More of a text would only cost time."""

RIVALS = re.compile(
    "af|ar|bg|bn|ca|cs|cy|da|de|el|en|es|et|fa|fi|fr|gu|he|hi|hr|hu|id|it|ja|kn|ko|lt|lv|mk|"
    "ml|mr|ne|nl|no|pa|pl|pt|ro|ru|sk|sl|so|sq|sv|sw|ta|te|th|tl|tr|uk|ur|vi|zh"
)
"""What a text may be taken for: the languages that the published checker tells apart. Rarer ones look like English
to the model: of all 140 the likeliest for `hello world` is Fula.
"""


def speaks(text: str, language: str) -> bool | None:
    """Return whether `text` is in `language` (ISO 639-1); None when that cannot be told, or the language is not
    known.
    """
    share = _share(text, language)
    return None if share is None or RULED_OUT <= share < CERTAIN else share >= CERTAIN


def language_of(text: str) -> str | None:
    """Return the language of `text` (ISO 639-1) among those that are told apart; None when that cannot be told."""
    shares = {name: p for name, p in _identifier().rank(text[:MAX_CHARACTERS]) if RIVALS.fullmatch(name)}
    likeliest = max(shares, key=lambda name: shares[name])
    return likeliest if shares[likeliest] >= CERTAIN * sum(shares.values()) else None


def may_be(text: str, language: str) -> bool:
    """Return whether nothing says that `text` is in another language."""
    return speaks(text, language) is not False


def _share(text: str, language: str) -> float | None:
    language = "zh" if language.startswith("zh-") else language
    shares = {
        name: p for name, p in _identifier().rank(text[:MAX_CHARACTERS]) if name == language or RIVALS.fullmatch(name)
    }
    return shares[language] / sum(shares.values()) if language in shares else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model takes 0.3 s, and three types need it

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
