"""Win rates as AlpacaEval counts them, lengths held equal, position bias shown."""

import numpy as np
import pytest

from schemas.question import Question
from schemas.verdict import Reason
from tasks.comparing.contest import Contest, RuledContest, contest_of, judged_text, rule
from tasks.comparing.win_rate import compare, fit_logistics, length_controlled_win_rates
from tasks.judging.rubric import RubricSpec
from tests.scripted import ask_for, judged

CASE = RubricSpec(question="Which?")
SAME_LENGTH = np.full(50, 0.7), np.zeros(50)


def ruled(a_first: float | None, b_first: float | None, a: str = "long answer", b: str = "short") -> RuledContest:
    reason = Reason.JUDGE_SILENT if None in (a_first, b_first) else None
    return RuledContest(Contest("q", CASE, a, b), a_first, b_first, reason, "")


def test_ties_are_half_a_win_and_silence_counts_nowhere() -> None:
    found = compare([ruled(1, 1), ruled(1, 1), ruled(0, 0), ruled(1, 0), ruled(0.5, 0.5), ruled(None, 1)])
    assert (found.questions, found.wins, found.ties, found.losses) == (5, 2, 2, 1)
    assert found.win_rate
    assert found.win_rate.value == pytest.approx(0.6)
    assert found.standard_error == pytest.approx(np.std([1, 1, 0, 0.5, 0.5], ddof=1) / np.sqrt(5))
    assert found.undecided == {"judge_silent": 1}
    assert found.contradicted == pytest.approx(0.2)
    assert found == compare([ruled(1, 1), ruled(1, 1), ruled(0, 0), ruled(1, 0), ruled(0.5, 0.5), ruled(None, 1)])


@pytest.mark.parametrize(("rulings", "first"), [([(1, 0)] * 4, 1.0), ([(0, 1)] * 4, 0.0), ([(1, 1), (0, 0)] * 2, 0.5)])
def test_position_bias_is_what_goes_to_the_first_shown(rulings: list[tuple[float, float]], first: float) -> None:
    """A judge that always says A prefers neither side: its win rate is one half, its bias shows."""
    found = compare([ruled(*each) for each in rulings])
    assert found.first_preferred
    assert found.first_preferred.value == first
    assert found.win_rate
    assert found.win_rate.value == 0.5


def test_a_side_that_wins_everywhere_is_not_certain_to() -> None:
    """The interval of Clopper and Pearson; it was [1, 1]. The control has one loss in forty."""
    found = compare([ruled(1, 1)] * 8)
    for rate in (found.win_rate, found.length_controlled):
        assert rate
        assert rate.low == pytest.approx(0.025 ** (1 / 8), abs=0.01)
        assert rate.high == pytest.approx(1, abs=0.01)
    control = compare([ruled(1, 1)] * 39 + [ruled(0, 0)]).win_rate
    assert control
    assert control.low == pytest.approx(0.925, abs=0.03)


def test_nothing_ruled_on_has_no_rate() -> None:
    found = compare([ruled(None, None)])
    assert (found.questions, found.win_rate, found.length_controlled, found.standard_error) == (0, None, None, None)
    assert compare([ruled(1, 1)]).standard_error is None


def test_a_judge_of_length_alone_prefers_nobody_at_equal_length() -> None:
    """Preferences that follow from length alone: A is longer and wins, and its controlled rate is one half; the control
    is a judge of quality, whose rate stays."""
    rng = np.random.default_rng(0)
    delta = rng.normal(200, 300, 4000)
    by_length = 1 / (1 + np.exp(-2 * np.tanh(delta / delta.std(ddof=1))))
    assert by_length.mean() > 0.65
    for preferred, longer, wanted in ((by_length, delta, 0.5), (np.full(4000, 0.7), delta, 0.7), (*SAME_LENGTH, 0.7)):
        [found] = length_controlled_win_rates(preferred, longer, np.ones((1, len(longer))))
        assert found == pytest.approx(wanted, abs=0.01)


def test_the_weights_are_the_best_ones() -> None:
    """No other weights have a higher penalised likelihood: the published objective with C = 100."""
    rng = np.random.default_rng(1)
    features = np.stack([np.ones(300), np.tanh(rng.normal(size=300))], axis=1)
    target = rng.integers(0, 5, 300) / 4

    def objective(weights: np.ndarray) -> float:
        share = 1 / (1 + np.exp(-features @ weights))
        likelihood = target * np.log(share) + (1 - target) * np.log(1 - share)
        return float(likelihood.sum() - weights @ weights / 2 / 100)

    once = np.ones((1, 300))
    [best] = fit_logistics(features, target, once)
    for step in 1e-3 * np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)]):
        assert objective(best) > objective(best + step)
    assert np.isfinite(fit_logistics(features, np.ones(300), once)).all()


def test_intervals_hold_what_they_should() -> None:
    """Of 40 samples of a side that wins 60 %, about two intervals miss it; more than eight would be no 95 %."""
    rng, missed = np.random.default_rng(7), 0
    for _ in range(40):
        wins = rng.random(100) < 0.6
        rate = compare([ruled(float(win), float(win)) for win in wins]).win_rate
        assert rate
        missed += not rate.low <= 0.6 <= rate.high
    assert missed <= 8


@pytest.mark.parametrize(
    ("response", "wanted"),
    [
        ("<thinking>a</thinking>\n<output> b </output>", "b"),
        ("<think>a</think>\nb", "b"),
        ("just b", "just b"),
        ("<thinking>never ends", ""),
        ("", ""),
    ],
)
def test_only_what_a_reader_gets_is_judged(response: str, wanted: str) -> None:
    assert judged_text(response) == wanted


QUESTION = Question.of(text="6 * 7?", gold="42", kind="number", source="s", external_id="q1")
ANSWERS = ("<thinking>x</thinking><output>It is 42.</output>", "41")


@pytest.mark.parametrize(
    ("replies", "wanted", "reason"),
    [
        (("Verdict: A", "Verdict: B"), 1.0, None),
        (("Verdict: B", "Verdict: A"), 0.0, None),
        (("Verdict: A", "Verdict: A"), 0.5, None),
        (("Verdict: tie", "Verdict: B"), 0.75, None),
        (("Verdict: A", "no word"), None, Reason.JUDGE_SILENT),
        ((None, "Verdict: B"), None, Reason.JUDGE_UNAVAILABLE),
    ],
)
def test_a_contest_is_asked_in_both_orders(
    replies: tuple[str | None, str | None], wanted: float | None, reason: Reason | None
) -> None:
    shown: list[str] = []

    def reply(messages: object) -> str | None:
        shown.append(str(messages))
        first = shown[-1].index("It is 42.") < shown[-1].index("41")
        return replies[0] if first else replies[1]

    found = judged(rule(ask_for, contest_of(QUESTION, *ANSWERS, "answer")), reply)
    assert (found.preference, found.reason, found.contest.id) == (wanted, reason, "q1")
    assert len(shown) == 2
    assert all("<reference>" in each and "thinking" not in each.split("<question>")[1] for each in shown)


def test_equal_answers_cost_no_call() -> None:
    def reply(messages: object) -> str:
        raise AssertionError("asked")

    assert judged(rule(ask_for, contest_of(QUESTION, ANSWERS[1], "41", "answer")), reply).preference == 0.5


def test_a_question_of_kind_judge_has_its_own_rubric() -> None:
    question = Question.of(text="q", gold=None, kind="judge", source="s", spec='{"rubric": "Be brief.", "rival": "r"}')
    case = contest_of(question, "a", "b", "answer").case
    assert (case.rubric, case.rival) == ("Be brief.", None)
