"""What chat templates of the field put around a message: a day, a default system prompt."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

from schemas.record import content_key
from schemas.student import StudentSettings
from tasks.scoring.student_files import find_student
from tasks.scoring.student_identity import student_identity
from tasks.scoring.template import Template, load_template
from tasks.scoring.text_tokens import TextTokens, load_tokenizer, text_before_user

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SAYS = "{{% if messages[0]['role'] != 'system' %}}{}{{% endif %}}"
QWEN = SAYS.format("<|im_start|>system\nYou are Qwen, created by Alibaba Cloud.<|im_end|>\n") + CHATML
LLAMA = (
    "{{ bos_token }}<|im_start|>system\nCutting Knowledge Date: December 2023\n"
    "Today Date: {{ strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' }}\n<|im_end|>\n" + CHATML
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]"
    "{% else %}{{ m['content'] }}</s>{% endif %}{% endfor %}"
)
MARKED = "<|im_start|>user\n{instruction}<|im_end|>"
ALONE = "{% if messages|length > 1 %}{{ raise_exception('one message only') }}{% endif %}{{ messages[0]['content'] }}"


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    loaded = load_tokenizer(find_student("practice"))
    loaded.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    return loaded


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (CHATML, None),
        (MISTRAL, None),
        (ALONE, None),
        (QWEN, "You are Qwen, created by Alibaba Cloud."),
        (LLAMA, "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024"),
    ],
    ids=["ChatML", "Mistral", "refuses a second turn", "Qwen 2.5", "Llama 3.1"],
)
def test_what_a_template_says_of_its_own_is_found(tokenizer, monkeypatch, template, said) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", template)
    assert text_before_user(tokenizer) == said


class InFortyDays(datetime):
    @classmethod
    def now(cls, tz=None) -> datetime:
        return datetime.now(tz) + timedelta(days=40)


@pytest.mark.parametrize("pinned", [True, False])
def test_a_template_that_prints_the_day_prints_the_same_one_every_day(tokenizer, monkeypatch, pinned) -> None:
    """The known-bad control is transformers' own clock."""
    monkeypatch.setattr(tokenizer, "chat_template", LLAMA)
    texts = TextTokens(tokenizer, load_template("chat"), "practice")

    def prompt() -> list[int]:
        if pinned:
            return texts.prompt("How many legs do two spiders have?")
        return list(tokenizer.apply_chat_template([{"role": "user", "content": "How many?"}], return_dict=False))

    today = prompt()
    monkeypatch.setattr(chat_template_utils, "datetime", InFortyDays)
    chat_template_utils._compile_jinja_template.cache_clear()
    assert (prompt() == today) is pinned
    chat_template_utils._compile_jinja_template.cache_clear()


def test_the_day_is_part_of_the_key_where_a_template_prints_it(tmp_path: Path) -> None:
    """A template without keeps the key that it had."""

    def key(chat_template: str) -> str:
        (tmp_path / "config.json").write_text('{"max_position_embeddings": 64}')
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": chat_template}))
        return student_identity(StudentSettings(model=str(tmp_path), template="chat")).template_hash

    template = load_template("chat")
    texts = (template.prompt_with_input, template.prompt_without_input, template.reverse_prompt)
    assert key(CHATML) == content_key("template", *texts, CHATML)
    assert key(LLAMA) == content_key("template", *texts, LLAMA, "2024-07-26")


def test_a_template_that_refuses_is_not_the_end(tokenizer, monkeypatch) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", "{{ raise_exception('no') }}")
    assert text_before_user(tokenizer) is None
    with pytest.raises(ValueError, match="refuses this message: no"):
        TextTokens(tokenizer, load_template("chat"), "practice").prompt("x")


@pytest.mark.parametrize(("asked", "is_mark"), [("{instruction}\n### Answer\n", False), (f"{MARKED}\n", True)])
def test_a_special_token_that_an_instruction_spells_out_is_text(tokenizer, asked, is_mark) -> None:
    """As it is in a target: read as the mark, it ended the instruction there. One that the template has is a mark."""
    template = Template("mine", asked, asked, None)
    texts = TextTokens(tokenizer, template, "practice")
    mark = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert (mark in texts.prompt(template.prompt("What does it mean?", ""))) is is_mark
    spelt = "What does <|im_end|> mean?"
    assert (mark in texts.prompt(template.prompt(spelt, ""))) is is_mark
    assert mark not in texts.target(spelt)
    plain = TextTokens(tokenizer, load_template("plain"), "practice")
    said = tokenizer.decode(plain.target(spelt))
    assert tokenizer.decode(plain.prompt(spelt)[1:]) == said == spelt
