"""Texts as a student sees them: its tokenizer, and the token that starts every sequence."""

from typing import Any

import jinja2
from transformers import AutoTokenizer

from schemas.errors import Refused
from tasks.scoring.student_files import StudentFiles
from tasks.scoring.template import Template


class TextTokens:
    def __init__(self, tokenizer: Any, template: Template, model: str) -> None:
        """`Refused` for a tokenizer of `model` without a token to start with."""
        self.tokenizer = tokenizer
        self._template = template
        self.start = _start_token(tokenizer, model)

    def prompt(self, prompt: str) -> list[int]:
        """The start token, once, and the prompt's; for `chat` those of a user's message that says it."""
        tokens = self._chat(prompt) if self._template.is_chat else self._tokens(prompt)
        return tokens if tokens[:1] == [self.start] else [self.start, *tokens]

    def target(self, target: str) -> list[int]:
        """Tokens of the text alone. A special token spelled out in it counts as the characters it is."""
        return self._tokens(target, split_special_tokens=True)

    def _tokens(self, text: str, split_special_tokens: bool = False) -> list[int]:
        text.encode()  # a lone surrogate is a ValueError here; the tokenizer would raise a TypeError
        return list(
            self.tokenizer(text, add_special_tokens=False, split_special_tokens=split_special_tokens, verbose=False)[
                "input_ids"
            ]
        )

    def _chat(self, message: str) -> list[int]:
        message.encode()
        return chat_tokens(self.tokenizer, [{"role": "user", "content": message}])


def chat_tokens(tokenizer: Any, messages: list[dict[str, str]]) -> list[int]:
    """Return a conversation by the tokenizer's chat template, up to where the answer begins. Raises `ValueError`."""
    try:
        return list(
            tokenizer.apply_chat_template(
                messages,
                add_generation_prompt=True,
                sanitize_control_tokens=True,  # `<|im_start|>` inside a question is text
                return_dict=False,
            )
        )
    except jinja2.TemplateError as error:
        raise ValueError(f"the tokenizer's chat template refuses this message: {error}") from error


def load_tokenizer(files: StudentFiles) -> Any:
    try:
        return AutoTokenizer.from_pretrained(**files.where())
    except (OSError, ValueError) as error:
        raise Refused(f"student.model: {files.name} cannot be loaded ({error})") from error


def _start_token(tokenizer: object, model: str) -> int:
    """The token before every sequence: BOS, else EOS."""
    for name in ("bos_token_id", "eos_token_id"):
        token = getattr(tokenizer, name)
        if isinstance(token, int):
            return token
    raise Refused(
        f"student.model: the tokenizer of {model} has neither a BOS nor an EOS token; one has to start a text"
    )
