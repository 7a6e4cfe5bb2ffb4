"""The practice teacher reflects on pairs of its own families, errs by the table, spoils replies in each named way."""

from collections import Counter
from functools import cache
from random import Random

import pytest

from schemas.call import Message, Request, Sampling
from schemas.pair import Change, PairStage
from schemas.teacher import Preset
from tasks.asking.endpoint import request_body
from tasks.practice.author import TOPICS
from tasks.practice.behaviour import read, reply
from tasks.practice.judge import agrees
from tasks.practice.rates import PRESETS, Rates, Spoil
from tasks.practice.recycler import RecycleTask, read_task
from tasks.recycling.reply import ParsedReply, read_reply
from tests.practice import FLAWLESS
from tests.scripted import call

SUM = "Calculate 12 + 30 ="
ASKED = (
    "<reflect>\n{}\n</reflect>\n\n<given_instruction>\n{}\n</given_instruction>"
    "\n\n<given_response>\n{}\n</given_response>"
)


@pytest.mark.parametrize(
    ("message", "task"),
    [
        (ASKED.format("instruction", SUM, "42"), RecycleTask(True, SUM, "42")),
        (ASKED.format("response", SUM, "42"), RecycleTask(False, SUM, "42")),
        (ASKED.format("attitude", SUM, "42"), None),
        (ASKED.format("response", "Add.", "3").replace("\n\n<given_r", "<given_input>1 2</given_input><given_r"),
         RecycleTask(False, "Add.\n\n1 2", "3")),
        (f"<given_instruction>{SUM}</given_instruction>", None),
        (SUM, None),
    ],
)  # fmt: skip
def test_what_it_is_asked(message: str, task: RecycleTask | None) -> None:
    assert read_task(message) == task


def asked(what: str, instruction: str, response: str, seed: int, rates: Rates) -> ParsedReply:
    """The reading of its reply, as the factory reads it."""
    message = Message(role="user", content=ASKED.format(what, instruction, response))
    sampling = Sampling(temperature=0.7, top_p=None, max_tokens=2048, seed=seed)
    request = Request(endpoint="p", model="practice", messages=(message,), sampling=sampling, sample_index=0, fresh="")
    choice = reply(request_body(request), rates).body["choices"][0]
    values = {"content": choice["message"]["content"], "finish_reason": choice["finish_reason"]}
    return read_reply(call(request, values), PairStage.INSTRUCTION if what == "instruction" else PairStage.RESPONSE)


@pytest.mark.parametrize("topic", TOPICS)
def test_without_flaws_it_writes_what_it_can_solve_and_solves_it(topic: str) -> None:
    instruction = TOPICS[topic](Random(5), 2)
    for seed in range(4):
        new = asked("instruction", instruction, "?", seed, FLAWLESS)
        assert new.change is Change.ACCEPTED
        assert new.instruction != instruction
        problem = read(new.instruction or "")
        assert problem, new.instruction
        assert agrees(problem.answer, new.response or "")
        answered = asked("response", instruction, "?", seed, FLAWLESS)
        assert answered.instruction is None
        assert agrees(read(instruction).answer, answered.response or "")


@cache
def readings(preset: Preset, n: int = 1000) -> tuple[ParsedReply, ...]:
    return tuple(asked("instruction", SUM, "42" if seed % 2 else "41", seed, PRESETS[preset]) for seed in range(n))


@pytest.mark.parametrize("spoil", Spoil)
def test_it_spoils_replies_in_every_named_way_at_its_rate(spoil: Spoil) -> None:
    found = Counter(reading.change for reading in readings(Preset.HOSTILE))
    wanted = PRESETS[Preset.HOSTILE].spoils[spoil] * (1 - PRESETS[Preset.HOSTILE].settled / 2)
    assert found[Change(spoil.value)] / 1000 == pytest.approx(wanted, abs=0.02)


def test_it_keeps_right_pairs_and_blunders_at_its_rates() -> None:
    rates, found = PRESETS[Preset.HOSTILE], readings(Preset.HOSTILE)
    kept = sum(reading.change is Change.GOOD_ALREADY for reading in found) / 500
    assert kept == pytest.approx(rates.settled, abs=0.03)
    assert all(reading.change is not Change.GOOD_ALREADY for reading in found[::2]), "never a wrong one"
    written = [reading for reading in found if reading.change is Change.ACCEPTED]
    wrong = [r for r in written if not agrees(read(r.instruction or "").answer, r.response or "")]
    assert len(wrong) / len(written) == pytest.approx(rates.blunder, abs=0.05)
    bare = [r for r in written if (r.response or "").strip("-").isdecimal()]
    assert len(bare) / len(written) == pytest.approx(rates.flat, abs=0.05)


def test_of_what_it_cannot_read_it_only_talks() -> None:
    assert asked("instruction", "Write a haiku.", "Snow.", 1, FLAWLESS).change is Change.MARKER_MISSING


def test_equal_requests_get_equal_replies() -> None:
    assert asked("response", SUM, "41", 3, FLAWLESS) == asked("response", SUM, "41", 3, FLAWLESS)
    assert asked("response", SUM, "41", 3, FLAWLESS) != asked("response", SUM, "41", 4, FLAWLESS)
