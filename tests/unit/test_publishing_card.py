"""What the card of a release says of the student whose scores it went by."""

from typing import Any

import pytest

from schemas.release import ReleaseConfiguration
from schemas.release_format import ReleaseFormat
from schemas.score import Definition, ResponseText, StudentIdentity
from tasks.curation.policy import Policy
from tasks.publishing.card import _configs, _scorer
from tasks.publishing.tally import Tally

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


@pytest.mark.parametrize(
    ("splits", "rows", "files"),
    [
        (None, {"chat.parquet": 9, "dpo.parquet": 3}, {"chat": "chat.parquet", "dpo": "dpo.parquet"}),
        (None, {"chat.parquet": 9, "dpo.parquet": 0}, {"chat": "chat.parquet"}),
        (
            {"train": 0.8, "test": 0.2},
            {"chat-train.parquet": 9, "chat-test.parquet": 2, "dpo-train.parquet": 3, "dpo-test.parquet": 0},
            {
                "chat": [
                    {"split": "train", "path": "chat-train.parquet"},
                    {"split": "test", "path": "chat-test.parquet"},
                ],
                "dpo": [{"split": "train", "path": "dpo-train.parquet"}],
            },
        ),
    ],
)
def test_a_file_without_rows_is_not_handed_to_the_loader(splits: Any, rows: dict[str, int], files: Any) -> None:
    asked = ReleaseConfiguration(
        formats=(*CHAT, ReleaseFormat.DPO),
        system="none",
        template=None,
        special_tokens=None,
        splits=splits,
        best_of=None,
    )
    found = {config["config_name"]: config["data_files"] for config in _configs(asked, Tally(rows=rows))}
    assert found == files
