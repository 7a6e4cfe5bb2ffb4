"""An immutable published dataset."""

from enum import StrEnum

from schemas.record import Record


class TableVersion(Record):
    table: str
    version: int


class ReleaseFormat(StrEnum):
    """What a release writes of its rows, as JSONL and, for TRL, as Parquet."""

    CHAT = "chat"
    """Messages and training spans. Always there."""
    PROMPT_COMPLETION = "prompt_completion"
    """Two lists of messages: TRL learns the completion only."""
    REASONING = "reasoning"
    """Likewise with the thinking in `reasoning_content`, and the output in `content`, as reasoning models have it."""
    THINK = "think"
    """Likewise with `<think>` before the output."""
    SHAREGPT = "sharegpt"
    """Conversations of from and value."""
    ALPACA = "alpaca"
    """Instruction, input, output, system."""
    AXOLOTL = "axolotl"
    """Messages with `train_detail`, the training spans as axolotl's `chat_template` reads them."""
    DPO = "dpo"
    """A kept correct trace over an incorrect one of the same question."""
    KTO = "kto"
    """Prompt, completion and label: kept correct traces, and incorrect ones without a defect in their form."""
    BEST_OF_N = "best_of_n"
    """The best of the samples of a question, by the rule in the manifest."""
    VERIFIERS = "verifiers"
    """`environment/`: a package for PrimeIntellect's `verifiers`, with the questions, and our verdicts as reward."""


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class TokenizerName(Record):
    """A tokenizer that a release was made for, without the path at which it happened to be."""

    name: str
    """Of its folder."""
    hash: str
    """Of its files, or of its chat template where only that counts."""


class ReleaseConfiguration(Record):
    """Beside the policy, all that the content of a release depends on."""

    formats: tuple[ReleaseFormat, ...]
    """Sorted, each once, `chat` among them."""
    system: str
    """`teacher`: the system message that all calls of a trace had; `none`; or a text for every row."""
    template: TokenizerName | None
    """Through whose chat template every row was rendered; None: through none."""
    special_tokens: TokenizerName | None
    """The tokenizer that got the six tags as tokens."""
    splits: dict[str, float] | None
    """Share of the questions by split; None: one file of each form, which loaders call train."""
    best_of: int | None
    """Samples of a question that `best_of_n` chooses among; None: all that are judged."""


class ReleaseFile(Record):
    path: str
    """Inside the release, with `/`."""
    size: int
    """Bytes."""
    sha256: str
    rows: int | None
    """None for a file that holds no rows."""


class Release(Record):
    """An immutable published dataset: what went in, and from which table versions."""

    release_id: str
    """Key over the name and the content's hash."""
    name: str
    plan_id: str | None
    """The plan whose attempts were decided on; None when there were several."""
    curation_id: str
    """Its decisions say what is in, and why the rest is not."""
    query: str
    """The SQL that gives its rows, with `$curation_id`."""
    table_versions: tuple[TableVersion, ...]
    code_version: str
    configuration: str
    """Canonical JSON of `ReleaseConfiguration`."""
    content_hash: str
    """Over the paths and bytes of its files other than the manifest."""
    files: tuple[ReleaseFile, ...]
    trace_ids: tuple[str, ...]
    """The traces that are in it, sorted."""
