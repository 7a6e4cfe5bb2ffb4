"""Which part of a response answers a question of each family of reasoning-gym, by the form of its answers alone."""

import time

import pytest

from tasks.judging.gym_answer import find_gym_answer, find_gym_drafts
from tasks.judging.gym_form import FORMS, bare
from tasks.parsing.grammar import parse

GRID = "1 2\n3 4"
LIST = "['1.0', '2.0']"
NO_ONE = None
"""The whole text is taken, which has another form."""

FOUND = [
    # the bugs: the first row behind a full-width colon was left out, and the other rows judged; a heading announced no
    # sentence; nor did another language
    ("n_queens", "\u7b54\u6848\uff1a_ Q _\n_ _ Q\nQ _ _", "_ Q _\n_ _ Q\nQ _ _"),
    ("modulo_grid", "\u7b54\u6848\uff1a\u274c\u2705\n\u2705\u274c", "\u274c\u2705\n\u2705\u274c"),
    ("caesar_cipher", "### Final Answer\n\nTO THIS WORK MR", "TO THIS WORK MR"),
    (
        "caesar_cipher",
        "If the question were another, the answer is TO.\nThe answer is TO THIS WORK",
        "TO THIS WORK",
    ),
    ("letter_jumble", "Work.\n\n## Answer\n\n**to abide by it.**", "**to abide by it.**"),
    ("caesar_cipher", "**Respuesta:** TO THIS WORK MR", "TO THIS WORK MR"),
    ("group_anagrams", '\u7b54\u6848\uff1a[["ab", "ba"]]', '[["ab", "ba"]]'),
    ("rotate_matrix", f"The answer is {GRID}.", GRID),
    ("rotate_matrix", f"**Final answer:** {GRID}\n\nI hope this helps.", GRID),
    ("rotate_matrix", f"Rotated matrix: {GRID}", GRID),
    ("rotate_matrix", f"Rotating it gives {GRID}\n\nThis is it.", GRID),
    ("rotate_matrix", f"```\n3 1\n4 2\n```\n\nSo the **final matrix** is:\n```\n{GRID}\n```\nDone.", GRID),
    ("rotate_matrix", f"The original matrix is:\n3 1\n4 2\n\nRotating gives:\n\n{GRID}\n", GRID),
    ("rotate_matrix", rf"\boxed{{{GRID}}}", GRID),
    ("rotate_matrix", f"{GRID}\n\n5 6\n7 8", NO_ONE),
    ("rotate_matrix", f"At first:\n5 6\n7 8\n\nThen:\n{GRID}", NO_ONE),
    ("rotate_matrix", f"Output -> {GRID}", NO_ONE),  # a row of it may stand there
    ("rotate_matrix", f"{GRID} is the rotated matrix", NO_ONE),
    ("rotate_matrix", f"The solution is not:\n{GRID}", NO_ONE),
    ("rotate_matrix", f"For example, if it were:\n{GRID}", NO_ONE),
    ("rotate_matrix", f"I don't think that the answer is {GRID}.", NO_ONE),
    ("rotate_matrix", f"{GRID}\n\nThis is incorrect.", NO_ONE),
    ("rotate_matrix", "| 1 | 2 |\n| 3 | 4 |", NO_ONE),
    ("sudoku", f"Puzzle:\n1 _\n_ 4\n\nSolution:\n{GRID}", GRID),
    ("futoshiki", "The answer is 1 < 2\n     \n2   1.", "1 < 2\n     \n2   1"),
    (
        "tower_of_hanoi",
        "Move disk 1 from Peg 1 to Peg 2\nMove disk 2 from Peg 1 to Peg 3\n\nDone.",
        "Move disk 1 from Peg 1",
    ),
    ("number_sorting", f"Given list: ['2.0', '1.0']\n\n**Final sorted list:** {LIST}", LIST),
    ("number_sorting", f"```python\nresult = {LIST}\n```", LIST),
    ("number_sorting", f"The sorted list is {LIST}.", LIST),
    ("number_sorting", f"{LIST} or ['2.0', '1.0']", NO_ONE),
    ("number_sorting", f"The answer is {LIST}, or ['2.0', '1.0'].", NO_ONE),
    ("game_of_life", "The next state is:\n[[0,1],\n [1,0]].", "[[0,1],\n [1,0]]"),
    ("list_functions", "For [3, 4] we get [6, 8]; here: [1, 2]", "[1, 2]"),
    ("acre", "Off\n\nBecause the sphere never lights it.", "Off"),
    ("acre", "The detector is **off**.", NO_ONE),
    ("gcd", "The GCD is:\n\n12", "12"),
    ("gcd", "24 = 2*12\n\nSo it is:\n\n12", NO_ONE),  # it may be the number of a step
    ("gcd", "The answer is 12\n13.", NO_ONE),
    ("gcd", "The answer is 12 or 13.", NO_ONE),
    ("shortest_path", "The answer is right down.", "right down"),  # not `right` as in `the answer is right`
    ("word_sorting", "The answer is **so, but, which**.", "so, but, which"),
    ("simple_integration", "The integral is:\n\n**x**2 + C**", "x**2 + C"),
    ("emoji_mystery", "The answer is What, but not how?\n\nThere it is.", "What, but not how?"),
    ("emoji_mystery", "The secret sentence is:\n\n**What think you?**", "**What think you?**"),
    ("emoji_mystery", "The answer is below:\n\n```\nWhat think you?\n```", "What think you?"),
    ("no_family", "The answer is 5.", "5"),
]


@pytest.mark.parametrize(("family", "text", "answer"), FOUND)
def test_found(family: str, text: str, answer: str | None) -> None:
    stated = find_gym_answer(text, parse(text), family)
    assert stated is not None
    assert stated.answer == text[stated.start : stated.end]
    if answer is None:
        assert bare(stated.answer, FORMS[family]) is None
    else:
        assert stated.answer.startswith(answer)
        assert family == "tower_of_hanoi" or stated.answer == answer


@pytest.mark.parametrize(
    ("family", "text", "answer"),
    [
        ("rotate_matrix", "**1  2\n3 4**.", "1  2\n3 4"),
        ("rotate_matrix", "1 2\n\n3 4", None),
        ("tower_of_hanoi", "1. Move disk 1 from Peg 1 to Peg 2", "Move disk 1 from Peg 1 to Peg 2"),
        ("simple_integration", "**x**2 + C**", "x**2 + C"),
        ("gcd", "12\n13", None),
        ("kakurasu", "1 0\n0 2", None),
        ("knights_knaves", "It is false that Zoey is a hero.", None),
        ("quantum_lock", "first A then B", None),
    ],
)
def test_bare(family: str, text: str, answer: str | None) -> None:
    assert bare(text, FORMS[family]) == answer


def test_a_draft_of_several_lines() -> None:
    text = f"<thinking>The answer is {GRID}.\n<reflection>Hm.</reflection></thinking><output>{GRID}</output>"
    (draft,) = find_gym_drafts(text, parse(text), "rotate_matrix")
    assert draft is not None
    assert draft.answer == GRID


PIECES = (
    "1 2\n",
    "x:\n1\n\n",
    "answer is [",
    "answer is 1 2\n",
    "[",
    "a is b is ",
    "the answer is:\n\n",
    "1",
    "up up ",
)


@pytest.mark.parametrize("family", ["rotate_matrix", "number_sorting", "emoji_mystery", "futoshiki", "shortest_path"])
@pytest.mark.parametrize("piece", PIECES)
def test_linear_in_the_text(family: str, piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    find_gym_answer(text, parse(text), family)
    assert time.process_time() - start < 5
