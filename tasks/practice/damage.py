"""A script in tags, whole or with one named defect of the grammar."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from types import MappingProxyType

from schemas.trace import Structure
from tasks.practice.phrases import phrase, tagged
from tasks.practice.voice import Script

_TAG = re.compile(r"</?(?:thinking|reflection|output)>\n?")
_CLOSING = re.compile(r"</(?:thinking|reflection|output)>")


def whole(script: Script) -> str:
    return _blocks(_thinking(script), script.after, output_block(script))


def thinks(rng: Random, script: Script) -> str:
    """Spell an attempt as models do that think in `<think>`: their output may have no tags."""
    output = rng.choice((script.output, output_block(script)))
    return _blocks(f"<think>\n{script.thinking}\n</think>", script.after, output)


def damaged(rng: Random, script: Script, defect: Structure) -> str:
    """Return the text with `defect` as the first thing wrong with it."""
    return _DAMAGE[defect](rng, script)


def _thinking(script: Script) -> str:
    return tagged("thinking", script.thinking)


def output_block(script: Script) -> str:
    return tagged("output", script.output)


def _blocks(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _unclosed(rng: Random, script: Script) -> str:
    text = whole(script)
    tag = rng.choice(sorted(set(_CLOSING.findall(text))))
    head, tail = text.rsplit(tag, 1)
    return head.rstrip() + tail


def _text_outside(rng: Random, script: Script) -> str:
    blocks = [_thinking(script), script.after, output_block(script)]
    at, name = ((0, "greetings"), (2, "turns"), (3, "farewells"))[rng.randrange(3)]
    blocks.insert(at, phrase(rng, f"teacher.{name}"))
    return _blocks(*blocks)


_DAMAGE: Mapping[Structure, Callable[[Random, Script], str]] = MappingProxyType(
    {
        Structure.EMPTY: lambda _, made: "",
        Structure.UNTAGGED: lambda _, made: _TAG.sub("", whole(made)),
        Structure.UNCLOSED: _unclosed,
        Structure.UNOPENED: lambda rng, made: whole(made).replace(rng.choice(("<thinking>\n", "<output>\n")), "", 1),
        Structure.NESTED: lambda _, made: tagged("thinking", _blocks(made.thinking, made.after, output_block(made))),
        Structure.REPEATED: lambda rng, made: _blocks(
            whole(made), tagged("output", rng.choice(("Once more, in short. ", "")) + made.output)
        ),
        Structure.MISSING_THINKING: lambda _, made: output_block(made),
        Structure.MISSING_OUTPUT: lambda _, made: _blocks(_thinking(made), made.after),
        Structure.OUT_OF_ORDER: lambda _, made: _blocks(output_block(made), _thinking(made), made.after),
        Structure.TEXT_OUTSIDE: _text_outside,
        Structure.EMPTY_THINKING: lambda _, made: _blocks("<thinking>\n</thinking>", output_block(made)),
        Structure.EMPTY_REFLECTION: lambda rng, made: whole(
            replace(made, thinking=f"{made.thinking}\n<reflection>{rng.choice(('', chr(10)))}</reflection>")
        ),
        Structure.EMPTY_OUTPUT: lambda _, made: whole(replace(made, output="")),
    }
)
