"""Who is asked, and how: the sections `teacher`, `drafter` and `judge` of a configuration."""

import json
from collections.abc import Sized
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from schemas.prompts import OF_JUDGE, Prompts
from schemas.registry import Registry
from schemas.section import DrafterURL, Reference, Section, TeacherURL, one_of

STRATEGIES = Registry(
    "reflectory.strategies",
    {
        "single_pass": "tasks.tracing.single_pass:SinglePass",
        "draft_reflect_revise": "tasks.tracing.draft_reflect_revise:DraftReflectRevise",
        "assembled": "tasks.tracing.draft_reflect_revise:AssembledTags",
        "student_draft": "tasks.tracing.student_draft:StudentDraft",
        "reasoning_to_reflection": "tasks.tracing.reasoning_to_reflection:ReasoningToReflection",
    },
    base="tasks.tracing.strategy:Strategy",
    flaw_of="tasks.tracing.strategy:flaw_of",
)
"""How the teacher may be asked for one attempt, each with its class."""


STUDENT_DRAFT = "student_draft"
_WITHOUT_TAGS = ("assembled", "reasoning_to_reflection", STUDENT_DRAFT)
_STRUCTURES = ("grammar", "json_schema", "response_format", "structured_outputs")


class OnTruncation(StrEnum):
    """What becomes of an answer that `max_tokens` cut off."""

    KEEP = "keep"
    """It lands with the structure `truncated`."""
    EXTEND = "extend"
    """Asked once more with twice the tokens; that answer counts, and is kept whatever its end. Not what the model's
    window has cut off: it stays as it is."""
    DROP = "drop"
    """The attempt fails with the reason `truncated`."""


class Unwanted(StrEnum):
    """What becomes of an answer that the endpoint itself marks as none."""

    KEEP = "keep"
    DROP = "drop"


class StructuredOutput(StrEnum):
    """How a server is told to hold its answers to the form of a trace."""

    LLAMA_CPP = "llama_cpp"
    """`grammar`: the tags, in GBNF."""
    VLLM = "vllm"
    """`structured_outputs.grammar`: the same, from vLLM 0.12 on."""
    JSON_SCHEMA = "json_schema"
    """`response_format`, as OpenAI has it, and most who speak its protocol: the trace as JSON, read back into tags."""


class SegmentedBy(StrEnum):
    """What tells drafts from second looks in what a model thought."""

    RULE = "rule"
    """How sentences begin, such as `Wait` and `Let me check`, and how they end."""
    MODEL = "model"
    """The teacher, asked once more with the sentences numbered; the rule where it names none."""


class SamplingKey(StrEnum):
    """What a request says of sampling, each unless it is left out."""

    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    MAX_TOKENS = "max_tokens"
    SEED = "seed"


_OURS = ("model", "messages", *SamplingKey)
"""What the request itself says, each under a key of its own in the configuration."""
_UNREAD = ("n", "stream")
"""What would change the form of the answer."""


OWN_WEIGHTS = "student"
"""In the place of an URL: the weights of the section `student`, by transformers."""


class Preset(StrEnum):
    """How often the practice teacher errs, and how badly: a column of `tasks/practice/rates.toml`."""

    MILD = "mild"
    SLOPPY = "sloppy"
    HOSTILE = "hostile"


class Example(Section):
    """A turn that is shown before the question, as if it had been asked and answered."""

    question: str = Field(min_length=1)
    """The suffix is put after it, too."""
    answer: str = Field(min_length=1)
    """In the form that is wanted: with `<thinking>`, `<reflection>` and `<output>`."""


def _unused(given: Sized) -> bool:
    """Left out of what is written, and so of the keys of policies and orders, as before there was such a key."""
    return not given


