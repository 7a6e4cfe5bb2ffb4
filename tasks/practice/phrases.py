"""What the practice teacher says, from `phrases.toml`, and how it sets that out."""

import tomllib
from pathlib import Path
from random import Random

from tasks.wording import say

PHRASES = {
    f"{section}.{name}": tuple(forms)
    for section, tables in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items()
    for name, forms in tables.items()
}
"""By section and name, such as `teacher.statements`."""
_LAYOUT = tomllib.loads(Path(__file__).with_name("layout.toml").read_text("utf-8"))
LAYOUTS, GAPS, LISTS = _LAYOUT["layouts"], _LAYOUT["gaps"], _LAYOUT["lists"]


def phrase(rng: Random, name: str, **values: object) -> str:
    """Return a form of the table, as `say` decides and fills it."""
    return say(rng, PHRASES[name], **values)


def tagged(name: str, text: str) -> str:
    """Return the text on lines of its own, between the tags of the name."""
    return f"<{name}>\n{text}\n</{name}>"
