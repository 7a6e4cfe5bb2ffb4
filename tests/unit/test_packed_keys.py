"""Keys in 16 bytes are the keys that they were."""

import pytest

from schemas.record import content_key, content_key_of_many
from warehouse.packed_keys import PackedKeys

KEYS = [content_key("word", number) for number in range(50)]


def test_keys_come_back_in_their_order() -> None:
    packed = PackedKeys(KEYS)
    assert (len(packed), packed[7], list(packed)) == (50, KEYS[7], KEYS)
    assert packed.texts(3, 6) == packed.arrow(3, 6).to_pylist() == KEYS[3:6]
    assert [key for chunk in packed.chunks(8) for key in chunk] == packed.arrow().to_pylist() == KEYS


def test_what_is_there_and_what_is_there_twice() -> None:
    packed = PackedKeys([*KEYS[:9], KEYS[3], KEYS[0], KEYS[3]])
    assert packed.repeated() == {KEYS[0], KEYS[3]}
    assert PackedKeys(KEYS).repeated() == set() == PackedKeys().repeated()
    assert KEYS[8] in packed
    assert KEYS[9] not in packed
    # halves of two keys, side by side, are none
    assert KEYS[0][16:] + KEYS[1][:16] not in packed
    assert KEYS[0][:16] + KEYS[1][16:] not in packed


def test_they_are_sorted_as_their_texts_are() -> None:
    assert list(PackedKeys(KEYS).sorted()) == sorted(KEYS)
    assert list(PackedKeys(KEYS[:1]) + PackedKeys(KEYS[5:6])) == [KEYS[0], KEYS[5]]


@pytest.mark.parametrize("key", ["no key", "ab", KEYS[0] + "ab"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        PackedKeys([key])


@pytest.mark.parametrize("n", [0, 1, 8, 50])
def test_the_key_of_a_list_needs_no_list(n: int) -> None:
    chunks = [KEYS[start : min(start + 8, n)] for start in range(0, n, 8)]
    assert content_key_of_many("plan", chunks) == content_key("plan", KEYS[:n])
    assert content_key_of_many("plan", [*chunks, KEYS[:1]]) != content_key("plan", KEYS[:n])
