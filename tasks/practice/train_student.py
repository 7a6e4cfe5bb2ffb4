"""Trains the student that is shipped: `python -m tasks.practice.train_student FOLDER`; minutes on one core.

Its text is what the factory makes: practice traces after their questions, and questions after their traces. Without
the reversed pairs r-IFD would mean nothing, and since both templates begin with the text that they show, the two
orders also teach what each text is worth alone.
"""

import math
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from schemas.configuration import Questions, Source, Student
from schemas.score import Score
from tasks import student
from tasks.practice.behaviour import reply
from tasks.questions.gym import draw
from tasks.score import score_text
from tasks.template import load_template

SEED = 20_240_219
PAIRS = 3300
HELD_OUT = 150
VOCABULARY = 1024
WINDOW = 1024
BATCH = 2
"""Rows of a window each."""
LEARNING_RATE = 4e-3
WARM_UP = 40
START, END = "<|start|>", "<|end|>"

Pair = tuple[str, str]
"""A question and the text of a trace."""


def main(folder: Path) -> None:
    """Writes the student into `folder` and prints its loss curve and what it says of questions it has not seen."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    began = time.monotonic()
    texts = list(documents(pairs(PAIRS, SEED)))
    random.Random(SEED).shuffle(texts)
    tokenizer = make_tokenizer(texts)
    rows_NT = pack(tokenizer(f"{START}{text}{END}")["input_ids"] for text in texts)
    model = make_model(tokenizer)
    print(f"{len(texts)} texts, {rows_NT.numel()} tokens, {model.num_parameters()} parameters")
    train(model, rows_NT)
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"trained in {time.monotonic() - began:.0f} s")
    report(student.Student(Student(model=str(folder), device="cpu")), pairs(HELD_OUT, SEED + 1))


def pairs(number: int, seed: int) -> list[Pair]:
    """So many questions, the families in turn, each with one trace of the practice teacher."""
    questions = draw(Questions(source=Source.REASONING_GYM, limit=number), seed)
    return [(question.text, _trace(question.text, seed)) for question in questions]


def _trace(question: str, seed: int) -> str:
    asked = {"model": "practice", "messages": [{"role": "user", "content": question}]}
    return reply({**asked, "temperature": 0.7, "max_tokens": 600, "seed": seed}).text


def documents(pairs: Sequence[Pair]) -> Iterator[str]:
    """Each pair in both orders, as the plain template puts them."""
    template = load_template("plain")
    for question, trace in pairs:
        yield template.prompt(question, "") + trace
        yield f"{template.reversed_prompt(trace)}{question}"


def make_tokenizer(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE: any text has tokens. Digits stand alone."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=START, eos_token=END)


def make_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=352,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=WINDOW,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def pack(documents: Iterable[Sequence[int]]) -> torch.Tensor:
    """Rows of one window. Each begins with a document, as in scoring, and ends where its last one is cut."""
    rows: list[list[int]] = []
    row: list[int] = []
    for document in documents:
        row += document
        if len(row) >= WINDOW:
            rows.append(row[:WINDOW])
            row = []
    return torch.tensor(rows)


def train(model: LlamaForCausalLM, rows_NT: torch.Tensor) -> None:
    """One pass over the rows."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.1)
    steps = len(rows_NT) // BATCH
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, steps))
    losses = []
    for step, ids_BT in enumerate(rows_NT[: steps * BATCH].split(BATCH)):
        loss = model(input_ids=ids_BT, labels=ids_BT).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if (step + 1) % 25 == 0 or step + 1 == steps:
            print(f"step {step + 1:4} of {steps}  loss {fmean(losses[-25:]):.3f}", flush=True)


def _share(step: int, steps: int) -> float:
    """Of the learning rate: a warm-up, then half a cosine down to a tenth."""
    return min((step + 1) / WARM_UP, 0.55 + 0.45 * math.cos(math.pi * step / steps))


def report(scorer: student.Student, pairs: Sequence[Pair]) -> None:
    """Prints mean ratios of traces with their own question and with the next one of the same family."""
    others = [question for question, _ in pairs[3:] + pairs[:3]]
    matched = [score_text(scorer, "", question, "", trace) for question, trace in pairs]
    mismatched = [score_text(scorer, "", other, "", trace) for other, (_, trace) in zip(others, pairs, strict=True)]
    for name in ("ifd", "rifd"):
        own, other = _values(matched, name), _values(mismatched, name)
        print(f"{name}: matched {fmean(own):.3f}, mismatched {fmean(other):.3f}, AUC {area(own, other):.3f}")
    for name in ("response_conditioned", "response_direct", "instruction_conditioned", "instruction_direct"):
        print(f"loss_{name}: {fmean(_values(matched, f'loss_{name}')):.3f}")


def _values(scores: Sequence[Score], name: str) -> list[float]:
    return [value for score in scores if (value := getattr(score, name)) is not None]


def area(low: Sequence[float], high: Sequence[float]) -> float:
    """The probability that one of `low` is below one of `high`: .5 says nothing, 1 separates them."""
    return fmean((a < b) + (a == b) / 2 for a in low for b in high)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
