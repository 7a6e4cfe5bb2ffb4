"""Words of other languages than English that assert an answer, and those that deny one.

A clause that holds none but asserting words around a choice asserts it, in whatever order they stand: nothing in them
can deny, ask or compare. So one unordered list serves all languages, and a word that it lacks leaves the clause open.
"""
# ruff: noqa: RUF001

import re

from tasks.late_pattern import late_pattern

_SPACED = """
    la el es opción alternativa correcta correcto respuesta final letra elijo escojo selecciono entonces por lo tanto
    así
    sería mi nuestra esta está
    le l c est ce choix proposition option réponse bonne correcte correct exacte exact juste vraie vrai lettre donc
    ainsi
    alors je choisis sélectionne serait finale ma notre
    der die das ist lautet richtige korrekte richtig korrekt antwort lösung buchstabe es also daher somit ich wähle
    endgültige finale meine unsere demnach folglich damit option
    a o é opção resposta certa certo correta correto gabarito portanto logo escolho marco minha nossa
    il è sarà opzione risposta corretta corretto giusta giusto esatta esatto lettera quindi dunque scelgo
    de het is optie antwoord eindantwoord juiste correcte goede juist goed dus ik kies letter mijn uiteindelijke
    это ответ ответа вариант вариантом правильный правильным верный верным правильно верно правильная верная итак
    следовательно таким образом значит поэтому я выбираю буква буквой является окончательный итоговый мой наш тогда
    ответом получаем отсюда
    це відповідь варіант правильна правильний вірна вірний отже я обираю остаточна
    to odpowiedź odpowiedzią jest poprawna prawidłowa poprawną prawidłową wybieram opcja więc zatem litera ostateczna
    brzmi wariant końcowa
    odpověď je správná správně zní možnost tedy konečná
    răspunsul răspuns corect corectă este opțiunea varianta deci final
    cevap cevabı doğru doğrudur seçenek seçeneği seçeneğidir şık şıkkı şıkkıdır yanıt yanıtı o halde yani nihai dir
    dır
    dür dur tir tır tür tur bu nedenle olarak sonuç
    đáp án là đúng chọn câu trả lời phương vậy lựa em chính xác cuối cùng do đó nên cho
    jawaban jawabannya adalah yang benar tepat pilihan opsi jadi saya memilih pilih ialah akhir maka sehingga oleh
    karena
    itu
    svaret svar är er rätt riktig riktige rätta alternativ det jag väljer så alltså slutgiltiga
    vastaus on oikea vaihtoehto lopullinen siis válasz helyes végső a az tehát απάντηση η σωστή είναι επιλογή άρα
    τελική
    الإجابة الاجابة الصحيحة الصحيح هي هو الجواب الخيار إذن لذلك الاختيار النهائية صحيح صحيحة
    پاسخ گزینه صحیح درست جواب است نهایی بنابراین
    התשובה היא הנכונה תשובה נכונה לכן אפשרות הסופית
    सही उत्तर विकल्प है जवाब अतः इसलिए अंतिम
    উত্তর সঠিক চূড়ান্ত
"""
_UNSPACED = """
    所以 因此 因而 那么 那麼 故 则 則 综上所述 综上 綜上所述 由此可知 可知 可得 得到 得出 得 本题 本題 这道题
    这个 该题 此题
    题目 题 问题 的 答案 正确 正確
    对 對 最终 最終 最后 最後 最佳 参考 标准 选项 選項 选择 選擇 选 選 应该 應該 应 應 是 就是 即 为 為 我们 我 会 會
    认为 項 项 解 答 经计算
    而是 而 符合题意 符合要求 符合 成立
    正解 答え 解答 回答 正答 正しい 選択肢 的な の は が よって したがって ゆえに 従って 最も 適切 な もの です である
    だと 思います となります
    この 問題 求める つまり
    정답 답변 답안 답 은 는 이 가 최종 올바른 옳은 맞는 것 선택지 보기 따라서 그러므로 그래서 번 입니다 이다 맞습니다
    옳습니다 됩니다
    คำตอบ คือ ที่ถูกต้อง ถูกต้อง ข้อ ตัวเลือก ดังนั้น สุดท้าย
"""


