"""Keys and tokens that a user names by reference: the only place that resolves `env:NAME` and `prefect:NAME`."""

import os
import pkgutil
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


_BLOCK = "flows.secret_block:load"
"""By its path: no room imports one above it."""
_known: dict[str, SecretStr] = {}


def secret(setting: str, reference: str) -> SecretStr:
    """Return what the environment variable holds that `reference` names, as `env:NAME`; or the Secret block of
    Prefect's server, as `prefect:NAME`, which is asked for once.

    Raises `Refused`, with the name of the setting and never with a literal that was given: it may be a key.
    """
    kind, _, name = reference.partition(":")
    if kind == "prefect" and name:
        if reference not in _known:
            _known[reference] = pkgutil.resolve_name(_BLOCK)(setting, name)
        return _known[reference]
    if kind != "env" or not name.isidentifier():
        raise Refused(f"{setting}: got a literal; give a reference such as env:NAME, so that the key stands nowhere")
    if value := os.environ.get(name):
        return SecretStr(value)
    raise Refused(f"{setting}: the environment variable {name} is not set; export it or name another")


def from_a_block(setting: str, reference: str | None) -> SecretStr | None:
    """Return the secret of a `prefect:NAME`, to hand it to a process that does not know Prefect's server; else None."""
    return secret(setting, reference) if reference and reference.startswith("prefect:") else None


def hand_over(reference: str | None, value: SecretStr | None) -> None:
    """Have this process know what `from_a_block` has found in another."""
    if reference and value:
        _known[reference] = value


def header_value(name: str, value: SecretStr | None) -> str:
    """Return the secret without the white space around it; empty for None.

    Raises `Refused`, with its name, where no HTTP header can carry it.
    """
    found = value.get_secret_value().strip() if value else ""
    if not (found.isascii() and found.isprintable()):
        raise Refused(f"{name} holds characters that no HTTP header can carry")
    return found
