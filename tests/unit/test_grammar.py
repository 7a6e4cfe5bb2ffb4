"""Every structure and defect from a table; what is recovered beside a defect; what the writer refuses."""

from time import process_time

import pytest

from schemas.trace import Structure
from tasks.parsing.grammar import Parsed, ReflectionText, parse, write

S = Structure
OK = "<thinking>Add. <reflection>Sure?</reflection> Yes.</thinking>\n<output>5</output>"

TABLE = [
    # the controls: what each defect below is one step away from
    (S.OK, OK),
    (S.OK, "<thinking>a</thinking> <reflection>b</reflection>\n<reflection>c</reflection><output>5</output>\n"),
    (S.OK, "\n<thinking><reflection>b</reflection></thinking><output>5</output>"),
    (S.OK, "<think>a <reflection>b</reflection></think>\n\nThe answer is 5."),
    (S.OK, "<think>a</think><output>5</output>"),
    (S.OK, "<think>a</think> <reflection>b</reflection> 5"),
    (S.OK, "<thinking>a List<Output>, x < y, </ thinking>, <Thinking>, <thinkings></thinking><output>5</output>"),
    (S.EMPTY, ""),
    (S.EMPTY, " \t\r\n\u00a0\u2003"),
    (S.UNTAGGED, "The answer is 5."),
    (S.UNTAGGED, "<Thinking>a</Thinking><Output>5</Output>"),  # tags are lower case
    (S.UNTAGGED, "< thinking >a</ thinking >< output >5</ output >"),  # and have no spaces
    (S.UNTAGGED, '<thinking type="x">a<br></br>'),  # and no attributes
    (S.UNCLOSED, "<thinking>a<output>5</output>"),
    (S.UNCLOSED, "<thinking>a</thinking><output>5"),
    (S.UNCLOSED, "<thinking>a <reflection>b</thinking><output>5</output>"),
    (S.UNCLOSED, "<thinking>a<thinking>b</thinking><output>5</output>"),
    (S.UNCLOSED, "<thinking>I owe <output> tags.</thinking><output>5</output>"),  # a mention is a tag
    (S.UNOPENED, "a</thinking><output>5</output>"),
    (S.UNOPENED, "a</think>5"),  # a chat template put `<think>` into the prompt
    (S.UNOPENED, "<thinking>a</thinking>5</output>"),
    (S.UNOPENED, "<thinking>a b</reflection></thinking><output>5</output>"),
    (S.NESTED, "<thinking>a<output>5</output></thinking>"),
    (S.NESTED, "<thinking>a<thinking>b</thinking></thinking><output>5</output>"),
    (S.NESTED, "<thinking>a</thinking><output>5<reflection>b</reflection></output>"),
    (S.NESTED, "<thinking><reflection>a<reflection>b</reflection></reflection></thinking><output>5</output>"),
    (S.NESTED, "<thinking>a<reflection>b</thinking>c</reflection><output>5</output>"),  # across
    (S.REPEATED, "<thinking>a</thinking><output>5</output><output>6</output>"),
    (S.REPEATED, "<thinking>a</thinking><thinking>b</thinking><output>5</output>"),
    (S.REPEATED, "<think>a</think><thinking>b</thinking><output>5</output>"),
    (S.MISSING_THINKING, "<output>5</output>"),
    (S.MISSING_THINKING, "<reflection>b</reflection><output>5</output>"),
    (S.MISSING_OUTPUT, "<thinking>a</thinking>"),
    (S.MISSING_OUTPUT, "<thinking>a</thinking> The answer is 5."),  # only `</think>` implies an output
    (S.MISSING_OUTPUT, "<think>a</think> \n"),
    (S.OUT_OF_ORDER, "<output>5</output><thinking>a</thinking>"),
    (S.OUT_OF_ORDER, "<thinking>a</thinking><output>5</output><reflection>b</reflection>"),
    (S.OUT_OF_ORDER, "<reflection>b</reflection><thinking>a</thinking><output>5</output>"),
    (S.TEXT_OUTSIDE, "Sure! " + OK),
    (S.TEXT_OUTSIDE, "<thinking>a</thinking> so <output>5</output>"),
    (S.TEXT_OUTSIDE, OK + " Hope this helps."),
    (S.EMPTY_THINKING, "<thinking> \n</thinking><output>5</output>"),
    (S.EMPTY_THINKING, "<think>\n\n</think>\n\n5"),  # a reasoning model told not to reason
    (S.EMPTY_REFLECTION, "<thinking>a<reflection> </reflection></thinking><output>5</output>"),
    (S.EMPTY_OUTPUT, "<thinking>a</thinking><output>\n</output>"),
]


@pytest.mark.parametrize(("structure", "text"), TABLE)
def test_structure(structure: Structure, text: str) -> None:
    assert parse(text).structure is structure
    assert parse(text, finish_reason="stop").structure is structure


def test_every_structure_has_a_row() -> None:
    assert {structure for structure, _ in TABLE} == set(Structure) - {S.TRUNCATED}


