"""Arms as Ray tasks: in processes of their own, several at a time, on GPUs where they are asked for."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import ray
from ray.exceptions import RayTaskError

from schemas.errors import ReflectoryError
from tasks.proving.case import Case, CaseResult, Report, run_case


def run_cases_apart(cases: Sequence[Case], workers: int, num_gpus: float, report: Report) -> list[CaseResult]:
    """Train and ask in processes of their own, `workers` at a time, each with so many GPUs. Inside `ray_session`; the
    folders of the cases have to be the same wherever Ray starts one. `report` hears of each as it is done.
    """
    each = ray.remote(num_cpus=1, num_gpus=num_gpus, max_calls=0, max_retries=3)(run_case)
    left = iter(cases)
    running: dict[Any, Case] = {}
    found: dict[str, CaseResult] = {}
    while True:
        for case in islice(left, workers - len(running)):
            running[each.remote(case)] = case
        if not running:
            return [found[case.name] for case in cases]
        done, _ = ray.wait(list(running), num_returns=1)
        for ref in done:
            name = running.pop(ref).name
            found[name] = _value(ref)
            report(found[name])


def _value(ref: Any) -> CaseResult:
    """Raises what went wrong there, as it was raised."""
    try:
        result: CaseResult = ray.get(ref)
    except RayTaskError as error:
        if isinstance(error.cause, ReflectoryError):
            raise error.cause from None
        raise
    return result
