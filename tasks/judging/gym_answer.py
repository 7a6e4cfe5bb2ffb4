"""Where a response answers a question of reasoning-gym: by the form of the family's answers, never by the entry's own.

An answer that is stated as one (`statement`) begins where the statement does, and goes on over all lines of that form.
Where none is stated the text may show one thing of the form, as in `Here is the grid:` with a grid below. Two different
ones are no answer, nor is one that the sentence around it rejects: then the whole text is, which has another form.
"""

import re
from collections.abc import Iterator
from functools import partial

from schemas.trace import DraftAnswer
from tasks.extraction.answer import Stated, answer_place, find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.extraction.other_languages import announced_in_other_language
from tasks.extraction.phrase import of_another_question
from tasks.extraction.stated_answers import find_stated
from tasks.judging.gym_form import FORMS, Form, Shape, closings
from tasks.parsing.grammar import TAG, Parsed

Range = tuple[int, int]

_LINE = re.compile(r"([^\n]*)(?:\n|\Z)")
_ANNOUNCED = re.compile(
    r"(?<!\w)answer(?: is|[*_]*:)[*_]*:?[*_]*\s*|^#{1,6}[ \t]+[*_]*(?:the )?(?:final )?answer[*_]*[ \t\r]*\n\s*"
    r"|\u7b54\u6848[*_]*\s?[:\uff1a][*_]*\s*",
    re.IGNORECASE | re.MULTILINE,
)
"""For any text whatever, which `find_stated` would cut at the end of a clause."""
_LEADS_IN = re.compile(r"^[^\n]*:[*_]*[ \t\r]*\n\s*", re.MULTILINE)
_POINTS_BELOW = re.compile(r"(?:as follows|(?:shown |given )?below|the following(?: \w+)?)[:.]?\s*\n\s*", re.IGNORECASE)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(?P<inside>[^`]*?)\s*```")
_CLOSED = re.compile(r"\s*(?:\}|</answer>)")
_SAYS = re.compile(r"(?:\b(?:is|are|gives?|becomes)|[:=\u2192])[*_]*[ \t]+|\uff1a\**[ \t]*")
_SAID = re.compile(r"(?:^|(?:\b(?:is|are|gives?|becomes)|[:=\u2192\uff1a])[*_]*)[ \t*`$]*\Z", re.MULTILINE)
_SHOWN = re.compile(r"(?:[:\uff1a][*_]*\s*(?:```[\w+-]*\s*)?|```[\w+-]*\s*|\banswer is[*_]*\s*)[*`$]*\Z", re.IGNORECASE)
_ENDS_LINE = re.compile(r"[*`$\"]*(?:\.?[*`$\"]*[ \t\r]*(?:\n|\Z)|\}|</answer>|\.\s(?!or\b))")
_ENDS_PARAGRAPH = re.compile(r"[*`$\".\s]*(?:\Z|\n[ \t\r]*\n|\n```)")
_OR = re.compile(r"[*`$\".]*,?\s*(?:or\b|/)")
_DENIED = re.compile(
    r"(?:n['\u2019]t|\b(?:not|never|cannot|doubt|deny))\s+(?:\w+\s+){0,4}answer\b[^.!?]*\Z", re.IGNORECASE
)
_REJECTS = re.compile(
    r"""\b(?: not | never | cannot | wrong(?:ly)? | incorrect(?:ly)? | invalid | false | mistaken | instead
      | neither | nor | reject(?:s|ed)? | fail(?:s|ed)? | \w*n['\u2019]t )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS_OF_IT = re.compile(
    r"(?:(?:but|however),?\s+)?(?:(?:this|that|it|which|these)\s+)?(?:is|was|are|can|could|would|does|did|fails?)(?:n['\u2019]t|not)?\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"\b(?:if|unless|suppose|assum\w+|example|e\.g|input|original)\b", re.IGNORECASE)
_CONCLUDES = re.compile(r"\b(?:final(?:ly)?|answer|solution|output)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n[ \t\r]*\n")
_REACH = 120
"""Characters around an answer in which it may be announced or rejected."""
_MARKS = "*`$\n "


def find_gym_answer(text: str, parsed: Parsed, dataset: object) -> Stated | None:
    """Return the final answer of a whole response to a question of `dataset`, in offsets of `text`.

    Not `explicit` where none is stated: then it is the one thing of the family's form that stands there, or all.
    """
    found, form = find_answer(text, None, parsed), _form(dataset)
    if found is None or form is None:
        return found
    place = answer_place(text, parsed)
    searched = place.of(text)
    whole = _stripped(searched, 0, len(searched))
    if form.shape is Shape.SENTENCE:
        stated = stated_answers(searched, form)
        shown = stated[-1:] or _below(searched)
    elif found.explicit:
        stated = shown = [_Grower(searched, form)(found.start - place.start, found.end - place.start)]
    else:
        stated, shown = [], _concluding(searched, stand_alone(searched, form))
    alone = len({searched[start:end] for start, end in shown}) == 1
    start, end = shown[-1] if alone and not _doubtful(searched, *shown[-1], bool(stated)) else whole
    return Stated(
        start=place.start + start,
        end=place.start + end,
        answer=searched[start:end],
        explicit=bool(stated) and (start, end) == shown[-1],
    )


def find_gym_drafts(text: str, parsed: Parsed, dataset: object) -> tuple[DraftAnswer | None, ...]:
    """Return the draft answers, as `find_drafts` of `tasks.extraction.draft_answers`, for a question of `dataset`."""
    form = _form(dataset)
    return find_drafts(text, parsed, None, partial(stated_answers, form=form) if form else find_stated)


def stated_answers(text: str, form: Form) -> list[Range]:
    """Return the range of every answer that `text` states, none across a tag of the grammar."""
    if form.shape is not Shape.SENTENCE:
        grow = _Grower(text, form)
        return [grow(start, end) for start, end in find_stated(text)]
    marked = [one for one in find_stated(text) if _CLOSED.match(text, one[1])]
    abroad = [found for found in announced_in_other_language(text) if found[0].rstrip("*_ ").endswith((":", "\uff1a"))]
    openings = [one for one in (*_ANNOUNCED.finditer(text), *abroad) if not of_another_question(text, one.start())]
    announced = [_line(text, opening.end()) for opening in openings]
    return sorted(one for one in [*marked, *announced] if one[0] < one[1])


def stand_alone(text: str, form: Form) -> list[Range]:
    """Return the range of everything in `text` that has the form and may be the answer, though nothing says
    that it is.
    """
    shown = list((form.shape is Shape.DATA and _outermost(text)) or _blocks(text, form))
    if len(shown) == 1 and form.shape is Shape.VALUE and re.search(r"\d", text[: shown[0][0]] + text[shown[0][1] :]):
        return []  # it may be the number of some step
    return [one for one in shown if not _rejected(text, *one)]


def _concluding(text: str, shown: list[Range]) -> list[Range]:
    """Of several things only the last, where it alone is led in as `the final grid`."""
    final = [one for one in shown if _CONCLUDES.search(_sentence_before(text, one[0]))]
    return final if final and final == shown[-1:] else shown


def _form(dataset: object) -> Form | None:
    return FORMS.get(dataset) if isinstance(dataset, str) else None


class _Grower:
    """From a statement's range on to the end of what has the form there."""

    def __init__(self, text: str, form: Form) -> None:
        self._text, self._form = text, form
        self._closings = closings(text) if form.shape is Shape.DATA else {}

    def __call__(self, start: int, end: int) -> Range:
        closed = self._closings.get(start)
        if closed is not None:
            return start, closed if _ENDS_LINE.match(self._text, closed) else end
        rows = _rows(self._text, self._row_start(start), self._form)
        return rows if rows[1] > end else (start, end)

    def _row_start(self, start: int) -> int:
        """Where the row at `start` begins: the empty places of `_ _ Q`, too, which were taken for emphasis."""
        before = self._text[max(0, start - _REACH) : start]
        begin = start - len(before) + len(before.rstrip("_ \t"))
        line = _LINE.match(self._text, begin)
        whole = "_" in self._text[begin:start] and line and self._form.line.fullmatch(self._text, *line.span(1))
        return begin if whole else start


def _rows(text: str, start: int, form: Form) -> Range:
    """The rows that begin at `start` with their marks; empty when none does.

    It goes on where the form is of one line: two of them are no answer.
    """
    begin = end = start
    for line in _LINE.finditer(text, start):
        row = form.line.fullmatch(text, *line.span(1))
        if row is None:
            break
        begin = row.start("row") if line.start() == start else begin
        end = row.end("row") if row["row"].strip() else end
    return begin, max(begin, end)


def _blocks(text: str, form: Form) -> Iterator[Range]:
    """Rows below each other, and single lines that a colon or nothing stands before."""
    at, opening = 0, len(text) - len(text.lstrip(_MARKS))
    for line in _LINE.finditer(text):
        start = _row_start(text, *line.span(1), form) if line.start() >= at else None
        if start is None:
            continue
        start, end = _rows(text, start, form)
        at = end
        if "\n" in text[start:end]:
            whole = not _ragged(text, start, end, form)
        else:
            announced = start == opening or _SHOWN.search(text[max(0, start - _REACH) : start])
            whole = bool(announced and _ENDS_PARAGRAPH.match(text, end))
        if whole:
            yield start, end


def _row_start(text: str, start: int, end: int, form: Form) -> int | None:
    """Where the row in this line starts, be it after `The grid is` if more may follow."""
    if (row := form.line.fullmatch(text, start, end)) and row["row"].strip():
        return row.start("row")
    if form.shape in (Shape.ROWS, Shape.LINE):
        for says in (_SAYS if form.shape is Shape.ROWS else _ANNOUNCED).finditer(text, start, end):
            if form.line.fullmatch(text, says.end(), end):
                return says.end()
    return None


def _ragged(text: str, start: int, end: int, form: Form) -> bool:
    """Whether the line before or after holds another row, with something else beside it."""
    width = len(text[start:end].split("\n", 1)[0].split())
    before = text[max(0, start - _REACH) : start].rpartition("\n")[0].rpartition("\n")[2].split()[-width:]
    after = text[end : end + _REACH].partition("\n")[2].partition("\n")[0].split()[:width]
    return width > 1 and any(len(row) == width and form.line.fullmatch(" ".join(row)) for row in (before, after))


def _outermost(text: str) -> list[Range]:
    """Data in brackets, with nothing but an announcement before it on its line and nothing behind it."""
    found: list[Range] = []
    at = 0
    for start, end in sorted(closings(text).items()):
        if start >= at:
            at = end
            if _ENDS_LINE.match(text, end) and _SAID.search(text[max(0, start - _REACH) : start]):
                found.append((start, end))
    return found


def _below(text: str) -> list[Range]:
    """What stands below the one line that ends in a colon, or inside the one fence."""
    places = [lead.end() for lead in _LEADS_IN.finditer(text)] or [fence.start() for fence in _FENCE.finditer(text)]
    below = [_line(text, place) for place in places]
    return [
        one for one in below if len(below) == 1 and _ENDS_PARAGRAPH.match(text, one[1]) and not _rejected(text, *one)
    ]


def _line(text: str, start: int) -> Range:
    """The line at `start`, or the inside of the fence there, or what it says to follow below."""
    if below := _POINTS_BELOW.match(text, start):
        start = below.end()
    if fence := _FENCE.match(text, start):
        return _stripped(text, *fence.span("inside"))
    newline = text.find("\n", start)
    end = len(text) if newline < 0 else newline
    tag = TAG.search(text, start, end)
    return _stripped(text, start, tag.start() if tag else end)


def _stripped(text: str, start: int, end: int) -> Range:
    inside = text[start:end]
    return (end - len(inside.lstrip()), start + len(inside.rstrip())) if inside.strip() else (start, start)


def _doubtful(text: str, start: int, end: int, stated: bool) -> bool:
    """Whether an alternative follows, or the statement is denied, as in `I do not think that the answer is 5`."""
    denied = stated and _DENIED.search(text[max(0, start - _REACH) : start])
    return bool(denied or _OR.match(text, end))


def _rejected(text: str, start: int, end: int) -> bool:
    """Whether the sentence before it, or the one after it, seems to say that it is not the answer."""
    before = _sentence_before(text, start)
    after = _SENTENCE_END.split(text[end : end + _REACH].lstrip(f"{_MARKS}."))[0]
    said = _SAYS_OF_IT.match(after)
    return bool(_REJECTS.search(before) or _SUPPOSES.search(before) or (said and _REJECTS.search(after)))


def _sentence_before(text: str, start: int) -> str:
    return _SENTENCE_END.split(text[max(0, start - _REACH) : start].rstrip(_MARKS))[-1]