@pytest.mark.parametrize(
    ("structure", "text", "finish_reason"),
    [
        (S.TRUNCATED, OK, "length"),
        (S.TRUNCATED, "<thinking>a", "content_filter"),
        (S.TRUNCATED, "no tags", "length"),
        (S.EMPTY, "", "length"),
        (S.OK, OK, "stop"),
        (S.OK, OK, "tool_calls"),
    ],
)
def test_finish_reason(structure: Structure, text: str, finish_reason: str) -> None:
    assert parse(text, finish_reason).structure is structure


def cut(text: str, parsed: Parsed) -> tuple[str | None, list[str], str | None]:
    return (
        parsed.thinking.of(text) if parsed.thinking else None,
        [reflection.of(text) for reflection in parsed.reflections],
        parsed.output.of(text) if parsed.output else None,
    )


@pytest.mark.parametrize(
    ("text", "thinking", "reflections", "output"),
    [
        (OK, "Add. <reflection>Sure?</reflection> Yes.", ["Sure?"], "5"),
        ("<think>a</think>\n5 ", "a", [], "\n5 "),
        ("<think>a</think> x <reflection>b</reflection>5", "a", ["b"], "5"),
        ("<thinking>a <reflection>b</thinking><output>5</output>", "a <reflection>b", [], "5"),
        ("<thinking>a<reflection>b</reflection> c", "a<reflection>b</reflection> c", ["b"], None),
        ("<thinking>a <output>5</output>", "a ", [], "5"),
        ("<thinking>a</thinking><output>The answer is 5", "a", [], "The answer is 5"),
        ("<thinking>a</thinking><output>5<reflection>b</reflection>", "a", ["b"], "5"),
        ("a</think>5", "a", [], "5"),
        ("a<reflection>b</reflection></thinking><output>5</output>", "a<reflection>b</reflection>", ["b"], "5"),
        ("</think>5", None, [], "5"),
        ("<thinking>a</thinking>5</output>", "a", [], "5"),
        ("<thinking>a 5</output>", "a 5", [], None),
        ("5</output>", None, [], "5"),
        ("<thinking>a</thinking> The answer is 5.", "a", [], None),
        ("<thinking>a<output>5</output></thinking>", "a<output>5</output>", [], "5"),
        ("<thinking>a</thinking><output>5</output><output>6</output>", "a", [], "6"),
        ("<thinking>a</thinking><thinking>b</thinking><output>5</output>", None, [], "5"),
        ("</thinking>a<thinking><output>5</output>", None, [], "5"),
        ("<reflection>a<reflection>b</reflection></reflection>", None, ["b"], None),
        ("<thinking></thinking><output></output>", "", [], ""),
        ("no tags", None, [], None),
    ],
)
def test_what_is_not_in_doubt_is_recovered(
    text: str, thinking: str | None, reflections: list[str], output: str | None
) -> None:
    assert cut(text, parse(text)) == (thinking, reflections, output)


def test_write() -> None:
    text = write(["Add. ", ReflectionText("Sure?"), " Yes."], "5", after=["Once more."])
    assert text == (
        "<thinking>Add. <reflection>Sure?</reflection> Yes.</thinking>\n"
        "<reflection>Once more.</reflection>\n<output>5</output>"
    )
    assert cut(text, parse(text))[1:] == (["Sure?", "Once more."], "5")


@pytest.mark.parametrize(
    ("thinking", "output", "after", "complaint"),
    [
        (["a <output> b"], "5", [], "contains a tag"),
        (["a"], "5</output>", [], "contains a tag"),
        (["a", ReflectionText("<reflection>b</reflection>")], "5", [], "contains a tag"),
        (["<think", "ing>a"], "5", [], "contains a tag"),  # two texts that join to a tag
        ([], "5", [], "empty_thinking"),
        (["a", ReflectionText(" ")], "5", [], "empty_reflection"),
        (["a"], "5", [""], "empty_reflection"),
        (["a"], "\n", [], "empty_output"),
    ],
)
def test_write_refuses_what_would_not_come_back(
    thinking: list[str | ReflectionText], output: str, after: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        write(thinking, output, after)


@pytest.mark.parametrize(
    "text",
    [
        "<thinking>" * 20_000,
        "</output>" * 20_000,
        "<reflection>" * 20_000 + "</reflection>" * 20_000,
        "<thinking>" + "<reflection>a</reflection>" * 10_000 + "</thinking><output>5</output>",
        "<output>5</output>" * 10_000,
        "<thinking>a</thinking>" + " " * 1_000_000,
        "<" * 500_000 + "/" * 500_000,
        "<thinking" * 100_000,
    ],
    ids=lambda text: f"{text[:12]}… {len(text)}",
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    """The slowest takes 0.15 s; what is quadratic takes minutes."""
    start = process_time()
    assert parse(text).structure is not S.EMPTY
    assert process_time() - start < 3
