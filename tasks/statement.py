"""Where a text states an answer as an answer. What it only computes (`= 5`, a last number) is no statement.

    \\boxed{5}    <answer>5</answer>                  braces balanced
    #### 5                                           a number, or the last line of the text
    A: 5    Answer: 5    **Final answer:** 5         a line of its own: the rest of that line
    ## Answer                                        a heading, or `Answer:` alone: the next line with text
    so the answer is 5, because    my answer: 5      in a sentence: up to the end of the clause

A sentence that only talks of the answer states none: `if the answer is 5`, `the answer is correct`,
`the answer could be 5`.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from schemas.trace import Span
from tasks.grammar import TAG


class Stated(Span):
    """An answer and where it stands: `answer == text[start:end]`."""

    answer: str
    explicit: bool = True
    """False where nothing was stated and a whole response stands for its answer."""


_OPENING = re.compile(
    r"""
      (?P<heading> ^[ \t]* (?:\#{1,6}[ \t]+[*_]{0,3} | [*_]{1,3}) (?i:(?:the\ )?(?:final\ )?answer)
                   [*_]{0,3} [ \t]* $ )
    | (?P<label> ^[ \t]* (?:[>\#*_-]{1,6}[ \t]*)? [*_]{0,3}
                 (?: A (?!.*\s[*_]{0,3}B:)  # not the first of a list of choices
                   | (?i:(?:the\ |my\ )?(?:final\ |correct\ )?answer) )
                 [*_]{0,3} \ ? : [*_]{0,3} )
    | (?P<hash> ^[ \t]* \#{4} (?!\#) )
    | (?P<sentence> (?i:
        (?P<hedge> \b(?: if | whether | unless | until | suppose | supposing | assume | assuming | doubt
                       | what | not\ sure | of | for | about | (?:re-?)?check | checking | verify | verifying
                       | find | finding )\ (?:that\ )? )?
        (?:\b(?:the|my|our|this|its|your)\ )? (?:\b(?:final|correct|right|new|overall)\ )?
        \banswers? \b (?:\ (?:to|for)\ (?:the|this|that|your)(?:\ \w+){0,3}? )? [*_]{0,3}
        (?P<says> \ ?[:=]
          | \ (?:is|are|becomes|remains|equals|must\ be|should\ be|comes\ out\ (?:as|to(?:\ be)?))\b
            (?:\ (?:still|simply|just|therefore|thus|then|now|indeed|actually|again|clearly|really
                   |definitely|certainly|probably)\b)*
            (?:\ ?[:=])?
        ) [*_]{0,3} ) )
    """,
    re.MULTILINE | re.VERBOSE,
)
_TALK = re.compile(
    r"""\s*(?: ,
      | (?: not | correct | incorrect | right | wrong | clear | unclear | obtained | found | given | based
          | expected | supposed | required | reasonable | consistent | plausible | verified | confirmed
          | what | whatever | the\ (?:same|following) | an?\ (?:number|integer|multiple)
          | the\ (?:number|sum|total|product|difference|quotient|amount|value|result|one|count|length) )\b
      | (?: in | on | at | to | that | as | of | off | too | going | between
          | greater | less | more | larger | smaller )\ \w )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END = re.compile(
    r"""[.?](?=["'\u201d\u2019)\]*_$`]*(?:\s|$)) (?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bMrs\.)
      | (?<=[a-z]{2})!(?!=)  # after a digit or a lone letter it may be a factorial
      | ;\s | \s?\u2014 | \s--\s
      | ,?\s(?:because|since)\b
      | ,\s(?:not|but|which|so|as|right|where|rather|instead|and\ (?:so|not))\b
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"[-+]?[$€£]?[-+]?\d[\d,]*(?:[./]\d+)?\s?%?\.?")
_BRACE = re.compile(r"\\boxed\s*\{|\\.|[{}]", re.DOTALL)
_ANSWER_TAG = re.compile(r"</?answer>")
_BLOCK = re.compile(r"```[^`]*```|\$\$[^$]*\$\$|\\\[.*?\\\]", re.DOTALL)
_FENCED = re.compile(r"```[\w+-]*[ \t]*\n([^`]*)```")
_BOLD_FIRST = re.compile(r"\*\*([^*\n]+)\*\*[^*]*")
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


def statements(text: str, pattern: str | None = None) -> list[Stated]:
    """Every answer that `text` states, by start, none across a tag of the grammar. Linear in the text.

    With `pattern` a statement is what its group matches, and nothing else is.
    """
    found: list[Stated] = []
    edges = [(0, 0), *(tag.span() for tag in TAG.finditer(text)), (len(text), len(text))]
    for (_, start), (end, _) in pairwise(edges):
        piece = text[start:end]
        for a, b in _recognised(piece) if pattern is None else matched(piece, pattern):
            if a < b:
                found.append(Stated(start=start + a, end=start + b, answer=piece[a:b]))
    return found


def matched(text: str, pattern: str) -> list[tuple[int, int]]:
    """The range of the group in every match, in order; an empty one where the group took no part."""
    return [(max(m.start(1), 0), max(m.end(1), 0)) for m in re.finditer(pattern, text)]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The range less white space and the quotes, emphasis, code fence or TeX marks around all of it."""
    while True:
        inside = text[start:end]
        start, end = end - len(inside.lstrip()), start + len(inside.rstrip())
        if start >= end:
            return start, start
        if fence := _FENCED.fullmatch(text, start, end):
            start, end = fence.span(1)
        elif marks := next((pair for pair in _AROUND if _encloses(*pair, text[start:end])), None):
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
    ranges = sorted([*_announced(piece), *_boxed(piece), *_tagged(piece)])
    return [_value(piece, start, end) for start, end in ranges]


def _value(text: str, start: int, end: int) -> tuple[int, int]:
    """The range less what surrounds a value in prose: one last period, emphasis around its first half."""
    while True:
        before = (start, end)
        start, end = trimmed(text, start, end)
        value = text[start:end]
        if value.endswith(".") and not value.endswith(".."):
            end -= 1
        elif value.endswith("**") and value.count("**") == 1:
            end -= 2
        elif bold := _BOLD_FIRST.fullmatch(value):
            start, end = start + bold.start(1), start + bold.end(1)
        if (start, end) == before:
            return before


def _announced(piece: str) -> Iterator[tuple[int, int]]:
    """What follows each heading, label, `####` or phrase, up to the next of them at most."""
    openings = list(_OPENING.finditer(piece))
    limits = [*(opening.start() for opening in openings[1:]), len(piece)]
    last = len(piece.rstrip())
    for opening, limit in zip(openings, limits, strict=False):
        start, end = _line(piece, opening.end(), limit)
        phrase = opening["says"]
        if start == end and opening["hash"] is None:
            start, end = _next_line(piece, start, limit)
        clause = _CLAUSE_END.search(piece, start, end)
        if clause and (phrase or _NUMBER.fullmatch(piece[start : clause.start()].strip())):
            end = clause.start()
        talk = phrase and (opening["hedge"] or (phrase[-1] not in ":=" and _TALK.match(piece, start, end)))
        title = opening["hash"] is not None and end < last and not _NUMBER.fullmatch(piece[start:end].strip())
        if not talk and not title:
            yield start, end


def _line(piece: str, start: int, limit: int) -> tuple[int, int]:
    """The rest of the line at `start`; empty when it is blank."""
    newline = piece.find("\n", start, limit)
    end = limit if newline < 0 else newline
    return (start, end) if piece[start:end].strip() else (start, start)


def _next_line(piece: str, start: int, limit: int) -> tuple[int, int]:
    """The next line that is not blank, or the whole code or formula block that begins there."""
    start = limit - len(piece[start:limit].lstrip())
    block = _BLOCK.match(piece, start, limit)
    return block.span() if block else _line(piece, start, limit)


def _boxed(piece: str) -> Iterator[tuple[int, int]]:
    r"""The inside of every `\boxed{…}` whose braces balance."""
    if r"\boxed" not in piece:
        return
    waiting: list[tuple[bool, int]] = []
    for brace in _BRACE.finditer(piece):
        if brace[0] == "{" or brace[0].startswith(r"\boxed"):
            waiting.append((brace[0] != "{", brace.end()))
        elif brace[0] == "}" and waiting:
            boxed, start = waiting.pop()
            if boxed:
                yield start, brace.start()


def _tagged(piece: str) -> Iterator[tuple[int, int]]:
    """The inside of every `<answer>…</answer>`."""
    for opening, closing in pairwise(_ANSWER_TAG.finditer(piece)):
        if opening[0] == "<answer>" and closing[0] == "</answer>":
            yield opening.end(), closing.start()
