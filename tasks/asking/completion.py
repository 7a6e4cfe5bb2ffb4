"""What a chat completion says, in any of the forms in which providers and engines give it. Pure."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from schemas.call import Call, Usage
from schemas.record import Record, clean_text

_MOST_TOKENS = 2**53
REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details")
"""The fields of a message that hold it: DeepSeek, SGLang and llama.cpp the first, vLLM and Groq the second, Ollama the
third, OpenRouter the last, whose second may be empty."""
_INSIDE = ("thinking", "reasoning", "text", "summary", "content")
"""The fields of a part of reasoning that hold its text, or further parts."""
_SAID = ("text", "output_text")
_THOUGHT = ("thinking", "reasoning", "reasoning_text", "summary_text")
"""Types of the parts of a content: Mistral and Anthropic have them."""
_THOUGHT_FIRST = re.compile(r"\s*<reasoning>(.*?)(?:</reasoning>|\Z)", re.DOTALL)
"""How Amazon Bedrock hands on what gpt-oss has thought, piece by piece, at the beginning of the content."""
_LENGTH = "length"
_FINISHES = {
    **dict.fromkeys(("length", "max_tokens", "max_output_tokens"), _LENGTH),
    **dict.fromkeys(("model_length", "model_context_window_exceeded"), _LENGTH),
    **dict.fromkeys(("repetition", "repetition_truncation"), _LENGTH),
    **dict.fromkeys(("content_filter", "safety", "recitation", "blocklist"), "content_filter"),
    **dict.fromkeys(("prohibited_content", "spii", "sensitive"), "content_filter"),
    **dict.fromkeys(("guardrail_intervened", "content_filtered", "refusal", "error_toxic"), "content_filter"),
}
"""What Google, Anthropic, Mistral, Z.AI, Bedrock, Cohere, vLLM and Xiaomi call the two finish reasons with which a text
is cut, in lower case; Google also puts its own word behind ours: `content_filter: RECITATION`.
"""
_INTERRUPTED = ("error", "abort", "network_error", "insufficient_system_resource", "timeout", "cancelled")
"""Finish reasons of an answer that broke off on the provider's side: OpenRouter, SGLang, Z.AI, DeepSeek, TensorRT-LLM
(the last two)."""

_COUNTED = ("prompt_tokens", "completion_tokens")
"""Beside a text a 0 in them is that of a gateway which does not count: by it a call would be booked as free."""
_AT_LIMIT = 0.99
"""The part of `max_tokens` that counts as all of it: some endpoints do not count the last mark."""


class Completion(Record):
    """What a chat completion says, in text that any table can hold. None: it does not say."""

    model: str | None = None
    content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    finish_reason: str | None = None
    usage: Usage = Usage()


class NotACompletionError(ValueError):
    """The body has no answer in it; the message says what it lacks."""


def parsed(body: bytes) -> Any:
    """Return the value of a body; None for what is no JSON."""
    try:
        return orjson.loads(body)
    except ValueError:  # perhaps what it does not take: bad UTF-8, a lone surrogate, NaN
        with suppress(ValueError, RecursionError):
            return json.loads(body.decode("utf-8-sig", errors="replace"))
    return None


def read_completion(value: object) -> Completion:
    """Return the first choice of a parsed body.

    Strict where an answer could be misread (the choice, its content), lenient elsewhere: a missing or odd
    `model`, `finish_reason` or `usage` is None and loses nobody a paid answer. Raises `NotACompletionError`.
    """
    body = mapping(value)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise NotACompletionError(f"choices is {_shown(choices)}")
    choice = mapping(choices[0])
    message = choice.get("message")
    if not isinstance(message, dict):
        raise NotACompletionError(f"choices[0].message is {_shown(message)}")
    said, thought, refused = _content(message.get("content"))
    usage = read_usage(body)
    fields = (_text(message[name]) or _thought(message[name]) for name in REASONING_FIELDS if name in message)
    thought = next((text for text in fields if text and not text.isspace()), thought)
    if said and not thought:
        said, thought = _apart(said)
    if said or thought:
        usage = usage.model_copy(update={name: None for name in _COUNTED if getattr(usage, name) == 0})
    return Completion(
        model=_text(body.get("model")),
        content=said,
        reasoning=thought,
        refusal=_text(message.get("refusal")) or refused,
        finish_reason=_finish_reason(choice),
        usage=usage,
    )


def stated_error(body: Mapping[str, Any]) -> object:
    """Return the error that a body or an event names as such, in a field of its own: most; Groq, of a stream;
    MiniMax.
    """
    answer = mapping(body.get("base_resp"))
    code, said = answer.get("status_code"), answer.get("status_msg")
    named = {"code": f"base_resp {code}", "message": said} if code else None
    return body.get("error") or mapping(body.get("x_groq")).get("error") or named


def interruption(value: object) -> object:
    """Return the error that broke a completion off, beside whatever it holds of an answer: that of the body or of the
    first choice, else its finish reason; None where nothing broke off.
    """
    body = mapping(value)
    choice = _first_choice(body)
    finish = str(choice.get("finish_reason")).lower()
    ended = {"message": f"the answer broke off with finish_reason {finish}"} if finish in _INTERRUPTED else None
    return stated_error(body) or choice.get("error") or ended


def cut_at_limit(call: Call) -> bool:
    """Return whether `max_tokens` cut the answer off: with fewer tokens it was the model's window, where more are no
    help.
    """
    limit, used = call.sampling.max_tokens, call.usage.completion_tokens
    return call.finish_reason == _LENGTH and (limit is None or used is None or used >= _AT_LIMIT * limit)


def read_usage(value: object) -> Usage:
    """Return the token counts of a parsed body; None for each that is missing or no count.

    The completion counts what was thought, too: where the total is more than its parts (Google, xAI), or more was
    thought than said, an endpoint has counted them apart.
    """
    body = mapping(value)
    places = [body, mapping(body.get("x_groq")), _first_choice(body)]  # the last in a stream of Moonshot's
    usage = next((found for place in places if (found := mapping(place.get("usage")))), {})
    details = mapping(usage.get("prompt_tokens_details")).get("cached_tokens")
    counts = (details, usage.get("prompt_cache_hit_tokens"), usage.get("cached_tokens"))
    cached = next((n for n in map(_count, counts) if n is not None), None)
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    thought = _count(mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    thought = _count(usage.get("reasoning_tokens")) if thought is None else thought  # SGLang, Perplexity
    total = _count(usage.get("total_tokens"))
    if completion is not None and thought is not None and thought > completion:
        completion += thought
    if prompt is not None and completion is not None and total is not None:
        completion = max(completion, total - prompt)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        reasoning_tokens=thought,
    )


def is_finished(choice: Mapping[str, Any]) -> bool:
    """Return whether a choice says why it ended: in MiniMax's streams it is `""` until then, in DashScope's
    `"null"`.
    """
    return choice.get("finish_reason") not in (None, "", "null")


def _finish_reason(choice: Mapping[str, Any]) -> str | None:
    given = _text(choice.get("finish_reason")) if is_finished(choice) else None
    return _FINISHES.get(given.lower().partition(":")[0], given) if given else given


def _content(content: object) -> tuple[str | None, str | None, str | None]:
    """What is said, thought and refused in a content that is a text or a list of parts. What else may stand in a list,
    such as citations and encrypted thinking, is in the raw response alone. Raises `NotACompletionError`.
    """
    if content is None or isinstance(content, str):
        return _text(content), None, None
    if not isinstance(content, list):
        raise NotACompletionError(f"choices[0].message.content is {_shown(content)}")
    parts = [mapping({"type": "text", "text": part} if isinstance(part, str) else part) for part in content]
    said = [text for part in parts if part.get("type") in _SAID and (text := _text(part.get("text"))) is not None]
    thoughts = [text for part in parts if part.get("type") in _THOUGHT and (text := _thought(part)) is not None]
    refused = [text for part in parts if part.get("type") == "refusal" and (text := _text(part.get("refusal")))]
    if content and not (said or thoughts or refused):
        kinds = ", ".join(sorted({str(part.get("type")) for part in parts}))
        raise NotACompletionError(f"choices[0].message.content is a list without text, of {kinds}")
    return "".join(said), "\n\n".join(thoughts) or None, "".join(refused) or None


def _apart(content: str) -> tuple[str, str | None]:
    """A content without the tagged reasoning that it begins with, and that reasoning."""
    thoughts, at = "", 0
    while found := _THOUGHT_FIRST.match(content, at):
        thoughts, at = thoughts + found[1], found.end()
    return content[at:], thoughts or None


def _thought(value: object, depth: int = 0) -> str | None:
    """The text of reasoning in parts, a paragraph to each; None without any. A part may hold parts of its own."""
    if isinstance(value, list) and depth < 4:
        found = [text for part in value if isinstance(part, dict) and (text := _thought(part, depth + 1))]
        return ("" if depth else "\n\n").join(found) or None
    if isinstance(value, dict):
        held = next((value[name] for name in _INSIDE if value.get(name)), None)
        return clean_text(held) if isinstance(held, str) else _thought(held, depth + 1)
    return None


def _first_choice(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    return mapping(choices[0]) if isinstance(choices, list) and choices else {}


def mapping(value: object) -> Mapping[str, Any]:
    """Return the object that stands there; an empty one where something else does."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return clean_text(value) if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _shown(value: object) -> str:
    return "missing" if value is None else "empty" if value == [] else type(value).__name__
