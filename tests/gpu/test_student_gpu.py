import pytest
import torch

from schemas.configuration import Student as Settings
from tasks.scoring.score import score_text
from tasks.scoring.student import Student

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

ROWS = [
    ("State the final answer: 60 + 93 - 16 =", "", "60 + 93 is 153. 153 - 16 is 137.\n\nAnswer: 137"),
    ("Solve for k", "840*k = 10920", "k = 10920 / 840 = 13"),
    ("how many 🍎?", "", "s"),
    ("count", "", "seven apples and " * 400),
]


@pytest.mark.parametrize("row", ROWS, ids=["plain", "with input", "one character", "longer than the window"])
def test_float32_on_the_device_equals_the_cpu(row):
    here, there = (score_text(Student(Settings(device=device)), "s", *row) for device in ("cpu", "cuda"))
    assert (there.score_id, there.n_scored_response_tokens) == (here.score_id, here.n_scored_response_tokens)
    assert (there.ifd, there.rifd) == (
        pytest.approx(here.ifd, rel=1e-4),
        here.rifd and pytest.approx(here.rifd, rel=1e-4),
    )


def test_half_precision_is_seen_by_the_same_tolerance():
    here = score_text(Student(Settings(device="cpu")), "s", *ROWS[0])
    there = score_text(Student(Settings(device="cuda", dtype="bfloat16")), "s", *ROWS[0])
    assert there.ifd != pytest.approx(here.ifd, rel=1e-4)
    assert there.ifd == pytest.approx(here.ifd, rel=0.1)
