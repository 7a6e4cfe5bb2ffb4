"""The English words that announce an answer in a sentence, and those that only talk of one."""

import re

from tasks.late_pattern import late_pattern

PHRASE = re.compile(
    r"""(?<!\w)[Aa](?:nswers?|NSWER)\b(?:\ (?:to|for)\ (?:the|this|that|your)(?:\ \w+){0,3}?|\ here|,\ (?:then|therefore
      |thus|of\ course),|\ \([^()\n]{1,30}\)|(?:\ that)?\ (?:we|I)\ (?:get|got|want|need|seek|find|found|obtain(?:ed)?
      |have|are\ looking\ for))? [*_]{0,3}
    (?P<says> \ ?(?:=> | -> | \u2192 | [:=\uff1a])
      | \ (?:is|are|becomes|remains|equals|(?:must|should|will|would)\ be|(?:comes|turns|works)\ out\ (?:as|to(?:\ be)?)
        |comes\ to)\b
        (?:\ (?:still|simply|just|exactly|precisely|equal\ to|obviously|therefore|thus|then|now|indeed|actually|again
          |clearly|really|definitely|certainly|probably)\b)*
        (?:\ ?[:=\uff1a])? )
    [*_]{0,3}""",
    re.VERBOSE,
)
REVERSED = late_pattern(
    r"\s(?:is|are)\s(?:the|our|my)\s(?:(?:final|correct|right|only|required)\s)?(?:answer|solution)s?\b(?!\s(?:to\spart|of\b))",
)
_VALUE_BEFORE = late_pattern(
    r"""(?:^|\n\s*|[.:;,]\s+|\b(?:thus|therefore|hence|so|then)\b,?\s+)
    (\$[^$\n]+\$ | \\\([^\n]+?\\\) | [-+]?[$€£]?\d[\d,]*(?:[./]\d+)?%?)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_HEDGE = late_pattern(
    r"""\b(?: let['\u2019]?s\ say | let\ us\ say | imagine | pretend | (?<![\w'\u2019]\ )say | guess: | if | whether
        | unless | until | suppose | supposing | assume | assuming | (?<!no\ )doubt | what
        | not\ sure
      | than | minus | plus | times | twice | half | double | negative
      | of | for | about | (?:re-?)?check | checking | verify | verifying | find | finding )\ (?:that\ )?
    (?:(?:the|my|our|this|its|your)\ )? (?:(?:final|correct|right|new|overall)\ )?$""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIED = late_pattern(
    r"""\b(?: not | cannot | \w+n['\u2019]t | never | nobody | no\ one | hardly | disagree\w* | den(?:y|ies|ied)
        | (?<!no\ )doubt\w*
        | according\ to | (?:wrong|incorrect|false|silly|premature|an?\ (?:mistake|error))\ to | incorrect
        | mistaken | false | unlikely | thought | believed | guessed | claimed | assumed | tempt\w+
        | (?:some|people|many|students|one|you|they|he|she)(?:\ (?:might|may|could|would|often|will))?
          \ (?:thinks?|says?|guess(?:es)?|believes?|claims?|expects?|argues?|answers?)
        | (?:thinks|says|guesses|believes|claims|expects|argues|suggests|reports|insists|writes)
        | refus\w+ | reluctant | hesitat\w+ | unwilling )
    (?:\ (?!(?:so|but|thus|hence|then|therefore|and|because|which|means)\b)[\w'\u2019]+){0,5}\ $""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHERS = late_pattern(
    r"""(?: \b(?:your|their|his|her|whose) | (?<!question)(?<!problem)(?<!puzzle)(?<!\bit)(?<!\bthat)['\u2019]s
      | \b(?:wrong|incorrect|false|naive|tempting|initial|previous|earlier|original|intuitive|alternative|student)
      | \b(?:said|says|wrote|writes|answered|replied|claimed)\s?[:,]?\s["'\u201c\u2018](?:the|my)? )
    \ (?:(?:final|correct|own|first)\ )?$""",
    re.IGNORECASE | re.VERBOSE,
)
_UNREAL = late_pattern(r"\b(?:if|unless|were|had|without|otherwise)\b[^.;!?\n]*\Z", re.IGNORECASE)
_SENTENCE = late_pattern(r"(?:[.!?;][\"'\u201d\u2019)\]*_]*(?=\s)|[\n\u3002\uff01\uff1f\uff1b\u0964\u061f])[^\w\n]*")
_SUPPOSED = late_pattern(
    r"""(?:(?:but|and|or|now|so|also|alternatively|conversely|similarly|for\ (?:comparison|reference)|note\ that),?\ )*
    (?:(?:note|remark|aside|p\.?s\.?)\W\W?)?
    (?: (?:had|were|should)\ (?:the|this|that|these|it|they|we|you|he|she|there|one|an?)\b
      | (?:even\ )?(?:if|in\ case|suppose|supposing|assuming|provided|say)\ (?:that\ )?
        (?: (?:the|this|your|my|our)\ (?:\w+\ )?(?:question|problem|puzzle|task|exercise|prompt)
            (?:['\u2019]d)?(?!['\u2019]s|\ (?:statement|is\ (?:correct|right|well-posed)))\b
          | (?:\w+\ ){0,2}(?:(?:had|was|were|is|are|have|been|being)\ )*(?:asked|asking|asks|meant)\b
          | (?:you|they|it|he|she|one)\ (?:means?|intends?|intended)\b
          | [^,]*\b(?:instead|mattered)\b )
      | (?:si|se|wenn|falls|als|hvis|om|если|eğer|jeśli|gdyby|nếu|jika|kalau|अगर|यदि|إذا|لو|اگر|如果|若|假如|假设|要是
        |もし|만약)
        .*?(?:question|frag|pregunt|pergunt|domand|vraag|problem|вопрос|задач|soru|pytan|zadani|câu\ hỏi|pertanyaan|soal
          |प्रश्न|सवाल|سؤال|سوال|[问問]|题目|題目|質問|问题|질문|문제) )""",
    re.IGNORECASE | re.VERBOSE,
)
"""The beginning of a sentence that supposes another question than the one that was asked."""
_KIND_OF_ANSWER = late_pattern(
    r"\b(?:the|an?|one|my|our)\ ((?:(?:most|least|very|second|next)\ )?[\w'\u2019-]+\ )$", re.IGNORECASE
)
_THE_ANSWER = late_pattern(
    r"""(?:(?:\w+['\u2019]s|final|correct|right|best|exact|numeric(?:al)?|simpl\w+|only|true|actual|new|revised
      |corrected|updated|overall|complete|full|required|desired|unique|short|resulting|proper|appropriate|closest|most
      |integer|decimal|fractional|whole|real|positive|valid|logical|likely|single|rounded|total|reduced|mixed|number|own
      |one|accurate|possible|sought|needed|requested|mathematical|combined|final,|concise|direct|quick|of|to|letter|word
      |single-letter|one-word)\ )+""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_BUT = late_pattern(r"\s*not\s[^.,;\n]{1,40}?,?\sbut\s(?:rather\s|instead\s)?")
_TALK = late_pattern(
    r"""\s*(?: ,
      | (?: not | correct | incorrect | right | wrong | clear | unclear | obtained | found | given | based
          | expected | supposed | required | reasonable | consistent | plausible | verified | confirmed
          | what | whatever | the\ (?:same|following) | an?\ (?:number|integer|multiple)
          | the\ (?:number|sum|total|product|difference|quotient|amount|value|result|one|count|length) )\b
      | (?: in | on | at | to | that | as | of | off | too | going | between
          | greater | less | more | larger | smaller )\ \w )""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_VALUE = (
    r"(?:in\s)?(?:mod|base|hex\w*|binary|octal|hundreds?|thousands?|millions?|billions?|dozens?|percent\w*|cents)\b"
)
"""In parentheses, they make another value of the number before them."""
_CLAUSE_END = late_pattern(
    rf"""[.?](?=["'\u201d\u2019)\]*_$`]*(?:\s|$)) (?<!\.\.)
      | (?<=[^\s.,])(?:\.{{3,}}|\u2026)(?=\s+[A-Za-z])  # a word goes on where a number would be one of a series
      | [\u3002\uff01\uff1f]
      | (?<=[a-z]{{2}})!(?!=)  # after a digit or a lone letter it may be a factorial
      | ;\s | \uff1b | \s?\u2014 | \s--\s
      | (?<=[\d$)}}%*])\s[-\u2013]\s(?=(?!(?:sin|cos|tan|log|exp|sqrt)\b)[A-Za-z]{{3,}}(?:[\s.!,]|$))
      | (?<=\d):\s(?=[A-Za-z]{{2}}) | </(?:final_)?answer> | \s(?:instead\ of|rather\ than)\b
      | ,\s(?:i\.e\b|that\ is\b|namely\b) | ,?\s(?:because|since)\b | \s\((?!{_OTHER_VALUE})(?=[a-z]{{2}}|(?:I(?!\))|See
        |As|Not|We|This|That|It|Since|Because|Here|Note)\b)
      | ,\s(?:not|but|which|so|as|right|where|rather|instead|no|sorry|wait|oops|of\ course|I\ (?:think|guess|believe
        |hope)|and\ (?:so|not)|or\ rather|I\ mean)\b
    """,
    re.VERBOSE,
)
_ABBREVIATED = late_pattern(
    r"\b(?:Mrs?|Ms|Drs?|St|Rs|Prof|Gen|Gov|Sen|Rev|Lt|Col|Capt|Sgt|Mt|approx|ca|vs)\.(?=\s\S)|\b[A-Z]\.(?=\s[A-Z]\.)"
    r"|(?<=\b[A-Z]\.\s)[A-Z]\.(?=\s[A-Z][a-z])"
)
"""What the stop of does not end a sentence; an initial only before another one: `B.` may be a choice."""
_WORD_LIST = late_pattern(r"\s*[^\W\d_]+(?:,\ ?[^\W\d_]+){2,}(?=[.!]?(?:\s*$|\s+[A-Z]))", re.MULTILINE)
"""`and, but, cat`: among words in a list a conjunction is one of them."""
_REACH = 64
"""Characters before `answer` that the longest hedge can take."""
_ABBREVIATION = 8
"""Characters of the longest abbreviation."""
_SENTENCE_REACH = 200
"""Characters before an answer in which its sentence begins."""


def not_but(text: str, start: int, end: int) -> int:
    """Return where the value begins in `not 4 but 5`; else `start`."""
    found = _NOT_BUT.match(text, start, end)
    return found.end() if found else start


def of_another_question(text: str, place: int) -> bool:
    """Decide whether the sentence around `place` supposes another question: `If it asked for the sum, it is 9.`"""
    before = text[max(0, place - _SENTENCE_REACH) : place]
    start = max((end.end() for end in _SENTENCE.finditer(before)), default=0)
    return _SUPPOSED.match(before[start:].lstrip(" *_>#-\u2022(")) is not None


def _another(before: str) -> bool:
    """Whether it is another answer than the answer: the worst one, the second-best."""
    found = _KIND_OF_ANSWER.search(before)
    return found is not None and _THE_ANSWER.fullmatch(found[1]) is None


def hedged(text: str, start: int, says: str = "") -> bool:
    """Return whether the words before `answer` at `start` keep it from being stated: a condition, a denial, another
    answer.
    """
    if of_another_question(text, start):
        return True
    if "would" in says and _UNREAL.search(text[max(0, start - _SENTENCE_REACH) : start]):
        return True
    first = max(0, start - _REACH)
    first = max(first, *(text.rfind(mark, first, start - 1) + 1 for mark in "\n.,"))  # no pattern reaches over these
    before = text[first:start]
    return any(pattern.search(before) for pattern in (_HEDGE, _DENIED, _OTHERS)) or _another(before)


def talks(text: str, start: int, end: int) -> bool:
    """Return whether `the answer is` goes on with something about the answer, such as `correct`."""
    return _TALK.match(text, start, end) is not None


def clause_end(text: str, start: int, end: int) -> int:
    """Return where the value ends that a sentence states at `start`."""
    words = _WORD_LIST.match(text, start, end)
    at = words.end() if words else start
    for clause in _CLAUSE_END.finditer(text, at, end):
        before = max(start, clause.end() - _ABBREVIATION)
        if clause[0] != "." or not any(found.end() == clause.end() for found in _ABBREVIATED.finditer(text, before)):
            return clause.start()
    return end


def value_before(text: str, end: int) -> tuple[int, int] | None:
    """Return the value that ends at `end`, where its clause begins with it."""
    window = max(0, end - 200)
    found = _VALUE_BEFORE.search(text[window:end])
    return (window + found.start(1), end) if found else None
