"""An experiment as a folder: rows of every arm, controls, copies of held-out questions, and what a rerun trusts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows.experiment_tables import card_line, lift_lines
from flows.proven import Proven
from schemas.call import Message
from schemas.errors import Refused
from schemas.experiment import Evaluation
from schemas.proving import Arm, Asking, Hypothesis, Mask, Pool, ProveConfiguration, Training
from schemas.question_source import Questions
from schemas.teacher import Example
from schemas.verdict import Ruling
from tasks.proving.case import CaseResult, HeldOutAnswer, asked_of, known_result, read_lines, write_lines
from tasks.proving.experiment import ExperimentPlan, experiments_in, prepare, read_experiment
from tasks.proving.labels import padded, preference_pairs, spans_as
from tasks.proving.outcome import outcome_of
from tasks.proving.pools import Pools, asked, controlled, drawn, reflects
from tasks.proving.verdicts import evaluated, judges
from tasks.publishing.appended import append_to_card
from tasks.publishing.manifest import altered_files

HELD_OUT = [
    {
        "question": f"What is {n} plus {n}, if you begin with the left one and end with the right one?",
        "gold": str(2 * n),
    }
    for n in range(20, 30)
]

HELD = [{"id": "h", "question": "Why?"}]


def row(n: int, question: str | None = None) -> dict[str, Any]:
    text = f"<thinking>{n}</thinking><output>{n}</output>"
    said = [{"role": "user", "content": question or f"Say {n}."}, {"role": "assistant", "content": text}]
    return {"trace_id": f"t{n:03}", "messages": said, "training_spans": [{"message": 1, "start": 0, "end": len(text)}]}


class Rows:
    """Pools of rows that are written down here."""

    def __init__(self, **by_pool: Sequence[dict[str, Any]]) -> None:
        self._by_pool = by_pool
        self.manifest = {"name": "r", "content_hash": "c"}

    def rows(self, pool: Pool) -> list[dict[str, Any]]:
        return list(self._by_pool[pool.value])


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    path = tmp_path / "held_out.jsonl"
    path.write_text("\n".join(map(json.dumps, HELD_OUT)), "utf-8")
    return path


def configured(held_out: Path, *arms: Arm, **more: Any) -> ProveConfiguration:
    asking = Asking(questions=Questions(source="jsonl", path=str(held_out)))
    return ProveConfiguration(evaluation=asking, arms=arms, training=Training(batch=4, epochs=2), **more)


def planned(tmp_path: Path, configuration: ProveConfiguration, **pools: Any) -> ExperimentPlan:
    return prepare(tmp_path / "experiments", configuration, lambda name: Rows(**pools))  # type: ignore[arg-type, return-value]


def rows_of(experiment: ExperimentPlan, arm: str, seed: int) -> list[dict[str, Any]]:
    [case] = [case for case in experiment.planned if (case.arm, case.seed) == (arm, seed)]
    assert case.rows is not None
    return read_lines(experiment.folder / case.rows)


def test_arms_of_equal_size_are_drawn_by_the_seed_and_have_the_same_steps(tmp_path: Path, held_out: Path) -> None:
    drawn_arm = Arm(name="random", pool=Pool.ALL, size_of="release")
    configuration = configured(held_out, Arm(name="release"), drawn_arm, Arm(name="all", pool=Pool.ALL))
    everything = [row(n) for n in range(40)]
    experiment = planned(tmp_path, configuration, release=everything[:10], all=everything)
    assert experiment.arms == ["untrained", "release", "random", "all"]
    sizes = {(case.arm, case.seed): case.n_rows for case in experiment.planned}
    assert {sizes["random", seed] for seed in (0, 1, 2)} == {sizes["release", 0]} == {10}
    assert sizes["all", 0] == 40
    assert {case.steps for case in experiment.planned if case.rows} == {5}
    assert rows_of(experiment, "random", 0) != rows_of(experiment, "random", 1)
    assert rows_of(experiment, "release", 0) == rows_of(experiment, "release", 1)
    assert planned(tmp_path, configuration, release=everything[:10], all=everything) == experiment


@pytest.mark.parametrize(("n", "said"), [(30, "of equal size"), (9, "of 9 rows for 20")])
def test_a_draw_from_a_pool_that_has_fewer_rows_is_not_called_of_equal_size(
    tmp_path: Path, held_out: Path, n: int, said: str
) -> None:
    configuration = configured(
        held_out, Arm(name="release"), Arm(name="random", pool=Pool.ALL, size_of="release"), seeds=(0,)
    )
    experiment = planned(tmp_path, configuration, release=[row(n) for n in range(20)], all=[row(i) for i in range(n)])
    of_all = {"experiment_id": "e", "seed": 0, "sample_index": None, "response": "", "answer": None, "reason": ""}
    answers = tuple(
        Evaluation(
            evaluation_id=arm, arm=arm, item="i", **of_all, verdict=verdict, effect=None, structure="ok", n_tokens=1
        )
        for arm, verdict in (("release", Ruling.CORRECT), ("random", Ruling.INCORRECT))
    )
    proven = Proven(experiment, outcome_of(configuration, answers), answers)
    assert [line.partition(":")[0] for line in lift_lines(proven)] == [f"release over random, {said}"]
    assert f"lift over random {said}: " in card_line(proven)


def test_copies_of_held_out_questions_are_left_out_unless_a_control_plants_them(tmp_path: Path, held_out: Path) -> None:
    copies = [row(100 + n, question=each["question"]) for n, each in enumerate(HELD_OUT[:3])]
    arms = (Arm(name="release"), Arm(name="planted", planted=4))
    experiment = planned(tmp_path, configured(held_out, *arms), release=[row(n) for n in range(12)] + copies)
    held = {each["question"] for each in HELD_OUT}
    assert not held & {asked(each) for each in rows_of(experiment, "release", 0)}
    assert {case.n_copies for case in experiment.planned if case.rows} == {3}
    assert len(held & {asked(each) for each in rows_of(experiment, "planted", 0)}) == 4


def test_arms_with_and_without_reflections(tmp_path: Path, held_out: Path) -> None:
    plain, reflecting = [row(n) for n in range(6)], [row(n) for n in range(6, 10)]
    for each in reflecting:
        each["messages"][-1]["content"] = REFLECTING
    arms = (Arm(name="with", reflections=True), Arm(name="without", reflections=False, size_of="with"))
    experiment = planned(tmp_path, configured(held_out, *arms), release=plain + reflecting)
    for arm, wanted in (("with", True), ("without", False)):
        found = [reflects(each) for each in rows_of(experiment, arm, 0)]
        assert found == [wanted] * 4


def test_another_hypothesis_is_another_experiment_with_the_same_answers_and_other_rows_or_questions_are_not(
    tmp_path: Path, held_out: Path
) -> None:
    rows = [row(n) for n in range(8)]
    first = planned(tmp_path, configured(held_out, Arm(name="release")), release=rows)
    expected = Hypothesis(says="it helps", arm="release", than="untrained", at_least=0.1)
    second = planned(tmp_path, configured(held_out, Arm(name="release"), hypotheses=(expected,)), release=rows)
    third = planned(tmp_path, configured(held_out, Arm(name="release")), release=rows[1:])
    held_out.write_text(json.dumps(HELD_OUT[0]), "utf-8")
    fourth = planned(tmp_path, configured(held_out, Arm(name="release")), release=rows)
    assert len({each.experiment_id for each in (first, second, third, fourth)}) == 4
    assert len(experiments_in(tmp_path)) == 4
    keys = [[case.key for case in each.cases(tmp_path / "results")] for each in (first, second, third, fourth)]
    assert keys[0] == keys[1]
    assert keys[0][0] == keys[2][0], "the untrained student learns no rows"
    assert keys[0][1] != keys[2][1]
    assert not set(keys[0]) & set(keys[3])


def test_examples_are_shown_to_one_arm_and_leave_the_answers_of_all_others(tmp_path: Path, held_out: Path) -> None:
    rows, plain = [row(n) for n in range(8)], configured(held_out, Arm(name="release"), seeds=(0,))
    example = Example(question="What is 1 plus 1?", answer="<output>2</output>")
    asking = plain.evaluation.model_copy(update={"examples": (example,), "suffix": "Think."})
    shown = plain.model_copy(update={"evaluation": asking})
    experiment = planned(tmp_path, shown, release=rows)
    cases = {case.arm: case for case in experiment.cases(tmp_path / "results")}
    assert list(cases) == ["untrained", "shown", "release"]
    said = {arm: next(asked_of(case.asking, HELD))[1] for arm, case in cases.items()}
    assert said["release"] == said["untrained"] == [{"role": "user", "content": "Why?\nThink."}]
    assert [turn["content"] for turn in said["shown"]] == ["What is 1 plus 1?\nThink.", example.answer, "Why?\nThink."]
    without = plain.model_copy(update={"evaluation": asking.model_copy(update={"examples": ()})})
    before = {case.arm: case.key for case in planned(tmp_path, without, release=rows).cases(tmp_path / "results")}
    assert {arm: cases[arm].key for arm in before} == before
    assert cases["shown"].key != cases["untrained"].key


def test_preferences_are_learnt_after_the_rows_of_another_arm(tmp_path: Path, held_out: Path) -> None:
    said = [
        Message(role="assistant", content=text).model_dump() for text in ("<output>4</output>", "<output>5</output>")
    ]
    pair = {"preference_id": "p", "prompt": row(1)["messages"][:1], "chosen": said[:1], "rejected": said[1:]}
    release = tmp_path / "release"
    release.mkdir()
    (release / "manifest.json").write_text('{"name": "r", "content_hash": "c", "files": []}', "ascii")
    write_lines(release / "chat.jsonl", [row(n) for n in range(8)])
    dpo = Arm(name="dpo", pool=Pool.PREFERENCES, after="masked")
    arms = (Arm(name="masked", mask=Mask.NOTHING), dpo, dpo.model_copy(update={"name": "alone", "after": None}))
    settings = configured(held_out, *arms, seeds=(0,), untrained=False)
    with pytest.raises(Refused, match=r"no dpo\.jsonl"):
        prepare(release / "experiments", settings, lambda name: Pools(release, None))
    write_lines(release / "dpo.jsonl", [pair])
    experiment = prepare(release / "experiments", settings, lambda name: Pools(release, None))
    masked, after, alone = experiment.cases(tmp_path / "results")
    assert (after.first, alone.first) == ((masked.rows, Mask.NOTHING), None)
    assert after.rows == alone.rows
    assert after.key != alone.key
    assert preference_pairs(read_lines(after.rows or Path())) == [
        {name: pair[name] for name in ("prompt", "chosen", "rejected")}
    ]


def test_only_the_output_counts_where_that_is_asked(tmp_path: Path) -> None:
    question = {"id": "q", "question": "2 + 2?", "gold": "4", "kind": "number", "spec": {}}
    texts = ("Answer: 4", "<thinking>Well.</thinking><output>4</output>", "<thinking>So.</thinking>Answer: 4")
    answers = [HeldOutAnswer("q", n, text, 3) for n, text in enumerate(texts)]
    result = CaseResult("a", 0, "k", 0, 0, "r", None, 1.0, answers)
    with judges() as judge:
        found = [[row.verdict for row in evaluated("e", result, [question], judge, only)] for only in (False, True)]
    assert found[0] == [Ruling.CORRECT] * 3
    assert found[1] == [Ruling.UNVERIFIED, Ruling.CORRECT, Ruling.UNVERIFIED]


def test_rows_that_were_altered_are_refused(tmp_path: Path, held_out: Path) -> None:
    experiment = planned(tmp_path, configured(held_out, Arm(name="release")), release=[row(n) for n in range(8)])
    assert read_experiment(experiment.folder) == experiment
    [file] = (experiment.folder / "rows").iterdir()
    file.write_text(file.read_text("ascii").replace("Say 1.", "Say 2."), "ascii")
    with pytest.raises(Refused, match="missing or altered"):
        read_experiment(experiment.folder)


def test_an_arm_without_rows_and_a_folder_without_an_experiment_are_refused(tmp_path: Path, held_out: Path) -> None:
    with pytest.raises(Refused, match="the pool of release has no rows"):
        planned(tmp_path, configured(held_out, Arm(name="release")), release=[])
    with pytest.raises(Refused, match="no experiment at"):
        read_experiment(tmp_path)
    assert not list((tmp_path / "experiments").glob("*"))


def test_a_result_of_another_experiment_is_not_taken(tmp_path: Path, held_out: Path) -> None:
    experiment = planned(tmp_path, configured(held_out, Arm(name="release")), release=[row(n) for n in range(8)])
    case = experiment.cases(tmp_path / "results")[0]
    assert known_result(case) is None
    result = CaseResult("untrained", 0, case.key, 0, 0, "r", None, 1.0, [HeldOutAnswer("i", None, "4", 1)])
    case.result.write_text(json.dumps(asdict(result)), "ascii")
    assert known_result(case) == result
    case.result.write_text(json.dumps(asdict(result) | {"key": "another"}), "ascii")
    assert known_result(case) is None


def test_permuted_rows_all_have_another_response() -> None:
    rows = [row(n) for n in range(9)]
    made = controlled(Arm(name="a", permuted=True), rows, [], 3)
    assert [each["messages"][0] for each in made] == [each["messages"][0] for each in rows]
    assert all(a["messages"][-1] != b["messages"][-1] for a, b in zip(made, rows, strict=True))
    assert sorted(each["messages"][-1]["content"] for each in made) == sorted(
        r["messages"][-1]["content"] for r in rows
    )


@pytest.mark.parametrize(
    ("samples", "own"),
    [
        *[(each, 0) for each in ([1] * 9, [2] * 6, [4, 1, 1, 1, 1], [3, 3], [5, 2, 3], [40, 30, 20, 1])],
        *[([6, 2], 4), ([3], 3), ([1], 1)],  # more than half ask the same
    ],
)
def test_permuted_rows_have_no_answer_to_their_own_question_where_that_can_be(samples: list[int], own: int) -> None:
    """The known-bad control is the next one in a shuffled circle: each table but the first had such rows."""
    owner = [question for question, n in enumerate(samples) for _ in range(n)]
    rows = [row(n, f"question {question}") for n, question in enumerate(owner)]
    said = {each["messages"][-1]["content"]: question for each, question in zip(rows, owner, strict=True)}
    for seed in range(20):
        got = [each["messages"][-1]["content"] for each in controlled(Arm(name="a", permuted=True), rows, [], seed)]
        assert sorted(got) == sorted(said)
        assert sum(said[text] == question for text, question in zip(got, owner, strict=True)) == own


def test_a_draw_is_larger_with_more_rows_and_has_all_where_there_are_fewer() -> None:
    rows = [row(n) for n in range(30)]
    assert {each["trace_id"] for each in drawn(rows, 5, 1)} < {each["trace_id"] for each in drawn(rows, 9, 1)}
    assert drawn(rows, 99, 1) == rows


REFLECTING = "<thinking>5. <reflection>No, 4.</reflection></thinking><output>4</output>"


@pytest.mark.parametrize(
    ("mask", "text", "learnt"),
    [
        (Mask.RELEASE, REFLECTING, "given"),
        (Mask.NOTHING, REFLECTING, REFLECTING),
        (Mask.BEFORE_REFLECTION, REFLECTING, REFLECTING[len("<thinking>5. ") :]),
        (Mask.BEFORE_REFLECTION, "<output>4</output>", "<output>4</output>"),
    ],
)
def test_masks(mask: Mask, text: str, learnt: str) -> None:
    """The tag in the question moves nothing: Reflection 70B's mask found the one in its own system prompt."""
    said = [{"role": "user", "content": "What is <reflection>?"}, {"role": "assistant", "content": text}]
    given = {"messages": said, "training_spans": [{"message": 1, "start": 0, "end": 2}]}
    [span] = spans_as(mask, given)["training_spans"]
    assert span["message"] == 1
    assert text[span["start"] : span["end"]] == (text[:2] if learnt == "given" else learnt)


