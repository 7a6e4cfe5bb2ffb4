import pytest

from tasks.scoring.reading import LogprobSlice, Pass, merged

S = 0
X, Y = (1, 2, 3), (4, 5, 6, 7)
PROMPT, REVERSED = (S, *X, 8), (S, *Y, 9)


def four(prompt, x, reversed_prompt, y):
    """The passes of IFD and r-IFD."""
    return [Pass(prompt, y), Pass((S,), y), Pass(reversed_prompt, x), Pass((S,), x)]


@pytest.mark.parametrize(
    ("prompt", "reversed_prompt", "any_token", "readings"),
    [
        (PROMPT, REVERSED, True, 2),
        (PROMPT, REVERSED, False, 2),
        ((S, 1, 2, 38), (S, 4, 5, 6, 79), True, 2),  # the last token has merged with what follows it
        ((S, 1, 2, 38), (S, 4, 5, 6, 79), False, 4),  # which a student that reports only what it read cannot tell
        ((S, 1, 28, 3), REVERSED, True, 3),  # the last two have
        ((S, 8, *X), (S, 9, *Y), True, 4),  # prompts that begin with something else, as chat does
        ((S, 1, 2), REVERSED, True, 2),  # what is predicted last need not be read
        ((S, 1), REVERSED, True, 3),
    ],
)
def test_a_text_alone_is_read_off_the_prompt_that_begins_with_it(prompt, reversed_prompt, any_token, readings):
    passes = four(prompt, X, reversed_prompt, Y)
    found, places = merged(passes, any_token)
    assert len(found) == readings
    for each, place in zip(passes, places, strict=True):
        reading = found[place.reading]
        asked = reading.asked[place.start : place.stop]
        assert tuple(token for _, token in asked) == each.target
        for position, token in asked:
            assert reading.tokens[:position] == (each.context + each.target)[:position]
            assert any_token or reading.tokens[position] == token


def test_a_pass_whose_host_is_not_read_is_read_itself():
    found, places = merged([Pass(REVERSED, X), Pass((S,), X)], any_token=True)  # the prompt of IFD filled the window
    assert [reading.context for reading in found] == [REVERSED, (S,)]
    assert places == [LogprobSlice(0, 0, 3), LogprobSlice(1, 0, 3)]


def test_a_cut_text_alone_asks_for_no_more_than_was_scored():
    found, places = merged(four(PROMPT, X[:1], REVERSED, Y[:2]), any_token=True)
    assert [len(reading.asked) for reading in found] == [3, 3]
    assert [place.stop - place.start for place in places] == [2, 2, 1, 1]
