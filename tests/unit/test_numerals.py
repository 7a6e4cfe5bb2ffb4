"""Numbers with their units as other languages write them."""
# ruff: noqa: RUF001

from fractions import Fraction

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.same_value import judge_number
from tasks.mathematics.number import read_quantity

READ = [
    ("3万", "30000", ""),
    ("3.5万元", "35000", "yuan"),
    ("1.2亿", "120000000", ""),
    ("1億2000万円", "120000000", "yen"),
    ("1万2千円", "12000", "yen"),
    ("１２，０００円", "12000", "yen"),
    ("１２．５", "12.5", ""),
    ("-5万", "-50000", ""),
    ("八", "8", ""),
    ("十五", "15", ""),
    ("二十一", "21", ""),
    ("一百零五", "105", ""),
    ("一百二十元", "120", "yuan"),
    ("三千五百", "3500", ""),
    ("一千零五", "1005", ""),
    ("八百万", "8000000", ""),
    ("三分之一", "1/3", ""),
    ("百分之二十五", "1/4", ""),
    ("5万分之一", "1/50000", ""),
    ("25％", "1/4", ""),
    ("5千米", "5", "kilometer"),
    ("5千克", "5", "kilogram"),
    ("60公里/小时", "60", "kilometer / hour"),
    ("每小时60公里", "60", "kilometer / hour"),
    ("时速60公里", "60", "kilometer / hour"),
    ("12平方厘米", "12", "centimeter ** 2"),
    ("15分钟", "15", "minute"),
    ("15分", "15", "分"),
    ("5만 3천 원", "53000", "won"),
    ("1억2000만", "120000000", ""),
    ("1.5 लाख", "150000", ""),
    ("1,50,000 रुपये", "150000", "rupee"),
    ("2 करोड़", "20000000", ""),
    ("१२५ किलोग्राम", "125", "kilogram"),
    ("١٢٥ كيلومترًا", "125", "kilometer"),
    ("١٢٫٥", "12.5", ""),
    ("١٬٢٥٠", "1250", ""),
    ("٢٥٪", "1/4", ""),
    ("5 آلاف", "5000", ""),
    ("5 тыс. рублей", "5000", "rouble"),
    ("2.5 Mio.", "2500000", ""),
    ("1,5 Millionen", "1500000", ""),
    ("5 millions d'euros", "5000000", "euro"),
    ("5 milliards d'euros", "5000000000", "euro"),
    ("1 234,5 euros", "1234.5", "euro"),
    ("5 triệu", "5000000", ""),
]
UNREAD = """
    三万五 二三 两百五 二〇二三 一千一 1万2 三四个 第五 五月 5月 八折 三倍 3成 3割 两打 两点五 2点
    5以上 5多 5年半 5个半 5至6
"""
"""What may be several numbers, or changes the one that stands there."""


@pytest.mark.parametrize(("text", "value", "unit"), READ)
def test_what_is_read(text: str, value: str, unit: str) -> None:
    read = read_quantity(text)
    assert read is not None
    assert (read.value, read.unit) == (Fraction(value), unit)


@pytest.mark.parametrize("text", UNREAD.split())
def test_what_is_not(text: str) -> None:
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    ("gold", "answer", "question", "ruling"),
    [
        ("15", "15分", "何分かかりますか？", Ruling.CORRECT),
        ("15", "15秒", "何分かかりますか？", Ruling.UNVERIFIED),
        ("900", "15分", "何秒かかりますか？", Ruling.CORRECT),
        ("3", "3公里", "他走了多少米？", Ruling.UNVERIFIED),
        ("3000", "3公里", "他走了多少米？", Ruling.CORRECT),
        ("120", "2 घंटे", "कितने मिनट लगेंगे?", Ruling.CORRECT),
        ("25", "25%", "合格率是百分之几？", Ruling.CORRECT),
        ("25", "百分之二十五", "合格率是百分之几？", Ruling.CORRECT),
        ("26", "25%", "合格率是百分之几？", Ruling.INCORRECT),
        ("25", "25 %", "Wie viel Prozent der Autos sind rot?", Ruling.CORRECT),
        ("25", "25 %", "Quel pourcentage est rouge ?", Ruling.CORRECT),
        ("25", "25%", "Сколько процентов составляют машины?", Ruling.CORRECT),
        ("3", "3万", "", Ruling.INCORRECT),
        ("9", "八", "", Ruling.INCORRECT),
    ],
)
def test_in_the_unit_that_is_asked_for(gold: str, answer: str, question: str, ruling: Ruling) -> None:
    assert judge_number(gold, answer, question).ruling is ruling


def test_a_length_of_time_is_no_time_of_day() -> None:
    assert judge_number("90", "1:30") is Reason.ANSWER_UNPARSABLE
    assert judge_number("1.5", "1:30") is Reason.ANSWER_UNPARSABLE
    assert judge_number("91", "1:30") is Reason.ANSWER_NOT_A_NUMBER