def test_a_batch_is_padded_and_nothing_of_the_padding_is_learnt() -> None:
    made = padded([{"input_ids": [5, 6, 7], "labels": [-100, 6, 7]}, {"input_ids": [5], "labels": [5]}], pad=0)
    assert made == {
        "input_ids": [[5, 6, 7], [5, 0, 0]],
        "attention_mask": [[1, 1, 1], [1, 0, 0]],
        "labels": [[-100, 6, 7], [5, -100, -100]],
    }


def test_what_is_added_to_a_card_is_no_part_of_the_content(tmp_path: Path) -> None:
    import hashlib

    card = tmp_path / "README.md"
    card.write_text("# r\n", "utf-8")
    named = {"path": "README.md", "sha256": hashlib.sha256(card.read_bytes()).hexdigest()}
    (tmp_path / "manifest.json").write_text(json.dumps({"content_hash": "c", "files": [named]}), "ascii")
    append_to_card(tmp_path, "one", "- lift: +1.0 points")
    append_to_card(tmp_path, "two", "- lift: +2.0 points")
    append_to_card(tmp_path, "one", "- lift: +3.0 points")
    text = card.read_text("utf-8")
    assert ("+2.0" in text, "+3.0" in text, "+1.0" in text) == (True, True, False)
    assert altered_files(tmp_path) == []
    card.write_text(text.replace("# r", "# s"), "utf-8")
    assert altered_files(tmp_path) == ["README.md"]


@pytest.mark.parametrize("torn", [b"", b'{"key": "k", "ans', bytes(64), b"\xff"])
def test_a_result_that_was_cut_off_is_none(tmp_path: Path, torn: bytes) -> None:
    """The bug: after a loss of power every later `prove` ended at that file."""
    case: Any = SimpleNamespace(keep=None, result=tmp_path / "arm-0.json", key="k")
    case.result.write_bytes(torn)
    assert known_result(case) is None
