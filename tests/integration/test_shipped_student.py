"""The student that is shipped, the script that made it and the card that it wrote."""

import re

import pytest

from schemas import configuration
from tasks.practice import train_student
from tasks.practice.student_figures import everything, harder, judge, separation
from tasks.practice.student_text import GYM, pairs
from tasks.student import Student
from tasks.student_files import PRACTICE
from tasks.student_identity import student_identity

UNSEEN = 8
CARD = PRACTICE / "README.md"


def judged(model="practice", each=30):
    """About so many traces of each family, of questions that no student was trained on."""
    student = Student(configuration.Student(model=str(model), device="cpu"))
    return judge(student, pairs(each * len(GYM), each, UNSEEN, held_out=True))


@pytest.fixture(scope="module")
def families():
    return judged()


def test_it_is_small_and_plain():
    assert sum(file.stat().st_size for file in PRACTICE.iterdir()) < 4e6
    assert {file.name for file in PRACTICE.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    identity = student_identity(configuration.Student())
    assert (identity.student, identity.max_length) == ("practice", 1024)


@pytest.mark.parametrize("text", ["", " ", "3 + 4 = 7\n", "naïve 👩‍👩‍👧‍👦 日本", "\x00\x7f\ufffd", "<|start|>"])
def test_any_text_has_tokens_and_comes_back(text):
    student = Student(configuration.Student(device="cpu"))
    assert student.tokenizer.decode(student.target_tokens(text), clean_up_tokenization_spaces=False) == text


def test_it_tells_a_question_from_another_in_both_directions(families):
    assert separation(everything(families), "ifd") >= 0.95
    assert separation(everything(families), "rifd") >= 0.9


def test_hard_questions_stand_above_easy_ones(families):
    assert len(harder(families)) >= 6


def test_the_card_is_this_students(families):
    card = CARD.read_text("utf-8")
    assert train_student.hash_of(PRACTICE) in card
    assert [family for family in families if f"| {family} |" not in card] == []
    whole = re.search(r"\*\*all\*\* \| \d+ \| (\S+) \| (\S+) \|", card)
    for measure, said in zip(("ifd", "rifd"), whole.groups(), strict=True):
        assert separation(everything(families), measure) == pytest.approx(float(said), abs=0.03)


def test_the_script_writes_a_student_and_too_little_training_is_seen(tmp_path, monkeypatch):
    for name, little in {"PAIRS": 170, "PROGRAMS": 4, "HELD_OUT": 2}.items():
        monkeypatch.setattr(train_student, name, little)
    train_student.main(tmp_path)
    assert train_student.hash_of(tmp_path) in (tmp_path / "README.md").read_text("utf-8")
    little = judged(tmp_path, each=10)
    assert max(separation(everything(little), measure) for measure in ("ifd", "rifd")) < 0.7
    assert len(harder(little)) < 6
