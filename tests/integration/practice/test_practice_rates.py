"""The practice teacher errs as its table says: what its text shows, over 5,000 calls.

Decisions are drawn apart from words, so these figures move with the questions and the table, not with a phrase.
"""

import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from schemas.teacher import Preset
from schemas.trace import Structure
from schemas.verdict import Effect
from tasks.extraction.answer import find_answer
from tasks.extraction.draft_answers import find_drafts
from tasks.parsing.grammar import parse
from tasks.practice.behaviour import Reply, reply
from tasks.practice.decision import ReplyPlan, ThinkingForm
from tasks.practice.rates import MILD, PRESETS, Rates
from tasks.practice.voice import Move
from tests.practice import golds

DEMO = Path(__file__).parents[3] / "deploy" / "demo.toml"
CALLS = 5000
TEMPERATURE = 0.7


@cache
def questions(seed: int = 13, size: int = 40) -> dict[str, str]:
    """Of every family that the demo shows, with their golds."""
    return golds(tomllib.loads(DEMO.read_text())["questions"]["families"], size, seed)


def replies(n: int, table: Rates, data: int = 13, **more: Any) -> list[Reply]:
    """`n` calls; the questions come round again with other seeds."""
    asked = islice(cycle(questions(data)), n)
    body = {"model": "practice", "temperature": TEMPERATURE, **more}
    bodies = ({**body, "messages": [{"role": "user", "content": q}], "seed": i} for i, q in enumerate(asked))
    return [reply(body, table, questions(data)) for body in bodies]


@cache
def usual(preset: Preset) -> list[Reply]:
    """Those of all calls, made once; those of fewer are the first of them."""
    return replies(CALLS, PRESETS[preset])


def as_told(made: Reply) -> ReplyPlan:
    """The decision, once the text has been read as the factory reads it and says the same."""
    decision = made.decisions[0]
    parsed = parse(made.text, made.body["choices"][0]["finish_reason"])
    assert parsed.structure is decision.malform
    if parsed.structure is Structure.OK and not decision.refused:
        stated = find_answer(made.text)
        assert tuple(draft and draft.answer for draft in find_drafts(made.text, parsed)) == decision.drafts
        assert (stated and stated.answer) == decision.answer
    return decision


class Share:
    """Hits among draws that had each a known probability, and how far that is from what was to be expected."""

    def __init__(self, draws: Iterable[tuple[bool, float]]) -> None:
        drawn = list(draws)
        self.n, self.hits = len(drawn), sum(hit for hit, _ in drawn)
        self.expected = sum(p for _, p in drawn)
        self.error = math.sqrt(sum(p * (1 - p) for _, p in drawn))

    @property
    def off(self) -> float:
        """In standard errors; 0 where nothing could vary."""
        return abs(self.hits - self.expected) / self.error if self.error else abs(self.hits - self.expected)

    def __str__(self) -> str:
        n = max(self.n, 1)
        return f"{self.hits / n:.4f} of {self.n}, expected {self.expected / n:.4f}, {self.off:.2f} s.e. off"


def shares(made: list[ReplyPlan], table: Rates, model: str = "practice") -> dict[str, Share]:
    """What the decisions show of each rate of the table."""
    told = [d for d in made if not d.refused]
    right, wrong = [d for d in told if not d.slipped], [d for d in told if d.slipped]
    doubted = [d for d in right if {Move.DOUBT, Move.HARM} & set(d.moves)]
    caught = [d for d in wrong if Move.CATCH in d.moves]
    changed = [d for d in told if Move.CATCH in d.moves or Move.HARM in d.moves]
    left = [d for d in told if not {Move.CATCH, Move.DOUBT, Move.HARM} & set(d.moves)]
    reflected = [d for d in told if d.moves and d.moves[-1] is not Move.IDLE]
    whole = [d for d in told if d.malform is not Structure.TRUNCATED]
    formed = [d for d in whole if d.malform is Structure.OK]

    def share(of: list[ReplyPlan], hit: Callable[[ReplyPlan], bool], rate: float) -> Share:
        return Share((hit(d), rate) for d in of)

    def slip_rate(d: ReplyPlan) -> float:
        assert d.problem
        return table.slip(TEMPERATURE, d.problem.difficulty, model)

    return {
        "slip": Share((d.slipped, slip_rate(d)) for d in told),
        "catch": share(wrong, lambda d: Move.CATCH in d.moves, table.catch),
        "late": share(caught, lambda d: d.moves[d.moves.count(Move.IDLE)] is Move.PASS, table.late),
        "doubt": share(right, lambda d: bool({Move.DOUBT, Move.HARM} & set(d.moves)), table.doubt),
        "harm": share(doubted, lambda d: Move.HARM in d.moves, table.harm),
        "routine": share(left, lambda d: Move.PASS in d.moves, table.routine),
        "again": share(changed, lambda d: d.moves[-1] is Move.PASS, table.again),
        "idle": share(told, lambda d: Move.IDLE in d.moves, table.idle),
        "unstated": share(reflected, lambda d: d.drafts[d.moves.count(Move.IDLE)] is None, table.unstated),
        "refusal": share(made, lambda d: d.refused, table.refusal),
        "ramble": share(told, lambda d: d.malform is Structure.TRUNCATED, table.ramble),
        "field": share(formed, lambda d: d.form is ThinkingForm.FIELD, table.field),
        "think": share(
            [d for d in formed if d.form is not ThinkingForm.FIELD], lambda d: d.form is ThinkingForm.THINK, table.think
        ),
        **{defect: share(whole, lambda d, s=defect: d.malform is s, rate) for defect, rate in table.breaks.items()},
    }


