"""Verdicts on what students answered: the factory's own verifiers, as `reflectory verify` asks them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from schemas.experiment import Evaluation
from schemas.record import clean_text, content_key
from tasks.judging.reading import KillableReader, Reader
from tasks.judging.verify import Verifier, verifier_version
from tasks.judging.verify_file import verify_line
from tasks.parsing.grammar import parse
from tasks.proving.case import CaseResult, HeldOutAnswer


class Judges(NamedTuple):
    verifier: Verifier
    read: Reader


@contextmanager
def judges() -> Iterator[Judges]:
    """Yield what judges, with its processes for as long as it is needed."""
    verifier, read = Verifier(), KillableReader()
    try:
        yield Judges(verifier, read)
    finally:
        read.close()
        verifier.close()


def evaluated(
    experiment_id: str,
    result: CaseResult,
    questions: Sequence[Mapping[str, Any]],
    judges: Judges,
    only_output: bool = False,
) -> list[Evaluation]:
    """Return a verdict for each answer, in order. Equal answers to one question are judged once. `only_output`: without
    an `<output>` an answer is judged as an empty one.
    """
    by_id = {question["id"]: question for question in questions}

    @cache
    def judge(item: str, response: str) -> dict[str, Any]:
        said = "" if only_output and parse(response).output is None else response
        line = json.dumps({**by_id[item], "response": said}).encode()
        return verify_line(line, judges.verifier, judges.read)

    return [
        _evaluation(experiment_id, result, answer, by_id[answer.item], judge(answer.item, answer.response))
        for answer in result.answers
    ]


def _evaluation(
    experiment_id: str,
    result: CaseResult,
    answer: HeldOutAnswer,
    question: Mapping[str, Any],
    judged: Mapping[str, Any],
) -> Evaluation:
    place = (result.arm, result.seed, answer.item, answer.sample_index)
    version = verifier_version(question["kind"])
    return Evaluation(
        evaluation_id=content_key("evaluation", experiment_id, *place, version, answer.response),
        experiment_id=experiment_id,
        arm=result.arm,
        seed=result.seed,
        item=answer.item,
        sample_index=answer.sample_index,
        response=clean_text(answer.response),
        answer=None if judged["answer"] is None else clean_text(judged["answer"]),
        verdict=judged["verdict"],
        reason=str(judged["reason"]),
        effect=judged["effect"],
        structure=str(parse(answer.response).structure),
        n_tokens=answer.n_tokens,
    )
