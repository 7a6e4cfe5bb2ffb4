"""Content and reasoning become one text that the grammar reads."""

import pytest

from schemas.trace import Structure
from tasks.asking.compose import compose
from tasks.parsing.grammar import parse

S = Structure


@pytest.mark.parametrize(
    ("content", "reasoning", "text", "structure"),
    [
        (" 5\r\n", None, " 5\r\n", S.UNTAGGED),  # byte for byte
        (" 5\r\n", " \n", " 5\r\n", S.UNTAGGED),
        (None, None, "", S.EMPTY),
        (" 5\n", "r", "<thinking>r</thinking>\n<output> 5\n</output>", S.OK),
        ("<output>5</output>", "r", "<thinking>r</thinking>\n<output>5</output>", S.OK),
        (None, "r", "<thinking>r</thinking>", S.MISSING_OUTPUT),
        ("\n", "r", "<thinking>r</thinking>", S.MISSING_OUTPUT),
        ("<output>5", "r", "<thinking>r</thinking>\n<output>5", S.UNCLOSED),
        (
            "<thinking>a</thinking><output>5</output>",
            "r",
            "<thinking>r\n\na</thinking><output>5</output>",  # thought twice, answered once
            S.OK,
        ),
        ("<think>a</think>5", "r", "<think>r\n\na</think>5", S.OK),
        (
            "5",
            "r <reflection>b</reflection>",
            "<thinking>r <reflection>b</reflection></thinking>\n<output>5</output>",
            S.OK,
        ),
        (
            "5",
            "They want <output> and <reflection> tags.",
            "<thinking>They want &lt;output> and &lt;reflection> tags.</thinking>\n<output>5</output>",
            S.OK,
        ),
        (
            "5",
            "<output> it is. <reflection>a</reflection> <reflection>b</reflection>",
            "<thinking>&lt;output> it is. <reflection>a</reflection> <reflection>b</reflection></thinking>\n"
            "<output>5</output>",
            S.OK,
        ),
        ("5", "</thinking>x", "<thinking>&lt;/thinking>x</thinking>\n<output>5</output>", S.OK),
    ],
)
def test_compose(content: str | None, reasoning: str | None, text: str, structure: Structure) -> None:
    assert compose(content, reasoning) == text
    assert parse(text).structure is structure


def test_talk_of_tags_would_be_a_defect() -> None:
    """The control: joined as they are, the same two fields are no trace."""
    reasoning = "They want <output> and <reflection> tags."
    joined = f"<thinking>{reasoning}</thinking>\n<output>5</output>"
    assert parse(joined).structure is S.UNCLOSED
    assert parse(compose("5", reasoning)).structure is S.OK
