"""The practice teacher writes and mends functions from the question's text alone."""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest

from schemas.configuration import Preset
from schemas.question import Question
from schemas.question_source import Questions
from schemas.trace import Structure
from schemas.verdict import Effect
from tasks.judging.reading import read_answers
from tasks.parsing.grammar import parse
from tasks.practice import listings, program_words, programs
from tasks.practice.behaviour import FAMILIES, Reply, read, reply
from tasks.practice.idioms import idioms
from tasks.practice.rates import FLAWLESS, PRESETS
from tasks.questions import load
from tasks.wording import say


@cache
def questions(limit: int = 400, seed: int = 3) -> tuple[Question, ...]:
    asked = Questions.model_validate({"source": "python_tasks", "limit": limit})
    return tuple(one.question for one in load(asked, seed).seeds)


def request(question: str, seed: int = 0, **more: Any) -> dict[str, Any]:
    message = {"role": "user", "content": question}
    return {"model": "practice", "messages": [message], "temperature": 0.7, "seed": seed, **more}


def passes(source: str, question: Question) -> bool:
    spec = json.loads(question.spec)
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    try:
        got = [namespace[spec["entry_point"]](*case["args"]) for case in json.loads(question.spec)["cases"]]
    except (TypeError, LookupError, ValueError, AttributeError):
        return False
    return [case["expected"] for case in spec["cases"]] == got


def test_flawless_answers_pass_all_cases_and_no_slip_does() -> None:
    for seed, question in enumerate(questions()):
        made = reply(request(question.text, seed), FLAWLESS)
        (decision,) = made.decisions
        assert isinstance(decision.problem, programs.Program), question.text
        _, answer = found(made, question)
        assert answer is not None
        assert answer == decision.answer
        assert passes(answer, question), question.text
        for fault in decision.problem.faults:
            assert not passes(fault.code, question), fault
        assert decision.problem.slip(Random(seed)).answer in {fault.code for fault in decision.problem.faults}


def test_most_bugs_are_mended_in_their_line() -> None:
    broken = [question for question in questions() if question.source.endswith("debug_function")]
    read_ = [programs.read(question.text) for question in broken]
    assert sum(bool(problem and problem.mended) for problem in read_) > 0.85 * len(broken)
    for question, problem in zip(broken, read_, strict=True):
        assert problem is not None
        if problem.mended:
            assert problem.mended in question.text


ASKED = "Write a Python function `f(xs)` that returns {}\n\n>>> f([1, 2, -4])\n{}"


@pytest.mark.parametrize(
    ("does", "value", "part"),
    [
        ("the sum of the squares of the even numbers in `xs`.", "20", "% 2 == 0"),
        ("the sum of the squares of the odd numbers in `xs`.", "1", "% 2 == 1"),
        ("the sum of the cubes of the even numbers in `xs`.", "-56", "** 3"),
        ("the sum of the squares of the negative numbers in `xs`.", "16", "< 0"),
        ("a list of the distinct items of `xs`, each where it stands for the last time.", "[1, 2, -4]", "reversed"),
    ],
)
def test_an_altered_specification_gets_another_function(does: str, value: str, part: str) -> None:
    problem = programs.read(ASKED.format(does, value))
    assert problem is not None
    assert part in problem.answer
    assert problem.task.name == "f"


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Write a Python function that sorts.",
        ASKED.format("the sum of the roots of the even numbers in `xs`.", "2"),
        ASKED.format("the sum of the squares of the even numbers in `ys`.", "20"),
        ASKED.format("the sum of the squares of the even numbers in `xs` below 3.", "4"),
        ASKED.format("the sum of the squares of the even numbers in `xs`. Ignore negative ones.", "4"),
        ASKED.format("the sum of the squares of the even numbers in `xs`.", "21"),  # the example says otherwise
        ASKED.format("the sum of the squares of the even numbers in `xs`.", "20").replace("xs", "sum"),
        ASKED.format("the sum of the squares of the even numbers in `xs`.", "20").replace("xs", "class"),
        ASKED.format("the sum of the squares of the even numbers in `xs`.", "20") + " " * 5000,
    ],
)
def test_what_it_cannot_read_it_leaves(question: str) -> None:
    assert programs.read(question) is None
    assert reply(request(question or "?"), FLAWLESS).decisions[0].refused


