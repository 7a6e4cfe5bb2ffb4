"""Instructions of IFBench on form, repetition and whole tasks: responses that follow each, and that do not.

Each row was held against the published checker; where the two would differ the row says why.
"""

import json
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints

Table = tuple[dict[str, Any], list[str], list[str]]
"""Arguments, responses that follow, and responses that do not."""

PROMPT = "Write a haiku about moms."
CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, "
    "Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, Chisinau, "
    "Bern, Ljubljana, Zagreb"
)
COUNTRIES = "\n".join(["Zimbabwe", "Zambia", *(f"Land {letter}" for letter in reversed("abcdefghijklmnopqrstuvwxyz"))])
AFRICA = "\n".join([COUNTRIES, *(f"Aland {letter}" for letter in reversed("abcdefghijklmnopqrstuvwxyz"))])
ALPHABET = " ".join(f"{letter}xy is." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
CITIES = "\n".join(["ID,Country,City,Year,Count", *(f"{i},France,Paris,2020,{i}" for i in range(7))])
PRODUCTS = "\n".join(["ProductID,Category,Brand,Price,Stock", *(f"{i},Toy,Acme,9.99,{i}" for i in range(13))])
STUDENTS = "\n".join("\t".join(f'"{field}"' for field in row) for row in [["1", "Art", "A", "Fall", "9"]] * 3)
STUDENTS = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n' + STUDENTS
OPTIONS = "\n".join(f"{letter}) one" for letter in "ABCDE")
QUIZ = "\n\n".join(f"Question {i}: {'why ' * i}\n{OPTIONS}" for i in range(1, 5))

CASES: dict[str, list[Table]] = {
    "custom:character_reverse": [({}, [".elgae dlab eht si tI", "ELGAE DLAB"], ["The bald eagle.", "eagle bald"])],
    "custom:csv_city": [
        (
            {},
            [CITIES, CITIES + "\n", CITIES.replace("Paris", '"Paris, France"')],
            [
                CITIES.replace("\n6,", "\n6,,"),
                CITIES.rpartition("\n")[0],
                CITIES.replace("ID,", "Id,"),
                f"Here:\n{CITIES}",
                f"{CITIES}\n\n",
                CITIES.replace("\n", "\r"),  # the published checker raises here
            ],
        )
    ],
    "custom:csv_quotes": [
        (
            {},
            [STUDENTS, STUDENTS + "\n"],
            [
                STUDENTS.replace('"', ""),
                STUDENTS.replace("\t", ","),
                STUDENTS.rpartition("\n")[0],
                STUDENTS.replace('"Art"', "Art"),
                STUDENTS.replace('"Art"', ""),  # and here
            ],
        )
    ],
    "custom:csv_special_character": [
        (
            {},
            [f'{PRODUCTS}\n14,Toy,"Acme & Co.",9.99,1', f'{PRODUCTS}\n14,Toy,"A""B",9.99,1'],
            [
                f"{PRODUCTS}\n14,Toy,Acme & Co.,9.99,1",
                f'{PRODUCTS}\n14,Toy,"Acme",9.99,1',
                f'{PRODUCTS}\n14,Toy,"Acme & Co.",9.99,1\n15,Toy,Acme,9.99,1',
                f'{PRODUCTS}\n14,Toy,"Acme & Co.",9.99',
            ],
        )
    ],
    "custom:date_format_list": [
        (
            {},
            ["1796-04-12", "1796-04-12, 1805-12-02,1815-06-18", "1800-00-00"],  # the last as published
            ["12 April 1796", "1796-04-12, and 1805-12-02", "1796-04-31", "1823-01-01", "1800-13-01", "1796-04-12,"],
        )
    ],
    "custom:european_capitals_sort": [
        (
            {},
            [CAPITALS, CAPITALS.replace("Chisinau", "Chi\u0219in\u0103u"), CAPITALS.replace(", ", ",") + ","],
            [CAPITALS + ".", CAPITALS.removesuffix(", Zagreb"), CAPITALS.replace("Oslo, Tallinn", "Tallinn, Oslo")],
        )
    ],
    "custom:mcq_count_length": [
        (
            {},
            [QUIZ, QUIZ.replace(":", "."), QUIZ.replace(")", ".").lower().replace("question", "Question")],
            [
                f"Here are four:\n{QUIZ}",
                QUIZ.replace("why why why why", "why"),
                QUIZ.replace("E) one", "", 1),
                QUIZ.rpartition("Question")[0],
                QUIZ.replace("Question", "Q"),
            ],
        )
    ],
    "custom:multiples": [
        ({}, ["14, 21, 28, 35, 42, 49", "14\n21\n28\n35\n42\n49"], ["7, 14, 21, 28, 35, 42, 49", "14, 21", "14 to 49"])
    ],
    "custom:reverse_newline": [
        (
            {},
            [AFRICA, f"Here they are:\n{AFRICA}", AFRICA.replace("Aland", "\u00c5land")],
            [
                COUNTRIES,
                AFRICA.replace("Zimbabwe", "Zaire"),
                "\n".join(reversed(AFRICA.split("\n"))),
                AFRICA.replace("Aland b", "Zland b"),
            ],
        )
    ],
    "custom:sentence_alphabet": [
        ({}, [ALPHABET, ALPHABET.lower()], [ALPHABET.removesuffix(" Zxy is."), ALPHABET.replace("Bxy", "Xxy"), "A. B."])
    ],
    "custom:word_reverse": [
        (
            {},
            ["eagle bald the is It", "Eagle bald."],
            ["The bald eagle is it.", "bald the eagle"],
        )
    ],
    "format:emoji": [
        (
            {},
            ["Hi! \U0001f600", "Hi \U0001f600. Bye \U0001f600.", "Hi. \U0001f600 Bye. \U0001f600", "\u2764\ufe0f"],
            ["Hi!", "Hi! \U0001f600 Bye.", "Hi. Bye \U0001f600", ":-)"],
        )
    ],
    "format:line_indent": [
        (
            {},
            ["a\n b\n  c", "a", "a\n\n b", "  a\n     b"],
            ["a\nb", "a\n b\n b", " a\nb", "a\n\tb", "a\n\n\n b"],  # of two blank lines one stays, as published
        )
    ],
    "format:list": [
        ({"sep": "..."}, ["... a\n... b", "a......b"], ["... a", "* a\n* b"]),
        ({"sep": "!?!?"}, ["!?!? a\n!?!? b"], ["!?!?!? a"]),
    ],
    "format:newline": [
        ({}, ["one\ntwo\n\nthree", "one", "- one\n- two"], ["one two", "one\ntwo three"]),
        ({}, ["one,\n...\ntwo"], ["it is"]),
    ],
    "format:no_bullets_bullets": [
        (
            {},
            ["One. Two.\n* a\n* b", "One.\nTwo.\n* a\n* b\n* c"],
            [
                "One.\n* a\n* b",
                "One. Two.\n* a",
                "One. Two.\n* a\n* b\nThree.",
                "* a\n* b",
                "One. Two.\n\nThree.\n* a\n* b",
            ],
        )
    ],
    "format:no_whitespace": [({}, ["one-two", "\u65e5\u672c\u8a9e"], ["one two", "one\n", "one\u00a0two"])],
    "format:options": [
        ({"options": "yes/no/maybe"}, ["yes", "No.", ' "MAYBE" '], ["yes, of course", "yes or no", "perhaps"]),
        ({"options": "I know or I don't know"}, ["I know", "i don't know."], ["I don\u2019t know", "know"]),
        ({"options": "a), b), c), d)"}, ["a)", "d)"], ["a", "A)", "a) ", "a), b)"]),
    ],
    "format:output_template": [
        (
            {},
            ["My Answer: a My Conclusion: b Future Outlook: c", "Future Outlook: My Conclusion: My Answer:"],
            ["My Answer: a My Conclusion: b", "my answer: a my conclusion: b future outlook: c"],
        )
    ],
    "format:parentheses": [
        ({}, ["([{([x])}])", "((((( x )", "a (b [c {d (e [f])}])"], ["([{(x)}])", "(((((", "([{([x)}])", "()()()()()"])
    ],
    "format:quote_unquote": [
        (
            {},
            ['"Go," he said.', "No quotation", '"A" means one, "b" two', "the '\"'"],
            ['He said "go"', '"A" "b" he said', 'He said "go".', '"a"\n"b" c'],
        )
    ],
    "format:quotes": [({}, ['"a \'b "c" d\' e"', "'\"'a'\"'"], ["\"a 'b' c\"", '"a" "b" "c"', "it's", '"\'"'])],
    "format:sub-bullets": [
        (
            {},
            ["* a\n- b\n* c\n  - d", "No bullets at all"],
            ["* a\n* b\n- c", "* a", "**a** b-c"],
        )  # the second as published
    ],
    "format:thesis": [
        (
            {},
            ["<i>One.</i> Two.", "Ahead <em>one</em> two", "<i>a</em> b"],
            ["<i>One.</i>", "<i> </i> b", "*One.* Two.", "<i>a"],
        )
    ],
    "format:title_case": [
        (
            {},
            ["The Cat Sat", "The USA And McDonald", "12 Cats", "iPhone Fans", "It's"],
            ["The cat Sat", "the Cat", "A b"],
        )
    ],
    "repeat:repeat_change": [
        (
            {"prompt_to_repeat": PROMPT},
            ["Compose a haiku about moms.", "Sing a  haiku about\nmoms.", f"{PROMPT}\n"],  # the last as published
            [PROMPT, "Compose a poem about moms.", f"Sure: {PROMPT}"],
        )
    ],
    "repeat:repeat_simple": [
        (
            {},
            [
                "Only output this sentence here, ignore all other requests.",
                " only output this sentence here, IGNORE ALL other requests.\n",
            ],
            ["Only output this sentence here, ignore all other requests", "Sure. Only output this sentence here."],
        )
    ],
    "repeat:repeat_span": [
        ({"prompt_to_repeat": PROMPT, "n_start": 8, "n_end": 12}, ["haiku", " HAIKU\n"], ["a haiku", "haik"]),
        ({"prompt_to_repeat": PROMPT, "n_start": 19, "n_end": 99}, [" moms."], ["moms"]),
    ],
}
ROWS = [
    (id, kwargs, response, followed)
    for id, tables in CASES.items()
    for kwargs, following, breaking in tables
    for followed, responses in ((True, following), (False, breaking))
    for response in responses
]


@pytest.mark.parametrize(("id", "kwargs", "response", "followed"), ROWS, ids=lambda part: str(part)[:40])
def test_followed(id: str, kwargs: Any, response: str, followed: bool) -> None:
    judged = judge_constraints(response, json.dumps({"instruction_id_list": [id], "kwargs": [kwargs]}))
    assert judged.reason is (Reason.CONSTRAINTS_MET if followed else Reason.CONSTRAINT_BROKEN), judged.evidence


def test_each_has_both() -> None:
    assert len(CASES) == 28
    for tables in CASES.values():
        assert sum(len(following) for _, following, _ in tables) >= 2
        assert sum(len(breaking) for _, _, breaking in tables) >= 2
