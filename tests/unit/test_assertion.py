"""Which choice a response asserts, in many wordings, and the many in which it names one and asserts none."""
# ruff: noqa: RUF001

import json

import pytest

from schemas.verdict import Ruling
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line

CITIES = ["London", "Paris", "Berlin", "Madrid"]
ASSERTED = r"""
B; b; (B); **B**; B.; B); [B]; Option B; option (b); The answer is B.; The correct answer is (B);
The correct option is B) Paris; It's B; It is B.; I'd go with B; I choose B.; I pick Paris; So B.;
Therefore, B; Therefore, the answer is B; Hence the correct choice is **B**.; B because it is the capital;
B is correct; B is the correct answer.; B is the right choice because of X; B fits best.; B works; Answer: B;
Answer: $B; Answer: $B$; Answer: \boxed{B}; $\boxed{\text{B}}$; \boxed{\textbf{(B)}}; \text{(B)}; $\text{(B)}$;
$\mathrm{B}$; Final answer: (B) Paris; The best answer is Paris.; Paris; Paris (B); B: Paris; B – Paris;
The capital is Paris.; It must be Paris; 答案是B; 选B; 故选B。; 所以选 B; 正确答案是B。; 我选择B; 应选B;
正解はBです。; 答えはBです; 정답은 B입니다.; 정답: B; La réponse est B.; La respuesta correcta es B;
Die Antwort ist B.; Die richtige Antwort ist B.; Ответ: B; A resposta é B; La risposta è B; الإجابة هي B;
Cevap: B; Đáp án: B; Đáp án B; उत्तर: B; Odpowiedź: B; Het antwoord is B.; Jawaban: B; Jawabannya adalah B;
The answer is B</s>; My answer is B.; I think it's B.; I'm confident it's B; There is no doubt that it is B;
A is wrong, C is wrong, D is wrong, so B.; Not A but B; It's not A, it's B.; <answer>B</answer>;
{"answer": "B"}; ### Answer: B; **Answer:** B) Paris; The answer is option B.; Thus the answer must be B;
The final answer is $\boxed{B}$.; We are left with B.; This leaves B.; By elimination, B.; B it is.;
The answer is A. Wait, no, it's B.; The answer is A... sorry, B.; Choice B is correct.;
Option B is the correct one.; Correct answer: B; Correct option: B;
The correct option is: B; The correct letter is B; Clearly B;
Definitely B; Most likely B; It should be B; It has to be B.; B. Paris is the capital of France.;
B) Paris is the capital.; Answer is B; answer B; ANSWER: B; The answer is: B; The answer is (B) Paris.; ans: B;
Ans: B; choice B; b) paris; The second option; the second one; I'm going with B; Definitely B.;
It's gotta be B; B!; Probably B; B, I think; B, I believe.; I guess B; A is wrong, B is right, C is wrong;
The answer is B, not C; Not A. Not C. Not D. B.; Of the options, B; Paris is the capital of France;
Paris, France; paris; PARIS; Paris!; Option B: Paris; Option B is correct because Paris is the capital.;
The correct option is B.; The right answer is B; The best choice is (B); Therefore the answer is (B).;
B) Paris is correct; B. Paris; B - Paris; (B) Paris is the capital of France.; Answer: Paris; Answer: B. Paris;
Answer: (B) Paris; Answer: B - Paris; Answer: option B; Answer: The correct answer is B; **B. Paris**;
**Answer: B**; The answer is **B) Paris**.; The correct answer is:⏎⏎**B) Paris**;
Let's see. A is in England, C is in Germany, D is in Spain. So the answer is B.; Paris is the correct answer.;
The correct answer is Paris because it is in France.; My choice: B; My pick is B; I select option B.;
I'll choose B.; I would say B.; I'd say B; We choose B.; We can conclude that B is correct.;
Thus B is the correct answer.; Thus, option (B) is correct.; Hence option B.; Hence, B is right.;
So, the correct option is (B).; so B is correct; Clearly, the answer is B.;
It must be B, since the others are wrong.; It can only be B.; Only B works.; Only B is correct.; B only;
B and only B; B for sure; B without a doubt; Surely B.; B seems right; B looks correct;
B appears to be correct; B is most likely; B is the most likely answer.; B is the answer; B is my answer.;
B is true; Statement B is true.; B would be my choice; B matches the description; Going with B.; Choosing B.;
Selected: B; Selection: B; Response: B; The solution is B.; Conclusion: B; Final: B; Final choice: B;
The final choice is B.; My final answer is B) Paris.; Let me pick B; It is option B.; It is choice (B);
That's B.; That would be B.; That is B, Paris.; Paris, i.e. B; Paris, which is option B; Paris (option B);
Paris - option B; Paris, so B; Paris. So B.; -> B; => B; B: Paris is the capital of France;
B. It is the capital.; B⏎⏎Explanation: Paris is the capital.; B⏎Because Paris is the capital.;
The capital of France is Paris.; France's capital is Paris; It's Paris.; I think Paris; I would go for Paris;
I think the answer is Paris.; I believe it's Paris.; The city is Paris.; The answer would be B.;
The answer should be B.; The answer must be B; The answer is clearly B.; The answer is therefore B.;
The answer is, B.; The answer is choice B; The answer is letter B; The answer is the letter B;
The answer is the second option.; #### B; \boxed{B) Paris}; \boxed{\text{B) Paris}}; \boxed{\text{Paris}};
\boxed{(B)}; $\boxed{B}$; $$\boxed{\text{B}}$$; $\textbf{(B)}$; $\textbf{(B)}\ Paris$; $\mathbf{(B)}$; \(B\);
\[B\]; `B`; "B"; 'B'; B.</s>; Ｂ; （B）; 【B】; 「B」; 答案：B; 答案为B; 答案是 B。; 答案是选项B; 正确选项是B;
选择B选项; 所以选B。; 因此正确答案是B; 故答案为B; 本题选B; 应该选B; 我选B; 答案：(B); 答案: **B**; B选项正确;
B是正确的; 正解：B; 答え：B; 答えはBです。; 正解は (B) です。; Bが正しい; Bです; 정답은 B; 정답은 (B)입니다;
답: B; B입니다; Respuesta: B; La respuesta correcta es la B.; La opción correcta es B;
La opción B es la correcta.; Opción B; La bonne réponse est B.; Réponse : B; La réponse correcte est la B;
Die richtige Antwort ist B; Antwort: B; Antwort B; Правильный ответ: B; Ответ: (B); Правильный ответ — B.;
Resposta: B; A alternativa correta é B; A resposta correta é a letra B; Letra B; Risposta: B;
La risposta corretta è la B; الإجابة الصحيحة هي B; Doğru cevap: B; Cevap B; Poprawna odpowiedź: B;
Prawidłowa odpowiedź to B.; Đáp án đúng là B.; Chọn B; Jawaban yang benar adalah B.; Het juiste antwoord is B.;
सही उत्तर B है।
✅ **B. Paris**; 👉 B; B is the answer because A is in England.; A ✗⏎B ✓⏎C ✗⏎D ✗; <b>B</b>;
At first glance A looks right, but it is B.; A is close, but B is the best answer.; It's B, since A is in England;
It cannot be A or C. D is in Spain. Hence B.; Although A may seem right, B is the correct answer.; Answer - B;
A, C and D are all wrong, so B.; B, since A, C and D are wrong.; Ok, B; Hmm, B; B (confidence: high); B (see above)
"""
"""Each says B, Paris. `⏎` is a line break."""
NOT_ASSERTED = r"""
anything but B; Anything except B; B is out; Cross out B; I disagree with B; B can be ruled out; B is excluded;
Strike B; Discard B.; B? No.; B is a trap; B looks tempting; B is the distractor; The distractor is B;
The wrong answer is B; The least likely is B; The only one that fails is B; B is the only one that fails;
B is wrong; I doubt B; I doubt it's B; I would avoid choosing B; Never choose B; Don't pick B; Some say B;
People often choose B; Many students answer B; My friend picked B; B would be correct if it were red;
B might be right; B could be the answer; Perhaps B?; maybe not B; All but B; everything but B;
any option but B; none, least of all B; no way it's B; B, no; B - no; B: wrong; B (wrong); B (eliminated);
B. Wrong.; B) is incorrect; B is impossible; B is irrelevant; B doesn't fit; B lacks evidence;
B exceeds the limit; It is B that is wrong; B is too big to be right; So B is out.; I think B fails;
I believe B is a distractor; Let's eliminate B; We can drop B; Remove B; Skip B; Reject B; B has been refuted;
B is refuted by the text; Far from B; The opposite of B; Not Paris; Paris is out; Avoid Paris; Paris fails;
Paris is too small; Hardly Paris; Anything but Paris; Is it Paris?; Paris is a distractor;
I disagree with Paris; Paris can be excluded; The answer is anything but B; The answer is not B;
The answer isn't B; The answer cannot be B.; The answer can't be Paris; The answer is never B;
I don't think the answer is B; I disagree that the answer is B; It would be wrong to say the answer is B.;
The wrong answer is B.; The answer is definitely not B; Your answer is B. ; Nobody thinks the answer is B.;
The answer is B? No.; Is the answer B?; The answer is B if the sky is green.; Apart from B; Instead of B;
Other than B; Unlike B; B aside; B notwithstanding; B excluded; B is not the answer; Under no circumstances B;
B is false; B is the odd one out; B, which is wrong; It used to be B; B was my first guess, but; not \boxed{B};
不选B; B不对; 排除B; B是错误的; 答案不是B; B以外; The answer is B? No, C.; B. But that's wrong.;
I thought B. Now I think otherwise.; B is correct? I doubt it.; It is B. No wait, it's not B.;
The answer is B. Wait, that's wrong.; B would be correct, but the question asks for the exception.;
B is true but not relevant.; B is true but not the answer; B is correct, so it's not the answer.;
Which one is B?; Is B the answer?; Could it be B?; Would B be right?; B or C?; What about B?; Why not B?;
Not sure about B; I'm not sure it's B; I'm not convinced by B; I am unsure whether it is B; I can't choose B;
I cannot say B; I refuse to choose B; I wouldn't pick B; I wouldn't go with B; nobody would pick B;
Don't choose B; Do not select B; You should not choose B; Never B; B never; B isn't; B's wrong; B's out;
B is a red herring; B is a lie; B is a decoy; B is nonsense; B is off; B is off the table; B is gone; B is bad;
B is worse; B is the worst; B is the weakest; B is second best; B is close; B is close but wrong;
B is almost right; B is nearly correct; B is half right; B is partially correct; B is only partly right;
B is less likely; B is least likely; B is less correct than C; B is incorrect because; B is not as good as C;
B is worse than C; C is better than B; C beats B; C over B; C, rather than B; C instead of B; C and not B;
C (not B); Either B or C; B and C; B & C; B/C; B, C; B C; ABCD; A B C D; All of A, B, C, D; All of the above;
None of these; Neither B nor C; B nor C; Both; the first or the second; Options B and D; B+C; B then C; B > C;
C > B; B < C; B = wrong; B: no; B: ✗; B ❌; ❌ B; ✗ B; ~~B~~; [ ] B; eliminate: B; Eliminated: B; Wrong: B;
Incorrect: B; Rejected: B; Distractor: B; Exclude: B; Not: B; Removed options: B; Except B; Excepting B;
Save B; Bar B; B excepted; Anyone but B; Everyone picks B, which is a mistake; A common mistake is B;
The tempting choice is B; The trap answer is B; The naive answer is B.; An incorrect answer is B.;
The worst answer is B.; The second-best answer is B.; The answer most people give is B;
The answer they want is not B; The answer I reject is B; The answer to avoid is B.; The answer excludes B;
The answer rules out B; The answer is other than B.; The answer is A, C or D, not B.;
The answer is one of A, B.; The answer is not A or B; The answer is between A and B.; The answer depends on B;
The answer is B minus one; The answer is Bob; The answer is unknown; The answer is unclear, maybe B;
The answer is maybe B; The answer might be B; The answer could be B; The answer is hardly B;
The answer is scarcely B.; The answer is by no means B.; The answer is in no way B;
The answer is nowhere near B; The answer is the opposite of B; The answer is everything except B.;
The answer is anything besides B; The answer is definitely anything but B; The answer is clearly not B.;
The answer is B's opposite; The answer is far from B.; The answer is the one before B;
The answer is the letter after B; The letter after B; One before B; It is the option after B; Next to B;
It is unlike B; It lacks B; Paris? No.; Paris was the old capital.; Paris is wrong.; It was Paris until 1900.;
It used to be Paris.; It is far from Paris; It is near Paris; The wrong answer is Paris;
People think it is Paris; It is said to be Paris; It is often claimed that it is Paris; I once lived in Paris;
Paris is the wrong answer; Paris is the worst choice.; Paris is the distractor.; Paris is the least likely.;
Paris is the odd one out; Paris is a city.; Paris is the capital of Texas? no; Paris isn't the capital.;
It rules out Paris; It excludes Paris; This means not Paris; This eliminates Paris; Eliminating Paris;
Paris has been eliminated.; Paris can't be.; Paris cannot be right; Unlike Paris; Outside Paris; So not Paris;
So Paris is out; So Paris fails; Therefore Paris is wrong.; Hence Paris must be eliminated.;
Thus B can be dismissed.; Therefore B goes.; So B goes out; Then B falls; So B it isn't;
I choose to eliminate B; I choose against B; I select B for elimination; I pick B as wrong; I mark B as wrong;
I mark B wrong; Mark B as false; I say B is wrong; I think B is a trap; I believe B loses; I guess B is out;
I conclude B is impossible; I know B is false; Circle anything but B; Choose any but B; Choose between B and C;
Choose B or C; Take B off the list; Take B out; Leave B out; Leaves out B; This leaves out B; leaves B behind;
We are left without B; B leaves; It remains to exclude B; It remains B?; Answer B is wrong; Answer B is out.;
Option B is out; Option B fails; Option B: wrong; Option B - incorrect; Choice B contradicts the text.;
Statement B is false.; Statement B is untrue; 不是B; B不是答案; B不正确; B错误; B选项错误; 除了B; B被排除;
正解はBではない; Bではありません; 정답은 B가 아니다; B가 아닙니다; La réponse n'est pas B; Ce n'est pas B;
pas B; No es B; La respuesta no es B; Nicht B; Die Antwort ist nicht B; Ответ не B; Не B; A resposta não é B;
Non è B; La opción B es incorrecta; Option B ist falsch; Вариант B неверный; B yanlış; não B; La B es falsa;
Chọn B là sai
;
B is an option; B is one of the choices.; B is a choice.; nope, B; Perhaps, B; Eliminated, B; B: nope; B: irrelevant;
B (irrelevant); B (✗); B: x; B: F; B. Irrelevant.; B) Too broad.; The previous answer, B, was wrong.; Wrong - B;
The wrong answer — B; B, which I rejected earlier; The answer is B... or maybe C.; The answer is B, or possibly C.;
The answer is B, but C is also correct.; B is correct, but so is C.; A is true, so B is false.; I like A, but B;
If B is right, so C; So either B or C.; Nothing but B is wrong; The answer is B. Upon reflection, C.; A, so not B;
The answer is B. On second look, C.; The answer is B. I disagree with that.; Some user says the answer is B.;
B is the most unlikely option.; A is tempting, but B is the most tempting option.; B is the best option to avoid.;
B is the right answer to a different question.; B is the remaining option to rule out.; B is right in theory.;
B is correct for Germany but not here.; B is the answer for those who did not read.; B only if x; B only sometimes;
B... not.; B, they say.; B, allegedly; B, or so they claim.; B, according to the key, which is wrong.; B then C;
B, just kidding, C.; I chose B and was wrong.; I marked B by accident.; Figure B; Vitamin B; Grade B; B+; B12
"""
"""Each names B, Paris, or another, and says that it is wrong, or asks, or leaves it open."""


