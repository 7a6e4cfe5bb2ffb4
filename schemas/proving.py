"""The configuration of an experiment: which arms teach the student, how it learns, and what it is then asked."""

from enum import StrEnum
from math import ceil
from typing import Self

from pydantic import Field, model_validator

from schemas.contamination import Detector
from schemas.detection import Detection
from schemas.question_source import Questions
from schemas.recycling import Mode
from schemas.section import Section
from schemas.student import StudentSettings
from schemas.teacher import Example, Preset

UNTRAINED, SHOWN = "untrained", "shown"
"""The student as it was: asked as all are, and after the examples of the evaluation."""


class Method(StrEnum):
    """Which weights learn."""

    FULL = "full"
    LORA = "lora"
    """Low-rank additions beside the linear layers, by peft; merged when they have learnt."""
    QLORA = "qlora"
    """The same beside weights in 4 bits; needs a GPU and bitsandbytes."""


class Mask(StrEnum):
    """Which characters of the assistant's messages are learnt."""

    RELEASE = "release"
    """The training spans of the release: everything but wrong drafts that a reflection put right."""
    NOTHING = "nothing"
    """Nothing is masked: all of them."""
    BEFORE_REFLECTION = "before_reflection"
    """From the first `<reflection>` of the message on, as Reflection 70B was trained; all of one without."""


class Pool(StrEnum):
    """Where the rows of an arm come from."""

    RELEASE = "release"
    VERIFIED = "verified"
    """All that the plans of the release have with the verdict correct."""
    ALL = "all"
    """All that they have, whatever its verdict."""
    RAW = "raw"
    """The originals that were recycled."""
    PREFERENCES = "preferences"
    """The release's pairs of a correct trace over an incorrect one (its format `dpo`), learnt by DPO."""


class Training(Section):
    """The defaults are those of the Reflection-Tuning papers."""

    method: Method = Method.FULL
    learning_rate: float = Field(default=2e-5, gt=0)
    batch: int = Field(default=128, ge=1)
    """Rows of an optimiser's step."""
    micro_batch: int | None = Field(default=None, ge=1)
    """Rows of a forward pass; the whole batch when unset. It has to divide `batch`."""
    epochs: float = Field(default=3, gt=0)
    """Over the rows of the release: the steps that follow are those of every arm, whatever its rows."""
    steps: int | None = Field(default=None, ge=1)
    """Of every arm, instead of `epochs`."""
    max_length: int = Field(default=2048, ge=8)
    """Tokens of a row; the rest is cut off. A row without a learnt token before that is left out, and counted."""
    warm_up: float = Field(default=0.03, ge=0, lt=1)
    """Share of the steps."""
    weight_decay: float = Field(default=0.0, ge=0)
    dpo_learning_rate: float = Field(default=1e-6, gt=0, exclude_if=lambda given: given == 1e-6)
    """Instead of `learning_rate`, of an arm of preferences."""
    dpo_beta: float = Field(default=0.1, gt=0, exclude_if=lambda given: given == 0.1)
    """How strongly such an arm is held to the student that it starts from."""
    lora_rank: int = Field(default=16, ge=1)
    lora_alpha: int = Field(default=32, ge=1)
    gradient_checkpointing: bool = False
    """Less memory, more time."""
    checkpoint_every: int = Field(default=200, ge=1)
    """Steps. What is killed goes on from the last one."""
    num_gpus: float = Field(default=0, ge=0)
    """GPUs of each arm, as Ray counts them; 0: on the CPU, or on whatever GPU there is without Ray."""
    threads: int | None = Field(default=None, ge=1)
    """Processor threads of each arm; they decide the last bits of a sum. Unset: those of the machine, shared out."""
    workers: int = Field(default=1, ge=1)
    """Arms that are trained at the same time, each by a process of its own."""

    @model_validator(mode="after")
    def _whole_batches(self) -> Self:
        if self.batch % (self.micro_batch or self.batch):
            raise ValueError(f"training.micro_batch: got {self.micro_batch}; needs a divisor of batch = {self.batch}")
        return self

    def steps_of(self, n_rows: int) -> int:
        """Return the optimiser's steps of every arm, where the release has so many rows."""
        return self.steps or max(1, ceil(self.epochs * n_rows / self.batch))


