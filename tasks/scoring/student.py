"""The student: a causal language model that says how likely it finds a text.

On a CPU a score is a function of its row alone, to the bit: a sequence is read by itself without padding, and by one
thread, so that it depends neither on its neighbours nor on how many cores there are. The cores that the actors leave to
each read one sequence each, with the same weights. On a GPU neighbours move it by rounding.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from schemas.question import Question
from schemas.score import Score
from schemas.student import StudentSettings
from schemas.student_backend import StudentBackend
from schemas.trace import Trace
from tasks.scoring.forward import Forward, Plain
from tasks.scoring.reading import ReadingRequest
from tasks.scoring.score import ScoredText, score_texts, score_traces
from tasks.scoring.student_files import StudentFiles, find_student
from tasks.scoring.student_identity import student_identity
from tasks.scoring.template import load_template
from tasks.scoring.text_tokens import TextTokens, load_tokenizer, text_before_user
from tasks.scoring.weights import device_of, load_model, threads_of, way_of_reading

if TYPE_CHECKING:
    from tasks.scoring.served import Served

_PROBE = """
The kettle had been on the stove for eleven minutes when Ada noticed that nobody had filled it. She took it off, let it
cool, counted the scorch marks (there were three), and wrote in the margin of her notebook: 7 + 5 = 12, but a lesson is
only learnt when it has been checked twice. Then she filled it, lit the gas again, and read the page from the start."""
"""Any text of a hundred tokens or so: by what a server makes of it shows the type that it computes in."""

_AT_ONCE = 64
"""Subjects: enough to keep a GPU or a server busy."""
_A_THREAD = 8


class Student:
    """Holds a tokenizer and what reads: a model of its own, or a server's. Needs no network for a folder."""

    def __init__(self, settings: StudentSettings) -> None:
        """`Refused` when the settings do not fit each other, the model, the machine or the server."""
        self.identity = student_identity(settings)
        template = load_template(settings.template)
        files = find_student(settings.model, settings.revision)
        self.tokenizer = load_tokenizer(files)
        self.template = replace(template, adds=text_before_user(self.tokenizer)) if template.is_chat else template
        self._texts = TextTokens(self.tokenizer, self.template, self.identity.student)
        self.start = self._texts.start
        served = settings.backend is StudentBackend.VLLM
        self.any_token = not served
        self.forward = self._served(files, settings) if served else self._local(files, settings)

    def score_traces(self, jobs: Sequence[tuple[Trace, Question]]) -> list[Score]:
        """Return one score per job, in order."""
        return score_traces(self, jobs)

    def score_texts(self, subjects: Sequence[ScoredText]) -> list[Score]:
        """Return one score per subject, in order."""
        return score_texts(self, subjects)

    def prompt_tokens(self, prompt: str) -> list[int]:
        return self._texts.prompt(prompt)

    def target_tokens(self, target: str) -> list[int]:
        return self._texts.target(target)

    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        return self.forward.log_probs(readings)

    @property
    def at_once(self) -> int:
        """Subjects that are best given together: enough for the threads of a CPU to end at about the same time."""
        if not self.any_token or self.device.type != "cpu":
            return _AT_ONCE
        return 1 if self.threads == 1 else _A_THREAD * self.threads

    @property
    def reads_with(self) -> str:
        """For a person: what does the work, and where."""
        return type(self.forward).__name__.lower() + (f" on {self.device}" if self.any_token else "")

    def _local(self, files: StudentFiles, settings: StudentSettings) -> Forward | Plain:
        self.device = device_of(settings.device)
        on_cpu = self.device.type == "cpu"
        if on_cpu:
            torch.set_num_threads(1)
        self.model = load_model(files, settings, self.device)
        self.threads = threads_of(self.model, settings.actors) if on_cpu else 1
        batch_tokens = 0 if on_cpu else settings.batch_tokens
        return way_of_reading(self.model, batch_tokens, self.identity.max_length, self.threads)

    def _served(self, files: StudentFiles, settings: StudentSettings) -> "Served":
        from tasks.scoring.served import Served  # an HTTP client, which few students need

        checked = settings.spot_check > 0 and files.has_weights
        local = self._local(files, settings) if checked else None
        return Served(settings, self.identity.max_length, [self.start, *self.target_tokens(_PROBE)], local)
