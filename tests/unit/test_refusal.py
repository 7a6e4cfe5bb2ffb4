"""Refusals in many languages, and answers that only sound like one."""
# ruff: noqa: RUF001

import json
from random import Random
from typing import Any

import pytest

from schemas.verdict import Reason, Ruling
from tasks.extraction.refusal import refuses
from tasks.judging.reading import read_answers
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.practice.phrases import phrase

REFUSALS = """
I'm sorry, I can't help with that. ; I cannot solve this problem ; I can’t assist with that request. ;
I'm sorry, but I can't help with that. Is there anything else I can help you with? ;
As an AI language model, I cannot answer this. ; As an AI developed by OpenAI, I am not able to answer this question. ;
I apologize, but I cannot provide an answer to this question. ; Sorry, I don't know the answer to this question. ;
I don't know. ; **I don't know** ; I'm not sure. ; I have no idea. ; I am unable to answer this question. ;
Unable to solve. ; I can't do that. ; I was unable to solve this problem. ; I cannot determine the answer. ;
Unfortunately, I am not able to help with this. Please consult a professional. ; I must decline to answer. ;
I'm sorry. I can't continue with this. ; I cannot fulfill your request. It violates my guidelines. ;
Lo siento, no puedo ayudar con eso. ; Lo siento, pero no puedo responder a esa pregunta. ; No lo sé. ;
Je suis désolé, mais je ne peux pas vous aider. ; Je ne peux pas répondre à cette question. ; Je ne sais pas. ;
Es tut mir leid, dabei kann ich nicht helfen. ; Es tut mir leid, aber ich kann diese Frage nicht beantworten. ;
Ich weiß es nicht. ; Desculpe, não posso ajudar com isso. ; Não sei. ; Mi dispiace, non posso aiutarti con questo. ;
Non lo so. ; Het spijt me, ik kan daar niet mee helpen. ; Извините, я не могу с этим помочь. ;
К сожалению, я не могу ответить на этот вопрос. ; Я не знаю. ; Przepraszam, nie mogę w tym pomóc. ; Nie wiem. ;
Üzgünüm, bu konuda yardımcı olamam. ; Bilmiyorum. ; Xin lỗi, tôi không thể giúp bạn với điều đó. ;
Maaf, saya tidak dapat membantu dengan permintaan itu. ; آسف، لا أستطيع مساعدتك في ذلك. ;
عذراً، لا يمكنني الإجابة على هذا السؤال. ; मुझे खेद है, लेकिन मैं इसमें मदद नहीं कर सकता। ; 抱歉，我无法回答这个问题。 ;
对不起，作为一个人工智能语言模型，我无法提供相关信息。 ; 我不知道。 ; 抱歉，無法回答這個問題。 ; わかりません。 ;
申し訳ありませんが、お手伝いできません。 ; 申し訳ございませんが、その質問にはお答えできません。 ;
죄송합니다. 그 질문에는 답변해 드릴 수 없습니다. ; 모르겠습니다. ; I could not work this out. ; This is beyond me. ;
I was unable to work it out, and I would rather not guess. ; That's not something I can solve. Sorry. ;
I cannot work that out, and a guess would not help you. ; That is outside what I can do. Please ask me something else.
"""
ANSWERS = """
I cannot find an integer solution, so the answer is 0. ; I cannot find an integer solution. ;
I can't find any, so none. ; The problem has no solution. ; No solution. ;
It cannot be solved. ; Cannot be determined. ; No. ; No, he can't. ;
The answer cannot be determined from the given information. ; There is not enough information to answer. ;
I don't know, but Paris is likely. ; I'm not sure, maybe Paris. ; Not sure, but I think it is Lyon. ;
I'm sorry to say it: no ; I'm sorry, the answer is no. ; I can't help but notice that it is Paris. ;
I can't solve it by hand, but by symmetry it is zero. ; He can't answer the question. ; She does not know. ;
Yes, I can help with that. ; Sorry, it should be B. ; Unfortunately, the train cannot arrive in time. ;
They refuse to answer. ; Alice cannot help Bob. ; I can't help with that. The capital is Paris. ;
I can't help with that, but 5 is my guess. ; I can't answer without Paris. ; The knight says: I don't know. ;
Es gibt keine Lösung. ; Il n'y a pas de solution. ; No hay solución. ; Нет решений. ; 无解 ; 不能 ; 解なし ;
我不知道，可能是北京。 ; Lo siento, no puedo ayudar con eso, pero la capital es París. ; I am the answer. ;
It is beyond me, but Paris is likely. ; This is beyond Mexico. ; It is not something I can eat. ; A guess: Paris. ;
He could not work it out. ; I would rather not guess, but it is Rome. ; I can work it out as Rome.
"""
CHOICES = {"choices": ["Paris", "Rome", "I don't know"]}
JUDGED = [
    ("number", "5", "I'm sorry, I can't help with that.", "refused"),
    ("number", "5", "Answer: I cannot solve this problem.", "refused"),
    ("number", "5", "<thinking>5 + 2 is 7.</thinking><output>I'm unable to answer.</output>", "refused"),
    ("number", "5", "", "no_answer"),
    ("number", "5", "I cannot help with that, but the answer is 5.", "equal"),
    ("number", "0", "I cannot find an integer solution, so the answer is 0.", "equal"),
    ("number", "1", "I cannot find an integer solution, so the answer is 0.", "not_equal"),
    ("number", "5", "I cannot find an integer solution.", "answer_not_a_number"),
    ("math", r"\frac{1}{2}", "抱歉，我无法回答这个问题。", "refused"),
    ("math", r"\text{no solution}", "There is no solution.", "undecided"),
    ("exact", "Paris", "Lo siento, no puedo ayudar con eso.", "refused"),
    ("exact", "Paris", "I know: Rome.", "not_equal"),
    ("exact", "I don't know", "I don't know.", "equal_text"),  # right is right
    ("choice", "A", "I cannot answer this question.", "refused"),
    ("choice", "C", "I don't know", "same_choice"),
    ("choice", "A", "I don't know", "other_choice"),
    ("choice", "A", "No choice fits.", "no_choice_named"),
    ("consensus", None, "I can't help with that.", "refused"),
]


