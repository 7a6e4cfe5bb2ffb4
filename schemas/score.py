"""How much a response would teach a student."""

from enum import StrEnum

from schemas.record import Record


class Definition(StrEnum):
    """Which ratio is called IFD."""

    PPL_RATIO = "ppl_ratio"
    """exp(L(y|x) - L(y)), Selective Reflection-Tuning (arXiv 2402.10110), section 2.1."""
    LOSS_RATIO = "loss_ratio"
    """L(y|x) / L(y), Cherry LLM (arXiv 2308.12032), section 2.2."""


class ResponseText(StrEnum):
    """Which part of a trace is the response that the student is asked about."""

    TRACE = "trace"
    OUTPUT = "output"


class StudentIdentity(Record):
    """Everything beside the text that a score depends on. Known before a model is loaded."""

    student: str
    """A hub name, or the name of a local folder."""
    student_revision: str
    """The hub's commit hash, or the hash of the files of a local folder."""
    template: str
    template_hash: str
    definition: Definition
    response_text: ResponseText
    max_length: int
    """Window in tokens, the start token included."""
    dtype: str
    """Of the weights, such as `float32`, `4bit+bfloat16` or, where a server read them, `vllm+bfloat16`; the losses are
    float32 with any."""


class Score(StudentIdentity):
    """What one student makes of one response."""

    score_id: str
    """Key over the subject and the student's identity."""
    subject_id: str
    """A trace_id or pair_id."""
    n_instruction_tokens: int | None
    """Tokens of instruction and input; None when they could not be tokenised."""
    n_response_tokens: int | None
    """Tokens of the whole response, before any truncation."""
    n_scored_instruction_tokens: int | None
    """Instruction tokens that the window had room for after the response; the same ones in both passes."""
    n_scored_response_tokens: int | None
    """Response tokens that the window had room for after the prompt; the same ones in both passes."""
    loss_response_conditioned: float | None
    """L(y|x): mean natural-log negative log-likelihood per scored token, in nats."""
    loss_response_direct: float | None
    """L(y)."""
    loss_instruction_conditioned: float | None
    """L(x|y')."""
    loss_instruction_direct: float | None
    """L(x)."""
    ifd: float | None
    rifd: float | None
    truncated: bool
    """Some token of a target had no room: the response's, or the instruction's in the reversed direction."""
    reason: str | None
    """Why `ifd` is NULL; None when it is not."""
    rifd_reason: str | None
    """Why `rifd` is NULL; None when it is not."""
    template_adds: str | None = None
    """What the student's chat template says before the instruction of its own, such as a default system prompt."""
