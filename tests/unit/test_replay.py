"""Procedures are replayed from what is known: each need is looked for once, and asked for only if nothing knows it."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from schemas.call import Call, Message
from tasks.replay.procedure import AskModel, Fact, Group, Need, Procedure, Progress, due_of, replay
from tests.scripted import ask_for, call, said


def ask(text: str) -> AskModel:
    return ask_for([Message(role="user", content=text)])


def answer(need: Need) -> Call:
    """The text in capitals."""
    assert isinstance(need, AskModel)
    return call(need.request, said(need.request.messages[0].content.upper()))


class Teacher:
    """Answers what begins with one of `knows`, and remembers each round of questions."""

    def __init__(self, *knows: str) -> None:
        self.rounds: list[list[str]] = []
        self._knows = knows

    def __call__(self, due: Mapping[str, Need]) -> dict[str, Fact]:
        texts = {key: need.request.messages[0].content for key, need in due.items() if isinstance(need, AskModel)}
        self.rounds.append(list(texts.values()))
        return {key: answer(due[key]) for key, text in texts.items() if text.startswith(self._knows)}


def heard(calls: Sequence[Call]) -> str:
    return " ".join(str(each.content) for each in calls)


def echo(text: str) -> Procedure[str]:
    """Says it twice, the second time what came back the first time."""
    first: Call = yield ask(text)
    second: Call = yield ask(f"{text} {first.content}")
    return heard([first, second])


def all_of(*texts: str) -> Procedure[str]:
    calls: list[Call] = yield [ask(text) for text in texts]
    return heard(calls)


def side_by_side(*texts: str) -> Procedure[list[str | None]]:
    group = Group()
    members = [group.start(echo(text)) for text in texts]
    while group.due:
        yield from group.step()
    return [member.result for member in members]


def test_each_call_is_asked_once_and_all_that_is_due_in_one_round() -> None:
    teacher = Teacher("")
    ended = replay({1: echo("a"), 2: echo("b"), 3: all_of("a", "c")}, teacher)
    assert {key: each.result for key, each in ended.items()} == {1: "A A A", 2: "B B B", 3: "A C"}
    assert teacher.rounds == [["a", "b", "c"], ["a A", "b B"]]
    assert [len(each.requests) for each in ended.values()] == [2, 2, 2]


@pytest.mark.parametrize("procedure", [lambda: echo("a"), lambda: all_of("a", "b"), lambda: side_by_side("a", "b")])
def test_cut_short_anywhere_it_asks_only_what_is_missing(procedure: Callable[[], Procedure[object]]) -> None:
    whole = replay({0: procedure()}, Teacher(""))[0]
    for n in range(len(whole.facts) + 1):
        before = dict(list(whole.facts.items())[:n])
        rest = Teacher("")
        again = replay({0: procedure()}, rest, facts=dict(before))[0]
        assert again.result == whole.result
        assert sum(map(len, rest.rounds)) == len(whole.facts) - n


def test_what_has_no_answer_is_due_and_the_others_go_on() -> None:
    teacher = Teacher("a", "c")
    progress = replay({1: echo("a"), 2: echo("b"), 3: all_of("b", "c"), 4: side_by_side("a", "b")}, teacher)
    assert [each.is_over for each in progress.values()] == [True, False, False, False]
    assert list(due_of(progress.values())) == [ask("b").key]
    assert [each for asked in teacher.rounds for each in asked].count("b") == 1, "not asked again"
    assert ask("a A").key in progress[4].needs, "the one beside it went on"


def test_who_can_be_asked_hears_only_of_what_the_lookup_has_not() -> None:
    lookup, teacher = Teacher("a"), Teacher("")
    ended = replay({1: echo("a"), 2: echo("b")}, lookup, teacher)
    assert ended[1].result == "A A A"
    assert teacher.rounds == [["b"], ["b B"]]
    assert [text for asked in lookup.rounds for text in asked] == ["a", "b", "a A", "b B"]


def test_a_procedure_that_remembers_for_itself_cannot_be_replayed() -> None:
    """The control: it asks something else the second time, and pays again."""
    times: list[int] = []

    def forgetful() -> Procedure[str]:
        times.append(1)
        return (yield from all_of(f"a{len(times)}"))

    known = replay({0: forgetful()}, Teacher(""))[0].facts
    again = Progress(forgetful())
    again.advance(known)
    assert not again.is_over
