"""Questions of reasoning-gym's families, drawn in a process of their own (see `draw.py`)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.errors import ReflectoryError, Refused
from schemas.question import AnswerKind, Question
from schemas.question_source import Questions
from schemas.record import canonical_json, clean_text

DRAW = Path(__file__).with_name("draw.py")
FAMILIES = ("letter_counting", "chain_sum", "simple_equations")
LIMIT = 60
LICENCE = "Apache-2.0"


def draw(settings: Questions, seed: int) -> Iterator[Question]:
    """`questions.limit` of them, the families in turn; fewer when every family runs out.

    Five families have no reference answer (boxnet, graph_color, propositional_logic, rubiks_cube, rush_hour):
    gold is None there and the scorer judges by the entry alone. Raises `Refused` for an unknown family.
    """
    asked = {"families": settings.families or FAMILIES, "seed": seed, "limit": settings.limit or LIMIT}
    drawn = subprocess.run(
        [sys.executable, "-P", str(DRAW)],
        input=json.dumps(asked),
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if drawn.returncode:
        raise ReflectoryError(f"reasoning-gym failed while it made questions:\n{drawn.stderr[-2000:]}")
    for line in drawn.stdout.splitlines():
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(f"questions.families: {answer['refused']}")
        yield _question(settings, answer["family"], answer["entry"])


def _question(settings: Questions, family: str, entry: Mapping[str, Any]) -> Question:
    gold = entry["answer"]
    return Question.of(
        text=clean_text(entry["question"]),
        gold=None if gold is None else clean_text(gold),
        kind=AnswerKind.REASONING_GYM,
        spec=canonical_json({"dataset": family, "entry": entry}),
        source=f"{settings.name or 'reasoning_gym'}/{family}",
        licence=settings.licence or LICENCE,
    )