def texts(table: str) -> list[str]:
    return [text.strip() for text in table.replace("\n", " ").split(" ; ")]


def verifier_row(verifier: Verifier, row: dict[str, Any]) -> dict[str, Any]:
    return verify_line(json.dumps(row).encode(), verifier, read_answers)


@pytest.mark.parametrize("text", texts(REFUSALS))
def test_a_refusal(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("seed", range(60))
def test_what_the_practice_teacher_says_in_refusal(seed: int) -> None:
    assert refuses(phrase(Random(seed), "teacher.refusals"))


@pytest.mark.parametrize("text", texts(ANSWERS))
def test_an_answer_that_sounds_like_one(text: str) -> None:
    assert not refuses(text)


@pytest.mark.parametrize(("kind", "gold", "response", "reason"), JUDGED)
def test_a_refusal_is_neither_right_nor_wrong(
    verifier: Verifier, kind: str, gold: str | None, response: str, reason: str
) -> None:
    spec = CHOICES if kind == "choice" else {"samples": ["I can't help with that."] * 5} if not gold else {}
    row = verifier_row(verifier, {"kind": kind, "gold": gold, "response": response, "spec": spec})
    assert row["reason"] == reason
    assert row["verdict"] == Reason(reason).ruling


def test_refusals_are_no_majority(verifier: Verifier) -> None:
    """Nor are they samples with an answer, of which a majority would need fewer."""
    spec = {"samples": ["I don't know."] * 8 + ["Answer: 5"]}
    row = verifier_row(verifier, {"kind": "consensus", "response": "Answer: 5", "spec": spec})
    assert (row["verdict"], row["reason"]) == (Ruling.UNVERIFIED, Reason.TOO_FEW_SAMPLES)
