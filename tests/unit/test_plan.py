"""One changed input changes exactly the calls it affects; a plan is its attempts and nothing else."""

import pytest

from schemas.configuration import RunConfiguration
from schemas.question import AnswerKind, Question
from tasks.prompts import shipped
from tasks.questions import Recorded, Seed
from tasks.synthesis.plan import FindPlanned, Plan, make_plan

HERE = "http://127.0.0.1:1"


def question(index: int, **changes: object) -> Question:
    fields = {"text": f"{index}+1?", "gold": str(index + 1), "kind": AnswerKind.NUMBER, "source": "s"}
    return Question.of(**(fields | changes))


def plan(
    n: int = 10,
    endpoint: str = HERE,
    fresh: str = "",
    seeds: list[Seed] | None = None,
    planned: FindPlanned = lambda call_ids: frozenset(),
    **teacher: object,
) -> Plan:
    configuration = RunConfiguration.model_validate(
        {
            "questions": {"source": "jsonl", "path": "x"},
            "teacher": {"samples": 2} | teacher,
            "run": {"shard_size": 6},
        }
    )
    return make_plan(configuration, seeds or [Seed(question(i), ()) for i in range(n)], endpoint, fresh, planned)


def calls(of: Plan) -> set[str]:
    return {attempt.call_id for attempt in of.attempts}


def test_equal_inputs_give_an_equal_plan() -> None:
    assert plan() == plan()
    assert plan().plan_id == plan(timeout_s=1, tries=9, max_in_flight=3, usd_per_million_input=2).plan_id


def test_all_attempts_of_a_question_share_a_shard_and_no_attempt_is_lost() -> None:
    made = plan(n=10)
    shard_of: dict[str, set[str]] = {}
    for attempt in made.attempts:
        shard_of.setdefault(attempt.question_id, set()).add(attempt.shard_id)
    assert all(len(shards) == 1 for shards in shard_of.values())
    assert [len(shard.attempts) for shard in made.shards] == [6, 6, 6, 2]
    assert len(made) == len(calls(made)) == len({a.attempt_id for a in made.attempts}) == 20


def test_ten_more_questions_are_their_calls_and_no_others() -> None:
    assert calls(plan(n=10)) < calls(plan(n=15))
    assert len(calls(plan(n=15)) - calls(plan(n=10))) == 10


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"system_prompt": "Be brief."},
        {"suffix": "Think."},
        {"temperature": 0.1},
        {"top_p": 0.5},
        {"max_tokens": 7},
        {"send_seed": False},
        {"examples": [{"question": "1?", "answer": "2"}]},
        {"omit": ["temperature"]},
        {"omit": ["top_p", "max_tokens"]},
        {"extra_body": {"reasoning_effort": "low"}},
        {"endpoint": "http://127.0.0.1:2"},
        {"fresh": "again"},
    ],
)
def test_what_the_teacher_is_asked_decides_every_call(change: dict[str, object]) -> None:
    assert not calls(plan()) & calls(plan(**change))


def test_an_order_of_keys_in_the_extra_body_is_another_request() -> None:
    """A schema's properties are generated in their order."""
    one, other = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not calls(plan(extra_body=one)) & calls(plan(extra_body=other))
    [body] = {request.extra_body for request in dict(plan(extra_body=other).first_requests()).values()}
    assert body == '{"b":2,"a":1}'


def test_other_examples_are_other_calls_and_another_prompt() -> None:
    one, other = (plan(examples=[{"question": "1?", "answer": answer}]) for answer in ("2", "3"))
    assert not calls(one) & calls(other)
    assert len({attempt.prompt_version for made in (plan(), one, other) for attempt in made.attempts}) == 3


def test_what_is_not_used_is_in_no_key() -> None:
    assert plan(omit=[], extra_body={}, examples=[]).plan_id == plan().plan_id
    assert plan(omit=["seed"]).plan_id == plan(send_seed=False).plan_id
    assert all("extra_body" not in request.model_dump() for request in dict(plan().first_requests()).values())


@pytest.mark.parametrize("change", [{}, {"samples": 3}, {"send_seed": False}, {"strategy": "draft_reflect_revise"}])
def test_what_is_made_of_a_key_later_has_that_key(change: dict[str, object]) -> None:
    """Else one thing would be asked and another be paid for. The control: the text of another question."""
    made = plan(**change)
    for call_id, request in made.first_requests():
        assert request.call_id == call_id
        assert made.first
        assert made.first.make("What else?", request.sample_index).call_id != call_id
    assert [call_id for call_id, _ in made.first_requests()] == [*made.asked]


