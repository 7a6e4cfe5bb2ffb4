"""Trains the student that is shipped: `python -m tests.benchmarks.practice_student.train FOLDER`; minutes on one core.

Its text is what the factory makes: practice traces after their questions, and questions after their traces.
Without the reversed pairs r-IFD would mean nothing, and since both templates begin with the text that they show,
the two orders also teach what each text is worth alone. Writes the model card too, with the figures it measured.
"""

import hashlib
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import LlamaForCausalLM

from schemas.student import StudentSettings
from tasks.scoring.student import Student
from tests.benchmarks.practice_student.card import card
from tests.benchmarks.practice_student.figures import contrast, judge
from tests.benchmarks.practice_student.model import END, START, WINDOW, make_model, make_tokenizer
from tests.benchmarks.practice_student.text import GYM, PYTHON, documents, pairs

SEED = 20_240_219
EACH, EACH_PYTHON = 580, 110
"""Pairs of a family. The texts of Python tasks are three times as long as others."""
SWAPPED, GRADED = 80, 250
"""Unseen traces of a family for the two tables of the card: with another question, and by how hard theirs is."""
BATCH = 1000
"""Tokens of a step, padding included."""
SORTED = 400
"""Documents that are sorted by length at a time, so that a batch needs little padding."""
MATRICES_RATE, RATE = 1e-2, 4e-3
WARM_UP = 50
SHOWN = 20
"""Points of the loss curve."""


def main(folder: Path) -> None:
    """Writes the student and its card into `folder`."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    texts = list(documents([*pairs(EACH, SEED, GYM), *pairs(EACH_PYTHON, SEED, PYTHON)]))
    rng.shuffle(texts)
    tokenizer = make_tokenizer(texts)
    encoded = [tokenizer(f"{START}{text}{END}")["input_ids"][:WINDOW] for text in texts]
    model = make_model(tokenizer)
    began = time.process_time()
    curve = list(train(model, batches(encoded, rng)))
    minutes = (time.process_time() - began) / 60
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    student = Student(StudentSettings(model=str(folder), device="cpu"))
    judged = judge(student, pairs(SWAPPED, SEED + 1, held_out=True))
    contrasts = contrast(student, pairs(GRADED, SEED + 2, held_out=True))
    size = {"documents": len(texts), "tokens": sum(map(len, encoded)), "parameters": model.num_parameters()}
    (folder / "README.md").write_text(card(size, hash_of(folder), minutes, curve, judged, contrasts), "utf-8")


def hash_of(folder: Path) -> str:
    """The first 16 hex characters over the weights: the card names what it speaks of."""
    return hashlib.blake2b((folder / "model.safetensors").read_bytes()).hexdigest()[:16]


def batches(documents: Sequence[Sequence[int]], rng: random.Random) -> list[list[Sequence[int]]]:
    """Every document once, with others of about its length, at most `BATCH` tokens when padded; shuffled."""
    found: list[list[Sequence[int]]] = []
    for start in range(0, len(documents), SORTED):
        batch: list[Sequence[int]] = []
        for document in sorted(documents[start : start + SORTED], key=len):
            if batch and (len(batch) + 1) * len(document) > BATCH:
                found.append(batch)
                batch = []
            batch.append(document)
        found.append(batch)
    rng.shuffle(found)
    return found


def train(model: LlamaForCausalLM, batches: Sequence[Sequence[Sequence[int]]]) -> Iterator[tuple[int, float]]:
    """One step per batch, the rate warmed up and then falling to nothing. Yields steps and the mean loss since."""
    optimisers = _optimisers(model)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(each, lambda step: min((step + 1) / WARM_UP, 1 - step / len(batches)))
        for each in optimisers
    ]
    losses = []
    for step, batch in enumerate(batches, start=1):
        documents = [torch.tensor(document) for document in batch]
        ids_BT = pad_sequence(documents, batch_first=True)
        labels_BT = pad_sequence(documents, batch_first=True, padding_value=-100)
        loss = model(input_ids=ids_BT, labels=labels_BT, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            schedule.step()
        model.zero_grad()
        losses.append(loss.item())
        if step % max(1, len(batches) // SHOWN) == 0:
            print(f"step {step:5} of {len(batches)}  loss {fmean(losses):.3f}", flush=True)
            yield step, fmean(losses)
            losses = []


def _optimisers(model: LlamaForCausalLM) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, which learn in two thirds of the steps by it; AdamW for all else."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=MATRICES_RATE, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=RATE, betas=(0.9, 0.95), weight_decay=0.1, fused=True),
    ]


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(Path(sys.argv[1]))
