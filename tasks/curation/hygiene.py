"""What should be in no data set: secrets, personal data, insults. Pure, but for the libraries and the model inside one.

Secrets by the detectors of `detect-secrets` that know the form of a key, and by its one for passwords; those by entropy
are left out, as every number in a calculation would be a finding. Personal data has a form and, where there is one, a
check digit: addresses of mail, telephone numbers (`phonenumbers`), payment cards, IBANs and social security numbers of
the US (`python-stdnum`). Names are not looked for. Insults by the model inside
`alt-profanity-check`, sentence by sentence, for English.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple


class SensitiveSpan(NamedTuple):
    reason: str
    """Such as `secret_aws_access_key`, `email`, `toxic`."""
    start: int
    """Characters (code points), half-open."""
    end: int


_GUESSING = ("Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector")
_PASSWORD = re.compile(
    r"""(?i)\b(?:pass(?:word|wd|phrase)|api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token)['"]?\s*[:=]"""
)
"""Before the detector of passwords is asked, which finds one behind every word that ends in `key`."""
_MAIL = re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b")
_RESERVED = re.compile(r"[@.](?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
"""Nobody's, by RFC 2606."""
_CARD = re.compile(
    r"(?<![\d.,-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2})([ -]?)\d{4}\1\d{4}\1\d{4}(?![\d.,-]*\d)"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_NO_NUMBER = re.compile(r"\+ .*|\d+(?:\.\d+){3,}", re.DOTALL)
"""A sum, or a version, that could be a telephone number."""
_SENTENCE = re.compile(r"[^\s<>.!?](?:[^.!?\n<>]|[.!?](?=\S))*")


def secrets(text: str) -> Iterator[SensitiveSpan]:
    """Find keys and tokens of known forms, private keys, passwords that are set."""
    for name, plugin in _detectors():
        for pattern in plugin.denylist:
            for match in pattern.finditer(text):
                if any(plugin.analyze_string(match[0])):
                    yield SensitiveSpan(f"secret_{name}", *match.span())
    if _PASSWORD.search(text):
        for at in _PASSWORD.finditer(text):
            line = text[at.start() : text.find("\n", at.start()) % (len(text) + 1)]
            for secret in _passwords(line):
                start = at.start() + line.index(secret)
                yield SensitiveSpan("secret_password", start, start + len(secret))


def personal(text: str, region: str | None = None) -> Iterator[SensitiveSpan]:
    """Find personal data by its form. `region`, such as `US`, is where telephone numbers without a `+` are from; None:
    only those with one are found.
    """
    import stdnum.iban
    import stdnum.luhn
    import stdnum.us.ssn

    checks: Sequence[tuple[str, re.Pattern[str], Callable[[str], bool]]] = (
        ("email", _MAIL, lambda found: not _RESERVED.search(found)),
        ("payment_card", _CARD, lambda found: stdnum.luhn.is_valid(re.sub(r"[ -]", "", found))),
        ("iban", _IBAN, stdnum.iban.is_valid),
        ("ssn", _SSN, stdnum.us.ssn.is_valid),
    )
    for reason, pattern, is_one in checks:
        yield from (SensitiveSpan(reason, *match.span()) for match in pattern.finditer(text) if is_one(match[0]))
    if region or "+" in text:
        import phonenumbers

        for number in phonenumbers.PhoneNumberMatcher(text, region):
            if not _NO_NUMBER.fullmatch(number.raw_string):
                yield SensitiveSpan("phone", number.start, number.end)


def toxic(texts: Sequence[str], threshold: float) -> list[SensitiveSpan | None]:
    """Return for each text its most offensive sentence, where the model gives it `threshold` or more."""
    from profanity_check import predict_prob

    sentences = [(place, *match.span()) for place, text in enumerate(texts) for match in _SENTENCE.finditer(text)]
    found: list[SensitiveSpan | None] = [None] * len(texts)
    most = [0.0] * len(texts)
    if sentences:
        likely = predict_prob([texts[place][start:end] for place, start, end in sentences])
        for (place, start, end), chance in zip(sentences, likely, strict=True):
            if chance >= max(threshold, most[place]):
                found[place], most[place] = SensitiveSpan("toxic", start, end), float(chance)
    return found


@cache
def _detectors() -> tuple[tuple[str, Any], ...]:
    """Of detect-secrets that know a form, by a name for a reason."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    kinds = get_mapping_from_secret_type_to_class()
    known = {kind: plugin() for kind, plugin in kinds.items() if plugin.__name__ not in _GUESSING}
    return tuple((re.sub(r"[^a-z0-9]+", "_", kind.lower()).strip("_"), plugin) for kind, plugin in known.items())


def _passwords(line: str) -> list[str]:
    from detect_secrets.filters.heuristic import is_sequential_string, is_templated_secret
    from detect_secrets.plugins.keyword import KeywordDetector

    found = sorted(KeywordDetector().analyze_string(line))
    return [each for each in found if each in line and not is_templated_secret(each) and not is_sequential_string(each)]
