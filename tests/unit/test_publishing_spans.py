"""What is to be learnt of a trace, and where a chat template put it."""

from collections.abc import Callable, Sequence

import pytest

from schemas.release_format import ReleaseFormat
from schemas.trace import Span
from schemas.verdict import Effect
from tasks.publishing.collator import IGNORED, MARK, is_learnt, labelled, place
from tasks.publishing.spans import masked_spans, training_spans
from tests.judged_trace import judged, rows_of

OK, BAD, HARM, MISS, NONE = Effect.CONFIRMED, Effect.CORRECTED, Effect.HARMED, Effect.MISSED, Effect.NONE
A, B = "<reflection>r1</reflection>", "<reflection>r2</reflection>"
TEXT = f"<thinking> a {A} b {B} c</thinking><output>o</output>"
MASKED = [
    ((BAD, OK), BAD, ["a"]),
    ((OK, OK), OK, []),
    ((MISS, BAD), BAD, [f"a {A} b"]),  # the reflection that overlooked it says that the wrong is right
    ((HARM, BAD), OK, [f"{A} b"]),
    ((NONE, BAD), BAD, [f"a {A} b"]),  # nothing is stated in leg 0; it leads to the wrong draft
    ((NONE, OK), OK, []),
    ((NONE, NONE), NONE, []),
    ((None, None), BAD, ["a"]),  # the second draft is unverified: only the first is known to be wrong
    ((None, None), None, []),
    ((), BAD, []),  # a verdict of an older version has no effects by reflection
]


@pytest.mark.parametrize(("effects", "effect", "expected"), MASKED)
def test_wrong_drafts_that_are_put_right_are_masked(
    effects: Sequence[Effect | None], effect: Effect | None, expected: list[str]
) -> None:
    assert [span.of(TEXT) for span in masked_spans(judged(TEXT, effects, effect))] == expected


def test_white_space_within_a_wrong_draft_is_no_lesson() -> None:
    """As published once: a newline between the draft and a decorative reflection was a span of its own."""
    text = f"<thinking>\nwrong\n{A}\n\n{B}</thinking><output>o</output>"
    trace = judged(text, (NONE, BAD), BAD)
    learnt = ["<thinking>\n", f"\n\n{B}</thinking><output>o</output>"]
    assert [span.of(text) for span in training_spans(text, masked_spans(trace))] == learnt
    [chat], [axolotl] = rows_of(ReleaseFormat.CHAT, [trace]), rows_of(ReleaseFormat.AXOLOTL, [trace])
    assert [text[span["start"] : span["end"]] for span in chat["training_spans"]] == learnt
    details = axolotl["messages"][-1]["train_detail"]
    assert [text[each["begin_offset"] : each["end_offset"] + 1] for each in details] == learnt


def test_a_trace_that_ends_wrong_puts_nothing_right() -> None:
    assert not masked_spans(judged(TEXT, (MISS, MISS), MISS, verdict="incorrect"))


def test_the_form_is_learnt_and_every_character_is_on_one_side() -> None:
    text = f"<thinking> wrong </thinking>\n{A}\n<output>o</output>"
    masked = masked_spans(judged(text, (BAD,), BAD))
    learnt = training_spans(text, masked)
    assert [span.of(text) for span in masked] == ["wrong"]
    assert "".join(span.of(text) for span in learnt) == text.replace("wrong", "")
    assert training_spans(text, ()) == (Span(start=0, end=len(text)),)
    assert training_spans("", ()) == ()


@pytest.mark.parametrize(
    ("message", "turned_into", "found"),
    [
        ("a <b> c", lambda m: f"to\n{m}!", True),
        ("a", lambda m: f"to\n{m}\nand", True),  # the marker after it holds an `a`, too
        ("\n a  b\n", lambda m: f"x {m.strip()} y", True),
        ("<think>a</think>b", lambda m: _moved(m), True),  # such as Qwen3's: the thinking is written anew
        ("<think>a</think>b", lambda m: m.rpartition("</think>")[2], False),  # such as R1's: the thinking is gone
        ("a b", lambda m: m[:2], False),
    ],
)
def test_a_message_is_found_where_the_template_put_it(
    message: str, turned_into: Callable[[str], str], found: bool
) -> None:
    whole = turned_into(message)
    spot = place(message, whole, turned_into(MARK))
    assert bool(spot) is found
    if spot:
        assert [whole[at] for at in spot.outside] == [message[at] for at in spot.inside]
        assert spot.outside[0] == whole.index(message.strip()[0])


def _moved(message: str) -> str:
    thinking, _, rest = message.rpartition("</think>")
    return f"<think>\n{thinking.removeprefix('<think>').strip()}\n</think>\n\n{rest.lstrip()}"


@pytest.mark.parametrize("empty", ["", " \n"])
def test_nothing_is_learnt_of_an_empty_message(empty: str) -> None:
    """The first marker of the whole conversation was taken for the one that closes it."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"?": 0, "user": 1, "assistant": 2, "two": 3, "what": 4}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, additional_special_tokens=["<s>", "</s>"])
    tokenizer.chat_template = "{% for m in messages %}<s>{{ m.role }} {{ m.content }}</s>{% endfor %}"
    roles = ["user", "assistant", "user", "assistant"]
    said = [{"role": role, "content": text} for role, text in zip(roles, ["what", empty, "what", "two"], strict=True)]
    span = {"message": 3, "start": 0, "end": 3}
    row = labelled({"messages": said, "training_spans": [span]}, tokenizer, None)
    learnt = [token for token in row["labels"] if token != IGNORED]
    assert tokenizer.convert_ids_to_tokens(learnt) == ["two", "</s>"]
    assert not is_learnt(labelled({"messages": said[:2], "training_spans": []}, tokenizer, None))
