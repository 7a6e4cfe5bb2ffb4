"""Where a text states an answer as an answer. What it only computes (`= 5`, a last number) is no statement.

    \\boxed{5}    <answer>5</answer>                  braces balanced; also [ANSWER]5[/ANSWER]
    #### 5                                           a number, or the last line of the text
    A: 5    Answer: 5    **Final answer:** 5         a line of its own: the rest of that line
    ## Answer                                        a heading, or `Answer:` alone: what stands below
    so the answer is 5, because    my answer: 5      in a sentence: up to the end of the clause

A sentence that only talks of the answer states none: `if the answer is 5`, `the answer is correct`,
`the answer could be 5`.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from tasks.extraction.correction import correction, turns_between
from tasks.extraction.other_languages import ABROAD, announced_in_other_language, value_in_other_language
from tasks.extraction.phrase import (
    PHRASE,
    REVERSED,
    clause_end,
    hedged,
    not_but,
    of_another_question,
    talks,
    value_before,
)
from tasks.late_pattern import late_pattern
from tasks.mathematics.boxed import runs, scale_behind
from tasks.parsing.grammar import TAG

_LINE_OPENING = late_pattern(
    r"""^[ \t]*(?:
      (?: \#{1,6}[ \t]+[*_]{0,3} | [*_]{1,3} ) (?i:(?:the\ )?(?:final\ )?answer) [*_]{0,3}[ \t\r]* $
    | (?: [>\#*_-]{1,6}[ \t]* )? [*_]{0,3}
      (?: A(?!.*\s[*_]{0,3}B:)  # not the first of a list of choices
        | (?i:ans)\.? | (?i:final\ result) | (?i:(?:the\ |my\ )?(?:final\ |correct\ )?answer) )
      [*_]{0,3}\ ?[:\uff1a][*_]{0,3}
    | (?: [>\#*_-]{1,6}[ \t]* )? [*_]{0,3} (?i:(?:the\ |my\ )?(?:final\ |correct\ )?answer) [*_]{0,3}\ [\u2013\u2014-]\ 
    | (?: [>\#*_-]{1,6}[ \t]* )? [*_]{0,3} (?i:(?:the\ |my\ )?(?:final\ |correct\ )?answer) [*_]{0,3}
      [ \t]+(?=\$\$ | \\\[ | \$[^\n$]+\$ | \\\([^\n]+\\\))
    | (?:\u2234\ ?)? (?i:ans)\.?\ ?=
    | (?P<hash> \#{4}(?!\#) ) )""",
    re.MULTILINE | re.VERBOSE,
)
_NUMBER = late_pattern(r"[-+]?[$€£]?[-+]?\d[\d,]*(?:[./]\d+)?\s?%?\.?")
_WORKED_OUT = re.compile(r"(?:[-+*/^().,$€£%\d\s\u00d7\u00f7\u00b7]+=)+([^=]+)")
_REJECTS = late_pattern(
    r"""(?:\b(?:can)?not|n['\u2019]t|\bnever|\brather\ than|\binstead\ of|\bunlike|\bexcept)
    (?:\ (?!(?:so|but|thus|hence|then|therefore|and)\b)[\w'\u2019]+){0,2}
    (?:[:\s$*]|\\[(\[]|\\text\{[^{}]*\}|[A-Za-z]\s*=)*$
    | (?:\b(?:wrong|incorrect|erroneous|mistaken)(?:\ (?:answer|result|value|attempt|solution|guess|output))?
        (?:\ (?:is|was|would\ be|gave|gives))?
      | \b(?:might|could|may)\ (?:write|think|say|get|guess|answer) | \b(?:someone|he|she|they|students?|people|many)
        \ (?:wrote|writes?|said|says?|got|gets?|answer(?:ed|s)?)
      | \be\.g\.,? | \bfor\ example,? | \bexample(?:\ format)? | \bsuch\ as | \blike | \bformat(?:\ is)?
      | \byour\ (?:final\ )?answer\ (?:in|inside|within|as) | [\u2717\u2718\u274c] )[:\s$*]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_REJECTED = late_pattern(
    r"(?:[$*]|\\[)\]])*\s*(?:\?|(?:[(:]|--?|[\u2013\u2014])\s?(?:wrong|incorrect|false|not\s(?:right|correct))\b|[(]?[\u2717\u2718\u274c])"
    r"|(?:[\s$*.,)]|\\[)\]])*(?:(?:is|was|would be|seems)\s(?:also\s)?(?:wrong|incorrect|not|false|a mistake)"
    r"|(?:is|are|would be|could be|might be)\s(?:also|another)\s)\b",
    re.IGNORECASE,
)
_REJECTED_BEHIND = late_pattern(
    r"[*\s]*(?:\?\s*(?:no|wrong|nope)\b|\((?:wrong|incorrect|false)\b|[(]?[\u2717\u2718\u274c])", re.IGNORECASE
)
_REACH = 60
"""Characters before a box in which it may be rejected."""
_NUMBER_FIRST = late_pattern(r"\s*[-+]?[$€£]?\d[\d,]*(?:\.\d+)?%?\s*=[^=]*[-+*/^\u00d7\u00f7\u00b7][^=]*\Z")
"""`15 = 12 + 3` says 15."""
_TOLD = late_pattern(
    r"""(?:The|Its|Her|His|Their|There|It|This|So|Thus|Therefore|She|He|They|Each|We|I|In)\b[^\n]*\s(?:is|are|equals
      |=)\s
    (\*\*[^*\n]+\*\* | \$[^$\n]+\$ | \\\([^\n]+?\\\) | [-+]?[$€£]?\d[\d,]*(?:[./]\d+)?%?)\.?""",
    re.VERBOSE,
)
_IN_BOLD = late_pattern(r"[^\d*\n]*\*\*([-+]?[$€£]?\d[\d,]*(?:[./]\d+)?%?(?: [a-z]+)?)\*\*[^\d*\n]*")
_DENIAL = late_pattern(r"\b(?:not|no|never|if|unless|whether|neither|nor|or)\b|n['\u2019]t\b", re.IGNORECASE)
_APPLAUSE = late_pattern(
    r"(?:\s[\u2705\u2713\u2714\u2611\U0001f300-\U0001f44d\U0001f44f-\U0001faff\ufe0f\u220e]+|\s[:;]-?[)D])+\Z"
)
_ANSWER_TAG = late_pattern(r"[<\[](/?)(?:final_)?answer[>\]]", re.IGNORECASE)
_ANSWER_FIELD = late_pattern(
    r"""["'](?:final_)?answer["']\s*:\s*
    (?: "((?:[^"\\\n]|\\.)*)"(?=\s*(?:[,}\]]|$)) | '((?:[^'\\\n]|\\.)*)'(?=\s*(?:[,}\]]|$)) | ([^\s,}"'\[{][^,}\n]*)
    | (\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\] | \{[^{}]*\}) )""",
    re.VERBOSE | re.MULTILINE,
)
"""The value of a field of JSON or Python, as it is written there."""
_YES_OR_NO = late_pattern(r"\s*[*_]{0,3}(?:yes|no)\b[*_]{0,3}[.,;!]", re.IGNORECASE)
_BLANK_LINE = late_pattern(r"\n\r?\n")
_SENTENCE = late_pattern(r"[.:?]\s*\Z")
_BLOCK = late_pattern(r"```[^`]*```|\$\$[^$]*\$\$|\\\[.*?\\\]", re.DOTALL)
_FENCED = late_pattern(r"```[\w+-]*[ \t]*\n([^`]*)```")
_BOLD_FIRST = late_pattern(r"\*\*([^*\n]+)\*\*[^*]*")
_AROUND = (
    ("**", "**"),
    ("*", "*"),
    ("```", "```"),
    ("`", "`"),
    ('"', '"'),
    ("'", "'"),
    ("\u201c", "\u201d"),
    ("\u2018", "\u2019"),
    ("$$", "$$"),
    ("$", "$"),
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    (r"\text{", "}"),
    (r"\textbf{", "}"),
)


def find_stated(text: str, pattern: str | None = None) -> list[tuple[int, int]]:
    """Return the range of every answer that `text` states, by start, none across a tag of the grammar.

    With `pattern` a statement is what its group matches, and nothing else is. Linear in the text, but for a pattern.
    """
    found: list[tuple[int, int]] = []
    edges = [(0, 0), *(tag.span() for tag in TAG.finditer(text)), (len(text), len(text))]
    for (_, start), (end, _) in pairwise(edges):
        piece = text[start:end]
        ranges = _recognised(piece) if pattern is None else matched(piece, pattern)
        found.extend((start + a, start + b) for a, b in ranges if a < b)
    return found


def matched(text: str, pattern: str) -> list[tuple[int, int]]:
    """Return the range of the group in every match, in order; an empty one where the group took no part."""
    return [(max(m.start(1), 0), max(m.end(1), 0)) for m in re.finditer(pattern, text)]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range less white space and the quotes, emphasis, code fence or TeX marks around all of it."""
    while True:
        value = text[start:end]
        start, end = end - len(value.lstrip()), start + len(value.rstrip())
        if start >= end:
            return start, start
        if fence := _FENCED.fullmatch(text, start, end):
            start, end = fence.span(1)
        elif marks := next((pair for pair in _AROUND if _encloses(*pair, value.strip())), None):
            start, end = start + len(marks[0]), end - len(marks[1])
        else:
            return start, end


def _encloses(left: str, right: str, value: str) -> bool:
    """Whether the marks stand around all of `value` and nowhere in it, so that they are one pair."""
    if not (value.startswith(left) and value.endswith(right)):
        return False
    inside = value[len(left) : -len(right)]
    return bool(inside) and left not in inside and right not in inside


def _recognised(piece: str) -> list[tuple[int, int]]:
    ranges = sorted([*_announced(piece), *_boxed(piece), *_tagged(piece), *_reversed(piece)])
    stated = [trimmed(piece, start, end) for start, end in ranges]
    last = next(((start, end) for start, end in reversed(stated) if start < end), None)
    replaced = correction(piece, *last) if last and last[1] < len(piece) else None
    return [*stated, trimmed(piece, *replaced)] if replaced else stated


def _announced(piece: str) -> Iterator[tuple[int, int]]:
    """What follows each label, `####` or phrase, up to the next of them at most."""
    words = [place for place in (piece.find("nswer"), piece.find("NSWER")) if place >= 0]
    english = PHRASE.finditer(piece, max(0, min(words) - 1)) if words else ()
    found = [*_line_openings(piece), *english, *announced_in_other_language(piece)]
    openings: list[re.Match[str]] = []
    for opening in sorted(found, key=lambda opening: opening.start()):
        if not openings or opening.start() >= openings[-1].end():
            openings.append(opening)
    limits = [*(opening.start() for opening in openings[1:]), len(piece)]
    last = len(piece.rstrip())
    for opening, limit in zip(openings, limits, strict=False):
        if opening.re is PHRASE:
            start, end = _after_phrase(piece, opening, limit)
        elif opening.re is ABROAD:
            start, end, inline = _rest(piece, opening.end(), limit)
            start, end = value_in_other_language(piece, opening, start, end) if inline else (start, end)
        elif opening["hash"]:
            start, end = _line(piece, opening.end(), limit)
            if end < last and not _NUMBER.fullmatch(piece[start:end].strip()):
                continue  # a heading of the fourth level
        else:
            start, end = _after_label(piece, opening, limit)
        start, end = _without_prose(piece, start, end)
        if not _REJECTED_BEHIND.match(piece, end, limit):
            yield start, end


def _line_openings(piece: str) -> Iterator[re.Match[str]]:
    """Every label at the beginning of a line; line by line, since a search would try each character."""
    start = 0
    while True:
        if opening := _LINE_OPENING.match(piece, start):
            yield opening
        start = piece.find("\n", start) + 1
        if not start:
            return


def _after_phrase(piece: str, phrase: re.Match[str], limit: int) -> tuple[int, int]:
    """The clause after `the answer is`, or what stands below; empty where it only talks of the answer."""
    start, end, inline = _rest(piece, phrase.end(), limit)
    named = phrase["says"][-1] in ":=>\u2192\uff1a"
    start = not_but(piece, start, end)
    if hedged(piece, phrase.start(), phrase["says"]) or (not named and talks(piece, start, end)):
        return start, start
    stop = clause_end(piece, start, end) if inline else end
    return start, start if inline and not named and piece.startswith("?", stop) else stop


def _reversed(piece: str) -> Iterator[tuple[int, int]]:
    """The value in `$x < 3$ is the solution`."""
    for phrase in REVERSED.finditer(piece) if "answer" in piece or "solution" in piece else ():
        if value := value_before(piece, phrase.start()):
            yield value


def _after_label(piece: str, label: re.Match[str], limit: int) -> tuple[int, int]:
    """The line after `Answer:`, or what stands below; the first clause where that is a number or more follows."""
    start, end, inline = _rest(piece, label.end(), limit)
    clause = clause_end(piece, start, end) if inline else end
    more = end == limit < len(piece)
    alone = more or _NUMBER.fullmatch(piece[start:clause].strip()) or turns_between(piece, clause, end)
    return start, clause if alone else end


def _rest(piece: str, start: int, limit: int) -> tuple[int, int, bool]:
    """What an announcement that ends at `start` announces, and whether it is text on the same line."""
    line_start, line_end = _line(piece, start, limit)
    start = limit - len(piece[start:limit].lstrip())
    if block := _BLOCK.match(piece, start, limit):
        return *block.span(), False
    return (line_start, line_end, True) if line_start < line_end else (*_paragraph(piece, start, limit), False)


def _paragraph(piece: str, start: int, limit: int) -> tuple[int, int]:
    """All of the paragraph, or its first line where prose follows, or nothing where it begins with prose."""
    blank_line = _BLANK_LINE.search(piece, start, limit)
    lines = piece[start : blank_line.start() if blank_line else limit].rstrip().split("\n")
    numbers = [_NUMBER.fullmatch(line.strip()) is not None for line in lines]
    if (
        _SENTENCE.search(lines[0])
        and not numbers[0]
        and not _YES_OR_NO.match(lines[0])
        and not (len(lines) == 1 and _in_sentence(lines[0].strip()))
    ):
        return start, start
    prose_follows = any(_SENTENCE.search(line) for line in lines[1:])
    alone = prose_follows or (numbers[0] and not all(numbers))
    return start, start + (len(lines[0]) if alone else len("\n".join(lines)))


def _line(piece: str, start: int, limit: int) -> tuple[int, int]:
    """The rest of the line at `start`; empty when it is blank."""
    newline = piece.find("\n", start, limit)
    end = limit if newline < 0 else newline
    return (start, end) if piece[start:end].strip() else (start, start)


def _without_prose(piece: str, start: int, end: int) -> tuple[int, int]:
    """The range less the period of its sentence, half a pair of emphasis, what follows a value in bold, the words
    before the value in a sentence, and the arithmetic before its result.
    """
    start, end = trimmed(piece, start, end)
    value = piece[start:end]
    within = _BOLD_FIRST.fullmatch(value) or _WORKED_OUT.fullmatch(value) or _in_sentence(value)
    if within and not (within.re is _WORKED_OUT and _NUMBER_FIRST.match(value)):
        start, value = start + within.start(1), within[1]
    elif within:
        value = value[: value.index("=")].rstrip()
    value = _APPLAUSE.sub("", value)
    if not value.endswith("..") or value[-3:-2].isalpha():
        value = value.removesuffix(".")
    if value.count("**") == 1:
        value = value.removesuffix("**").removesuffix(".")
    if value[:1] in ('"', "\u201c") and value.count('"') + value.count("\u201c") + value.count("\u201d") == 1:
        start, value = start + 1, value[1:]  # of `"Paris."` the period ended the clause
    return start, start + len(value)


def _in_sentence(value: str) -> re.Match[str] | None:
    """The value in a sentence: at its end as in `The largest $n$ is 34.`, or the only number, in bold."""
    match = (_TOLD.fullmatch(value) or _IN_BOLD.fullmatch(value)) if value[:1].isupper() else None
    return None if match is None or _DENIAL.search(value) else match


def _boxed(piece: str) -> Iterator[tuple[int, int]]:
    r"""The inside of every box; all of those that are one answer, as they stand, from the first `\boxed{` on."""
    for run in runs(piece):
        first, last = run[0], run[-1]
        if _REJECTS.search(piece[max(0, first.start - _REACH) : first.start]) or _REJECTED.match(piece, last.end):
            continue
        if of_another_question(piece, first.start) or _supposed(piece, first.start):
            continue
        several = len({box.of(piece) for box in run}) > 1
        if any(box.is_part(piece) for box in run):
            continue
        scaled = scale_behind(piece, run)
        if scaled or first.minus(piece):
            start = piece.rindex(first.minus(piece), 0, first.start) if first.minus(piece) else first.start
            yield start, scaled.end() if scaled else last.end
        else:
            yield (first.start, last.end) if several else (last.inside, last.inside_end)


def _supposed(piece: str, start: int) -> bool:
    """Whether the phrase right before a box states nothing: `If it were a square, the answer would be`."""
    before = piece[max(0, start - 4 * _REACH) : start].rstrip(" $*([\\:")
    phrase = next((found for found in PHRASE.finditer(before) if found.end() == len(before)), None)
    return phrase is not None and "would" in phrase["says"] and hedged(before, phrase.start(), phrase["says"])


def _tagged(piece: str) -> Iterator[tuple[int, int]]:
    """The inside of every `<answer>…</answer>`, and the value of every `"answer": …`."""
    if "nswer" not in piece and "NSWER" not in piece:
        return
    for opening, closing in pairwise(_ANSWER_TAG.finditer(piece)):
        if not opening[1] and closing[1]:
            yield opening.end(), closing.start()
    for field in _ANSWER_FIELD.finditer(piece):
        yield field.span(field.lastindex or 0)