MAIN = ("slip", "catch", "harm")


@pytest.mark.parametrize("preset", Preset)
def test_measured_rates_are_the_tables(preset: Preset) -> None:
    """The three that matter within two standard errors, the other rates and presets, some 80 figures, within four.

    Other questions or another table draw anew: then one time in eight chance alone puts one of the three outside.
    """
    table = PRESETS[preset]
    measured = shares([as_told(made) for made in usual(preset)], table)
    print("", *(f"{preset} {name}: {share}" for name, share in measured.items()), sep="\n")
    limits = dict.fromkeys(MAIN, 2) if preset is Preset.MILD else {}
    assert [name for name, share in measured.items() if share.off > limits.get(name, 4)] == []


def test_another_table_is_noticed() -> None:
    """Known-bad control: each rate a fifth off, alone, is seen, over half as many calls, and no other is blamed."""
    for name, other in (
        ("slip", replace(MILD, slip_warm=MILD.slip_warm * 1.2)),
        ("catch", replace(MILD, catch=MILD.catch * 1.2)),
        ("harm", replace(MILD, harm=MILD.harm * 1.5)),  # rare: 12 % of a third of the traces
    ):
        measured = shares([made.decisions[0] for made in replies(CALLS // 2, other)], MILD)
        assert [seen for seen in MAIN if measured[seen].off > 3] == [name]


def right(made: list[Reply]) -> int:
    """Answers that end well: well-formed or not, what they state is the solution."""
    return sum(d.problem is not None and d.answer == d.problem.answer for m in made for d in m.decisions)


def test_worse_teachers_yield_less() -> None:
    """Mild between 60 % and 90 % right; the weaker model and each worse preset at least five standard errors less."""
    n = 1000
    mild, sloppy, hostile = (right(usual(preset)[:n]) for preset in Preset)
    assert 0.6 * n < mild < 0.9 * n
    weak = right(replies(n, MILD, model="practice-weak"))
    print(f"\nright of {n}: practice {mild}, practice-weak {weak}, sloppy {sloppy}, hostile {hostile}")
    error = math.sqrt(n / 2)  # of a difference, at most
    assert weak < mild - 5 * error
    assert hostile < sloppy - 5 * error
    assert sloppy < mild - 5 * error
    assert abs(right(replies(n, MILD, data=14)) - mild) < 3 * error  # control: other questions, the same teacher


def test_slips_grow_with_temperature_and_difficulty() -> None:
    cold, warm = (sum(m.decisions[0].slipped for m in replies(600, MILD, temperature=t)) for t in (0.0, 1.2))
    mild = sum(m.decisions[0].slipped for m in usual(Preset.MILD)[:600])
    assert cold < 40 < mild < warm - 50
    rates = [MILD.slip(0.7, difficulty) for difficulty in (0.0, 0.5, 1.0)]
    assert rates == sorted(rates)
    assert rates[2] == pytest.approx(3 * rates[0])


def test_samples_of_one_question_share_mistakes() -> None:
    def agreement(table: Rates) -> float:
        asked = {
            "model": "practice",
            "messages": [{"role": "user", "content": next(q for q in questions() if "arithmetic problem" in q)}],
        }
        made = [reply({**asked, "seed": seed}, table).decisions[0] for seed in range(300)]
        wrong = Counter(d.answer for d in made if d.slipped and d.problem and d.answer != d.problem.answer)
        return wrong.most_common(1)[0][1] / wrong.total()

    always = replace(MILD, slip_cold=1.0, catch=0.0, refusal=0.0)
    assert agreement(always) > 0.35
    assert agreement(replace(always, common=0.0)) < 0.35  # control


@pytest.mark.parametrize("seed", range(5))
def test_a_demo_shows_every_effect_and_six_defects(seed: int) -> None:
    made = replies(400, MILD, data=seed)
    effects = Counter(d.effect for m in made for d in m.decisions if d.malform is Structure.OK and not d.refused)
    defects = Counter(d.malform for m in made for d in m.decisions) - Counter({Structure.OK: 400})
    print(f"\n{dict(effects)}\n{dict(defects)}")
    assert set(effects) == set(Effect)
    assert len(defects) >= 6
