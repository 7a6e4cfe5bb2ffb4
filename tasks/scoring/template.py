"""How instruction, input and response become the prompts that a student sees."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.errors import Refused
from schemas.record import content_key

TODAY = datetime(2024, 7, 26)
"""What every chat template takes for today, so that a score does not depend on the day: as Llama 3.1's does where
nobody tells it the date."""
SHIPPED = Path(__file__).parent / "templates"
PLACEHOLDERS = {
    "prompt_with_input": ("instruction", "input"),
    "prompt_without_input": ("instruction",),
    "reverse_prompt": ("response",),
}
"""The keys of a template file and what each has to show; `reverse_prompt` may be left out."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True)
class Template:
    name: str
    prompt_with_input: str
    prompt_without_input: str
    reverse_prompt: str | None
    """None: the template knows no reversed direction, and r-IFD is NULL."""
    is_chat: bool = False
    """Whether the prompts are a user's messages, for the tokenizer's chat template to wrap."""
    adds: str | None = None
    """What that template says before them of its own, such as a default system prompt."""

    def prompt(self, instruction: str, input: str) -> str:
        """Return what stands before the response."""
        if not input:
            return fill(self.prompt_without_input, {"instruction": instruction})
        return fill(self.prompt_with_input, {"instruction": instruction, "input": input})

    def reversed_prompt(self, response: str) -> str | None:
        """Return what stands before the instruction when it is asked for from its response."""
        return None if self.reverse_prompt is None else fill(self.reverse_prompt, {"response": response})

    @property
    def texts(self) -> tuple[str, str, str | None]:
        return self.prompt_with_input, self.prompt_without_input, self.reverse_prompt

    def has_any(self, special_tokens: Iterable[str]) -> bool:
        """Return whether some of the tokens are spelled out in it. In a prompt of one without, `</s>` is text."""
        return any(token in text for token in special_tokens for text in self.texts if text)

    def hash(self, chat_template: str | None = None) -> str:
        """Return a key over the texts and not the name; `chat_template` is the tokenizer's own, for `chat`, and what it
        prints of the day is in it.
        """
        dated = [TODAY.date().isoformat()] if "strftime_now" in (chat_template or "") else []
        return content_key("template", *self.texts, chat_template, *dated)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return `template` with its placeholders replaced in one pass: braces inside a value mean nothing."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def load_template(name: str) -> Template:
    """Load `plain`, `chat`, or the template of a TOML file. `Refused` when it cannot be used."""
    if name in ("plain", "chat"):
        return parse_template(name, (SHIPPED / f"{name}.toml").read_text("utf-8"), is_chat=name == "chat")
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Refused(
            f"student.template: got {name!r}, which cannot be read ({type(error).__name__}); "
            f"give plain, chat or a TOML file with {_keys()}"
        ) from error
    return parse_template(Path(name).name, text)


def parse_template(name: str, toml: str, is_chat: bool = False) -> Template:
    """Return the template of a TOML text. `Refused` names the key that is wrong, what it holds and what it needs."""
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"template {name}: no TOML ({error}); needs {_keys()}") from error
    if unknown := sorted(set(table) - set(PLACEHOLDERS)):
        raise Refused(f"template {name}: unknown key {unknown[0]!r}; allowed are {_keys()}")
    for key, needed in PLACEHOLDERS.items():
        if key in table or key != "reverse_prompt":
            _check(f"template {name}: {key}", table.get(key), needed)
    return Template(
        name, table["prompt_with_input"], table["prompt_without_input"], table.get("reverse_prompt"), is_chat
    )


def _check(where: str, text: object, needed: tuple[str, ...]) -> None:
    shown = " and ".join(f"{{{placeholder}}}" for placeholder in needed)
    if not isinstance(text, str):
        raise Refused(f"{where}: got {text!r}; needs a text that shows {shown}")
    found = set(_PLACEHOLDER.findall(text))
    if unknown := sorted(found - set(needed)):
        raise Refused(f"{where}: unknown placeholder {{{unknown[0]}}}; it may show {shown}")
    if missing := [placeholder for placeholder in needed if placeholder not in found]:
        raise Refused(f"{where}: does not show {{{missing[0]}}}; it needs {shown}")


def _keys() -> str:
    return "prompt_with_input, prompt_without_input and optionally reverse_prompt"
