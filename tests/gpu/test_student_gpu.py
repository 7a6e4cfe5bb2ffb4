import pytest
import torch

from schemas.student import StudentSettings as Settings
from tasks.scoring.forward import Forward
from tasks.scoring.score import ScoredText, score_texts
from tasks.scoring.student import Student

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

LONG = "Somebody has counted these: " + ", ".join(map(str, range(100, 190))) + ". How many are odd?"
SUBJECTS = [
    ScoredText(
        "plain", "State the final answer: 60 + 93 - 16 =", "", "60 + 93 is 153. 153 - 16 is 137.\n\nAnswer: 137"
    ),
    ScoredText("with input", "Solve for k", "840*k = 10920", "k = 10920 / 840 = 13"),
    ScoredText("one character", "how many 🍎?", "", "s"),
    ScoredText("longer than the window", "count", "", "seven apples and " * 400),
    *(ScoredText(f"shares its prompt {n}", LONG, "", f"{n} of them are, as {n} is.") for n in (7, 45, 90)),
]


@pytest.fixture(scope="module")
def here():
    return score_texts(Student(Settings(device="cpu")), SUBJECTS)


@pytest.mark.parametrize("batch_tokens", [1, 300, 16_384], ids=["one by one", "small batches", "one batch"])
def test_float32_on_the_device_equals_the_cpu(here, batch_tokens):
    student = Student(Settings(device="cuda", batch_tokens=batch_tokens))
    assert isinstance(student.forward, Forward)
    for there, expected in zip(score_texts(student, SUBJECTS), here, strict=True):
        assert (there.score_id, there.n_scored_response_tokens) == (
            expected.score_id,
            expected.n_scored_response_tokens,
        )
        for name in ("ifd", "rifd"):
            value = getattr(expected, name)
            assert getattr(there, name) == (None if value is None else pytest.approx(value, rel=1e-4))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_seen_by_the_same_tolerance(here, dtype):
    """And its head, whose products are summed in float32 by another kernel, is not far from the CPU's."""
    there = score_texts(Student(Settings(device="cuda", dtype=dtype)), SUBJECTS)
    assert there[0].ifd != pytest.approx(here[0].ifd, rel=1e-4)
    assert there[0].ifd == pytest.approx(here[0].ifd, rel=0.1)


def test_padding_free_batches_equal_padded_ones():
    pytest.importorskip("flash_attn")
    packed = Student(Settings(device="cuda", dtype="bfloat16", attention="flash_attention_2"))
    padded = Student(Settings(device="cuda", dtype="bfloat16"))
    assert isinstance(packed.forward, Forward)
    for there, here in zip(score_texts(packed, SUBJECTS), score_texts(padded, SUBJECTS), strict=True):
        assert there.ifd == (None if here.ifd is None else pytest.approx(here.ifd, rel=0.05))
