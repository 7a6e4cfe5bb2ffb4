"""Questions of reasoning-gym's families, drawn in a process of their own (see `draw.py`)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from schemas.errors import ReflectoryError, Refused
from schemas.question import AnswerKind, Question
from schemas.record import canonical_json, clean_text, content_key
from tasks.installed_code import import_paths
from tasks.questions.seed import Loaded, made
from tasks.questions.source import Draw, Source

DRAW = Path(__file__).with_name("draw.py")
FAMILIES = ("letter_counting", "chain_sum", "simple_equations")
LIMIT = 60
LICENCE = "Apache-2.0"


class ReasoningGym(Source):
    def missing(self) -> Iterator[str]:
        if find_spec("reasoning_gym") is None:
            yield "questions.source: got 'reasoning_gym', which needs its library; pip install 'reflectory[gym]'"

    def draw(self, seed: int) -> Draw:
        settings = self.settings
        written = (settings.name, settings.licence or LICENCE)
        key = content_key("draw", "reasoning_gym", settings.families or FAMILIES, seed, *written)
        return Draw(key, settings.limit or LIMIT)

    def load(self, seed: int) -> Loaded:
        return made(self._draw(seed))

    def _draw(self, seed: int) -> Iterator[Question]:
        """`questions.limit` of them, the families in turn; fewer when every family runs out.

        Five families have no reference answer (boxnet, graph_color, propositional_logic, rubiks_cube, rush_hour):
        gold is None there and the scorer judges by the entry alone. Raises `Refused` for an unknown family.
        """
        settings = self.settings
        asked = {"families": settings.families or FAMILIES, "seed": seed, "limit": settings.limit or LIMIT}
        paths = [*import_paths(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        drawn = subprocess.run(
            [sys.executable, "-P", str(DRAW)],
            input=json.dumps(asked),
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, paths))},
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
            family, entry = answer["family"], answer["entry"]
            yield Question.of(
                text=clean_text(entry["question"]),
                gold=None if entry["answer"] is None else clean_text(entry["answer"]),
                kind=AnswerKind.REASONING_GYM,
                spec=canonical_json({"dataset": family, "entry": entry}),
                source=f"{settings.name or 'reasoning_gym'}/{family}",
                licence=settings.licence or LICENCE,
            )
