"""The solution as somebody tells it: thinking, a stated answer, reflections on it, and the output."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random

from tasks.practice.phrases import GAPS, LAYOUTS, phrase
from tasks.practice.problem import Problem, Slip

AFTER_THINKING = 0.15
"""Share of the traces with reflections whose last one comes after `</thinking>`."""

ATTACKS: Sequence[str] = json.loads(Path(__file__).with_name("attacks.json").read_text("utf-8"))
"""Texts that attack a reader: a browser, a spreadsheet, a database, a terminal, a path, a chat template, a judge. None
holds a tag of the grammar or states an answer: what such a trace means is not in doubt."""


class Move(StrEnum):
    """What one reflection does."""

    IDLE = "idle"
    """Decoration: it touches no step and no answer. It comes before anything is stated."""
    PASS = "pass"
    """Goes over the work and leaves the answer, right or wrong."""
    DOUBT = "doubt"
    """Looks hard at one right step and keeps it."""
    CATCH = "catch"
    """Finds the slip and states the right answer."""
    HARM = "harm"
    """Takes a right step for a slip and states a wrong answer."""


@dataclass(frozen=True)
class Script:
    """What is said, before it is put into tags: reflections carry theirs already."""

    thinking: str
    after: str
    """A reflection that comes after the thinking; mostly empty."""
    output: str
    drafts: tuple[str | None, ...]
    """For each reflection, in order, the answer that stands stated before it."""
    answer: str
    """The final one; empty when there is none."""


def tell(rng: Random, problem: Problem, slip: Slip, fell: bool, stated: bool, moves: Sequence[Move]) -> Script:
    """Write an attempt. `fell`: the slip is made; `stated`: the draft is stated before anything reflects on it."""
    gap, opened, closed = rng.choice(LAYOUTS)
    holds = slip.answer if fell else problem.answer
    idle = [_tagged(phrase(rng, "teacher.idles"), opened, closed) for move in moves if move is Move.IDLE]
    parts = [*idle, problem.work(rng, slip, fell)]
    if rng.random() < 0.5:
        parts.reverse()
    drafts: list[str | None] = [None] * len(idle)
    if stated:
        parts = _stated(rng, parts, phrase(rng, _stating(problem, "statements"), answer=holds))
    standing = holds if stated else None
    for move in moves[len(idle) :]:
        drafts.append(standing)
        text, holds, said = _reflection(rng, problem, slip, move, holds)
        standing = holds if said else standing
        parts.append(_tagged(text, opened, closed))
    after = parts.pop() if parts[-1].endswith(">") and rng.random() < AFTER_THINKING else ""
    output = phrase(rng, _stating(problem, "outputs"), answer=holds, gist=problem.gist(rng, holds))
    return Script(gap.join(parts), after, output, tuple(drafts), holds)


def decline(rng: Random) -> Script:
    """Return what is said when no answer is to be had."""
    return Script(phrase(rng, "teacher.lost"), "", phrase(rng, "teacher.refusals"), (), "")


def ramble(rng: Random, script: Script, problem: Problem, slip: Slip, fell: bool, tokens: int) -> Script:
    """Return the same start and then no end: looks back over and over, for `tokens` or more."""
    step = slip.wrong if fell else slip.right
    looks = (problem.look(rng, slip, step, step) for _ in range(tokens // 8))
    return replace(script, thinking="\n".join([script.thinking, *looks]))


def attacked(rng: Random, script: Script) -> Script:
    """Return the script with one of the texts ahead of its thinking."""
    return replace(script, thinking=f"{rng.choice(ATTACKS)}\n{script.thinking}")


def in_words(rng: Random, script: Script) -> Script:
    """Write an attempt without tags: each reflection is a paragraph that turns back in words."""

    def turned(reflection: re.Match[str]) -> str:
        return f"\n\n{rng.choice(_TURNS)} {reflection[1].strip()}\n\n"

    text = _REFLECTION.sub(turned, f"{script.thinking}\n\n{script.after}").strip()
    return replace(script, thinking=re.sub(r"\n{3,}", "\n\n", text), after="")


_TURNS = ("Wait, let me check that.", "Let me double-check this.", "Hmm, wait.", "But let me verify that again.")
_REFLECTION = re.compile(r"\s*<reflection>([\s\S]*?)</reflection>\s*")


def _stating(problem: Problem, name: str) -> str:
    """The table in which an answer is stated so."""
    return f"code.{name}" if "\n" in problem.answer else f"teacher.{name}"


def _reflection(rng: Random, problem: Problem, slip: Slip, move: Move, holds: str) -> tuple[str, str, bool]:
    """(text, the answer that holds after it, whether the text states it)."""
    if move is Move.CATCH or move is Move.HARM:
        was, now, holds = slip.right, slip.wrong, slip.answer
        if move is Move.CATCH:
            was, now, holds = slip.wrong, slip.right, problem.answer
        text = f"{problem.look(rng, slip, was, now)} {phrase(rng, _stating(problem, 'changed'), answer=holds)}"
        return text, holds, True
    if move is Move.DOUBT:
        text = problem.look(rng, slip, slip.right, slip.right)
    else:
        text = problem.recheck(rng, slip, fell=holds != problem.answer)
    said = rng.random() < 0.35
    end = phrase(rng, _stating(problem, "repeated") if said else "teacher.held", answer=holds)
    return f"{text} {end}".rstrip(), holds, said


def _stated(rng: Random, parts: list[str], statement: str) -> list[str]:
    """The statement in the paragraph of the work, or in one of its own."""
    *before, last = parts
    if last.endswith(">") or statement.startswith("Answer") or rng.random() < 0.4:
        return [*parts, statement]
    gap = rng.choice(GAPS) if last.endswith(".") else "\n"
    return [*before, f"{last}{gap}{statement}"]


def _tagged(text: str, opened: str, closed: str) -> str:
    closed = "\n" if text.endswith("```") else closed
    return f"<reflection>{opened}{text}{closed}</reflection>"
