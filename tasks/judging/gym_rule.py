"""What is right in a family of reasoning-gym, exactly: where the library's scorer is careless, or knows one spelling.

A rule stands above the scorer. Most need no scorer at all: the entry holds the one right answer.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any

from schemas.record import Json
from schemas.verdict import Reason, Ruling
from tasks.extraction.stated_answers import trimmed
from tasks.mathematics.number import compare_quantities, read_quantity

Entry = dict[str, Any]
Check = Callable[[str, Entry], Reason | None]
"""Of an answer in the family's form, without marks; None where the scorer may decide."""

_WHOLE = re.compile(r"\d+")


def _ruled(right: bool) -> Reason:
    return Reason.FULL_SCORE if right else Reason.NOT_FULL_SCORE


def _same_value(answer: str, entry: Entry) -> Reason:
    """A number that is worked out: `6 / 3` is none."""
    return Reason.ANSWER_UNPARSABLE if "/" in answer else _same_number(answer, entry)


def _same_number(answer: str, entry: Entry) -> Reason:
    expected, stated = read_quantity(entry["answer"]), read_quantity(answer)
    if expected is None or stated is None:
        return Reason.ANSWER_UNPARSABLE
    reason = compare_quantities(expected, stated)
    return Reason.UNDECIDED if reason.ruling is Ruling.UNVERIFIED else _ruled(reason is Reason.EQUAL)


def _same_decimal(answer: str, entry: Entry) -> Reason:
    """Exactly; undecided for more digits than the twelve that were asked, which round to them."""
    reason = _same_value(answer, entry)
    stated, gold = _decimal(answer), Decimal(entry["answer"])
    longer = reason is Reason.NOT_FULL_SCORE and stated is not None and stated != gold and _rounds_to(stated, gold)
    return Reason.UNDECIDED if longer else reason


def _same_probability(answer: str, entry: Entry) -> Reason:
    """The decimal of the entry or the fraction that it stands for; undecided for that fraction rounded."""
    reason = _same_number(answer, entry)
    rational, stated = entry["metadata"].get("rational"), _fraction(answer)
    if reason is not Reason.NOT_FULL_SCORE or not rational or stated is None:
        return reason
    exact = Fraction(rational["numerator"], rational["denominator"])
    places = len(answer.partition(".")[2])
    near = places >= 3 and abs(stated - exact) <= Fraction(1, 2 * 10**places)
    return Reason.FULL_SCORE if stated == exact else Reason.UNDECIDED if near else reason


def _same_measures(answer: str, entry: Entry) -> Reason:
    """An angle, a radius or a point: each number that of the entry, or with more digits and the same when rounded."""
    number = re.compile(r"[-+]?\d+(?:\.\d+)?")
    stated, gold = (list(map(Decimal, number.findall(text))) for text in (answer, entry["answer"]))
    return _ruled(len(stated) == len(gold) and all(map(_rounds_to, stated, gold)))


def _same(read: Callable[[str], object]) -> Check:
    """The answer and that of the entry are read as the same."""
    return lambda answer, entry: _ruled(read(answer) == read(entry["answer"]))


def _same_text(answer: str, entry: Entry) -> Reason:
    """Undecided where only the case differs."""
    stated, gold = " ".join(answer.split()), " ".join(entry["answer"].split())
    return Reason.UNDECIDED if stated != gold and stated.casefold() == gold.casefold() else _ruled(stated == gold)


def _same_items(answer: str, entry: Entry) -> Reason:
    """Words between commas, in order."""
    return _same_text(*(", ".join(map(str.strip, answer.split(","))), entry))


def _same_sentence(answer: str, entry: Entry) -> Reason:
    """As it stands, or without the marks around it, or the full stop of the sentence that states it.

    Undecided where more is said than the right text, or in another case.
    """
    gold = " ".join(entry["answer"].split())
    readings = [" ".join(one.split()) for one in _readings(answer)]
    if gold in readings:
        return Reason.FULL_SCORE
    return _ruled(False) if gold.casefold() not in readings[0].casefold() else Reason.UNDECIDED


def _same_sentence_in_any_case(answer: str, entry: Entry) -> Reason:
    return _same_sentence(answer.casefold(), {"answer": entry["answer"].casefold()})


