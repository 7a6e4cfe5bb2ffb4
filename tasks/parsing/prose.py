"""Where prose ends and Python begins, line by line. Pure; nothing here parses.

A line of prose is one that is Python nowhere: two names side by side, no keyword between them; a backtick or a
typographic mark outside a string; a full stop at the end, or a word alone with a colon. Indented lines never count, nor
do those inside a string of several lines.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterator

_KEYWORDS = frozenset((*keyword.kwlist, "match", "case", "type", "print", "exec"))
"""Those that are so in some places only among them, and two of Python 2."""
_BEHIND_A_NAME = frozenset(("and", "or", "in", "is", "not", "if", "else", "for", "async", "as", "from", "import"))
_ELISION = re.compile(r"(?<=[^\W\d_])['\u2019](?=(?:s|t|re|ve|ll|d|m)\b)")
_HEAD = re.compile(r"[^\"'#=(\[{@\\]*")
_SIDE_BY_SIDE = re.compile(r"(?<!\w)([^\W\d]\w*+)[ \t]+(?=([^\W\d]\w*))")
_WORD_ALONE = re.compile(r"[^\w\s]*([^\W\d]\w*)[:*]+[ \t\r]*$")
_SENTENCE = re.compile(r".*[^\W\d][.!?][ \t\r]*")
_RULE = re.compile(r"(?:[-*_]{3,}|\*\*[^*\n]+\*\*:?)[ \t\r]*$")
_QUOTES = re.compile(r'"""|' + r"'''")
_CODE = re.compile(
    r"""^[ \t]*(?: @\w | (?:async[ ])?(?:def|class|with|for|if|elif|while|except|match)[ ].*: | (?:else|try|finally):
    | import[ ]\w | from[ ][\w.]+[ ]import\b | (?:return|pass|raise|yield)\b | [\w.]+\(.*\)[ \t\r]*(?:\#.*)?$
    | [^\W\d][\w.,\[\]"'* \t]*(?::[ ][\w\[\], .]+)?(?:[-+*/%&|^]|//|\*\*|>>|<<)?=(?!=) )""",
    re.MULTILINE | re.VERBOSE,
)


def is_prose(line: str) -> bool:
    """Return whether a line is prose and not code, if it is not inside a string."""
    if not line or line[0] in " \t":
        return False
    head = _HEAD.match(_ELISION.sub("", line))
    assert head is not None
    if "`" in head[0] or any(ord(c) > 127 and unicodedata.category(c)[0] in "PS" for c in head[0]):
        return True
    if any(one not in _KEYWORDS and other not in _BEHIND_A_NAME for one, other in _SIDE_BY_SIDE.findall(head[0])):
        return True
    alone = _WORD_ALONE.match(line)
    return bool(_RULE.match(line) or _SENTENCE.fullmatch(head[0])) or (alone is not None and alone[1] not in _KEYWORDS)


def in_string(line: str, quotes: str) -> str:
    """Return the quotes of the string of several lines that is open behind `line`, given those before it; ""
    for none.
    """
    for found in _QUOTES.findall(line):
        quotes = found if not quotes else "" if quotes == found else quotes
    return quotes


def stretches(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of Python in that part of the text, with whole lines of prose between them."""
    found, begin, quotes = [], start, ""
    for line_start, line_end in lines(text, start, end):
        line = text[line_start:line_end]
        if not quotes and is_prose(line):
            found.append((begin, line_start))
            begin = min(line_end + 1, end)
        else:
            quotes = in_string(line, quotes)
    return [span for span in (*found, (begin, end)) if _CODE.search(text, *span)]


def lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the range of each line, without its end."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1
