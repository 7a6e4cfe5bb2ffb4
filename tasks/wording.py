"""Words from tables: one entry of a table holds many sentences."""

import re
from collections.abc import Sequence
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def say(rng: Random, forms: Sequence[str], **values: object) -> str:
    """Return a form of the table, each `[this|that]` (they nest) decided, each `{name}` filled from `values`.

    The first letter is made a capital, unless the form starts with a value.
    """
    form = rng.choice(forms)
    while "[" in form:
        form = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), form)
    text = form.format(**values)
    return text[:1].upper() + text[1:] if form[:1].isalpha() else text


def times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
