"""Instructions of IFEval on form: for each a table of responses, and whether each follows it, strictly and loosely."""

import json
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints

YES, LOOSE, NO, OPEN = "strict", "loose", "not at all", "cannot be told"
"""LOOSE: only once a first or last line, or the asterisks, are taken away."""

PROMPT = "Write a haiku about moms."


CASES: dict[str, list[tuple[dict[str, Any], list[tuple[str, str]]]]] = {
    "combination:repeat_prompt": [
        (
            {"prompt_to_repeat": PROMPT},
            [
                (f"{PROMPT}\nMoms are kind.", YES),
                (f"  {PROMPT.upper()} Moms are kind.", YES),
                (PROMPT, YES),
                (f"Sure.\n{PROMPT}\nMoms are kind.", LOOSE),
                (f"**{PROMPT}** Moms are kind.", LOOSE),
                (f'"{PROMPT}" Moms are kind.', NO),
                ("Moms are kind.", NO),
                (f"Moms are kind. {PROMPT}", NO),
            ],
        )
    ],
    "combination:two_responses": [
        (
            {},
            [
                ("One.\n******\nTwo.", YES),
                ("******\nOne.\n******\nTwo.\n******", YES),
                ("One.******Two.", YES),
                ("One.\n******\nOne.", NO),
                ("One.\n***\nTwo.", NO),
                ("One.\n******\n******\nTwo.", NO),
                ("One.\n******\nTwo.\n******\nThree.", LOOSE),
                ("Intro\n******\nOne.\n******\nTwo.", LOOSE),
                ("One.", NO),
            ],
        )
    ],
    "detectable_content:number_placeholders": [
        (
            {"num_placeholders": 2},
            [
                ("Dear [name], at [address]", YES),
                ("[a][b][c]", YES),
                ("[[name] and [address]", YES),
                ("Dear [name]", NO),
                ("Dear [name\n] and [address]", NO),
                ("Dear (name) at (address)", NO),
                ("[" * 50, NO),
            ],
        ),
        ({"num_placeholders": 0}, [("None.", YES)]),
    ],
    "detectable_content:postscript": [
        (
            {"postscript_marker": "P.S."},
            [
                ("Bye.\nP.S. Write soon.", YES),
                ("Bye.\np. s. Write soon.", YES),
                ("Bye. P.S.", YES),
                ("Bye.\n*P.*S. Write soon.", LOOSE),
                ("Bye.\nPS: Write soon.", NO),
                ("Bye.\nP.P.S Write soon.", NO),
                ("Bye.", NO),
            ],
        ),
        (
            {"postscript_marker": "P.P.S"},
            [("P.P.S. x", YES), ("p. p. s x", YES), ("P.S. x", NO), ("*P.*P.S x", LOOSE)],
        ),
        ({"postscript_marker": "N.B."}, [("n.b. x", YES), ("nxbx", NO)]),
    ],
    "detectable_format:constrained_response": [
        (
            {},
            [
                ("My answer is yes.", YES),
                ("  My answer is no.\n", YES),
                ("Well: My answer is maybe.", YES),
                ("My answer is **yes**.", LOOSE),
                ("My answer is yes", NO),
                ("my answer is yes.", NO),
                ("Yes.", NO),
            ],
        )
    ],
    "detectable_format:json_format": [
        (
            {},
            [
                ('{"a": [1, 2.5, null]}', YES),
                ('```json\n{"a": 1}\n```', YES),
                ("```\n[]\n```", YES),
                ("3", YES),
                (f'{{"a": {"9" * 5000}}}', YES),  # regression: Python refuses to read integers of 4,300 digits
                ('Here it is:\n{"a": 1}', LOOSE),
                ('**{"a": 1}**', LOOSE),
                ("{'a': 1}", NO),
                ('{"a": 1', NO),
                ("[" * 100_000 + "]" * 100_000, OPEN),
            ],
        )
    ],
    "detectable_format:multiple_sections": [
        (
            {"section_spliter": "Section", "num_sections": 2},
            [
                ("Section 1\na\nSection 2\nb", YES),
                ("Section1 a Section 2 b Section 3 c", YES),
                ("## Section 1:\na\n## Section 2:\nb", YES),
                ("**Section** 1\n**Section** 2", LOOSE),
                ("SECTION 1\na\nSECTION 2\nb", NO),
                ("Section 1\na", NO),
                ("Section one\nSection two", NO),
            ],
        ),
        ({"section_spliter": "Part (a)", "num_sections": 1}, [("Part (a) 1", YES), ("Part a 1", NO)]),
    ],
    "detectable_format:number_bullet_lists": [
        (
            {"num_bullets": 2},
            [
                ("* a\n* b", YES),
                ("- a\n  - b", YES),
                ("Here:\n\n* a\n- b\nDone.", YES),
                ("* a\n* b\n* c", LOOSE),
                ("* a", NO),
                ("* a\n**b**", NO),
                ("1. a\n2. b", NO),
                ("* a\n* b\n---", LOOSE),  # a rule counts, as published
                ("\n" * 50 + "* a\n* b", YES),
            ],
        )
    ],
    "detectable_format:number_highlighted_sections": [
        (
            {"num_highlights": 2},
            [
                ("*a* and *b*", YES),
                ("**a** and **b**", YES),
                ("*a* and **b**", YES),
                ("*a*", NO),
                ("* a\n* b", NO),
                ("** ** and * *", NO),
                ("_a_ and _b_", NO),
            ],
        ),
        ({"num_highlights": 1}, [("*a b*", YES), ("*a\nb*", NO)]),
    ],
    "detectable_format:title": [
        (
            {},
            [
                ("<<Poem of joy>>\nJoy.", YES),
                ("Joy. <<Poem>>", YES),
                ("<<<Poem>>>", YES),
                ("<< >>", NO),
                ("<Poem>", NO),
                ("<<Poem\nof joy>>", NO),
                (">>Poem<<", NO),
                ("<*<Poem>*>", LOOSE),
            ],
        )
    ],
    "length_constraints:nth_paragraph_first_word": [
        (
            {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Then"},
            [
                ("First.\n\nThen more.", YES),
                ('First.\n\n"then," she said.', YES),
                ("First.\n\n**Then** more.", LOOSE),
                ("First.\n\nAnd then.", NO),
                ("First.\nThen more.", NO),
                ("First.\n\nThen more.\n\nLast.", LOOSE),
                ("First.\n\n\nThen more.", YES),
                ("First.\n\n\n\nThen more.", NO),  # the second is blank, as published
                ("First.\n\nThenceforth.", NO),
            ],
        )
    ],
    "length_constraints:number_paragraphs": [
        (
            {"num_paragraphs": 2},
            [
                ("One.\n***\nTwo.", YES),
                ("One. *** Two.", YES),
                ("***\nOne.\n***\nTwo.\n***", YES),
                ("One.\n\nTwo.", NO),
                ("One.\n***\n***\nTwo.", NO),
                ("One.\n***\nTwo.\n***\nThree.", LOOSE),
                ("One.", NO),
            ],
        )
    ],
    "startend:end_checker": [
        (
            {"end_phrase": "Any other questions?"},
            [
                ("Bye. Any other questions?", YES),
                ("Bye. ANY OTHER QUESTIONS?\n", YES),
                ('"Bye. Any other questions?"', YES),
                ("Bye. **Any other questions?**", LOOSE),
                ("Any other questions?\nBye.", LOOSE),
                ("Any other questions? Bye.", NO),
                ("Bye. Any other question?", NO),
            ],
        )
    ],
    "startend:quotation": [
        (
            {},
            [
                ('"All of it."', YES),
                (' "All of it."\n', YES),
                ('**"All of it."**', LOOSE),
                ('Sure:\n"All of it."', LOOSE),
                ('"Some" of it.', NO),
                ('"', NO),
                ("'All of it.'", NO),
                ("\u201cAll of it.\u201d", NO),
            ],
        )
    ],
}

ROWS = [
    (id, kwargs, response, followed)
    for id, tables in CASES.items()
    for kwargs, table in tables
    for response, followed in table
]


def test_each_has_six_responses_at_least() -> None:
    assert len(CASES) == 14
    assert min(sum(len(table) for _, table in tables) for tables in CASES.values()) >= 6


@pytest.mark.parametrize(("id", "kwargs", "response", "followed"), ROWS, ids=lambda part: str(part)[:40])
def test_followed(id: str, kwargs: Any, response: str, followed: str) -> None:
    spec = {"instruction_id_list": [id], "kwargs": [kwargs]}
    strict, loose = (judge_constraints(response, json.dumps(spec | {"mode": mode})) for mode in ("strict", "loose"))
    expected = {YES: Reason.CONSTRAINTS_MET, OPEN: Reason.UNDECIDED}
    assert strict.reason is expected.get(followed, Reason.CONSTRAINT_BROKEN), strict.evidence
    assert loose.reason is (Reason.CONSTRAINTS_MET if followed == LOOSE else strict.reason), loose.evidence
    assert strict.answer == loose.answer == response
    assert followed not in (LOOSE, NO) or str(strict.evidence).startswith(f"{id}: ")
