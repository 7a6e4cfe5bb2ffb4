"""Where the thinking of a response ends, in the spellings of open models, and what kinds without a gold then judge."""

from time import process_time

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints
from tasks.judging.reading import read_answers
from tasks.parsing.grammar import parse
from tasks.parsing.thinking import after_thinking, apart

CLOSED = [
    ("<thinking>a, b</thinking>\nText.", "\nText."),
    ("<think>a, b</think>Text.", "Text."),
    ("\n <Think>a, b</Think>\n\nText.", "\n\nText."),
    ("< thinking >a, b< /thinking > Text.", " Text."),
    ("<thought>a, b</thought> Text.", " Text."),
    ("<reasoning>a, b</reasoning> Text.", " Text."),
    ("<scratchpad>a, b</scratchpad> Text.", " Text."),
    ("<seed:think>a, b</seed:think>Text.", "Text."),
    ("[THINK]a, b[/THINK]Text.", "Text."),
    ("\u25c1think\u25b7a, b\u25c1/think\u25b7Text.", "Text."),
    ("<|im_start|>think\na, b\n<|im_start|>answer\nText.", "\nText."),
    ('<thinking budget="9">a, b</thinking>Text.', "Text."),
    ("<unused94>thought\na, b<unused95>Text.", "Text."),
    ("<|channel>thought\na, b<channel|>Text.", "Text."),
    ('<details type="reasoning" done="true"><summary>Thought</summary>a, b</details>\nText.', "\nText."),
    ("<|im_start|>assistant\n<think>a, b</think>Text.", "Text."),
    ("<|begin_of_thought|>a, b<|end_of_thought|>\n<|begin_of_solution|>\nText.<|end_of_solution|>", "\nText."),
    ("<|START_THINKING|>a, b<|END_THINKING|><|START_RESPONSE|>Text.<|END_RESPONSE|>", "Text."),
    ("<|channel|>analysis<|message|>a, b<|end|><|start|>assistant<|channel|>final<|message|>Text.<|return|>", "Text."),
    ("<|channel|>analysis<|message|>a, b<|channel|>final<|message|>Text.", "Text."),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b, c<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Text.",
        "Text.",
    ),
    ("<|channel|>final<|message|>Text.<|return|>", "Text."),
    ("analysisThe user wants a, b.assistantfinalText.", "Text."),
    ("Here is my thought process: a, b\n\nHere is my response: Text.", " Text."),
    ("<think>\n</think>\n<reasoning>a, b</reasoning>Text.", "Text."),
    # several, and reflections behind them
    ("<think>a</think>\n<think>b, c</think>Text.", "Text."),
    ("<thinking>a</thinking><reflection>b, c</reflection>Text.", "Text."),
    ("<thinking>a<reflection>b, c</reflection></thinking>\nText.", "\nText."),
    ("Text? <think>a, b</think>Text.", "Text."),  # the last one counts
    ("<think>a </think> b, c</think>Text.", "Text."),
    # a template wrote the opening tag into the prompt
    ("a, b</think>Text.", "Text."),
    ("a, b</thinking>\nText.", "\nText."),
    ("a, b</thought>Text.", "Text."),
    ("a, b[/THINK]Text.", "Text."),
    # nothing follows
    ("<think>a, b</think>", ""),
]
OPEN = [
    "<think>a b",
    "<thinking>a b",
    "<thought>a b",
    "[THINK]a b",
    "<|channel|>analysis<|message|>a b",
    " <reasoning>",
]
NONE = [
    "Text.",
    "I think, therefore I am.",
    "Use <reasoning> for reasons, and <thought> for thoughts.",
    "[think] of me",
    "Analysis: it is so.",
    "<think twice> is no tag",
    "Here is my thought process: it is so, and so is that.",
    "analysisX is a program",
    "analysis is dull; write assistantfinal",
    "</output>Text.",
    "",
]


@pytest.mark.parametrize(("text", "rest"), CLOSED)
def test_what_follows(text: str, rest: str) -> None:
    found = after_thinking(text)
    assert found is not None
    assert (found.place.of(text), found.closed) == (rest, True)


@pytest.mark.parametrize("text", OPEN)
@pytest.mark.parametrize("ahead", ["", "<think>c</think>\n"])
def test_nothing_follows_thinking_without_an_end(ahead: str, text: str) -> None:
    """A kind that looks for an answer still does so there, behind the last that ends; one that judges all has none."""
    found = after_thinking(ahead + text)
    assert found is not None
    assert (found.place.of(ahead + text).strip(), found.closed) == (text.strip(), False)
    whole, _ = read_answers(ahead + text, parse(ahead + text), "judge", {})
    assert whole is not None
    assert whole.answer == ""


@pytest.mark.parametrize("text", NONE)
def test_no_thinking(text: str) -> None:
    assert after_thinking(text) is None


@pytest.mark.parametrize("text", [text for text, _ in CLOSED] + [text.replace("a b", "a, b") for text in OPEN])
def test_constraints_never_count_it(text: str) -> None:
    """Every thinking of the table has a comma, and no text has."""
    spec = '{"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}'
    answer, _ = read_answers(text, parse(text), "constraints", {})
    assert answer is not None
    reason = judge_constraints(answer.answer, spec).reason
    assert reason is (Reason.CONSTRAINTS_MET if "Text" in answer.answer else Reason.CONSTRAINT_BROKEN)
    assert judge_constraints(text, spec).reason is Reason.CONSTRAINT_BROKEN or "," not in text  # the control


@pytest.mark.parametrize(
    "piece", ["<think>", "</think>", "<", "< ", "<|channel|>", "<think></think>", "<s>", " ", "</"]
)
def test_takes_linear_time(piece: str) -> None:
    start = process_time()
    after_thinking(piece * (200_000 // len(piece)))
    assert process_time() - start < 2


@pytest.mark.parametrize(("text", "rest"), CLOSED)
def test_other_marks_than_the_grammar_s_tell_thinking_apart(text: str, rest: str) -> None:
    found = apart(text)
    if any(tag in text for tag in ("<thinking>", "<think>", "</thinking>")) or "final<|message|>Text" in text[:40]:
        assert found is None, "the grammar reads it, or there is no thinking"
    else:
        assert found
        thinking, output = found
        assert output == rest.strip()
        assert "a" in thinking
        assert [
            mark for mark in ("[/", "|", "</", "assistantfinal") if mark in thinking.replace("</summary>", "")
        ] == []


APART = [
    ("I add.\n</think>\n\nIt is 3.", ("I add.", "It is 3.")),
    ("<|begin_of_thought|>I add.\n<|end_of_thought|>\n<|begin_of_solution|>\n3\n<|end_of_solution|>", ("I add.", "3")),
    ("<think>\nI add.\n</think>\n\n3", None),
    ("<thinking>I add.</thinking><output>3</output>", None),
    ("<|begin_of_thought|>I add and never end", None),
    ("3", None),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right"), APART)
def test_thinking_and_answer_apart(text: str, right: tuple[str, str] | None) -> None:
    assert apart(text) == right
