"""The exchange that a row holds: in Alpaca's form, ShareGPT's, or as chat messages, such as OpenAI's to train on. Pure.

What is around it is kept: a system message, earlier turns, separate reasoning. What cannot be kept fails the row, or is
one of its `notes`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from types import MappingProxyType
from typing import Any, NamedTuple

from schemas.exchange import BadPair, ExchangeColumns, PairFormat, SeveralTurns
from schemas.record import clean_text
from tasks.rows.values import look_up

ASKS = frozenset({"human", "user", "prompter", "question", "instruction"})
ANSWERS = frozenset({"assistant", "bing", "bard", "model", "bot", "chatbot", "ai", "llm", "answer"})
_NAMED_MODEL = re.compile(r"(?:gpt|chatgpt|claude|gemini|llama|mistral|qwen|deepseek)[\w. -]*")
"""`gpt`, `gpt-4`, `claude-3-opus`: also one who answers."""
SYSTEM = frozenset({"system", "developer"})
TOOLS = frozenset(
    {"tool", "function", "function_call", "function_response", "tool_call", "tool_response", "observation", "ipython"}
)
"""Who speaks, as data sets call them, in small letters."""
_WHO, _WHAT = ("role", "from"), ("content", "value", "text")
_REASONING = ("reasoning_content", "reasoning", "thinking")
_CALLS = ("tool_calls", "function_call")
_WEIGHTS = ("weight", "train", "loss_weight")
_MEDIA = ("images", "videos", "audios")
"""Columns of what turns show beside their text, as LLaMA-Factory and ms-swift name them."""
_SET = ", or several_turns set to first or last"
_PARTS, _PART = ("text", "input_text", "output_text"), ("text", "value")
_OTHER_NAMES = {"input": ("context",), "output": ("response",), "system": ("system_prompt",)}
"""Of Dolly, GPTeacher and Orca, where a column of Alpaca's form has its own name and is not there."""
_RATED_BAD = "label: false, by which the answer is a bad one; it is used like any other"
_INSTANCES = "instances"
"""Of Self-Instruct: a list of objects with `input` and `output`."""

NO_INPUT: Mapping[str, str] = MappingProxyType(
    {
        "noinput": "Self-Instruct and Alpaca, as `<noinput>`; WizardLM's rewrites; Reflection-Tuning",
        "no input": "Alpaca by GPT-4, as `No input.` and `<no input>`",
        "no input required": "Alpaca by GPT-4, and its translations",
        "no input needed": "likewise",
        "no input necessary": "likewise",
        "no input provided": "likewise",
        "no input given": "likewise",
        "no additional input": "likewise",
        "no additional input required": "likewise",
        "no additional input needed": "likewise",
        "input not required": "likewise",
        "not applicable": "text-davinci-003 in Alpaca",
        "n/a": "text-davinci-003 in Alpaca",
        "na": "spreadsheets, R",
        "nan": "pandas, where a column of text had gaps",
        "none": "Python, by str(None); also Alpaca, as `<none>`",
        "null": "JSON or SQL, written as text",
        "nil": "likewise",
        "empty": "Alpaca's translations, as `<empty>`",
    }
)
"""Inputs that mean none, each with where it occurs; letter case, brackets, quotes and stops are no matter."""
_SHOWN, _LONGEST = 20, 60
"""Columns that a complaint names, and characters of each."""
_AROUND = " \t\r\n<>[](){}\"'`.,:;*_-\u201c\u201d\u2018\u2019"


class FieldError(Exception):
    """What a row holds and should not."""

    def __init__(self, field: str | None, complaint: str) -> None:
        super().__init__(f"{field}: {complaint}" if field else complaint)
        self.field, self.complaint = field, complaint


class BadRow(FieldError):
    """A row that holds no exchange: why, which field is at fault, what it holds, and what it needs to."""

    def __init__(self, reason: BadPair, field: str, got: object, needs: str) -> None:
        super().__init__(field, complaint(got, needs))
        self.reason = reason


