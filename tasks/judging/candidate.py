"""An answer in its sandbox, as the judge of code sees it: loaded or not, asked, undone by what is no data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.judging.code_spec import CodeSpec
from tasks.judging.expectation import ExpectedCall, shown_call
from tasks.sandbox.frames import Message
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.snippet import End, Snippet, SnippetEnded
from tasks.sandbox.values import NotAValue, Tree, checked

ENDS = {
    End.TOO_SLOW: Reason.TOO_SLOW,
    End.TOO_LARGE: Reason.TOO_LARGE,
    End.GONE: Reason.ENDED_EARLY,
    End.BAD_FRAME: Reason.FORGED,
    End.STARVED: Reason.VERIFIER_TIMEOUT,
    End.KILLED: Reason.VERIFIER_CRASHED,
}
"""What the end of a candidate's snippet decides."""
_PROMPT_ENDS = dict.fromkeys(End, Reason.QUESTION_FAILED) | {end: ENDS[end] for end in (End.STARVED, End.KILLED)}
"""What its end decides before the answer could do anything."""
_REFUSED = re.compile(
    r"PermissionError|ModuleNotFoundError|ImportError: lib|LookupError: unknown encoding"
    r"|RuntimeError: can't start new thread"
)
_LOADING_FAILURES = {
    "no_entry_point": Reason.NO_ENTRY_POINT,
    "syntax_error": Reason.SYNTAX_ERROR,
}


class EarlyVerdict(Exception):
    """The candidate's verdict is clear before its last case."""

    def __init__(self, reason: Reason, evidence: str) -> None:
        super().__init__(f"{reason}: {evidence}")
        self.reason, self.evidence = reason, evidence


class CallSite(NamedTuple):
    """Where a candidate is, spelled out only where that is told."""

    which: str
    entry_point: str
    args: Tree

    def __str__(self) -> str:
        return f"{self.which}: {shown_call(self.entry_point, self.args)}"


class Candidate:
    """A loaded answer. Whatever its snippet says is either data or its undoing."""

    def __init__(self, snippet: Snippet) -> None:
        self._snippet = snippet

    def ask(self, request: Message, place: CallSite | str) -> None:
        """Ask to call the function. Raises `EarlyVerdict`."""
        with deciding(ENDS, place):
            self._snippet.send(request)

    def next_answer(self, number: int, place: CallSite | str) -> Message:
        """Return `{"value"}`, for a test also `{"args"}` or `{"handle"}`, or `{"raised", "detail"}`, to case `number`.

        Raises `EarlyVerdict`.
        """
        with deciding(ENDS, place):
            reply = self._snippet.receive()
        if "large" in reply:
            raise EarlyVerdict(Reason.TOO_LARGE, f"{place}: {reply['large']}")
        if reply.get("case") != number:
            raise EarlyVerdict(Reason.FORGED, f"{place}: an answer to another case on the channel")
        if "raised" in reply:
            return {name: str(reply.get(name) or "") for name in ("raised", "standard", "detail", "refused")}
        try:
            answer: Message = {name: checked(reply[name]) for name in ("value", "args") if name in reply}
        except NotAValue as error:
            raise EarlyVerdict(Reason.FORGED, f"{place}: {error}") from None
        handle = {"handle": reply["handle"]} if isinstance(reply.get("handle"), int) else {}
        return {"value": None, **answer, **handle}


@contextmanager
def loaded(sandbox: Sandbox, code: str, asked: CodeSpec, cases: Sequence[ExpectedCall] = ()) -> Iterator[Candidate]:
    """Yield the answer, loaded into a snippet of its own, and asked `cases` already. Raises `EarlyVerdict`."""
    with deciding(ENDS, "starting"), sandbox.start() as snippet:
        known = {"prompt": asked.prompt, "entry_point": asked.entry_point}
        with deciding(_PROMPT_ENDS, "the prompt's own code"):
            ready = snippet.ask({"do": "prompt", **known})
        if "failed" in ready:
            raise EarlyVerdict(Reason.QUESTION_FAILED, f"the prompt's own code: {ready['detail']}")
        snippet.send({"do": "load", "answer": code, **known}, calls(cases, 0))
        reply = snippet.receive()
        if "large" in reply:
            raise EarlyVerdict(Reason.TOO_LARGE, str(reply["large"]))
        if "loaded" not in reply:
            raise EarlyVerdict(why(reply, _LOADING_FAILURES), str(reply.get("detail")))
        yield Candidate(snippet)


def calls(cases: Sequence[ExpectedCall], first: int) -> Message:
    """Return what asks a candidate all of them; the first has that number."""
    return {"do": "calls", "first": first, "calls": [[case.args, case.kwargs] for case in cases]}


@contextmanager
def deciding(reasons: Mapping[End, Reason], place: CallSite | str) -> Iterator[None]:
    """Yield what the end of a snippet decides."""
    try:
        yield
    except SnippetEnded as ended:
        raise EarlyVerdict(reasons[ended.end], f"{place}: {ended.detail}") from None


def why(failed: Message, reasons: Mapping[str, Reason]) -> Reason:
    """Return the reason that a message about a failure gives; what is no word of ours is forged."""
    word = str(failed.get("failed"))
    return raised(failed) if word == "raised" else reasons.get(word, Reason.FORGED)


def raised(message: Message) -> Reason:
    """Return whether something that it needs was refused to the code, or it is to blame."""
    return Reason.BEYOND_SANDBOX if _REFUSED.match(str(message.get("refused"))) else Reason.RAISED
