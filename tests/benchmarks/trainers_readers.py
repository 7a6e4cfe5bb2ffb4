"""Run by `trainers.py` in an environment with axolotl and LLaMA-Factory: each form in their own readers."""

import importlib.machinery
import json
import os
import sys
import types
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

RELEASE, TOKENIZER, DRAFT = sys.argv[1:]


def main() -> None:
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    encoded = [*axolotl(tokenizer)]
    say("axolotl", "axolotl", encoded, tokenizer)
    for name in ("chat", "sharegpt", "alpaca"):
        say(name, "llamafactory", [*llama_factory(name, tokenizer)], tokenizer)


def say(form: str, trainer: str, encoded: list[tuple[list[int], list[int]]], tokenizer: Any) -> None:
    learnt = [[label for label in labels if label != -100] for _, labels in encoded]
    drafts = sum(DRAFT in tokenizer.decode(labels) for labels in learnt)
    share = sum(map(len, learnt)) / sum(len(ids) for ids, _ in encoded)
    print(
        json.dumps(
            [form, trainer, version(trainer), "read", len(encoded), f"{share:.1%}", f"{drafts} of {len(encoded)}"]
        )
    )


def axolotl(tokenizer: Any) -> Iterator[tuple[list[int], list[int]]]:
    """By the strategy of `type: chat_template`, with `message_field_training_detail: train_detail`."""
    from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy

    prompter = ChatTemplatePrompter(
        tokenizer,
        chat_template=tokenizer.chat_template,
        message_property_mappings={"role": "role", "content": "content"},
        message_field_training_detail="train_detail",
    )
    strategy = ChatTemplateStrategy(
        prompter, tokenizer, train_on_inputs=False, sequence_len=512, roles_to_train=["assistant"]
    )
    for line in (Path(RELEASE) / "axolotl.jsonl").read_text("ascii").splitlines():
        made = strategy.tokenize_prompt(json.loads(line))
        yield made["input_ids"], made["labels"]


def llama_factory(name: str, tokenizer: Any) -> Iterator[tuple[list[int], list[int]]]:
    """By its converter and its processor for supervised fine-tuning, through `dataset_info.json`."""
    absent = types.ModuleType("torchaudio")  # texts need none, and no build of it fits a torch without CUDA
    absent.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
    sys.modules.setdefault("torchaudio", absent)
    os.environ["DISABLE_VERSION_CHECK"] = "1"  # it wants transformers up to 5.6; its readers work with 5.23
    from datasets import load_dataset
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import get_dataset_list
    from llamafactory.data.processor.supervised import SupervisedDatasetProcessor
    from llamafactory.data.template import get_template_and_fix_tokenizer
    from llamafactory.hparams import DataArguments

    given = DataArguments(template="qwen", cutoff_len=512, dataset_dir=RELEASE, dataset=name)
    [attributes] = get_dataset_list([name], RELEASE)
    rows = load_dataset("json", data_files=str(Path(RELEASE) / attributes.dataset_name), split="train")
    convert = get_dataset_converter(attributes.formatting, attributes, given)
    converted = [convert(row) for row in rows]
    template = get_template_and_fix_tokenizer(tokenizer, given)
    processor = SupervisedDatasetProcessor(template=template, tokenizer=tokenizer, processor=None, data_args=given)
    columns = {key: [row[key] for row in converted] for key in converted[0]}
    made = processor.preprocess_dataset(columns)
    yield from zip(made["input_ids"], made["labels"], strict=True)


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