def _same_board(answer: str, entry: Entry) -> Reason:
    """Undecided where the digits are right and the signs between them are not."""
    if answer.split() == entry["answer"].split():
        return Reason.FULL_SCORE
    stated, gold = (re.findall(r"\d+|\n", re.sub(r"\n[^\d]*\n", "\n", text)) for text in (answer, entry["answer"]))
    return Reason.UNDECIDED if stated == gold else Reason.NOT_FULL_SCORE


def _one_of_the_boards(answer: str, entry: Entry) -> Reason:
    boards = [*entry["metadata"].get("valid_answers", []), entry["answer"]]
    return _ruled(_cells(answer) in [_cells(board) for board in boards])


def _adds_up(answer: str, entry: Entry) -> Reason:
    """Any way to fill in the numbers for which the sums are right."""
    puzzle, numbers = entry["metadata"]["puzzle"], entry["metadata"]["candidate_numbers"]
    grid = [[int(cell) for cell in row] for row in _cells(answer)]
    if [len(row) for row in grid] != [len(row) for row in puzzle]:
        return Reason.NOT_FULL_SCORE
    rows = zip(puzzle, grid, strict=True)
    cells = [(given, cell) for asked, row in rows for given, cell in zip(asked, row, strict=True)]
    filled = sorted(cell for given, cell in cells if not given)
    lines = [*grid, *map(list, zip(*grid, strict=True))]
    kept = all(given in (0, cell) for given, cell in cells)
    return _ruled(kept and filled == sorted(numbers) and all(sum(line[:-1]) == line[-1] for line in lines))


def _pooled(answer: str, entry: Entry) -> Reason:
    """Each cell within what rounding to two places does to the exact one."""
    asked = entry["metadata"]
    size, matrix = asked["pool_size"], asked["matrix"]
    strips = [matrix[i : i + size] for i in range(0, len(matrix), size)]
    columns = range(0, len(matrix[0]), size)
    pool = max if asked["pool_type"] == "max" else _mean
    exact = [[Fraction(pool([x for row in strip for x in row[j : j + size]])) for j in columns] for strip in strips]
    stated = [[Fraction(cell) for cell in row] for row in _cells(answer)]
    if [len(row) for row in stated] != [len(row) for row in exact]:
        return Reason.NOT_FULL_SCORE
    pairs = [pair for ours, theirs in zip(exact, stated, strict=True) for pair in zip(ours, theirs, strict=True)]
    return _ruled(all(abs(one - other) <= Fraction(1, 200) for one, other in pairs))


def _mean(cells: list[float]) -> Fraction:
    return sum(map(Fraction, cells), Fraction()) / len(cells)


def _same_data(answer: str, entry: Entry) -> Reason:
    stated, gold = _loaded(answer), _loaded(entry["answer"])
    return Reason.ANSWER_UNPARSABLE if stated is _NOTHING else _ruled(_equal(stated, gold))


def _same_numbers(answer: str, entry: Entry) -> Reason:
    """In order, be they texts or numbers."""
    stated, gold = _loaded(answer), _loaded(entry["answer"])
    if not isinstance(stated, list):
        return Reason.ANSWER_UNPARSABLE
    return _ruled([_decimal(str(one)) for one in stated] == [_decimal(str(one)) for one in gold])


def _same_quoted_numbers(answer: str, entry: Entry) -> Reason:
    """Undecided for the same numbers in another format than the list had, which was to be kept."""
    reason = _same_numbers(answer, entry)
    kept = _loaded(answer) == _loaded(entry["answer"])
    return Reason.UNDECIDED if reason is Reason.FULL_SCORE and not kept else reason


def _makes(target: int, answer: str, entry: Entry) -> Reason:
    numbers = sorted(map(int, _WHOLE.findall(answer)))
    if numbers != sorted(entry["metadata"]["numbers"]):
        return Reason.NOT_FULL_SCORE
    try:
        return _ruled(_worked_out(ast.parse(answer.strip(), mode="eval").body) == target)
    except (SyntaxError, ValueError):
        return Reason.ANSWER_UNPARSABLE
    except ZeroDivisionError:
        return Reason.NOT_FULL_SCORE


