"""What is wrong with a command line, in the words of who wrote it."""

import re
from collections.abc import Sequence
from itertools import pairwise

import typer

from schemas.closest import hint

_NOT_ONE_OF = re.compile(r"is not one of (?P<names>.+?)\.?$")
_SHOULD_BE = re.compile(r"Input should be (?P<needed>.+?)(, .*)?$")
_IN_OUR_WORDS = {
    "greater than or equal to": "at least",
    "greater than": "more than",
    "less than or equal to": "at most",
    "a valid": "a",
    "a integer": "an integer",
}
"""What Typer (0.29) says of a value by pydantic, and what a configuration says of the same."""


def complaint(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """Say of a command line that cannot be what came, what is needed, and which name is closest."""
    said = error.format_message()
    if option := getattr(error, "option_name", None):  # of NoSuchOption, which Typer keeps to itself
        said += "" if vars(error)["possibilities"] else _where(option, vars(error)["ctx"])
    elif isinstance(error, typer.BadParameter) and error.param:
        names = error.param.opts if error.param.param_type_name == "option" else ()
        given = next((value for name in names for value in _values(name, arguments)), None)
        needed = _needed(error.message, given)
        if needed and names:
            return f"{names[0]}: {needed if given is None else f'got {given!r}; {needed}'}"
    return f"{said} (--help says what a command takes)"


def _needed(message: str, given: str | None) -> str | None:
    if found := _NOT_ONE_OF.search(message):
        names = re.findall(r"'([^']+)'", found["names"])
        return f"needs one of {', '.join(names)}{hint(given or '', names)}"
    if not (found := _SHOULD_BE.search(message)):
        return None
    needed = found["needed"]
    for theirs, ours in _IN_OUR_WORDS.items():
        needed = needed.replace(theirs, ours)
    return f"needs {needed}"


def _values(name: str, arguments: Sequence[str]) -> list[str]:
    """What was given for an option, the last one first."""
    apart = [after for before, after in pairwise(arguments) if before == name]
    joined = [each.partition("=")[2] for each in arguments if each.startswith(f"{name}=")]
    return [*joined, *apart][::-1]


def _where(option: str, context: typer.Context) -> str:
    """Where an option belongs that this command has not: behind a command, or into the configuration."""
    if context.parent is None:
        return "; options stand behind the command"
    if not any("--set" in param.opts for param in context.command.params):
        return ""
    from flows.misconfigured import dotted, keys
    from schemas.configuration import RunConfiguration

    name = option.lstrip("-").replace("-", "_")
    meant = [dotted(*key) for key in keys(RunConfiguration, of_items=False) if key[1] == name and key[0]]
    return f"; a configuration says it: --set {' or '.join(f'{key}=…' for key in meant[:3])}" if meant else ""
