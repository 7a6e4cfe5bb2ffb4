"""Python tasks of our own: write a small function, or mend one with a bug. No other program is asked for them.

The gold is a reference solution; the cases of the spec hold what it returns, and few of them stand in the text.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from types import MappingProxyType

from schemas.closest import hint
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from schemas.question_source import Questions
from schemas.record import canonical_json, content_key
from tasks.questions.programs import Program, ProgramCase, kinds, make, run
from tasks.questions.seed import Loaded, made
from tasks.questions.source import Source
from tasks.wording import say

FAMILIES = ("write_function", "debug_function")
LIMIT = 60
LICENCE = "Apache-2.0"

WRITE = (
    "Write a Python function `{call}` that returns {does}.{note}",
    "Implement `{call}` in Python. It returns {does}.{note}",
    "[I need|Please write] a Python function `{call}`. [It should return|The function returns] {does}.{note}",
    "[Complete|Write] `def {call}:` so that it returns {does}.{note}",
    "In Python, define `{call}`, which returns {does}.{note}",
)
DEBUG = (
    "[This|The following] Python function should return {does}.{note} [But it has a bug|It does not|Something is wrong]"
    ": {failure}.\n\n{code}\n\n[Find the bug and give|Please mend it and show|Write] the corrected function.",
    "{code}\n\n`{name}` should return {does}.{note} [However, |Instead, |]{failure}. [Mend|Correct|Repair] the"
    " function.",
    "[Debug this function.|What is wrong here? Give the mended function.]\n\n{code}\n\nIt should return {does}.{note}"
    " [For example|At the moment], {failure}.",
)
FAILURES = (
    "{said} instead of `{value}`",
    "{said}, [not|and not] `{value}`",
    "{said} where [it should be|we want] `{value}`",
    "{said}[; expected is|, but should give] `{value}`",
)
EXAMPLES = (
    # what comes before them, how one is written, what stands between them
    ("\n\n[Examples|For example|Such as]:\n", "{call} == {value}", "\n"),
    ("\n\n", ">>> {call}\n{value}", "\n"),
    (" [For example, |]", "`{call}` [returns|gives|is] `{value}`", ", "),
    ("\n\n", "- `{call}` → `{value}`", "\n"),
    ("\n\n[Example|Test] calls:\n", "{call}  # {value}", "\n"),
)


class PythonTasks(Source):
    def load(self, seed: int) -> Loaded:
        """Draw `questions.limit` of them, all different, the families in turn: more never change the earlier ones.

        Raises `Refused` for an unknown family.
        """
        families = self.settings.families or FAMILIES
        for family in families:
            if family not in FAMILIES:
                known = f"{', '.join(FAMILIES)}{hint(family, FAMILIES)}"
                raise Refused(f"questions.families: got {family!r}; python_tasks has {known}")
        streams = itertools.cycle([_distinct(self.settings, family, seed) for family in dict.fromkeys(families)])
        return made(itertools.islice((next(stream) for stream in streams), self.settings.limit or LIMIT))


def _distinct(settings: Questions, family: str, seed: int) -> Iterator[Question]:
    """The family's questions without end, every kind of program in turn, in an order that changes each time."""
    seen: set[str] = set()
    for turn in itertools.count():
        order = Random(_number("order", family, seed, turn)).sample(sorted(kinds()), len(kinds()))
        for name in order:
            rng = Random(_number("program", family, seed, turn, name))
            program = make(kinds()[name], rng)
            text = _MAKERS[family](rng, program)
            if text not in seen:
                seen.add(text)
                cases = [{"args": case.args, "expected": case.expected} for case in program.cases]
                yield Question.of(
                    text=text,
                    gold=program.source,
                    kind=AnswerKind.CODE,
                    spec=canonical_json({"entry_point": program.name, "cases": cases}),
                    source=f"{settings.name or 'python_tasks'}/{family}",
                    tags=(name,),
                    licence=settings.licence or LICENCE,
                )


def _write(rng: Random, program: Program) -> str:
    telling = {canonical_json(case.expected): case for case in program.cases[-4:]}
    shown = rng.sample(list(telling.values()), min(len(telling), rng.choice((1, 2, 2))))
    before, form, between = rng.choice(EXAMPLES)
    lines = [say(rng, (form,), call=_call(program, case), value=repr(case.expected)) for case in shown]
    end = "." if between == ", " else ""
    return f"{_asked(rng, WRITE, program)}{say(rng, (before,))}{between.join(lines)}{end}"


def _debug(rng: Random, program: Program) -> str:
    """With one of the bugs that show, and one of the cases where it does."""
    for broken in rng.sample(program.broken, len(program.broken)):
        failing = [(case, said) for case in program.cases if (said := _failure(broken, program, case))]
        if failing:
            case, said = rng.choice(failing)
            failure = say(rng, FAILURES, said=said, value=repr(case.expected))
            return _asked(rng, DEBUG, program, failure=failure, code=f"```python\n{broken}\n```")
    raise AssertionError(f"no bug of this program shows in its cases:\n{program.source}")


def _failure(broken: str, program: Program, case: ProgramCase) -> str:
    """What the broken program does in a case, in words; empty where that is right."""
    try:
        value = run(broken, program.name, case.args)
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        return f"`{_call(program, case)}` raises {type(error).__name__}"
    same = canonical_json(value) == canonical_json(case.expected)
    return "" if same else f"`{_call(program, case)}` returns `{value!r}`"


def _asked(rng: Random, forms: Sequence[str], program: Program, **more: str) -> str:
    call = f"{program.name}({', '.join(program.parameters)})"
    note = program.note and f" {program.note}"
    return say(rng, forms, call=call, name=program.name, does=program.does, note=note, **more)


def _call(program: Program, case: ProgramCase) -> str:
    return f"{program.name}({', '.join(map(repr, case.args))})"


def _number(*parts: str | int) -> int:
    return int(content_key("python_tasks", *parts), 16)


_MAKERS: Mapping[str, Callable[[Random, Program], str]] = MappingProxyType(
    {"write_function": _write, "debug_function": _debug}
)
