"""Real records against the definition: four forward passes each, a batch of one, all logits.

The first 30 in `make test`; REFLECTORY_RECORDS=300 takes more of them, and 80 seconds of a processor.
"""

import json
import math
import os
import random

import pytest
import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from schemas.student import StudentSettings
from tasks.scoring.forward import Forward
from tasks.scoring.head import Head
from tasks.scoring.score import ScoredText, score_texts
from tasks.scoring.student import Student
from tasks.scoring.student_files import PRACTICE

RECORDS, WINDOW = int(os.environ.get("REFLECTORY_RECORDS", "30")), 1024
LONG = (
    "Somebody has counted these, one after the other: " + ", ".join(map(str, range(100, 190))) + ". How many are odd?"
)


@pytest.fixture(scope="module")
def subjects(shared_data):
    lines = (shared_data / "alpaca_cherry.jsonl").read_text("utf-8").splitlines()[:RECORDS]
    rows = [json.loads(line) for line in lines]
    made = [ScoredText(str(n), row["instruction"], row["input"], row["output"]) for n, row in enumerate(rows)]
    return made + [ScoredText(f"long {n}", LONG, "", f"{n} of them are odd, as {n} is.") for n in (7, 45, 90)]


@pytest.fixture(scope="module")
def student():
    return Student(StudentSettings(device="cpu"))


@pytest.fixture(scope="module")
def expected(subjects):
    """subject_id to IFD and r-IFD."""
    tokens = AutoTokenizer.from_pretrained(PRACTICE)
    model = LlamaForCausalLM.from_pretrained(PRACTICE, dtype=torch.float32).eval()

    @torch.inference_mode()
    def loss(before, target):
        logits_TV = model(torch.tensor([before + target])).logits[0]
        log_probs_TV = torch.log_softmax(logits_TV.double(), dim=1)
        rows = range(len(before) - 1, len(before) + len(target) - 1)
        return -log_probs_TV[rows, target].mean().item()

    def ratio(prompt_text, target_text):
        prompt, target = (tokens(text, add_special_tokens=False)["input_ids"] for text in (prompt_text, target_text))
        prompt = [tokens.bos_token_id, *prompt]
        target = target[: max(0, WINDOW - len(prompt))]
        return math.exp(loss(prompt, target) - loss([tokens.bos_token_id], target)) if target else None

    found = {}
    for each in subjects:
        middle = f"\n\n### Input\n{each.input}" if each.input else ""
        asked, shown = (
            f"{each.instruction}{middle}\n\n### Answer\n",
            f"{each.response}\n\n### The instruction that this answers\n",
        )
        found[each.subject_id] = (ratio(asked, each.response), ratio(shown, each.instruction + each.input))
    return found


def off(score, expected):
    """The larger relative difference of the two ratios; infinite where only one side has a number."""
    pairs = zip((score.ifd, score.rifd), expected[score.subject_id], strict=True)
    return max((0 if a is b is None else math.inf) if a is None or b is None else abs(a / b - 1) for a, b in pairs)


@pytest.mark.parametrize(
    ("batch_tokens", "packed", "at_once"),
    [(0, False, 16), (2_000, False, RECORDS + 3), (6_000, False, 50), (2_000, True, RECORDS + 3)],
    ids=["one by one", "side by side", "side by side, by fifties", "end to end"],
)
def test_every_way_of_reading_gives_the_ratios_of_the_definition(
    student, subjects, expected, batch_tokens, packed, at_once
):
    student.forward = Forward(student.model, Head(student.model.lm_head), batch_tokens, packed)
    mixed = random.Random(batch_tokens).sample(subjects, len(subjects))
    chunks = [mixed[first : first + at_once] for first in range(0, len(mixed), at_once)]
    scores = [score for chunk in chunks for score in score_texts(student, chunk)]
    assert [score.subject_id for score in scores] == [each.subject_id for each in mixed]
    assert max(off(score, expected) for score in scores) < 1e-4
    assert sum(score.ifd is not None for score in scores) > 0.9 * RECORDS


def test_one_by_one_a_score_has_the_same_bits_in_any_company(student, subjects):
    student.forward = Forward(student.model, Head(student.model.lm_head))
    some = subjects[-12:]
    assert [score_texts(student, [each])[0] for each in some] == score_texts(student, some[::-1])[::-1]


@pytest.mark.parametrize("break_it", ["a shift by one", "the first token left out"])
def test_a_wrong_reading_is_seen(student, subjects, expected, break_it):
    right = Forward(student.model, Head(student.model.lm_head))

    class Wrong:
        def log_probs(self, readings):
            found = right.log_probs(readings)
            if break_it == "a shift by one":
                return [[*answers[1:], answers[0]] for answers in found]
            return [[answers[-1], *answers[1:]] for answers in found]

    student.forward = Wrong()
    scores = score_texts(student, subjects[:10])
    assert min(off(score, expected) for score in scores) > 1e-4
