"""A streamed completion is what it would have been in one piece, however its bytes come."""

import json
import random
from itertools import pairwise
from typing import Any

import pytest

from tasks.asking.call_outcome import CallOutcome
from tasks.asking.completion import Completion
from tasks.asking.reply import SendResult, failed, read_streamed
from tasks.asking.streamed import StreamedCompletion

MOST = 10_000
BROKE = failed(CallOutcome.CUT, "ConnectionResetError")


def delta(finish: str | None = None, **piece: Any) -> str:
    choice = {"index": 0, "delta": piece, "finish_reason": finish}
    return f"data: {json.dumps({'id': 'c', 'model': 'm', 'choices': [choice]})}\n\n"


def usage(**counts: int) -> str:
    return f"data: {json.dumps({'id': 'c', 'choices': [], 'usage': counts})}\n\n"


def read(text: str, broke: SendResult | None = None, step: int = 7, most: int = MOST) -> SendResult:
    so_far, data = StreamedCompletion(most), text.encode()
    for start in range(0, len(data), step):
        so_far.feed(data[start : start + step])
    return read_streamed(so_far, so_far.body(), broke, most)


DONE = "data: [DONE]\n\n"
THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "2 "}]}]
DETAILS = [{"type": "reasoning.text", "text": "2 ", "index": 0}]
WHOLE = {
    "plain": (
        delta(role="assistant", content="") + delta(content="a ") + delta(content="b") + delta("stop"),
        "a b",
        None,
    ),
    "one that ends with its last piece": (delta(content="a") + delta("stop", content="b"), "ab", None),
    "a role in every piece": (
        delta(role="assistant", content="a") + delta("stop", role="assistant", content="b"),
        "ab",
        None,
    ),
    "DeepSeek, llama.cpp": (
        delta(reasoning_content="2 ") + delta(reasoning_content="+ 2") + delta("stop", content="4"),
        "4",
        "2 + 2",
    ),
    "vLLM": (delta(reasoning="2 ") + delta(reasoning="+ 2") + delta("stop", content="4"), "4", "2 + 2"),
    "OpenRouter": (
        ": OPENROUTER PROCESSING\n\n" + delta(reasoning_details=DETAILS) * 2 + delta("stop", content="4"),
        "4",
        "2 2 ",
    ),
    "Mistral": (delta(content=THOUGHT) * 2 + delta("stop", content=[{"type": "text", "text": "4"}]), "4", "2 2 "),
    "parts that end with an empty text": (
        delta(content=THOUGHT) * 2 + delta(content="4") + delta("stop", content=""),  # all before it was lost
        "4",
        "2 2 ",
    ),
    "an empty reason and role behind the text": (
        delta(content="a", role="assistant") + delta("stop", role=""),
        "a",
        None,
    ),
    "names of events": ("event: chunk\nid: 1\n" + delta("stop", content="a"), "a", None),
    "carriage returns": (delta("stop", content="a").replace("\n", "\r\n"), "a", None),
    "no space after the colon": (delta("stop", content="a").replace("data: ", "data:"), "a", None),
    "null fields": (delta(content=None, refusal=None) + delta("stop", content="a", tool_calls=None), "a", None),
    "letters of several bytes": (delta("stop", content="5 €").replace("\\u20ac", "€"), "5 €", None),
    "a mark of the end without a reason": (delta(content="a") + DONE, "a", None),
    "Perplexity": (
        "".join(
            delta("stop" if said == "a b" else None, content=piece).replace(
                '"delta"', f'"message": {json.dumps({"role": "assistant", "content": said})}, "delta"'
            )
            for piece, said in (("a ", "a "), ("b", "a b"), ("", "a b"))
        ),
        "a b",
        None,
    ),
    "MiniMax, DashScope": (
        "".join(delta(reasoning_details=[DETAILS[0] | {"text": "2 + 2 ="[:n]}]) for n in range(1, 8))
        + "".join(delta("", content="So 4."[:n]) for n in range(1, 6))
        + delta("stop", content="So 4."),
        "So 4.",
        "2 + 2 =",
    ),
    "pieces that repeat the one before, but not from the first on": (
        "".join(delta(content=piece) for piece in ("a", "b", "bb", "bbb", "bbbb", "bbbbb")) + delta("stop"),
        "abbbbbbbbbbbbbbb",
        None,
    ),
    "pieces that begin with each other by chance": (
        "".join(delta(content=piece) for piece in ("1", "1", "12", "123", "5")) + delta("stop"),
        "11121235",
        None,
    ),
    "no reason in each piece": (
        delta("", content="a") + delta("null", content="b") + delta("stop") + delta(""),
        "ab",
        None,
    ),
    "messages in the place of pieces": (
        (delta(content="a ") + delta("stop", content="b")).replace('"delta"', '"message"'),
        "a b",
        None,
    ),
    "data without any": ("data:\n\n" + delta(content="a") + "data: \n\n" + delta("stop"), "a", None),
    "an event on several lines": (delta("stop", content="a").replace(", ", ",\ndata: "), "a", None),
    "and by carriage returns": (delta("stop", content="a").replace(", ", ",\r\ndata: "), "a", None),
    "no empty line between events": (delta(content="a").strip() + "\n" + delta("stop", content="b"), "ab", None),
    "an event of its own for the count": (
        "event: ping\ndata: {}\n\n" + delta("stop", content="a").replace('"c"', '"c", "error": null'),
        "a",
        None,
    ),
}


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize("name", WHOLE)
def test_it_is_what_it_would_have_been_in_one_piece(name: str, step: int) -> None:
    sent, content, reasoning = WHOLE[name]
    ended = read(sent + usage(prompt_tokens=3, completion_tokens=5) + DONE, step=step)
    assert (ended.outcome, ended.error) == (CallOutcome.ANSWERED, None)
    said = ended.completion
    assert (said.content, said.reasoning, said.model) == (content, reasoning, "m")
    assert (said.usage.prompt_tokens, said.usage.completion_tokens) == (3, 5)


