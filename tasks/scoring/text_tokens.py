"""Texts as a student sees them: its tokenizer, and the token that starts every sequence."""

from itertools import takewhile
from typing import Any

import jinja2
from transformers import AutoTokenizer

from schemas.errors import Refused
from tasks.scoring.student_files import StudentFiles
from tasks.scoring.template import TODAY, Template

_DIRECTIVES = (*"aAbBdeFHIjmMpSTyY", "-d", "-m")
"""Of `strftime`: what names a day or a time."""
_FIRST, _LATER = "[the first message]", "[a later one]"


class TextTokens:
    def __init__(self, tokenizer: Any, template: Template, model: str) -> None:
        """`Refused` for a tokenizer of `model` without a token to start with."""
        self.tokenizer, self._template = tokenizer, template
        self._chat_template = dated(tokenizer) if template.is_chat else None
        self._has_special = template.has_any(tokenizer.all_special_tokens)
        self.start = _start_token(tokenizer, model)

    def prompt(self, prompt: str) -> list[int]:
        """Return the start token, once, and the prompt's; for `chat` those of a user's message that says it.

        What looks like a special token is one where the template has some: else `</s>` in an instruction is text.
        """
        tokens = self._chat(prompt) if self._template.is_chat else self._tokens(prompt, not self._has_special)
        return tokens if tokens[:1] == [self.start] else [self.start, *tokens]

    def target(self, target: str) -> list[int]:
        """Return tokens of the text alone. A special token spelled out in it counts as the characters it is."""
        return self._tokens(target, split_special_tokens=True)

    def _tokens(self, text: str, split_special_tokens: bool) -> list[int]:
        text.encode()  # a lone surrogate is a ValueError here; the tokenizer would raise a TypeError
        return list(
            self.tokenizer(text, add_special_tokens=False, split_special_tokens=split_special_tokens, verbose=False)[
                "input_ids"
            ]
        )

    def _chat(self, message: str) -> list[int]:
        message.encode()
        try:
            return list(
                self.tokenizer.apply_chat_template(
                    [{"role": "user", "content": message}],
                    add_generation_prompt=True,
                    sanitize_control_tokens=True,  # `<|im_start|>` inside a question is text
                    chat_template=self._chat_template,
                    return_dict=False,
                )
            )
        except jinja2.TemplateError as error:
            raise ValueError(f"the tokenizer's chat template refuses this message: {error}") from error


def dated(tokenizer: Any) -> str:
    """Return the tokenizer's chat template; every day is the same one to it.

    Functions are not handed on to templates, so it gets a macro by the name of the one that tells the time.
    """
    template: str = tokenizer.get_chat_template()
    if "strftime_now" not in template:
        return template
    replacements = "".join(f".replace('%{code}', '{TODAY.strftime(f'%{code}')}')" for code in _DIRECTIVES)
    return f"{{% macro strftime_now(form) %}}{{{{ form{replacements} }}}}{{% endmacro %}}{{{{ '' }}}}{template}"


def text_before_user(tokenizer: Any) -> str | None:
    """Return what the tokenizer's chat template says before a user's first message of its own, without its marks; None
    where it says nothing there.

    Found as what stands before that message and not before a later one.
    """
    turns = (("user", _FIRST), ("assistant", "[an answer]"), ("user", _LATER))
    said = [{"role": role, "content": content} for role, content in turns]
    try:
        whole: str = tokenizer.apply_chat_template(said, tokenize=False, chat_template=dated(tokenizer))
        for mark in tokenizer.all_special_tokens:
            whole = whole.replace(mark, "")
        before, between = whole.split(_LATER)[0].split(_FIRST)
    except (jinja2.TemplateError, ValueError):
        return None
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(before), reversed(between), strict=False))
    return before[: len(before) - len(list(alike))].strip().removeprefix("system").strip() or None


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
