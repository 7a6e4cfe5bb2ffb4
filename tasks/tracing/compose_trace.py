"""One trace from a draft, a critique of it and perhaps a revision, as somebody who thinks it all in one go. Pure.

    <thinking>draft, and its answer <reflection>critique</reflection> work of the revision</thinking><output>…</output>

What the teacher wrote stays as it wrote it; so does a defect of the revision, which the grammar then finds.
"""

import json

from schemas.question import Question
from schemas.trace import Structure
from tasks.extraction.stated_answers import find_stated
from tasks.judging.reading import read_answers
from tasks.judging.verifiers import VERIFIERS
from tasks.parsing.grammar import TAG, Parsed, parse, write
from tasks.tracing.strategy import Answer

COMPOSED = "second-look-1"
"""Part of the key of every attempt that is composed so: change it when the text comes out differently for any calls."""


def with_tags(said: Answer, question: Question) -> Answer:
    """Return an answer without tags in ours: all of it is thinking, and the paragraph that states its answer the
    output; the whole where none is stated. Any other stays as it is.
    """
    parsed = parse(*said)
    text = said.text[: parsed.end]
    if parsed.structure is not Structure.UNTAGGED:
        return said
    answer, _ = read_answers(text, parsed, question.kind, json.loads(question.spec))
    output = _paragraph(text, answer.start, answer.end) if answer and answer.explicit else text
    return Answer(write([text], output), said.finish_reason)


def _paragraph(text: str, start: int, end: int) -> str:
    begin = text.rfind("\n\n", 0, start)
    stop = text.find("\n\n", end)
    return text[begin + 2 if begin >= 0 else 0 : stop if stop >= 0 else len(text)].strip()


def draft_and_critique(draft: str, parsed: Parsed, question: Question, critique: str) -> str:
    """Return the trace up to the end of the critique, its thinking still open, from a draft without a defect.

    The draft's answer stands stated before the critique, so that it can be compared with the final one: where the
    thinking does not end in it, the draft's output follows.
    """
    thinking = _thinking(draft, parsed)
    answer, _ = read_answers(draft, parsed, question.kind, json.loads(question.spec))
    if answer is None or _last_stated(thinking, question) != answer.answer:
        bare = answer is not None and not answer.explicit and VERIFIERS[question.kind].states_answers
        output = parsed.output.of(draft).strip() if parsed.output else ""
        thinking = f"{thinking}\n\nAnswer: {output}" if bare else f"{thinking}\n\n{output}"
    return f"<thinking>{thinking}\n\n<reflection>\n{_without_tags(critique)}\n</reflection>\n"


def conclude(so_far: str, output: str) -> str:
    """Return the draft's own output, after a critique that confirms it."""
    return f"{so_far}</thinking>\n<output>{output}</output>"


def go_on_thinking(so_far: str, revision: str) -> str:
    """Return the revision's text, its thinking as the rest of the one that is open; closed where the revision
    has none.
    """
    first = TAG.search(revision)
    if first and first[0] in ("<thinking>", "<think>"):
        return f"{so_far}\n{revision[: first.start()].lstrip()}{revision[first.end() :].lstrip()}"
    return f"{so_far}</thinking>\n{revision}" if first and first[0] == "<output>" else f"{so_far}\n{revision}"


def _thinking(draft: str, parsed: Parsed) -> str:
    """The inside of the thinking, and the reflections that come after it."""
    if parsed.thinking is None:
        return ""
    end = parsed.thinking.end
    after = [
        f"<reflection>{reflection.text}</reflection>" for reflection in parsed.reflections if reflection.start > end
    ]
    return "\n\n".join([parsed.thinking.of(draft).rstrip(), *after])


def _last_stated(text: str, question: Question) -> str | None:
    pattern = json.loads(question.spec).get("answer_pattern")
    found = VERIFIERS[question.kind].stated(text) if pattern is None else find_stated(text, pattern)
    return text[slice(*found[-1])] if found else None


def _without_tags(critique: str) -> str:
    """Without the marks of a reflection, which it is; other tags of ours are mentions, and spelt `&lt;output>`."""
    return TAG.sub(lambda m: "" if m[2] == "reflection" else "&lt;" + m[0][1:], critique).strip()