PARTS = [{"type": "text", "text": "a"}], [{"type": "text", "text": "b"}]
CALLS = [{"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"n"'}}], [{"index": 1, "id": "y"}]
INDEXED = [{"type": "summary", "index": 1, "text": "p"}], [{"type": "signature", "index": 1, "data": "s"}]
MERGED: dict[str, tuple[str, dict[str, Any]]] = {
    "parts of one type": (
        delta(content=PARTS[0]) + delta(content=PARTS[1]),
        {"content": [PARTS[0][0] | {"text": "ab"}]},
    ),
    "parts without a type": (delta(content=["a"]) + delta(content=["b"]), {"content": ["a", "b"]}),
    "a text before its parts": (delta(content="a") + delta(content=PARTS[1]), {"content": ["a", *PARTS[1]]}),
    "nothing before its parts": (delta(content="") + delta(content=PARTS[1]), {"content": PARTS[1]}),
    "a text behind its parts": (
        delta(content=PARTS[0]) + delta(content="b") + delta(content=""),
        {"content": [*PARTS[0], "b"]},
    ),
    "null behind its parts": (delta(content=PARTS[0]) + delta(content=None), {"content": PARTS[0]}),
    "parts of no type that are objects": (
        delta(items=[{"a": 1}]) + delta(items=[{"b": 2}]),
        {"items": [{"a": 1}, {"b": 2}]},
    ),
    "tools, by index": (
        delta(tool_calls=CALLS[0])
        + delta(tool_calls=CALLS[1])
        + delta(tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
        {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"n": 1}'}}, *CALLS[1]]},
    ),
    "one index, of two types": (
        delta(details=INDEXED[0])
        + delta(details=INDEXED[1])
        + delta(details=INDEXED[0])
        + delta(details=[{"index": 1, "text": "q"}]),
        {"details": [INDEXED[0][0] | {"text": "ppq"}, *INDEXED[1]]},
    ),
    "an object after a text": (
        delta(audio="x") + delta(audio={"id": 1}) + delta(audio={"n": 2}),
        {"audio": {"id": 1, "n": 2}},
    ),
}


@pytest.mark.parametrize("name", MERGED)
def test_what_stands_in_parts_is_put_together(name: str) -> None:
    sent, message = MERGED[name]
    so_far = StreamedCompletion(MOST)
    so_far.feed(sent.encode())
    assert json.loads(so_far.body())["choices"] == [{"message": message, "index": 0}]


def test_what_stands_beside_the_message_is_kept() -> None:
    """A later `null` takes nothing back, and choices are told apart by their index."""
    events = [
        {"usage": {"prompt_tokens": 3}, "choices": [{"index": 1, "delta": {"content": "b"}, "seed": 7}]},
        {
            "usage": None,
            "choices": [{"index": None, "delta": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}],
        },
        {"choices": [{"delta": {}, "seed": None, "finish_reason": "stop", "logprobs": {"content": [{"token": "b"}]}}]},
        {"choices": [{"index": 1, "seed": None, "finish_reason": "stop"}]},
        {"choices": []},
    ]
    so_far = StreamedCompletion(MOST)
    for n, event in enumerate(events):
        assert so_far.is_whole == (n == 4)
        so_far.feed(f"data: {json.dumps(event)}\n\n".encode())
    first = {
        "message": {"content": "a"},
        "logprobs": {"content": [{"token": "a"}, {"token": "b"}]},
        "finish_reason": "stop",
    }
    second = {"message": {"content": "b"}, "index": 1, "seed": 7, "finish_reason": "stop"}
    assert json.loads(so_far.body()) == {
        "usage": {"prompt_tokens": 3},
        "object": "chat.completion",
        "choices": [first, second],
    }


ERROR = 'data: {"error": {"message": "the host is down", "code": 502}}\n\n'
BROKEN = {
    "cut in the text": (delta(content="a ") + delta(content="b"), BROKE, CallOutcome.CUT, "a b"),
    "cut in an event": (delta(content="a ") + delta(content="b")[:30], BROKE, CallOutcome.CUT, "a "),
    "cut in the thinking": (delta(reasoning="a"), BROKE, CallOutcome.CUT, None),
    "an end without an end": (delta(content="a"), None, CallOutcome.CUT, "a"),
    "silence": (delta(content="a"), failed(CallOutcome.DEADLINE, "x"), CallOutcome.DEADLINE, "a"),
    "an error after text": (delta(content="a") + ERROR, None, CallOutcome.SERVER_ERROR, "a"),
    "an error at once": (ERROR + DONE, None, CallOutcome.SERVER_ERROR, None),
    "no JSON": (delta(content="a") + "data: <html>\n\n" + DONE, None, CallOutcome.ERROR_OBJECT, "a"),
    "no JSON, and no empty line": (delta(content="a") + "data: <p>\n" + DONE, None, CallOutcome.ERROR_OBJECT, "a"),
    "llama.cpp, before": (delta(content="a") + 'error: {"code":500}\n\n' + DONE, None, CallOutcome.SERVER_ERROR, "a"),
    "Mistral": (delta(content="a") + 'data: {"object":"error","code":503}\n\n', None, CallOutcome.SERVER_ERROR, "a"),
    "one that its name alone says": (
        delta(content="a") + 'event:error\ndata:{"code":"InternalError","message":"x"}\n\n' + DONE,
        None,
        CallOutcome.ERROR_OBJECT,
        "a",
    ),
    "Groq": (
        delta(content="a") + delta("stop")[:-3] + ', "x_groq": {"error": "over capacity"}}\n\n' + DONE,
        None,
        CallOutcome.ERROR_OBJECT,
        "a",
    ),
    "MiniMax": (
        delta(content="a") + 'data: {"choices": null, "base_resp": {"status_code": 1002, "status_msg": "x"}}\n\n',
        None,
        CallOutcome.RATE_LIMITED,
        "a",
    ),
    "a reason that is none": (delta("null", content="a"), None, CallOutcome.CUT, "a"),
    "nothing": ("", None, CallOutcome.CUT, None),
    "comments only": (": wait\n\n" * 9, BROKE, CallOutcome.CUT, None),
    "a comment like the mark of the end": (delta(content="a") + ": [DONE]\n\n", BROKE, CallOutcome.CUT, "a"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_had_come_of_one_that_broke_off_is_there(name: str) -> None:
    sent, broke, outcome, content = BROKEN[name]
    ended = read(sent, broke)
    assert (ended.outcome, ended.completion.content) == (outcome, content)
    assert ended.has_text == (content is not None or "thinking" in name)


def test_one_that_had_ended_before_its_connection_broke_is_whole() -> None:
    """Control of the above: the reason why it finished was there, only the mark was not."""
    assert read(delta("stop", content="a"), BROKE).outcome is CallOutcome.ANSWERED


@pytest.mark.parametrize("text", [delta(content="x" * 99) * 200, "data: " + "x" * 20_000, "data: x\n" * 20_000])
def test_one_that_is_too_long_is_not_read_to_its_end(text: str) -> None:
    ended = read(text)
    assert (ended.outcome, ended.completion) == (CallOutcome.TOO_LONG, Completion())
    assert read(text, most=10**6).outcome is not CallOutcome.TOO_LONG


def test_a_text_that_is_told_again_in_each_event_is_as_long_as_it_is() -> None:
    """Its pieces came to more than the most: an answer of 16,000 tokens was too long."""
    text = "a text of some length " * 40
    told = "".join(delta(content=text[: 4 * n]) for n in range(1, len(text) // 4 + 1))
    assert read(told + delta("stop"), most=5_000).completion.content == text


def test_pieces_are_put_together_as_they_come() -> None:
    """The known-bad control of what is told again: of texts as models write them, no piece is taken for all so far."""
    chance = random.Random(1)
    words = ["a", "aa", "aaa", " ", "  ", "1", "12", "123", "the", "then", "\n", "\n\n", "-", "--", "=", "=="]
    for _ in range(1000):
        pieces = [chance.choice(words) for _ in range(chance.randint(1, 12))]
        if not _grows(pieces):
            assert read("".join(delta(content=p) for p in pieces) + delta("stop")).completion.content == "".join(pieces)


def _grows(pieces: list[str]) -> bool:
    """Whether they are what no tokenizer would make: three times the one before and more, from the first on."""
    grown = 0
    for before, piece in pairwise(pieces):
        if not piece.startswith(before):
            break
        grown += piece != before
    return grown >= 3
