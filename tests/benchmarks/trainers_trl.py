"""Run by `trainers.py` in an environment with TRL: each form in TRL's own trainers, and in its chat templates."""

import json
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import trl
from datasets import Dataset, load_dataset
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

RELEASE, TOKENIZER, DRAFT = sys.argv[1:]
SFT = ("chat", "prompt_completion", "reasoning", "think", "best_of_n")
OURS = ("chat, collator.py",)
STEPS = 2
EMPTY = "<think>\n\n</think>"


def main() -> None:
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    for form in (*SFT, *OURS):
        say(form, "TRL SFT", *sft(form, tokenizer))
    say("dpo", "TRL DPO", *dpo(tokenizer))
    try:
        say("kto", "TRL KTO", *kto(tokenizer))
    except ImportError as error:
        say("kto", "TRL KTO", 0, 0, f"not there: {error}", "")
    for row in templates(tokenizer):
        print(json.dumps(row))


def say(form: str, trainer: str, steps: int, rows: int, learnt: Any, drafts: Any) -> None:
    share = f"{learnt:.1%}" if isinstance(learnt, float) else learnt
    print(json.dumps([form, trainer, version("trl"), steps, rows, share, drafts]))


def rows_of(form: str) -> Dataset:
    with tempfile.TemporaryDirectory() as cache:
        files = str(Path(RELEASE) / f"{form}.parquet")
        return load_dataset("parquet", data_files=files, split="train", cache_dir=cache, keep_in_memory=True)


def model(tokenizer: Any) -> LlamaForCausalLM:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=1024, **sizes))


def arguments(kind: Any, folder: str, **more: Any) -> Any:
    common = {"max_steps": STEPS, "per_device_train_batch_size": 4, "use_cpu": True, "report_to": "none"}
    return kind(output_dir=folder, save_strategy="no", logging_strategy="no", bf16=False, **common, **more)


def sft(form: str, tokenizer: Any) -> tuple[int, int, float, str]:
    ours = form in OURS
    rows = rows_of("chat" if ours else form)
    with tempfile.TemporaryDirectory() as folder:
        more: dict[str, Any] = {}
        if ours:
            more = {"dataset_kwargs": {"skip_prepare_dataset": True}, "remove_unused_columns": False}
        args = arguments(SFTConfig, folder, max_length=512, **more)
        given: dict[str, Any] = {}
        if ours:
            sys.path.insert(0, RELEASE)
            from collator import SpanCollator

            given = {"data_collator": SpanCollator(tokenizer, args)}
        trainer = SFTTrainer(model(tokenizer), args, train_dataset=rows, processing_class=tokenizer, **given)
        batches = list(trainer.get_train_dataloader())
        trainer.train()
        return trainer.state.global_step, len(rows), *counted(batches, tokenizer)


def counted(batches: list[Any], tokenizer: Any) -> tuple[float, str]:
    """The share of tokens that have a label, and in how many rows the wrong draft has."""
    total = learnt = drafts = rows = 0
    for batch in batches:
        for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
            there = ids != tokenizer.pad_token_id
            total += int(there.sum())
            learnt += int((labels != -100).sum())
            drafts += DRAFT in tokenizer.decode(labels[labels != -100])
            rows += 1
    return learnt / total, f"{drafts} of {rows}"


def preferences(tokenizer: Any, form: str, config: Any, trained_by: Any, what: str) -> tuple[int, int, str, str]:
    rows = rows_of(form)
    with tempfile.TemporaryDirectory() as folder:
        args = arguments(config, folder, max_length=512)
        trainer = trained_by(
            model(tokenizer), model(tokenizer), args=args, train_dataset=rows, processing_class=tokenizer
        )
        trainer.train()
        return trainer.state.global_step, len(rows), what, ""


def dpo(tokenizer: Any) -> tuple[int, int, str, str]:
    return preferences(tokenizer, "dpo", DPOConfig, DPOTrainer, "pairs")


def kto(tokenizer: Any) -> tuple[int, int, str, str]:
    try:
        from trl import KTOConfig, KTOTrainer
    except ImportError:
        from trl.experimental.kto import KTOConfig, KTOTrainer

    return preferences(tokenizer, "kto", KTOConfig, KTOTrainer, "labels")


def templates(tokenizer: Any) -> Iterator[list[Any]]:
    """In how many of TRL's own templates with reasoning an empty `<think></think>` stands in the answer."""
    named = sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))
    reasoning = [file.stem for file in named if "<think>" in file.read_text("utf-8")]
    for form in ("chat", "reasoning", "think"):
        row = rows_of(form)[0]
        said = row["messages"] if form == "chat" else [*row["prompt"], *row["completion"]]
        shown = [(stem, rendered(tokenizer, file.read_text("utf-8"), said)) for file in named for stem in [file.stem]]
        asked = [text for stem, text in shown if stem in reasoning and text is not None]
        empty = sum(EMPTY in "\n".join(line.strip() for line in text.splitlines()) for text in asked)
        yield [form, "TRL's chat templates with <think>", version("trl"), "", len(asked), f"{empty} have it empty", ""]


def rendered(tokenizer: Any, template: str, messages: list[dict[str, Any]]) -> str | None:
    """None where the template refuses the conversation."""
    try:
        return str(tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False))
    except Exception:  # noqa: BLE001  a template is a program of somebody else's
        return None


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
