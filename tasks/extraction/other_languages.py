"""The words that announce an answer in other languages than English, those that open models write most."""

import re

from tasks.extraction.phrase import of_another_question
from tasks.extraction.vocabulary import affirms
from tasks.late_pattern import late_pattern
from tasks.parsing.turn import holds_any

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
      | odpověď (?:\ (?:je|zní)\b | {_SAYS}) | răspuns(?:ul)?(?:\ (?:final|corect))* (?:\ (?:este|e)\b | {_SAYS})
      | svar(?:et)? (?:\ (?:är|er)\b | {_SAYS}) | vastaus (?:\ on\b | {_SAYS}) | válasz (?:\ az?\b)? (?:{_SAYS}
        | {_THEN_VALUE})
      | (?:cevap|cevab[\u0131i]|yan\u0131t)(?:\ şudur)? (?:{_SAYS} | {_THEN_VALUE})
      | (?:đáp\ (?:án|số)|câu\ trả\ lời)(?:\ (?:cuối\ cùng|đúng|chính\ xác))* (?:\ là\b | {_SAYS} | {_THEN_VALUE})
      | jawaban(?:nya)?(?:\ (?:akhir(?:nya)?|yang\ (?:benar|tepat)))* (?:\ (?:adalah|ialah|yaitu)\b | {_SAYS}
        | {_THEN_VALUE})
      | απάντηση (?:\ είναι\b | {_SAYS}) | ה?תשובה(?:\ (?:הסופית|הנכונה))* (?:\ היא\b | {_SAYS})
      | (?:ist|lautet|is|luidt)\ (?:die|het)\ (?:(?:richtige|korrekte|endgültige|juiste)\ )?antwo(?:rt
        |ord) {_THEN_VALUE}
      | (?:sagot|jibu|atsakymas|vastus|odgovor|javob|одговор|отговор|жауап|адказ|উত্তর|பதில்|விடை|సమాధానం|ഉത്തരം|ಉತ್ತರ|જવાબ
        |ਜਵਾਬ) {_SAYS}
      | (?:ال(?:إجابة|اجابة|جواب)|جواب|پاسخ)(?:\ (?:ال)?(?:نهائي|صحيح|نهایی|درست)ة?)* (?:\ (?:هي|هو)\b | {_SAYS}
        | {_THEN_VALUE})
      | (?:उत्तर|जवाब)(?:\ है)? (?:{_SAYS} | {_THEN_VALUE}) | คำตอบ(?:สุดท้าย|ที่ถูกต้อง)?\s?(?:คือ|{_SAYS}) )
    | 【答案】 | 答案 (?:就是|应该是|应该为|应为|应是|應為|是|为|為|选|選)? (?:{_SAYS} | (?<=[是为為选選])
        | \s?(?=[-+$\\\d]))
    | (?:答え|正解|回答|解答|正答)(?:は、?|{_SAYS}|{_THEN_VALUE}) | (?:^|(?<=\n))答{_SAYS}
    | (?<![\uac00-\ud7af])(?:최종\s?)?(?:정답|답|답변)(?:은|는|이)?(?:{_SAYS} | (?<=[은는])\s
        | {_THEN_VALUE}) ) (?:\s?[:\uff1a])?
    (?:\ (?:donc|quindi|dunque|also|daher|somit|dus|entonces|portanto|então|więc|deci)\b)?[*_]{{0,3}}""",
    re.IGNORECASE | re.VERBOSE,
)
_STEMS = (
    *("espuesta", "espost", "ispost", "ntwort", "ntwoord", "awaban", "evap", "svar", "Svar", "astaus", "agot", "ibu:"),
    *("tsakymas", "astus", "dgovor", "avob"),
)
_OTHER_STEMS = (
    *("éponse", "твет", "повідь", "dpowied", "dpově", "ăspuns", "álasz", "evab", "an\u0131t", "áp ", "âu tr", "απάντ"),
    *("Απάντ", "говор", "ауап", "адказ", "תשובה", "جابة", "جواب", "پاسخ", "उत्तर", "जवाब", "คำตอบ", "উত্তর", "பதில்"),
    *("விடை", "సమాధానం", "ഉത്തരം", "ಉತ್ತರ", "જવાબ", "ਜਵਾਬ", "答", "正解", "답"),
)
"""One is in every text that states an answer in another language; looking for them costs next to nothing."""
_HEDGE_ABROAD = late_pattern(
    r"""(?: (?<!\w)(?:si|se|wenn|falls|ob|als|если|whether|eğer|jeśli|czy|nếu|jika|kalau|अगर|यदि|إذا|اگر|hvis|om)
        \s(?:(?:la|a|l['\u2019]|die|das|het|o|toda)\s?)?(?:(?:final|richtige|korrekte|правильный)\s)?
      | (?:如果|若|假如|假设|もし|만약)[^\n,\uff0c。]{0,8} | (?:不是|并非|错误) )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_UNREAL_ABROAD = late_pattern(r"\b(?:sería|seria|serait|wäre)\b", re.IGNORECASE)
_CONDITION_ABROAD = late_pattern(r"(?<!\w)(?:si|se|wenn|falls)\s[^.;!?\n]*\Z", re.IGNORECASE)
_TALK_ABROAD = late_pattern(
    r"""\s*(?: no\b | não\b | pas\b | non\b | nicht\b | niet\b | не\b | nie\b | không\b | bukan\b | [不否错對对正]
      | (?:in)?corre[ctt]\w+ | corre[ct]\w* | falsch | richtig | fau[xs]\w* | juste | errad\w+ | sbagliat\w+
        | верн\w+ | неверн\w+
      | правильн\w+ | benar | salah | doğru | yanl\u0131ş | đúng | sai )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END_ABROAD = late_pattern(
    r"""[\u3002\uff01\uff1f\uff1b\u061f\u0964!?;] | \.(?=["'\u201d\u2019)\]*_$`]*(?:\s|$)) | \s?\u2014 | \s\u2013\s
      | [,\uff0c、]\s?(?=(?:porque|ya\ que|pois|car|parce|perché|weil|denn|da|omdat|want|потому|так\ как|поскольку
        |ponieważ|bo|çünkü|vì|karena|لأن|क्योंकि|因为|因為|所以|即|也就是|而|由于|不是|なぜ|왜냐|no\b|nicht|pas
        |\u0430\ не))
      | \s\((?=[^\W\d_]{2})""",
    re.IGNORECASE | re.VERBOSE,
)
_LED_BY = late_pattern(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+\Z|[^\s.,;:!?()*_\u2014\u3002\uff0c\uff1a]+[^\S\n]\Z"
)
"""The word before, or all without a space: `wrong` of `the wrong answer is`."""
_COPULA_BEHIND = late_pattern(
    r"\s?(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|होगा|است|['\u2019]?[dt][\u0131iuü]r|olur)\s*\Z"
)
_LIKE_A_VALUE = late_pattern(r"[\d\\$]|^\W*\w\W*$|^\W*(?:[\w'\u2019.-]+\s?){1,3}\W*$")


def announced_in_other_language(text: str) -> list[re.Match[str]]:
    """Find where an answer is announced in another language than English."""
    stems = _STEMS if text.isascii() else (*_STEMS, *_OTHER_STEMS)
    return list(ABROAD.finditer(text)) if holds_any(text, stems) else []


def value_in_other_language(text: str, phrase: re.Match[str], start: int, end: int) -> tuple[int, int]:
    """Return what is said to be the answer; empty where it is no value, or is not stated."""
    clause = _CLAUSE_END_ABROAD.search(text, start, end)
    end = clause.start() if clause else end
    asked = clause is not None and clause[0] in "?\uff1f\u061f"
    before = text[max(0, phrase.start() - 40) : phrase.start()]
    led = _LED_BY.search(before)
    if (
        asked
        or _TALK_ABROAD.match(text, start, end)
        or _HEDGE_ABROAD.search(before)
        or of_another_question(text, phrase.start())
        or (_UNREAL_ABROAD.search(phrase[0]) and _CONDITION_ABROAD.search(before))
        or (led and any(map(str.isalpha, led[0])) and not affirms(led[0]))
    ):
        return start, start
    copula = _COPULA_BEHIND.search(text, start, end)
    end = copula.start() if copula else end
    return (start, end) if _LIKE_A_VALUE.search(text[start:end].strip()) else (start, start)
