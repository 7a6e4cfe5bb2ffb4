"""Instruction data sets, row by row: where a row is no pair, why."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import Refused
from schemas.exchange import BadPair, PairFormat, RejectedRow
from schemas.pair import Pair, PairStage
from schemas.recycling import PairColumns, Pairs
from tasks.asking.compose import compose
from tasks.rows.data_set import DataSet
from tasks.rows.exchange import BadRow, form_of, names_of, read_exchange, value_at
from tasks.rows.jsonl import Unreadable
from tasks.rows.tally import RowCounts
from tasks.rows.values import only, plain_text


@dataclass(frozen=True)
class RawPair:
    """A row of the input. Its texts are empty where it is `bad`."""

    original_id: str
    place: str
    external_id: str | None
    instruction: str
    input: str
    response: str
    gold: str | None
    difficulty: str | None
    bad: BadPair | None
    field: str | None = None
    complaint: str = ""
    """What of a bad row is at fault, and how."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawPairs:
    source: str
    pairs: tuple[RawPair, ...]
    n_duplicates: int
    """Rows that repeat an earlier one, and are recycled once."""

    @property
    def rejected(self) -> tuple[RejectedRow, ...]:
        """What is wrong with each bad one."""
        bad = (pair for pair in self.pairs if pair.bad)
        return tuple(RejectedRow.of(self.source, pair.place, pair.field, pair.complaint) for pair in bad)

    @property
    def tally(self) -> RowCounts:
        """What there was in the rows, to be told before anything is asked."""
        ids = [pair.external_id for pair in self.pairs if pair.external_id]
        return RowCounts(
            what="pairs",
            n_rows=len(self.pairs) + self.n_duplicates,
            n_equal=self.n_duplicates,
            n_equal_ids=len(ids) - len(set(ids)),
            n_without_gold=sum(pair.gold is None and not pair.bad for pair in self.pairs),
            rejected=self.rejected,
            notes=Counter(note for pair in self.pairs for note in pair.notes),
        )


def data_set(settings: Pairs) -> DataSet:
    """Return the data set that the rows are in."""
    return DataSet(settings.path, "pairs.path", settings.split, settings.subset, settings.revision)


def read_pairs(settings: Pairs) -> RawPairs:
    """Return the rows of a data set, each once. Raises `Refused` for one that cannot be read or holds no rows."""
    found: dict[str, RawPair] = {}
    n_rows, rows = 0, data_set(settings)
    for place, row in rows.rows():
        pair = read_pair(settings, place, row)
        if pair.original_id not in found and len(found) == settings.limit:
            break
        n_rows += 1
        found.setdefault(pair.original_id, pair)
    if all(pair.bad is BadPair.NO_OBJECT for pair in found.values()):
        first = next((f"; {pair.place}: {pair.complaint}" for pair in found.values()), "")
        raise Refused(f"pairs.path: {settings.path} holds no rows; needs an instruction and a response in each{first}")
    return RawPairs(settings.name or rows.name, tuple(found.values()), n_rows - len(found))


def read_pair(settings: Pairs, place: str, row: Mapping[str, Any] | Unreadable) -> RawPair:
    """Read a pair from a row; of one that is no pair, why. Its key is then over the row, so that two of them
    stay two.
    """
    texts = ("", "", "")
    notes: tuple[str, ...] = ()
    error: BadRow | None = None
    if isinstance(row, Unreadable):
        return RawPair(_key(row.raw), place, None, *texts, None, None, BadPair.NO_OBJECT, None, row.complaint)
    columns = settings.columns
    try:
        found = read_exchange(row, columns, settings.format, settings.several_turns)
        # a system message is part of what is asked
        asked = "\n\n".join(filter(None, (found.system, found.instruction))) if found.instruction else ""
        texts, notes = (asked, found.input, compose(found.response, found.reasoning)), found.notes
        key = _key(*texts)
        _check_not_empty(texts, settings, row)
    except BadRow as bad:
        error = bad
        key = _key(*texts) if any(texts) else _key(json.dumps(row, sort_keys=True, default=str))
    return RawPair(
        key,
        place,
        plain_text(value_at(row, columns.id)),
        *texts,
        plain_text(only(value_at(row, columns.gold))),
        plain_text(value_at(row, columns.difficulty)),
        error.reason if error else None,
        error.field if error else None,
        error.complaint + _mapping(error.field, row, columns) if error else "",
        notes,
    )


def _mapping(field: str | None, row: Mapping[str, Any], columns: PairColumns) -> str:
    """What to set where a row has no such column of Alpaca's form."""
    for name in ("instruction", "output"):
        if field == getattr(columns, name) and field not in row:
            return f"; pairs.columns.{name} names its column, perhaps one of {names_of(row)}"
    return ""


def _key(*texts: str) -> str:
    return Pair.key(PairStage.ORIGINAL, None, *texts)


def _check_not_empty(texts: tuple[str, str, str], settings: Pairs, row: Mapping[str, Any]) -> None:
    """Raises `BadRow`, naming the column."""
    columns = settings.columns
    of_form = {PairFormat.SHAREGPT: columns.conversations, PairFormat.CHAT: columns.messages}
    column = of_form.get(settings.format or form_of(row, columns) or PairFormat.ALPACA)
    if not texts[0]:
        raise BadRow(BadPair.EMPTY_INSTRUCTION, column or columns.instruction, texts[0], "a question")
    if not texts[2]:
        raise BadRow(BadPair.EMPTY_RESPONSE, column or columns.output, texts[2], "an answer")
