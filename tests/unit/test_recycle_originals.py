"""Instruction data sets: three forms, two kinds of file, and rows that are no pairs."""

import json
import re

import pytest

from schemas.errors import Refused
from schemas.pair import BadPair
from schemas.recycling import Pairs
from tasks.recycling.originals import read_pair, read_pairs

TURNS = [{"from": "human", "value": "Name two."}, {"from": "gpt", "value": "One, two."}]
CHAT = [{"role": "user", "content": "Name two."}, {"role": "assistant", "content": "One, two."}]
SYSTEM = {"role": "system", "content": "Be short."}
GOOD = ("Name two.", "", "One, two.")


def read(row, **settings):
    pair = read_pair(Pairs(path="x.jsonl", **settings), "x.jsonl, line 1", row)
    return pair.bad or (pair.instruction, pair.input, pair.response)


@pytest.mark.parametrize(
    ("row", "settings", "found"),
    [
        ({"instruction": " Name two.\n", "input": "", "output": "One, two."}, {}, GOOD),
        ({"instruction": "Name two.", "output": "One, two."}, {}, GOOD),
        ({"instruction": "Add.", "input": "1 2", "output": "3"}, {}, ("Add.", "1 2", "3")),
        ({"instruction": "Add.", "input": None, "output": "3"}, {}, ("Add.", "", "3")),
        ({"q": {"text": "Add."}, "a": "3"}, {"columns": {"instruction": "q.text", "output": "a"}}, ("Add.", "", "3")),
        ({"conversations": TURNS}, {}, GOOD),
        ({"conversations": [{"from": "system", "value": " "}, *TURNS]}, {}, GOOD),
        ({"messages": CHAT}, {}, GOOD),
        ({"messages": [SYSTEM, *CHAT]}, {}, ("Be short.\n\nName two.", "", "One, two.")),
        ({"messages": [*CHAT, *CHAT]}, {"several_turns": "first"}, GOOD),
        ({"messages": [*CHAT, *CHAT]}, {}, BadPair.SEVERAL_TURNS),
        ({"messages": CHAT[:1]}, {}, BadPair.NO_EXCHANGE),
        ({"conversations": TURNS[::-1]}, {}, BadPair.NO_EXCHANGE),
        ({"messages": [{"role": "user", "content": ["an", "image"]}, CHAT[1]]}, {}, BadPair.NOT_TEXT),
        ({"messages": "Name two."}, {"format": "chat"}, BadPair.NOT_TEXT),
        ({"instruction": "Name two."}, {}, BadPair.NOT_TEXT),
        ({"instruction": "Name two.", "output": 2}, {}, BadPair.NOT_TEXT),
        ({"instruction": "Name two.", "output": " "}, {}, BadPair.EMPTY_RESPONSE),
        ({"instruction": "", "output": "One."}, {}, BadPair.EMPTY_INSTRUCTION),
        ({"messages": [{"role": "user", "content": ""}, CHAT[1]]}, {}, BadPair.EMPTY_INSTRUCTION),
        ({"messages": [SYSTEM, {"role": "user", "content": ""}, CHAT[1]]}, {}, BadPair.EMPTY_INSTRUCTION),
    ],
)
def test_a_row(row, settings, found):
    assert read(row, **settings) == found


@pytest.mark.parametrize(
    ("row", "settings", "field", "complaint"),
    [
        (
            {"question": "Name two.", "output": "One, two."},
            {},
            "instruction",
            r"; pairs\.columns\.instruction names its column, perhaps one of 'question', 'output'",
        ),
        (
            {"instruction": "Name two.", "answer": "One, two."},
            {},
            "output",
            r"; pairs\.columns\.output names its column, perhaps one of 'instruction', 'answer'",
        ),
        ({"instruction": "", "output": "One."}, {}, "instruction", "a question"),
        ({"instruction": "Name two.", "output": " "}, {}, "output", "an answer"),
        ({"messages": [{"role": "user", "content": ""}, CHAT[1]]}, {}, "messages", "a question"),
        (
            {"turns": [TURNS[0], TURNS[1] | {"value": ""}]},
            {"columns": {"conversations": "turns"}},
            "turns",
            "an answer",
        ),
        (
            {"instruction": "", "output": "One.", "messages": [CHAT[0], CHAT[1] | {"content": ""}]},
            {"format": "chat"},
            "messages",
            "an answer",
        ),
    ],
)
def test_a_bad_row_says_which_column_is_at_fault(row, settings, field, complaint):
    pair = read_pair(Pairs(path="x.jsonl", **settings), "x.jsonl, line 1", row)
    assert pair.field == field
    assert re.search(complaint, pair.complaint)
    assert ("pairs.columns" in pair.complaint) == (field not in row)


ROWS = [
    {"instruction": "Add.", "output": "3", "id": 7, "gold": 3, "difficulty": 2},
    {"messages": CHAT},
    {"x": 1},
    {"x": 2},
]


@pytest.mark.parametrize("as_list", [False, True])
def test_a_file(tmp_path, as_list):
    path = tmp_path / "data.json"
    rows = [*ROWS, ROWS[0]]
    path.write_text(json.dumps(rows, indent=1) if as_list else "\n".join(map(json.dumps, rows)), "utf-8")
    raw = read_pairs(Pairs(path=str(path)))
    assert len(raw.pairs) == 4, "two bad rows stay two"
    assert raw.n_duplicates == 1
    first = raw.pairs[0]
    assert (first.external_id, first.gold, first.difficulty) == ("7", "3", "2")
    assert first.place == f"data.json, {'row' if as_list else 'line'} 1", "no path of this machine"
    assert len(read_pairs(Pairs(path=str(path), limit=2)).pairs) == 2
    tally = raw.tally
    assert (tally.n_rows, tally.n_equal, tally.n_equal_ids, tally.n_without_gold) == (5, 1, 0, 1)
    assert [row.place for row in tally.rejected] == [f"data.json, {'row' if as_list else 'line'} {n}" for n in (3, 4)]


@pytest.mark.parametrize("text", ["", "[]", "[1]", '{"a": 1', "[{]"])
def test_a_file_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "data.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused):
        read_pairs(Pairs(path=str(path)))
