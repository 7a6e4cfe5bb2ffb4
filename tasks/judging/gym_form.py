r"""What an answer to each family of reasoning-gym looks like: by that it is found in a text, and known to be one.

A form is written for one line. Marks around it, such as `**`, a fence or `$`, and the full stop of a sentence are not
of it.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from tasks.extraction.stated_answers import trimmed


class Shape(StrEnum):
    VALUE = "value"
    """A number, which any line of working may be, too."""
    WORD = "word"
    """One of a few words, or any one word; prose is full of them."""
    LINE = "line"
    """A line that is not taken for anything else, such as `up up right`."""
    ROWS = "rows"
    """A grid, or a list of moves, of one line or more."""
    DATA = "data"
    """A list or an object in brackets."""
    SENTENCE = "sentence"
    """Any text whatever."""


class Form(NamedTuple):
    shape: Shape
    line: re.Pattern[str]
    """One line of it with its marks; the group `row` is without them."""


_BRACKET = re.compile(r"[\[\]{}]")
_MARKS = r"[ \t\r*`$\"'\u201c\u201d>]*+"
_END_MARKS = r"[ \t\r*`$\"\u201d]*+"


def _form(shape: Shape, row: str, flags: re.RegexFlag = re.NOFLAG, lead: str = "") -> Form:
    return Form(shape, re.compile(rf"{_MARKS}{lead}(?P<row>{row}){_END_MARKS}\.?{_END_MARKS}", flags))


_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_WORD = r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*"
_ITEM = r"[\w'\u2019-]+"

NUMBER = _form(Shape.VALUE, r"[-+\u2212]?[$\u20ac\u00a3]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?%?|\d+\s*/\s*\d+")
DECIMAL = _form(Shape.VALUE, rf"{_NUMBER}(?:[eE][-+]?\d+)?")
YES_OR_NO = _form(Shape.WORD, "yes|no", re.IGNORECASE)
TRUE_OR_FALSE = _form(Shape.WORD, "true|false", re.IGNORECASE)
ONE_WORD = _form(Shape.WORD, _WORD)
LETTERS = _form(Shape.WORD, r"[A-Za-z]+|[A-Za-z](?: [A-Za-z])+")
GRID = _form(Shape.ROWS, rf"{_NUMBER}(?:[ \t]+{_NUMBER})*")
NUMBERS = _form(Shape.LINE, rf"{_NUMBER}(?:[ \t]+{_NUMBER})*")
ITEMS = _form(Shape.LINE, rf"{_ITEM}(?:,[ \t]*{_ITEM})*")
DATA = _form(Shape.DATA, r"[\[{].*[\]}]", re.DOTALL)
SENTENCE = _form(Shape.SENTENCE, r"[^\n]+")
ARITHMETIC = _form(Shape.LINE, r"[-+(]*\d(?:[0-9+*/() -]*[\d)])?")
FORMULA = _form(Shape.LINE, r"[-+(0-9A-Za-z](?:[0-9A-Za-z+*/^()., -]*[0-9A-Za-z)])?")

_MOVE = r"Move disk \d+ from Peg \d+ to Peg \d+"
_CLOCK = r"\d+:[0-5]\d(?::[0-5]\d(?:\.\d{3})?)?"
_ROLE = r"(?:an?[ \t]+)?[a-z]+"
_STEP = "(?:up|down|left|right)"

FORMS = {
    **dict.fromkeys(
        (
            *("aiw", "basic_arithmetic", "binary_alternation", "chain_sum", "circuit_logic", "coin_flip"),
            *("count_bits", "count_primes", "decimal_arithmetic", "decimal_chain_sum", "gcd", "gsm_symbolic"),
            *("largest_island", "lcm", "leg_counting", "letter_counting", "maze", "number_format"),
            *("number_sequence", "products", "rectangle_count", "rotten_oranges", "self_reference"),
            *("simple_equations", "simple_geometry"),
        ),
        NUMBER,
    ),
    "power_function": DECIMAL,
    **dict.fromkeys(("arc_agi", "binary_matrix", "manipulate_matrix", "mini_sudoku", "pool_matrix", "rearc"), GRID),
    **dict.fromkeys(("rotate_matrix", "sudoku", "survo"), GRID),
    **dict.fromkeys(("arc_1d", "path_star", "spiral_matrix", "string_splitting", "string_synthesis"), NUMBERS),
    "kakurasu": _form(Shape.ROWS, r"[01](?:[ \t]+[01])*"),
    "n_queens": _form(Shape.ROWS, r"[_Q](?:[ \t]+[_Q])*"),
    "modulo_grid": _form(Shape.ROWS, r"(?:[\u2705\u274c]\ufe0f?)+"),
    "futoshiki": _form(Shape.ROWS, r"\d+(?:[ \t]+(?:[<>][ \t]*)?\d+|[<>][ \t]*\d+)*|[ \t\u2227\u2228]*"),
    "tower_of_hanoi": _form(Shape.ROWS, _MOVE, lead=r"(?:\d+[.):][ \t]*|-[ \t]+)?"),
    "codeio": _form(Shape.DATA, rf'[\[{{].*[\]}}]|"[^"\n]*"|true|false|null|{_NUMBER}(?:[eE][-+]?\d+)?', re.DOTALL),
    **dict.fromkeys(("boxnet", "game_of_life", "graph_color", "group_anagrams", "jugs"), DATA),
    **dict.fromkeys(("list_functions", "number_filtering", "number_sorting", "palindrome_partitioning"), DATA),
    "knight_swap": _form(Shape.DATA, r"\[.*\]|[Nn]o", re.DOTALL),
    **dict.fromkeys(("course_schedule", "game_of_life_halting", "isomorphic_strings", "ransom_note"), TRUE_OR_FALSE),
    "acre": _form(Shape.WORD, "on|off|undetermined", re.IGNORECASE),
    "mahjong_puzzle": _form(Shape.WORD, "Peng|Chi|Pass", re.IGNORECASE),
    "syllogism": YES_OR_NO,
    "calendar_arithmetic": _form(Shape.WORD, r"-?\d+|yes|no|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE),
    **dict.fromkeys(("bf", "color_cube_rotation", "family_relationships", "spell_backward"), ONE_WORD),
    **dict.fromkeys(("needle_haystack", "zebra_puzzles"), ONE_WORD),
    **dict.fromkeys(("figlet_font", "palindrome_generation", "string_insertion", "string_manipulation"), LETTERS),
    "tsumego": _form(Shape.WORD, r"[A-Za-z]\d{1,2}"),
    "base_conversion": _form(Shape.WORD, "-?[0-9A-Za-z]+"),
    "bitwise_arithmetic": _form(Shape.WORD, r"-?(?:0[xX][0-9a-fA-F]+|\d+)"),
    "dice": _form(Shape.WORD, r"\d+/\d+|\d"),
    "fraction_simplification": _form(Shape.WORD, r"\d+[ ]?/[ ]?\d+|\\[dt]?frac\{\d+\}\{\d+\}"),
    "advanced_geometry": _form(
        Shape.LINE, rf"{_NUMBER}\u00b0?|\([ ]*{_NUMBER}[ ]*,[ ]*{_NUMBER}[ ]*\)|{_NUMBER},[ ]*{_NUMBER}"
    ),
    "complex_arithmetic": _form(
        Shape.LINE, rf"\(?{_NUMBER}(?:[ ]*[-+][ ]*(?:\d+(?:\.\d+)?)?[ij])?\)?|[-+]?(?:\d+(?:\.\d+)?)?[ij]"
    ),
    "polynomial_equations": _form(Shape.LINE, rf"{_NUMBER}(?:,[ ]*{_NUMBER})*"),
    "prime_factorization": _form(Shape.LINE, r"\d+(?:[ ]*(?:\u00d7|\*|x|\u00b7)[ ]*\d+)*"),
    "time_intervals": _form(Shape.LINE, rf"\d+ days?|\d+ days, {_CLOCK}|{_CLOCK}"),
    "ab": _form(Shape.LINE, r"(?:#[AB]|[AB]#)(?:[ ]+(?:#[AB]|[AB]#))*"),
    "cryptarithm": _form(Shape.LINE, r"[A-Z][ ]*=[ ]*\d(?:,[ ]*[A-Z][ ]*=[ ]*\d)*"),
    "quantum_lock": _form(Shape.LINE, r"[A-Ca-c](?:[ ]*(?:\u2192|->|,|[ ])[ ]*[A-Ca-c])*"),
    "rubiks_cube": _form(Shape.LINE, r"[UDLRFB]'?2?(?:[ ]+[UDLRFB]'?2?)*'?"),
    "rush_hour": _form(Shape.LINE, r"[A-Z][-+]\d+(?:,?[ ]*[A-Z][-+]\d+)*"),
    "shortest_path": _form(Shape.LINE, rf"infeasible|{_STEP}(?:[ ]+{_STEP})*"),
    "sokoban": _form(Shape.LINE, r"[LRUD]+"),
    "word_ladder": _form(Shape.LINE, r"[A-Za-z]+(?:,[ ]*[A-Za-z]+)+"),
    **dict.fromkeys(("word_sequence_reversal", "word_sorting"), ITEMS),
    "propositional_logic": _form(Shape.LINE, r"[A-Z\u00ac(](?:[A-Z\u00ac\u2227\u2228\u2192\u2194() ]*[A-Z)])?"),
    **dict.fromkeys(("countdown", "puzzle24"), ARITHMETIC),
    **dict.fromkeys(("intermediate_integration", "polynomial_multiplication", "simple_integration"), FORMULA),
    "knights_knaves": _form(
        Shape.LINE, rf"{_WORD} is {_ROLE}(?:(?:,| and|, and|;)[ ]+{_WORD} is {_ROLE})*", re.IGNORECASE
    ),
    **dict.fromkeys(("caesar_cipher", "emoji_mystery", "letter_jumble", "sentence_reordering"), SENTENCE),
}
"""Every family that has entries of its own."""


def bare(text: str, form: Form) -> str | None:
    """Return the answer without the marks around it; None where it has another form."""
    start, end = trimmed(text, 0, len(text))
    if form.shape is Shape.DATA:
        whole = form.line.fullmatch(text, start, end)
        row = whole["row"].strip() if whole else ""
        return row if row and (row[0] not in "[{" or closings(row).get(0) == len(row)) else None
    rows = [form.line.fullmatch(line) for line in text[start:end].split("\n")]
    if len(rows) > 1 and form.shape is not Shape.ROWS:
        return None
    return "\n".join(row["row"].rstrip() for row in rows if row) if all(rows) else None


def closings(text: str) -> dict[int, int]:
    """Map where each bracket opens to the place behind the one that closes it. A stray one is passed over with all
    around it.
    """
    ends: dict[int, int] = {}
    waiting: list[int] = []
    for bracket in _BRACKET.finditer(text):
        if bracket[0] in "[{":
            waiting.append(bracket.start())
        elif waiting and text[waiting[-1]] + bracket[0] in ("[]", "{}"):
            ends[waiting.pop()] = bracket.end()
        else:
            waiting.clear()
    return ends
