"""Reads sequences with a causal language model: alone or in batches, a long context once for all that follows it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from transformers import DynamicCache

from tasks.scoring.head import Head
from tasks.scoring.reading import ReadingRequest, Tokens

SHARED_FROM = 192
"""A context of so many tokens is a forward pass of its own, which all its readings share. For a shorter one that would
cost more (8 ms of Python for a model of six layers) than most of them save."""

Asked = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class ForwardRow:
    """What one forward pass reads of a sequence, and what is asked of it; positions count from its first token."""

    tokens: Tokens
    asked: Asked


class Forward:
    """The body of a model, and its head only where something is asked.

    With `batch_tokens` of 0 it reads one sequence at a time, and an answer has the same bits whatever else is read in
    the same call: how a sequence is cut into passes, and its states into tiles, depends on that sequence alone. On a
    CPU this is also the fastest, as one sequence keeps a core busy; `threads` read one each, with the same weights and
    the same bits, where torch computes with one thread. Else sequences are sorted by length and read so many
    tokens at a time, and an answer depends on its neighbours by rounding (float32: below 1e-4 of a ratio): either end
    to end, if `packed`, or one below the other, padded on the right, where a causal model does not look.
    """

    def __init__(self, model: Any, head: Head, batch_tokens: int = 0, packed: bool = False, threads: int = 1) -> None:
        """`packed`: the model's attention tells sequences apart by position numbers that begin again at 0."""
        self._body, self._head = model.base_model, head
        self._device = model.get_input_embeddings().weight.device
        self._cache = cache_name(self._body.forward)
        self._batch_tokens, self._packed, self._threads = batch_tokens, packed, threads

    @torch.inference_mode()
    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        """Return for each reading the natural-log probabilities of what it asks, in its order; equal ones are read
        once.
        """
        answers: dict[ReadingRequest, list[float]] = {}
        lone: list[ReadingRequest] = []
        groups: dict[Tokens, list[ReadingRequest]] = {}
        for reading in dict.fromkeys(readings):
            groups.setdefault(reading.context, []).append(reading)
        for context, group in groups.items():
            if len(context) < SHARED_FROM:
                lone += group
            else:
                answers |= zip(group, self._after(context, group), strict=True)
        answers |= zip(lone, self._read([ForwardRow(each.tokens[:-1], each.asked) for each in lone]), strict=True)
        return [answers[reading] for reading in readings]

    def _after(self, context: Tokens, group: Sequence[ReadingRequest]) -> Iterator[list[float]]:
        """The keys and values of the context are made once, and what is asked about it is asked once."""
        cache = DynamicCache()
        states_Td = self._states([context], cache)[0]
        early = [tuple(ask for ask in reading.asked if ask[0] <= len(context)) for reading in group]
        late = [[ask for ask in reading.asked if ask[0] > len(context)] for reading in group]
        known = {asked: self._head.log_probs(states_Td[_before(asked)], _tokens(asked)) for asked in set(early)}
        rows = [
            ForwardRow(reading.target[:-1], [(position - len(context), token) for position, token in asked])
            for reading, asked in zip(group, late, strict=True)
        ]
        for reading, first, then, found in zip(group, early, late, self._read(rows, cache), strict=True):
            answers = dict(zip((*first, *then), (*known[first], *found), strict=True))
            yield [answers[ask] for ask in reading.asked]

    def _read(self, rows: Sequence[ForwardRow], cache: DynamicCache | None = None) -> list[list[float]]:
        answers: list[list[float]] = [[] for _ in rows]
        batches = list(self._batches(rows, int(cache.get_seq_length()) if cache else 0))

        @torch.inference_mode()  # of each thread
        def read(batch: list[int]) -> list[list[float]]:
            way = self._end_to_end if self._packed and cache is None and len(batch) > 1 else self._side_by_side
            return way([rows[index] for index in batch], cache)

        for batch, found in zip(batches, self._spread(read, batches), strict=True):
            for index, each in zip(batch, found, strict=True):
                answers[index] = each
        return answers

    def _spread(
        self, read: Callable[[list[int]], list[list[float]]], batches: Sequence[list[int]]
    ) -> Iterable[list[list[float]]]:
        if self._threads == 1 or len(batches) < 2:
            return map(read, batches)
        with ThreadPoolExecutor(min(self._threads, len(batches))) as pool:
            return list(pool.map(read, batches))

    def _batches(self, rows: Sequence[ForwardRow], before: int) -> Iterator[list[int]]:
        """Indices of the rows that ask something; those of a batch are about as long as each other."""
        asking = [index for index, row in enumerate(rows) if row.asked]
        if self._batch_tokens:
            asking.sort(key=lambda index: -len(rows[index].tokens))
        batch: list[int] = []
        for index in asking:
            longest = len(rows[batch[0]].tokens) + before if batch else 0
            if batch and (len(batch) + 1) * longest > self._batch_tokens:
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    def _side_by_side(self, rows: Sequence[ForwardRow], cache: DynamicCache | None) -> list[list[float]]:
        longest = max(len(row.tokens) for row in rows)
        padded = [(*row.tokens, *(0,) * (longest - len(row.tokens))) for row in rows]
        states_BTd = self._states(padded, _copy(cache, len(rows)) if cache else None)
        return self._answers(states_BTd.flatten(0, 1), rows, [n * longest for n in range(len(rows))])

    def _end_to_end(self, rows: Sequence[ForwardRow], cache: None) -> list[list[float]]:
        starts = [sum(len(row.tokens) for row in rows[:n]) for n in range(len(rows))]
        positions = [position for row in rows for position in range(len(row.tokens))]
        states_1Td = self._states([[token for row in rows for token in row.tokens]], cache, positions)
        return self._answers(states_1Td[0], rows, starts)

    def _answers(self, states_Nd: torch.Tensor, rows: Sequence[ForwardRow], starts: Sequence[int]) -> list[list[float]]:
        at = [start + before for row, start in zip(rows, starts, strict=True) for before in _before(row.asked)]
        found = self._head.log_probs(states_Nd[at], [token for row in rows for token in _tokens(row.asked)])
        ends = iter(found)
        return [[next(ends) for _ in row.asked] for row in rows]

    def _states(
        self, tokens: Sequence[Sequence[int]], cache: DynamicCache | None, positions: Sequence[int] | None = None
    ) -> torch.Tensor:
        ids_BT = torch.tensor(tokens, device=self._device)
        more: dict[str, Any] = {self._cache: cache}
        if positions is not None:
            more["position_ids"] = torch.tensor([positions], device=self._device)
        body = self._body(input_ids=ids_BT, use_cache=cache is not None, **more)
        return torch.as_tensor(body.last_hidden_state)


