"""Who will be trained, and scores: the section `student` of a configuration."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.score import Definition, ResponseText
from schemas.section import Reference, Section, ServerURL
from schemas.student_backend import StudentBackend


class Quantisation(StrEnum):
    """How the weights are held."""

    FOUR_BIT = "4bit"
    """NF4 by bitsandbytes, computed in `student.dtype`."""


class StudentSettings(Section):
    model: str = Field(default="practice", min_length=1)
    """A local folder or a Hugging Face name; `practice` is the small one that is shipped."""
    revision: str | None = None
    """Of a model on the hub: a branch, a tag or a commit."""
    template: str = "plain"
    """`plain`, `chat` (the tokenizer's own) or a TOML file."""
    definition: Definition = Definition.PPL_RATIO
    """Of IFD: a ratio of perplexities, or of losses."""
    response: ResponseText = ResponseText.TRACE
    """What of an answer is scored."""
    max_length: int | None = Field(default=None, ge=2)
    """Window in tokens; the model's own when unset."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:1`; of no account with `device_map`."""
    dtype: str = "float32"
    """Of the weights, or what a quantised one is computed in; with vllm, what the server was started with."""
    quantisation: Quantisation | None = None
    """Needs a GPU and the packages bitsandbytes and accelerate."""
    device_map: str | None = None
    """As transformers has it: `auto` spreads layers over the GPUs, then the CPU. Needs the package accelerate."""
    offload_folder: str | None = None
    """With `device_map`: where layers go that the memory has no room for either."""
    attention: str | None = None
    """As transformers names it; with `flash_attention_2` batches need no padding. By default its own choice."""
    batch_tokens: int = Field(default=16_384, ge=1)
    """Tokens in one forward pass on a GPU, about; a CPU reads one sequence at a time."""
    backend: StudentBackend = StudentBackend.TRANSFORMERS
    """`transformers` in the run's own actors, or `vllm` for a server."""
    base_url: ServerURL = None
    """Of the vLLM server, such as `http://127.0.0.1:8000/v1`. The tokenizer is still that of `model`."""
    served_as: str | None = None
    """The name under which the server has it; `model` when unset."""
    api_key: Reference = None
    """A reference, never the key: `env:VLLM_API_KEY`, or `prefect:NAME` for a Secret block of Prefect's server."""
    max_in_flight: int = Field(default=8, ge=1)
    """Requests at once of an actor to vLLM; sixteen sequences in each."""
    spot_check: float = Field(default=0.01, ge=0, le=1)
    """Share of what vLLM reads that transformers reads too, where `model` is a folder with weights; they must agree."""
    actors: int = Field(default=1, ge=1)
    """Processes that score, each with the model loaded once."""
    num_gpus: float = Field(default=0, ge=0)
    """GPUs per actor; fractions share one."""

    @model_validator(mode="after")
    def _fits_its_backend(self) -> Self:
        served = self.backend is StudentBackend.VLLM
        if served and self.base_url is None:
            raise ValueError("student.base_url: got none; backend 'vllm' needs an URL such as http://localhost:8000/v1")
        if self.base_url is not None and not served:
            raise ValueError("student.base_url: got an URL; needs student.backend = 'vllm' beside it")
        if self.base_url is not None and not self.base_url.startswith(("http://", "https://")):
            raise ValueError("student.base_url: needs an URL that starts with http:// or https://")
        if "@" in (self.base_url or ""):
            raise ValueError("student.base_url: got an URL with user information; give the key by student.api_key")
        if served and (self.quantisation or self.device_map):
            raise ValueError("student.backend: got 'vllm'; quantisation and device_map are the server's own to choose")
        if self.offload_folder and not self.device_map:
            raise ValueError("student.offload_folder: got one without student.device_map; needs it, such as 'auto'")
        return self
