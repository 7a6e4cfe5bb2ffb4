"""The student that is shipped, the script that made it and the card that it wrote."""

from random import Random
from threading import Event

import pytest

from schemas.student import StudentSettings
from tasks.http.chat_request import RequestError, read_chat
from tasks.scoring.student import Student
from tasks.scoring.student_files import PRACTICE
from tasks.scoring.student_identity import student_identity
from tasks.serving.text import Written
from tasks.serving.writer import StudentWriter
from tests.benchmarks.practice_student import train as train_student
from tests.benchmarks.practice_student.figures import contrast, harder, judge, separation, thirds, whole
from tests.benchmarks.practice_student.text import FAMILIES, pairs

UNSEEN = 8
CARD = PRACTICE / "README.md"


@pytest.fixture(scope="module")
def student():
    return Student(StudentSettings(device="cpu"))


@pytest.fixture(scope="module")
def judged(student):
    """About eight traces of each family; none of these questions was trained on."""
    return judge(student, pairs(8, UNSEEN, held_out=True))


@pytest.fixture(scope="module")
def card():
    """Its tables' rows, by the first cell: the first table's with five more cells, the second one's with six."""
    rows = [line[2:-2].split(" | ") for line in CARD.read_text("utf-8").splitlines() if line.startswith("| ")]
    return {length: {row[0]: row[1:] for row in rows if len(row) == length + 1} for length in (1, 5, 6)}


def test_it_is_small_and_plain():
    assert sum(file.stat().st_size for file in PRACTICE.iterdir()) < 4e6
    assert {file.name for file in PRACTICE.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    identity = student_identity(StudentSettings())
    assert (identity.student, identity.max_length) == ("practice", 1024)


@pytest.mark.parametrize("text", ["", " ", "3 + 4 = 7\n", "naïve 👩‍👩‍👧‍👦 日本", "\x00\x7f\ufffd", "<|start|>"])
def test_any_text_has_tokens_and_comes_back(student, text):
    assert student.tokenizer.decode(student.target_tokens(text), clean_up_tokenization_spaces=False) == text


def test_it_tells_a_question_from_another_in_both_directions(judged):
    assert min(separation(whole(judged), measure) for measure in ("ifd", "rifd")) >= 0.95


def test_it_tells_them_apart_within_each_family(card):
    """The figures of the card, over some eighty unseen traces each."""
    areas = {family: [float(area) for area in row[1:3]] for family, row in card[5].items() if family in FAMILIES}
    assert set(areas) == set(FAMILIES)
    assert min(min(pair) for pair in areas.values()) >= 0.95


def test_hard_questions_stand_above_easy_ones_where_the_card_says_so(student, card):
    """Where the card calls it hardly chance, with other questions again."""
    sure = [family for family, row in card[6].items() if family in FAMILIES and row[2] and float(row[2]) > 2]
    assert sure
    again = contrast(student, pairs(35, UNSEEN, sure, held_out=True))
    assert sorted(harder(again, "work", errors=0)) == sorted(sure)


def test_hard_and_easy_are_told_apart_by_more_than_chance():
    rng = Random(0)
    noise = [(rng.random(), rng.gauss(0.9, 0.1)) for _ in range(200)]
    assert abs(thirds(noise).apart) < 2
    assert thirds([(hard, ifd + 0.1 * hard) for hard, ifd in noise]).apart > 2
    assert thirds([(hard, ifd - 0.1 * hard) for hard, ifd in noise]).apart < -2
    assert thirds([(round(hard / 10), ifd) for hard, ifd in noise]) is None  # all alike


def test_the_card_is_this_students(judged, card):
    assert train_student.hash_of(PRACTICE) in CARD.read_text("utf-8")
    assert set(card[5]) >= set(FAMILIES)
    losses = [float(loss) for (loss,) in card[1].values() if loss[0].isdigit()]
    assert losses[0] > 2 * losses[-1]
    said = [float(area) for area in card[5]["**all**"][1:3]]
    assert said == pytest.approx([separation(whole(judged), measure) for measure in ("ifd", "rifd")], abs=0.03)


@pytest.mark.slow
def test_the_script_writes_a_student_and_too_little_training_is_seen(tmp_path, monkeypatch):
    for name, little in {"EACH": 4, "EACH_PYTHON": 2, "SWAPPED": 1, "GRADED": 1}.items():
        monkeypatch.setattr(train_student, name, little)
    train_student.main(tmp_path)
    assert train_student.hash_of(tmp_path) in (tmp_path / "README.md").read_text("utf-8")
    little = judge(Student(StudentSettings(model=str(tmp_path), device="cpu")), pairs(3, UNSEEN, held_out=True))
    assert max(separation(whole(little), measure) for measure in ("ifd", "rifd")) < 0.7


def written(writer: StudentWriter, **more: object) -> tuple[str, Written]:
    body = {"model": writer.name, "messages": [{"role": "user", "content": "What is 12 + 30?"}], "max_tokens": 30}
    *pieces, ended = writer.write(read_chat({**body, **more}, [writer.name]), 0, Event())
    assert isinstance(ended, Written)
    return "".join(map(str, pieces)), ended


def test_it_writes_what_transformers_writes_and_in_our_form() -> None:
    writer = StudentWriter(StudentSettings())
    greedy, ended = written(writer, temperature=0)
    prompt = writer._tokenizer(f"{writer._tokenizer.bos_token}What is 12 + 30?\n\n### Answer\n", return_tensors="pt")
    made = writer._model.generate(**prompt, max_new_tokens=30, do_sample=False)
    wanted = writer._tokenizer.decode(made[0][prompt["input_ids"].shape[1] :], skip_special_tokens=True)
    assert (greedy, ended.prompt_tokens) == (wanted, prompt["input_ids"].shape[1])
    assert greedy.startswith("<thinking>")
    assert ended.finish_reason in ("stop", "length")

    one, again, other = (written(writer, temperature=1.0, seed=seed)[0] for seed in (1, 1, 2))
    assert one == again != other

    cut, ended = written(writer, temperature=0, stop=greedy[20:24])
    assert (greedy.startswith(cut), ended.finish_reason) == (True, "stop")
    assert greedy[20:24] not in cut
    assert written(writer, temperature=0, max_tokens=3)[1] == Written("length", ended.prompt_tokens, 3)
    with pytest.raises(RequestError, match="the model sees"):
        written(writer, messages=[{"role": "user", "content": "word " * 2000}])