def test_what_was_planned_with_the_seeds_of_its_samples_keeps_them() -> None:
    by_sample, by_question = plan(planned=set), plan()
    [*kept] = by_sample.first_requests()
    assert all(request.call_id == call_id for call_id, request in kept)
    assert len(set(seeds_of(by_sample))) == 2
    assert not calls(by_sample) & calls(by_question)


def seeds_of(of: Plan) -> list[int | None]:
    return [request.sampling.seed for request in dict(of.first_requests()).values()]


def test_each_sample_of_each_question_has_a_seed_of_its_own() -> None:
    assert len(set(seeds_of(plan(n=10)))) == 20
    assert set(seeds_of(plan(omit=["seed"]))) == {None}


def test_what_was_planned_with_one_seed_for_all_questions_keeps_it() -> None:
    """Else a plan of an older version would be bought again. The control: nothing was planned."""
    old = plan(n=10, planned=lambda call_ids: set(call_ids))
    assert len(set(seeds_of(old))) == 2, "one for each sample"
    more = plan(n=12, planned=calls(old).intersection)
    assert len(calls(more) & calls(old)) == 20
    assert len(calls(more) - calls(old)) == 4
    assert len(set(seeds_of(more))) == 2 + 4
    assert not calls(plan(n=10)) & calls(old), "the new rule alone buys all of them"


def test_one_changed_question_changes_its_own_calls() -> None:
    seeds = [Seed(question(i), ()) for i in range(10)]
    changed = [Seed(question(3, text="3 plus 1?"), ()) if i == 3 else seed for i, seed in enumerate(seeds)]
    assert len(calls(plan(seeds=changed)) - calls(plan(seeds=seeds))) == 2


def test_a_changed_tag_or_gold_costs_no_call_and_is_a_question_of_its_own() -> None:
    one, other = plan(seeds=[Seed(question(1), ())]), plan(seeds=[Seed(question(1, tags=("hard",)), ())])
    assert calls(one) == calls(other)
    assert one.plan_id != other.plan_id


def attempts(of: Plan) -> set[str]:
    return {attempt.attempt_id for attempt in of.attempts}


@pytest.mark.parametrize("change", [{"on_truncation": "drop"}, {"on_truncation": "extend"}, {"on_refusal": "drop"}])
def test_another_policy_is_other_attempts_at_the_same_calls(change: dict[str, object]) -> None:
    assert calls(plan()) == calls(plan(**change))
    assert not attempts(plan()) & attempts(plan(**change))
    assert attempts(plan(on_truncation="keep")) == attempts(plan())


def test_another_strategy_is_other_attempts() -> None:
    several = {"strategy": "draft_reflect_revise"}
    assert not calls(plan()) & calls(plan(**several)), "the draft has a prompt of its own"
    own = {"system_prompt": "Think."}
    assert calls(plan(**own)) == calls(plan(**own, **several)), "a draft that was bought as a single pass serves"
    assert not attempts(plan(**own)) & attempts(plan(**own, **several))
    versions = {attempt.prompt_version for made in (plan(**own), plan(**own, **several)) for attempt in made.attempts}
    assert len(versions) == 2


def test_prompts_of_later_calls_are_in_the_attempts_and_not_in_the_first_calls() -> None:
    before = plan(strategy="draft_reflect_revise")
    after = plan(strategy="draft_reflect_revise", prompts={"check": shipped("check") + "!"})
    assert calls(before) == calls(after)
    assert not attempts(before) & attempts(after)


def test_recorded_completions_are_taken_as_they_are() -> None:
    values = {"questions": {"source": "recorded", "path": "x"}, "teacher": {"strategy": "draft_reflect_revise"}}
    made = make_plan(RunConfiguration.model_validate(values), [Seed(question(1), (Recorded("a", "2"),))], HERE)
    assert attempts(made) == attempts(recorded("2"))
    assert not made.goes_on


def recorded(*texts: str, column: str = "a") -> Plan:
    configuration = RunConfiguration.model_validate({"questions": {"source": "recorded", "path": "x"}})
    return make_plan(configuration, [Seed(question(1), tuple(Recorded(column, text) for text in texts))], HERE)


def test_recorded_completions_are_calls_of_their_own_by_content() -> None:
    assert len(calls(recorded("2", "3", "2"))) == 3, "a repeated text stays a sample of its own"
    assert calls(recorded("2", "3")) == calls(recorded("3", "2")), "order within the file decides no call"
    assert not calls(recorded("2")) & calls(recorded("2", column="b"))
    assert not recorded("2").first


def test_a_row_without_recorded_completions_asks_nobody() -> None:
    assert len(recorded()) == 0