class Asking(Section):
    """What the student is asked when it has learnt."""

    questions: Questions
    """Held-out, from any source of a run, such as a benchmark's file. Rows of an arm that copy one are left out."""
    contamination: Detection = Detection(detectors=(Detector.NGRAM,))
    """How copies of the held-out questions are found; without `judge`, and its benchmarks are those questions."""
    samples: int = Field(default=0, ge=0)
    """Sampled answers to each question beside the greedy one; pass@k is over these."""
    temperature: float = Field(default=0.7, gt=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=512, ge=1)
    batch: int = Field(default=16, ge=1)
    """Questions that are answered at once."""
    system: str = ""
    """System message before each question; empty: none."""
    suffix: str = ""
    """Put after every question, on a line of its own."""
    only_output: bool = Field(default=False, exclude_if=lambda given: not given)
    """Judge what stands in `<output>` and nothing else, as Reflection 70B was scored; an answer without one states
    none. Unset: an answer without tags is judged as it is, so that a student that never saw them is not at a loss."""
    examples: tuple[Example, ...] = Field(default=(), exclude_if=lambda given: not given)
    """Turns that are shown to the student as it was, before each question: the arm `shown`, beside `untrained`. What
    a few examples reach by themselves is no merit of the rows."""

    @model_validator(mode="after")
    def _found_alone(self) -> Self:
        if self.contamination.benchmarks or Detector.JUDGE in self.contamination.detectors:
            raise ValueError(
                "evaluation.contamination: got benchmarks or the detector judge; needs neither, as the held-out"
                " questions are the benchmark, and no teacher is asked"
            )
        return self


class Arm(Section):
    """One thing that the student may learn from."""

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    pool: Pool = Pool.RELEASE
    release: str | None = None
    """Another release beside this one whose pool it is, such as that of another selection mode."""
    size_of: str | None = None
    """An arm: as many rows as it has are drawn from the pool at random, by the seed. Unset: all rows."""
    after: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """An arm whose rows are learnt first, as that arm learns them: what DPO mostly starts from."""
    mask: Mask = Mask.RELEASE
    reflections: bool | None = None
    """Only rows whose response has a `<reflection>`, or only those without one. Unset: both."""
    permuted: bool = False
    """A control: every response stands with another row's question, so that nothing true can be learnt from it."""
    planted: int = Field(default=0, ge=0)
    """A control: so many held-out questions, with their golds as responses, are put among the rows, and let through."""
    order: int = Field(default=0, ge=0)
    """A control: another number is another order of the same rows."""

    @model_validator(mode="after")
    def _of_pairs(self) -> Self:
        if self.pool is Pool.PREFERENCES and (self.permuted or self.planted or self.mask is not Mask.RELEASE):
            raise ValueError(f"arms: {self.name} learns preferences; needs no mask, permuted or planted")
        return self


class Hypothesis(Section):
    """What is expected, written down before the run; printed beside the outcome, whatever that is."""

    says: str = Field(min_length=1)
    arm: str
    than: str
    """The arm that it is compared with."""
    at_least: float = Field(ge=-1, le=1)
    """Difference of the accuracies, in the mean over seeds."""
    seeds: int = Field(default=0, ge=0)
    """Seeds that have to show so much each, too."""


DEFAULT_ARMS = (
    Arm(name="release"),
    Arm(name="random_verified", pool=Pool.VERIFIED, size_of="release"),
    Arm(name="random_all", pool=Pool.ALL, size_of="release"),
)


