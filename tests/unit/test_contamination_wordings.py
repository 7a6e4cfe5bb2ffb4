"""Which items are one item in several wordings, and which are different ones that share a preamble."""

from itertools import permutations

import pytest

from tasks.contamination.ngrams import NgramIndex
from tasks.contamination.wordings import originals
from tasks.contamination.words import plain_words

BAKERY = (
    "A bakery sells 24 muffins in the morning and twice as many in the afternoon. If every muffin costs 3 dollars, how "
    "many dollars does the bakery take in that day?"
)
SIMILAR = "Write a function to find the similar elements from the given two tuple lists"
PREAMBLE = "Solve the following problem step by step and put your final answer inside a box at the very end."


def groups(*texts: str) -> list[int]:
    return originals(texts, [tuple(plain_words(text)) for text in texts])


@pytest.mark.parametrize(
    "wordings",
    [
        (BAKERY, f"Question: {BAKERY}", f"Solve this math problem. {BAKERY}", f"{BAKERY} Answer with a number."),
        (BAKERY, BAKERY, BAKERY.upper()),
        (f"Question: {BAKERY} Let's think step by step.", f"{BAKERY} Answer with a number."),
        (f"Q: {BAKERY}\nA:", f"Please solve the next exercise. {BAKERY}"),
        (BAKERY, BAKERY.replace("A bakery", "One bakery"), BAKERY.replace("take in", "earn")),
        (SIMILAR, f"You are an expert. {SIMILAR}, with tests.", f"Python: {SIMILAR}."),
        (BAKERY, f"{PREAMBLE} {BAKERY}"),
        (BAKERY, " ".join(["Q: What is six times seven, and why? A: 42, since it is.", BAKERY])),
    ],
)
def test_wordings_of_one_item(wordings: tuple[str, ...]) -> None:
    for order in permutations(wordings):
        assert len(set(groups(*order))) == 1, order


@pytest.mark.parametrize(
    "items",
    [
        (f"{PREAMBLE} How many primes lie between 40 and 60?", f"{PREAMBLE} A train needs 3 hours. What is its speed?"),
        (f"{PREAMBLE} What is the capital of France?", f"{PREAMBLE} What is the capital of Spain?"),
        (f"{PREAMBLE} What is 2+3?", f"{PREAMBLE} What is 4+5?"),
        (BAKERY, BAKERY.replace("24", "36").replace("3 dollars", "5 dollars")),
        (SIMILAR, SIMILAR.replace("similar", "different").replace("tuple lists", "sorted arrays of unequal length")),
        ("What is 2+3?", "What is 2+4?"),
        (BAKERY, "Name the three largest moons of the planet Jupiter."),
    ],
)
def test_different_items(items: tuple[str, ...]) -> None:
    for order in permutations(items):
        assert groups(*order) == list(range(len(items))), order


@pytest.mark.parametrize("n", [2, 3, 4, 12])
def test_a_preamble_convicts_nobody_however_few_share_it(n: int) -> None:
    asked = ["How many legs have {} dogs?", "A train goes {} miles. How long does it take?", "Is {} a prime number?"]
    items = [f"{PREAMBLE} {asked[k % 3].format(30 + k)}" for k in range(n)]
    index = NgramIndex(items)
    other = index.find(f"{PREAMBLE} Ben buys six kites for nine dollars each and sells two. How much has he spent?")
    assert not (other and other.contaminated)
    assert all(hit and hit.contaminated for hit in map(index.find, items))


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_an_item_in_any_number_of_wordings_convicts(n: int) -> None:
    wrappers = [
        "{}",
        "Question: {}",
        "{} Answer with a number.",
        "Solve this. {}",
        "{} Think step by step.",
        "Q: {} A:",
    ]
    wrappers += ["Read carefully: {}", "{} Give only the number."]
    index = NgramIndex([wrapper.format(BAKERY) for wrapper in wrappers[:n]])
    for text in (BAKERY, f"My exercise. {BAKERY.replace('A bakery', 'One bakery')} Thanks.", BAKERY[:100]):
        found = index.find(text)
        assert found
        assert found.contaminated, text


def test_a_preamble_and_the_first_words_of_an_item_convict_nobody() -> None:
    items = [
        f"{PREAMBLE} James has {n} {what}." for n, what in ((30, "cats and a dog"), (40, "dogs and a cat at home"))
    ]
    other = NgramIndex(items).find(f"{PREAMBLE} James has 30 friends who like to play chess on Sundays. How many play?")
    assert not (other and other.contaminated)
