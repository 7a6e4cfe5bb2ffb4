"""What a reply about a pair says, and each way in which it says nothing that can be used."""

import pytest

from schemas.call import CallEnd, Message, Request, Sampling
from schemas.pair import Change, PairStage
from tasks.recycling.reply import read_reply
from tests.scripted import Reply, call, said

REQUEST = Request(
    endpoint="e",
    model="m",
    messages=(Message(role="user", content="?"),),
    sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
    sample_index=0,
    fresh="",
)
Q, A, QA = PairStage.INSTRUCTION, PairStage.RESPONSE, PairStage.BOTH
BOTH = "<new_instruction>\nName two.\n</new_instruction>\n<new_response>\nOne, two.\n</new_response>"
ONE = "<new_response>\nOne, two.\n</new_response>"
HEADED = "## Critique\nVague.\n\n**New instruction:**\nName two.\n\n[New response]\nOne, two."


def reading(reply: Reply | str, stage: PairStage = Q):
    values = said(reply) if isinstance(reply, str) else reply
    return read_reply(call(REQUEST, values), stage)


@pytest.mark.parametrize(
    "text",
    [
        BOTH,
        f"<critique>Vague.</critique>\n<decision>replace</decision>\n{BOTH}\nThat is all.",
        f"<think>First <new_response>a draft</new_response></think>\n{BOTH}",
        BOTH.replace("new_", "New ").replace("</", "</ "),
        HEADED,
        *(said(HEADED, finish) for finish in ("STOP", "eos", "eos_token", "end_turn", "stop_sequence", "COMPLETE")),
        f"{HEADED}\n[End]\nI hope that this helps.",
        f"<critique>Vague.</critique>\n<decision>keep</decision> or <decision>replace</decision>\n{BOTH}",
    ],
)
def test_a_pair_is_read_whole(text):
    found = reading(text)
    assert (found.change, found.instruction, found.response) == (Change.ACCEPTED, "Name two.", "One, two.")


@pytest.mark.parametrize("stage", [A, QA])
def test_a_response_alone_is_read_where_it_was_asked_for(stage):
    found = reading(f"<critique> </critique><critique>Short.</critique>{ONE}", stage)
    assert (found.change, found.instruction, found.response) == (Change.ACCEPTED, None, "One, two.")
    assert found.critique == "Short."


def test_what_a_published_parser_falls_for():
    """A bare "End" inside a word ended the text there, and any "N/A" discarded it."""
    text = "## New instruction\nWhich is N/A?\n## New response\nEndothermic: it takes in heat. N/A is no answer.\n[End]"
    found = reading(text)
    assert found.response == "Endothermic: it takes in heat. N/A is no answer."
    assert found.instruction == "Which is N/A?"


FAULTS: list[tuple[Change, Reply | str, PairStage]] = [
    (Change.MARKER_MISSING, "Here is a better one: name two.", Q),
    (Change.MARKER_MISSING, BOTH.removesuffix("\n</new_response>"), Q),
    (Change.MARKER_MISSING, ONE, Q),  # a new response alone: it must not meet the old instruction
    (Change.MARKER_MISSING, BOTH.replace("\n</new_instruction>", ""), Q),
    (Change.MARKER_MISSING, said(HEADED, finish=""), Q),  # nobody says that it ended well
    (Change.MARKER_MISSING, "<new_response>One, two.</critique>", A),  # another's end is no end
    (Change.MARKER_MISSING, "<decision>keep", A),  # cut off, perhaps before more
    (Change.MULTIPLE, f"<new_response>One <critique>Short.</critique>{ONE}", A),
    (Change.MULTIPLE, f"{ONE}<new_response>One, two and", A),
    (Change.PLACEHOLDER, BOTH.replace("One, two.", "[the new response]"), Q),
    (Change.PLACEHOLDER, BOTH.replace("Name two.", "the new instruction"), Q),
    (Change.PLACEHOLDER, BOTH.replace("One, two.", "..."), Q),
    (Change.PLACEHOLDER, ONE.replace("One, two.", "N/A"), A),
    (Change.EMPTY, BOTH.replace("One, two.", " "), Q),
    (Change.EMPTY, "", Q),
    (Change.EMPTY, said(None), Q),
    (Change.TRUNCATED, said(BOTH.removesuffix("\n</new_response>"), "length"), Q),
    (Change.TRUNCATED, said(HEADED, "length"), Q),
    (Change.MULTIPLE, f"{BOTH}\n{ONE}", Q),
    (Change.MULTIPLE, f"{ONE}\n{ONE}", A),
    (Change.GOOD_ALREADY, "<critique>Fine.</critique>\n<decision>keep</decision>", Q),
    (Change.GOOD_ALREADY, "**Critique**\nFine.\n**Decision**\nKeep it.", A),
    (Change.CONTRADICTORY, f"<decision>keep</decision>\n{BOTH}", Q),
    (Change.DECLINED, said(None, refusal="I will not."), Q),
    (Change.DECLINED, said(BOTH, "content_filter"), Q),
    (Change.REFUSED, {"ended": CallEnd.REFUSED, "error": "HTTP 400", "finish_reason": None, "content": None}, Q),
    (Change.UNREADABLE, {"ended": CallEnd.UNREADABLE, "error": "HTML", "finish_reason": None, "content": None}, Q),
]


@pytest.mark.parametrize(("change", "reply", "stage"), FAULTS)
def test_every_way_to_fail_has_its_name(change, reply, stage):
    found = reading(reply, stage)
    assert found.change is change
    assert (found.instruction, found.response) == (None, None), "nothing is mixed"


def test_every_fault_is_in_the_table():
    compared = {Change.ACCEPTED, Change.WORSE, Change.TIE, Change.NULL, Change.INCORRECT, Change.UNCHANGED}
    assert {change for change, _, _ in FAULTS} | compared == set(Change)
