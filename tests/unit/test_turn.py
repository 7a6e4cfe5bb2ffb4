"""Where a response ends: at its model's mark, or where it asks itself the next question."""

import json
from time import process_time

import pytest

from schemas.trace import Structure
from tasks.extraction.answer import find_answer
from tasks.judging.reading import read_answers
from tasks.parsing.grammar import ReflectionText, parse, write
from tasks.parsing.turn import end_of_response, next_questions

MARKS = [
    *(
        "</s>",
        "<|im_end|>",
        "<|eot_id|>",
        "<|endoftext|>",
        "<end_of_turn>",
        "<eos>",
        "[EOS]",
        "<|end_of_text|>",
        "<|end|>",
    ),
    *(
        "<|return|>",
        "<|eom_id|>",
        "<|EOT|>",
        "<|END_OF_TURN_TOKEN|>",
        "[|endofturn|]",
        "<|user|>",
        "<|observation|>",
        "<pad>",
    ),
    *(
        "<\uff5cend\u2581of\u2581sentence\uff5c>",
        "<\uff5chy_eos\uff5c>",
        "<extra_id_1>",
        "<end_of_utterance>",
        "[/INST]",
    ),
    *("<seed:eos>", "[e~[", "<|role_end|>", "<im_end>", "[EOT]", "<|assistant_end|>", "<eop>", "[UNUSED_TOKEN_145]"),
    *("<turn|>", "<unk>", "<sep>", "<eoh>", "<s>", "[end of text]", "</assistant>", "<|tool\u2581calls\u2581end|>"),
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_no_part_of_the_response(mark: str) -> None:
    for text in ("18", "The answer is 18.", "So\n#### 18", "<think>x</think>18", r"\boxed{18}"):
        for behind in (mark, f"{mark}\n", f"\n{mark}", f"{mark}{mark}", f" {mark}\n<|endoftext|>\n"):
            stated = find_answer(text + behind)
            assert stated is not None
            assert stated.answer == "18"
    stated = find_answer(f"<thinking>a</thinking><output>18{mark}</output>{mark}")
    assert stated is not None
    assert stated.answer == "18"
    trace = write(["a", ReflectionText("b")], "c")
    assert parse(trace + mark).structure is Structure.OK
    assert parse(f"<think>a</think>c{mark}").output == parse("<think>a</think>c").output


@pytest.mark.parametrize("kind", ["constraints", "judge", "exact", "code", "number"])
def test_of_every_kind(kind: str) -> None:
    text = "def f():\n    return 1"
    stated, _ = read_answers(f"{text}<|im_end|>\n", parse(f"{text}<|im_end|>\n"), kind, {"entry_point": "f"})
    assert stated is not None
    assert stated.answer == text


@pytest.mark.parametrize(
    "text",
    [
        "18",
        "18 \n",  # white space stays where there is no mark
        "a <s>17</s>",  # struck out
        "`<|im_end|>`",
        "x < y | z > w",
        "<b>18</b>",
        "[1, 2]",
        "list[int]",
        "[INFO]",
        "print('<|im_end|>')",
        "stop at '</s>' and go on",
        "<|begin_of_thought|>x<|end_of_thought|>\n<|begin_of_solution|>y",
        "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>18",
    ],
)
def test_what_is_no_mark(text: str) -> None:
    assert end_of_response(text) == len(text)


@pytest.mark.parametrize(
    "behind",
    [
        "<|im_end|>\n<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\nThe answer is 4.",
        "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n2 + 2?<|eot_id|>The answer is 4.",
        "<|end|><|user|>2 + 2?<|end|><|assistant|>The answer is 4.",
        "</s><s>[INST] 2 + 2? [/INST] The answer is 4.</s>",
        "<|endoftext|>The answer is 4.",
        "<|endoftext|>Human: 2 + 2?\n\nAssistant: The answer is 4.",
        "\n\nQuestion: 2 + 2?\nAnswer: 4",
        "\n\nQ: 2 + 2?\nA: 4",
        "\n\n**Question 2:** 2 + 2?\n\\boxed{4}",
        "\n\nProblem: 2 + 2?\nSolution: 2 + 2 = 4\n#### 4",
        "\nHuman: 2 + 2?\nAssistant: The answer is 4.",
        "\nUser: 2 + 2?\nThe answer is 4.",
        "\n\n### Instruction:\nAdd.\n\n### Response:\nThe answer is 4.",
        "\n\nNext question: 2 + 2?\nThe answer is 4.",
        "\n\n问题\uff1a2+2\uff1f\n答案是4。",
        "\n\nPregunta: ¿2 + 2?\nRespuesta: 4",
        "\n\n## Problem 2\nWhat is 2 + 2?\n\nThe answer is 4.",
        "\n\n#### Question\n2 + 2?\n#### Answer\n4",
        "\n\nUSER: 2 + 2?\nASSISTANT: The answer is 4.",
        "\n\n<human>: 2 + 2?\n<bot>: The answer is 4.",
        "\n\nuser\n2 + 2?\nassistant\nThe answer is 4.",
        "\n\nTask: add 2 and 2.\nAnswer: 4",
        "\n\nPertanyaan: 2 + 2?\nJawaban: 4",
        "\n\nQ2. 2 + 2?\nA2. 4",
    ],
)
def test_the_next_question_is_not_this_one(behind: str) -> None:
    for text in ("18", "The answer is 18.", "#### 18", r"So \boxed{18}.", "答案是18。"):
        stated = find_answer(text + behind)
        assert stated is not None
        assert stated.answer == "18"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Question: 9 * 2?\nAnswer: 18", "18"),
        ("# Problem\n9 * 2?\n# Solution\nThe answer is 18.", "18"),
        ("The answer is 18.user\n2 + 2?\nassistant\nThe answer is 4.", "18"),  # left of the marks of a turn
        ("The user\nasks for 9 * 2. The answer is 18.", "18"),
        ("There are tokens such as <eos>. The answer is 18.", "18"),
        ("Let me restate.\n\nProblem: 9 * 2?\n\nThe answer is 18.", "18"),
        ("The question: 9 * 2?\nThe answer is 18.", "18"),
        ("Q: 9 * 2?\nA: 18\n\nQ: 2 + 2?\nA: 4", None),  # steps of one, or several: nobody knows which is its own
        ("Q: 9 * 2?\nA: 18\n\nQ: 18?\nA: 18", None),
        ("<output>18</output>\n\nQuestion: 2 + 2?\n<output>4</output>", "18"),
        ("<output>4</output><output>18</output>", "18"),
    ],
)
def test_which_question_is_its_own(text: str, answer: str | None) -> None:
    stated = find_answer(text)
    assert (stated and stated.answer) == answer


def test_no_question_in_the_recorded_style() -> None:
    assert next_questions("She sells 9 eggs.\nA: 18\n") == []
    assert next_questions(json.dumps({"question": "2 + 2?"})) == []


@pytest.mark.parametrize(
    "piece",
    [
        "</s>",
        "<s>",
        "<|im_end|>",
        "<|im_end|> x",
        "[EOS]\n",
        "\n",
        " ",
        "Wait. 5",
        "<|",
        "Q:\n",
        "Q: a\n\nA: 5\n\n",
        ">",
    ],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    start = process_time()
    find_answer("The answer is 5. " + piece * (200_000 // len(piece)))
    assert process_time() - start < 3
