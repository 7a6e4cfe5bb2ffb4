"""The value that a response comes to without calling it its answer: it may be right, and is never wrong."""

import json

import pytest

from tasks.judging.lone_value import lone_value
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line

CLIPS = "Natalia sold clips to 48 friends in April, and half as many in May. How many clips did she sell altogether?"
CAR = "A car covers 150 km in two hours. How fast does it go?"
READ = [
    ("The car goes 75 km/h.", CAR, "75 km/h"),
    ("Therefore, Natalia sold a total of **72** clips.", CLIPS, "72 clips"),
    ("Half of 48 is 24, and 48 + 24 = 72.\n\nIn total, she sold 72 clips.", CLIPS, "72 clips"),
    ("Natalia sold 72 clips.", CLIPS, "72 clips"),
    ("It drops by 72 dollars.", "By how much does the price drop?", "72 dollars"),
    ("The maximum is 72 coins.", "What is the maximum?", "72 coins"),
    ("Thus y is 5.", "For which y is it so?", "5"),
    ("She loses 72 coins.", "How many coins does she lose?", "72 coins"),
    ("I think 41. Wait, no: 42.", "", "42"),
    ("It's 41... no, 42.", "", "42"),
    ("forty (40)", "", "forty"),
    ("12 (twelve)", "", "12"),
    ("60 pens, or 5 dozen", "", "60 pens"),
    ("90 minutes or 1.5 hours.", "", "90 minutes"),
    ("It dropped to -3°C.\n\n**-3°C**", "", "-3°C"),
    ("Half of them are 24. She sold 24 more in May.\n\n**72**", CLIPS, "72"),
    ("Half of them are 24. She sold 24 more in May.\n\n72", CLIPS, "72"),
    ("Half of them are 24. So the total is:\n\n**72 clips**", CLIPS, "72 clips"),
    ("48 + 24 = 72\n\n72.", CLIPS, "72"),
    ("7 times 8 is 56.", "What is 7 times 8?", "56"),
    ("7 x 8 = 56", "What is 7 times 8?", "56"),
    ("**7 + 8 equals 15.**", "What is 7 plus 8?", "15"),
    ("28 divided by 8 is 3.5", "What is 28 : 8?", "3.5"),
    ("Each of them sold 72 clips.", "How many clips did each of them sell?", "72 clips"),
    ("There are 72 clips.", "Tom sold 30 clips. Ann sold more. How many did Ann sell?", "72 clips"),
    ("The speed was 75 km/h.", CAR, "75 km/h"),
    ("Ann sold 72 clips.", "Tom sold 30 clips. Ann sold more. How many did Ann sell?", "72 clips"),
]
UNREAD = [
    ("The car goes 75 km/h.", ""),  # it may stand in the question
    ("The car covers 150 km.", CAR),  # it does
    ("The car takes 2 hours.", CAR),  # in words
    ("The car goes 75 km/h", CAR),  # the text may go on
    ("The car does not go 75 km/h.", CAR),
    ("The car goes about 75 km/h.", CAR),
    ("The car goes more than 75 km/h.", CAR),
    ("The car goes 75 km/h or 80 km/h.", CAR),
    ("Tom thinks that the car goes 75 km/h.", CAR),
    ("It could go 75 km/h.", CAR),
    ("Let the car go 75 km/h.", CAR),
    ("If the car goes 75 km/h.", CAR),
    ("The car goes 75 km/h slower than the train.", CAR),
    ("The car is on page 75.", CAR),
    ("This is exercise 75.", CAR),
    ("The clue is in verse 75.", CAR),
    ("Step 75 is next.", CAR),
    ("The voyage took her half of 75 km.", CAR),
    ("La voiture ne va pas a 75 km/h.", CAR),
    ("Das Auto fuhr nicht 75 km/h.", CAR),
    ("Das Auto fuhr kaum je 75 km/h.", CAR),  # a language whose doubts are not listed
    ("The car geht h\u00f6chstens 75 km/h.", CAR),
    ("Natalia ne vend pas 72 clips.", "Natalia vend 48 clips, puis 24. Combien de clips vend-elle ?"),
    ("The two cars go 75 km/h.", CAR),
    ("The car goes 75 blorps.", CAR),
    ("The car goes 75 km/h faster.", CAR),  # another quantity, or one with another sign
    ("The speed drops by 75 km/h.", CAR),
    ("She loses 72 clips.", CLIPS),
    ("She is short 72 clips.", CLIPS),
    ("She lacks 72 clips.", CLIPS),
    ("Altogether the remainder is 72.", CLIPS),
    ("Thus y is 72.", CLIPS),
    ("The value of y is 72.", "What is the value of x?"),
    ("The car goes a maximum of 75 km/h.", CAR),
    ("The car has upwards of 75 km/h.", CAR),
    ("The car goes circa 75 km/h.", CAR),
    ("The car goes close to 75 km/h.", CAR),
    ("The car hardly goes 75 km/h.", CAR),
    ("The car goes 75 km/h too much.", CAR),
    ("The driver bets on 75 km/h.", CAR),
    ("I doubt that the car goes 75 km/h.", CAR),
    ("I deny that the car goes 75 km/h.", CAR),
    ("Rumor has it that the car goes 75 km/h.", CAR),
    ("It seems to be 75 km/h.", CAR),
    ("The car goes 75 km/h, hmm.", CAR),
    ("The car goes 75 km/h, wait.", CAR),
    ("The car goes 75 km/h ...", CAR),
    ("Overall, that rules out 75 km/h.", CAR),
    ("She sold 24 in May. So she has 72 clips left.", CLIPS),  # a step may begin so
    ("She sold 24 in May. She sold 72 clips.", CLIPS),
    ("I think 41. Wait, no: 42 is too high.", ""),
    ("41 or 42.", ""),
    ("I think 41. Then 42.", ""),
    ("I think 41. Wait, no: 42. Or so.", ""),
    ("It is a cat.\n**cat**", ""),
    ("Half of them are 24.\n\n**72**", ""),  # it may stand in the question
    ("Ce n'est pas la somme :\n\n72", CLIPS),
    ("She sold some of them in May.\nShe sold 72 clips.", CLIPS),  # no conclusion
    ("12 (13)", ""),
    ("40 (10%)", ""),
    ("It has parts.\n\n**3**", ""),
    ("There are 72 clips in every bag.", "How many bags of clips are there?"),  # of each, or of another
    ("They sold 72 clips each.", CLIPS),
    ("Tom has 72 clips.", "Tom has three times as many clips as Ann. How many clips does Ann have?"),
    ("One might guess this.\n\n**72**", CLIPS),
    ("It is not this:\n\n72", CLIPS),
    ("Half of them are 24.\n\n**48**", CLIPS),  # the question's
    ("Half of them are 24.\n**72**", CLIPS),  # the same paragraph
    ("24\n\n72", CLIPS),  # a list
    ("Half of them are 24.\n\n# 72", CLIPS),
    ("She sold some in May.\n\nMay 72", CLIPS),
    ("7 times 8 is 57.", "What is 7 times 8?"),
    ("7 times 8 is 56.", "Is 7 times 8 equal to 56 or to 57?"),
    ("7 times 8 is 56.", ""),
    ("7 times 8 is 56 or 57.", "What is 7 times 8?"),
    ("7 divided by 0 is 56.", "What is 7 times 8?"),
]
JUDGED = [
    ("75", "The car goes 75 km/h.", CAR, "correct"),
    ("75 km/h", "The car goes 75 km/h.", CAR, "correct"),
    ("80", "The car goes 75 km/h.", CAR, "unverified"),
    ("75 mph", "The car goes 75 km/h.", CAR, "unverified"),
    ("42", "I think 41. Wait, no: 42.", CAR, "correct"),
    ("41", "I think 41. Wait, no: 42.", CAR, "unverified"),
]


@pytest.mark.parametrize(("text", "question", "value"), READ)
def test_a_lone_value(text: str, question: str, value: str) -> None:
    assert lone_value(text, question) == value


@pytest.mark.parametrize(("text", "question"), UNREAD)
def test_what_is_none(text: str, question: str) -> None:
    assert lone_value(text, question) is None


@pytest.mark.parametrize("kind", ["number", "math"])
@pytest.mark.parametrize(("gold", "response", "question", "verdict"), JUDGED)
def test_it_may_show_that_an_answer_is_right(
    verifier: Verifier, kind: str, gold: str, response: str, question: str, verdict: str
) -> None:
    row = {"kind": kind, "gold": gold, "response": response, "question": question}
    assert verify_line(json.dumps(row).encode(), verifier, read_answers)["verdict"] == verdict
