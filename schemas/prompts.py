"""The prompts of a configuration that stand in the place of shipped ones."""

from collections.abc import Set

from schemas.section import Section


class Prompts(Section):
    """A text, or `file:PATH` from the current folder, for each shipped prompt that is to be replaced.

    The file is read when the configuration is, so that the run's row holds the text. A replaced prompt changes the keys
    of what was asked with it; the others keep theirs.
    """

    reflection: str | None = None
    """Of `single_pass`: thinking, reflection and output."""
    draft: str | None = None
    """Of `draft_reflect_revise`: the first answer."""
    check: str | None = None
    """Of `draft_reflect_revise`: how a draft is checked."""
    revise: str | None = None
    """Of `draft_reflect_revise`: how it answers after the check."""
    solve: str | None = None
    """Of `reasoning_to_reflection`, `student_draft` and `assembled`: without tags."""
    segment: str | None = None
    """Of `reasoning_to_reflection` with `segments = "model"`: drafts are told from second looks."""
    flaw: str | None = None
    """Of `student_draft`, about a wrong draft."""
    confirm: str | None = None
    """Of `student_draft`, about a right draft."""
    finish: str | None = None
    """Of `assembled`: a revision without tags; its draft is `solve`, its check `check`."""
    as_json: str | None = None
    """With `structured = "json_schema"`, put behind what asks for tags."""
    questions_write: str | None = None
    """Of `questions.source = "teacher"`: how questions are written."""
    questions_evolve: str | None = None
    """Of `questions.source = "teacher"`: how a written question is made harder, or another."""
    questions_solve: str | None = None
    """Of `questions.source = "teacher"`, for golds; and of `check.by = "consensus"` in a recycle configuration."""
    recycle_instruction: str | None = None
    """Of recycling: how an instruction is reflected on."""
    recycle_response: str | None = None
    """Of recycling: how a response is reflected on."""
    judge: str | None = None
    """Of the model that judges: an answer beside the gold."""
    judge_pair: str | None = None
    """Of the model that judges: one answer beside another."""
    rubric_answer: str | None = None
    """Of the model that judges: an answer by a rubric."""
    rubric_translation: str | None = None
    """Of the model that judges: a translation by a rubric."""
    judge_same: str | None = None
    """Of `contamination.judge`: whether two texts are the same problem."""

    @property
    def replaced(self) -> dict[str, str]:
        """Those that are given, by their names."""
        return {name: text for name in type(self).model_fields if (text := getattr(self, name)) is not None}

    def check_used(self, section: str, used: Set[str]) -> None:
        """Raise `ValueError` for one that the section's model is never told: a prompt that would change nothing."""
        if idle := sorted(self.replaced.keys() - used):
            raise ValueError(
                f"{section}.prompts.{idle[0]}: got a value; {section} is only told {', '.join(sorted(used))}"
            )


OF_JUDGE = frozenset({"judge", "judge_pair", "rubric_answer", "rubric_translation"})
OF_ATTEMPTS = frozenset(
    {"reflection", "draft", "check", "revise", "solve", "segment", "flaw", "confirm", "finish", "as_json"}
    | {"questions_write", "questions_evolve", "questions_solve"}
)
OF_RECYCLING = frozenset({"recycle_instruction", "recycle_response", "questions_solve", "judge", "rubric_answer"})
OF_CONTAMINATION = frozenset({"judge_same"})
