"""The run configuration: values only. The same model reads the TOML, takes `--set` and is Prefect's form."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from schemas.prompts import OF_ATTEMPTS
from schemas.question_source import Questions
from schemas.section import Section
from schemas.student import StudentSettings
from schemas.student_backend import StudentBackend
from schemas.teacher import OWN_WEIGHTS, STUDENT_DRAFT, DrafterSettings, JudgeSettings, SegmentedBy, TeacherSettings

MOST_SHARDS_IN_FLIGHT = 16


class Budget(Section):
    """What the calls of a plan may cost over all runs. The worst case of a call is reserved before it is sent."""

    usd: float | None = Field(default=None, ge=0)
    """Needs the prices of the teacher."""
    tokens: int | None = Field(default=None, ge=0)
    """Prompt and completion."""

    @property
    def is_set(self) -> bool:
        return self.usd is not None or self.tokens is not None


class VerifierSettings(Section):
    actors: int = Field(default=1, ge=1)
    """Processes that judge, each on a CPU of its own."""
    math_timeout_s: float = Field(default=1.5, gt=0)
    """Processor time per comparison that needs computer algebra; then its process is killed: it is unverified."""
    dispute_samples: int = Field(default=3, ge=1)
    """Verified samples that a question needs before its gold can be in dispute."""
    dispute_share: float = Field(default=2 / 3, gt=0, le=1)
    """Of these, those that agree on one answer other than the gold."""
    dispute_chance: float = Field(default=0.02, ge=0, le=1)
    """Fewer may agree where so few give the gold that by the source's pass rate it has a smaller chance; 0: never."""


class RunSettings(Section):
    shard_size: int = Field(default=100, ge=1)
    """Attempts per shard, about: all attempts of a question stay together. Where nothing is said, neighbours go through
    the stages together, so that each of `shards_in_flight` holds `teacher.max_in_flight` calls, or 256 where that is
    unset."""
    shards_in_flight: int = Field(default=4, ge=1, le=MOST_SHARDS_IN_FLIGHT)
    """Shards that are under way at once, each in any of its stages. Where nothing is said, as many as 16 while next to
    all calls of those that ask are in flight: a slow call holds up no other."""
    seed: int = 0
    """Of what is drawn: questions, the seeds that are sent."""
    watchdog_s: float = Field(default=600, gt=0)
    """A stage of a shard that makes no progress for so long fails; so does an actor that has not started by then."""
    grace_s: float = Field(default=60, ge=0)
    """When a run is stopped, cancelled, suspended or paused, nothing more is sent, and what is in flight has so long to
    land. A second Ctrl-C ends it at once."""
    metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    """Of loopback, where Prometheus reads the figures of a run while it goes, at `/metrics`."""
    ship_code: bool = False
    """On a cluster of Ray's, send this package's own files to its workers: they need Python and the libraries only, and
    packages of your own. Else they need the same installation, and one that differs is refused."""

    @property
    def most_in_flight(self) -> int:
        """Shards that may be under way while a teacher would bear more; no more than were chosen."""
        chosen = self.shards_in_flight != type(self).model_fields["shards_in_flight"].default
        return self.shards_in_flight if chosen else MOST_SHARDS_IN_FLIGHT

    @property
    def open_at_once(self) -> int:
        """Of the shards that may go together; 0 where their size was chosen."""
        return self.shards_in_flight if self.shard_size == type(self).model_fields["shard_size"].default else 0


class LineConfiguration(Section):
    """What every line of production is told."""

    teacher: TeacherSettings = TeacherSettings()
    """The model that writes."""
    judge: JudgeSettings | None = None
    """Without one, questions of kind `judge` are left unverified."""
    budget: Budget = Budget()
    """What the calls of a plan may cost over all runs."""
    verifier: VerifierSettings = VerifierSettings()
    """How answers are judged."""
    student: StudentSettings = StudentSettings()
    """The model that will be trained, and that scores."""
    run: RunSettings = RunSettings()
    """Shards, seeds and times."""

    @property
    def asks(self) -> bool:
        """Whether a teacher is asked at all."""
        return True

    @property
    def models_asked(self) -> dict[str, TeacherSettings]:
        """Whom calls may go to, by section."""
        asked: dict[str, TeacherSettings] = {"teacher": self.teacher} if self.asks else {}
        return asked | ({"judge": self.judge} if self.judge else {})

    @model_validator(mode="after")
    def _calls_with_a_bound(self) -> Self:
        for name, model in self.models_asked.items() if self.budget.is_set else ():
            if not model.is_bounded:
                raise ValueError(
                    f"{name}.max_tokens: got none; a budget needs it, because it bounds what a call may cost"
                )
            if self.budget.usd is not None and not model.is_priced:
                raise ValueError(
                    f"budget.usd: got a limit, and the prices are unknown; set {name}.usd_per_million_input and"
                    f" {name}.usd_per_million_output, or give budget.tokens instead"
                )
        return self


class RunConfiguration(LineConfiguration):
    questions: Questions
    """What is asked, and where it comes from."""
    drafter: DrafterSettings | None = Field(default=None, exclude_if=lambda drafter: drafter is None)
    """Needed by `teacher.strategy = "student_draft"`, and by nothing else."""

    @property
    def models_asked(self) -> dict[str, TeacherSettings]:
        """Whom calls may go to, by section."""
        return super().models_asked | ({"drafter": self.drafter} if self.drafter else {})

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        drafts = self.teacher.strategy == STUDENT_DRAFT
        if drafts and self.drafter is None:
            raise ValueError(
                f"drafter: got no section; teacher.strategy = '{STUDENT_DRAFT}' needs one, which says who writes drafts"
            )
        if self.drafter and not (drafts and self.asks):
            raise ValueError(f"drafter: got a section; only teacher.strategy = '{STUDENT_DRAFT}' has drafts written")
        if drafts and self.teacher.system_prompt is not None:
            raise ValueError(
                "teacher.system_prompt: got a value; here the drafter is asked first: drafter.system_prompt"
            )
        own = self.drafter is not None and self.drafter.base_url == OWN_WEIGHTS
        if own and self.student.backend is StudentBackend.VLLM:
            raise ValueError("drafter.base_url: got 'student', whose weights a server has; give the server's URL")
        self.teacher.prompts.check_used("teacher", OF_ATTEMPTS)
        if not self.asks and self.teacher.segments is SegmentedBy.MODEL:
            raise ValueError(
                "teacher.segments: got 'model'; recorded answers are read by the rule, and nobody is asked"
            )
        return self

    @property
    def asks(self) -> bool:
        return bool(self.questions.source_class.asks)

    @property
    def subject(self) -> str:
        """What is asked of whom, for the names of runs and tasks."""
        questions = self.questions
        what = questions.name or (questions.path and f"{questions.source} {Path(questions.path).name}")
        return f"{what or questions.source} by {self.teacher.model}"
