"""Where a response answers a question of reasoning-gym: by the form of the family's answers, never by the entry's own.

An answer that is stated as one (`statement`) begins where the statement does, and goes on over all lines of that form.
Where none is stated the text may show one thing of the form, as in `Here is the grid:` with a grid below. Two different
ones are no answer, nor is one that the sentence around it rejects: then the whole text is, which has another form.
"""

import re
from collections.abc import Iterator
from functools import partial

from schemas.trace import Draft
from tasks.judging.answer import Stated, answer_place, find_answer
from tasks.judging.gym_form import FORMS, Form, Shape
from tasks.judging.statement import statements
from tasks.tracing.draft import find_drafts
from tasks.tracing.grammar import TAG, Parsed

Range = tuple[int, int]

_LINE = re.compile(r"([^\n]*)(?:\n|\Z)")
_ANNOUNCED = re.compile(r"(?<!\w)answer(?: is|[*_]*:)[*_]*:?[*_]*\s*", re.IGNORECASE)
"""For any text whatever, which `statements` would cut at the end of a clause."""
_LEADS_IN = re.compile(r"^[^\n]*:[*_]*[ \t\r]*\n\s*", re.MULTILINE)
_SHOWS_BELOW = re.compile(r"(?:here|below|as follows|the following)\b[^\n]*\n\s*", re.IGNORECASE)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(?P<inside>[^`]*?)\s*```")
_CLOSED = re.compile(r"\s*(?:\}|</answer>)")
_SAYS = re.compile(r"(?:\b(?:is|are|gives?|becomes)|[:=\u2192])[*_]*[ \t]+")
_SAID = re.compile(r"(?:^|(?:\b(?:is|are|gives?|becomes)|[:=\u2192])[*_]*)[ \t*`$]*\Z", re.MULTILINE)
_SHOWN = re.compile(r"(?::[*_]*\s*(?:```[\w+-]*\s*)?|```[\w+-]*\s*)[*`$]*\Z")
_REJECTS = re.compile(
    r"""\b(?: not | never | cannot | wrong(?:ly)? | incorrect(?:ly)? | invalid | false | mistaken | instead
      | neither | nor | reject(?:s|ed)? | fail(?:s|ed)? | \w*n['\u2019]t )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SUPPOSES = re.compile(r"\b(?:if|unless|suppose|assum\w+|example|e\.g|input|original)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n[ \t\r]*\n")
_REACH = 120
"""Characters around an answer in which it may be rejected."""
_BRACKET = re.compile(r"[\[\]{}]")


def find_gym_answer(text: str, parsed: Parsed, dataset: object) -> Stated | None:
    """The final answer of a whole response to a question of `dataset`, in offsets of `text`.

    Not `explicit` where none is stated: then it is the one thing of the family's form that stands there, or all.
    """
    found, form = find_answer(text, None, parsed), _form(dataset)
    if found is None or form is None:
        return found
    place = answer_place(text, parsed)
    searched = place.of(text)
    if form.shape is Shape.SENTENCE:
        stated = stated_answers(searched, form)
        start, end = (stated or _below(searched) or [_stripped(searched, 0, len(searched))])[-1]
        explicit = bool(stated)
    elif explicit := found.explicit:
        start, end = _grown(searched, found.start - place.start, found.end - place.start, form)
    else:
        shown = stand_alone(searched, form)
        if len({searched[slice(*one)] for one in shown}) != 1:
            return found
        start, end = shown[-1]
    return Stated(start=place.start + start, end=place.start + end, answer=searched[start:end], explicit=explicit)


def find_gym_drafts(text: str, parsed: Parsed, dataset: object) -> tuple[Draft | None, ...]:
    """`find_drafts` (of `tasks.tracing.draft`) for a question of `dataset`."""
    form = _form(dataset)
    return find_drafts(text, parsed, None, partial(stated_answers, form=form) if form else statements)


def stated_answers(text: str, form: Form) -> list[Range]:
    """The range of every answer that `text` states, none across a tag of the grammar."""
    if form.shape is not Shape.SENTENCE:
        return [_grown(text, start, end, form) for start, end in statements(text)]
    marked = [one for one in statements(text) if _CLOSED.match(text, one[1])]
    announced = [_line(text, opening.end()) for opening in _ANNOUNCED.finditer(text)]
    return sorted(one for one in [*marked, *announced] if one[0] < one[1])


def stand_alone(text: str, form: Form) -> list[Range]:
    """The range of everything in `text` that has the form and may be the answer, though nothing says that it is."""
    shown = [
        (start, end)
        for start, end in (_data(text) if form.shape is Shape.DATA else _blocks(text, form))
        if form.shape is not Shape.DATA or _SAID.search(text[max(0, start - _REACH) : start])
    ]
    if len(shown) == 1 and form.shape is Shape.VALUE and re.search(r"\d", text[: shown[0][0]] + text[shown[0][1] :]):
        return []  # the number of some step
    return [one for one in shown if not _rejected(text, *one)]


def _form(dataset: object) -> Form | None:
    return FORMS.get(dataset) if isinstance(dataset, str) else None


def _grown(text: str, start: int, end: int, form: Form) -> Range:
    """A statement's range, on to the end of what has the form there."""
    if form.shape is Shape.DATA and text[start : start + 1] in ("[", "{"):
        return start, next(_data(text, start), (start, end))[1]
    return start, max(end, _rows_end(text, start, form))


def _rows_end(text: str, start: int, form: Form) -> int:
    """Where the rows end that begin at `start`; there, too, when none does."""
    end = start
    for line in _LINE.finditer(text, start):
        row = form.line.fullmatch(text, *line.span(1))
        if row is None or (end > start and form.shape is not Shape.ROWS):
            break
        end = row.end("row") if row["row"].strip() else end
    return end


def _blocks(text: str, form: Form) -> Iterator[Range]:
    """Rows below each other, and single lines that a colon or nothing stands before."""
    at = 0
    for line in _LINE.finditer(text):
        start = _row_start(text, *line.span(1), form) if line.start() >= at else None
        if start is None:
            continue
        end = at = _rows_end(text, start, form)
        ahead = text[max(0, start - _REACH) : start]
        if "\n" in text[start:end]:
            if not _ragged(text, start, end, form):
                yield start, end
        elif _SHOWN.search(ahead) or not text[:start].strip("*`$\n "):
            yield start, end


def _row_start(text: str, start: int, end: int, form: Form) -> int | None:
    """Where the row in this line starts, be it after `The grid is` if more may follow."""
    if (row := form.line.fullmatch(text, start, end)) and row["row"].strip():
        return row.start("row")
    if form.shape is Shape.ROWS:
        for says in _SAYS.finditer(text, start, end):
            if form.line.fullmatch(text, says.end(), end):
                return says.end()
    return None


def _ragged(text: str, start: int, end: int, form: Form) -> bool:
    """Whether the line before or after holds another row, with something else beside it."""
    width = len(text[start:end].split("\n", 1)[0].split())
    before = text[max(0, start - _REACH) : start].rpartition("\n")[0].rpartition("\n")[2].split()[-width:]
    after = text[end : end + _REACH].partition("\n")[2].partition("\n")[0].split()[:width]
    return width > 1 and any(len(row) == width and form.line.fullmatch(" ".join(row)) for row in (before, after))


def _data(text: str, begin: int = 0) -> Iterator[Range]:
    """Each outermost pair of brackets from `begin` on that a line, or a word that announces, begins with."""
    waiting: list[str] = []
    start = begin
    for bracket in _BRACKET.finditer(text, begin):
        if bracket[0] in "[{":
            start = start if waiting else bracket.start()
            waiting.append(bracket[0])
        elif waiting and waiting.pop() + bracket[0] in ("[]", "{}"):
            if not waiting:
                yield start, bracket.end()
        else:
            return


def _below(text: str) -> list[Range]:
    """What stands below the one line that ends in a colon, or inside the one fence."""
    leads = list(_LEADS_IN.finditer(text)) or list(_FENCE.finditer(text))
    if len(leads) != 1:
        return []
    return [_line(text, leads[0].start() if leads[0].re is _FENCE else leads[0].end())]


def _line(text: str, start: int) -> Range:
    """The line at `start`, or the inside of the fence there, or what it says to follow below."""
    if below := _SHOWS_BELOW.match(text, start):
        start = below.end()
    if fence := _FENCE.match(text, start):
        return _stripped(text, *fence.span("inside"))
    line, tag = _LINE.match(text, start), TAG.search(text, start)
    ends = [found for found in (line and line.end(1), tag and tag.start()) if found is not None]
    return _stripped(text, start, min(ends))


def _stripped(text: str, start: int, end: int) -> Range:
    inside = text[start:end]
    return (end - len(inside.lstrip()), start + len(inside.rstrip())) if inside.strip() else (start, start)


def _rejected(text: str, start: int, end: int) -> bool:
    """Whether the sentence before it, or the one after it, seems to say that it is not the answer."""
    before = _SENTENCE_END.split(text[max(0, start - _REACH) : start].rstrip())[-1]
    after = _SENTENCE_END.split(text[end : end + _REACH].lstrip(" .*`$\n"))[0]
    return bool(_REJECTS.search(before) or _SUPPOSES.search(before) or _REJECTS.search(after))