def _worked_out(node: ast.expr) -> Fraction:
    """The exact value of sums, products and quotients; ValueError for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return Fraction(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_worked_out(node.operand)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        raise ValueError(ast.dump(node))
    left, right = _worked_out(node.left), _worked_out(node.right)
    if isinstance(node.op, ast.Add | ast.Sub):
        return left + right if isinstance(node.op, ast.Add) else left - right
    return left * right if isinstance(node.op, ast.Mult) else left / right


def _letters_once(answer: str, _: Entry) -> Reason | None:
    letters = re.findall("[A-Z]", answer)
    return None if len(set(letters)) == len(letters) else Reason.NOT_FULL_SCORE


def _every_vertex_once(answer: str, entry: Entry) -> Reason | None:
    colours = _loaded(answer)
    if not isinstance(colours, dict):
        return Reason.ANSWER_UNPARSABLE
    vertices = {str(vertex) for vertex in entry["metadata"]["puzzle"]["vertices"]}
    whole = all(type(colour) is int for colour in colours.values())
    return None if set(colours) == vertices and whole else Reason.NOT_FULL_SCORE


def _lists_of_words(answer: str, _: Entry) -> Reason | None:
    lists = _loaded(answer)
    if not isinstance(lists, list) or not all(isinstance(one, list) for one in lists):
        return Reason.ANSWER_UNPARSABLE
    texts = all(isinstance(word, str) for one in lists for word in one)
    return None if texts and len({json.dumps(one) for one in lists}) == len(lists) else Reason.NOT_FULL_SCORE


def _moves(pattern: str) -> Check:
    """A list of texts of this pattern and nothing else."""
    allowed = re.compile(pattern)

    def check(answer: str, _: Entry) -> Reason | None:
        moves = _loaded(answer) if answer.startswith("[") else []
        if not isinstance(moves, list):
            return Reason.ANSWER_UNPARSABLE
        return None if all(isinstance(move, str) and allowed.fullmatch(move) for move in moves) else Reason.UNDECIDED

    return check


def _readings(text: str) -> Iterator[str]:
    plain = text.strip()
    for one in (plain, plain.rstrip("*`")):
        bare = one[slice(*trimmed(one, 0, len(one)))]
        without_stop = one.removesuffix(".")
        yield from (one, bare, bare.removesuffix("."), without_stop)
        yield without_stop[slice(*trimmed(without_stop, 0, len(without_stop)))]


def _rounds_to(stated: Decimal, gold: Decimal) -> bool:
    exponent, asked = stated.as_tuple().exponent, gold.as_tuple().exponent
    longer = isinstance(exponent, int) and isinstance(asked, int) and exponent < asked
    return stated == gold or (longer and stated.quantize(Decimal(1).scaleb(int(asked)), ROUND_HALF_UP) == gold)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(re.sub(r"\s", "", text))
    except (ValueError, ZeroDivisionError):
        return None


def _roots(text: str) -> list[Decimal]:
    """None where nothing stands, as in the entry of an equation without roots."""
    return sorted(Decimal(root) for root in text.split(",") if root.strip())


def _word(text: str) -> str:
    return "".join(text.split()).casefold()


def _factors(text: str) -> list[int]:
    return sorted(map(int, _WHOLE.findall(text)))


def _complex(text: str) -> tuple[Decimal, Decimal]:
    """The real part and the imaginary one, each 0 where it is left out, and 1 in `i`."""
    number = re.sub(r"[\s()]", "", text)
    parts = re.fullmatch(r"([-+]?[\d.]+(?![\d.ij]))?(?:([-+]?[\d.]*)[ij])?", number)
    real, imaginary = parts.groups() if parts else (None, None)
    if imaginary in ("", "+", "-"):
        imaginary += "1"
    return Decimal(real or 0), Decimal(imaginary or 0)


def _cells(text: str) -> list[list[str]]:
    lines = text.replace("\ufe0f", "").splitlines()
    return [[cell.removesuffix(".0") for cell in line.split()] for line in lines if line.strip()]


_NOTHING = object()


def _loaded(text: str) -> Any:
    """The data that it spells in JSON, be its quotes single; `_NOTHING` where it is none, or names a key twice."""
    try:
        return json.loads(text if '"' in text else text.replace("'", '"'), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return _NOTHING


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _equal(one: Any, other: Any) -> bool:
    """As JSON means it: `true` is no 1, but 1.0 is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _for(check: Check, families: str) -> dict[str, Check]:
    return dict.fromkeys(families.split(), check)


