"""The same words in the same order: what convicts, what comes near, and what is boilerplate."""

import re

import pytest

from tasks.contamination.ngrams import COMMON, LEAST, LONG, SHORT, NgramIndex

W = [f"w{n}" for n in range(60)]
LONG_ITEM = " ".join(W[:40])
NINE, SIX, THREE = "nine words make an item that is rather short", "a question of only six words", "what is this"
ITEMS = [LONG_ITEM, NINE, SIX, THREE, "\U0001f389 \U0001f389", "???", "x " * 30]
INDEX = NgramIndex(ITEMS)


def quoted(n: int, start: int = 5) -> str:
    """`n` words of the long item among others."""
    return " ".join(["so", "then", *W[start : start + n], "and", "more"])


@pytest.mark.parametrize(
    ("text", "place", "convicts"),
    [
        (LONG_ITEM, 0, True),
        (f"Before. {LONG_ITEM.upper()}! After?", 0, True),
        (quoted(LONG), 0, True),
        (quoted(LONG - 1), 0, False),
        (quoted(SHORT), 0, False),
        (quoted(SHORT - 1), None, False),
        (" and ".join([quoted(11, 0), quoted(11, 11), quoted(11, 22)]), 0, False),
        (" and ".join([quoted(12, 0), quoted(12, 12), quoted(12, 24)]), 0, False),
        (" and ".join([quoted(12, 0), quoted(12, 7), quoted(12, 14), quoted(12, 21)]), 0, True),
        (f"He said: {NINE}, or so.", 1, True),
        (NINE.replace("short", "long"), 1, False),
        (f"Well: {SIX}. Well.", 2, True),
        (SIX.replace("six", "five"), None, False),
        (THREE.title(), 3, True),
        (f"{THREE} thing", None, False),
        ("\U0001f389\u00a0\U0001f389", 4, True),
        ("\U0001f389 \U0001f389", 4, True),
        ("???", 5, True),
        ("??", None, False),
        ("", None, False),
        (" ".join(reversed(W[:40])), None, False),
    ],
)
def test_what_is_found(text: str, place: int | None, convicts: bool) -> None:
    found = INDEX.find(text)
    assert (None, False) if found is None else (found.place, found.contaminated) == (place, convicts)
    assert found is not None or place is None


PRICED = "A grocer sold 200 loaves at $4 each, and gave back $6 for 39 of them. How much did she take?"


@pytest.mark.parametrize("dress", ["$N$", r"\$N", "N$", r"$\$N$", r"\(N\)", "**N**", "{N}"])
def test_a_copy_is_found_in_the_dress_of_mathematics(dress: str) -> None:
    """Of 300 questions of GSM8K whose numbers stand between dollars 62 were not found."""
    copy = re.sub(r"\$?(\d+)", lambda number: dress.replace("N", number[1]), PRICED)
    found = NgramIndex([PRICED]).find(copy)
    assert found is not None
    assert found.contaminated


def test_the_span_is_the_match_as_it_was_written() -> None:
    text = f"Intro: {LONG_ITEM.replace('w7 ', 'W7, ')}. Outro."
    found = INDEX.find(text)
    assert found is not None
    assert found.start is not None
    assert text[found.start : found.end] == LONG_ITEM.replace("w7 ", "W7, ")
    assert found.score == 1


def test_the_score_is_the_share_of_the_item() -> None:
    found = INDEX.find(quoted(LONG))
    assert found is not None
    assert found.score == round((LONG - SHORT + 1) / (40 - SHORT + 1), 4)


@pytest.mark.parametrize(("items", "convicts"), [(COMMON, True), (COMMON + 1, False)])
def test_boilerplate_convicts_nobody(items: int, convicts: bool) -> None:
    boilerplate = " ".join(f"b{n}" for n in range(20))
    index = NgramIndex([f"{boilerplate} {' '.join(f'i{item}w{n}' for n in range(20))}" for item in range(items)])
    found = index.find(f"see {boilerplate} here")
    assert bool(found and found.contaminated) is convicts


