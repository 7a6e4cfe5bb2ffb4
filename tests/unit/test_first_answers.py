"""What the first answers show to be wrong is said once, with what to set; what goes well is not said."""

import json

import pytest

from flows.how_calls_ended import check_not_refused
from schemas.call import CallEnd, Message, Outcome, Request, Usage
from schemas.errors import AllRefused
from schemas.teacher import TeacherSettings
from tasks.asking.first_answers import ENOUGH, FirstAnswers, advice_on_refusal
from tests.scripted import Reply, call, said

GOOD = "<thinking>2.<reflection>Yes.</reflection></thinking><output>2</output>"
SAMPLED = {"temperature": None, "top_p": None, "max_tokens": 100, "seed": None}


def outcome(index: int, reply: Reply | str) -> Outcome:
    asked = Request.model_validate(
        {
            "endpoint": "e",
            "model": "m",
            "messages": [Message(role="user", content=f"q{index}")],
            "sampling": SAMPLED,
            "sample_index": 0,
            "fresh": "",
        }
    )
    if isinstance(reply, str):
        return Outcome(call_id=asked.call_id, call=None, pending=reply)
    return Outcome(call_id=asked.call_id, call=call(asked, reply), pending=None)


def told(*replies: Reply | str, tagged: bool = True, **teacher: object) -> list[str]:
    """What is said of these outcomes, which come one by one."""
    lines: list[str] = []
    outcomes = [outcome(n, reply) for n, reply in enumerate(replies)]
    settings = TeacherSettings.model_validate({"base_url": "http://127.0.0.1:1/v1", "model": "m"} | teacher)
    ids = {each.call_id for each in outcomes} if tagged else set()
    first = FirstAnswers(settings, ids, lines.append)
    for each in outcomes:
        first.hear([each])
    first.close()
    return lines


WHOLE, PROSE = said(GOOD), said("It is 2.")
CUT, IN_WINDOW = (said("So", "length", usage=Usage(completion_tokens=n)) for n in (100, 40))
REFUSED: Reply = {
    "ended": CallEnd.REFUSED,
    "error": "refused: HTTP 400: no top_p",
    "finish_reason": None,
    "content": None,
}
UNREADABLE: Reply = REFUSED | {"ended": CallEnd.UNREADABLE, "error": "not_a_completion: choices is empty"}
LATE = "deadline: not whole within 300 s"

OR = ", or teacher.structured where the server takes a grammar or a schema"


@pytest.mark.parametrize(
    ("replies", "starts"),
    [
        ([WHOLE] * 10, []),
        ([WHOLE] * 6 + [PROSE] * 4, []),
        ([WHOLE] * 9 + [CUT], []),
        (
            [PROSE] * 10,
            [f"0 of 10 answers are well-formed, most others are untagged: try teacher.examples{OR}"],
        ),
        ([PROSE] * 3, ["0 of 3 answers are well-formed"]),
        ([CUT] * 4 + [WHOLE] * 6, ["4 of 10 answers were cut off at teacher.max_tokens = 2048: raise it"]),
        ([IN_WINDOW] * 4 + [WHOLE] * 6, ["4 of 10 answers were cut off by the model's window"]),
        (
            [REFUSED] + [WHOLE] * 9,
            ['1 of 10 calls were refused: refused: HTTP 400: no top_p. Set teacher.omit = ["top_p"]'],
        ),
        ([UNREADABLE] + [WHOLE] * 9, ["1 of 10 answers are unreadable: not_a_completion: choices is empty"]),
        ([LATE] * 2 + [WHOLE] * 8, ["2 of 10 answers were not whole within teacher.timeout_s = 300: raise it"]),
        (["server_error: HTTP 502"] * 10, []),  # said in the end, with the reason of each
        ([CUT] * 10, ["10 of 10 answers were cut off"]),  # and nothing is said of their form
        ([], []),
    ],
)
def test_what_is_wrong_is_said_with_what_to_set(replies: list[Reply | str], starts: list[str]) -> None:
    lines = told(*replies)
    assert len(lines) == len(starts), lines
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True)), lines


def test_it_is_said_after_the_first_ten_and_once() -> None:
    assert len(told(*[PROSE] * 50)) == 1
    assert told(*[WHOLE] * ENOUGH, *[PROSE] * 50) == [], "what goes wrong later is in the summary"


def test_nothing_is_said_of_the_form_of_answers_that_need_none() -> None:
    assert told(*[PROSE] * 10, tagged=False) == []


