"""Where a text states an answer as an answer. What it only computes (`= 5`, a last number) is no statement.

    \\boxed{5}    <answer>5</answer>                  braces balanced
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

from tasks.tracing.grammar import TAG

_LINE_OPENING = re.compile(
    r"""^[ \t]*(?:
      (?: \#{1,6}[ \t]+[*_]{0,3} | [*_]{1,3} ) (?i:(?:the\ )?(?:final\ )?answer) [*_]{0,3}[ \t\r]* $
    | (?: [>\#*_-]{1,6}[ \t]* )? [*_]{0,3}
      (?: A(?!.*\s[*_]{0,3}B:)  # not the first of a list of choices
        | (?i:(?:the\ |my\ )?(?:final\ |correct\ )?answer) )
      [*_]{0,3}\ ?:[*_]{0,3}
    | (?P<hash> \#{4}(?!\#) ) )""",
    re.MULTILINE | re.VERBOSE,
)
_PHRASE = re.compile(
    r"""(?<!\w)[Aa](?:nswers?|NSWER)\b(?:\ (?:to|for)\ (?:the|this|that|your)(?:\ \w+){0,3}?)? [*_]{0,3}
    (?P<says> \ ?[:=]
      | \ (?:is|are|becomes|remains|equals|must\ be|should\ be|comes\ out\ (?:as|to(?:\ be)?))\b
        (?:\ (?:still|simply|just|therefore|thus|then|now|indeed|actually|again|clearly|really
               |definitely|certainly|probably)\b)*
        (?:\ ?[:=])? )
    [*_]{0,3}""",
    re.VERBOSE,
)
_HEDGE = re.compile(
    r"""\b(?: if | whether | unless | until | suppose | supposing | assume | assuming | doubt | what | not\ sure
      | of | for | about | (?:re-?)?check | checking | verify | verifying | find | finding )\ (?:that\ )?
    (?:(?:the|my|our|this|its|your)\ )? (?:(?:final|correct|right|new|overall)\ )?$""",
    re.IGNORECASE | re.VERBOSE,
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
      | ,?\s(?:because|since)\b | \s\((?!mod\b)(?=[a-z]{2})
      | ,\s(?:not|but|which|so|as|right|where|rather|instead|and\ (?:so|not))\b
    """,
    re.VERBOSE,
)
_WORD_LIST = re.compile(r"\s*[^\W\d_]+(?:,\ ?[^\W\d_]+){2,}(?=[.!]?(?:\s*$|\s+[A-Z]))", re.MULTILINE)
"""`and, but, cat`: among words in a list a conjunction is one of them."""
_NUMBER = re.compile(r"[-+]?[$€£]?[-+]?\d[\d,]*(?:[./]\d+)?\s?%?\.?")
_WORKED_OUT = re.compile(r"(?:[-+*/^().,$€£%\d\s\u00d7\u00f7\u00b7]+=)+([^=]+)")
_BRACE = re.compile(r"\\boxed\s*\{|\\.|[{}]", re.DOTALL)
_ANSWER_TAG = re.compile(r"</?answer>")
_HEDGE_REACH = 48
"""Characters before `answer` that the longest hedge can take."""
_BLANK_LINE = re.compile(r"\n\r?\n")
_SENTENCE = re.compile(r"[.:?]\s*\Z")
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
_OPENING = frozenset(left[0] for left, _ in _AROUND)


def statements(text: str, pattern: str | None = None) -> list[tuple[int, int]]:
    """The range of every answer that `text` states, by start, none across a tag of the grammar.

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
    """The range of the group in every match, in order; an empty one where the group took no part."""
    return [(max(m.start(1), 0), max(m.end(1), 0)) for m in re.finditer(pattern, text)]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The range less white space and the quotes, emphasis, code fence or TeX marks around all of it."""
    while True:
        inside = text[start:end]
        start, end = end - len(inside.lstrip()), start + len(inside.rstrip())
        if start >= end:
            return start, start
        if text[start] not in _OPENING:
            return start, end
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
    return [trimmed(piece, start, end) for start, end in ranges]


def _announced(piece: str) -> Iterator[tuple[int, int]]:
    """What follows each label, `####` or phrase, up to the next of them at most."""
    phrases = _PHRASE.finditer(piece) if "nswer" in piece or "NSWER" in piece else ()
    found = sorted([*_LINE_OPENING.finditer(piece), *phrases], key=lambda opening: opening.start())
    openings: list[re.Match[str]] = []
    for opening in found:
        if not openings or opening.start() >= openings[-1].end():
            openings.append(opening)
    limits = [*(opening.start() for opening in openings[1:]), len(piece)]
    last = len(piece.rstrip())
    for opening, limit in zip(openings, limits, strict=False):
        if opening.re is _PHRASE:
            start, end = _after_phrase(piece, opening, limit)
        elif opening["hash"]:
            start, end = _line(piece, opening.end(), limit)
            if end < last and not _NUMBER.fullmatch(piece[start:end].strip()):
                continue  # a heading of the fourth level
        else:
            start, end = _after_label(piece, opening, limit)
        yield _without_prose(piece, start, end)


def _after_phrase(piece: str, phrase: re.Match[str], limit: int) -> tuple[int, int]:
    """The clause after `the answer is`, or what stands below; empty where it only talks of the answer."""
    start, end, inline = _rest(piece, phrase.end(), limit)
    hedged = _HEDGE.search(piece, max(0, phrase.start() - _HEDGE_REACH), phrase.start())
    if hedged or (phrase["says"][-1] not in ":=" and _TALK.match(piece, start, end)):
        return start, start
    return start, _clause_end(piece, start, end) if inline else end


def _after_label(piece: str, label: re.Match[str], limit: int) -> tuple[int, int]:
    """The line after `Answer:`, or what stands below; the first clause where that is a number or more follows."""
    start, end, inline = _rest(piece, label.end(), limit)
    clause = _clause_end(piece, start, end) if inline else end
    more = end == limit < len(piece)
    return start, clause if more or _NUMBER.fullmatch(piece[start:clause].strip()) else end


def _clause_end(piece: str, start: int, end: int) -> int:
    words = _WORD_LIST.match(piece, start, end)
    clause = _CLAUSE_END.search(piece, words.end() if words else start, end)
    return clause.start() if clause else end


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
    if _SENTENCE.search(lines[0]) and not numbers[0]:
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
    """The range less the period of its sentence, half a pair of emphasis, what follows a value in bold, and the
    arithmetic before its result."""
    start, end = trimmed(piece, start, end)
    value = piece[start:end]
    if within := _BOLD_FIRST.fullmatch(value) or _WORKED_OUT.fullmatch(value):
        start, value = start + within.start(1), within[1]
    if not value.endswith(".."):
        value = value.removesuffix(".")
    if value.count("**") == 1:
        value = value.removesuffix("**").removesuffix(".")
    return start, start + len(value)


def _boxed(piece: str) -> Iterator[tuple[int, int]]:
    r"""The inside of every `\boxed{…}` whose braces balance and that holds no other."""
    if r"\boxed" not in piece:
        return
    waiting: list[tuple[bool, int]] = []
    newest = -1
    for brace in _BRACE.finditer(piece):
        if brace[0] == "{" or brace[0].startswith(r"\boxed"):
            waiting.append((brace[0] != "{", brace.end()))
        elif brace[0] == "}" and waiting:
            boxed, start = waiting.pop()
            if boxed and start > newest:
                newest = start
                yield start, brace.start()


def _tagged(piece: str) -> Iterator[tuple[int, int]]:
    """The inside of every `<answer>…</answer>`."""
    for opening, closing in pairwise(_ANSWER_TAG.finditer(piece)):
        if opening[0] == "<answer>" and closing[0] == "</answer>":
            yield opening.end(), closing.start()
