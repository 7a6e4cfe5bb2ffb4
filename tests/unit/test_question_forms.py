"""Dumps of reasoning models and chat data as `run` reads them: question, thinking and output of each, from its rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question_source import Questions
from tasks.asking.compose import compose
from tasks.parsing.grammar import parse
from tasks.questions import Loaded, load
from tasks.synthesis.plan import make_plan

ASKED, THOUGHT, ANSWER = "What is 1 + 2?", "I add them.", "It is 3."
LONG = f"<|begin_of_thought|>\n\n{THOUGHT}\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n{ANSWER}\n\n"
LONG += "<|end_of_solution|>"
TAGGED = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
GLAIVE = f"<thinking>{THOUGHT}</thinking>\n\n<output>{ANSWER}</output>"
GLAIVE_REFLECTS = GLAIVE.replace("</thinking>", "<reflection>Is it 3?</reflection></thinking>")
SYSTEM = "Think first."


def chat(answer: str, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": ASKED}, {"role": "assistant", "content": answer, **more}]


def sharegpt(answer: str) -> list[dict[str, str]]:
    return [{"from": "user", "value": ASKED}, {"from": "assistant", "value": answer}]


DUMPS = {
    "OpenThoughts-114k": {"system": SYSTEM, "conversations": sharegpt(LONG)},
    "OpenThoughts-114k, metadata": {
        "problem": ASKED,
        "deepseek_reasoning": THOUGHT,
        "deepseek_solution": ANSWER,
        "ground_truth_solution": "3",
        "domain": "math",
    },
    "OpenThoughts2": {"conversations": sharegpt(TAGGED), "question": None, "source": "x"},
    "OpenThoughts2, parts": {"question": ASKED, "reasoning": THOUGHT, "deepseek_solution": ANSWER, "source": "x"},
    "Bespoke-Stratos": {"system": SYSTEM, "conversations": sharegpt(LONG)},
    "s1K-1.1": {
        "question": ASKED,
        "solution": "3",
        "deepseek_thinking_trajectory": THOUGHT,
        "deepseek_attempt": ANSWER,
        "gemini_attempt": "It is 4.",
    },
    "OpenOrca": {"system_prompt": SYSTEM, "question": ASKED, "response": TAGGED, "id": "flan.1"},
    "s1K": {"question": ASKED, "solution": "3", "thinking_trajectories": [THOUGHT], "attempt": ANSWER, "cot": None},
    "OpenR1-Math-220k": {"problem": ASKED, "answer": "3", "generations": [TAGGED], "messages": chat(TAGGED)},
    "Chinese-DeepSeek-R1-Distill": {"input": ASKED, "reasoning_content": THOUGHT, "content": ANSWER, "score": 10},
    "dolphin-r1": {
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASKED}],
        "reasoning": THOUGHT,
        "answer": ANSWER,
        "model": "deepseek-r1",
    },
    "DeepSeek-R1, without the opening tag": {"prompt": ASKED, "response": f"{THOUGHT}\n</think>\n\n{ANSWER}"},
    "API's own answers": {"messages": chat(ANSWER, reasoning_content=THOUGHT)},
    "QWQ-LONGCOT-500K": {"prompt": ASKED, "response": TAGGED},
    "QwQ-LongCoT-130K": {"problem": ASKED, "qwq": TAGGED, "solution": "3"},
    "Magpie-Reasoning": {"instruction": ASKED, "response": TAGGED, "conversations": sharegpt(TAGGED)},
    "Glaive reflection-v1": {"system": SYSTEM, "prompt": ASKED, "response": GLAIVE_REFLECTS},
    "Alpaca": {"instruction": ASKED, "input": "", "output": TAGGED},
    "with columns of our own names": {"question": ASKED, "response": TAGGED},
}


def read(tmp_path: Path, *rows: Any, source: str = "recorded", **settings: Any) -> Loaded:
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return load(Questions(source=source, path=str(tmp_path / "a.jsonl"), **settings), 0)


@pytest.mark.parametrize("row", DUMPS.values(), ids=DUMPS)
def test_a_dump_gives_question_thinking_and_output(tmp_path: Path, row: dict[str, Any]) -> None:
    loaded = read(tmp_path, row)
    configuration = RunConfiguration.model_validate({"questions": {"source": "recorded", "path": "a.jsonl"}})
    plan = make_plan(configuration, loaded.seeds, "")
    [call] = plan.opened(plan.spans[0]).recorded.values()
    assert call.messages[-1].content == loaded.seeds[0].question.text == ASKED
    text = compose(call.content, call.reasoning)
    parsed = parse(text)
    assert parsed.structure == "ok"
    assert parsed.thinking
    assert parsed.output
    assert parsed.thinking.of(text).strip().startswith(THOUGHT)
    assert parsed.output.of(text).strip() == ANSWER
    told = [message.content for message in call.messages if message.role == "system"]
    assert told == ([SYSTEM] if SYSTEM in json.dumps(row) else []), "the call says what it was asked under"


def test_golds_answers_and_what_lacks_them(tmp_path: Path) -> None:
    loaded = read(tmp_path, DUMPS["OpenR1-Math-220k"] | {"generations": [TAGGED, None, "4"], "id": "x"})
    [seed] = loaded.seeds
    assert (seed.question.gold, seed.question.kind, seed.question.external_id) == ("3", "number", "x")
    assert [(said.column, said.text) for said in seed.recorded] == [("generations.0", TAGGED), ("generations.2", "4")]


BAD = [
    ({"conversations": sharegpt(LONG) * 2}, "a.jsonl, line 1, conversations: got '4 turns'; needs one question"),
    ({"messages": chat("x", weight=0)}, "a.jsonl, line 1, messages.1.weight: got 0; needs an answer to be learnt"),
    ({"prompt": " ", "response": "x"}, "a.jsonl, line 1, prompt: got ' '; needs the question as text"),
    ({"problem": "x", "generations": [7]}, "a.jsonl, line 1, generations.0: got 7; needs text"),
    ({"instruction": "x", "output": 7}, "a.jsonl, line 1, output: got 7; needs text"),
    ({"question": [{"role": "user", "content": " "}], "response": "x"}, "a.jsonl, line 1, question: got ''; needs the"),
    ({"problem": "x", "other": "y"}, "a.jsonl, line 1: got no 'question' but 'problem', 'other'; needs"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_a_row_that_cannot_be_read_is_counted(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    loaded = read(tmp_path, row, DUMPS["Alpaca"])
    assert str(loaded.rejected[0]).startswith(message)
    assert len(loaded.seeds) == 1
    with pytest.raises(Refused) as refused:
        read(tmp_path, row)
    assert message in str(refused.value)


ASKING = [
    ({"conversations": sharegpt("x")}, ASKED),
    ({"messages": [{"role": "system", "content": SYSTEM}, *chat("x")]}, f"{SYSTEM}\n\n{ASKED}"),
    ({"messages": chat("x")[:1]}, ASKED),
    ({"question": chat("x")[:1]}, ASKED),
    ({"question": [{"role": "system", "content": SYSTEM}, *chat("x")]}, f"{SYSTEM}\n\n{ASKED}"),
    ({"instruction": "Add.", "input": "1 2", "output": "3"}, "Add.\n\n1 2"),
    ({"instruction": "Add.", "input": "<noinput>", "output": "3"}, "Add."),
    ({"instruction": "Add.", "context": "1 2", "response": "3"}, "Add.\n\n1 2"),
    ({"instruction": "Add.", "instances": [{"input": "1 2", "output": "3"}]}, "Add.\n\n1 2"),
]


@pytest.mark.parametrize(("row", "asked"), ASKING)
def test_a_teacher_is_asked_what_the_row_asks(tmp_path: Path, row: dict[str, Any], asked: str) -> None:
    [seed] = read(tmp_path, row, source="jsonl").seeds
    assert (seed.question.text, seed.recorded) == (asked, ())


def test_columns_that_are_named_are_not_guessed(tmp_path: Path) -> None:
    row = DUMPS["OpenR1-Math-220k"] | {"short": "3."}
    [seed] = read(tmp_path, row, columns={"question": "problem", "responses": ["short"]}).seeds
    assert [said.text for said in seed.recorded] == ["3."]
    twice = {"messages": [*chat("x"), *chat("y")]}
    [seed] = read(tmp_path, twice, several_turns="last").seeds
    assert seed.question.text.endswith(f"Assistant: x\n\nUser: {ASKED}")
    assert seed.recorded[0].text == "y"


GIVEN = [
    ({"instruction": "Add.", "input": "1 2", "response": "3"}, "Add.\n\n1 2"),  # GPTeacher
    ({"instruction": "Add.", "context": "1 2", "response": "3"}, "Add.\n\n1 2"),  # Dolly
    ({"instruction": "Add.", "instances": [{"input": "1 2", "output": "3"}]}, "Add.\n\n1 2"),  # Self-Instruct
    ({"instruction": "Add.", "input": "", "response": "3"}, "Add."),
]


@pytest.mark.parametrize(("row", "asked"), GIVEN)
def test_what_an_instruction_is_about_goes_along(tmp_path: Path, row: dict[str, Any], asked: str) -> None:
    """The bug: beside a column `response` that of the input was left out, and nobody was told."""
    [seed] = read(tmp_path, row).seeds
    assert (seed.question.text, [said.text for said in seed.recorded]) == (asked, ["3"])


def test_a_column_may_hold_several_answers(tmp_path: Path) -> None:
    rows: list[Any] = [{"question": "1?", "response": ["a", None, "b"]}, {"question": "2?", "response": []}]
    rows += [{"question": "3?", "response": "c"}, {"question": "4?", "response": [7]}]
    loaded = read(tmp_path, *rows)
    assert [[(said.column, said.text) for said in seed.recorded] for seed in loaded.seeds] == [
        [("response.0", "a"), ("response.2", "b")],
        [],
        [("response", "c")],
    ]
    assert str(loaded.rejected[0]).startswith("a.jsonl, line 4, response.0: got 7; needs text")
