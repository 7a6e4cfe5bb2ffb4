from dataclasses import replace

import pytest

from schemas.errors import Refused
from tasks.scoring.template import fill, load_template, parse_template

GOOD = """
prompt_with_input = "{instruction} [{input}] "
prompt_without_input = "{instruction} "
reverse_prompt = "Why {response}? "
"""


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{instruction}:", {"instruction": "a"}, "a:"),
        (
            "{instruction}{input}",
            {"instruction": "{input}", "input": "{instruction}"},
            "{input}{instruction}",
        ),
        ("{response}", {"response": "{0} {} {response} }{"}, "{0} {} {response} }{"),
        ("{response}", {"response": r"\1 \g<0>"}, r"\1 \g<0>"),
        ('{"json": {instruction}}', {"instruction": "a"}, '{"json": a}'),
    ],
    ids=[
        "plain",
        "data that names placeholders",
        "data with braces",
        "data with group marks",
        "literal braces",
    ],
)
def test_fill_replaces_once_and_reads_no_data(template, values, text):
    assert fill(template, values) == text


def test_replacing_one_placeholder_after_the_other_would_read_data():
    one_by_one = "{instruction}{input}".replace("{instruction}", "{input}").replace("{input}", "x")
    assert one_by_one == "xx" != fill("{instruction}{input}", {"instruction": "{input}", "input": "x"})


def test_input_decides_between_the_two_prompts():
    template = parse_template("t", GOOD)
    assert template.prompt("Add", "1 2") == "Add [1 2] "
    assert template.prompt("Add", "") == "Add "
    assert template.reversed_prompt("3") == "Why 3? "


def test_without_a_reverse_prompt_there_is_no_reversed_direction():
    template = parse_template("t", GOOD.rsplit("reverse_prompt", 1)[0])
    assert template.reversed_prompt("3") is None


@pytest.mark.parametrize("name", ["plain", "chat"])
def test_shipped_templates_show_everything(name):
    template = load_template(name)
    assert template.is_chat == (name == "chat")
    assert {"INS", "INP"} <= set(template.prompt("INS", "INP").split())
    assert "RES" in template.reversed_prompt("RES").split()


def test_plain_begins_with_the_text_that_it_shows():
    template = load_template("plain")
    assert template.prompt("INS", "").startswith("INS")
    assert template.reversed_prompt("RES").startswith("RES")


def test_the_hash_is_over_the_texts():
    template = parse_template("t", GOOD)
    assert template.hash() == replace(template, name="other").hash()
    others = [
        replace(template, reverse_prompt=None).hash(),
        replace(template, prompt_with_input="{instruction}{input}").hash(),
        template.hash(chat_template="{{ messages }}"),
    ]
    assert len({template.hash(), *others}) == 4


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("prompt_with_input =", "no TOML"),
        (GOOD + 'system = "x"', "'system'"),
        (GOOD.replace("prompt_without_input", "#"), "prompt_without_input: got None"),
        (GOOD.replace('"{instruction} "', "3"), "prompt_without_input: got 3"),
        (GOOD.replace("[{input}]", ""), "prompt_with_input: does not show {input}"),
        (GOOD.replace("{response}", ""), "reverse_prompt: does not show {response}"),
        (GOOD.replace("Why", "{reply}"), "reverse_prompt: unknown placeholder {reply}"),
        (GOOD.replace('"{instruction} "', '"{instruction}{input}"'), "unknown placeholder {input}"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_by_name(toml, named):
    with pytest.raises(Refused) as refused:
        parse_template("mine.toml", toml)
    assert named in str(refused.value)
    assert "mine.toml" in str(refused.value)


def test_a_file_is_known_by_its_name_and_a_missing_one_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD)
    assert load_template(str(tmp_path / "mine.toml")) == parse_template("mine.toml", GOOD)
    with pytest.raises(Refused, match=r"other\.toml.*plain, chat or a TOML file"):
        load_template(str(tmp_path / "other.toml"))
