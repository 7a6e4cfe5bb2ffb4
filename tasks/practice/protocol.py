"""Chat completion requests to the practice teacher, and tokens as it counts them."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from schemas.record import content_key
from tasks.asking.structured import JSON_NAME
from tasks.http.chat_request import ChatRequest, read_chat
from tasks.practice.rates import JUDGE, SOLVERS

WINDOW = 4096
"""Tokens of one answer at most."""
SERVED = (*SOLVERS, JUDGE)
"""Names of models."""

_PIECE = re.compile(r"\w{1,6}|[^\w\s]")


@dataclass(frozen=True)
class Ask(ChatRequest):
    as_json: bool
    """A trace is wanted in the JSON schema of traces."""

    @property
    def texts(self) -> tuple[str, ...]:
        """What the user said, the last first; the system message changes the wording only through the seed."""
        return tuple(text for role, text in reversed(self.messages) if role == "user") or ("",)

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return self.texts[0]

    @property
    def key(self) -> str:
        """Decides the answer: equal keys, equal answers. `n`, `stop` and `stream` only select, cut and slice."""
        sampling = [self.temperature, self.top_p, self.max_tokens, self.seed]
        return content_key("practice", self.model, self.messages, sampling)


def ask(body: Any) -> Ask:
    """Return the request of a JSON body. Raises `RequestError`."""
    return Ask(**vars(read_chat(body, SERVED)), as_json=JSON_NAME in str(body.get("response_format")))


def count_tokens(text: str) -> int:
    """Count tokens: a token is up to six word characters, or one other mark; white space is free."""
    return len(_PIECE.findall(text))


def cut(text: str, limit: int) -> tuple[str, int, bool]:
    """Return (the first `limit` tokens of the text, how many there are, whether any were cut off)."""
    tokens = count_tokens(text)
    if tokens <= limit:
        return text, tokens, False
    end = next(islice(_PIECE.finditer(text), limit - 1, None)).end() if limit else 0
    return text[:end], limit, True
