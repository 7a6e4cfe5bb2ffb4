"""What reads with the student. By itself, so that the command line starts without the configuration."""

from enum import StrEnum


class StudentBackend(StrEnum):
    """What reads with the student's weights."""

    TRANSFORMERS = "transformers"
    VLLM = "vllm"
    """A vLLM server at `student.base_url`."""
