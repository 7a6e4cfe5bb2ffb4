"""The student: a causal language model that says how likely it finds a text.

On a CPU a score is a function of its row alone, to the bit: one sequence at a time without padding, and one thread, so
that it depends neither on its neighbours nor on how many cores there are. To use more cores, have more actors
(`student.actors`). On a GPU neighbours move it by rounding.
"""

from collections.abc import Sequence

import torch

from schemas import configuration
from schemas.question import Question
from schemas.score import Score
from schemas.trace import Trace
from tasks.scoring.reading import Reading
from tasks.scoring.score import score_traces
from tasks.scoring.student_files import find_student
from tasks.scoring.student_identity import student_identity
from tasks.scoring.template import load_template
from tasks.scoring.text_tokens import TextTokens, load_tokenizer
from tasks.scoring.weights import device_of, load_model, way_of_reading


class Student:
    """Holds a model and its tokenizer. Needs no network for a folder."""

    any_token = True

    def __init__(self, settings: configuration.Student) -> None:
        """`Refused` when the settings do not fit each other, the model or the machine."""
        self.identity = student_identity(settings)
        self.template = load_template(settings.template)
        self.device = device_of(settings.device)
        on_cpu = self.device.type == "cpu"
        if on_cpu:
            torch.set_num_threads(1)
        files = find_student(settings.model, settings.revision)
        self.tokenizer = load_tokenizer(files)
        self._texts = TextTokens(self.tokenizer, self.template, self.identity.student)
        self.start = self._texts.start
        self.model = load_model(files, settings, self.device)
        self.forward = way_of_reading(self.model, 0 if on_cpu else settings.batch_tokens, self.identity.max_length)

    def score_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Score]:
        """One score per job, in order."""
        return score_traces(self, jobs)

    def prompt_tokens(self, prompt: str) -> list[int]:
        return self._texts.prompt(prompt)

    def target_tokens(self, target: str) -> list[int]:
        return self._texts.target(target)

    def log_probs(self, readings: Sequence[Reading]) -> list[list[float]]:
        return self.forward.log_probs(readings)
