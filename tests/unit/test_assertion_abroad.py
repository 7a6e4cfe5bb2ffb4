"""Which choice a response asserts in other languages than English, and what their words of denial leave open."""
# ruff: noqa: RUF001

import pytest

from schemas.verdict import Ruling
from tasks.extraction.vocabulary import affirms, denied
from tasks.judging.verify import Verifier
from tests.unit.test_assertion import verdict

ASSERTED = r"""
答案是B ; 答案：B ; 答案为B。 ; 选B ; 故选B ; 故选：B ; 故选：B． ; 因此选B。 ; 所以正确答案是B。 ; 所以答案选B ;
正确选项为B ; 正确的选项是B。 ; 正确答案：**B** ; **答案：B** ; 【答案】B ; [答案]B ; 答：B ; 答案B ; 答案 B ; B。 ;
B． ; （B） ; B选项 ; 选项B ; 选项B正确 ; B选项是正确的。 ; B正确 ; B是正确的 ; B对 ; 应选B ; 应选择B选项 ;
我会选择B。 ; 我选择选项B。 ; 本题答案为B ; 本题正确答案是B。 ; 这道题的答案是B。 ; 题目的答案是B。 ;
综上，答案为B。 ; 综上所述，答案是B。 ; 综上所述，正确答案是B选项。 ; 答案是 \boxed{B} ; 最终答案：B ;
最终答案是B。 ; 最后答案：B ; 答案是“B” ; 答案是「B」 ; 答案是『B』 ; 根据分析，答案应该是B。 ; 所以，B是正确答案。 ;
B为正确答案 ; B项正确 ; B项符合题意，故选B。 ; 解：……故选B． ; 選B ; 答案選B ; 答案是選項B ; 正確答案是B。 ;
答案為B ; <think>可能是A。</think>⏎⏎答案是B。 ; 不是A，是B。 ; 不选A，选B。 ; 答案不是A，而是B。 ; 正解はBです。 ;
答えはB ; 答えはBです。 ; 答えは B です。 ; 正解：B ; 正解: B ; 答え：B ; 解答：B ; 回答：B ; 解答はBです。 ;
正答はBです。 ; 正しい答えはBです。 ; 正しい選択肢はBです。 ; 正しいのはBです。 ; Bが正解です。 ; Bが正しいです。 ;
Bが適切です。 ; Bです。 ; Bだと思います。 ; したがって、正解はBです。 ; よって、答えはBとなります。 ;
ゆえにBが正解。 ; 選択肢B ; 選択肢Bが正しい。 ; 選択肢Bです。 ; 正解は「B」です。 ; 最終的な答えはBです。 ;
最終解答：B ; **正解：B** ; Aではなく、Bです。 ; 答えはAではなくBです。 ; 정답은 B입니다. ; 정답은 B ; 정답: B ;
정답 : B ; 정답은 **B**입니다. ; 답은 B입니다. ; 답: B ; 답은 B이다. ; 정답은 B번입니다. ; B번 ; B가 정답입니다. ;
B가 정답이다. ; B가 맞습니다. ; B가 옳습니다. ; 따라서 정답은 B입니다. ; 그러므로 답은 B이다. ;
올바른 답은 B입니다. ; 정답은 (B)입니다. ; 정답은 'B'입니다. ; B입니다 ; 최종 정답: B ; 최종 답변: B ;
A가 아니라 B입니다. ; 정답은 A가 아니라 B입니다. ; 선택지 B ; 선택지 B가 정답입니다. ; Ответ: B ;
Правильный ответ: B ; Правильный ответ — B ; Правильный ответ B. ; Верный ответ: B ; **Ответ: B** ; Ответ: **B** ;
Ответ B ; Ответ - B ; Вариант B ; Вариант B. ; Правильный вариант: B ; Правильный вариант — B. ;
Верный вариант ответа — B. ; Следовательно, ответ B. ; Таким образом, правильный ответ — B. ; Итак, ответ: B ;
Это B. ; B верно ; B является правильным ответом. ; Я выбираю B. ; Выбираю B ; Не A, а B. ; Ответ не A, а B. ;
A неверно, B верно. ; Б ; Ответ: Б ; Правильный ответ: Б ; La respuesta correcta es la opción B. ;
La respuesta es la opción B. ; La opción correcta es la B. ; La opción correcta es: B ; Opción B ;
Opción correcta: B ; La opción B es correcta. ; La opción B es la correcta. ; Elijo la opción B. ;
Así que la respuesta es B. ; La réponse est B ; La bonne réponse est B. ; La bonne réponse est la B. ;
La réponse correcte est B. ; La réponse correcte est l'option B. ; La réponse est la lettre B. ; Réponse : B ;
Réponse: B ; Bonne réponse : B ; Réponse correcte : B ; **Réponse : B** ; B est la bonne réponse. ;
Donc la réponse est B. ; La réponse n'est pas A mais B. ; Ich wähle B. ; Ich wähle Option B. ; Lösung: B ;
Die Lösung ist B. ; Endgültige Antwort: B ; A resposta é B ; A resposta correta é B. ; A resposta correta é a B. ;
A resposta correta é a alternativa B. ; A alternativa correta é a B. ; Opção B ; A opção correta é B. ;
A opção B está correta. ; B está correta. ; B é a correta. ; É a B. ; Portanto, a resposta é B. ;
A resposta certa é B. ; La risposta è B ; La risposta corretta è B. ; La risposta corretta è la B. ;
La risposta corretta è l'opzione B. ; L'opzione corretta è B. ; L'opzione corretta è la B. ; È B. ; È la B. ;
B è corretta. ; B è la risposta corretta. ; Quindi la risposta è B. ; Doğru cevap: B ; Doğru cevap B'dir. ;
Doğru cevap B. ; B seçeneği ; B seçeneği doğrudur. ; B şıkkı ; Cevap B şıkkıdır. ; Doğru yanıt: B ; Yanıt: B ;
B doğru ; B doğrudur. ; Đáp án: B ; Đáp án B ; Đáp án là B ; Đáp án đúng là B. ; Đáp án đúng: B ; Chọn B ;
Chọn đáp án B ; Vậy đáp án là B. ; Vậy chọn B. ; Câu trả lời đúng là B. ; Câu trả lời là B ; B đúng ;
B là đáp án đúng. ; Phương án B ; Phương án đúng là B. ; Odpowiedź: B ; Poprawna odpowiedź to B. ;
Prawidłowa odpowiedź: B ; Odpowiedź B ; Odpowiedź B jest poprawna. ; Rätt svar: B ; Rätt svar är B. ;
Det rätta svaret är B. ; Svaret är B. ; الإجابة: B ; الإجابة الصحيحة هي B ; الإجابة الصحيحة: B ; الجواب B ;
الخيار B ; الخيار الصحيح هو B ; الإجابة هي الخيار B ; الجواب هو B ; उत्तर: B ; सही उत्तर: B ; सही उत्तर B है ;
सही विकल्प B है ; विकल्प B ; उत्तर (B) ; คำตอบ: B ; คำตอบคือ B ; คำตอบที่ถูกต้องคือ B ; ข้อ B ; ตัวเลือก B ;
התשובה: B ; התשובה היא B ; התשובה הנכונה היא B ; Απάντηση: B ; Η σωστή απάντηση είναι B ; Správná odpověď je B ;
Odpověď: B ; Răspunsul corect este B ; Відповідь: B ; Правильна відповідь: B ; پاسخ: B ; گزینه B ; پاسخ صحیح B است ;
A ✗⏎B ✓⏎C ✗⏎D ✗ ; “B” ; B​ ; ​B
"""
"""Each says B."""
NOT_ASSERTED = r"""
答案不是B ; 不选B ; B错误 ; B不正确 ; B是错的 ; B不对 ; 排除B ; B项错误 ; B选项错误 ; B可以排除 ; 除B外都对 ; 除了B ;
B以外的选项 ; A和B ; A或B ; A、B ; 答案是A和B ; 答案是AB ; 答案是A或B ; 答案可能是A或B ; B？ ; 是B吗？ ;
答案是B吗？ ; 难道是B？ ; B不符合题意 ; B与题意不符 ; 不可能是B ; B不成立 ; B无关 ; B有误 ; B排除 ; B× ; B × ;
B（错误） ; B（×） ; B：错误 ; B：错 ; B．错误 ; B. 错误 ; B、错误 ; 错误的是B ; 不正确的是B ; 说法错误的是B ;
错误选项是B ; 干扰项是B ; B是干扰项 ; B太宽泛 ; 很多人选B ; 有人选B ; 有同学误选B ; 易错选B ; 误选B ; 小明选B ;
他选了B，但错了 ; 如果选B就错了 ; 如果B正确，那么 ; 假设B正确 ; 假设选B ; 原来选B，后来改成A ; 我先选了B，后来改为A ;
答案从B改为A ; 先选B，再选A ; 答案是B，不对，是A ; 答案是B。不对，应该是A。 ; 答案是B。更正：A ;
答案是B。等等，应该选A。 ; 答案由B改为A ; B比A好一点，但不是最好 ; 没有B ; 非B ; B非 ; B否 ; B: 否 ; 反对B ;
我不同意B ; 并非B ; 绝不是B ; 绝非B ; B恐怕不行 ; B难说 ; B也许对 ; B看起来对，但其实不对 ; B看似正确，实则错误 ;
看似B，其实A ; Bではない ; Bではありません。 ; Bは誤りです。 ; Bは間違い ; Bは不正解です。 ; Bは違います。 ;
Bは正しくない。 ; Bは除外 ; Bを除く ; B以外 ; B以外すべて ; 答えはBではない。 ; 正解はBではありません。 ;
答えはBですか？ ; Bですか？ ; Bかもしれない ; Bでしょうか ; AとB ; AかB ; AまたはB ; AとBです。 ; 答えはAとBです。 ;
誤っているのはBです。 ; 間違っているのはBです。 ; 不適切なのはBです。 ; 正しくないのはBです。 ; Bは不適切です。 ;
Bは無関係です。 ; Bを選ぶのは間違いです。 ; Bじゃない ; Bじゃなくて、A ; Bと思いきや、A ; Bは× ; B：誤り ; B：× ;
答えはBです。いや、Aです。 ; Bと思ったが、Aが正解。 ; Bを選ぶ人が多い ; B가 아닙니다. ; B는 아니다 ;
정답은 B가 아닙니다. ; B는 틀렸습니다. ; B는 오답입니다. ; 오답: B ; 오답은 B ; B는 제외 ; B를 제외 ; B 제외 ;
B는 틀림 ; B는 옳지 않다 ; B는 맞지 않습니다 ; B인가요? ; 정답은 B인가요? ; A와 B ; A 또는 B ; 정답은 A와 B입니다. ;
틀린 것은 B입니다. ; 옳지 않은 것은 B이다. ; B일 수도 있다 ; B일까? ; B: 오답 ; B: 틀림 ; B는 관련이 없다 ;
정답은 B입니다. 아니, A입니다. ; B라고 생각했지만 A입니다. ; 많은 사람이 B를 고른다 ; Не B ; Ответ не B ; B неверно ;
B неверный ; B — неправильный ответ. ; B неправильно ; B не подходит ; B исключаем ; Исключаем B ; Кроме B ;
Все, кроме B ; A и B ; A или B ; Ответ: A или B ; Ответ: A и B ; Это B? ; Ответ: B? ; Может быть B ; Возможно, B ;
Неправильный ответ: B ; Неверный ответ — B ; Неверный вариант: B ; В ; Ответ: В ; Ответ: В) Берлин ;
Ответ: B. Нет, C. ; Ответ: B. Нет, ответ C. ; Сначала я думал B, но ответ C. ; Многие выбирают B ; B отпадает ;
B отпадает. ; B ошибочен ; B ложно ; B — ложь ; Только не B ; B лишнее ; La respuesta no es B ; B es incorrecta ;
B es falsa ; B no es correcta ; Descarto B ; Descartamos B ; Se descarta B ; Todas menos B ; Todas excepto B ;
Excepto B ; La respuesta es A o B ; La respuesta es A y B. ; ¿B? ; ¿Es B? ; ¿La respuesta es B? ; Quizás B ;
Tal vez B ; Podría ser B ; La respuesta incorrecta es B ; La opción incorrecta es B ; Respuesta incorrecta: B ;
Opción falsa: B ; B está mal ; La respuesta es B. No, es C. ; La respuesta es B. Perdón, C. ;
Al principio pensé B, pero es C. ; Muchos eligen B ; B queda descartada ; B es errónea ;
B sería correcta si fuera Francia ; B no corresponde ; La respuesta era B antes ; Ce n'est pas B ;
La réponse n'est pas B ; B est faux ; B est fausse ; B est incorrect ; B n'est pas correct ; Tout sauf B ;
Toutes sauf B ; La réponse est A ou B ; La réponse est A et B ; Est-ce B ? ; La réponse est-elle B ? ; Peut-être B ;
La mauvaise réponse est B ; La réponse fausse est B ; Mauvaise réponse : B ; Réponse fausse : B ; On élimine B ;
J'élimine B ; B est à exclure ; B est éliminé ; La réponse est B. Non, C. ; La réponse est B. Pardon, C. ;
Au début je pensais B, mais c'est C. ; Beaucoup choisissent B ; B ne convient pas ; B ne marche pas ;
Die Antwort ist nicht B ; B ist falsch ; B ist nicht richtig ; B ist inkorrekt ; B scheidet aus ; B entfällt ;
B passt nicht ; Außer B ; Alles außer B ; Alle außer B ; A oder B ; Die Antwort ist A oder B ; Ist es B? ;
Ist die Antwort B? ; Vielleicht B ; Die falsche Antwort ist B ; Falsche Antwort: B ; Falsch ist B ; Falsch: B ;
Ich schließe B aus ; B ausgeschlossen ; B kann ausgeschlossen werden ; Die Antwort ist B. Nein, C. ;
Die Antwort ist B. Moment, C. ; Zuerst dachte ich B, aber es ist C. ; Viele wählen B ;
B wäre richtig, wenn es Frankreich wäre ; Keinesfalls B ; Não é B ; A resposta não é B ; B está errada ; B é falsa ;
B está incorreta ; Exceto B ; Talvez B ; Resposta errada: B ; A resposta errada é B ; A alternativa incorreta é B ;
A resposta é B. Não, é C. ; Non è B ; La risposta non è B ; B è sbagliata ; B è errata ; B è falsa ; Tutte tranne B ;
Tranne B ; La risposta sbagliata è B ; Risposta errata: B ; La risposta è B. No, C. ; Scarto B ; B değil ;
Cevap B değil ; B yanlış ; B yanlıştır ; B hariç ; A veya B ; Cevap B mi? ; Yanlış cevap: B ; Yanlış olan B ;
B elenir ; Cevap B. Hayır, C. ; Không phải B ; Đáp án không phải B ; B là sai ; B không đúng ; Trừ B ; A hoặc B ;
A và B ; Có phải B không? ; Có lẽ B ; Đáp án sai là B ; Đáp án B. Không, C. ; Loại B ; Không chọn B ;
Jawabannya bukan B ; Jawaban salah: B ; A atau B ; Kecuali B ; Pilihan B salah ; Het antwoord is niet B ; B is fout ;
B is onjuist ; Behalve B ; Fout antwoord: B ; Odpowiedź to nie B ; B jest błędna ; B jest niepoprawna ; Oprócz B ;
Błędna odpowiedź: B ; Svaret är inte B ; B är fel ; Fel svar: B ; A eller B ; ليس B ; الإجابة ليست B ; B خطأ ;
B خاطئة ; الإجابة الخاطئة هي B ; A أو B ; ما عدا B ; B गलत है ; उत्तर B नहीं है ; B नहीं ; गलत उत्तर: B ; A या B ;
B को छोड़कर ; ไม่ใช่ B ; B ผิด ; คำตอบไม่ใช่ B ; A หรือ B ; ยกเว้น B ; לא B ; התשובה אינה B ; B שגוי ; A או B ;
Όχι B ; B είναι λάθος ; A ή B ; B je špatně ; B este greșit ; B گزینه غلط است ; أ ; ج ; لندن ; ③ ; ア ; ウ ; ウ. 青 ;
青 ; ③青 ; 3번 ; 다 ; 나. 파랑 ; 파랑 ; 정답: 3번 ; 정답은 ③번입니다. ; Ａ ; 甲 ; 丙 ; 第三项 ; 第一个 ; Ｃ ;
If B is right, so C ; So B or C ; A is true, so B is false. ; A, so not B ; A. Hence B is wrong ; I like A, but B ;
Everything but B ; Anything but B is right ; All the options but B are correct ; Nothing but B is wrong ;
None but B is wrong. ; All but B is correct. ; A, C and D but B ; A and B are true, so both. ;
So B and C are right. ; So either B or C. ; So B? Or C. ; So B, or C. ; So B, maybe C. ; So B, but C is better. ;
B is good, but C is better. ; B is right, but C is more right. ; B is correct, but so is C. ;
B is correct and so is C. ; B is correct, and C is correct, too. ; Because B ; Because B is wrong, C ;
Since B is out ; Because of B ; because B is true, A is false ; C because B ; A since B ;
C, since B is the capital of France ; Not because of B ; La B no ; El B no es ; B no es la respuesta ;
No creo que sea B ; No creo que la respuesta sea B ; La respuesta no puede ser B ; Nunca B ; Jamais B ;
Je ne pense pas que ce soit B ; Je ne choisis pas B ; Ich wähle nicht B ; Ich wähle B nicht ;
Ich würde B nicht wählen ; Die Antwort B ist falsch ; Die Option B ist nicht richtig ;
Option B ist die schlechteste ; B ist die zweite Option ; B ist eine Option ; La opción B es una opción ;
B est une option ; B est la deuxième option ; Вариант B — не тот ; Вариант B не подходит ; Это не B ;
Это точно не B ; Вряд ли B ; Едва ли B ; B вряд ли ; Если B, то ; Если ответ B, то C ; Si B, entonces C ;
Si la respuesta es B, entonces no ; Wenn B richtig ist ; Falls B stimmt ; Se B é correta ; Si B est correct ;
もしBなら ; Bなら ; Bだとすると ; 如果选B ; 假如是B ; 要是B ; 若选B则错 ; 选B是错的 ; 选B的人错了 ; 选择B是不对的 ;
为什么不选B ; 为什么选B？ ; 应该不是B ; 应该不选B ; 不应选B ; 不应该选B ; 不能选B ; 不会是B ; 不可能选B ; 没有选B ;
别选B ; 勿选B ; 千万别选B ; 绝对不是B ; 肯定不是B ; 答案绝不是B ; 答案非B ; 答案并非B ; 答案不为B ; 答案未必是B ;
答案不一定是B ; B未必对 ; B不一定对 ; B不全对 ; B不完全正确 ; B部分正确 ; B基本正确 ; B看似正确 ; B较好 ; B最差 ;
B不如C ; C优于B ; B和C都对 ; B、C都正确 ; B或C正确 ; B与C ; B及C ; B還是C ; B还是C？ ; 选B还是C ; 是B还是C ;
答案是B还是C ; B吗 ; 选B吗 ; 答案是B吧？ ; B嗎？ ; Bではないか ; Bではなかろうか ; Bか ; Bかな ; BかCか ;
Bじゃないです ; Bは正しくありません ; Bは正しいとは言えない ; Bとは限らない ; Bが正しいとは限らない ; Bが正しくない ;
Bが間違い ; Bが誤り ; Bが不正解 ; B가 아니에요 ; B가 아닐까요 ; B는 정답이 아닙니다 ; B가 정답이 아닙니다 ;
B가 정답은 아닙니다 ; 정답이 B는 아닙니다 ; 정답이 B가 아니라 C입니다 ; B일까요 ; B 같지 않다 ; B는 아닌 것 같다 ;
B나 C ; B와 C가 정답 ; B 혹은 C ; B không phải đáp án đúng ; không chọn B ; đáp án không phải là B ;
B bukan jawaban ; bukan B tetapi C ; jawabannya bukan B ; B belum tentu benar ; B tidak benar ; B değil, C ;
B yanlış cevap ; cevap B olamaz ; B olamaz ; B doğru değil ; B doğru değildir ; الخيار B خاطئ ; الخيار B غير صحيح ;
B ليست الإجابة ; B ليس صحيحا ; विकल्प B गलत है ; उत्तर B नहीं ; B सही नहीं है ; B nie jest poprawna ; Nie B, lecz C ;
odpowiedź B jest niepoprawna ; B no es correcto ; B non è corretta ; B non è la risposta ; non B ma C ;
B não é a correta ; B não está correta ; não é B, é C ; niet B maar C ; B is niet juist ; B is niet het antwoord ;
het is niet B ; B är inte rätt ; inte B utan C ; B er ikke riktig ; det er ikke B ; (Б) неверно ; Б неверно ; не Б ;
Б? ; 가 아니다 ; ア? ; ب خطأ
"""
"""Each names B, and says that it is wrong, or asks, or leaves it open."""


def wordings(table: str) -> list[str]:
    return [text.strip() for line in table.strip().splitlines() for text in line.split(" ;") if text.strip()]


@pytest.mark.parametrize("response", [text.replace("⏎", "\n") for text in wordings(ASSERTED)])
def test_asserted(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "B") == Ruling.CORRECT
    assert verdict(verifier, response, "C") == Ruling.INCORRECT


@pytest.mark.parametrize("response", [text.replace("⏎", "\n") for text in wordings(NOT_ASSERTED)])
def test_not_asserted(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "B") != Ruling.CORRECT


@pytest.mark.parametrize("clause", ["", "La respuesta correcta es la ", "所以正确答案是", "Die richtige Antwort ist: "])
def test_affirms(clause: str) -> None:
    assert affirms(clause)


@pytest.mark.parametrize("clause", ["La respuesta incorrecta es ", "错误的是", "Die Antwort ist nicht ", "perhaps"])
def test_one_other_word_affirms_nothing(clause: str) -> None:
    assert not affirms(clause)


def test_denied_before_or_behind() -> None:
    assert denied("No es ", "")
    assert denied("", " ist falsch")
    assert not denied("No es A, sino ", "")
    assert not denied("There is no doubt that it is ", "")
