"""`reflectory ask`: one question, and the answer as it comes, its parts apart."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from flows.answering import PRACTICE, AnsweringModel
from flows.rendering import printable
from schemas.call import CUT_OFF, Call, Request
from schemas.configuration import LineConfiguration
from schemas.errors import Refused
from schemas.record import content_key
from tasks.asking.stream import Streamed, stream_answer
from tasks.judging.reading import KillableReader
from tasks.judging.verify import Verifier
from tasks.judging.verify_file import verify_line
from tasks.parsing.live import LiveParts, LivePiece, Part
from tasks.practice.families import read_family
from tasks.replay.procedure import AskModel, Procedure
from tasks.tracing.strategy import said

STYLES = {Part.THINKING: "", Part.REFLECTION: "magenta", Part.OUTPUT: "bold cyan", Part.TEXT: "dim"}
_VERDICTS = {"correct": "bold green", "incorrect": "bold red", "unverified": "bold yellow"}
Show = Callable[[str], object]


def ask_and_show(
    console: Console, errors: Console, model: AnsweringModel, request: Request, wanted: Mapping[str, Any]
) -> None:
    """Print the answer while it comes. `wanted`: what the answer is held against, as the fields of a row of `verify`;
    empty for nothing.
    """
    with AnswerDisplay(console) as show:
        ended = asyncio.run(_streamed(model, request, show))
    _foot(errors, ended.text, ended.finish_reason, wanted)
    _hint(errors, model, request, wanted)


def ask_in_ledger(
    console: Console,
    errors: Console,
    model: AnsweringModel,
    request: Request,
    wanted: Mapping[str, Any],
    configuration: LineConfiguration,
    warehouse: Path,
) -> None:
    """Print the answer once its call is in the ledger of a warehouse, which may have it already."""
    from flows.calling import Caller
    from warehouse.landing import Warehouse

    caller = Caller(Warehouse(warehouse), configuration, [model], lambda line: None)
    found = caller.run({0: _one(request)}, "ask", content_key("ask", request.call_id))
    answer = said(found[0])
    with AnswerDisplay(console) as show:
        show(answer.text)
    _foot(errors, answer.text, answer.finish_reason, wanted)
    _hint(errors, model, request, wanted)


def _one(request: Request) -> Procedure[Call]:
    call: Call = yield AskModel(request)
    return call


async def _streamed(model: AnsweringModel, request: Request, show: Show) -> Streamed:
    with model.listening() as address:
        async with aclosing(stream_answer(model.settings, address, request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Streamed):
                    return piece
                show(piece)
    raise AssertionError("a stream ends with how it ended")


class AnswerDisplay:
    """Takes an answer piece by piece: a terminal shows its parts in colours, without tags; a pipe gets the text."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._parts = LiveParts()
        self._part: Part | None = None

    def __enter__(self) -> Show:
        return self._colour if self._console.is_terminal else self._plain

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._print(self._parts.end())
        self._console.file.write("\n")
        self._console.file.flush()

    def _plain(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()

    def _colour(self, text: str) -> None:
        self._print(self._parts.feed(text))

    def _print(self, pieces: Iterator[LivePiece]) -> None:
        for part, text in pieces:
            if part is not self._part:
                text = text.lstrip("\n")
                if not text.strip():
                    continue
                gap = "\n" if self._part else ""
                self._console.print(Text(f"{gap}{part.value}", style="dim underline"))
                self._part = part
            self._console.print(Text(printable(text), style=STYLES[part]), end="")


def _foot(errors: Console, text: str, finish_reason: str | None, wanted: Mapping[str, Any]) -> None:
    if finish_reason in CUT_OFF:
        errors.print("cut off: --set teacher.max_tokens=N and teacher.timeout_s=S allow more", style="yellow")
    if not wanted:
        return
    row = _verified(text, wanted)
    verdict = Text(row["verdict"], style=_VERDICTS[row["verdict"]])
    verdict.append(printable(f" ({row['reason']})  answer: {row['answer']}  effect: {row['effect']}"), style="not bold")
    errors.print(verdict)


def _hint(errors: Console, model: AnsweringModel, request: Request, wanted: Mapping[str, Any]) -> None:
    """Say what the practice teacher lacks for a question that it can only decline."""
    if model.settings.base_url == PRACTICE and "gold" not in wanted and not read_family(request.messages[-1].content):
        errors.print(
            "the practice teacher knows the right answer that --gold gives, and five families by their own wording"
            " (docs/how-to/talk.md); it declines all else"
        )


def read_question(given: str) -> str:
    """Return the question, from standard input for `-`. Raises `Refused` for an empty one."""
    question = sys.stdin.read() if given == "-" else given
    if not question.strip():
        raise Refused("ask: got no question; give one in quotes, or - for standard input")
    return question.strip()


def wanted_of(gold: str | None, kind: str | None, spec: str | None, question: str) -> dict[str, Any]:
    """Return the fields of a row of `verify` that the options give. Raises `Refused`."""
    if gold is None and spec is None:
        if kind is not None:
            raise Refused("--kind: got one without --gold; needs the right answer, or --spec where the kind has none")
        return {}
    try:
        read = json.loads(spec) if spec else {}
    except ValueError as error:
        raise Refused(f"--spec: got no JSON ({error}); needs an object") from None
    given = {"gold": gold, "kind": kind, "spec": read, "question": question}
    wanted = {name: value for name, value in given.items() if value is not None}
    _verified("", wanted)  # refused before anything is asked
    return wanted


def _verified(response: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The row that `verify` makes of it. Raises `Refused` where nothing could be judged so."""
    refusals: list[str] = []

    def complain(complaint: str, kind: str | None = None) -> None:
        refusals.extend([] if kind else [complaint])

    with closing(KillableReader()) as read:
        row = verify_line(json.dumps({**wanted, "response": response}).encode(), Verifier(), read, complain)
    if refusals:
        raise Refused(f"--gold: cannot be judged: {refusals[0]}")
    return row
