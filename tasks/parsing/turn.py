"""Where a response ends although its text goes on: at a mark of its model, or where it asks itself the next question.

A mark is told by its form, since every family of models has its own: `<|im_end|>`, `[|endofturn|]`, `</s>`, `<eos>`,
`<end_of_turn>`, `[EOS]`. Nothing here changes a text: it says where to stop reading.
"""

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

_BARRED = r"<\|[^\s<>|]{1,40}\|>|<\uff5c[^\s<>\uff5c]{1,40}\uff5c>|\[\|[^\s\[\]|]{1,40}\|\]|<[a-z_]{1,20}\|>"
"""Between bars, or full-width bars, or in front of one: no other text looks so."""
_NAMED = r"""</s> | </?(?:\w{1,20}:)?(?:eos|bos|eot|eod|eom|eop|eoa|eoh|eof|pad|unk|sep|assistant)> | <s>
        | \[end\ of\ text\] | <0x00> | <_end> | <end_of_\w{1,20}> | <im_end>
    | <(?:extra_id|unused|reserved|SPECIAL)_?\d{1,4}> | \[(?:EOS|EOT|EOD|PAD|SEP|UNUSED_TOKEN_\d{1,4}|/INST)\]
        | \[e~\["""
_MARK = re.compile(rf"{_BARRED}|{_NAMED}", re.VERBOSE | re.IGNORECASE)
_LAST_MARK = re.compile(rf"(?:{_BARRED}|{_NAMED})\s*\Z", re.VERBOSE | re.IGNORECASE)
_OPENINGS = ("<|", "<\uff5c", "[|", "</s>", "<eo", "<end_of_")
"""One of these is in every text that goes on behind a mark."""
_REACH = 64
"""Characters of the longest mark, with space behind it."""
_OUR_TAG = re.compile(r"<(/?)(thinking|think|reflection|output)>")
_ENDS_ALL = re.compile(r"<\|end_?of_?text\|>|<\uff5cend\u2581of\u2581sentence\uff5c>|<eos>", re.IGNORECASE)
_ROLE = r"(?:user|human|system|tool|observation|ipython|instruction)"
_TURN = (
    rf"(?:<\|(?:im_start|start_header_id|start)\|>|<start_of_turn>)\s*{_ROLE}\b|(?:<\||<\uff5c|\[\|){_ROLE}\b|\[INST\]"
)
_BEHIND_MARK = re.compile(
    rf"""\s*(?:{_TURN} | <s> | <bos> | <\|begin_of_text\|>
    | [#*>\ ]{{0,5}}(?:{_ROLE}|question|problem|q)\b[*_\ ]{{0,3}}\d{{0,3}}[ ]?:)""",
    re.VERBOSE | re.IGNORECASE,
)
_ASKS = r"""question | problem | exercise | task | example | pregunta | problema | ejercicio | frage | aufgabe
        | domanda
    | pergunta | вопрос | задача | soru | pytanie | zadanie | câu\ hỏi | pertanyaan | vraag | exercice | esercizio
    | 问题 | 题目 | 問題 | 質問 | 문제 | 질문 | سؤال | प्रश्न | คำถาม"""
_NEXT_QUESTION = re.compile(
    rf"""^[ \t]*[#>*_<\ ]{{0,6}}(?:
        (?: (?P<role>human|user|instruction) | (?:(?:next|new|another|follow-?up|test)\ )?(?:{_ASKS}) | 问 | Q )
        [ ]?\#?\d{{0,3}}[ ]?[*_>]{{0,3}}[ ]?[:\uff1a]
      | Q[ ]?\d{{0,3}}[.)][ ]
      | (?:(?<=[#*])|(?<=\#\ ))(?:(?:next|new|another)\ )?(?:{_ASKS})(?:[ ]?\#?\d{{1,3}})?[*_]{{0,3}}[ \t]*$
      | (?P<line>user|human)[ \t]*$
      | (?P<turn>{_TURN}) )
    | (?P<glued>(?<=[.!?*}})\]$\d])(?:user|assistant)\n)""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
"""`user` on a line of its own, or right behind the end of a sentence, is what is left of the marks of a turn."""
_STEMS = (
    *("uestion", "roblem", "xerc", "q", "uman", "user", "struction", "inst]", "start_of", "task", "xample"),
    *("regunta", "jercicio", "rage", "ufgabe", "omanda", "ergunta", "oru", "raag", "sercizio", "pytani", "zadani"),
    *("pertanyaan", "assistant"),
)
"""One is, in small letters, in every text of ASCII that asks a next question."""


def holds_any(text: str, signs: Sequence[str]) -> bool:
    """Decide whether one of `signs` stands in `text`; a loop, since most texts hold none and all are asked."""
    for sign in signs:  # noqa: SIM110
        if sign in text:
            return True
    return False


def end_of_response(text: str) -> int:
    """Return where `text` ends, less the end-of-text marks behind it, and less what follows one as another turn.

    A mark inside an element of the grammar is text like any other.
    """
    end = _less_marks(text, len(text))
    if not holds_any(text, _OPENINGS):
        return end
    starts, stops = _elements(text, end)
    for mark in _MARK.finditer(text, 0, end):
        around = bisect(starts, mark.start()) - 1
        if (around < 0 or stops[around] < mark.end()) and _goes_on(text, mark, end):
            return _less_marks(text, mark.start())
    return end


def _goes_on(text: str, mark: re.Match[str], end: int) -> bool:
    """Whether another turn, or another text, begins behind the mark; in a quotation neither does."""
    if _BEHIND_MARK.match(text, mark.end(), end):
        return bool(text[: mark.start()].strip())
    line = text[text.rfind("\n", 0, mark.start()) + 1 : mark.end() + 1]
    named = text[mark.end() : mark.end() + 1] in tuple(".,;:!?)") or any(quote in line for quote in "\"`'")
    return _ENDS_ALL.fullmatch(mark[0]) is not None and not named


def _elements(text: str, end: int) -> tuple[list[int], list[int]]:
    """Where the elements of the grammar that are closed begin, in order, and the furthest end of any up to each."""
    opened: dict[str, list[int]] = {}
    spans = []
    for tag in _OUR_TAG.finditer(text, 0, end):
        if not tag[1]:
            opened.setdefault(tag[2], []).append(tag.start())
        elif opened.get(tag[2]):
            spans.append((opened[tag[2]].pop(), tag.end()))
    spans.sort()
    return [start for start, _ in spans], list(accumulate((stop for _, stop in spans), max))


def _less_marks(text: str, end: int) -> int:
    """A text without a mark keeps the white space at its end; `<s>…</s>` is struck out, and no mark."""
    stop, struck = len(text[:end].rstrip()), text.find("<s>", 1)
    while text.endswith((">", "]", "["), 0, stop):
        mark = _LAST_MARK.search(text, max(0, stop - _REACH), stop)
        if mark is None or (mark[0].startswith("</s>") and 0 < struck < mark.start()):
            break
        end = stop = mark.start()
        stop -= len(text[max(0, stop - _REACH) : stop]) - len(text[max(0, stop - _REACH) : stop].rstrip())
    return end


def next_questions(text: str) -> list[tuple[int, bool]]:
    """Return where each line begins that asks a question, and whether it is somebody else's turn there."""
    small = text.lower() if text.isascii() else ""
    if small and not holds_any(small, _STEMS):
        return []
    others = ("role", "turn", "line", "glued")
    return [(found.start(), any(found[other] for other in others)) for found in _NEXT_QUESTION.finditer(text)]
