"""The words that announce an answer in a sentence, in English and in the languages that open models write most, and
those that only talk of one."""

import re

from tasks.tracing.turn import holds_any

PHRASE = re.compile(
    r"""(?<!\w)[Aa](?:nswers?|NSWER)\b(?:\ (?:to|for)\ (?:the|this|that|your)(?:\ \w+){0,3}?)? [*_]{0,3}
    (?P<says> \ ?(?:=> | -> | \u2192 | [:=\uff1a])
      | \ (?:is|are|becomes|remains|equals|must\ be|should\ be|comes\ out\ (?:as|to(?:\ be)?))\b
        (?:\ (?:still|simply|just|therefore|thus|then|now|indeed|actually|again|clearly|really
               |definitely|certainly|probably)\b)*
        (?:\ ?[:=\uff1a])? )
    [*_]{0,3}""",
    re.VERBOSE,
)
REVERSED = re.compile(
    r"\s(?:is|are)\s(?:the|our|my)\s(?:(?:final|correct|right|only|required)\s)?(?:answer|solution)s?\b(?!\s(?:to\spart|of\b))",
)
_VALUE_BEFORE = re.compile(
    r"""(?:^|[.\n:;,]\s*|\b(?:thus|therefore|hence|so|then)\b,?\s+)
    (\$[^$\n]+\$ | \\\([^\n]+?\\\) | [-+]?[$€£]?\d[\d,]*(?:[./]\d+)?%?)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_HEDGE = re.compile(
    r"""\b(?: if | whether | unless | until | suppose | supposing | assume | assuming | (?<!no\ )doubt | what
        | not\ sure
      | than | minus | plus | times | twice | half | double | negative
      | of | for | about | (?:re-?)?check | checking | verify | verifying | find | finding )\ (?:that\ )?
    (?:(?:the|my|our|this|its|your)\ )? (?:(?:final|correct|right|new|overall)\ )?$""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIED = re.compile(
    r"""\b(?: not | \w+n['\u2019]t | never | nobody | no\ one | hardly | disagree\w* | den(?:y|ies|ied)
        | (?<!no\ )doubt\w*
        | according\ to | (?:wrong|incorrect|false|silly|premature|an?\ (?:mistake|error))\ to | incorrect
        | mistaken | false | unlikely | thought | believed | guessed | claimed | assumed | tempt\w+
        | (?:some|people|many|students|one|you|they|he|she)(?:\ (?:might|may|could|would|often|will))?
          \ (?:thinks?|says?|guess(?:es)?|believes?|claims?|expects?|argues?|answers?) )
    (?:\ (?!(?:so|but|thus|hence|then|therefore|and|because|which|means)\b)[\w'\u2019]+){0,5}\ $""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHERS = re.compile(
    r"""(?: \b(?:your|their|his|her|whose) | (?<!question)(?<!problem)(?<!puzzle)(?<!\bit)(?<!\bthat)['\u2019]s
      | \b(?:wrong|incorrect|false|naive|tempting|initial|previous|earlier|original|intuitive|alternative|student) )
    \ (?:(?:final|correct|own|first)\ )?$""",
    re.IGNORECASE | re.VERBOSE,
)
_KIND_OF_ANSWER = re.compile(
    r"\b(?:the|an?|one|my|our)\ ((?:(?:most|least|very|second|next)\ )?[\w'\u2019-]+\ )$", re.IGNORECASE
)
_THE_ANSWER = re.compile(
    r"""(?:(?:\w+['\u2019]s|final|correct|right|best|exact|numeric(?:al)?|simpl\w+|only|true|actual|new|revised
        |corrected|updated|overall
    |complete|full|required|desired|unique|short|resulting|proper|appropriate|closest|most|integer|decimal
        |fractional|whole|real
    |positive|valid|logical|likely|single|rounded|total|reduced|mixed|number|own|one|accurate|possible|sought|needed
    |requested|mathematical|combined|final,|concise|direct|quick|of|to|letter|word|single-letter|one-word)\ )+""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_BUT = re.compile(r"\s*not\s[^.,;\n]{1,40}?,?\sbut\s(?:rather\s|instead\s)?")
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
    r"""[.?](?=["'\u201d\u2019)\]*_$`]*(?:\s|$)) (?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bMrs\.)(?<!\.\.)
      | (?<=[^\s.,])(?:\.{3,}|\u2026)(?=\s+[A-Za-z])  # a word goes on where a number would be one of a series
      | [\u3002\uff01\uff1f]
      | (?<=[a-z]{2})!(?!=)  # after a digit or a lone letter it may be a factorial
      | ;\s | \uff1b | \s?\u2014 | \s--\s
      | (?<=[\d$)}%*])\s[-\u2013]\s(?=(?!(?:sin|cos|tan|log|exp|sqrt)\b)[A-Za-z]{3,}(?:[\s.!,]|$))
      | ,?\s(?:because|since)\b | \s\((?!mod\b)(?=[a-z]{2}|(?:I|See|As|Not|We|This|That|It|Since|Because|Here|Note)\b)
      | ,\s(?:not|but|which|so|as|right|where|rather|instead|no|sorry|wait|oops|of\ course|I\ (?:think|guess|believe
        |hope)|and\ (?:so|not)|or\ rather|I\ mean)\b
    """,
    re.VERBOSE,
)
_WORD_LIST = re.compile(r"\s*[^\W\d_]+(?:,\ ?[^\W\d_]+){2,}(?=[.!]?(?:\s*$|\s+[A-Z]))", re.MULTILINE)
"""`and, but, cat`: among words in a list a conjunction is one of them."""
_REACH = 64
"""Characters before `answer` that the longest hedge can take."""

_SAYS = r"[*_]{0,3}\s?[:=\uff1a]"
_THEN_VALUE = r"\s(?=[*_]{0,3}(?:[-+$\\\d]|[A-Z]\b))"
ABROAD = re.compile(
    rf"""(?: (?<!\w)(?:
        respuestas?(?:\ (?:final|correcta))* (?:\ (?:es|son|sería)\b | {_SAYS})
      | respostas?(?:\ (?:final|correta|certa))* (?:\ (?:é|são|seria)\b | {_SAYS})
      | réponses?(?:\ (?:finale|correcte|exacte))* (?:\ (?:est|sont|serait)(?:\ donc)?\b | {_SAYS})
      | rispost[ae](?:\ (?:finale|corretta|esatta|giusta))* (?:\ (?:è|sarà|sono)\b | {_SAYS})
      | (?:end)?antwort (?:\ (?:ist|lautet|wäre)(?:\ (?:also|daher|somit))?\b | {_SAYS})
      | (?:eind)?antwoord (?:\ (?:is|luidt)(?:\ dus)?\b | {_SAYS})
      | ответ (?:\s[\u2014\u2013-](?=\s) | \ (?:равен|есть|это|будет)\b | {_SAYS} | {_THEN_VALUE})
      | відповідь (?:\s[\u2014\u2013-](?=\s) | \ (?:є|це)\b | {_SAYS})
      | odpowied(?:ź|zią) (?:\ (?:to|brzmi|jest|wynosi)\b | {_SAYS})
      | odpověď (?:\ (?:je|zní)\b | {_SAYS}) | răspunsul(?:\ (?:final|corect))* (?:\ (?:este|e)\b | {_SAYS})
      | svar(?:et)? (?:\ (?:är|er)\b | {_SAYS}) | vastaus (?:\ on\b | {_SAYS}) | válasz (?:\ az?\b)? {_SAYS}
      | (?:cevap|cevab[\u0131i]|yan\u0131t)(?:\ şudur)? (?:{_SAYS} | {_THEN_VALUE})
      | (?:đáp\ (?:án|số)|câu\ trả\ lời)(?:\ (?:cuối\ cùng|đúng|chính\ xác))* (?:\ là\b | {_SAYS} | {_THEN_VALUE})
      | jawaban(?:nya)?(?:\ (?:akhir(?:nya)?|yang\ benar))* (?:\ (?:adalah|ialah|yaitu)\b | {_SAYS})
      | απάντηση (?:\ είναι\b | {_SAYS}) | התשובה(?:\ (?:הסופית|הנכונה))* (?:\ היא\b | {_SAYS})
      | (?:ال(?:إجابة|اجابة|جواب)|جواب|پاسخ)(?:\ (?:ال)?(?:نهائي|صحيح|نهایی|درست)ة?)* (?:\ (?:هي|هو)\b | {_SAYS}
        | {_THEN_VALUE})
      | (?:उत्तर|जवाब)(?:\ है)? (?:{_SAYS} | {_THEN_VALUE}) | คำตอบ(?:สุดท้าย|ที่ถูกต้อง)?\s?(?:คือ|{_SAYS}) )
    | 答案 (?:就是|应该是|应该为|应为|应是|應為|是|为|為|选|選)? (?:{_SAYS} | (?<=[是为為选選]) | \s?(?=[-+$\\\d]))
    | (?:答え|正解|回答|解答)(?:は、?|{_SAYS}) | (?:^|(?<=\n))答{_SAYS}
    | (?:정답|답)(?:은|는|이)?(?:{_SAYS} | (?<=[은는])\s | {_THEN_VALUE}) ) (?:\s?[:\uff1a])?[*_]{{0,3}}""",
    re.IGNORECASE | re.VERBOSE,
)
_STEMS = ("espuesta", "espost", "ispost", "ntwort", "ntwoord", "awaban", "evap", "svar", "Svar", "astaus")
_OTHER_STEMS = (
    *("éponse", "твет", "повідь", "dpowied", "dpově", "ăspuns", "álasz", "evab", "an\u0131t", "áp ", "âu tr", "απάντ"),
    *("תשובה", "جابة", "جواب", "پاسخ", "उत्तर", "जवाब", "คำตอบ", "答", "正解", "답"),
)
"""One is in every text that states an answer in another language; looking for them costs next to nothing."""
_HEDGE_ABROAD = re.compile(
    r"""(?: (?<!\w)(?:si|se|wenn|falls|ob|als|если|whether|eğer|jeśli|czy|nếu|jika|kalau|अगर|यदि|إذا|اگر|hvis|om)
        \s(?:(?:la|a|l['\u2019]|die|das|het|o|toda)\s?)?(?:(?:final|richtige|korrekte|правильный)\s)?
      | (?:如果|若|假如|假设|もし|만약)[^\n,\uff0c。]{0,8} | (?:不是|并非|错误) )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_TALK_ABROAD = re.compile(
    r"""\s*(?: no\b | não\b | pas\b | non\b | nicht\b | niet\b | не\b | nie\b | không\b | bukan\b | [不否错對对正]
      | (?:in)?corre[ctt]\w+ | corre[ct]\w* | falsch | richtig | fau[xs]\w* | juste | errad\w+ | sbagliat\w+
        | верн\w+ | неверн\w+
      | правильн\w+ | benar | salah | doğru | yanl\u0131ş | đúng | sai )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END_ABROAD = re.compile(
    r"""[\u3002\uff01\uff1f\uff1b\u061f\u0964!?;] | \.(?=["'\u201d\u2019)\]*_$`]*(?:\s|$)) | \s?\u2014 | \s\u2013\s
      | [,\uff0c、]\s?(?=(?:porque|ya\ que|pois|car|parce|perché|weil|denn|da|omdat|want|потому|так\ как|поскольку
          |ponieważ|bo|çünkü|vì|karena|لأن|क्योंकि|因为|因為|所以|即|也就是|而|由于|不是|なぜ|왜냐
          |no\b|nicht|pas|\u0430\ не))
      | \s\((?=[^\W\d_]{2})""",
    re.IGNORECASE | re.VERBOSE,
)
_COPULA_BEHIND = re.compile(
    r"\s?(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|होगा|است|['\u2019]?[dt][\u0131iuü]r|olur)\s*\Z"
)
_LIKE_A_VALUE = re.compile(r"[\d\\$]|^\W*\w\W*$|^\W*(?:[\w'\u2019.-]+\s?){1,3}\W*$")


def not_but(text: str, start: int, end: int) -> int:
    """Where the value begins in `not 4 but 5`; else `start`."""
    found = _NOT_BUT.match(text, start, end)
    return found.end() if found else start


def _another(before: str) -> bool:
    """Whether it is another answer than the answer: the worst one, the second-best."""
    found = _KIND_OF_ANSWER.search(before)
    return found is not None and _THE_ANSWER.fullmatch(found[1]) is None


def hedged(text: str, start: int) -> bool:
    """Whether the words before `answer` at `start` keep it from being stated: a condition, a denial, another answer."""
    first = max(0, start - _REACH)
    first = max(first, *(text.rfind(mark, first, start - 1) + 1 for mark in "\n.,"))  # no pattern reaches over these
    before = text[first:start]
    return any(pattern.search(before) for pattern in (_HEDGE, _DENIED, _OTHERS)) or _another(before)


def talks(text: str, start: int, end: int) -> bool:
    """Whether `the answer is` goes on with something about the answer, such as `correct`."""
    return _TALK.match(text, start, end) is not None


def clause_end(text: str, start: int, end: int) -> int:
    """Where the value ends that a sentence states at `start`."""
    words = _WORD_LIST.match(text, start, end)
    clause = _CLAUSE_END.search(text, words.end() if words else start, end)
    return clause.start() if clause else end


def value_before(text: str, end: int) -> tuple[int, int] | None:
    """The value that ends at `end`, where its clause begins with it."""
    window = max(0, end - 200)
    found = _VALUE_BEFORE.search(text[window:end])
    return (window + found.start(1), end) if found else None


def announced_abroad(text: str) -> list[re.Match[str]]:
    """Where an answer is announced in another language than English."""
    stems = _STEMS if text.isascii() else (*_STEMS, *_OTHER_STEMS)
    return list(ABROAD.finditer(text)) if holds_any(text, stems) else []


def value_abroad(text: str, phrase: re.Match[str], start: int, end: int) -> tuple[int, int]:
    """What is said to be the answer; empty where it is no value, or is not stated."""
    clause = _CLAUSE_END_ABROAD.search(text, start, end)
    end = clause.start() if clause else end
    asked = clause is not None and clause[0] in "?\uff1f\u061f"
    if (
        asked
        or _TALK_ABROAD.match(text, start, end)
        or _HEDGE_ABROAD.search(text[max(0, phrase.start() - 40) : phrase.start()])
    ):
        return start, start
    copula = _COPULA_BEHIND.search(text, start, end)
    end = copula.start() if copula else end
    return (start, end) if _LIKE_A_VALUE.search(text[start:end].strip()) else (start, start)
