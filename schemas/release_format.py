"""What a release writes, and how it is split: words that the command line knows before it loads any record."""

from enum import StrEnum


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
    CHAT_DPO = "chat_dpo"
    """The rows of `dpo` with messages that either answer follows, as LLaMA-Factory and axolotl read them."""
    CHAT_KTO = "chat_kto"
    """The rows of `kto` as messages and label, as LLaMA-Factory and ms-swift read them."""
    BEST_OF_N = "best_of_n"
    """The best of the samples of a question, by the rule in the manifest."""
    VERIFIERS = "verifiers"
    """`environment/`: a package for PrimeIntellect's `verifiers`, with the questions, and our verdicts as reward."""
    VERL = "verl"
    """`verl/`: the questions as verl's reinforcement learning reads them, and our verdicts as its reward."""


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