def wordings(table: str) -> list[str]:
    return [
        text.strip().replace("⏎", "\n")
        for line in table.strip().splitlines()
        for text in line.split(";")
        if text.strip()
    ]


def verdict(verifier: Verifier, response: str, gold: str) -> str:
    row = {"id": 1, "kind": "choice", "gold": gold, "response": response, "spec": {"choices": CITIES}}
    return str(verify_line(json.dumps(row).encode(), verifier, read_answers)["verdict"])


@pytest.mark.parametrize("response", wordings(ASSERTED))
def test_asserted(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "B") == Ruling.CORRECT
    assert verdict(verifier, response, "C") == Ruling.INCORRECT


@pytest.mark.parametrize("response", wordings(NOT_ASSERTED))
def test_not_asserted(verifier: Verifier, response: str) -> None:
    assert verdict(verifier, response, "B") != Ruling.CORRECT


@pytest.mark.parametrize(
    ("response", "gold", "right"),
    [
        ("I would choose C over B.", "B", "incorrect"),
        ("It was long believed to be Paris, however Madrid is right.", "D", "correct"),
        ("It would be B if it were in France, but it is in Spain, so D.", "D", "correct"),
        ("A is out; B is correct.", "B", "correct"),
        ("B, though A is also acceptable", "B", "unverified"),
        ("Initially I thought B, but the answer is A.", "B", "incorrect"),
        ("A) London – yes. B) Paris – no. C) Berlin – no. D) Madrid – no.", "A", "correct"),
        ("A: True\nB: False\nC: False\nD: False", "B", "unverified"),  # verdicts on statements
        ("~~A~~ B", "B", "correct"),
        ("I would pick B \u2014 a safe choice.", "B", "correct"),
        ("I would pick B \u2014 if only it were not wrong.", "B", "unverified"),
        ("The capital is Paris, whereas London is in England.", "B", "unverified"),
    ],
)
def test_beside_other_choices(verifier: Verifier, response: str, gold: str, right: str) -> None:
    assert verdict(verifier, response, gold) == right


def test_a_list_of_rejections_is_no_measure() -> None:
    """The control: a grader that knows some words of rejection, as published ones do, lets most of them through."""
    known = ("not", "n't", "wrong", "incorrect", "except", "eliminate", "false", "rule")
    let_through = [text for text in wordings(NOT_ASSERTED) if not any(word in text.lower() for word in known)]
    assert len(let_through) > len(wordings(NOT_ASSERTED)) / 2
