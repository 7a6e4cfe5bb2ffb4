"""The answer in force before each reflection: only what was stated as one."""

from time import process_time

import pytest

from tasks.extraction.draft_answers import find_drafts
from tasks.parsing.grammar import parse


def drafts(text: str, pattern: str | None = None) -> list[str | None]:
    found = find_drafts(text, parse(text), pattern)
    assert all(draft is None or draft.of(text) == draft.answer for draft in found)
    return [draft and draft.answer for draft in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<thinking>The answer is 5.<reflection>b</reflection></thinking><output>6</output>", ["5"]),
        ("<thinking>Answer: 5\n<reflection>b</reflection></thinking><output>6</output>", ["5"]),
        (r"<thinking>\boxed{5} <reflection>b</reflection></thinking><output>6</output>", ["5"]),
        ("<thinking>#### 5<reflection>b</reflection></thinking><output>6</output>", ["5"]),
        ("<think>The answer is 5.<reflection>b</reflection></think>6", ["5"]),
        # a statement ends where a tag stands
        ("<thinking>The answer is 5<reflection>b</reflection> 6</thinking><output>6</output>", ["5"]),
        ("<thinking>The answer is <reflection>6</reflection></thinking><output>6</output>", [None]),
        # never a number that nobody called the answer
        ("<thinking>2 + 3 = 5<reflection>b</reflection></thinking><output>5</output>", [None]),
        ("<thinking>x = 5. If the answer is 5,<reflection>b</reflection></thinking><output>5</output>", [None]),
        ("<thinking>5<reflection>b</reflection></thinking><output>5</output>", [None]),
        # what comes later is not before
        ("<thinking>a<reflection>The answer is 5.</reflection></thinking><output>5</output>", [None]),
        # in force: the last one, also from inside an earlier reflection
        (
            "<thinking>The answer is 5. No, the answer is 6.<reflection>b</reflection> c"
            "<reflection>So the answer is 7.</reflection></thinking><reflection>d</reflection><output>7</output>",
            ["6", "6", "7"],
        ),
        ("<thinking>a<reflection>b</reflection> Answer: 5<reflection>c</reflection></thinking>", [None, "5"]),
        ("<thinking>The answer is 5.</thinking><reflection>b</reflection><output>5</output>", ["5"]),
        # before the thinking nothing counts, but a defect alone hides nothing
        ("Answer: 4\n<thinking>a<reflection>b</reflection></thinking><output>5</output>", [None]),
        ("Answer: 4\n<reflection>b</reflection><output>5</output>", ["4"]),
        ("<thinking>The answer is 5.<reflection>b</reflection>", ["5"]),
        ("<reflection>b</reflection><thinking>The answer is 5.</thinking>", [None]),
        ("<thinking>The answer is 5.</thinking><output>5</output>", []),
        ("", []),
    ],
)
def test_drafts(text: str, expected: list[str | None]) -> None:
    assert drafts(text) == expected


def test_a_pattern_says_what_stating_means() -> None:
    text = (
        "<thinking>The answer is 5. Ergebnis: 6 <reflection>b</reflection> 7 <reflection>c</reflection></thinking>"
        "<output>Ergebnis: 7</output>"
    )
    assert drafts(text, r"Ergebnis: (\d+)") == ["6", "6"]
    assert drafts(text, r"Result: (\d+)") == [None, None]
    assert drafts(text) == ["5", "5"]


def test_many_reflections_take_linear_time() -> None:
    """10,000 reflections take 0.3 s; searching each one's past anew takes minutes."""
    text = "<thinking>" + "The answer is 5. <reflection>b</reflection>" * 10_000 + "</thinking><output>5</output>"
    start = process_time()
    assert drafts(text) == ["5"] * 10_000
    assert process_time() - start < 5
