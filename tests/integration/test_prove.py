"""A student of 110,000 parameters learns arms of a release: killed and gone on with, done again, on Ray, with LoRA."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from math import log
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schemas.proving import Arm, Asking, Mask, Method, ProveConfiguration, Training
from schemas.question_source import Questions
from schemas.student import StudentSettings
from tasks.practice import chains
from tasks.practice.problem import Pen
from tasks.proving.case import CaseResult, known_result, run_cases
from tasks.proving.chain_world import answer
from tasks.proving.experiment import ExperimentPlan, prepare
from tasks.proving.outcome import outcome_of
from tasks.proving.pools import Pools
from tasks.proving.verdicts import evaluated, judges
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

STEPS = 200
RUN = """
import sys
from pathlib import Path
from tasks.proving.case import run_cases
from tasks.proving.experiment import read_experiment
run_cases(read_experiment(Path(sys.argv[1])).cases(Path(sys.argv[2])), lambda result: None)
"""


def chat(n: int, rng: Random) -> dict[str, Any]:
    question = chains.question(rng, 1 + n % 3)
    problem = chains.read_chain(question)
    assert problem is not None
    said = chains.worked(problem, Pen())
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
    spans = [{"message": 1, "start": 0, "end": len(said)}]
    return {"trace_id": f"t{n:04}", "messages": messages, "training_spans": spans}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of right chains, held-out questions, and a student that has learnt nothing but to copy."""
    from tasks.proving.chain_student import make_model, make_tokenizer

    made, rng = tmp_path_factory.mktemp("prove"), Random(3)
    rows = [chat(n, rng) for n in range(400)]
    (made / "release").mkdir()
    (made / "release" / "chat.jsonl").write_text("\n".join(map(json.dumps, rows)), "ascii")
    (made / "release" / "manifest.json").write_text('{"name": "r", "content_hash": "c", "files": []}', "ascii")
    asked = [{"question": text, "gold": answer(text)} for text in (chains.question(rng, 1) for _ in range(40))]
    (made / "held_out.jsonl").write_text("\n".join(map(json.dumps, asked)), "ascii")
    tokenizer = make_tokenizer()
    make_model(tokenizer, 0).save_pretrained(made / "student")
    tokenizer.save_pretrained(made / "student")
    return made


def experiment(folder: Path, keep: bool = False, **training: Any) -> ExperimentPlan:
    questions = Questions(source="jsonl", path=str(folder / "held_out.jsonl"))
    settings = Training(learning_rate=1e-3, batch=32, steps=STEPS, max_length=96, checkpoint_every=50, threads=1)
    configuration = ProveConfiguration(
        evaluation=Asking(questions=questions, max_tokens=16, batch=40, samples=2),
        training=settings.model_copy(update=training),
        arms=(Arm(name="release"), Arm(name="permuted", permuted=True)),
        seeds=(0,),
        keep=keep,
    )
    student = configuration.student.model_copy(update={"model": str(folder / "student"), "device": "cpu"})
    configuration = configuration.model_copy(update={"student": student})
    return prepare(folder / "experiments", configuration, lambda name: Pools(folder / "release", None))


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> list[CaseResult]:
    return run_cases(experiment(folder).cases(folder / "undisturbed"), lambda result: None)


def test_what_is_right_teaches_and_what_is_permuted_does_not(folder: Path, undisturbed: list[CaseResult]) -> None:
    planned = experiment(folder)
    with judges() as judge:
        rows = [
            row for result in undisturbed for row in evaluated(planned.experiment_id, result, planned.questions, judge)
        ]
    outcome = {arm.arm: arm for arm in outcome_of(planned.configuration, rows).arms}
    assert outcome["untrained"].level.value < 0.2
    assert outcome["release"].level.value > outcome["permuted"].level.value + 0.3
    assert set(outcome["release"].pass_at) == {1, 2}
    assert all(result.learnt is None or result.learnt["steps"] == STEPS for result in undisturbed)


def _until(condition: Any) -> Iterator[None]:
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
        yield


def test_killed_in_the_second_arm_it_goes_on_there_and_comes_to_the_same(
    folder: Path, undisturbed: list[CaseResult]
) -> None:
    planned, results = experiment(folder), folder / "killed"
    cases = planned.cases(results)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", RUN, str(planned.folder), str(results)], env=environment)
    for _ in _until(lambda: list((results / "permuted-0").glob("checkpoint-*/trainer_state.json"))):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = [known_result(case) for case in cases]
    assert [result is not None for result in done] == [True, True, False]
    again = run_cases(cases, lambda result: None)
    assert [result.answers for result in again] == [result.answers for result in undisturbed]
    assert not (results / "permuted-0").exists()


