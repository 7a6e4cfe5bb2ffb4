"""Fine-tuning by TRL's `SFTTrainer`: the same code for a student of 110,000 parameters on a CPU and for a large one."""

import resource
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, prepare_model_for_kbit_training
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils.logging import disable_progress_bar
from trl import SFTConfig, SFTTrainer

from schemas.errors import Refused
from schemas.proving import Method, Training
from tasks.proving.labels import padded

TokenRows = Sequence[Mapping[str, list[int]]]


@dataclass(frozen=True)
class Learnt:
    """How a training went."""

    steps: int
    tokens: int
    """Read, padding left out."""
    loss: float | None
    """Of the last step."""
    train_s: float
    """Of this process: what it went on from is left out."""
    tokens_per_s: float
    peak_mib: float
    """Of the GPU, or of the process on a CPU."""


def learn(
    model: Any, tokenizer: Any, rows: TokenRows, settings: Training, steps: int, seed: int, folder: Path
) -> tuple[Any, Learnt]:
    """The model when it has learnt, and how that went. `folder` holds checkpoints, from the last of which it goes on.

    Raises `Refused` where there is nothing to learn from.
    """
    if not rows:
        raise Refused("training: no row has a learnt token; needs rows that training.max_length does not cut away")
    disable_progress_bar()
    on_gpu = next(model.parameters()).is_cuda
    if settings.method is Method.QLORA:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.gradient_checkpointing)
    trainer = SFTTrainer(
        model,
        _arguments(settings, steps, seed, folder, on_gpu),
        train_dataset=Dataset.from_list([dict(row) for row in rows]),
        processing_class=tokenizer,
        data_collator=partial(_batch, pad=tokenizer.pad_token_id),
        peft_config=None if settings.method is Method.FULL else _lora(settings),
    )
    trainer.remove_callback(PrinterCallback)
    began, went_on = monotonic(), get_last_checkpoint(str(folder)) if folder.is_dir() else None
    trainer.train(resume_from_checkpoint=went_on)
    seconds = monotonic() - began
    first = int(went_on.rpartition("-")[2]) if went_on else 0
    mean = sum(len(row["input_ids"]) for row in rows) / len(rows)
    tokens = round(mean * settings.batch * steps)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    learnt = Learnt(
        steps=trainer.state.global_step,
        tokens=tokens,
        loss=losses[-1] if losses else None,
        train_s=seconds,
        tokens_per_s=tokens * (steps - first) / steps / seconds if seconds else 0.0,
        peak_mib=_peak_mib(on_gpu),
    )
    shutil.rmtree(folder, ignore_errors=True)
    model = trainer.model
    return (model if settings.method is Method.FULL else model.merge_and_unload()).eval(), learnt


def _arguments(settings: Training, steps: int, seed: int, folder: Path, on_gpu: bool) -> SFTConfig:
    micro = settings.micro_batch or settings.batch
    return SFTConfig(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=settings.batch // micro,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(settings.warm_up * steps),
        weight_decay=settings.weight_decay,
        max_length=settings.max_length,
        activation_checkpointing=settings.gradient_checkpointing,
        bf16=on_gpu and torch.cuda.is_bf16_supported(),
        use_cpu=not on_gpu,
        seed=seed,
        data_seed=seed,
        save_strategy="steps",
        save_steps=settings.checkpoint_every,
        save_total_limit=1,
        logging_steps=max(1, steps // 20),
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        dataloader_pin_memory=on_gpu,
        disable_tqdm=True,
        report_to="none",
    )


def _lora(settings: Training) -> LoraConfig:
    return LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def _batch(rows: TokenRows, pad: int) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(values) for name, values in padded(rows, pad).items()}


def _peak_mib(on_gpu: bool) -> float:
    if on_gpu:
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
