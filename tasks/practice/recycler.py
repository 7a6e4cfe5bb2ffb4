"""The practice teacher reflects on pairs: says what it makes of one, and keeps it or writes another.

It knows these tasks by the parts of the user's message, whatever stands around them; the input may be missing.

    <reflect>instruction</reflect>              a critique, a decision, and, where it replaces, a new instruction of the
    <given_instruction>…</given_instruction>    same family (a larger one) or of another, with a response that shows
    <given_input>…</given_input>                the work
    <given_response>…</given_response>

    <reflect>response</reflect> …               likewise, with another response to the same instruction

It keeps right pairs by `settled` of the table of rates, writes one that is no better by `flat`, gives a wrong response
by `blunder`, and spoils its reply in each named way by `spoils`. About what it cannot read it talks, without a section.
"""

from dataclasses import dataclass
from random import Random

from tasks.practice import chains
from tasks.practice.author import TOPICS
from tasks.practice.decision import ReplyPlan, declined, draw, plain
from tasks.practice.judge import agrees, parts
from tasks.practice.phrases import PHRASES, phrase, tagged
from tasks.practice.problem import Pen, Problem
from tasks.practice.protocol import WINDOW
from tasks.practice.rates import Rates, Spoil
from tasks.practice.replay import Read
from tasks.practice.voice import tell


@dataclass(frozen=True)
class RecycleTask:
    of_instruction: bool
    instruction: str
    response: str


def read_task(message: str) -> RecycleTask | None:
    """Read what a message asks to be reflected on; None for one that asks for something else."""
    what, instruction, given, response = parts(message, "reflect", "given_instruction", "given_input", "given_response")
    if what not in ("instruction", "response") or instruction is None or response is None:
        return None
    return RecycleTask(what == "instruction", f"{instruction}\n\n{given}" if given else instruction, response)


def recycle(fate: Random, words: Random, rates: Rates, task: RecycleTask, read: Read) -> tuple[str, ReplyPlan]:
    """Return the reflection and its rewriting, and what that was meant to be."""
    problem = read(task.instruction)
    if problem is None:
        return phrase(words, "recycler.foreign"), declined()
    right = agrees(problem.answer, task.response)
    settled = fate.random() < rates.settled
    flat, fell = fate.random() < rates.flat, fate.random() < rates.blunder
    spoil = draw(fate, rates.spoils)
    quality = "the bare result" if right else "a result that does not come out"
    critique = tagged("critique", phrase(words, "recycler.critique", kind=problem.kind, quality=quality))
    if settled and right:
        kept = f"{critique}\n{phrase(words, 'recycler.keep')}\n{tagged('decision', 'keep')}"
        return kept, plain(problem, "keep")
    wanted = problem
    texts = []
    if task.of_instruction:
        text = _another(words, problem, task.instruction, flat)
        wanted = read(text) or problem
        texts.append(text)
    texts.append(_response(words, wanted, flat, fell))
    decision = plain(wanted, spoil or "replace", rates.blunder, fell)
    names = ("new_instruction", "new_response")[-len(texts) :]
    sections = [tagged(name, text) for name, text in zip(names, texts, strict=True)]
    said = "\n".join([critique, tagged("decision", "replace"), *sections])
    return spoilt(words, said, texts[-1], spoil) if spoil else said, decision


def spoilt(rng: Random, said: str, last: str, spoil: Spoil) -> str:
    """Return a reply whose last section, of the text `last`, went wrong."""
    section = tagged("new_response", last)
    whole = said.removesuffix(section)
    if spoil is Spoil.MARKER_MISSING:
        return rng.choice((whole + last, said.removesuffix("\n</new_response>")))
    if spoil is Spoil.TRUNCATED:
        endless = " ".join(phrase(rng, "recycler.filler") for _ in range(WINDOW // 6))
        return f"{whole}<new_response>\n{last}\n{endless}"
    ends = {
        Spoil.PLACEHOLDER: tagged("new_response", rng.choice(PHRASES["recycler.placeholders"])),
        Spoil.EMPTY: tagged("new_response", ""),
        Spoil.MULTIPLE: f"{section}\n{tagged('new_response', last)}",
    }
    return whole + ends[spoil]


def _another(rng: Random, problem: Problem, instruction: str, flat: bool) -> str:
    """Of the same family, larger; `flat`: of the smallest size. Of any, where the author knows none of the family."""
    if problem.kind == chains.KIND:
        return chains.another(rng, instruction, flat)
    topic = problem.kind if problem.kind in TOPICS else rng.choice(sorted(TOPICS))
    size = 1 if flat else 2 + min(4, len(instruction) // 40)
    text = TOPICS[topic](rng, size)
    return text if text != instruction else TOPICS[topic](rng, size + 1)


def _response(rng: Random, problem: Problem, flat: bool, fell: bool) -> str:
    slip = problem.slip(rng)
    answer = slip.answer if fell else problem.answer
    if problem.kind == chains.KIND:
        pen = Pen(slip.at, slip.wrong) if fell else Pen()
        return chains.bare(answer) if flat else chains.worked(problem, pen)
    if flat:
        return answer
    script = tell(rng, problem, slip, fell, True, ())
    return f"{script.thinking}\n\n{script.output}"
