"""Answers that are corrected or taken back, announced in other languages, or as models speak of them in English.

None where nothing is stated.
"""
# ruff: noqa: RUF001

import pytest

from tasks.extraction.answer import find_answer
from tasks.judging.competing_answers import competing_answers

CORRECTED = [
    ("The answer is 4. Wait, no: 5.", "5"),
    ("The answer is 4. No, wait: 5.", "5"),
    ("The answer is 4... wait, no, it's 5.", "5"),
    ("The answer is 4. Actually, it's 5.", "5"),
    ("The answer is 4. Sorry, I mean 5.", "5"),
    ("The answer is 4, or rather 5.", "5"),
    ("The answer is 4, no, 5.", "5"),
    ("The answer is 4 — sorry, 5.", "5"),
    ("The answer is 4. Correction: 5.", "5"),
    ("The answer is 4. Oops, that should be 5.", "5"),
    ("The answer is 4. Hmm, that's wrong. It should be 5.", "5"),
    ("The answer is 4. Scratch that, 5.", "5"),
    ("The answer is 4. Scratch that; make it 5.", "5"),
    ("Answer: 4\n\nWait, I made a mistake. 2+3=5, so it's 5.", "5"),
    ("Answer: 4\n\nWait, I made a mistake.", None),
    ("The answer is 4. That's wrong.", None),
    ("The answer is 4. Wait, 2+3=5.", None),
    ("The answer is 5. Wait, let me double check: 2+3=5. Yes.", "5"),
    ("The answer is 5. Let me verify: 10/2 = 5. Correct.", "5"),
    ("The answer is 5. Let me verify: 5*3 = 15.", "5"),
    ("The answer is 18. Let me check: the total is 9 eggs at $2.", "18"),
    ("The answer is 5. Actually, this is a well-known result.", "5"),
    ("The answer is 5. No further work is needed.", "5"),
    ("\\boxed{4} Wait, no. \\boxed{5}", "5"),
    ("\\boxed{4}. Wait, that is not right. It should be 5.", "5"),
    ("The answer is $4$. Wait, it should be $5$.", "5"),
    ("Answer: 4. On second thought, the answer should be 5.", "5"),
    ("The answer is Paris. Wait, no: Rome.", "Rome"),
    ("The answer is 5. I hope it is correct.", "5"),
    ("The answer is 5. It's not 4.", "5"),
    ("The answer is 5, not 4.", "5"),
    ("The answer is 5. (Not 4, as I first thought.)", "5"),
    ("The answer is not \\boxed{4}.", None),
    ("not \\boxed{4} but \\boxed{5}", "5"),
    ("It's \\boxed{5}, not \\boxed{4}.", "5"),
    ("I first got \\boxed{4} but that was wrong; \\boxed{5}", "5"),
    ("\\boxed{4} is incorrect.", None),
    ("The answer is \\boxed{5} rather than \\boxed{4}", "5"),
    ("The answer is 5. Your answer is 4.", "5"),
    ("The answer is 5. The student's answer is 4.", "5"),
    ("The answer is 5. His answer is 4.", "5"),
    ("The answer is 5. The wrong answer is 4.", "5"),
    ("The answer is 5. Some might think the answer is 4.", "5"),
    ("I don't think the answer is 4. The answer is 5.", "5"),
    ("The answer is 5. I don't think that the answer is 4.", "5"),
    ("The question's answer is 5.", "5"),
    ("The answer is 5, but it could be 4.", None),
    ("The answer is 4. Edit: 5.", "5"),
    ("**Answer: 18**\n\nWait times are 9 minutes each.", "18"),
    ("The answer is 18. Sorry for the long text of 3 lines.", "18"),
    ("The answer is 18. By profit I mean all that is left.", "18"),
    ("Answer: 18\n\nLet me know if you want 2 more examples.", "18"),
]
ABROAD = [
    ("答案是18", "18"),
    ("所以答案是18。", "18"),
    ("答案是：18", "18"),
    ("答案：18", "18"),
    ("**答案：** 18", "18"),
    ("最终答案为18。", "18"),
    ("因此，答案应为 $18$。", "18"),
    ("答案是18，因为9×2=18。", "18"),
    ("答案是 18 美元。", "18 美元"),
    ("如果答案是18，", None),
    ("答案是正确的。", None),
    ("答案不是18", None),
    ("La réponse est 18.", "18"),
    ("La réponse finale est : 18", "18"),
    ("Réponse : 18", "18"),
    ("La réponse est donc 18.", "18"),
    ("La réponse correcte est 18, car 9 x 2 = 18.", "18"),
    ("La respuesta es 18.", "18"),
    ("Respuesta: 18", "18"),
    ("La respuesta final es $18$.", "18"),
    ("La respuesta correcta es: 18", "18"),
    ("La respuesta no es 18", None),
    ("Si la respuesta es 18, entonces", None),
    ("La respuesta es correcta.", None),
    ("**Respuesta:** 18", "18"),
    ("Die Antwort ist 18.", "18"),
    ("Die Antwort lautet 18", "18"),
    ("Antwort: 18", "18"),
    ("Die richtige Antwort lautet: 18.", "18"),
    ("Die endgültige Antwort ist 18.", "18"),
    ("Die Antwort ist 18, weil 9*2=18.", "18"),
    ("Die Antwort ist falsch", None),
    ("Die Antwort ist nicht 18", None),
    ("Ответ: 18", "18"),
    ("Ответ: 18.", "18"),
    ("Ответ — 18.", "18"),
    ("Ответ равен 18", "18"),
    ("**Ответ:** 18", "18"),
    ("Правильный ответ: 18", "18"),
    ("Окончательный ответ: $18$", "18"),
    ("Ответ неверный", None),
    ("答えは18です。", "18"),
    ("答え：18", "18"),
    ("正解は18です", "18"),
    ("したがって、答えは18になります。", "18"),
    ("答えは 18 である。", "18"),
    ("A resposta é 18.", "18"),
    ("Resposta: 18", "18"),
    ("A resposta final é 18.", "18"),
    ("A resposta correta é 18", "18"),
    ("La risposta è 18.", "18"),
    ("Risposta: 18", "18"),
    ("La risposta corretta è 18", "18"),
    ("정답은 18입니다.", "18"),
    ("정답: 18", "18"),
    ("답은 18입니다", "18"),
    ("따라서 답은 18이다.", "18"),
    ("최종 답: 18", "18"),
    ("الإجابة هي 18", "18"),
    ("الجواب: 18", "18"),
    ("الإجابة النهائية هي 18.", "18"),
    ("الجواب هو 18.", "18"),
    ("Cevap: 18", "18"),
    ("Cevap 18'dir.", "18"),
    ("Doğru cevap: 18", "18"),
    ("Odpowiedź: 18", "18"),
    ("Odpowiedź to 18.", "18"),
    ("Đáp án: 18", "18"),
    ("Đáp án là 18.", "18"),
    ("Câu trả lời là 18", "18"),
    ("Đáp số: 18", "18"),
    ("उत्तर: 18", "18"),
    ("उत्तर 18 है।", "18"),
    ("Het antwoord is 18.", "18"),
    ("Antwoord: 18", "18"),
    ("Jawaban: 18", "18"),
    ("Jawabannya adalah 18.", "18"),
    ("Svar: 18", "18"),
    ("Svaret är 18.", "18"),
    ("Odpověď: 18", "18"),
    ("Răspunsul este 18.", "18"),
    ("Відповідь: 18", "18"),
    ("คำตอบคือ 18", "18"),
    ("پاسخ: 18", "18"),
    ("התשובה היא 18", "18"),
    ("La respuesta es París.", "París"),
    ("答案是\\boxed{18}。", "18"),
    ("Respuesta:\n\n18", "18"),
    ("答案：\n\n18", "18"),
    ("La réponse est \\(18\\).", "18"),
    ("Die Antwort ist **18**.", "18"),
]
SPOKEN = [
    ("Final Answer: The largest $n$ is 34.", "34"),
    ("Answer \\[ 9 \\]", "9"),
    ("Answer $ 9 $", "9"),
    ("Answer $$ \n 9 \n $$", "9"),
    ("Therefore $x \\geq 5$ is the solution.", "x \\geq 5"),
    ("Thus $x <= 2$ is our answer.", "x <= 2"),
    ("We find that $x \\lt 3$.", "x \\lt 3"),
    ("The answer is 5 – done.", "5"),
    ("The answer is 5 (I double-checked).", "5"),
    ("5 is the answer.", "5"),
    ("If 5 is the answer, then", None),
    ("Hence $x = 5$.", "x = 5"),
    ("I doubt that $x = 5$", None),
    ("The answer is 15 = 12 + 3", "15"),
    ("The answer is 12 + 3 = 15", "15"),
    ("The answer is 5 - 3", "5 - 3"),
    ("The answer is x - sin x", "x - sin x"),
    ("The answer is 1, 2, 3, ..., n", "1, 2, 3, ..., n"),
    ("The answer is 5?", None),
    ("The answer is (I think) 5", None),
    ("So the answer is: five", "five"),
    ("The answer is not 4 but 5.", "5"),
    ("Answer -> 5", "5"),
    ("**Final Answer:** Janet makes **$18** every day.", "$18"),
    ("### Final Answer\n\nJanet makes **$18** per day.", "$18"),
    ("### Final Answer\n\nJanet does not make **$18** per day.", None),
    ("### Final Answer\n\nJanet makes **$18** in 2 days.", None),
    ('{"answer": 5}', "5"),
    ("The answer is 5, I think.", "5"),
    ("It is not true that the answer is 5.", None),
    ("The worst answer is 5.", None),
    ("According to the key the answer is 5.", None),
    ("It would be wrong to say the answer is 5.", None),
]


@pytest.mark.parametrize(("text", "answer"), [*CORRECTED, *ABROAD, *SPOKEN])
def test_stated(text: str, answer: str | None) -> None:
    stated = find_answer(text)
    found = stated.answer if stated and (stated.explicit or stated.answer != text) else None
    assert found == answer
    assert stated is None or stated.of(text) == stated.answer


def test_what_is_taken_back_is_no_answer_at_all() -> None:
    """Nor is all of the text then: it holds the answer that it takes back."""
    assert find_answer("Answer: 4. That is wrong.") is None
    assert find_answer(r"The answer is not \boxed{4}.") is None


def test_no_rival_is_what_was_taken_back() -> None:
    assert competing_answers("number", "The answer is 17. The answer is 18.") == ["17"]
    assert competing_answers("number", "The answer is 17. Wait, no. The answer is 18.") == []
    assert competing_answers("number", "La respuesta es 17. La respuesta es 18.") == ["17"]


def test_the_last_answer_is_no_measure() -> None:
    """The control: without a reading of corrections each of these would be judged by what it takes back."""
    first = [text for text, answer in CORRECTED if text.startswith(("The answer is 4", "Answer: 4")) and answer != "4"]
    assert len(first) > len(CORRECTED) / 3