def test_shown_code_is_never_run(tmp_path: Any) -> None:
    """A question comes from anywhere."""
    left = tmp_path / "left"
    code = f"def f(xs):\n    total = open({str(left)!r}, 'w')\n    return total"
    text = (
        f"This Python function should return the sum of the squares of the even numbers in `xs`. But it has a bug:"
        f" `f([2])` returns `0` instead of `4`.\n\n```python\n{code}\n```\n\nWrite the corrected function."
    )
    problem = programs.read(text)
    assert problem is not None
    assert not problem.mended
    assert reply(request(text), FLAWLESS).decisions[0].answer == problem.answer
    assert not left.exists()


def test_names_of_the_question_do_not_meet_those_of_the_code() -> None:
    for name in ("total", "n", "chosen", "number", "result"):
        problem = programs.read(
            ASKED.format("the sum of the squares of the even numbers in `xs`.", "20").replace("xs", name)
        )
        assert problem is not None, name


def test_what_is_no_name_is_left() -> None:
    """Found by mutilating questions: `9lists` reads like a name and is none."""
    asked = ASKED.format("the sum of the squares of the even numbers in `xs`.", "20")
    assert programs.read(asked.replace("f(", "9f(")) is None
    rng = Random(1)
    for question in questions(200):
        for _ in range(3):
            at = rng.randrange(len(question.text))
            junk = rng.choice(("", "(" * 30, ")", "`", "9" * 300, "[[", "```python\n", "def f(x):", "{", "$a", "\x00"))
            programs.read(question.text[:at] + junk + question.text[at + rng.randrange(9) :])


def test_work_by_hand_ends() -> None:
    text = "Implement `f(n)` in Python. It returns how many steps `n` takes to reach 1 when an even number is halved"
    text += " and an odd number `n` becomes `3 * n + 1`.\n\n>>> f({})\n{}"
    assert programs.read(text.format(8, 3)) is not None
    assert programs.read(text.format(0, 0)) is None  # it would go on for ever


def test_the_process_of_the_teacher_knows_no_gold() -> None:
    code = "import tasks.practice.__main__ as m; {}import tasks.practice.server; import tasks.questions"
    run = [subprocess.run([sys.executable, "-c", code.format(block)]) for block in ("m.block_golds(); ", "")]
    assert [done.returncode for done in run] == [1, 0]  # the second is the control
    code = "import tasks.practice.server, sys; print([m for m in sys.modules if m.startswith('tasks.questions')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def found(made: Reply, question: Question) -> tuple[tuple[str | None, ...], str | None]:
    answer, drafts = read_answers(made.text, parse(made.text), question.kind, json.loads(question.spec))
    return tuple(draft and draft.answer for draft in drafts), answer and answer.answer


@pytest.mark.parametrize("preset", Preset)
def test_drafts_and_answers_are_found_as_meant(preset: Preset) -> None:
    effects: Counter[Effect] = Counter()
    for seed, question in enumerate(questions()):
        made = reply(request(question.text, seed), PRESETS[preset])
        decision = made.decisions[0]
        if decision.malform is Structure.OK and not decision.refused:
            assert found(made, question) == (decision.drafts, decision.answer), made.text
            effects[decision.effect] += 1
            final = decision.effect in (Effect.CORRECTED, Effect.CONFIRMED)
            assert decision.answer is not None
            assert passes(decision.answer, question) == final or decision.effect is Effect.NONE
    assert set(effects) == set(Effect)


def test_families_do_not_read_each_other() -> None:
    for question in questions(100):
        assert sum(family.read(question.text) is not None for family in FAMILIES) == 1


def test_wording_varies() -> None:
    """Of twenty samples no two begin alike, and hardly any two lines of prose are the same."""
    openings, lines = Counter[str](), Counter[str]()
    for seed, question in enumerate(questions(40)):
        text = reply(request(question.text, seed), FLAWLESS).text
        thinking = re.sub(r"```python\n.*?```|`[^`]*`", "…", text.partition("<thinking>")[2], flags=re.S)
        openings[thinking.strip()[:50]] += 1
        lines.update(line.strip() for line in thinking.splitlines() if len(line) > 40)
    assert max(openings.values()) <= 2
    assert max(lines.values()) <= 4


TABLES = {
    f"{module.__name__}.{name}": value
    for module in (listings, program_words)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, tuple)
}


@pytest.mark.parametrize("table", TABLES)
def test_forms_are_well_formed(table: str) -> None:
    names = set(re.findall(r"\{(\w+)\}", " ".join(TABLES[table])))
    for seed in range(40):
        said = say(Random(seed), TABLES[table], **dict.fromkeys(names, "5"))
        assert not re.search(r"[\[\]{}|]", said), said
        assert "  " not in said


def test_every_idiom_is_asked_for() -> None:
    asked = {question.tags[0] for question in questions()}
    assert set(idioms()) == asked
    assert all(read(question.text) for question in questions(60))
