"""Kind `exact`: the same text, another one, or perhaps another spelling of the same."""

import json

import pytest

from schemas.verdict import Reason
from tasks.judging.same_text import compare_texts, judge_exact
from tasks.judging.verifiers.exact import ExactVerifier


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("Paris", " **Paris**. ", Reason.EQUAL_TEXT),
        ("Monday", "monday", Reason.EQUAL_TEXT),
        ("New York", "new york", Reason.EQUAL_TEXT),
        ("pH", "PH", Reason.UNDECIDED),  # capitals that say something
        ("ABC", "abc", Reason.UNDECIDED),
        ("A", "a", Reason.UNDECIDED),
        ("Paris", "London", Reason.NOT_EQUAL),
        ("Paris", "The capital is Paris.", Reason.UNDECIDED),  # the gold in a sentence that may say anything of it
        ("Paris", "It is not Paris.", Reason.UNDECIDED),
        ("Paris", "The capital is London.", Reason.NOT_EQUAL),
        ("Niger", "Nigeria", Reason.NOT_EQUAL),
        ("[0, 1)", "[0,1)", Reason.EQUAL_TEXT),
        ("[0, 1)", "[0,1]", Reason.NOT_EQUAL),
        ("(1, 2)", "(2, 1)", Reason.NOT_EQUAL),
        ("{1,2}", "{2, 1}", Reason.EQUAL_TEXT),
        # the same figures: a sign in brackets or words, percent in points, a factor, a ratio
        ("-12.5%", "(12.5%)", Reason.UNDECIDED),
        ("-12.5", "a decrease of 12.5", Reason.UNDECIDED),
        ("-12.5%", "decreased by 12.5%", Reason.UNDECIDED),
        ("12.5%", "12.5 percentage points", Reason.UNDECIDED),
        ("1.5", "1.5x", Reason.UNDECIDED),
        ("2019", "FY2019", Reason.UNDECIDED),
        ("3:1", "3 to 1", Reason.UNDECIDED),
        ("3:1", "1 to 3", Reason.NOT_EQUAL),
        ("-12.5", "12.5", Reason.NOT_EQUAL),
        # items in their order, numbered or parted otherwise
        ("apple banana cherry", "1. apple\n2. banana\n3. cherry", Reason.UNDECIDED),
        ("apple banana cherry", "- apple\n- banana\n- cherry", Reason.UNDECIDED),
        ("apple banana cherry", "1. apple\n2. cherry\n3. banana", Reason.NOT_EQUAL),
        ("A-B-C", "A \u2192 B \u2192 C", Reason.UNDECIDED),
        ("A-B-C", "A \u2192 C \u2192 B", Reason.NOT_EQUAL),
        ("ABC", "A, B, C", Reason.UNDECIDED),
        ("3,677 seated", "3677 seated", Reason.UNDECIDED),
        ("3,677 seated", "3678 seated", Reason.NOT_EQUAL),
        # a name in another script, or in more letters
        ("Paris", "\u30d1\u30ea", Reason.UNDECIDED),
        ("Paris", "\u5df4\u9ece", Reason.UNDECIDED),
        ("\u5df4\u9ece", "\u4f26\u6566", Reason.NOT_EQUAL),
        ("\u6771\u4eac", "\u6771\u4eac\u90fd", Reason.UNDECIDED),
        ("\u6771\u4eac", "\u5927\u962a", Reason.NOT_EQUAL),
        ("M\u00fcnchen", "Muenchen", Reason.UNDECIDED),
        ("M\u00fcnchen", "Moenchen", Reason.NOT_EQUAL),
        ("12.5%", "12.6 percentage points", Reason.NOT_EQUAL),
        ("Apollo 11", "Apollo 12", Reason.NOT_EQUAL),
        ("Room 5", "Table 5", Reason.NOT_EQUAL),
        ("{1,2}", "{2, 3}", Reason.NOT_EQUAL),
        (r"\{1, 2\}", r"\{2, 1\}", Reason.UNDECIDED),  # LaTeX's braces made one item of each
        (r"\{1, 2\}", "{2,1}", Reason.UNDECIDED),
        (r"\{1, 2\}", r"\{2, 3\}", Reason.NOT_EQUAL),
        ("x = 2 and y = 3", r"x=2,\ y=3", Reason.UNDECIDED),
        ("x = 2 or x = 3", "x = 3 or x = 2", Reason.UNDECIDED),
        ("x = 2 or x = 3", "x = 2, x = 3", Reason.UNDECIDED),
        ("x = 2 or x = 3", "x = 2 or x = 4", Reason.NOT_EQUAL),
        # a formula that may be several numbers
        ("x = 2 or x = -2", r"x = \pm 2", Reason.UNDECIDED),
        ("2, 3, 5", r"2 \cdot 3 \cdot 5", Reason.UNDECIDED),
        ("5:2", r"\frac{5}{2}", Reason.UNDECIDED),
        ("4 pieces", r"\frac{9}{2}", Reason.NOT_EQUAL),
        ("Paris", r"\sqrt{2}", Reason.NOT_EQUAL),
        ("007", r"\text{008}", Reason.NOT_EQUAL),
        ("A, C", "A and C", Reason.UNDECIDED),
        ("A, C", "A and D", Reason.NOT_EQUAL),
        ("2^{10}", "1024", Reason.UNDECIDED),
        (r"2\sqrt{3}", r"\sqrt{12}", Reason.UNDECIDED),
        (r"\infty", "infinity", Reason.UNDECIDED),
        ("5!", "120", Reason.UNDECIDED),
        ("Stop 5!", "Stop 6", Reason.UNDECIDED),
        ("S\u00e3o Paulo", "Sao Paulo", Reason.UNDECIDED),
        ("e-mail", "email", Reason.UNDECIDED),
        ("the cat", "cat", Reason.UNDECIDED),
        ("(()", "())", Reason.NOT_EQUAL),
        ("-5", "5", Reason.NOT_EQUAL),
        ("18", "18.0", Reason.UNDECIDED),
        ("18", "19", Reason.NOT_EQUAL),
        ("1990", "1990s", Reason.NOT_EQUAL),
        # numbers of which one has a unit, or both have different ones
        ("12,800 metres", "12,800", Reason.UNDECIDED),
        ("12,800 metres", "12.8 km", Reason.UNDECIDED),
        ("82 apples", "82", Reason.UNDECIDED),
        ("18 dollars", "18", Reason.UNDECIDED),
        ("$18", "18 dollars", Reason.UNDECIDED),
        ("21 days", "3 weeks", Reason.UNDECIDED),
        ("82", "82 apples", Reason.UNDECIDED),
        ("three", "3", Reason.UNDECIDED),
        ("12,800 metres", "12,900", Reason.NOT_EQUAL),
        ("12,800 metres", "12 km", Reason.NOT_EQUAL),
        ("82 apples", "82 pears", Reason.UNDECIDED),
        ("18 dollars", "18 euros", Reason.NOT_EQUAL),
        ("50%", "50", Reason.NOT_EQUAL),
        # the same in a sentence
        ("120 km", "It goes 120 kilometres.", Reason.UNDECIDED),
        ("120 km", "It goes 120,000 m, and stops.", Reason.UNDECIDED),
        ("120 km", "It goes 130 kilometres.", Reason.NOT_EQUAL),
        ("120 km", "It goes 120 miles.", Reason.NOT_EQUAL),
        ("25%", "It fell by 25 percent.", Reason.UNDECIDED),
        ("25%", "It fell by twenty-five percent.", Reason.UNDECIDED),
        ("15 %", "30 is 15% of 200.", Reason.UNDECIDED),
        ("25%", "It fell by 20 percent.", Reason.NOT_EQUAL),
        ("3.5 L", "That is 3.5 litres", Reason.UNDECIDED),
        ("1 kg", "They weigh (1000 g).", Reason.UNDECIDED),
        ("\u00a310,500", "The new price is 10,500 pounds.", Reason.UNDECIDED),
        ("\u00a310,500", "The new price is \u00a311,500.", Reason.NOT_EQUAL),
        ("7,50 \u20ac", "Es bleiben 7,50 Euro.", Reason.UNDECIDED),
        ("1 1/4", "The half is 1.25.", Reason.UNDECIDED),
        ("six", "It has 6 sides.", Reason.UNDECIDED),
        ("six", "It has eight sides.", Reason.NOT_EQUAL),
        ("5 km", " ".join(f"{n}7" for n in range(200)), Reason.UNDECIDED),  # too many to look at
        # a yes or a no, of which only the other is another
        ("yes", "17 is prime.", Reason.UNDECIDED),
        ("yes", "True", Reason.UNDECIDED),
        ("Yes", "**No.**", Reason.NOT_EQUAL),
        ("no", "Yes, it is.", Reason.NOT_EQUAL),
        ("False", "true", Reason.NOT_EQUAL),
        ("True", "The statement holds.", Reason.UNDECIDED),
        ("yes", "YES", Reason.EQUAL_TEXT),
        ("True", "TRUE.", Reason.EQUAL_TEXT),
        ("yes", "Yes, he could ride it.", Reason.EQUAL_TEXT),
        ("no", "No. They are not isomorphic.", Reason.EQUAL_TEXT),
        ("no", "most likely No", Reason.EQUAL_TEXT),
        ("yes", "No, he could not.", Reason.NOT_EQUAL),
        ("yes", "Yes, but only in summer.", Reason.UNDECIDED),
        ("yes", "Yes, if it rains.", Reason.UNDECIDED),
        ("no", "No. Wait, yes.", Reason.UNDECIDED),
        ("yes", "There is no doubt that it can.", Reason.UNDECIDED),  # was another answer, by its `no`
        ("yes", "So the answer would be no.", Reason.NOT_EQUAL),
        ("True", "This is false, because 9 is no prime.", Reason.NOT_EQUAL),
        ("no", "No. 5", Reason.UNDECIDED),
        ("yes", "Yesterday.", Reason.UNDECIDED),
        # figures below and above the line
        ("H2O", "H\u2082O", Reason.UNDECIDED),
        ("H2O", "$H_2O$", Reason.UNDECIDED),
        ("H2O", "H\u2082O\u2082", Reason.NOT_EQUAL),
        ("x2", "x^{3}", Reason.UNDECIDED),  # a formula
        ("yes", "Yes, 17 is prime.", Reason.EQUAL_TEXT),
        ("yes", "No, 15 is not prime.", Reason.NOT_EQUAL),
        # the other word about something else than the answer
        ("yes", "Yes, because no two of them are alike.", Reason.EQUAL_TEXT),
        ("yes", "Yes. There is no conflict.", Reason.EQUAL_TEXT),
        ("yes", "No, there is no such number.", Reason.NOT_EQUAL),
        ("no", "No, that's not true.", Reason.EQUAL_TEXT),
        ("false", "False. It isn't true of 2.", Reason.EQUAL_TEXT),
        ("true", "True, it is not false.", Reason.EQUAL_TEXT),
        ("yes", "No, that's not true.", Reason.NOT_EQUAL),
        ("yes", "Yes, no.", Reason.UNDECIDED),
        ("yes", "Yes. No, it is not.", Reason.UNDECIDED),
        ("yes", "Yes: no, that's wrong.", Reason.UNDECIDED),
        ("no", "No, it is true.", Reason.UNDECIDED),
        ("true", "True. No, false.", Reason.UNDECIDED),
        # one list in other notations, a multiple, a fall
        ("2, 3, 5", "2\u00d73\u00d75", Reason.UNDECIDED),
        ("2, 3, 5", "2\u00d73\u00d77", Reason.NOT_EQUAL),
        ("0.5, 0.25", "1/2, 1/4", Reason.UNDECIDED),
        ("0.5, 0.25", "1/2, 1/5", Reason.NOT_EQUAL),
        ("(1, 2)", "x=1, y=2", Reason.UNDECIDED),
        ("x=1, y=2", "(1, 2)", Reason.UNDECIDED),
        ("(1, 2)", "x=2, y=1", Reason.NOT_EQUAL),
        ("$31.4 million; $28.5 million", "['$31.4 million', '$28.5 million']", Reason.UNDECIDED),
        ("2019; 2018", "['2019', '2018']", Reason.UNDECIDED),
        ("2019; 2018", "['2019', '2017']", Reason.NOT_EQUAL),
        ("2019; 2018", "2019", Reason.NOT_EQUAL),
        ("1.5x", "1.5 times", Reason.UNDECIDED),
        ("1.5x", "2.5 times", Reason.NOT_EQUAL),
        ("-13 \u00b0C", "It falls by 13 \u00b0C", Reason.UNDECIDED),
        ("-13 \u00b0C", "It falls by 12 \u00b0C", Reason.NOT_EQUAL),
        ("-13 \u00b0C", "It rises by 13 \u00b0C", Reason.NOT_EQUAL),
        # dates and times
        ("20:35", "20h35", Reason.UNDECIDED),
        ("20h35", "20h40", Reason.NOT_EQUAL),
        ("Monday", "Mon", Reason.EQUAL_TEXT),
        ("Monday", "Tuesday", Reason.NOT_EQUAL),
        ("2024-03-05", "March 5, 2024", Reason.UNDECIDED),
        ("2024-03-05", "2024-03-06", Reason.NOT_EQUAL),
        ("3:00 PM", "15:00", Reason.UNDECIDED),
        ("3:00 PM", "3:00 AM", Reason.NOT_EQUAL),
        ("3:00 PM", "3:00 p.m", Reason.EQUAL_TEXT),
        ("3:00 PM", "3:00 a.m", Reason.NOT_EQUAL),
        ("1:30", "90 minutes", Reason.UNDECIDED),
        ("10:05", "10:5", Reason.UNDECIDED),
        ("9:30", "10:30", Reason.NOT_EQUAL),
        ("5 May", "6 May", Reason.NOT_EQUAL),
        ("5 May", "May 5", Reason.UNDECIDED),
    ],
)
def test_compare_texts(gold: str, answer: str, reason: Reason) -> None:
    assert compare_texts(gold, answer) is reason