def test_on_ray_it_comes_to_the_same(folder: Path, undisturbed: list[CaseResult], ray_address: str) -> None:
    """Known-bad control: another seed comes to something else."""
    code = """
import sys
from pathlib import Path
from tasks.proving.apart import run_cases_apart
from tasks.proving.experiment import read_experiment
from tasks.ray_session import ray_session
with ray_session(2, 0):
    run_cases_apart(read_experiment(Path(sys.argv[1])).cases(Path(sys.argv[2])), 2, 0, lambda result: None)
"""
    planned, results = experiment(folder), folder / "ray"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(planned.folder), str(results)], env=environment, check=True)
    found = [known_result(case) for case in planned.cases(results)]
    assert [result.answers for result in found if result] == [result.answers for result in undisturbed]
    other = replace(planned.cases(folder / "other")[1], order=1)
    assert run_cases([other], lambda result: None)[0].answers != undisturbed[1].answers


@pytest.mark.parametrize("method", [Method.FULL, Method.LORA])
def test_preferences_are_learnt_from_where_the_other_arm_ends(folder: Path, method: Method) -> None:
    """At the first step nothing is preferred, so the loss is ln 2: the student is held to itself as it is, not to the
    one on the disk, which TRL would take."""
    import torch

    from tasks.proving.learner import Learner

    torch.set_num_threads(1)  # several would wait for each other where other processes run
    rows = [chat(n, Random(n)) for n in range(64)]
    pairs = []
    for each in rows:
        right = each["messages"][-1]
        wrong = {**right, "content": " ".join([*right["content"].split()[:-1], "the"])}
        pairs.append({**each, "messages": [each["messages"][0], wrong], "rejected": [right]})
    settings = Training(learning_rate=1e-3, dpo_learning_rate=1e-3, batch=16, max_length=96, threads=1, method=method)
    learner = Learner(StudentSettings(model=str(folder / "student"), device="cpu"))

    def loss(taught: list[dict[str, Any]], steps: int) -> float:
        made = learner.learn(taught, Mask.RELEASE, settings, steps, 0, folder / "dpo")
        assert (made.n_left_out, made.learnt.steps) == (0, steps)
        assert made.learnt.loss is not None
        return made.learnt.loss

    loss(rows, 24)
    assert loss(pairs, 1) == pytest.approx(log(2), abs=1e-3)
    assert loss(pairs, 24) < 0.6
    assert not (folder / "dpo").exists()


def test_an_answer_ends_where_the_chat_template_ends_a_message(folder: Path, tmp_path: Path) -> None:
    """As base models have it: a message ends with a marker that is not the tokenizer's end token. The known-bad
    control: by that token alone the learnt student writes on until max_tokens, and the marker is hidden."""
    import torch
    from transformers import AutoTokenizer, GenerationConfig

    from tasks.proving.learner import Learner, answers
    from tasks.serving.writer import StudentWriter

    torch.set_num_threads(1)
    shutil.copytree(folder / "student", tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "base")
    tokenizer.chat_template = tokenizer.chat_template.replace("eos_token", "unk_token")
    tokenizer.save_pretrained(tmp_path / "base")
    marker, rows = tokenizer.unk_token_id, [chat(n, Random(n)) for n in range(64)]
    learner = Learner(StudentSettings(model=str(tmp_path / "base"), device="cpu"))
    settings = Training(learning_rate=1e-3, batch=32, max_length=96, threads=1)
    learner.learn(rows, Mask.RELEASE, settings, 60, 0, tmp_path / "checkpoints")
    asked = [(row["trace_id"], row["messages"][:1]) for row in rows[:8]]
    found, _ = learner.answer(asked, Asking(questions=Questions(source="jsonl", path="-"), max_tokens=64), 0)
    assert max(answer.n_tokens for answer in found) < 64
    learner.save(tmp_path / "learnt")
    assert marker in GenerationConfig.from_pretrained(tmp_path / "learnt").eos_token_id
    assert marker in StudentWriter(StudentSettings(model=str(tmp_path / "base"), device="cpu"))._ends
    learner._model.generation_config.eos_token_id = tokenizer.eos_token_id
    told = answers(learner._model, learner.tokenizer, [messages for _, messages in asked], 64, 8)
    assert min(n_tokens for _, n_tokens in told) == 64


def test_lora_learns_and_is_saved_merged(folder: Path) -> None:
    planned = experiment(folder, keep=True, method=Method.LORA, steps=20)
    cases = planned.cases(folder / "lora")[:2]
    untrained, learnt = run_cases(cases, lambda result: None)
    assert learnt.learnt is not None
    assert learnt.answers != untrained.answers
    kept = folder / "learnt" / "release-0"
    assert not list(kept.glob("adapter*"))
    assert (kept / "model.safetensors").is_file()
