"""Prompts to try: where models are known to slip, and where a reflection may help."""

from typing import NamedTuple


class Suggestion(NamedTuple):
    title: str
    question: str
    gold: str | None = None
    """None: for the eye."""


SUGGESTIONS = (
    Suggestion("letters in a word", "How many times does the letter r occur in the word strawberry?", "3"),
    Suggestion("two decimals", "Which of the two numbers is larger: 9.11 or 9.9?", "9.9"),
    Suggestion(
        "a cup turned over",
        "A marble is put into a cup. The cup is turned upside down on a table, then picked up without turning it, and"
        " put into a microwave. Where is the marble now? Explain step by step.",
    ),
    Suggestion(
        "a puzzle",
        "Alice has four brothers, and she also has one sister. How many sisters does each of her brothers have?",
        "2",
    ),
    Suggestion(
        "a bug to find",
        "This function is to return the largest number of a list, and for some lists it does not. Find the bug, and"
        " write it correctly.\n\ndef largest(numbers):\n    best = 0\n    for number in numbers:\n"
        "        if number > best:\n            best = number\n    return best",
    ),
    Suggestion(
        "an idiom to translate",
        "Translate into natural English, and say what the idiom means: »Da liegt der Hund begraben.«",
    ),
)
