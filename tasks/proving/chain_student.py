"""A student of about 110,000 parameters with a closed vocabulary of words, for chains (`tasks.practice.chains`)."""

from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from schemas.proving import Training
from tasks.practice import chains
from tasks.practice.problem import Pen
from tasks.proving.induction import copying_llama
from tasks.proving.trainer import learn
from tasks.publishing.collator import IGNORED
from tasks.scoring.template import Template, load_template
from warehouse.durable import put_in_place

WIDTH, HEADS, LAYERS, MIDDLE = 64, 4, 2, 192
WINDOW = 128
START, END, PAD, UNKNOWN = "<|start|>", "<|end|>", "<|pad|>", "<|unknown|>"
KNOWN_STEPS = 2
"""Longest chain that the base is trained on."""

CHAT = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ ' ' + message['content'] +"
    " ' ' + eos_token }}{% else %}{{ ' ' + message['content'] + ' ### Answer' }}{% endif %}{% endfor %}"
)
"""The template `plain`, as a chat template."""


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Make a tokenizer of words between white space; all that the family and the template `plain` have."""
    template = load_template("plain")
    texts = [template.prompt("", ""), template.reversed_prompt("") or "", "; . from take steps the answer is"]
    words = [PAD, START, END, UNKNOWN, *chains.KEYS, *map(str, range(1, chains.SIZE)), *" ".join(texts).split()]
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=START, eos_token=END, pad_token=PAD, unk_token=UNKNOWN
    )
    made.chat_template = CHAT
    return made


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> LlamaForCausalLM:
    """Make a model of random weights, but for attention that can copy."""
    torch.manual_seed(seed)
    return copying_llama(tokenizer, WIDTH, HEADS, LAYERS, MIDDLE, WINDOW)


def base_rows(tokenizer: Any, n: int, seed: int) -> list[dict[str, list[int]]]:
    """Return what the base reads: chains of one or two steps with their working. A quarter is in reverse, so that r-IFD
    means something; of most others the working alone is learnt, because there is nothing to know of the question's
    keys.
    """
    rng, template = Random(seed), load_template("plain")
    return [_row(tokenizer, template, rng, is_reversed=place % 4 == 3, whole=place % 8 > 5) for place in range(n)]


def _row(tokenizer: Any, template: Template, rng: Random, is_reversed: bool, whole: bool) -> dict[str, list[int]]:
    text = chains.question(rng, rng.randint(1, KNOWN_STEPS))
    problem = chains.read_chain(text)
    assert problem is not None
    trace = chains.worked(problem, Pen())
    asked, said = (template.reversed_prompt(trace) or "", text) if is_reversed else (template.prompt(text, ""), trace)
    before = tokenizer(f"{START} {asked}", add_special_tokens=False)["input_ids"]
    after = tokenizer(f"{said} {END}", add_special_tokens=False)["input_ids"]
    learnt = before if whole or is_reversed else [IGNORED] * len(before)
    return {"input_ids": before + after, "labels": learnt + after}


def make_base(folder: Path, settings: Training, n_rows: int, seed: int) -> None:
    """Train the base with this seed and save it; one that is there already stays."""
    if (folder / "config.json").is_file():
        return
    torch.set_num_threads(1)
    tokenizer = make_tokenizer()
    model, _ = learn(
        make_model(tokenizer, seed),
        tokenizer,
        base_rows(tokenizer, n_rows, seed),
        settings,
        settings.steps_of(n_rows),
        seed,
        folder.with_name(f".{folder.name}.checkpoints"),
    )
    draft = folder.with_name(f".{folder.name}")
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    put_in_place(draft, folder)
