"""Keys and tokens that a user names by reference: the only place that resolves `env:NAME`."""

import os
import re

from pydantic import SecretStr

from schemas.errors import Refused

_LOOKS_SECRET = re.compile(
    r"""(?ix)
    \b (?: sk | pk | rk | hf | gsk | xai | ghp | gho | glpat | github_pat | nvapi ) [-_] [-\w]{12,}
    | \b AIza [-\w]{20,}
    | \b eyJ [-\w]+ \. [-\w]+ (?: \. [-\w]+ )?
    | (?<= bearer [ ] ) [^\s"',;]{8,}
    | (?<= :// ) [^\s/@"']+ (?= @ )
    """
)
_NAMED = re.compile(
    r"""(?ix)
    ( (?: api[-_ ]?key | authorization | password | secret | token ) ["']? \s* [:=] \s* ["']? )
    (?! bearer [ ] ) [^\s"',;&]{8,}
    """
)
"""A value whose name says that it is one."""


def mask(text: str) -> str:
    """Put `***` where keys, tokens and passwords stand, or what looks like them: endpoints echo what they know."""
    return _NAMED.sub(r"\1***", _LOOKS_SECRET.sub("***", text))


def secret(setting: str, reference: str) -> SecretStr:
    """Return what the environment variable holds that `reference` names, as `env:NAME`.

    Raises `Refused`, with the name of the setting and never with a literal that was given: it may be a key.
    """
    kind, _, variable = reference.partition(":")
    if kind != "env" or not variable.isidentifier():
        raise Refused(f"{setting}: got a literal; give a reference such as env:NAME, so that the key stands nowhere")
    if value := os.environ.get(variable):
        return SecretStr(value)
    raise Refused(f"{setting}: the environment variable {variable} is not set; export it or name another")


def header_value(name: str, value: SecretStr | None) -> str:
    """Return the secret without the white space around it; empty for None.

    Raises `Refused`, with its name, where no HTTP header can carry it.
    """
    found = value.get_secret_value().strip() if value else ""
    if not (found.isascii() and found.isprintable()):
        raise Refused(f"{name} holds characters that no HTTP header can carry")
    return found
