"""A line that is no JSON object is refused with what it is, and where."""

import json

import pytest

from tasks.rows.jsonl import read_object


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"gold": 1},', r"no JSON \(Extra data at character 12\)"),
        (b'{"gold": NaN}', r"no JSON \(NaN is none; null is\)"),
        (b"{'gold': 1}", r"no JSON \(Expecting property name .* at character 2\)"),
        ('{"gold": "é"}'.encode("latin-1"), "bytes that are no UTF-8, from byte 11 on"),
        ('{"gold": 1}'.encode("utf-16"), "bytes that are no UTF-8, from byte 1 on"),
        (b"[" * 200_000, r"no JSON \(.*recursion"),
        (b"[1]", "no JSON object"),
        (b'{"gold": 1, "gold": 2}', r"no JSON \(the key 'gold' stands twice in one object\)"),  # as a run has it
        (b'{"spec": {"choices": ["a"], "choices": ["b"]}}', "the key 'choices' stands twice"),
    ],
)
def test_what_is_no_object_says_what_it_is(line: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_object(line)


def test_an_object_is_read_with_and_without_a_byte_order_mark() -> None:
    line = json.dumps({"gold": "é"}, ensure_ascii=False).encode()
    assert read_object(line) == read_object(b"\xef\xbb\xbf" + line) == {"gold": "é"}
