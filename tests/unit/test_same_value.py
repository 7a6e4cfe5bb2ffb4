"""What the question asks for decides how a number without its unit is meant; tuples, words, and yes or no are none."""

import pytest

from tasks.judging.verify import Verifier
from tasks.mathematics.asked_unit import asked_unit, asks_percent

HOURS = "How many hours does it take?"
MILLIONS = "What was the revenue in 2019, in millions?"
ASKED = [
    (HOURS, "hour"),
    ("How many more minutes does she need?", "minute"),
    ("How many square feet is it?", "foot ** 2"),
    ("What is his speed, in miles per hour?", "mile / hour"),
    ("How many miles per gallon does it go?", "mile / gallon"),
    ("How many hours a week does he work?", "hour / week"),
    ("How many hours in total does he work?", "hour"),
    ("How far is it, in km?", "kilometer"),
    ("How far is it (in km)?", "kilometer"),
    ("How much in dollars does she make?", "dollar"),
    ("He works for 3 minutes. How many hours are left?", "hour"),
    ("How long does it take?", ""),
    ("How many apples are there?", ""),
    ("How many kilos of sugar?", ""),
    ("How many bars are there?", ""),
    ("How many hours and minutes does it take?", ""),
    ("How many hours does he walk? How many miles?", ""),  # two
    ("How many minutes are in hours?", ""),
    ("Who came in second?", ""),
    ("Express the volume in h.", ""),
    ("How many did she pick in an hour?", ""),
    ("How many are sold in 5 minutes?", ""),
]
PERCENT = [
    ("What percentage of the cars is it?", True),
    ("By what percent did it rise?", True),
    ("What is the percent change?", True),
    ("What is it as a percentage?", True),
    ("What is 20 percent of 100?", False),
    ("What is twenty percent of 100?", False),
    ("By what percentage did it rise, in dollars?", False),
    ("He saves 20 percent. How much is it?", False),
]
CASES = [
    ("5", "5 minutes", HOURS, "unverified"),
    ("5", "5 hours", HOURS, "correct"),
    ("5", "300 minutes", HOURS, "correct"),
    ("5", "301 minutes", HOURS, "incorrect"),
    ("5", "5", HOURS, "correct"),
    ("5 minutes", "5 minutes", HOURS, "correct"),
    ("5", "5 dollars", HOURS, "unverified"),
    ("5", "5 hours per day", HOURS, "correct"),
    ("5", "5 miles", "How far is it, in km?", "unverified"),
    ("5", "5000 m", "How far is it, in km?", "correct"),
    ("5", "5 cents", "How many dollars is it?", "unverified"),
    ("5", "€5", "How many dollars is it?", "unverified"),
    ("5", "$5", "How many dollars is it?", "correct"),
    ("60", "5 feet", "How many inches is it?", "correct"),
    ("4", "2 quarts", "How many pints is it?", "unverified"),  # of which there are several
    ("72", "72 km/h", "How fast is it, in m/s?", "unverified"),
    ("5", "5 minutes", "How long does it take?", "correct"),
    ("5", "5 minutes", "It takes 3 hours. How long is that?", "correct"),
    ("5", "5 apples", "How many oranges are there?", "correct"),
    ("20", "20%", "What percentage of the cars is it?", "correct"),
    ("20", "20\\%", "What percent of the cars is it?", "correct"),
    ("20%", "20", "By what percent did it rise?", "correct"),
    ("20", "21%", "By what percent did it rise?", "incorrect"),
    ("0.2", "0.2%", "By what percent did it rise?", "unverified"),
    ("20", "0.2", "By what percent did it rise?", "unverified"),
    ("20", "20%", "What is 20 percent of 100?", "incorrect"),
    ("20", "20%", "", "incorrect"),
    # a double, written out by two programs
    ("0.6666666666666666", "0.66666666666666667", "", "correct"),
    ("1.3333333333333333", "1.3333333333333332 pounds", "", "correct"),
    ("0.123456789012345", "0.123456789012346", "", "incorrect"),
    ("5123807309875480094949830", "5123807309875480094949831", "", "incorrect"),
    ("0.5", "0.5000000000000001", "", "incorrect"),
    # without the scale of its table
    ("12312 million", "12,312", "What is the average of the orders?", "unverified"),
    ("12312 million", "12,313", "What is the average of the orders?", "incorrect"),
    ("-2828 thousand", "-2,828", "What is the net change?", "unverified"),
    ("-2828 thousand", "2,828", "What is the net change?", "incorrect"),
    ("5 thousand", "5", "", "incorrect"),
    # only the question's own quantity again
    ("144", "There are 12 dozen.", "How many eggs are in 12 dozen?", "unverified"),
    ("1.5 hours", "We add them up: 3 + 4 = 7 of all. So it takes 90 minutes.", "", "unverified"),  # was gold_absent
    ("1.5 hours", "We add them up: 3 + 4 = 7 of all. So it takes 80 minutes.", "", "incorrect"),
    ("144", "12 dozen", "How many eggs are in 12 dozen?", "unverified"),
    ("144", "12 dozen", "How many eggs are in the box?", "correct"),
    ("120", "2 hours", "How many minutes are in 2 hours?", "unverified"),
    ("120", "120 minutes", "How many minutes are in 2 hours?", "correct"),
    ("2", "2 hours", "He sleeps 2 hours. How many hours does he sleep?", "correct"),
    ("380", "$380 million", MILLIONS, "correct"),
    ("380", "380 million", "How many million dollars is it?", "correct"),
    ("380 million", "380", MILLIONS, "correct"),
    ("380", "$380,000,000", MILLIONS, "unverified"),
    ("380", "381 million", MILLIONS, "incorrect"),
    ("380", "380000000", MILLIONS, "unverified"),
    ("380", "380000000", "What was the revenue in 2019?", "incorrect"),
    ("380", "381000000", MILLIONS, "incorrect"),
    ("380", "380 billion", MILLIONS, "incorrect"),
    ("380", "380 million", "It had 2 million shares. How much did it earn?", "unverified"),
    ("380", "380 million", "How much did it earn?", "incorrect"),
    ("380", "380 million", "", "incorrect"),
    ("-12.5", "(12.5)", "", "unverified"),
    ("-12.5", "$(12.5)", "", "unverified"),
    ("-12.5%", "(12.5)%", "", "unverified"),
    ("-12.5%", "(12.5%)", "", "unverified"),
    ("3.67", "3.6667", "", "unverified"),  # of which the gold is rounded
    ("14.1%", "14.13%", "", "unverified"),
    ("0.0304", "3.0369%", "", "unverified"),
    ("3.67", "3.68", "", "incorrect"),
    ("3.7", "3.67", "", "incorrect"),
    ("5", "5.01", "", "incorrect"),
    ("3.6667", "3.67", "", "incorrect"),
    ("yes", "True", "", "unverified"),
    ("yes", "It is prime.", "", "unverified"),
    ("yes", "Yes.", "", "correct"),
    ("yes", "no", "", "incorrect"),
    ("yes", "5", "", "unverified"),
    ("False", "no", "", "unverified"),
    ("False", "True", "", "incorrect"),
    ("1,2", "(1,2)", "", "unverified"),
    ("1,2", "1,2", "", "correct"),
    ("1,2", "1,3", "", "unverified"),
]
MATH = [
    ("3/4", "3/4 (75%)", "correct"),  # no product
    (r"\frac{3}{4}", r"$\frac{3}{4}$, or $0.75$", "correct"),
    ("60", "60 pens, or 5 dozen", "correct"),
    ("60", "60 (61)", "incorrect"),
    ("60", "60 km or 60 miles", "unverified"),
    ("60", "60, or 5", "incorrect"),
    ("6", "2(3)", "correct"),
    ("2", "2(2)", "incorrect"),
    ("(1,2)", "1,2", "unverified"),
    ("1, 2", "(1, 2)", "unverified"),
    ("1,2,3", r"\left(1,\,2,3\right)", "unverified"),
    ("x,y", "(x,y)", "unverified"),
    ("(1,2)", "(1, 2)", "correct"),
    ("(1,2)", "(2, 1)", "incorrect"),
    ("1,2", "2,1", "correct"),
    ("1,2", r"\{1, 2\}", "correct"),
    ("ba", r"\text{ab}", "unverified"),
    (r"\text{ba}", r"\text{ab}", "unverified"),
    (r"\mathrm{ab}", r"\mathrm{ba}", "unverified"),
    ("cat", "act", "unverified"),
    ("ab", r"\text{ab}", "correct"),
    ("ab", "ba", "correct"),
    ("xyz", "zyx", "correct"),
]


@pytest.mark.parametrize(("question", "unit"), ASKED)
def test_the_unit_that_is_asked_for(question: str, unit: str) -> None:
    assert asked_unit(question) == unit


@pytest.mark.parametrize(("question", "asked"), PERCENT)
def test_percent_are_asked_for(question: str, asked: bool) -> None:
    assert asks_percent(question) is asked


@pytest.mark.parametrize("kind", ["number", "math"])
@pytest.mark.parametrize(("gold", "answer", "question", "verdict"), CASES)
def test_a_value(verifier: Verifier, kind: str, gold: str, answer: str, question: str, verdict: str) -> None:
    if kind == "math" and gold == "1,2" and answer == "1,3":
        verdict = "incorrect"  # two numbers there
    assert verifier.judge(kind, gold, answer, question=question).verdict == verdict


@pytest.mark.parametrize(("gold", "answer", "verdict"), MATH)
def test_tuples_and_words(verifier: Verifier, gold: str, answer: str, verdict: str) -> None:
    assert verifier.judge("math", gold, answer).verdict == verdict