def test_an_item_of_nothing_but_boilerplate_takes_the_whole_item() -> None:
    one, two = (" ".join(f"{letter}{n}" for n in range(20)) for letter in "bc")
    others = [f"{shared} {' '.join(f'i{n}w{word}' for word in range(20))}" for n, shared in enumerate((one, two))]
    index = NgramIndex([f"{one} {two}", *others])
    whole, part = index.find(f"{one} {two}"), index.find(one)
    assert whole is not None
    assert (whole.place, whole.contaminated) == (0, True)
    assert not (part and part.contaminated)


def test_an_item_without_the_preamble_that_others_share_is_found() -> None:
    preamble = "Solve the following problem step by step and put your final answer inside a box at the end."
    asked = ["Find the area of a circle whose radius is seven.", "How many primes lie between forty and sixty here?"]
    index = NgramIndex([f"{preamble} {question}" for question in asked])
    assert [bool(hit and hit.contaminated) for hit in map(index.find, asked)] == [True, True]
    other = index.find(f"{preamble} Ben buys six kites for nine dollars each. How much has he spent?")
    assert not (other and other.contaminated)


def test_copies_of_one_item_are_no_boilerplate() -> None:
    found = NgramIndex([LONG_ITEM] * (COMMON + 5)).find(quoted(LONG))
    assert found is not None
    assert (found.place, found.contaminated) == (0, True)


def test_a_dataset_against_itself_is_found_whole_and_unrelated_text_is_not() -> None:
    found = [INDEX.find(item) for item in ITEMS]
    assert [(it.place, it.contaminated) for it in found if it] == [(place, True) for place in range(len(ITEMS))]
    assert INDEX.find(" ".join(f"u{n}" for n in range(5000))) is None


def test_a_megabyte_of_one_word_ends() -> None:
    found = INDEX.find("x " * 100_000)
    assert found is not None
    assert found.contaminated
    assert LEAST < SHORT < LONG


FARMER_HAN = "一个农夫有十七只羊, 除了九只以外都死了, 请问他还剩下多少只羊?请写出你的推理过程。"
FARMER_THAI = "ชาวนาคนหนึ่งมีแกะสิบเจ็ดตัว ตายไปทั้งหมดยกเว้นเก้าตัว เขาเหลือแกะกี่ตัว"


@pytest.mark.parametrize(
    ("item", "text", "convicts"),
    [
        ("กรุงเทพมหานครมีประชากรกี่คน", "ฉันอาศัยอยู่ในกรุงเทพมหานครกับครอบครัวและแมวสองตัว", False),
        (
            "コンピュータープログラミングの授業は何曜日にありますか",
            "大学でコンピュータープログラミングを学び、会社に入りました。",
            False,
        ),
        (
            "中华人民共和国全国人民代表大会每届任期几年?",
            "他在中华人民共和国全国人民代表大会上发表了讲话, 谈到了教育。",
            False,
        ),
        ("法国的首都是哪里", "问题: 法国的首都是哪里?请回答。", True),
        (FARMER_HAN, f"请看下面的题目: {FARMER_HAN}", True),
        (FARMER_HAN, "今天我们学习一个农夫有十七只羊, 除了九只以外都死了, 请问他还剩下多少只羊的故事", True),
        (FARMER_THAI, f"คำถาม: {FARMER_THAI} ตอบด้วย", True),
    ],
)
def test_where_words_run_together_a_name_is_no_copy(item: str, text: str, convicts: bool) -> None:
    """Bangkok is 13 characters, as computer programming and the National People's Congress have more: counted as words
    each of them convicted."""
    found = NgramIndex([item]).find(text)
    assert bool(found and found.contaminated) is convicts
    if found and convicts:
        assert found.start is not None
        assert text[found.start : found.end] in item.rstrip("?。 ")
