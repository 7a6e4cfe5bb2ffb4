"""Trains the student that is shipped: `python -m tasks.practice.train_student FOLDER`; minutes on one core.

Its text is what the factory makes: practice traces after their questions, and questions after their traces.
Without the reversed pairs r-IFD would mean nothing, and since both templates begin with the text that they show,
the two orders also teach what each text is worth alone. A student tells a question's own trace from another's only
once it has learnt to copy from the prompt. That comes late and all at once, here after some 2,500 steps.
"""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn.utils.rnn import pad_sequence
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from schemas import configuration
from schemas.score import Score
from tasks.practice.behaviour import reply
from tasks.questions.gym import draw
from tasks.score import score_text
from tasks.student import Student
from tasks.template import load_template

SEED = 20_240_219
PAIRS = 10_000
HELD_OUT = 150
VOCABULARY = 1024
WINDOW = 1024
BATCH = 1000
"""Tokens of a step, padding included."""
SORTED = 400
"""Documents that are sorted by length at a time, so that a batch needs little padding."""
LEARNING_RATE = 4e-3
WARM_UP = 50
START, END = "<|start|>", "<|end|>"

Pair = tuple[str, str]
"""A question and the text of a trace."""


def main(folder: Path) -> None:
    """Writes the student into `folder`; prints its loss curve and how it judges questions it has not seen."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    began = time.process_time()
    texts = list(documents(pairs(PAIRS, SEED)))
    rng.shuffle(texts)
    tokenizer = make_tokenizer(texts)
    encoded = [tokenizer(f"{START}{text}{END}")["input_ids"][:WINDOW] for text in texts]
    model = make_model(tokenizer)
    print(f"{len(texts)} documents, {sum(map(len, encoded))} tokens, {model.num_parameters()} parameters")
    train(model, batches(encoded, rng))
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"trained in {(time.process_time() - began) / 60:.1f} CPU-minutes")
    report(Student(configuration.Student(model=str(folder), device="cpu")), pairs(HELD_OUT, SEED + 1))


def pairs(number: int, seed: int) -> list[Pair]:
    """So many questions, the families in turn, each with one trace of the practice teacher."""
    questions = draw(configuration.Questions(source=configuration.Source.REASONING_GYM, limit=number), seed)
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
            num_hidden_layers=3,
            num_attention_heads=4,
            initializer_range=0.06,
            max_position_embeddings=WINDOW,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


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


def train(model: LlamaForCausalLM, batches: Sequence[Sequence[Sequence[int]]]) -> None:
    """One step per batch, the rate warmed up and then falling to nothing."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / WARM_UP, 1 - step / len(batches))
    )
    losses = []
    for step, batch in enumerate(batches, start=1):
        documents = [torch.tensor(document) for document in batch]
        ids_BT = pad_sequence(documents, batch_first=True)
        labels_BT = pad_sequence(documents, batch_first=True, padding_value=-100)
        loss = model(input_ids=ids_BT, labels=labels_BT, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if step % 200 == 0 or step == len(batches):
            print(f"step {step:4} of {len(batches)}  loss {fmean(losses[-200:]):.3f}", flush=True)


def report(student: Student, pairs: list[Pair]) -> None:
    """Prints mean ratios of traces with their own question and with the next one of the same family."""
    others = [question for question, _ in pairs[3:] + pairs[:3]]
    matched = [score_text(student, "", question, "", trace) for question, trace in pairs]
    mismatched = [score_text(student, "", other, "", trace) for other, (_, trace) in zip(others, pairs, strict=True)]
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
