"""The final answer: where it is looked for, which words state it, and what nobody stated."""

import json
import os
import re
from pathlib import Path
from time import process_time

import pytest

from schemas.errors import Refused
from tasks.extraction.answer import answer_place, check_pattern, find_answer
from tasks.extraction.stated_answers import find_stated
from tasks.parsing.grammar import parse

SHARED = Path(os.environ.get("REFLECTORY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

STATED = [
    # boxes
    (r"So $\boxed{5}$.", "5"),
    (r"\boxed{\frac{14}{3}}", r"\frac{14}{3}"),
    (r"\boxed{\{1,2\}} it is", r"\{1,2\}"),
    (r"\boxed {5} or rather \boxed{6}", "6"),
    (r"\boxed{\boxed{7}}", "7"),
    (r"\boxed{\text{Paris}}", "Paris"),
    (r"The answer is \boxed{5} apples.", "5"),
    ("<answer>\n1 2\n3 4\n</answer>", "1 2\n3 4"),
    ("I add them.\n[ANSWER]\n[1, 2]\n[/ANSWER]", "[1, 2]"),
    ("[ANSWER]5[/ANSWER] No: [ANSWER]6[/ANSWER]", "6"),
    # ####
    ("9 * 2 = 18\n#### 18", "18"),
    ("#### 18\nNow the next question.", "18"),
    ("so\n#### Paris\n", "Paris"),
    ("#### 1,234.5", "1,234.5"),
    # labels
    ("2 + 3 = 5\nA: 5", "5"),
    ("Q: 2 + 3?\nA: 5", "5"),
    ("Answer: 5", "5"),
    ("answer: 3.14.", "3.14"),
    ("**Answer:** 5", "5"),
    ("**Answer**: **5** apples", "5"),
    ("**Final Answer: 5.**", "5"),
    ("- Answer: Paris", "Paris"),
    ("Answer: $18", "$18"),
    ("Answer: $x = 3$", "x = 3"),
    (r"Answer: \(x = 3\)", "x = 3"),
    ('Answer: "up up right"', "up up right"),
    ("Answer: Amelia is a hero, and Elizabeth is a knave.", "Amelia is a hero, and Elizabeth is a knave"),
    ("Answer: 5. Here is why: 2 + 3.", "5"),
    ("Answer: Paris. I think my answer is correct.", "Paris"),
    ("Answer: 50%", "50%"),
    ('The answer is "Paris."', "Paris"),
    ("The answer is \u201cParis.\u201d", "Paris"),
    # what stands below
    ("The answer (Yes or No) is:\n\nYes, he could ride it.", "Yes, he could ride it"),
    ("## Final Answer\r\n\r\n18\r\n", "18"),
    ("**Answer**\n$$\n18\n$$", "18"),
    ("Answer:\n```\n1 2\n3 4\n```\nDone.", "1 2\n3 4"),
    ("The answer is:\n\n1 2\n3 4\n\nEach row grows.", "1 2\n3 4"),
    ("Answer:\n18\nThat is 9 times 2.", "18"),
    ("The answer is\n\\[\n18\n\\]", "18"),
    # sentences
    ("So the answer is 5.", "5"),
    ("The final answer is 3.14. Check it.", "3.14"),
    ("the answer is 5, because 2 + 3 = 5", "5"),
    ("The answer is x = 5, not 6.", "x = 5"),
    ("The answer is (1, 2), which is a pair.", "(1, 2)"),
    ("The answer is **B**.", "B"),
    ("The answer is 5 + 3 = 8 apples.", "8 apples"),
    ("Answer: 2 * 3 = 6", "6"),
    ("The answer is 7 (see above).", "7"),
    ("The answer is 2 (mod 5).", "2 (mod 5)"),
    ("The answer to the question is: 1/2", "1/2"),
    ("My answer is still 42!", "42!"),  # perhaps a factorial: the verifier's to say
    ("The answer is Paris!", "Paris"),
    ("The answer is St. Louis.", "St. Louis"),
    ("The correct answer should be 17 eggs.", "17 eggs"),
    ("The answer is off.", "off"),
    ("The answer is no.", "no"),
    ("So the answer is and, but, cat", "and, but, cat"),  # it was `and`, as if prose had begun
    ("The answer is: as, not, so, which. Checked.", "as, not, so, which"),
    ("The answer is 5, so, done.", "5"),
    ("The answer is Paris, right, so we can go.", "Paris"),
    ("Final Answer: The final answer is $5$. I hope it is correct.", "5"),
    # the last one counts
    ("The answer is 5. Wait, no. The answer is 6.", "6"),
    ("Answer: 5\n#### 6", "6"),
    (r"\boxed{5} is wrong, so the answer is 6.", "6"),
    ("The answer is 5. If the answer is 6, then 3 + 3 = 5.", "5"),
]


@pytest.mark.parametrize(("text", "answer"), STATED)
def test_stated(text: str, answer: str) -> None:
    stated = find_answer(text)
    assert stated is not None
    assert (stated.answer, stated.explicit) == (answer, True)
    assert stated.of(text) == answer


TALK = [
    "9 * 2 = 18",
    "She makes 18 dollars.",
    "If the answer is 5, then 2 + 3 = 5.",
    "Let me check whether my answer is 5",
    "Let me double-check the answer: 2 + 3 = 5",
    "the answer is correct",
    "I think the answer is not 5",
    "The answer is the number of eggs.",
    "The answer is in dollars.",
    "The answer is obtained by adding 2 and 3.",
    "The answer could be 5.",
    "#### Step 1\nAdd 2 and 3 to get 5.",
    "A: 5\nB: 6\nC: 7",
    "Answer:\n\nTo find it we add 2 and 3.",
    r"\boxed{5",
    r"\boxed{}",
    "Answer:",
    "Answers vary. Is the answer 5?",
]


@pytest.mark.parametrize("text", TALK)
def test_talk_states_nothing(text: str) -> None:
    assert find_stated(text) == []


def test_of_nested_boxes_only_the_innermost_states() -> None:
    """Regression: each of n nested ones was cut out and trimmed, 50 s for 400 kB."""
    assert find_stated(r"\boxed{5 = \boxed{7}}") == [(18, 19)]


def test_the_last_number_is_no_measure() -> None:
    """The control: the usual rule is wrong for much of these tables, so they tell the two apart."""

    def last_number(text: str) -> str | None:
        return next(reversed(re.findall(r"-?\d[\d,.]*", text)), None)

    assert sum(last_number(text) != answer for text, answer in STATED) > len(STATED) / 2
    assert sum(last_number(text) is not None for text in TALK) > len(TALK) / 2


def test_what_cut_off_thinking_said_on_its_way_is_no_answer() -> None:
    on = "But the first step took the wrong sign, and so the sum has to be taken once more from its beginning. " * 3
    assert find_answer(f"<think>So the answer is B. {on}") is None
    assert find_answer(f"<think>{on} So the answer is B.") is not None
    assert find_answer(f"<think>So the answer is B. {on}</think>Answer: C") is not None
    assert find_answer(f"So the answer is B. {on}") is not None


def test_a_text_that_ends_in_a_loop_comes_to_nothing() -> None:
    """The last two of its choices were taken for what it says."""
    again = "EDigital is a company that provides online trading, but it is not a stock brokerage. "
    assert find_answer(again * 20 + again[:40]) is None
    assert find_answer("The answer is 5. " + again * 20) is not None
    assert find_answer("0 0 0 0 0 0 0 0\n" * 200) is not None  # a grid
    assert find_answer(again) is not None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Paris", "Paris"),
        ("\n**Paris** \n", "Paris"),
        ("$18", "$18"),
        ("18.", "18."),  # no sentence: the period is the response's own
        ("You have tried it already?", "You have tried it already?"),
        ("_ Q _\nQ _ _", "_ Q _\nQ _ _"),
        ("```text\n1 2\n3 4\n```", "1 2\n3 4"),
        ("*a* and *b*", "*a* and *b*"),
        ("She makes\n9 * 2 = 18", "She makes\n9 * 2 = 18"),  # never the last line or number
        ("<thinking>The answer is 7.</thinking><output> 5 </output>", "5"),
    ],
)
def test_judged_as_it_is_where_nothing_is_stated(text: str, answer: str) -> None:
    stated = find_answer(text)
    assert stated is not None
    assert (stated.answer, stated.explicit) == (answer, False)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<thinking>The answer is 7.</thinking><output>The answer is 5.</output>", "5"),
        ("<output>Answer: 5</output>\nThe answer is 7.", "5"),
        ("<thinking>The answer is 7.</thinking>\nAnswer: 5", "5"),
        ("<think>The answer is 7.</think>\n5", "5"),
        ("The answer is 7.</think>5", "5"),
        ("<thinking>The answer is 7.</thinking><output></output>", None),
        ("<thinking>The answer is 7.</thinking>", None),
        ("<thinking>The answer is 7.", "7"),  # neither output nor end of the thinking: the whole text
        ("<thinking>It may be 7", None),
        ("<output>5</output><output>6</output>", "6"),
        ("<thinking>a<output>Answer: 5</output></thinking>", "5"),
        ("<thinking>a</thinking><output>The answer is 5", "5"),
        ("", None),
        (" \n", None),
    ],
)
def test_place(text: str, answer: str | None) -> None:
    stated, place = find_answer(text), answer_place(text, parse(text))
    assert (stated.answer if stated else None) == answer
    assert stated is None or place.start <= stated.start < stated.end <= place.end


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        (r"A: (.*)", "A: 5\nA: 6 \n", "6 "),  # the last match, untrimmed
        (r"A: (.*)", "The answer is 5.", None),  # no fall-back
        (r"A: (.*)", "a: 5", None),  # no flags
        (r"A: (.*)$", "A: 5\nA: 6", "6"),
        (r"^(\w+)", "<thinking>a</thinking><output>b c</output>", "b"),  # the place is all there is
        (r"A: (\d+)", "<thinking>A: 5</thinking><output>A: x</output>", None),
        (r"A:(\d*)", "A:5 A:", None),  # the last match holds nothing
        (r"A: (\d+)|B", "A: 5 B", None),
        (r"A: (.*)", "<thinking>x</thinking>A: 5", "5"),
    ],
)
def test_pattern(pattern: str, text: str, answer: str | None) -> None:
    stated = find_answer(text, pattern)
    assert (stated.answer if stated else None) == answer
    assert stated is None or (stated.explicit and stated.of(text) == answer)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [("A: .*", "has 0 groups"), ("(A): (.*)", "has 2 groups"), ("A: (.*", "does not compile"), ("*", "does not")],
)
def test_check_pattern_refuses(pattern: str, complaint: str) -> None:
    check_pattern("A: (.*)")
    check_pattern("(?:A|B): (?P<answer>.*)")
    with pytest.raises(Refused, match=complaint):
        check_pattern(pattern)


