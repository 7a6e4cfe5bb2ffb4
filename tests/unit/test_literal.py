"""Values of Python and JSON: one value in two notations is one answer, and spaces and capitals in quotes count."""

import pytest

from schemas.verdict import Reason
from tasks.judging.literal import MAX_CHARACTERS, judge_literals
from tasks.judging.same_text import compare_texts

EQUAL, OPEN, WRONG = Reason.EQUAL_TEXT, Reason.UNDECIDED, Reason.NOT_EQUAL
CASES = [
    ('{"a": 1}', "{'a': 1}", EQUAL),
    ('{"a": 1}', '{"a":1}', EQUAL),
    ('{"a": 1}', "`{'a': 1}`", EQUAL),
    ('{"a": true}', "{'a': True}", EQUAL),
    ("{'x': None}", '{"x": null}', EQUAL),
    ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', EQUAL),
    ('{"a": [1, {"b": null}]}', "{'a': [1, {'b': None}]}", EQUAL),
    ("{'1': 'b'}", "{'1': 'a', '1': 'b'}", EQUAL),  # the last counts, in both languages
    ('{"a": 1}', '{"a": 1, "a": 2}', WRONG),
    ('{"a": 1}', "{'a': 2}", WRONG),
    ('{"a": [1, {"b": null}]}', "{'a': [1, {'b': 0}]}", WRONG),
    ("[1, 2, 3]", "[1,2,3]", EQUAL),
    ("[1, 2]", "[1, 3]", WRONG),
    ("[1, 2, 3]", "[3,2,1]", WRONG),
    ("['x', 'y']", "['y', 'x']", WRONG),
    ("['a', 'b']", '["a", "b"]', EQUAL),
    ("[(1, 'a'), (2, 'b')]", '[(1, "a"), (2, "b")]', EQUAL),
    ("(1, 2)", "(1,2)", EQUAL),
    ("{1, 2}", "{2, 1}", EQUAL),
    ("{'x', 'y'}", "{'y', 'z'}", WRONG),
    ("(1, 2)", "[1, 2]", OPEN),
    ("[1, 2]", "{2, 1}", OPEN),
    ("set()", "{}", OPEN),
    ("[]", "()", OPEN),
    ("[1.0]", "[1]", OPEN),
    ("[True, 1]", "[True, True]", OPEN),
    ("['1', '2']", "[1, 2]", OPEN),
    ("{1: 'a'}", '{"1": "a"}', OPEN),
    ('{"a": "True"}', "{'a': True}", OPEN),
    ("[1, 2, 3]", "1, 2, 3", OPEN),
    ("['x', 'y']", "x, y", OPEN),
    ("[1, 2, 3]", "1, 2, 4", WRONG),
    ("[0, 1)", "[0, 1]", WRONG),
    ("null", "None", OPEN),
    ("None", "null", OPEN),
    ("None", "nobody", WRONG),
    ("True", "true", EQUAL),
    ("'abc'", '"abc"', EQUAL),
    ("'abc'", "abc", EQUAL),
    ("'abc'", r"\"abc\"", EQUAL),  # of a field of JSON
    ("'a\\nb'", '"a\\nb"', EQUAL),
    ("'abc'", "abd", WRONG),
    ("'abc'", "'Abc'", OPEN),
    ("'this and cpanel'", "'This and Cpanel'", OPEN),
    ("'1    3'", "'1  3'", OPEN),
    ("'a  b'", "a b", OPEN),
    ("'1'", "1", OPEN),
    ("'[4]'", "[4]", OPEN),
    ("'None'", "None", OPEN),
    ("b'ab'", "'ab'", OPEN),
    ("5", "(5)", OPEN),
    ("5", "5", EQUAL),
    ("Tokyo", "Tokyo.", EQUAL),
]


@pytest.mark.parametrize(("gold", "answer", "reason"), CASES)
def test_values(gold: str, answer: str, reason: Reason) -> None:
    assert compare_texts(gold, answer) is reason


@pytest.mark.parametrize(
    "text", ["[" * 4000, "{'a': " * 500, "9" * 4500, "(" + "-" * 4000 + "1)", "'" * 3001, "[1, \x00]"]
)
def test_hostile_texts_are_read_as_none(text: str) -> None:
    assert judge_literals("[1, 2]", text) is None
    assert judge_literals("[1, 2]", "[1,2]" + " " * 10 * MAX_CHARACTERS) is EQUAL
    assert judge_literals("[1, 2]", "[1," + " " * MAX_CHARACTERS + "2]") is None
