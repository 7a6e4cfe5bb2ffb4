"""The parts of a trace are told apart while it comes, however it is cut into pieces."""

from itertools import groupby

import pytest

from tasks.parsing.live import LiveParts, LivePiece

TRACE = "<thinking>a<reflection>b < c</reflection>d</thinking>\n<output>e</output>"
CASES = [
    (TRACE, [("thinking", "a"), ("reflection", "b < c"), ("thinking", "d"), ("text", "\n"), ("output", "e")]),
    ("no tags at all", [("text", "no tags at all")]),
    ("<think>a</think>\nthe rest", [("thinking", "a"), ("output", "\nthe rest")]),
    ("<thinking>a</thinking>\n<output>b", [("thinking", "a"), ("text", "\n"), ("output", "b")]),
    ("<thinking>a</output>b", [("thinking", "ab")]),
    ("<thinking>a<reflection>b</thinking>c", [("thinking", "a"), ("reflection", "b"), ("output", "c")]),
    ("a <b> <thinkin", [("text", "a <b> <thinkin")]),
    ("<Output>1</Output> 2 <", [("text", "<Output>1</Output> 2 <")]),
    ("", []),
]


def joined(pieces: list[LivePiece]) -> list[tuple[str, str]]:
    return [(part.value, "".join(text for _, text in run)) for part, run in groupby(pieces, lambda piece: piece.part)]


def told(text: str, size: int) -> list[tuple[str, str]]:
    parts = LiveParts()
    pieces = [piece for at in range(0, len(text), size) for piece in parts.feed(text[at : at + size])]
    return joined([*pieces, *parts.end()])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_the_parts_do_not_depend_on_the_pieces(text: str, wanted: list[tuple[str, str]], size: int) -> None:
    whole = told(text, size)
    assert [part for part, said in whole if not said.isspace()] == [part for part, said in wanted if not said.isspace()]
    assert "".join(said for _, said in whole) == "".join(said for _, said in wanted)
    if size >= len(text):
        assert whole == wanted


def test_what_may_become_a_tag_is_held_back() -> None:
    parts = LiveParts()
    assert joined(list(parts.feed("so <refl"))) == [("text", "so ")]
    assert not list(parts.feed("ection>"))
    assert joined(list(parts.feed("x"))) == [("reflection", "x")]
