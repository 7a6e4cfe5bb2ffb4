"""What the card of a release says of the student whose scores it went by."""

from typing import Any

import pytest

from schemas.release import ReleaseConfiguration
from schemas.release_format import ReleaseFormat
from schemas.score import Definition, ResponseText, StudentIdentity
from tasks.curation.policy import Policy
from tasks.publishing.card import _scorer

STUDENT = StudentIdentity(
    student="small", student_revision="a" * 40, template="plain", template_hash="t", definition=Definition.PPL_RATIO,
    response_text=ResponseText.TRACE, max_length=512, dtype="float32",
)  # fmt: skip
CHAT, BEST = (ReleaseFormat.CHAT,), (ReleaseFormat.CHAT, ReleaseFormat.BEST_OF_N)


@pytest.mark.parametrize(
    ("policy", "formats", "chooses"),
    [
        ({}, CHAT, False),  # said once although no rule asked for IFD
        ({"length": {"max_characters": 9}}, CHAT, False),
        ({"ifd": {"top_share": 0.5}}, CHAT, True),
        ({"rifd": {"high": 1.0}}, CHAT, True),
        ({}, BEST, True),  # the best of a question is the one of the highest IFD
    ],
)
def test_another_student_chooses_other_rows_only_where_its_scores_are_asked_for(
    policy: dict[str, Any], formats: tuple[ReleaseFormat, ...], chooses: bool
) -> None:
    asked = ReleaseConfiguration(
        formats=formats, system="none", template=None, special_tokens=None, splits=None, best_of=None
    )
    text = _scorer(STUDENT, Policy.model_validate(policy), asked)
    assert "another one gives other numbers" in text
    assert ("may choose other rows" in text) is chooses