@dataclass(frozen=True)
class Exchange:
    """Texts without white space around them; any may be empty."""

    system: str
    instruction: str
    """The question, with the turns before it that belong to it."""
    input: str
    response: str
    reasoning: str | None = None
    """Where the row has it apart from the response."""
    notes: tuple[str, ...] = ()
    """What of the row is left out, in words that can be counted."""


class _Turn(NamedTuple):
    place: str
    who: str
    turn: Mapping[str, Any]


def complaint(got: object, needs: str) -> str:
    shown = repr(got)
    return f"got {shown[:80]}{'…' * (len(shown) > 80)}; needs {needs}"


def names_of(row: Mapping[str, Any]) -> str:
    """Return the names of the first columns of a row, for a complaint."""
    return ", ".join(f"{repr(name)[:_LONGEST]}{'…' * (len(repr(name)) > _LONGEST)}" for name in list(row)[:_SHOWN])


def own_names(row: Mapping[str, Any], *names: str, alike: Callable[[str], str]) -> Iterator[str]:
    """Yield those of the names that a row has, as it spells them: `Text` for `text`, where `alike` makes one of
    both.
    """
    spelt = {alike(name): name for name in list(row)[::-1]} | {name: name for name in row}
    return (spelt[name] for name in names if name in spelt)


def form_of(row: Mapping[str, Any], columns: ExchangeColumns) -> PairFormat | None:
    """Tell a row's form by the columns that are there; None where no form's are."""
    for form, column in ((PairFormat.SHAREGPT, columns.conversations), (PairFormat.CHAT, columns.messages)):
        if isinstance(value_at(row, column), list):
            return form
    return PairFormat.ALPACA if value_at(row, columns.instruction) is not None else None


def read_exchange(
    row: Mapping[str, Any],
    columns: ExchangeColumns,
    form: PairFormat | None = None,
    several: SeveralTurns = SeveralTurns.FAIL,
    answered: bool = True,
) -> Exchange:
    """Return what `row` holds, in the form that is given or seen. Raises `BadRow`.

    Without `answered` only what is asked counts: the conversation may end with it.
    """
    form = form or form_of(row, columns) or PairFormat.ALPACA
    if shown := next((name for name in _MEDIA if row.get(name)), None):
        raise BadRow(BadPair.NOT_TEXT, shown, row[shown], "a row of text alone")
    system = system_of(row, columns)
    if form is PairFormat.ALPACA:
        return _alpaca(row, columns, system, answered)
    column = columns.conversations if form is PairFormat.SHAREGPT else columns.messages
    turns = list(_turns(value_at(row, column), column))
    found = _conversed(turns, column, several, answered)
    offered = [name for name in ("tools", "functions") if row.get(name)]
    notes = found.notes + _rated(row, answered) + tuple(f"{name} that the answer does not call" for name in offered)
    said = [system, *(_text(turn) for turn in turns if turn.who in SYSTEM)]
    return Exchange(
        "\n\n".join(filter(None, said)), found.instruction, "", found.response, found.reasoning, tuple(notes)
    )


def _rated(row: Mapping[str, Any], answered: bool) -> tuple[str, ...]:
    """What KTO's rows say of a bad answer."""
    return (_RATED_BAD,) if answered and row.get("label") is False else ()


def given_input(value: Any, field: str) -> str:
    """Return the text of an optional column; empty where it means none (`NO_INPUT`). Raises `BadRow` for what is no
    text.
    """
    if value is None or value != value or value == []:  # NaN is what pandas writes for a gap
        return ""
    text = _plain(value, field, "text, or null")
    return "" if means_none(text) else text


