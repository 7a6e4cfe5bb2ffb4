"""A release against tokenizers as users have them: chat templates, the collator, the six tags, the card, the hub."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from datasets import load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from flows.release import ReleaseOrder, make_release
from schemas.curation import Curation
from schemas.errors import Refused
from schemas.release_format import ReleaseFormat
from schemas.release_rows import Judged
from schemas.verdict import Effect
from tasks.proving.chain_student import CHAT, make_tokenizer
from tasks.publishing.collator import SpanCollator, labelled
from tasks.publishing.content import PARQUET
from tasks.publishing.tokenizer import TAGS, end_tokens
from tests.judged_trace import judged, rows_of
from tests.released_world import CORRECTED, build, question
from warehouse.landing import Warehouse

CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
TRIMMING = CHATML.replace("m.content", "m.content | trim")
STRIPPING = CHATML.replace("m.content", "m.content.split('</thinking>')[-1]")
OF_WRONG_ONES = CHATML.replace("m.content", "m.content.replace('It is 5.', '')")
"""Loses something of the rejected traces only."""
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" + CHATML
WITHOUT_THOUGHTS = CHATML.replace("m.content", "m.content.split('</think>')[-1]")
"""As DeepSeek's for R1: ours stay."""
WITH_REASONING = CHATML.replace("{{ m.content", "{{ m.reasoning_content }}{{ m.content")
SILENT = CHATML.replace("messages %}", "messages if m.role != 'system' %}")
REWRITING = """{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' %}<think>
{{ m.content.split('</think>')[0].split('<think>')[-1].strip() if '</think>' in m.content }}
</think>

{{ m.content.split('</think>')[-1].lstrip() }}{% else %}{{ m.content }}{% endif %}<|im_end|>
{% endfor %}"""
"""Takes `<think>` apart and writes it anew, as some published templates do."""


def chat_row(trace: Judged, system: str) -> dict[str, Any]:
    [row] = rows_of(ReleaseFormat.CHAT, [trace], system)
    return row