PARTS = [
    # of a gold that is a sentence, or a labelled choice: all of these were incorrect
    ("If he is 5th, then 4 people crossed faster.", "4", Reason.UNDECIDED),
    ("If he is 5th, then 4 people crossed faster.", "7", Reason.NOT_EQUAL),
    ("Paris is the capital of France.", "Paris", Reason.UNDECIDED),
    ("(A) 12", "A", Reason.UNDECIDED),
    ("(A) 12", "12", Reason.UNDECIDED),
    ("A. iron", "Iron", Reason.UNDECIDED),
    ("(A) 12", "B", Reason.NOT_EQUAL),
    ("5 4 3 2 1", "4", Reason.NOT_EQUAL),
    ("the cat sat on the mat", "the cat", Reason.NOT_EQUAL),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), PARTS)
def test_a_part_of_what_says_more_is_left_open(gold: str, answer: str, reason: Reason) -> None:
    assert judge_exact(gold, answer, "{}").reason is reason


SOLUTIONS = [
    # golds of GSM8K, MetaMathQA, MATH and NuminaMath, and whether they are whole solutions
    ("48/2 = <<48/2=24>>24 in May.\n#### 72", "72"),
    ("#### 72", "72"),
    ("3*330=990\nThe answer is: 990", "990"),
    ("The answer is B.", "B"),
    (r"We get $x=\frac{1}{2}$, so $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
    (r"$\boxed{4}$", None),
    ("Paris", None),
    ("x = 5", None),
    ("Therefore x = 3.", None),
    ("(A) 12", None),
    ("1 2 3\n4 5 6", None),
]


@pytest.mark.parametrize(("gold", "states"), SOLUTIONS)
def test_a_gold_that_is_a_whole_solution_judges_nothing(gold: str, states: str | None) -> None:
    """The bug: right answers were incorrect, because nobody answers with the text of another's solution."""
    for answer in (gold, states or "7", "7"):
        found = judge_exact(gold, answer, "{}")
        assert (found.reason is Reason.GOLD_UNPARSABLE) is (states is not None)
        if states:
            assert f"states {states!r}" in (found.evidence or "")


def test_of_a_long_text_only_the_text_counts() -> None:
    assert compare_texts("a" * 30_000, "A" * 30_000) is Reason.NOT_EQUAL


ACCEPTED = [
    ("USA", ["United States"], "USA", Reason.EQUAL_TEXT),
    ("USA", ["United States"], "UNITED STATES", Reason.UNDECIDED),  # capitals within count
    ("USA", ["United States"], "**United States**", Reason.EQUAL_TEXT),
    ("USA", ["United States"], r"\boxed{United States}", Reason.EQUAL_TEXT),
    ("USA", ["United States"], "the United States of America", Reason.UNDECIDED),
    ("USA", ["United States"], "Canada", Reason.NOT_EQUAL),
    ("USA", [], "United States", Reason.NOT_EQUAL),
    ("USA", None, "United States", Reason.NOT_EQUAL),
]


@pytest.mark.parametrize(("gold", "accept", "answer", "reason"), ACCEPTED)
def test_what_else_is_accepted(gold: str, accept: list[str] | None, answer: str, reason: Reason) -> None:
    spec = json.dumps({"accept": accept})
    assert judge_exact(gold, answer, spec).reason is reason


def test_another_gold_is_not_accepted_under_the_names_of_the_old_one() -> None:
    spec = ExactVerifier().with_gold('{"accept": ["United States"], "level": 2}', "Canada")
    assert json.loads(spec) == {"level": 2}