def cache_name(forward: Callable[..., object]) -> str:
    """Return what a model's forward pass calls its keys and values: `cache` in transformers 5.24, where the older name
    warns, and goes in 5.40.
    """
    return "cache" if "cache" in signature(forward).parameters else "past_key_values"


class Plain:
    """The model's own forward pass, with all its logits, one sequence at a time: slow, and right for every model."""

    def __init__(self, model: Any, apart: bool = False) -> None:
        """`apart`: what is asked about the context is read without what follows it, on which the model's positions
        depend."""
        self._model, self._apart = model, apart
        self._device = model.get_input_embeddings().weight.device

    @torch.inference_mode()
    def log_probs(self, readings: Sequence[ReadingRequest]) -> list[list[float]]:
        return [self._apart_or_once(reading) for reading in readings]

    def _apart_or_once(self, reading: ReadingRequest) -> list[float]:
        early = [ask for ask in reading.asked if ask[0] < len(reading.context)]
        if not (self._apart and early):
            return self._once(reading.tokens[:-1], reading.asked)
        late = [ask for ask in reading.asked if ask not in early]
        found = self._once(reading.tokens[: max(_before(early)) + 1], early) + self._once(reading.tokens[:-1], late)
        answers = dict(zip((*early, *late), found, strict=True))
        return [answers[ask] for ask in reading.asked]

    def _once(self, tokens: Tokens, asked: Asked) -> list[float]:
        ids_1T = torch.tensor([tokens], device=self._device)
        logits_1TV = self._model(input_ids=ids_1T, use_cache=False).logits
        log_probs_KV = logits_1TV[0, _before(asked)].float().log_softmax(-1)
        log_probs: list[float] = log_probs_KV[range(len(asked)), _tokens(asked)].tolist()
        return log_probs


def agree(one: Forward, other: Plain, vocabulary: int, window: int, tolerance: float) -> bool:
    """Return whether two ways give the same mean losses, in nats, for readings that use all that they may differ in.

    False also where the model's forward pass takes no keys and values, or none that can be shared.
    """
    readings = _trials(vocabulary, window)
    wanted = other.log_probs(readings)
    try:
        found = one.log_probs(readings)
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, TypeError, ValueError, AttributeError, IndexError, NotImplementedError):
        return False
    return all(abs(sum(a) - sum(b)) <= tolerance * len(a) for a, b in zip(found, wanted, strict=True))


def _trials(vocabulary: int, window: int) -> list[ReadingRequest]:
    """Two readings of a long context, one of a short one, and one of the start alone; what the window has room for."""

    def draw(first: int, n: int) -> Tokens:
        return tuple((first + 7919 * i) % vocabulary for i in range(n))

    shapes = [((3, SHARED_FROM), (1, 9)), ((3, SHARED_FROM), (2, 5)), ((5, 11), (4, 7)), ((5, 1), (6, 20))]
    drawn = [(draw(*context), draw(*target)) for context, target in shapes]
    return [
        ReadingRequest(context, target, tuple((len(context) + n, token) for n, token in enumerate(target)))
        for context, target in drawn
        if len(context) + len(target) <= window
    ]


def _before(asked: Asked) -> list[int]:
    """The row of the state after which each token is asked for."""
    return [position - 1 for position, _ in asked]


def _tokens(asked: Asked) -> list[int]:
    return [token for _, token in asked]


def _copy(cache: DynamicCache, repeats: int) -> DynamicCache:
    """The same keys and values, `repeats` times: what is appended to the copy is not in the original."""
    return DynamicCache(
        (layer.keys.expand(repeats, -1, -1, -1), layer.values.expand(repeats, -1, -1, -1)) for layer in cache.layers
    )
