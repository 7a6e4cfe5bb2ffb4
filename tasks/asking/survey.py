"""What an endpoint says of itself by GET, and, for a token each, which sampling keys it takes."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from schemas.call import Call, CallEnd, Message, Outcome, Request, Sampling
from schemas.teacher import SamplingKey, TeacherSettings
from tasks.asking.completion import REASONING_FIELDS, mapping, parsed
from tasks.asking.endpoint import TeacherAddress
from tasks.asking.reply import SendResult
from tasks.asking.wire import exchange, teacher_client

Ask = Callable[[Request, bool], Outcome]
"""Has a request answered, as a stream or whole."""
_PATIENCE_S = 15.0
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "inputTokenLimit", "n_ctx")
"""What vLLM, OpenRouter, Groq, Mistral, Google and llama.cpp call it."""
_SHOWN = 5
STREAM = "stream"
_BOUND = "max_completion_tokens"
"""What newer models of OpenAI take for `max_tokens`."""


class Survey(NamedTuple):
    """What is known without a call that costs; None where the endpoint does not tell."""

    models: tuple[str, ...] | None
    window: int | None
    """In tokens, of one slot where it has several."""
    slots: int | None
    batches: bool | None
    takes: frozenset[str] | None
    """The names of request keys that it lists."""

    def lines(self, model: str) -> Iterator[str]:
        """Yield what was found, in lines for a person who has configured `model`."""
        if self.models is None:
            yield "models: not told"
        else:
            more = f" and {len(self.models) - _SHOWN} more" if len(self.models) > _SHOWN else ""
            known = "among them" if model in self.models else f"{model} is not among them"
            yield f"models: {', '.join(self.models[:_SHOWN])}{more}; {known}"
        yield f"window: {f'{self.window} tokens' if self.window else 'not told'}; slots: {self.slots or 'not told'}"
        yield f"batch API: {_yes(self.batches)}"
        takes = self.takes or frozenset()
        yield f"streaming: {_yes(STREAM in takes or None)}"
        for what, names in (("logprobs", {"logprobs"}), ("reasoning field", {"reasoning", "include_reasoning"})):
            yield f"{what}: {_yes(None if self.takes is None else not takes.isdisjoint(names))}"


def _yes(known: bool | None) -> str:
    return "not told" if known is None else "yes" if known else "no"


async def survey(settings: TeacherSettings, address: TeacherAddress) -> Survey:
    """Ask a server about itself, by GET alone. What a server tells beside the OpenAI protocol, as llama.cpp and vLLM
    do, is asked only of one that names itself so.
    """
    models = await _get(settings, address, "models")
    listing = mapping(parsed(models.body))
    entries = [entry for entry in _list(listing.get("data")) if isinstance(entry, dict)]
    names = tuple(str(entry.get("id")) for entry in entries)
    mine = next((entry for entry in entries if entry.get("id") == settings.model), entries[0] if entries else {})
    window = next((n for name in _WINDOWS for n in (_number(mine, name), _number(mine.get("meta"), name)) if n), None)
    batches = await _get(settings, address, "batches")
    slots, takes = None, mine.get("supported_parameters")
    if mine.get("owned_by") in ("vllm", "llamacpp"):
        root = address.__class__(address.base_url.rstrip("/").removesuffix("/v1"), address.api_key)
        props = mapping(parsed((await _get(settings, root, "props")).body))
        slots, window = _number(props, "total_slots"), window or _number(props, "n_ctx")
        described = mapping(parsed((await _get(settings, root, "openapi.json")).body))
        for name in ("components", "schemas", "ChatCompletionRequest", "properties"):
            described = mapping(described.get(name))
        takes = list(described)
    return Survey(
        names if models.status == 200 and "data" in listing else None,
        window,
        slots,
        None if batches.status in (None, 401, 403, 429) or (batches.status or 0) >= 500 else batches.status == 200,
        frozenset(map(str, takes)) if isinstance(takes, list) and takes else None,
    )


class Tried(NamedTuple):
    """One key, sent beside those that the endpoint takes."""

    key: str
    taken: bool
    said: str


def try_keys(settings: TeacherSettings, endpoint: str, fresh: str, ask: Ask) -> Iterator[Tried]:
    """Send each key once, with one token to write, beside those that were taken before.

    What bounds the answer comes first; where the endpoint takes no bound, nothing more is sent. `fresh` makes calls of
    their own of them.
    """
    given: dict[str, Any] = {
        "temperature": settings.temperature or 0.7,
        "top_p": settings.top_p or 0.95,
        "seed": 1,
        "logprobs": True,
    }
    given |= {name: value for name, value in settings.extra_body.items() if name != _BOUND}
    bound = _try(settings, endpoint, fresh, ask, {}, "max_tokens", 1)
    yield bound
    taken: dict[str, Any] = {"max_tokens": 1}
    if not bound.taken:
        other = _try(settings, endpoint, fresh, ask, {}, _BOUND, 1)
        yield other
        taken = {_BOUND: 1}
        if not other.taken:
            return
    for key, value in {STREAM: True, **given}.items():
        tried = _try(settings, endpoint, fresh, ask, taken, key, value)
        taken |= {key: value} if tried.taken and key != STREAM else {}
        yield tried


def _try(
    settings: TeacherSettings, endpoint: str, fresh: str, ask: Ask, beside: Mapping[str, Any], key: str, value: Any
) -> Tried:
    sent = {**beside, key: value}
    streamed = sent.pop(STREAM, False)
    sampling = {name: sent.pop(name, None) for name in SamplingKey}
    outcome = ask(
        Request(
            endpoint=endpoint,
            model=settings.model,
            messages=(Message(role="user", content="Say yes."),),
            sampling=Sampling.model_validate(sampling),
            sample_index=0,
            fresh=f"{fresh} {key}",
            extra_body=json.dumps(sent) if sent else None,
        ),
        streamed,
    )
    if outcome.call is None:
        return Tried(key, False, f"no answer ({outcome.pending})")
    if outcome.call.ended is CallEnd.REFUSED:
        return Tried(key, False, f"refused ({outcome.call.error})")
    return Tried(key, True, _seen(key, outcome.call))


def _seen(key: str, call: Call) -> str:
    """What an answer shows beside that it came."""
    choices = _list(mapping(parsed(call.raw_response)).get("choices"))
    choice = mapping(choices[0] if choices else None)
    if key == "logprobs":
        return "taken" if choice.get("logprobs") else "ignored: the answer has none"
    fields = [name for name in REASONING_FIELDS if name in mapping(choice.get("message"))]
    return f"taken; reasoning comes in the field {fields[0]}" if fields and "max" in key else "taken"


async def _get(settings: TeacherSettings, address: TeacherAddress, path: str) -> SendResult:
    http = teacher_client(settings, address)
    try:
        return await exchange(http, "GET", path, deadline_s=min(_PATIENCE_S, settings.timeout_s))
    finally:
        await http.close()


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object, name: str) -> int | None:
    found = mapping(value).get(name)
    return found if isinstance(found, int) and found > 0 else None
