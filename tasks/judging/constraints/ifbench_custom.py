"""Instructions of IFBench that are whole tasks: `custom:…`. None has arguments."""

import csv
import io
import re
import unicodedata
from itertools import pairwise

from tasks.judging.constraints.instruction import Found, Instruction, exactly
from tasks.judging.constraints.text import bare, listed, sentences, unpunctuated

AFRICAN_COUNTRIES = 52
"""Lines from Zimbabwe on that a list needs at least."""
CAPITALS = listed(
    "Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw "
    "London Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb"
)
"""Of Europe, north of 45 degrees, from north to south."""
CITY_COLUMNS = ["ID", "Country", "City", "Year", "Count"]
MULTIPLES = [str(n) for n in range(14, 51, 7)]
NAPOLEON = range(1769, 1822)
MONTH_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30} | dict.fromkeys((1, 3, 5, 7, 8, 10, 12), 31)

_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w")
_SPECIAL = re.compile(r"[^\d\w\s]")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def _header(separator: str, *names: str) -> re.Pattern[str]:
    """Each name in quotes or not."""
    return re.compile(separator.join(f'(?:{name}|"{name}")' for name in names))


_PRODUCTS = _header(r",[ \t]*", "ProductID", "Category", "Brand", "Price", "Stock")
_STUDENTS = _header(r"\t *", "StudentID", "Subject", "Grade", "Semester", "Score")


class Multiples(Instruction, id="custom:multiples"):
    """The multiples of 7 from 14 to 49 are all numbers there are."""

    def check(self, text: str) -> Found:
        found = re.findall(r"\d+", text)
        return Found(found == MULTIPLES, f"{', '.join(found[:7])}")


class MultipleChoice(Instruction, id="custom:mcq_count_length"):
    """`Question 1` at the beginning and so on: four, each longer than the one before it, with five options each."""

    def check(self, text: str) -> Found:
        if not text.startswith("Question"):
            return Found(False, "does not begin with 'Question'")
        questions = [question.strip() for question in _QUESTION.split(text) if question.strip()]
        if len(questions) != 4:
            return exactly("questions", len(questions), 4)
        lengths = []
        for question in questions:
            lines = [line.strip() for line in question.split("\n")]
            options = [i for i, line in enumerate(lines) if _OPTION.match(line)]
            if len(options) != 5:
                return exactly("options", len(options), 5)
            lengths.append(len(" ".join(lines[: options[0]]).strip()))
        return Found(all(one < other for one, other in pairwise(lengths)), f"lengths {lengths} do not grow")


class ReverseNewline(Instruction, id="custom:reverse_newline"):
    """From the first line with `Zimbabwe` on at least 52 lines, from z to a without accents and punctuation."""

    def check(self, text: str) -> Found:
        lines = [line for line in map(bare, text.split("\n")) if line]
        start = next((i for i, line in enumerate(lines) if "Zimbabwe" in line), None)
        if start is None:
            return Found(False, "without Zimbabwe")
        listed = [_plain(line) for line in lines[start:]]
        if len(listed) < AFRICAN_COUNTRIES:
            return Found(False, f"{len(listed)} lines, not at least {AFRICAN_COUNTRIES}")
        return Found(all(one >= other for one, other in pairwise(listed)), "not from z to a")


class WordReverse(Instruction, id="custom:word_reverse"):
    """One sentence that has `bald eagle` in it when its words are read from the last to the first."""

    def check(self, text: str) -> Found:
        text = " ".join(reversed(unpunctuated(text.lower().strip()).split()))
        return Found("bald eagle" in text and text in sentences(text), "no bald eagle from behind")


class CharacterReverse(Instruction, id="custom:character_reverse"):
    def check(self, text: str) -> Found:
        return Found("elgae dlab" in text.lower(), "no bald eagle from behind")


class SentenceAlphabet(Instruction, id="custom:sentence_alphabet"):
    """26 sentences that begin with a, b and so on."""

    def check(self, text: str) -> Found:
        firsts = [sentence.lstrip()[:1].lower()[:1] for sentence in sentences(text)]
        wrong = [first for first, letter in zip(firsts, map(chr, range(97, 123)), strict=False) if first != letter]
        return Found(len(firsts) == 26 and not wrong, f"{len(firsts)} sentences, {len(wrong)} with another letter")


class EuropeanCapitals(Instruction, id="custom:european_capitals_sort"):
    """`CAPITALS` in that order, with or without accents, parted by commas."""

    def check(self, text: str) -> Found:
        found = [capital.strip() for capital in _plain(text).split(",") if capital.strip()]
        return Found(tuple(found) == CAPITALS, f"{len(found)} capitals, not the {len(CAPITALS)} in that order")


class CityCsv(Instruction, id="custom:csv_city"):
    """The header and seven rows of five fields."""

    def check(self, text: str) -> Found:
        rows = _rows(text, ",")
        sound = len(rows) == 8 and rows[0] == CITY_COLUMNS and all(len(row) == 5 for row in rows)
        return Found(sound, "not the header and seven rows of five fields")


class SpecialCharacterCsv(Instruction, id="custom:csv_special_character"):
    """The header and 14 rows, of five fields up to the first that has a special character in quotes."""

    def check(self, text: str) -> Found:
        if not _PRODUCTS.fullmatch(text.split("\n")[0].strip()):
            return Found(False, "another header")
        rows = _rows(text.replace('"', '"""'), ",")
        if len(rows) != 15:
            return exactly("rows", len(rows), 15)
        for row in rows[1:]:
            if len(row) != 5:
                return exactly("fields", len(row), 5)
            if any(map(_special, row)):
                return Found(True, "")
        return Found(False, "no special character in double quotes")


class QuotesCsv(Instruction, id="custom:csv_quotes"):
    """The header and three rows of five fields, parted by tabs, each in quotes."""

    def check(self, text: str) -> Found:
        if not _STUDENTS.fullmatch(text.split("\n")[0].strip()):
            return Found(False, "another header")
        rows = _rows(text.replace('"', '"""'), "\t")
        fields = [field.strip() for row in rows for field in row]
        sound = len(rows) == 4 and all(len(row) == 5 for row in rows)
        quoted = all(field[:1] == field[-1:] == '"' for field in fields)
        return Found(sound and quoted, "not four rows of five fields in double quotes")


class DateFormatList(Instruction, id="custom:date_format_list"):
    """Dates such as 1796-04-12, parted by commas, of Napoleon's lifetime; days and months from 00 on, as published."""

    def check(self, text: str) -> Found:
        wrong = next((date for date in map(str.strip, text.strip().split(",")) if not _dated(date)), None)
        return Found(wrong is None, f"{(wrong or '')[:40]!r}")


def _dated(text: str) -> bool:
    date = _DATE.fullmatch(text)
    if date is None or int(date[1]) not in NAPOLEON:
        return False
    month, day = int(date[2]), int(date[3])
    return month <= 12 and day <= MONTH_DAYS.get(month, day)


def _plain(text: str) -> str:
    """Without accents, and without what ASCII has not."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """None where it is no CSV."""
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return []


def _special(field: str) -> bool:
    """Whether its first line begins with a quotation mark, and has another behind a special character."""
    line = field.split("\n")[0]
    return line[:1] == '"' and _SPECIAL.search(line, 1, max(1, line.rfind('"'))) is not None