@pytest.mark.skipif(not SHARED.is_dir(), reason="REFLECTORY_SHARED_DATA is not there")
def test_recorded_solutions_of_real_models() -> None:
    """1,600 solutions: the answer is what follows `A: `; the five that run on without one have none stated."""
    rows = (SHARED / "gsm8k_model_solutions.jsonl").read_text().splitlines()
    solutions = [part["solution"] for row in rows for part in json.loads(row).values() if isinstance(part, dict)]
    expected = [next(reversed(re.findall(r"(?m)^A: (.*)$", solution)), None) for solution in solutions]
    found = [find_answer(solution) for solution in solutions]
    assert [stated.answer if stated and stated.explicit else None for stated in found] == expected
    assert (len(expected), expected.count(None)) == (1600, 5)


@pytest.mark.skipif(not SHARED.is_dir(), reason="REFLECTORY_SHARED_DATA is not there")
def test_recorded_golds() -> None:
    answers = [json.loads(row)["answer"] for row in (SHARED / "gsm8k_train.jsonl").read_text().splitlines()]
    found = [find_answer(answer) for answer in answers]
    assert [stated and stated.answer for stated in found] == [answer.split("#### ")[1] for answer in answers]


@pytest.mark.parametrize(
    "piece",
    [
        "the answer is ",
        "answer: ",
        "Answer:\n",
        "Answer:\n```",
        "answer:\n\\[",
        "#### x\n",
        "A: ",
        r"\boxed{",
        "answer is still ",
        "if the final ",
        "answer to the a b c ",
        "<answer>",
        '"*',
        ". ",
        "** ",
        " ",
        "\\",
    ],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """The slowest takes 0.3 s; what is quadratic takes minutes. Regression: `. . . .` took 160 s for 1 MB."""
    count = 200_000 // len(piece)
    start = process_time()
    find_answer("answer: " + piece * count + "5" + "}" * count)
    assert process_time() - start < 3
