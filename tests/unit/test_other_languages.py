"""Answers announced, denied and taken back in other languages than English."""
# ruff: noqa: RUF001

import json

import pytest

from schemas.verdict import Ruling
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line

STATED = r"""
La respuesta es 42. ; La respuesta final es **42**. ; Por lo tanto, la respuesta es 42. ; Respuesta: 42 ;
**Respuesta final:** 42 ; Respuesta final: $\boxed{42}$ ; La respuesta correcta es: 42. ;
Entonces, la respuesta sería 42. ; Así que la respuesta es 42. ; La réponse est 42. ; La réponse finale est **42**. ;
Réponse : 42 ; **Réponse finale :** 42 ; La réponse correcte est donc 42. ; Donc, la réponse est 42. ;
La bonne réponse est 42. ; La réponse est donc : 42 ; Die Antwort ist 42. ; Die Antwort lautet 42. ; Antwort: 42 ;
**Antwort:** 42 ; Endgültige Antwort: 42 ; Die endgültige Antwort ist 42. ; Die richtige Antwort lautet: 42. ;
Also ist die Antwort 42. ; Somit ist die Antwort 42. ; Die Antwort ist somit 42. ; Daher lautet die Antwort 42. ;
Die finale Antwort ist 42. ; A resposta é 42. ; A resposta final é **42**. ; Resposta: 42 ; **Resposta final:** 42 ;
Portanto, a resposta é 42. ; A resposta correta é 42. ; Logo, a resposta é 42. ; La risposta è 42. ;
La risposta finale è 42. ; Risposta: 42 ; **Risposta finale:** 42 ; Quindi la risposta è 42. ;
La risposta corretta è 42. ; La risposta è quindi 42. ; Het antwoord is 42. ; Antwoord: 42 ;
Het antwoord is dus 42. ; Het uiteindelijke antwoord is 42. ; Dus het antwoord is 42. ; Het juiste antwoord is 42. ;
Ответ: 42 ; **Ответ:** 42 ; Ответ: **42** ; Ответ: 42. ; Ответ — 42. ; Правильный ответ: 42 ;
Окончательный ответ: 42 ; Таким образом, ответ: 42. ; Ответ равен 42. ; Следовательно, ответ 42. ;
Итак, ответ: $\boxed{42}$ ; Ответ - 42 ; Відповідь: 42 ; **Відповідь:** 42 ; Правильна відповідь: 42 ;
Отже, відповідь: 42. ; Odpowiedź: 42 ; **Odpowiedź:** 42 ; Odpowiedź to 42. ; Ostateczna odpowiedź to 42. ;
Zatem odpowiedź to 42. ; Prawidłowa odpowiedź: 42 ; Cevap: 42 ; **Cevap:** 42 ; Cevap 42'dir. ; Doğru cevap: 42 ;
Yani cevap 42. ; Nihai cevap: 42 ; Đáp án: 42 ; **Đáp án:** 42 ; Đáp số: 42 ; Vậy đáp án là 42. ;
Câu trả lời là 42. ; Câu trả lời cuối cùng là 42. ; Vậy câu trả lời là **42**. ; Jawaban: 42 ; **Jawaban:** 42 ;
Jawabannya adalah 42. ; Jadi, jawabannya adalah 42. ; Jawaban akhir: 42 ; Jadi jawabannya 42. ; 答案：42 ; 答案: 42 ;
答案是42。 ; 答案是 42。 ; 答案为42。 ; 答案为 $42$。 ; 答案为：42 ; 所以答案是42。 ; 因此，答案是 **42**。 ;
最终答案：42 ; 最终答案是 $\boxed{42}$。 ; **答案：42** ; **答案**：42 ; 正确答案是42。 ; 故答案为：42。 ;
故答案为42 ; 答：42 ; 綜上所述，答案是42。 ; 答案應為42。 ; 最后的答案是42。 ; 所以，最终答案为：\boxed{42} ;
答案就是42。 ; 【答案】42 ; 答案 42 ; 答え: 42 ; 答え：42 ; 答えは42です。 ; 答えは 42 です。 ;
したがって、答えは42です。 ; 正解は42です。 ; **答え**: 42 ; 最終的な答えは42です。 ; 答えは、42です。 ;
よって答えは42。 ; 答えは42になります。 ; 答え 42 ; 정답: 42 ; 정답은 42입니다. ; 답: 42 ; 답은 42입니다. ;
따라서 정답은 42입니다. ; **정답:** 42 ; 최종 답: 42 ; 최종 정답은 42입니다. ; 따라서 답은 42이다. ; 답은 42예요. ;
정답은 **42**입니다. ; الإجابة: 42 ; الإجابة هي 42. ; الجواب: 42 ; إذن الإجابة هي 42. ; **الإجابة:** 42 ;
الإجابة النهائية: 42 ; الجواب هو 42 ; الإجابة الصحيحة هي 42. ; उत्तर: 42 ; उत्तर 42 है। ; अतः उत्तर 42 है। ;
**उत्तर:** 42 ; सही उत्तर 42 है। ; जवाब: 42 ; अंतिम उत्तर: 42 ; इसलिए, उत्तर 42 है। ; คำตอบ: 42 ; คำตอบคือ 42 ;
ดังนั้น คำตอบคือ 42 ; คำตอบสุดท้ายคือ 42 ; **คำตอบ:** 42 ; התשובה היא 42. ; תשובה: 42 ; התשובה: 42 ;
לכן התשובה היא 42. ; پاسخ: 42 ; جواب: 42 ; پاسخ 42 است. ; پاسخ نهایی: 42 ; بنابراین پاسخ 42 است. ; Svar: 42 ;
Svaret är 42. ; Svaret er 42. ; Så svaret är 42. ; Det rätta svaret är 42. ; Vastaus: 42 ; Vastaus on 42. ;
Lopullinen vastaus: 42 ; Válasz: 42 ; A válasz 42. ; A válasz: 42 ; A helyes válasz: 42 ; Odpověď: 42 ;
Odpověď je 42. ; Odpověď zní 42. ; Správná odpověď: 42 ; Răspuns: 42 ; Răspunsul este 42. ; Răspuns final: 42 ;
Απάντηση: 42 ; Η απάντηση είναι 42. ; Η απάντηση είναι: 42 ; উত্তর: 42 ; பதில்: 42 ; సమాధానం: 42 ; Sagot: 42 ;
Jibu: 42 ; Одговор: 42 ; Отговор: 42 ; Atsakymas: 42 ; Vastus: 42 ; Odgovor: 42 ; Javob: 42 ; Жауап: 42 ;
Resposta final: 42
"""
"""Each says 42."""
NOT_STATED = r"""
La respuesta no es 42. ; La réponse n'est pas 42. ; Die Antwort ist nicht 42. ; A resposta não é 42. ;
La risposta non è 42. ; Ответ не 42. ; Ответ: не 42 ; 答案不是42。 ; 答えは42ではありません。 ; 答えは42ではない。 ;
정답은 42가 아닙니다. ; 답은 42가 아니다. ; الإجابة ليست 42. ; उत्तर 42 नहीं है। ; Cevap 42 değil. ;
Cevap 42 değildir. ; Đáp án không phải là 42. ; Jawabannya bukan 42. ; Odpowiedź to nie 42. ;
Het antwoord is niet 42. ; Svaret är inte 42. ; La respuesta es 42? ; ¿La respuesta es 42? ;
Wenn die Antwort 42 ist ; Si la réponse est 42, alors ; Si la respuesta es 42, entonces ; 如果答案是42， ;
如果答案是42，那么 ; 答案是42吗？ ; 答案是42嗎？ ; 答えは42ですか？ ; 정답은 42인가요? ; Ist die Antwort 42? ;
La réponse est 42 ? ; Est-ce que la réponse est 42 ? ; 答案不可能是42。 ; 答案大于42。 ; 答案小于42。 ;
答案不会是42。 ; 答案可能是42。 ; Ответ больше 42. ; Die Antwort ist größer als 42. ; Die Antwort ist ungefähr 42. ;
La respuesta es mayor que 42. ; La réponse est supérieure à 42. ; 答案是42或43。 ; 答案是42和43。 ;
答えは42または43です。 ; La respuesta es 42 o 43. ; La réponse est 42 ou 43. ; Die Antwort ist 42 oder 43. ;
Ответ: 42 или 43 ; 答案是-42。 ; 答案是42%。 ; 答案是42的平方。 ; 答案是42万。 ; 答案是4200。 ; 答案是第42。 ;
الإجابة هي 42 أو 43 ; 答案是42.5。 ; La respuesta es 42,5. ; Die Antwort ist 42,5. ; Ответ: 42,5 ; 答えは42%です。 ;
答えは42倍です。 ; 답은 42%입니다. ; 답은 42만입니다. ; 답은 42배입니다. ; 답은 42개 이상입니다. ;
답은 42보다 큽니다. ; 答えは42以上です。 ; 答えは42未満です。 ; 答えは約42です。 ; 答案约为42。 ; 答案接近42。 ;
答案在42和43之间。 ; 答案是42以上。 ; 我认为答案不是42。 ; 有人说答案是42。 ; 他说答案是42，但不对。 ;
小明的答案是42。 ; 小明的答案是42，错了。 ; La respuesta de Juan es 42. ; La réponse de Paul est 42. ;
Die Antwort von Hans ist 42. ; Die falsche Antwort ist 42. ; La respuesta incorrecta es 42. ;
La mauvaise réponse est 42. ; 错误答案是42。 ; 錯誤的答案是42 ; 間違った答えは42です。 ; 오답은 42입니다. ;
Неправильный ответ: 42 ; Неверный ответ: 42 ; Yanlış cevap: 42 ; Đáp án sai: 42 ; Jawaban salah: 42 ;
Jawaban yang salah: 42 ; A resposta errada é 42. ; La risposta sbagliata è 42. ; Het foute antwoord is 42. ;
Błędna odpowiedź: 42
"""
"""Each denies 42, doubts it, compares with it, calls it wrong, or somebody else's."""
TAKEN_BACK = r"""
La respuesta es 41. No, espera: la respuesta es 42. ; La respuesta es 41. Perdón, 42. ;
La respuesta es 41. Corrección: 42. ; La réponse est 41. Non, attendez, la réponse est 42. ;
La réponse est 41. Pardon, 42. ; Die Antwort ist 41. Moment, nein: 42. ;
Die Antwort ist 41. Korrektur: die Antwort ist 42. ; 答案是41。不对，答案是42。 ; 答案是41。等等，应该是42。 ;
答案是41，不对，是42。 ; 答えは41です。いや、42です。 ; 답은 41입니다. 아니, 42입니다. ; Ответ: 41. Нет, 42. ;
Ответ: 41. Извините, ответ: 42. ; A resposta é 41. Não, é 42. ; La risposta è 41. No, anzi, è 42.
"""
"""41, and then 42 in its place."""


def wordings(table: str) -> list[str]:
    return [text.strip() for line in table.strip().splitlines() for text in line.split(" ;") if text.strip()]


def verdict(verifier: Verifier, response: str, gold: str) -> str:
    row = {"id": 1, "kind": "number", "gold": gold, "response": response}
    return str(verify_line(json.dumps(row).encode(), verifier, read_answers)["verdict"])


@pytest.mark.parametrize("response", wordings(STATED))
def test_stated(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "42") == Ruling.CORRECT
    assert verdict(verifier, response, "43") == Ruling.INCORRECT


@pytest.mark.parametrize("response", wordings(NOT_STATED))
def test_not_stated(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "42") != Ruling.CORRECT


@pytest.mark.parametrize("response", wordings(TAKEN_BACK))
def test_taken_back(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "41") != Ruling.CORRECT
    assert verdict(verifier, response, "42") != Ruling.INCORRECT


def test_the_last_number_is_no_measure() -> None:
    """The control: a grader that takes the last number lets most of what is not stated through."""
    assert sum("42" in text for text in wordings(NOT_STATED)) > 0.9 * len(wordings(NOT_STATED))