def means_none(text: str) -> bool:
    """Return whether what stands in an optional column says that there is nothing: `N/A`, `<noinput>`."""
    return text.casefold().strip(_AROUND) in NO_INPUT


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path; None where nothing does."""
    try:
        return look_up(row, path)
    except LookupError:
        return None


def _alpaca(row: Mapping[str, Any], columns: ExchangeColumns, system: str, answered: bool) -> Exchange:
    instruction = _plain(value_at(row, columns.instruction), columns.instruction, "text")
    said = _there(row, columns.output)
    output = value_at(row, said)
    response = _plain(output, said, "text") if answered or output is not None else ""
    earlier = _earlier(value_at(row, columns.history), columns.history)
    asked = _after(earlier, instruction) if instruction else ""
    notes = ("instances after the first",) if value_at(row, f"{_INSTANCES}.1") and said.startswith(_INSTANCES) else ()
    return Exchange(system, asked, input_of(row, columns), response, notes=notes + _rated(row, answered))


def input_of(row: Mapping[str, Any], columns: ExchangeColumns) -> str:
    """Return what the instruction of a row in Alpaca's form, or in one like it, is about; often empty. Raises
    `BadRow`.
    """
    column = _there(row, columns.input)
    return given_input(value_at(row, column), column)


def system_of(row: Mapping[str, Any], columns: ExchangeColumns) -> str:
    """Return a system message in a column of its own; often empty. Raises `BadRow`."""
    column = _there(row, columns.system)
    return given_input(value_at(row, column), column)


def _there(row: Mapping[str, Any], column: str) -> str:
    """A column of Alpaca's form, or the one that has its place in a form like it, where only that is there."""
    if value_at(row, column) is not None:
        return column
    others = (*_OTHER_NAMES.get(column, ()), f"{_INSTANCES}.0.{column}")
    return next((name for name in others if value_at(row, name) is not None), column)


def _earlier(history: Any, field: str) -> list[tuple[bool, str]]:
    """Earlier turns, each with whether it is an answer: of pairs of texts, or of turns like those of a conversation."""
    needs = "a list of [question, answer] pairs, or of turns"
    if history is None or history == "" or history != history:
        return []
    if not isinstance(history, list):
        raise BadRow(BadPair.NOT_TEXT, field, history, needs)
    if history and all(isinstance(turn, Mapping) for turn in history):
        return [(turn.who not in ASKS, _text(turn)) for turn in _turns(history, field)]
    turns = []
    for number, pair in enumerate(history):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise BadRow(BadPair.NOT_TEXT, f"{field}.{number}", pair, needs)
        turns += [(place == 1, _plain(said, f"{field}.{number}.{place}", "text")) for place, said in enumerate(pair)]
    return turns


def _after(earlier: Sequence[tuple[bool, str]], asked: str) -> str:
    """A question with the turns before it, as text."""
    if not earlier:
        return asked
    said = [f"{'Assistant' if answers else 'User'}: {text}" for answers, text in [*earlier, (False, asked)]]
    return "\n\n".join(said)


def _turns(said: Any, column: str) -> Iterator[_Turn]:
    if not isinstance(said, list):
        raise BadRow(BadPair.NOT_TEXT, column, said, "a list of turns")
    if all(isinstance(turn, str) for turn in said):  # UltraChat: question and answer by turns
        said = [{"role": who, "content": text} for who, text in zip(cycle(("user", "assistant")), said, strict=False)]
    for number, turn in enumerate(said):
        place = f"{column}.{number}"
        if not isinstance(turn, Mapping):
            raise BadRow(BadPair.NOT_TEXT, place, turn, "an object that says who speaks, and what")
        who = _first(turn, _WHO)
        if not isinstance(who, str):
            raise BadRow(BadPair.NOT_TEXT, f"{place}.{_named(turn, _WHO)}", who, "text: who speaks")
        name = who.strip().lower()
        name = "assistant" if name in ANSWERS or (name not in TOOLS and _NAMED_MODEL.fullmatch(name)) else name
        if name not in ASKS | SYSTEM | TOOLS | {"assistant"}:
            raise BadRow(BadPair.NO_EXCHANGE, f"{place}.{_named(turn, _WHO)}", who, "one who asks or answers")
        yield _Turn(place, name, turn)