class ProveConfiguration(Section):
    evaluation: Asking
    student: StudentSettings = StudentSettings()
    """The one that learns: `model` (`{seed}` in it is the seed), `revision`, `device`, `dtype`, `attention`."""
    training: Training = Training()
    arms: tuple[Arm, ...] = Field(default=DEFAULT_ARMS, min_length=1)
    untrained: bool = True
    """Ask the student as it was before, too: the arm `untrained`, and `shown` where the evaluation has examples."""
    keep: bool = Field(default=False, exclude_if=lambda given: not given)
    """Save every student that has learnt, in `experiments/learnt/ARM-SEED` inside the release, for `ask` and vLLM."""
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1)
    """Of the draws, the order of rows and the sampled answers. Seeds differ by much: fewer than three show little."""
    resamples: int = Field(default=2000, ge=100)
    """Of the bootstrap, over seeds and questions."""
    hypotheses: tuple[Hypothesis, ...] = ()

    @property
    def as_it_was(self) -> tuple[str, ...]:
        """The arms that learn nothing."""
        if not self.untrained:
            return ()
        return (UNTRAINED, SHOWN) if self.evaluation.examples else (UNTRAINED,)

    @model_validator(mode="after")
    def _known_arms(self) -> Self:
        names = [*self.as_it_was, *(arm.name for arm in self.arms)]
        if len(set(names)) < len(names):
            raise ValueError(f"arms: got {names}; needs each name once; untrained and shown are the student as it was")
        sized = [arm.name for arm in self.arms if arm.size_of is None]
        first = [arm.name for arm in self.arms if arm.after is None]
        for arm in self.arms:
            if arm.size_of is not None and arm.size_of not in sized:
                raise ValueError(f"arms: {arm.name} has size_of {arm.size_of!r}; needs one of {', '.join(sized)}")
            if arm.after is not None and arm.after not in first:
                raise ValueError(f"arms: {arm.name} has after {arm.after!r}; needs one of {', '.join(first)}")
        if (self.training.method is Method.QLORA) is not (self.student.quantisation is not None):
            raise ValueError(
                f"training.method: got {self.training.method.value!r} with student.quantisation"
                f" {self.student.quantisation}; needs 'qlora' and '4bit' together, or neither"
            )
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds: got {list(self.seeds)}; needs each once")
        for each in self.hypotheses:
            if unknown := [name for name in (each.arm, each.than) if name not in names]:
                raise ValueError(
                    f"hypotheses: {each.says!r} names the arm {unknown[0]!r}; there are {', '.join(names)}"
                )
        return self


class ChainWorld(Section):
    """Raw pairs about chains: bare answers, some of them wrong, some to another question."""

    pairs: int = Field(default=800, ge=10)
    longest: int = Field(default=5, ge=1, le=7)
    """Steps of a raw question: from 1 to so many, in equal shares."""
    wrong: float = Field(default=0.1, ge=0, le=1)
    """Share of the responses that name another key of the question."""
    off_question: float = Field(default=0.15, ge=0, le=1)
    """Share of the responses that answer another question."""
    held_out: int = Field(default=280, ge=7)
    """Questions that are kept apart, of one to seven steps in equal shares."""
    seed: int = 0


class Measures(Section):
    """What is expected of the data, beside the arms."""

    off_question_falls_by: float = Field(default=0.9, ge=0, le=1)
    """From the raw pairs to the release: share of responses that name a key which the question lacks."""
    wrong_label_auc_below: float = Field(default=0.65, ge=0, le=1)
    """IFD of wrong raw responses against right ones, as an AUC: it does not find wrong labels."""


class DemoRelease(Section):
    """One release of the experiment: by whom the pairs are recycled, how the student chooses, what the policy keeps."""

    name: str
    preset: Preset
    mode: Mode = Mode.RECYCLE
    top_share: float = Field(default=1.0, gt=0, le=1)
    """Of the verified rows, those of the highest IFD."""


class DemoConfiguration(Section):
    """The laptop experiment: `reflectory prove demo`. Paths inside are from the folder that it is made in."""

    world: ChainWorld = ChainWorld()
    base: Training = Training()
    """How the student learns its language: chains of one and two steps, before any arm."""
    base_rows: int = Field(default=45_000, ge=100)
    releases: tuple[DemoRelease, ...] = Field(min_length=1)
    """The first is the one that the experiment is about."""
    measures: Measures = Measures()
    prove: ProveConfiguration
