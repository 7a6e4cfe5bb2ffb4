"""The student that is shipped, and the script that made it."""

import pytest

from schemas import configuration
from tasks.practice import train_student
from tasks.practice.train_student import area, pairs
from tasks.score import score_text
from tasks.student import Student
from tasks.student_files import PRACTICE
from tasks.student_identity import student_identity

UNSEEN = 8


def areas(student):
    """How well IFD and r-IFD tell a trace's own question from the next one of its family."""
    asked = pairs(60, UNSEEN)
    others = [question for question, _ in asked[3:] + asked[:3]]
    own = [score_text(student, "", question, "", trace) for question, trace in asked]
    other = [score_text(student, "", question, "", trace) for question, (_, trace) in zip(others, asked, strict=True)]
    return [
        area([getattr(s, name) for s in own if s.ifd], [getattr(s, name) for s in other if s.ifd])
        for name in ("ifd", "rifd")
    ]


def test_it_is_small_and_plain():
    assert sum(file.stat().st_size for file in PRACTICE.iterdir()) < 4e6
    assert {file.name for file in PRACTICE.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    identity = student_identity(configuration.Student())
    assert (identity.student, identity.max_length) == ("practice", 1024)


@pytest.mark.parametrize("text", ["", " ", "3 + 4 = 7\n", "naïve 👩‍👩‍👧‍👦 日本", "\x00\x7f\ufffd", "<|start|>"])
def test_any_text_has_tokens_and_comes_back(text):
    student = Student(configuration.Student(device="cpu"))
    assert student.tokenizer.decode(student.target_tokens(text), clean_up_tokenization_spaces=False) == text


def test_it_tells_a_question_from_another_in_both_directions():
    assert min(areas(Student(configuration.Student(device="cpu")))) > 0.85


def test_the_script_writes_a_student_and_too_little_training_is_seen(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_student, "PAIRS", 60)
    monkeypatch.setattr(train_student, "HELD_OUT", 6)
    train_student.main(tmp_path)
    assert "AUC" in capsys.readouterr().out
    assert max(areas(Student(configuration.Student(model=str(tmp_path), device="cpu")))) < 0.7
