"""The forms in which people hold instruction data, each with what it has to be read as; and which field is at fault."""

from typing import Any

import pytest

from schemas.exchange import BadPair, ExchangeColumns, PairFormat, SeveralTurns
from tasks.rows.exchange import NO_INPUT, BadRow, Exchange, given_input, read_exchange

COLUMNS = ExchangeColumns()
GOOD = Exchange("", "Name a fish.", "", "A trout.")
UNUSED = ("tools that the answer does not call",)
RATED = ("label: false, by which the answer is a bad one; it is used like any other",)
GREETED = ("an answer at the beginning that nobody asked for",)

ANSWERERS = ("chatgpt", "bing", "bard", "Claude", "model", "gpt-4", "claude-3-opus", "GPT", "bot")


def sharegpt(*turns: tuple[str, str]) -> dict[str, Any]:
    return {"conversations": [{"from": who, "value": said} for who, said in turns]}


def chat(*turns: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": who, "content": said} for who, said in turns], **more}


def parts(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


U, A = ("user", "Name a fish."), ("assistant", "A trout.")
H, G = ("human", "Name a fish."), ("gpt", "A trout.")
ANSWERED = {"role": "assistant", "content": "A trout."}
ASKED = {"role": "user", "content": "Name a fish."}
CALLED = {"role": "assistant", "content": None, "tool_calls": [{"type": "function"}]}

READ = {
    "sharegpt": (sharegpt(H, G), GOOD),
    "ultrachat": ({"messages": ["Name a fish.", " A trout.\n"]}, GOOD),
    "ultrachat, as conversations": ({"conversations": ["Name a fish.", "A trout."]}, GOOD),
    "sharegpt, role and content": ({"conversations": chat(U, A)["messages"]}, GOOD),
    "sharegpt, role and value": (
        {"conversations": [{"role": "user", "value": U[1]}, {"role": "gpt", "value": A[1]}]},
        GOOD,
    ),
    "sharegpt, null fields of other rows": (
        {"conversations": [{"from": None, "value": None, "role": who, "content": said} for who, said in (U, A)]},
        GOOD,
    ),
    "openassistant's prompter": (sharegpt(("prompter", H[1]), ("assistant", G[1])), GOOD),
    **{
        f"answered by {who}": (sharegpt(H, (who, G[1])), GOOD) for who in ("chatgpt", "bing", "bard", "Claude", "model")
    },
    **{f"answered by {who}": (sharegpt(H, (who, G[1])), GOOD) for who in ("gpt-4", "claude-3-opus", "GPT", "bot")},
    "sharegpt, system turn": (sharegpt(("system", "Be brief."), H, G), Exchange("Be brief.", *H[1:], "", *G[1:])),
    "sharegpt, system column": (sharegpt(H, G) | {"system": "Be brief."}, Exchange("Be brief.", *H[1:], "", *G[1:])),
    "begins with gpt": (sharegpt(("gpt", "Hello."), H, G), Exchange("", H[1], "", G[1], notes=GREETED)),
    "chat": (chat(U, A), GOOD),
    "chat, developer": (chat(("developer", "Be brief."), U, A), Exchange("Be brief.", U[1], "", A[1])),
    "chat, text in parts": (chat(("user", parts("Name ", "a fish.")), ("assistant", parts("A trout."))), GOOD),
    "chat, tools that are not called": (
        chat(U, A, tools=[{"type": "function"}]),
        Exchange("", U[1], "", A[1], notes=UNUSED),
    ),
    "chat, functions that are not called": (
        chat(U, A, functions=[{"name": "f"}]),
        Exchange("", U[1], "", A[1], notes=("functions that the answer does not call",)),
    ),
    "chat, weight 1": ({"messages": [ASKED, ANSWERED | {"weight": 1}]}, GOOD),
    "chat, no weight": ({"messages": [ASKED, ANSWERED | {"weight": None, "tool_calls": None}]}, GOOD),
    "chat, reasoning apart": (
        {"messages": [ASKED, ANSWERED | {"reasoning_content": "Trouts swim."}]},
        Exchange("", U[1], "", A[1], "Trouts swim."),
    ),
    "alpaca": ({"instruction": "Name a fish.", "input": "", "output": "A trout."}, GOOD),
    "gpteacher": ({"instruction": "Name a fish.", "input": "", "response": "A trout."}, GOOD),
    "dolly": (
        {"instruction": "Name it.", "context": "A trout swims.", "response": "A trout.", "category": "closed_qa"},
        Exchange("", "Name it.", "A trout swims.", "A trout."),
    ),
    "self-instruct": (
        {"instruction": "Name it.", "instances": [{"input": "It swims.", "output": "A trout."}]},
        Exchange("", "Name it.", "It swims.", "A trout."),
    ),
    "self-instruct, several": (
        {"instruction": "Name it.", "instances": [{"input": "It swims.", "output": "A trout."}, {"input": "x"}]},
        Exchange("", "Name it.", "It swims.", "A trout.", notes=("instances after the first",)),
    ),
    "kto, a bad answer": (
        {"instruction": "Name a fish.", "output": "A trout.", "label": False},
        Exchange("", U[1], "", A[1], notes=RATED),
    ),
    "kto, a good answer": ({"instruction": "Name a fish.", "output": "A trout.", "label": True}, GOOD),
    "kto, chat": ({"messages": [ASKED, ANSWERED], "label": False}, Exchange("", U[1], "", A[1], notes=RATED)),
    "another label": ({"instruction": "Name a fish.", "output": "A trout.", "label": 0}, GOOD),
    "alpaca, columns of others beside its own": (
        {"instruction": "Name a fish.", "input": "", "context": "x", "output": "A trout.", "response": "y"},
        GOOD,
    ),
    "llama-factory, parts with values": (
        chat(("user", [{"type": "text", "value": U[1]}]), ("assistant", [{"type": "text", "value": A[1]}])),
        GOOD,
    ),
    "alpaca, system": (
        {"instruction": "Name a fish.", "input": "", "output": "A trout.", "system": "Be brief."},
        Exchange("Be brief.", "Name a fish.", "", "A trout."),
    ),
    "no images": (chat(U, A, images=[], videos=None), GOOD),
    "alpaca, empty history": ({"instruction": "Name a fish.", "output": "A trout.", "history": []}, GOOD),
    "alpaca, history": (
        {"instruction": "Another?", "output": "A carp.", "history": [["Name a fish.", "A trout."]]},
        Exchange("", "User: Name a fish.\n\nAssistant: A trout.\n\nUser: Another?", "", "A carp."),
    ),
    "alpaca, history of turns": (
        {"instruction": "Another?", "output": "A carp.", "history": chat(U, A)["messages"]},
        Exchange("", "User: Name a fish.\n\nAssistant: A trout.\n\nUser: Another?", "", "A carp."),
    ),
}


@pytest.mark.parametrize(("row", "right"), READ.values(), ids=READ)
def test_each_form_is_read(row: dict[str, Any], right: Exchange) -> None:
    assert read_exchange(row, COLUMNS) == right


FAILED = [
    (chat(U), BadPair.NO_EXCHANGE, "messages"),
    (chat(A, U), BadPair.NO_EXCHANGE, "messages"),
    (chat(("narrator", "Once."), U, A), BadPair.NO_EXCHANGE, "messages.0.role"),
    (chat(U, A, U, A), BadPair.SEVERAL_TURNS, "messages"),
    (sharegpt(H, G, H), BadPair.SEVERAL_TURNS, "conversations"),
    ({"messages": [ASKED, ANSWERED | {"weight": 0}]}, BadPair.NOT_LEARNT, "messages.1.weight"),
    ({"messages": [ASKED, ANSWERED | {"train": False}]}, BadPair.NOT_LEARNT, "messages.1.train"),
    ({"messages": [ASKED, ANSWERED | {"loss_weight": 0.0}]}, BadPair.NOT_LEARNT, "messages.1.loss_weight"),
    ({"messages": [ASKED, CALLED]}, BadPair.TOOL_CALL, "messages.1.tool_calls"),
    ({"messages": [ASKED, ANSWERED | {"function_call": {"name": "f"}}]}, BadPair.TOOL_CALL, "messages.1.function_call"),
    (chat(U, ("tool", "3"), A), BadPair.TOOL_CALL, "messages.1"),
    (sharegpt(H, ("function_call", "{}"), ("observation", "3"), G), BadPair.TOOL_CALL, "conversations.1"),
    (chat(U, ("assistant", None)), BadPair.NOT_TEXT, "messages.1.content"),
    (sharegpt(H, ("gpt", 7)), BadPair.NOT_TEXT, "conversations.1.value"),  # type: ignore[arg-type]
    (chat(("user", [*parts("See:"), {"type": "image_url"}]), A), BadPair.NOT_TEXT, "messages.0.content.1"),
    (chat(("user", "<image>Name it."), A, images=["fish.jpg"]), BadPair.NOT_TEXT, "images"),
    ({"instruction": "Name it.", "output": "A trout.", "videos": ["fish.mp4"]}, BadPair.NOT_TEXT, "videos"),
    ({"messages": ["Name a fish.", 7]}, BadPair.NOT_TEXT, "messages.0"),
    ({"messages": ["Name a fish."]}, BadPair.NO_EXCHANGE, "messages"),
    ({"messages": ["Name a fish.", "A trout.", "Another?", "A carp."]}, BadPair.SEVERAL_TURNS, "messages"),
    ({"messages": [{"content": "x"}]}, BadPair.NOT_TEXT, "messages.0.role"),
    ({"instruction": "Name a fish."}, BadPair.NOT_TEXT, "output"),
    ({"instruction": "Name a fish.", "output": float("nan")}, BadPair.NOT_TEXT, "output"),
    ({"instruction": "Name a fish.", "output": "A trout.", "input": ["x"]}, BadPair.NOT_TEXT, "input"),
    ({"instruction": "Name a fish.", "output": "A trout.", "system": 7}, BadPair.NOT_TEXT, "system"),
    ({"instruction": "Another?", "output": "A carp.", "history": "before"}, BadPair.NOT_TEXT, "history"),
    ({"instruction": "Another?", "output": "A carp.", "history": [["q"]]}, BadPair.NOT_TEXT, "history.0"),
    ({"instruction": "Another?", "output": "A carp.", "history": [["q", None]]}, BadPair.NOT_TEXT, "history.0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "reason", "field"), FAILED)
def test_what_cannot_be_read_fails_with_its_field(row: dict[str, Any], reason: BadPair, field: str) -> None:
    with pytest.raises(BadRow) as failed:
        read_exchange(row, COLUMNS)
    assert (failed.value.reason, failed.value.field) == (reason, field)
    assert failed.value.complaint.startswith("got ")


def test_several_turns() -> None:
    row = chat(U, A, ("user", "Another?"), ("assistant", "A carp."))
    assert read_exchange(row, COLUMNS, several=SeveralTurns.FIRST) == GOOD
    last = read_exchange(row, COLUMNS, several=SeveralTurns.LAST)
    assert last == Exchange("", "User: Name a fish.\n\nAssistant: A trout.\n\nUser: Another?", "", "A carp.")
    row["messages"][1]["weight"] = 0
    assert read_exchange(row, COLUMNS, several=SeveralTurns.LAST) == last, "an answer that only leads up to the last"
    with pytest.raises(BadRow, match="weight"):
        read_exchange(row, COLUMNS, several=SeveralTurns.FIRST)


QUESTIONS = [
    (chat(U), SeveralTurns.FAIL, "Name a fish."),
    (chat(U, A), SeveralTurns.FAIL, "Name a fish."),
    ({"messages": [ASKED, CALLED]}, SeveralTurns.FAIL, "Name a fish."),
    ({"messages": ["Name a fish.", "A trout."]}, SeveralTurns.FAIL, "Name a fish."),
    ({"messages": ["Name a fish."]}, SeveralTurns.FAIL, "Name a fish."),
    (chat(U, A, ("user", "Another?")), SeveralTurns.FIRST, "Name a fish."),
    (chat(U, A, ("user", "Why?")), SeveralTurns.LAST, "User: Name a fish.\n\nAssistant: A trout.\n\nUser: Why?"),
    ({"instruction": "Name a fish."}, SeveralTurns.FAIL, "Name a fish."),
]


@pytest.mark.parametrize(("row", "several", "asked"), QUESTIONS)
def test_a_question_needs_no_answer(row: dict[str, Any], several: SeveralTurns, asked: str) -> None:
    assert read_exchange(row, COLUMNS, several=several, answered=False).instruction == asked


def test_a_form_that_is_given_is_not_guessed() -> None:
    row = sharegpt(H, G) | {"instruction": "Name a bird.", "output": "A wren."}
    assert read_exchange(row, COLUMNS, PairFormat.ALPACA).instruction == "Name a bird."
    assert read_exchange(row, COLUMNS).instruction == "Name a fish."


@pytest.mark.parametrize(
    "text",
    [
        *(None, float("nan"), "", " ", *NO_INPUT, "<noinput>", '"<noinput>"', "N/A", "n/a.", "NaN", "None", "[none]"),
        *("No input required.", "No Input.", "<no input>.", "(No additional input needed)", "NULL"),
    ],
)
def test_an_input_that_means_none_is_none(text: object) -> None:
    assert given_input(text, "input") == ""


@pytest.mark.parametrize(
    "text", ["0", "None of the above", "no", "The noinput flag", "nan bread", "N/A, see below", "[]"]
)
def test_an_input_that_means_something_stays(text: str) -> None:
    assert given_input(f" {text}\n", "input") == text