def _conversed(turns: Sequence[_Turn], column: str, several: SeveralTurns, answered: bool) -> Exchange:
    """A system message is no turn here. An answer that nobody asked for, at the beginning, is left out."""
    spoken = [turn for turn in turns if turn.who not in SYSTEM]
    begins = 1 if len(spoken) > 1 and spoken[0].who == "assistant" else 0
    greeted, spoken = spoken[:begins], spoken[begins:]
    if not answered:
        return Exchange("", _question(spoken, column, several), "", "", notes=_greeting(greeted))
    exchanges = len(spoken) // 2
    at = 2 * (exchanges - 1) if several is SeveralTurns.LAST and exchanges else 0
    for turn in spoken[: at + 2]:
        _refuse_tools(turn)
    who = ["answers" if turn.who == "assistant" else "asks" for turn in spoken[: at + 2]]
    if who != ["asks", "answers"] * (at // 2 + 1):
        raise BadRow(BadPair.NO_EXCHANGE, column, ", ".join(who) or "no turns", "a question, and then its answer")
    if len(spoken) > 2 and several is SeveralTurns.FAIL:
        raise BadRow(BadPair.SEVERAL_TURNS, column, f"{len(spoken)} turns", f"one question and one answer{_SET}")
    answer = spoken[at + 1]
    for name in _WEIGHTS:
        if answer.turn.get(name) is not None and not answer.turn[name]:
            raise BadRow(BadPair.NOT_LEARNT, f"{answer.place}.{name}", answer.turn[name], "an answer to be learnt")
    reasoning = _first(answer.turn, _REASONING)
    thought = reasoning if isinstance(reasoning, str) and reasoning.strip() else None
    asked = _asked(spoken, at)
    return Exchange("", asked, "", _text(answer), thought and clean_text(thought), _greeting(greeted))


def _question(spoken: Sequence[_Turn], column: str, several: SeveralTurns) -> str:
    """What is asked, whatever follows."""
    asks = [place for place, turn in enumerate(spoken) if turn.who in ASKS]
    if not asks:
        raise BadRow(BadPair.NO_EXCHANGE, column, "no turn that asks", "a question")
    if len(asks) > 1 and several is SeveralTurns.FAIL:
        raise BadRow(BadPair.SEVERAL_TURNS, column, f"{len(asks)} questions", f"one question{_SET}")
    return _asked(spoken, asks[-1] if several is SeveralTurns.LAST else asks[0])


def _asked(spoken: Sequence[_Turn], at: int) -> str:
    for turn in spoken[: at + 1]:
        _refuse_tools(turn)
    asked = _text(spoken[at])
    return _after([(turn.who == "assistant", _text(turn)) for turn in spoken[:at]], asked) if asked else ""


def _greeting(greeted: Sequence[_Turn]) -> tuple[str, ...]:
    return ("an answer at the beginning that nobody asked for",) if greeted else ()


def _refuse_tools(turn: _Turn) -> None:
    if turn.who in TOOLS:
        raise BadRow(BadPair.TOOL_CALL, turn.place, turn.who, "an answer in words, without tools")
    for name in _CALLS:
        if turn.turn.get(name):
            raise BadRow(BadPair.TOOL_CALL, f"{turn.place}.{name}", turn.turn[name], "an answer in words")


def _text(turn: _Turn) -> str:
    """What is said, without white space around it; of parts their texts, one after the other."""
    field, said = f"{turn.place}.{_named(turn.turn, _WHAT)}", _first(turn.turn, _WHAT)
    if not isinstance(said, list):
        return _plain(said, field, "text")
    texts = []
    for number, part in enumerate(said):
        text = _first(part, _PART) if isinstance(part, Mapping) and part.get("type") in _PARTS else None
        if not isinstance(text, str):
            raise BadRow(BadPair.NOT_TEXT, f"{field}.{number}", part, "a part of type text")
        texts.append(text)
    return clean_text("".join(texts)).strip()


def _plain(value: Any, field: str, needs: str) -> str:
    if not isinstance(value, str):
        raise BadRow(BadPair.NOT_TEXT, field, value, needs)
    return clean_text(value).strip()


def _first(turn: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Of a struct in Parquet the fields of other rows are there, too, and null."""
    return next((turn[name] for name in names if turn.get(name) is not None), None)


def _named(turn: Mapping[str, Any], names: Sequence[str]) -> str:
    there = [name for name in names if name in turn]
    return next((name for name in there if turn[name] is not None), (there or names)[0])
