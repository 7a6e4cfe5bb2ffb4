"""Answers in the forms that public data sets ask for: grids and lists of ARC, BBEH and KOR-Bench as text, and units of
physics as in SciBench and UGPhysics.
"""

from collections.abc import Iterator

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.same_text import compare_texts, judge_exact
from tasks.judging.verify import Verifier

SPELT_ALIKE = [
    ("1,1,0", "1, 1, 0"),
    ("A, C, B", "A,C,B"),
    ("{m,o,p}", "{m, o, p}"),
    ("X≥8", "X ≥ 8"),
    ("x=2,y=3", "x=2, y=3"),
    ("p∧q", "p ∧ q"),
    ("[emma, lily]", "[Emma,Lily]"),
    ("] ] )", "]])"),
    ("(E)", "E"),
    ("E", "(E)"),
    ("3:45 PM", "3:45 pm"),
    ("3:45 PM", "3:45 p.m."),
    ("the stranger's dog", "the stranger\u2019s dog"),
]
MAY_BE_ANOTHER = [
    ("1,000", "1, 000"),  # one number, or two
    ("12, 345", "12,345"),
    ("'a, b'", "'a,b'"),  # a value, in which spaces count
    ('"a b"', '"a  b"'),
    ("1 2", "12"),
    ("a b", "ab"),
    ("(E)", "e"),
    ("(a)", "a"),
    ("A, C, B", "A, B, C"),
]
OTHER = [
    ("(E)", "(D)"),
    ("3:45 PM", "3:45 AM"),
    ("1,1,0", "1, 1, 1"),
    ("{m,o,p}", "{m, o, q}"),
    ("['a, b']", "['a, c']"),
]


@pytest.mark.parametrize(
    ("gold", "answer", "ruling"),
    [
        *((*pair, Ruling.CORRECT) for pair in SPELT_ALIKE),
        *((*pair, Ruling.UNVERIFIED) for pair in MAY_BE_ANOTHER),
        *((*pair, Ruling.INCORRECT) for pair in OTHER),
    ],
)
def test_spaces_beside_marks_part_nothing(gold: str, answer: str, ruling: Ruling) -> None:
    assert compare_texts(gold, answer).ruling is ruling


GRID, WRONG = "[[3, 2], [7, 8]]", "[[3, 2], [7, 9]]"
SHOWN = [
    "The output grid is:\n\n{}",
    "**Output grid:**\n\n{}",
    "Rows are mirrored.\n\nHere is the resulting matrix:\n```json\n{}\n```",
    f"Output:\n{WRONG}\n\nWait, the correct output is:\n{{}}",
]
NOT_SHOWN = [
    "A wrong output is:\n{}",
    "The input grid is:\n{}",
    "If it were so, the output is:\n{}",
    f"The output is:\n{{}}\n\nWait, the correct output is:\n{WRONG}",
    "The output is:\n{}\nBut this is wrong.",
    "Rows are mirrored.\n\n{}",
]


@pytest.mark.parametrize("form", SHOWN)
def test_what_an_answer_shows_below_its_last_line(form: str) -> None:
    assert judge_exact(GRID, form.format(GRID), "{}").reason is Reason.EQUAL_TEXT
    assert judge_exact(GRID, form.format(WRONG), "{}").verdict is not Ruling.CORRECT


@pytest.mark.parametrize("form", NOT_SHOWN)
def test_what_is_shown_as_another_thing_decides_nothing(form: str) -> None:
    assert judge_exact(GRID, form.format(GRID), "{}").reason is Reason.UNDECIDED


ASKED = [
    # question, gold without a unit, answers that are right, wrong, and left open
    (
        "Calculate the pressure in atm.",
        "24",
        ["24 atm", "2431.8 kPa"],
        ["25 atm", "1 kPa"],
        ["24 Pa", "24 kPa", "24 K"],
    ),
    ("Find the molar volume in L/mol.", "0.366", ["366 mL/mol"], ["0.367 L/mol"], ["0.366 mL/mol"]),
    ("What is the heat, in kJ?", "4.2", ["4200 J", "4.2 kJ"], ["42 kJ", "1 kcal"], ["4.2 J"]),
    ("What is the wavelength in nm?", "500", ["500 nm", "0.5 μm", "5e-7 m"], ["600 nm", "0.6 μm"], ["500 m"]),
]
WRITTEN = [
    # gold with its unit, answers that are right, and wrong
    (
        "15 m/s",
        [r"15\ \mathrm{m\,s^{-1}}", r"15\ \mathrm{m \cdot s^{-1}}", r"15~\mathrm{m~s^{-1}}"],
        [r"15\,\mathrm{m\;s^{-2}}"],
    ),
    (
        "9.8 N",
        [r"9.8\,\mathrm{kg\cdot m/s^2}", r"9.8\ \mathrm{kg}\cdot\mathrm{m}/\mathrm{s}^2"],
        [r"9.8\ \mathrm{kg\cdot m/s}"],
    ),
    ("8.314 J/(mol K)", [r"8.314\ \mathrm{J\,K^{-1}\,mol^{-1}}"], [r"8.314\ \mathrm{J\,K^{-1}}"]),
    ("10 kΩ", ["10000 Ω", "10000 ohm", r"10\ \mathrm{k\Omega}"], ["10 Ω", "10 MΩ"]),
    ("2 ns", ["2e-9 s", "0.002 μs"], ["2 μs"]),
    ("7 GeV", ["7000 MeV"], ["7 MeV"]),
]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    verifier = Verifier()
    yield verifier
    verifier.close()


@pytest.mark.parametrize(("question", "gold", "right", "wrong", "unsure"), ASKED, ids=lambda part: str(part)[:40])
def test_a_question_may_ask_for_a_unit_of_physics(
    verifier: Verifier, question: str, gold: str, right: list[str], wrong: list[str], unsure: list[str]
) -> None:
    """The bugs: 24 Pa was right where 24 atm is, and 2431.8 kPa wrong."""
    for ruling, answers in ((Ruling.CORRECT, right), (Ruling.INCORRECT, wrong), (Ruling.UNVERIFIED, unsure)):
        for answer in answers:
            assert verifier.judge("number", gold, answer, "{}", question).verdict is ruling, answer


@pytest.mark.parametrize(("gold", "right", "wrong"), WRITTEN, ids=lambda part: str(part)[:40])
def test_products_of_units_as_latex_has_them(verifier: Verifier, gold: str, right: list[str], wrong: list[str]) -> None:
    assert {verifier.judge("number", gold, answer).verdict for answer in right} == {Ruling.CORRECT}
    assert {verifier.judge("number", gold, answer).verdict for answer in wrong} <= {Ruling.INCORRECT, Ruling.UNVERIFIED}
