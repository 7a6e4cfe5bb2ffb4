"""What closed forms, and the readings around the algebra, decide right that number comparison and math-verify do not.

    python tests/benchmarks/closed_forms.py [SHARED_DATA]

Each case is judged as it is, and with everything that lies beyond number comparison left to math-verify alone, in a
process that is killed after `SECONDS`. Extraction of the answer is the same. Prints a table per set of cases.
"""

import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from math_verify import parse, verify

from schemas.verdict import Reason
from tasks.judging.verifiers.math import MathVerifier
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verify import Verifier
from tests.golden.test_math_pairs import read_pairs
from tests.golden.verdict_cases import read_cases

SECONDS = 1.5
Row = tuple[str, str, str, str, frozenset[str]]
"""Set, kind, gold, response, and the verdicts that are right."""


def by_math_verify(
    verifier: MathVerifier, gold: str, answer: str, read: Reason, by_text: bool, resources: Resources
) -> Reason:
    """Stand in for `MathVerifier.beyond_value`."""
    receiving, sending = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_compare, args=(sending, gold, answer))
    process.start()
    sending.close()
    try:
        return Reason(receiving.recv()) if receiving.poll(SECONDS) else Reason.UNDECIDED
    except EOFError:
        return Reason.UNDECIDED
    finally:
        process.kill()
        process.join()


def _compare(sending: Connection, gold: str, answer: str) -> None:
    # bare LaTeX without dollar signs would be read as its last number
    sides = [parse(side if "$" in side else f"${side}$", parsing_timeout=None) for side in (gold, answer)]
    if not all(sides):
        sending.send(Reason.ANSWER_UNPARSABLE.value)
    else:
        equal = verify(*sides, timeout_seconds=None)
        sending.send((Reason.EQUAL if equal else Reason.NOT_EQUAL).value)


def cases(shared: Path | None) -> Iterator[Row]:
    for left, right, equal in read_pairs():
        for gold, answer in ((left, right), (right, left)):
            yield "golden pairs", "math", gold, answer, frozenset({"correct" if equal else "incorrect"})
    for case in read_cases(shared) if shared else ():
        given = json.loads(case.line)
        if given.get("kind") == "math" and given.get("gold") is not None:
            yield "verdict cases", "math", given["gold"], given["response"], case.right


def measure(rows: list[Row]) -> list[str]:
    with closing(Verifier()) as verifier:
        return [str(verifier.judge(kind, gold, response).verdict) for _, kind, gold, response, _ in rows]


def standing(verdict: str, right: frozenset[str]) -> str:
    return "right" if verdict in right else "unverified" if verdict == "unverified" else f"false {verdict}"


def main(shared: Path | None) -> None:
    rows = list(cases(shared))
    kept = measure(rows)
    MathVerifier.beyond_value = by_math_verify  # type: ignore[method-assign]
    without = measure(rows)
    for title in dict.fromkeys(row[0] for row in rows):
        print(f"\n{title}")
        for label, verdicts in (("with", kept), ("without", without)):
            told = Counter(standing(v, row[4]) for v, row in zip(verdicts, rows, strict=True) if row[0] == title)
            print(f"  {label:8} " + ", ".join(f"{name} {n}" for name, n in sorted(told.items())))
    for row, was, now in zip(rows, kept, without, strict=True):
        if standing(now, row[4]) != standing(was, row[4]) and "right" in (standing(was, row[4]), standing(now, row[4])):
            print(f"    {row[0]}: {row[2]!r} | {row[3][-60:]!r}: {standing(was, row[4])} -> {standing(now, row[4])}")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