RULES: dict[str, Check] = {
    **_for(  # the scorer compares the text: 1,024 and 1024.0 are not 1024
        _same_value,
        "aiw basic_arithmetic binary_alternation circuit_logic count_bits count_primes gcd largest_island lcm"
        " leg_counting letter_counting maze number_sequence rotten_oranges self_reference simple_equations"
        " simple_geometry",
    ),
    **_for(_same_value, "chain_sum decimal_chain_sum products rectangle_count"),  # takes no currency sign
    **_for(_same_value, "gsm_symbolic"),  # takes the first number, without its sign: -18, and `18 or 20`, for 18
    **_for(_same_value, "number_format"),  # takes what is off by less than 0.01
    **_for(_same_decimal, "decimal_arithmetic"),  # takes what is off by 0.001, where 12 digits are asked
    **_for(_same_probability, "coin_flip"),  # takes a prefix: 0 for 0.3125
    **_for(_same_measures, "advanced_geometry"),  # reads the first of several points, and rounds to fewer places
    **_for(_same(_roots), "polynomial_equations"),  # skips what is no number, so that prose is right where no root is
    **_for(_same(_complex), "complex_arithmetic"),  # compares with a result of more digits than the entry's answer
    **_for(_same(_word), "game_of_life_halting"),  # takes every text
    **_for(_same(_word), "figlet_font"),  # counts letters in their place, ten are full score
    **_for(  # compares the text in its case, or as here
        _same(_word),
        "acre base_conversion calendar_arithmetic color_cube_rotation course_schedule family_relationships"
        " isomorphic_strings mahjong_puzzle needle_haystack ransom_note spell_backward syllogism tsumego zebra_puzzles",
    ),
    **_for(  # compares the text, white space included; two evaluate it
        _same_text,
        "ab arc_1d bf path_star spiral_matrix string_insertion string_manipulation string_splitting string_synthesis",
    ),
    **_for(_same_items, "word_sequence_reversal word_sorting"),  # compares the text, spaces behind commas included
    **_for(_same_sentence, "caesar_cipher emoji_mystery"),  # compares the text, white space included
    **_for(_same_sentence_in_any_case, "letter_jumble"),  # takes any words after the right ones, such as alternatives
    **_for(_same_sentence_in_any_case, "sentence_reordering"),  # takes it in any case, as here
    **_for(  # compares the text, white space included; one evaluates it, two want tuples, which JSON does not keep
        _same(_cells), "arc_agi binary_matrix manipulate_matrix mini_sudoku modulo_grid rearc rotate_matrix sudoku"
    ),
    **_for(_same_board, "futoshiki"),  # takes nine tenths off for right digits in another layout
    **_for(_one_of_the_boards, "n_queens"),  # evaluates the text
    **_for(_adds_up, "survo"),  # knows one of the solutions, and skips what is no number
    **_for(_pooled, "pool_matrix"),  # takes cells that are off by 1 %
    **_for(_same_data, "game_of_life"),  # overlooks rows and cells beyond the grid, and takes true for 1
    **_for(_same_data, "codeio list_functions"),  # compares the text where it is no object, and takes true for 1
    **_for(_same_numbers, "number_sorting"),  # takes numbers that are off by 1
    **_for(_same_quoted_numbers, "number_filtering"),  # compares the text, white space included
    **_for(partial(_makes, 24), "puzzle24"),  # takes any four numbers, and cuts 24.5 to 24
    # takes what is off by 0.001 %, and evaluates the text
    **_for(lambda answer, entry: _makes(entry["metadata"]["target"], answer, entry), "countdown"),
    **_for(_same(_WHOLE.findall), "fraction_simplification"),  # reads the first of several fractions
    **_for(_same(_WHOLE.findall), "dice"),  # compares the text, white space included
    **_for(_same(_factors), "prime_factorization"),  # reads one sign of multiplication only, and raises for the others
    **_for(_letters_once, "cryptarithm"),  # takes the last of several digits for a letter
    **_for(_every_vertex_once, "graph_color"),  # takes the last of several colours, and vertices that are none
    **_for(_lists_of_words, "palindrome_partitioning"),  # takes a list twice, and a word for the list of its letters
    **_for(_moves(r"(?:fill|empty) [A-Z]|pour [A-Z]->[A-Z]"), "jugs"),  # overlooks what follows: `fill A or B`
    **_for(_moves(r"[wB],[A-Z]\d+,[A-Z]\d+"), "knight_swap"),  # raises for what is no move
}
"""The families for which the scorer is not asked, or not asked alone. Beside each, what the scorer would do instead."""