def tokenizer_in(folder: Path, template: str | None) -> Path:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.ByteLevel(trim_offsets=True)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|im_start|>", "<|im_end|>", "<pad>"]
    made.train_from_iterator(
        [CORRECTED] * 9,
        trainers.BpeTrainer(vocab_size=330, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", pad_token="<pad>")
    wrapped.chat_template = template
    wrapped.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, Curation]:
    warehouse = Warehouse(tmp_path_factory.mktemp("world") / "warehouse")
    warehouse.create()
    return warehouse, build(warehouse, [question(n) for n in range(3)])


def release(
    world: tuple[Warehouse, Curation], root: Path, without: Collection[str] = (ReleaseFormat.REASONING,), **order: Any
) -> Path:
    formats = tuple(form for form in ReleaseFormat if form not in without)
    made = ReleaseOrder(f"{root.parent.name}-{root.name}", root, formats, **order)  # the table remembers every name
    make_release(*world, made, "run")
    return made.folder


@pytest.mark.slow
def test_the_card_s_example_trains(world: tuple[Warehouse, Curation], tmp_path: Path) -> None:
    """As it stands, but for what a reader puts in; and the preferences as they are."""
    folder, model = release(world, tmp_path / "out"), tokenizer_in(tmp_path / "model", CHATML)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    LlamaForCausalLM(LlamaConfig(vocab_size=400, max_position_embeddings=4096, **sizes)).save_pretrained(model)
    [block] = re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    cpu = "remove_unused_columns=False"
    put_in = {"path/of/this/folder": folder, "HuggingFaceTB/SmolLM2-135M-Instruct": model, cpu: f"{cpu}, use_cpu=True"}
    for place, given in put_in.items():
        assert place in block
        block = block.replace(place, str(given))
    preferred = """
from trl import DPOConfig, DPOTrainer
pairs, args = load_dataset(RELEASE, "dpo", split="train"), DPOConfig("preferred", use_cpu=True)
DPOTrainer(MODEL, args=args, train_dataset=pairs, processing_class=tokenizer).train()
"""
    done = subprocess.run(
        [sys.executable, "-c", block + preferred], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert done.stdout.count("'train_loss'") == 2


@pytest.mark.parametrize("template", [CHATML, TRIMMING, REWRITING])
def test_templates_that_keep_the_reasoning(world: tuple[Warehouse, Curation], tmp_path: Path, template: str) -> None:
    folder = release(world, tmp_path / "out", template=tokenizer_in(tmp_path / "the-student", template))
    assert "chat template of `the-student`, whole" in (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (STRIPPING, "the assistant's message is not whole"),
        (OF_WRONG_ONES, "the assistant's message is not whole"),
        (SILENT, "the system's message is not whole"),
        (NO_SYSTEM, "the template fails: TemplateError: no system here"),
        (None, "has no chat template"),
    ],
)
def test_a_template_that_loses_something_makes_no_release(
    world: tuple[Warehouse, Curation], tmp_path: Path, template: str | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        release(world, tmp_path / "out", template=tokenizer_in(tmp_path / "the-student", template))
    assert "the-student" in str(refused.value)
    assert template is None or "first in trace t" in str(refused.value)
    assert not any((tmp_path / "out").rglob("*.jsonl"))


@pytest.mark.parametrize(
    ("template", "form", "is_whole"),
    [
        (CHATML, ReleaseFormat.REASONING, False),
        (WITH_REASONING, ReleaseFormat.REASONING, True),
        (CHATML, ReleaseFormat.THINK, True),
        (REWRITING, ReleaseFormat.THINK, True),
        (WITHOUT_THOUGHTS, ReleaseFormat.THINK, False),
        (WITHOUT_THOUGHTS, ReleaseFormat.PROMPT_COMPLETION, True),
    ],
)
def test_a_template_is_asked_for_what_each_form_has(
    world: tuple[Warehouse, Curation], tmp_path: Path, template: str, form: ReleaseFormat, is_whole: bool
) -> None:
    """The bug: `chat` alone was looked at, and all thoughts of the forms for reasoning models could be lost."""
    others = {*ReleaseFormat} - {form}
    with nullcontext() if is_whole else pytest.raises(Refused, match=rf"not whole.*first in trace t.*\({form}, sums\)"):
        release(world, tmp_path / "out", others, template=tokenizer_in(tmp_path / "t", template))


def test_a_template_without_system_messages_takes_rows_without_one(
    world: tuple[Warehouse, Curation], tmp_path: Path
) -> None:
    assert release(world, tmp_path / "out", system="none", template=tokenizer_in(tmp_path / "t", NO_SYSTEM))


def test_the_six_tags_are_one_token_each_and_stay_in_what_is_decoded(
    world: tuple[Warehouse, Curation], tmp_path: Path
) -> None:
    plain = tokenizer_in(tmp_path / "t", CHATML)
    folders = [release(world, tmp_path / name, special_tokens=plain) for name in ("a", "b")]
    tagged = AutoTokenizer.from_pretrained(folders[0] / "tokenizer")
    text = CORRECTED.format(gold=3)
    ids = tagged(text)["input_ids"]
    assert [token for token in tagged.convert_ids_to_tokens(ids) if token in TAGS] == re.findall(r"</?\w+>", text)
    assert {len(tagged(tag)["input_ids"]) for tag in TAGS} == {1}
    assert tagged.decode(ids, skip_special_tokens=True) == text, (
        "a server that skips special tokens keeps the structure"
    )
    assert len(AutoTokenizer.from_pretrained(plain)(text)["input_ids"]) > len(ids)
    files = [{f.name: f.read_bytes() for f in (folder / "tokenizer").iterdir()} for folder in folders]
    assert files[0] == files[1]


def test_the_hub_s_loader_reads_every_configuration(world: tuple[Warehouse, Curation], tmp_path: Path) -> None:
    folder = release(world, tmp_path / "out", without=())
    cache = str(tmp_path / "cache")
    counts = {name: load_dataset(str(folder), name, split="train", cache_dir=cache).num_rows for name in PARQUET}
    assert counts == dict.fromkeys(PARQUET, 6) | {"dpo": 3, "kto": 9, "best_of_n": 3}
    assert load_dataset(str(folder), cache_dir=cache)["train"].num_rows == 6


@pytest.mark.parametrize("template", [CHATML, TRIMMING])
@pytest.mark.parametrize("tensors", ["pt", "np"])
def test_a_batch_has_labels_by_the_spans(tmp_path: Path, template: str, tensors: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_in(tmp_path / "t", template))
    rows = [
        chat_row(judged(CORRECTED.format(gold=3), (Effect.CORRECTED,), Effect.CORRECTED), "teacher"),
        chat_row(judged("<thinking>2</thinking><output>2</output>\n"), "none"),
    ]
    batch = SpanCollator(tokenizer, None, return_tensors=tensors)(rows)
    learnt = [
        tokenizer.decode([int(label) for label in labels if label != -100], skip_special_tokens=False)
        for labels in batch["labels"]
    ]
    assert learnt[0].startswith("<thinking> <reflection>No: count again.")
    assert learnt[0].endswith("<output>3</output><|im_end|>")
    assert learnt[1].replace("\n", "") == "<thinking>2</thinking><output>2</output><|im_end|>"
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
    padded = batch["attention_mask"] == 0
    assert (batch["labels"][padded] == -100).all()


def test_thinking_that_a_template_writes_anew_keeps_its_labels(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_in(tmp_path / "t", REWRITING))
    text = "<think>It is 4. <reflection>No.</reflection> It is 3.</think>3"
    row = chat_row(judged(text, (Effect.CORRECTED,), Effect.CORRECTED), "none")
    labels = labelled(row, tokenizer, None)["labels"]
    learnt = tokenizer.decode([label for label in labels if label != -100])
    assert "".join(learnt.split()) == "<think><reflection>No.</reflection>Itis3.</think>3<|im_end|>"


def test_a_cut_row_keeps_ids_and_labels_in_step(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_in(tmp_path / "t", CHATML))
    row = chat_row(judged("<thinking>2</thinking><output>2</output>"), "none")
    whole, cut = labelled(row, tokenizer, None), labelled(row, tokenizer, max_length=30)
    assert {name: values[:30] for name, values in whole.items()} == cut


def test_labels_are_refused_where_the_template_loses_text(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_in(tmp_path / "t", STRIPPING))
    row = chat_row(judged("<thinking>2</thinking><output>2</output>"), "none")
    with pytest.raises(ValueError, match="leaves out"):
        labelled(row, tokenizer, None)
    tokenizer.pad_token = None
    with pytest.raises(ValueError, match="padding"):
        SpanCollator(tokenizer, None)


ALONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from types import SimpleNamespace
from datasets import load_dataset
from transformers import AutoTokenizer
from collator import SpanCollator
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
rows = load_dataset(sys.argv[1], "chat", split="train", cache_dir=sys.argv[2] + "/cache")
for limit in json.loads(sys.argv[3]):
    collate = SpanCollator(tokenizer, limit and SimpleNamespace(max_length=limit), return_tensors="np")
    try:
        batch = collate([*rows])
        print(json.dumps({name: batch[name].tolist() for name in batch}))
    except ValueError as error:
        print(json.dumps(str(error)))
ours = ("tasks", "schemas", "warehouse", "flows", "reflectory")
print(json.dumps([name for name in sys.modules if name.partition(".")[0] in ours]))
"""


def test_the_collator_of_a_release_stands_alone_and_obeys_the_trainer(
    world: tuple[Warehouse, Curation], tmp_path: Path
) -> None:
    folder = release(world, tmp_path / "out")
    imported = [node for node in ast.walk(ast.parse((folder / "collator.py").read_text())) if "Import" in str(node)]
    names = {getattr(node, "module", None) or node.names[0].name for node in imported}  # type: ignore[attr-defined]
    assert names == {"collections.abc", "typing", "numpy", "numpy.typing", "transformers"}
    tokenizer_in(tmp_path / "t", CHATML)
    command = [sys.executable, "-I", "-c", ALONE, str(folder), str(tmp_path / "t"), "[null, 120, 10]"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=240)
    assert done.returncode == 0, done.stderr
    whole, cut, nothing, ours = [json.loads(line) for line in done.stdout.splitlines()]
    assert ours == []
    rows = [json.loads(line) for line in (folder / "chat.jsonl").read_text().splitlines()]
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "t")
    for row, ids, labels in zip(rows, whole["input_ids"], whole["labels"], strict=True):
        assert labels[: len(labelled(row, tokenizer, None)["labels"])] == labelled(row, tokenizer, None)["labels"]
        learnt = tokenizer.decode([label for label in labels if label != -100], skip_special_tokens=False)
        assert learnt.startswith("<thinking> <reflection>No" if row["effect"] == "corrected" else "<thinking>\u2028")
        assert all(label in (-100, token) for label, token in zip(labels, ids, strict=True))
    assert max(map(len, whole["input_ids"])) > 120
    assert {len(ids) for ids in cut["input_ids"]} == {120}
    assert "no token of this batch is learnt" in nothing
    assert "max_length 10" in nothing


@pytest.mark.parametrize("limit", [0, -1, "512", object()])
def test_a_limit_that_is_none_is_refused(tmp_path: Path, limit: object) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_in(tmp_path / "t", CHATML))
    with pytest.raises(ValueError, match="needs the trainer's configuration, a number or None"):
        SpanCollator(tokenizer, limit)


@pytest.mark.parametrize(
    ("template", "stated", "ends"),
    [
        (CHAT, None, {"<|end|>"}),
        (CHAT.replace("eos_token", "unk_token"), None, {"<|end|>", "<|unknown|>"}),
        (CHAT, [0], {"<|end|>", "<|pad|>"}),
        (None, 0, {"<|end|>", "<|pad|>"}),
        ("{% for m in messages %}{{ m['content'] }} {% endfor %}", None, {"<|end|>"}),
        ("{{ raise_exception('no') }}", None, {"<|end|>"}),
    ],
)
def test_an_answer_ends_with_what_is_learnt_behind_a_message(
    template: str | None, stated: list[int] | int | None, ends: set[str]
) -> None:
    """A base model's settings do not have the marker of its chat template: it was taught, and writing went on."""
    tokenizer = make_tokenizer()
    tokenizer.chat_template = template
    model = SimpleNamespace(generation_config=SimpleNamespace(eos_token_id=stated))
    assert set(tokenizer.convert_ids_to_tokens(end_tokens(model, tokenizer))) == ends
