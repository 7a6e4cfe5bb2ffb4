"""Rows of public data sets as questions, and as completions recorded with them, where nobody mapped their columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.exchange import ExchangeColumns, PairFormat, SeveralTurns
from schemas.question_source import Columns, Questions
from schemas.record import clean_text
from tasks.questions.recorded import Recorded
from tasks.rows.exchange import Exchange, FieldError, complaint, form_of, input_of, read_exchange, system_of
from tasks.rows.values import only

_DEFAULTS, _EXCHANGE = Columns(), ExchangeColumns()


class Dump(NamedTuple):
    """The columns of a published set of a reasoning model's answers."""

    question: str
    """Text, or a conversation that ends with it."""
    response: str
    """One text, or a list of them."""
    reasoning: str | None = None
    gold: str | None = None


DUMPS = (
    Dump("question", "deepseek_attempt", "deepseek_thinking_trajectory"),  # simplescaling/s1K-1.1
    Dump("question", "attempt", "thinking_trajectories"),  # simplescaling/s1K: each reasoning is a list of one
    Dump("problem", "deepseek_solution", "deepseek_reasoning"),  # open-thoughts/OpenThoughts-114k, metadata
    Dump("question", "deepseek_solution", "reasoning"),  # OpenThoughts2's parts
    Dump("instruction_seed", "deepseek_solution", "reasoning"),  # OpenThoughts3's parts
    Dump("problem", "generations", gold="answer"),  # open-r1/OpenR1-Math-220k
    Dump("input", "content", "reasoning_content"),  # Congliu's distillation of DeepSeek-R1: its API's names
    Dump("messages", "answer", "reasoning"),  # dolphin-r1
    Dump("problem", "qwq"),  # amphora/QwQ-LongCoT-130K
    Dump("prompt", "response", "reasoning"),
    Dump("prompt", "response"),  # glaiveai/reflection-v1, PowerInfer/QWQ-LONGCOT-500K
    Dump("instruction", "response"),  # Magpie-Reasoning, of QwQ and DeepSeek-R1
)
"""The first whose columns a row has counts."""


@dataclass(frozen=True)
class Formed:
    text: str
    recorded: tuple[Recorded, ...] = ()
    gold: str | None = None
    """The column of the gold, where it has a name of its own."""
    notes: tuple[str, ...] = ()


def dump_columns() -> Iterator[str]:
    """Yield every column that `DUMPS` name."""
    yield from dict.fromkeys(name for dump in DUMPS for name in dump if name)


def formed(row: Mapping[str, Any], settings: Questions, with_answers: bool) -> Formed | None:
    """Return what a row says by its form; None where the configured columns are there, or no form is seen.

    Raises `FieldError` for a row of a form that cannot be read.
    """
    columns = settings.columns
    asked = row.get(columns.question) is not None
    answered = any(path.partition(".")[0] in row for path in columns.responses)
    own = columns.question != _DEFAULTS.question or (with_answers and columns.responses != _DEFAULTS.responses)
    if own or (asked and (answered or not with_answers)):
        return None
    dump = next((dump for dump in DUMPS if _holds(row, dump)), None) if with_answers else None
    if dump:
        return _of_dump(row, dump, settings)
    return None if asked or form_of(row, _EXCHANGE) is None else _of_exchange(row, settings, with_answers)


def _holds(row: Mapping[str, Any], dump: Dump) -> bool:
    return all(row.get(name) is not None for name in (dump.question, dump.response, dump.reasoning) if name)


def _of_dump(row: Mapping[str, Any], dump: Dump, settings: Questions) -> Formed:
    asked = row[dump.question]
    system = system_of(row, _EXCHANGE)
    if isinstance(asked, list):
        found = conversed(row, dump.question, settings.several_turns)
        asked, system = found.instruction, found.system
    said = row[dump.response]
    answers = said if isinstance(said, list) else [said]
    columns = [f"{dump.response}.{n}" for n in range(len(answers))] if isinstance(said, list) else [dump.response]
    reasoning = _text(dump.reasoning, only(row[dump.reasoning])) if dump.reasoning else None
    recorded = [
        Recorded(column, _text(column, answer), reasoning, system or None)
        for column, answer in zip(columns, answers, strict=True)
        if answer is not None
    ]
    gold = dump.gold if dump.gold in row and settings.columns.gold not in row else None
    text = _question(dump.question, asked)
    given = input_of(row, _EXCHANGE) if dump.question == _EXCHANGE.instruction else ""
    return Formed(f"{text}\n\n{given}" if given else text, tuple(recorded), gold)


def conversed(row: Mapping[str, Any], column: str, several: SeveralTurns) -> Exchange:
    """Return what is asked in a column that holds turns. Raises `FieldError`."""
    columns = ExchangeColumns(messages=column)
    return read_exchange(row, columns, PairFormat.CHAT, several, answered=False)


def _of_exchange(row: Mapping[str, Any], settings: Questions, with_answers: bool) -> Formed:
    """A question without its answer goes to a teacher with a system prompt of ours: the row's stands before it."""
    form = form_of(row, _EXCHANGE)
    found = read_exchange(row, _EXCHANGE, form, settings.several_turns, answered=with_answers)
    column = {PairFormat.SHAREGPT: _EXCHANGE.conversations, PairFormat.CHAT: _EXCHANGE.messages}.get(
        form or PairFormat.ALPACA, _EXCHANGE.output
    )
    before = "" if with_answers else found.system
    text = "\n\n".join(filter(None, (before, found.instruction, found.input))) if found.instruction else ""
    recorded = Recorded(column, found.response, found.reasoning, found.system or None)
    return Formed(_question(column, text), (recorded,) if with_answers else (), notes=found.notes)


def _question(field: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise FieldError(field, complaint(value, "the question as text that is not empty"))
    return clean_text(value)


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError(field, complaint(value, "text"))
    return clean_text(value)
