"""Fine-tuning by TRL: the same code for a student of 110,000 parameters on a CPU and for a large one."""

import resource
import shutil
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig, prepare_model_for_kbit_training
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils.logging import disable_progress_bar
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

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
    """Mean of the last twentieth of the steps."""
    train_s: float
    """Of this process: what it went on from is left out."""
    tokens_per_s: float
    peak_mib: float
    """Of the GPU, or of the process on a CPU."""


def learn(
    model: Any, tokenizer: Any, rows: TokenRows, settings: Training, steps: int, seed: int, folder: Path
) -> tuple[Any, Learnt]:
    """Return the model when it has learnt, and how that went. `folder` holds checkpoints, from the last of which it
    goes on.

    Raises `Refused` where there is nothing to learn from.
    """
    if not rows:
        raise Refused("training: no row has a learnt token; needs rows that training.max_length does not cut away")
    on_gpu, model = _prepared(model, settings)
    trainer = SFTTrainer(
        model,
        SFTConfig(**_schedule(settings, steps, seed, folder, on_gpu), dataset_kwargs={"skip_prepare_dataset": True}),
        train_dataset=Dataset.from_list([dict(row) for row in rows]),
        processing_class=tokenizer,
        data_collator=partial(_batch, pad=tokenizer.pad_token_id),
        peft_config=_lora(settings),
    )
    mean = sum(len(row["input_ids"]) for row in rows) / len(rows)
    return _trained(trainer, settings, steps, mean, folder)


def prefer(
    model: Any,
    tokenizer: Any,
    pairs: Sequence[Mapping[str, Any]],
    settings: Training,
    steps: int,
    seed: int,
    folder: Path,
) -> tuple[Any, Learnt, int]:
    """Train by DPO on pairs of `prompt`, `chosen` and `rejected`; return also how many of them were learnt.

    Held to the model as it is given: TRL would take the one that its configuration names, from the disk. Raises
    `Refused` where `training.max_length` leaves no answer of any pair.
    """
    on_gpu, model = _prepared(model, settings)
    schedule = _schedule(settings, steps, seed, folder, on_gpu) | {"learning_rate": settings.dpo_learning_rate}
    lora = _lora(settings)
    trainer = DPOTrainer(
        model,
        None if lora else deepcopy(model).eval(),
        DPOConfig(**schedule, beta=settings.dpo_beta),
        train_dataset=Dataset.from_list([dict(pair) for pair in pairs]),
        processing_class=tokenizer,
        peft_config=lora,
    )
    said = trainer.train_dataset
    if not len(said):
        raise Refused("training: no pair has an answer within training.max_length; raise it")
    read = sum(2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"]) for row in said)
    return *_trained(trainer, settings, steps, read / len(said), folder), len(said)


def _prepared(model: Any, settings: Training) -> tuple[bool, Any]:
    """Whether it is on a GPU, and the model as peft wants one of 4 bits."""
    disable_progress_bar()
    disable_progress_bars()
    if settings.method is Method.QLORA:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.gradient_checkpointing)
    return next(model.parameters()).is_cuda, model


def _trained(trainer: Any, settings: Training, steps: int, mean: float, folder: Path) -> tuple[Any, Learnt]:
    """Train from the last checkpoint on. `mean`: tokens of a row."""
    trainer.remove_callback(PrinterCallback)
    began, went_on = monotonic(), get_last_checkpoint(str(folder)) if folder.is_dir() else None
    trainer.train(resume_from_checkpoint=went_on)
    seconds = monotonic() - began
    first = int(went_on.rpartition("-")[2]) if went_on else 0
    tokens = round(mean * settings.batch * steps)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    model = trainer.model
    learnt = Learnt(
        steps=trainer.state.global_step,
        tokens=tokens,
        loss=losses[-1] if losses else None,
        train_s=seconds,
        tokens_per_s=tokens * (steps - first) / steps / seconds if seconds else 0.0,
        peak_mib=_peak_mib(next(model.parameters()).is_cuda),
    )
    shutil.rmtree(folder, ignore_errors=True)
    return (model if settings.method is Method.FULL else model.merge_and_unload()).eval(), learnt


def _schedule(settings: Training, steps: int, seed: int, folder: Path, on_gpu: bool) -> dict[str, Any]:
    """What TRL's trainers have in common."""
    micro = settings.micro_batch or settings.batch
    return {
        "output_dir": str(folder),
        "max_steps": steps,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": settings.batch // micro,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": round(settings.warm_up * steps),
        "weight_decay": settings.weight_decay,
        "max_length": settings.max_length,
        "activation_checkpointing": settings.gradient_checkpointing,
        "bf16": on_gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not on_gpu,
        "seed": seed,
        "data_seed": seed,
        "save_strategy": "steps",
        "save_steps": settings.checkpoint_every,
        "save_total_limit": 1,
        "logging_steps": max(1, steps // 20),
        "remove_unused_columns": False,
        "dataloader_pin_memory": on_gpu,
        "disable_tqdm": True,
        "report_to": "none",
    }


def _lora(settings: Training) -> LoraConfig | None:
    if settings.method is Method.FULL:
        return None
    return LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def _batch(rows: TokenRows, pad: int) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(values) for name, values in padded(rows, pad).items()}


def _peak_mib(on_gpu: bool) -> float:
    if on_gpu:
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
