"""Whose scores a policy goes by: every field of a student's identity, each given or left to the configuration."""

from pydantic import Field

from schemas.score import Definition, ResponseText
from schemas.section import Section


class ScorerPin(Section):
    """Whose IFD and r-IFD the policy's rules see. Keys that are unset take what has scored: the student of the newest
    run where it fits, else the only one that does; the curation writes down which that was."""

    student: str | None = Field(default=None, min_length=1)
    """Name of the hub or of a local folder, as `scores` has it."""
    student_revision: str | None = None
    """Commit of the hub, or hash of the files."""
    template: str | None = None
    template_hash: str | None = None
    response_text: ResponseText | None = None
    """`trace` or `output`."""
    definition: Definition | None = None
    """`ppl_ratio` or `loss_ratio`."""
    max_length: int | None = Field(default=None, ge=2)
    dtype: str | None = None

    @property
    def pinned(self) -> dict[str, str | int]:
        """The keys that are given."""
        return self.model_dump(mode="json", exclude_none=True)