LONG, OTHER = ("One after the other: 1 + 1 is 2. " * 4 + end for end in ("So 2.", "Thus 2."))


@pytest.mark.parametrize(
    ("samples", "temperature", "is_told"),
    [
        ([[LONG, LONG]], 0.7, True),
        ([[LONG] * 4, [OTHER] * 4], 0.7, True),
        ([[LONG] * 2, [OTHER] * 2, [LONG, OTHER]], 0.7, True),
        ([[LONG] * 2, [LONG, OTHER]], 0.7, False),  # half of them is no rule
        ([[LONG, LONG, OTHER]], 0.7, False),
        ([[LONG], [LONG]], 0.7, False),  # of two questions
        ([["4", "4"]], 0.7, False),
        ([[LONG, LONG]], 0.0, False),
        ([[LONG, LONG]], None, False),
    ],
)
def test_samples_that_are_one_text_are_said(samples: list[list[str]], temperature: float | None, is_told: bool) -> None:
    lines: list[str] = []
    first = FirstAnswers(TeacherSettings.model_validate({"model": "m"}), (), lines.append)
    sampling = {"sampling": SAMPLED | {"temperature": temperature}}
    first.hear(
        [
            outcome(n, said(text) | sampling | {"sample_index": k})
            for n, of in enumerate(samples)
            for k, text in enumerate(of)
        ]
    )
    first.close()
    assert ["questions got one and the same text" in line for line in lines] == [True] * is_told


@pytest.mark.parametrize(
    ("models", "lines"),
    [
        (["m"] * 3, []),
        ([None] * 3, []),
        (["models/m.gguf"] * 12, ["the endpoint answers as 'models/m.gguf' to the model 'm'; calls keep both"]),
        (["m"] * 30 + ["n"] * 2, ["the endpoint answers as 'n' now, after 'm'; calls keep which gave each"]),
        (["m", "n"] * 9, ["the endpoint answers as 'n' now, after 'm'; calls keep which gave each"]),
    ],
)
def test_a_model_of_another_name_is_said_once(models: list[str | None], lines: list[str]) -> None:
    assert told(*(WHOLE | {"model_answered": name} for name in models)) == lines


def test_more_choices_than_asked_for_are_said_once() -> None:
    several = WHOLE | {"raw_response": json.dumps({"choices": [{}, {}]}).encode()}
    [line] = told(*[several] * 5)
    assert "2 choices" in line


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("Unsupported value: 'temperature' does not support 0.7 with this model.", '["temperature"]'),
        ("`temperature` and `top_p` cannot both be specified for this model.", '["top_p"]'),
        ('Invalid JSON payload received. Unknown name "seed": Cannot find field.', '["seed"]'),
        (
            "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens'",
            '["max_tokens"], and teacher.extra_body',
        ),
        ("This model's maximum context length is 4096 tokens; max_tokens is 5000", "lower teacher.max_tokens"),
        ("request (700 tokens) exceeds the available context size (512 tokens), n_ctx", "lower teacher.max_tokens"),
        ("the seeds of doubt", ""),
        ("The model is on fire", ""),
    ],
)
def test_a_refusal_names_what_to_set(error: str, advice: str) -> None:
    """The words of OpenAI, Anthropic, Google, vLLM and llama.cpp."""
    said_of_it = advice_on_refusal(error, TeacherSettings())
    assert advice in said_of_it
    assert bool(said_of_it) == bool(advice)


def test_what_is_omitted_already_stays_so_and_is_not_named_again() -> None:
    omitting = TeacherSettings.model_validate({"omit": ["seed"]})
    assert '["seed", "top_p"]' in advice_on_refusal("no top_p", omitting)
    assert advice_on_refusal("no seed", omitting) == ""


@pytest.mark.parametrize("ended", [{}, {None: 3}, {"refused: HTTP 400: x": 3, None: 1}])
def test_a_run_that_got_anything_is_no_refused_one(ended: dict[str | None, int]) -> None:
    check_not_refused(ended, TeacherSettings())


def test_a_run_whose_every_call_was_refused_ends_in_the_endpoint_s_words() -> None:
    with pytest.raises(AllRefused, match=r"every call \(5\): refused: HTTP 400: no top_p \(4\)\. Set teacher.omit"):
        check_not_refused({"refused: HTTP 400: no top_p": 4, "refused: HTTP 422: y": 1}, TeacherSettings())