class TeacherSettings(Section):
    _own_words: ClassVar[tuple[str, ...]] = ()
    """What `base_url` may be beside `practice` and an URL."""

    base_url: TeacherURL = "practice"
    """An OpenAI-compatible URL such as `http://127.0.0.1:8000/v1`, or `practice`: the teacher of our own."""
    model: str = Field(default="practice", min_length=1)
    """As the endpoint names it."""
    preset: Preset = Preset.MILD
    """How bad the practice teacher is; another teacher has none."""
    api_key: Reference = None
    """A reference, never the key: `env:OPENAI_API_KEY`, or `prefect:NAME` for a Secret block of Prefect's server."""
    strategy: Annotated[str, one_of(STRATEGIES)] = "single_pass"
    """How an attempt is made; every call of it is in the ledger."""
    system_prompt: str | None = None
    """Replaces the shipped prompt for thinking, reflection and output, or for the draft: a text, or `file:PATH`."""
    prompts: Prompts = Field(default=Prompts(), exclude_if=lambda prompts: not prompts.replaced)
    """In the place of shipped ones; left out of what is written when there are none, as before there were any."""
    suffix: str = ""
    """Put after every question, on a line of its own."""
    examples: tuple[Example, ...] = Field(default=(), exclude_if=_unused)
    """Shown before the question in the first call of every attempt, and part of its key. Two of them are what helps a
    weak model most to keep to the tags."""
    structured: StructuredOutput | None = Field(default=None, exclude_if=lambda structured: structured is None)
    """Has the server hold answers that are to have tags to them; left to the prompt when unset."""
    segments: SegmentedBy = Field(default=SegmentedBy.RULE, exclude_if=lambda by: by is SegmentedBy.RULE)
    """Of `reasoning_to_reflection`: what tells drafts from second looks in the thinking."""
    temperature: float | None = Field(default=0.7, ge=0, le=2)
    """Unset: the endpoint's own."""
    top_p: float | None = Field(default=0.95, gt=0, le=1)
    """Unset: the endpoint's own."""
    max_tokens: int | None = Field(default=2048, ge=1)
    """Of one answer, its thinking included. A budget needs it."""
    on_truncation: OnTruncation = OnTruncation.KEEP
    """What becomes of an answer that ends with `finish_reason = length`."""
    on_refusal: Unwanted = Unwanted.KEEP
    """What becomes of an answer in the API's own `refusal` field; prose that declines is an answer like any other."""
    on_content_filter: Unwanted = Unwanted.KEEP
    """What becomes of an answer that ends with `finish_reason = content_filter`."""
    send_seed: bool = True
    """Send a seed that follows from run.seed, the question and the sample index; false is `omit = ["seed"]`."""
    omit: tuple[SamplingKey, ...] = Field(default=(), exclude_if=_unused)
    """What is not sent at all, for endpoints that refuse it: any of `temperature`, `top_p`, `max_tokens`, `seed`."""
    extra_body: dict[str, JsonValue] = Field(default_factory=dict, exclude_if=_unused)
    """Sent as it is beside all else in the body of every request, and part of every key: `reasoning_effort`, `stop`,
    `response_format`, `chat_template_kwargs`. It stands in tables, so no secret belongs here."""
    samples: int = Field(default=1, ge=1, le=10_000)
    """Attempts at each question."""
    max_in_flight: int | None = Field(default=None, ge=1)
    """Requests at once over all actors: the start and the limit. When unset, 4 to begin with, and twice as many for as
    long as the endpoint then answers more per second. With `batch`, the calls in all batches under way."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Over all actors, evenly spread."""
    tokens_per_minute: int | None = Field(default=None, ge=1)
    """Prompt and completion, over all actors, evenly spread by what answers have cost so far."""
    batch: bool = False
    """Ask through the endpoint's batch API (`/files`, `/batches`): answers within 24 hours, at a lower price with many
    providers. The prices below are then those of its batches."""
    batch_size: int = Field(default=1000, ge=1, le=50_000)
    """Calls in a batch at most. Whatever is due is sent at once, in as many batches as that takes."""
    batch_poll_s: float = Field(default=30, gt=0)
    """Between two looks at a batch; the first come sooner."""
    actors: int = Field(default=1, ge=1)
    """Processes that ask; one is enough for hundreds of calls a second."""
    timeout_s: float = Field(default=300, gt=0)
    """Total for one request, from connecting to the last byte; of an answer that is streamed, for each piece of it."""
    stream: bool | None = Field(default=None, exclude_if=lambda stream: stream is None)
    """Have answers streamed, so that a long one is not late: what has come of one that breaks off in the last of its
    `tries` is kept with `finish_reason = cut`. When unset, where `max_in_flight` is unset, too. An endpoint that does
    not stream answers in one piece, and one that only streams is asked to."""
    patience_s: float = Field(default=300, ge=0, exclude_if=lambda patience_s: patience_s == 300)
    """How long the endpoint may be away (nobody listens, it is loading, or it answers nobody) until the calls that are
    left are left for a later run. A send to nobody costs nothing and counts for no try."""
    tries: int = Field(default=5, ge=1)
    """Requests for one call before it is left pending."""
    max_response_bytes: int = Field(default=16 * 2**20, ge=1)
    """What is longer is cut off, and the call has failed."""
    usd_per_million_input: float | None = Field(default=None, ge=0)
    """Price of a million prompt tokens; a budget in dollars needs it."""
    usd_per_million_cached_input: float | None = Field(default=None, ge=0)
    """The input price when unset."""
    usd_per_million_output: float | None = Field(default=None, ge=0)
    """Price of a million completion tokens, those of reasoning included."""

    @property
    def is_priced(self) -> bool:
        prices = (self.usd_per_million_input, self.usd_per_million_output)
        return self.base_url in ("practice", OWN_WEIGHTS) or None not in prices

    @property
    def streams(self) -> bool:
        """Whether answers are asked for as streams. The practice teacher has them whole at once."""
        return self.max_in_flight is None and self.base_url != "practice" if self.stream is None else self.stream

    def sends(self, key: SamplingKey) -> bool:
        return key not in self.omit and (self.send_seed or key is not SamplingKey.SEED)

    @property
    def is_bounded(self) -> bool:
        """Whether something bounds the tokens of an answer."""
        if self.sends(SamplingKey.MAX_TOKENS):
            return self.max_tokens is not None
        return isinstance(self.extra_body.get("max_completion_tokens"), int)

    @field_validator("extra_body")
    @classmethod
    def _beside_ours(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for key in value:
            if key in _OURS:
                set_by = "the questions and the prompts" if key == "messages" else "run.seed" if key == "seed" else ""
                raise ValueError(f"got the key {key}; set it by {set_by or f'the key {key} of the same section'}")
            if key in _UNREAD:
                raise ValueError(f"got the key {key}; each request is for one whole answer, so leave it out")
        try:
            json.dumps(value, allow_nan=False)
        except ValueError:
            raise ValueError("got a number that is not finite; JSON has none") from None
        return value

    @field_validator("base_url")
    @classmethod
    def _an_url(cls, value: str) -> str:
        if "@" in value.split("://", 1)[-1].split("/", 1)[0]:
            raise ValueError("got an URL with user information; give the key by teacher.api_key = env:NAME")
        words = ("practice", *cls._own_words)
        if value not in words and not value.startswith(("http://", "https://")):
            named = " or ".join(f"`{word}`" for word in words)
            raise ValueError(f"got {value!r}; needs {named} or an URL that starts with http:// or https://")
        if value.rstrip("/").endswith("/completions"):
            base = value.rstrip("/").removesuffix("/completions").removesuffix("/chat")
            raise ValueError(f"got {value!r}, where single requests go; needs what stands before that: {base}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        sent = self.max_tokens is not None and self.sends(SamplingKey.MAX_TOKENS)
        if self.on_truncation is OnTruncation.EXTEND and not sent:
            raise ValueError("teacher.on_truncation: got 'extend'; needs teacher.max_tokens, to ask for twice as many")
        if self.structured and (given := [key for key in _STRUCTURES if key in self.extra_body]):
            raise ValueError(f"teacher.extra_body: got {given[0]} beside teacher.structured; needs one of them")
        if self.structured and self.strategy in _WITHOUT_TAGS:
            raise ValueError(f"teacher.structured: got a value; strategy '{self.strategy}' asks for no tags")
        if "max_completion_tokens" in self.extra_body and self.sends(SamplingKey.MAX_TOKENS):
            raise ValueError(
                "teacher.extra_body: got max_completion_tokens beside teacher.max_tokens; needs"
                ' omit = ["max_tokens"] with it. To endpoints of OpenAI max_tokens goes under that name anyway'
            )
        if self.system_prompt is not None and (self.prompts.reflection, self.prompts.draft) != (None, None):
            raise ValueError("teacher.system_prompt: got a value, and teacher.prompts another; needs one of them")
        if self.preset is not Preset.MILD and self.base_url != "practice":
            raise ValueError(f"teacher.preset: got {self.preset.value!r}; only the practice teacher has presets")
        return self


class DrafterSettings(TeacherSettings):
    """Who writes the drafts of `teacher.strategy = "student_draft"`: the student that is to be trained."""

    _own_words: ClassVar[tuple[str, ...]] = (OWN_WEIGHTS,)

    base_url: DrafterURL = OWN_WEIGHTS
    """`student`: the weights of the section `student`, which transformers writes with on this machine; or the URL of
    the server that has them, which is faster; or `practice`."""
    model: str = Field(default="practice-student", min_length=1)
    """The name at the server; that of the weights where there is none."""
    system_prompt: str | None = None
    """What the student is told; `teacher.prompts.solve` when unset, nothing with ""."""
    confirm: float = Field(default=0.25, ge=0, le=1)
    """Share of the right drafts that the teacher reflects on and confirms, drawn by the call; the others end there."""

    @model_validator(mode="after")
    def _only_drafts(self) -> Self:
        """What only attempts have."""
        if given := _of_attempts(self, *_ATTEMPT[:-3], "prompts", "samples", "batch"):
            raise ValueError(f"drafter.{given}: got a value; only the teacher has it")
        return self


class JudgeSettings(TeacherSettings):
    """A second model, for questions of kind `judge`: each of its rulings is a call in the ledger."""

    model: str = Field(default="practice-judge", min_length=1)
    """As the endpoint names it."""
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    """Unset: the endpoint's own."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Unset: the endpoint's own."""
    max_tokens: int | None = Field(default=1024, ge=1)
    """Of one ruling. A budget needs it."""

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        """What only attempts have."""
        if given := _of_attempts(self, *_ATTEMPT, "samples", "batch"):
            raise ValueError(f"judge.{given}: got a value; only the teacher has it")
        self.prompts.check_used("judge", OF_JUDGE)
        return self


_ATTEMPT = (
    *("strategy", "structured", "segments", "on_truncation", "on_refusal", "on_content_filter"),
    *("system_prompt", "suffix", "examples"),
)
"""Keys that say how an attempt is made; the last three, what is said in its first call."""


def _of_attempts(settings: TeacherSettings, *names: str) -> str | None:
    """The first of these keys that has another value than a teacher has by default."""
    plain = TeacherSettings()
    return next((name for name in names if getattr(settings, name) != getattr(plain, name)), None)