def any_of(words: str) -> str:
    """Write an alternation of words for a regular expression, the longest first."""
    return "|".join(sorted(set(words.split()), key=lambda word: (-len(word), word)))


_AFFIRMING = late_pattern(
    rf"""(?:(?<![^\W\d_])(?:{any_of(_SPACED)})(?![^\W\d_]) | {any_of(_UNSPACED)}
    | [\s"'\u2019\u201c\u201d\u300c-\u300f\u3010\u3011()\[\]{{}}$*_:-])*+""",
    re.IGNORECASE | re.VERBOSE,
)
_BEHIND = r"""(?: (?<![^\W\d_])(?: no(?!\sdoubt)|non|pas|nicht|niet|не|nie|değil\w*|không|bukan|inte|ikke|नहीं
      | incorrect[aoe]s?|incorret[ao]|incorrekt\w*|inkorrekt\w*|onjuist\w*|fals[ao]s?|falsch\w*|fau(?:x|sses?)|fout\w*
      | errad[ao]|errónea|erróneo|errat[ao]|mauvaise?|sbagliat[ao]|неверн\w+|неправильн\w+|ошибочн\w+|хибн\w+|błędn\w+
      | niepoprawn\w+|špatn\w+|greșit\w*|yanl\u0131ş\w*|sai|salah|väärä|λάθος|خطأ|خاطئة?|غلط|ليست?|שגויה?|אינה|אינו|गलत
      )(?![^\W\d_])
    | 不对|不對|(?<!而)不是|不正确|不正確|不符|不成立|错误|錯誤|有误|排除|错(?![过失])|誤り|間違|違い|違う|不適切|不正解
      |除外
    | ではな|じゃな|ではありません|아니|아닙|틀린|틀리|틀렸|틀림|오답|옳지\s않|맞지\s않|제외|ไม่|ผิด )"""
_NEGATOR = r"""(?: (?<![^\W\d_])(?:no(?!\sdoubt)|non|pas|nicht|kein\w*|niet|geen|не|ні|nie|không|bukan|inte|ikke|לא
      |ليست?)
        (?![^\W\d_])
    | 不是|不选|不選|不能选|并非|並非|绝非|排除(?!法)|除了|除 )"""
_DENIED_BEFORE = late_pattern(
    rf"{_NEGATOR}(?:(?!\b(?:mais|sino|sondern|ma|mas|а|но|maar|utan|lecz|ale|men|tapi)\b)[^.;,:!?\n\u3002]){{0,20}}\Z",
    re.IGNORECASE | re.VERBOSE,
)
_DENIED_BEHIND = late_pattern(
    rf"[^.;,!?\n\u3002A-Za-z]{{0,4}}(?:[^\W\d_]{{1,12}}\s){{0,3}}{_BEHIND}", re.IGNORECASE | re.VERBOSE
)

_ANY_NEGATOR = late_pattern(_NEGATOR, re.IGNORECASE | re.VERBOSE)
_ANY_DENIAL = late_pattern(f"{_NEGATOR}|{_BEHIND}", re.IGNORECASE | re.VERBOSE)


def affirms(clause: str) -> bool:
    """Return whether a clause holds no word but those that assert; an empty one does, too."""
    return _AFFIRMING.fullmatch(clause) is not None


def denied(before: str, behind: str) -> bool:
    """Return whether words right before or right behind deny what stands between them."""
    return _DENIED_BEFORE.search(before) is not None or _DENIED_BEHIND.match(behind) is not None


def has_negator(text: str) -> bool:
    return _ANY_NEGATOR.search(text) is not None


def has_denial(text: str) -> bool:
    """Return whether any word denies."""
    return _ANY_DENIAL.search(text) is not None
