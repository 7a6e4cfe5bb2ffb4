"""Where a run stops. By itself, so that the command line starts without the configuration."""

from enum import StrEnum


class Until(StrEnum):
    """The last stage of a run."""

    GENERATE = "generate"
    VERIFY = "verify"
    SCORE = "score"
