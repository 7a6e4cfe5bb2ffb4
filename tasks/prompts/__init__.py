"""What teachers are told: the shipped prompts or what replaces them, and how parts are put between tags."""

import re
from functools import cache
from importlib.resources import files

from schemas.prompts import Prompts

_OURS = (
    r"rubric|question(?:_[ab])?|reference|answer(?:_[ab])?|attempt|critique|topic|setting|example|method|count"
    r"|given_\w+|new_\w+|decision|reflect"
)
_FENCE = re.compile(rf"<(?=\s*/?\s*(?:{_OURS})\b)|<(?=\|)", re.IGNORECASE)


@cache
def shipped(name: str) -> str:
    """Return the text of the shipped prompt `name`: what stands in `prompts/NAME.txt`."""
    return files("tasks").joinpath(f"prompts/{name}.txt").read_text(encoding="utf-8")


def prompt(name: str, prompts: Prompts) -> str:
    """Return the text of a prompt: the one in `prompts`, else the shipped one of this name."""
    return prompts.replaced.get(name, shipped(name))


def changed(prompts: Prompts) -> dict[str, str]:
    """Return those in `prompts` that say something else than the shipped ones, by their names."""
    return {name: text for name, text in prompts.replaced.items() if text != shipped(name)}


def fenced(name: str, text: str) -> str:
    """Put `text` between tags of that name. A tag of ours inside it, or a `<|token|>`, is spelt `&lt;…`, so that it can
    neither end its part nor begin another.
    """
    return f"<{name}>\n{_FENCE.sub('&lt;', text.strip())}\n</{name}>"
