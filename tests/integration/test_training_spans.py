"""Which tokens have a label, with tokenizers that merge across every edge of the training spans."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from schemas.release_rows import Judged
from schemas.verdict import Effect
from tasks.parsing.grammar import ReflectionText, write
from tasks.publishing.collator import IGNORED, MARK, label_tokens, learnt_characters, place
from tasks.publishing.spans import masked_spans, training_spans
from tests.judged_trace import SYSTEM, judged

END = "<|end|>"


def corrected(seed: int) -> Judged:
    """A trace with a wrong draft that a reflection puts right, with as little as possible between the parts."""
    rng = random.Random(seed)
    a, b = rng.randint(10, 99), rng.randint(10, 99)
    gap = rng.choice(["", "", " ", "\n", "  \n\n ", "\u00a0"])
    wrong = f"{gap}{a}+{b}: {rng.choice(['é', '日本', '😀', ''])} The answer is {a + b + rng.randint(1, 9)}.{gap}"
    check = ReflectionText(f"{gap}Wait, {a}+{b} is not that.{gap}")
    right = f"{gap}The answer is {a + b}.{gap}"
    inside: list[str | ReflectionText] = [wrong, check, right]
    effects: tuple[Effect, ...] = (Effect.CORRECTED,)
    if seed % 3 == 0:
        inside, effects = [wrong, ReflectionText("It holds."), wrong, check, right], (Effect.MISSED, Effect.CORRECTED)
    return judged(write(inside, f"{gap}{a + b}{gap}"), effects, Effect.CORRECTED)


TRACES = [corrected(seed) for seed in range(200)]


def rendered(trace: Judged, said: str, trim: Callable[[str], str] = str) -> str:
    turns = {"system": SYSTEM, "user": trace.question, "assistant": said}
    return "".join(f"<|start|>{role}\n{trim(content)}{END}\n" for role, content in turns.items())


def bpe() -> Tokenizer:
    made = Tokenizer(models.BPE())  # no pre-tokenizer: merges cross spaces, tags and lines
    made.decoder = decoders.Fuse()
    return trained(made, trainers.BpeTrainer(vocab_size=500, special_tokens=[END], show_progress=False))


def byte_bpe() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.post_processor = processors.ByteLevel(trim_offsets=True)  # offsets that hide a token's white space
    return trained(
        made,
        trainers.BpeTrainer(
            vocab_size=600,
            special_tokens=[END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )


def unigram() -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    options = {"special_tokens": [END, "<unk>"], "unk_token": "<unk>", "show_progress": False}
    return trained(made, trainers.UnigramTrainer(vocab_size=500, **options))


def wordpiece() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=1000))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    options = {"special_tokens": [END, "[UNK]"], "show_progress": False}
    return trained(made, trainers.WordPieceTrainer(vocab_size=500, **options))


def trained(tokenizer: Tokenizer, trainer: Any) -> Tokenizer:
    tokenizer.train_from_iterator([rendered(trace, trace.text) for trace in TRACES[:60]], trainer)
    return tokenizer


def overlapping(ids: Sequence[int], offsets: Sequence[tuple[int, int]], state: Any, *_: Any) -> list[int]:
    """The control: a token counts as learnt when any of it is."""
    return [i if (state[start:end] > 0).any() else IGNORED for i, (start, end) in zip(ids, offsets, strict=True)]


def by_first_tag(ids: Sequence[int], offsets: Sequence[tuple[int, int]], state: Any, *_: Any) -> list[int]:
    """The mistake that was published: from the first tag on, which stands in the system prompt."""
    return [
        i if start >= len("<|start|>system\nThink in ") else IGNORED for i, (start, _) in zip(ids, offsets, strict=True)
    ]


def defects(tokenizer: Tokenizer, label: Callable[..., list[int]], trim: Callable[[str], str]) -> tuple[int, int, int]:
    """Over 200 traces: masked characters whose token has a label, later characters whose token has none although it
    covers nothing masked, and tokens across an edge. By the tokenizer's own map from characters to tokens."""
    leaked = lost = across = 0
    for trace in TRACES:
        text, masked = trace.text, masked_spans(trace)
        whole = rendered(trace, text, trim)
        spot = place(text, whole, rendered(trace, MARK, trim))
        assert spot
        spans = [(span.start, span.end) for span in training_spans(text, masked)]
        encoding = tokenizer.encode(whole)
        state, end = learnt_characters(whole, [(spot, spans)]), int(spot.outside[-1]) + 1
        labels = label(encoding.ids, encoding.offsets, state, [end], {tokenizer.token_to_id(END)})
        place_of = dict(zip(spot.inside.tolist(), spot.outside.tolist(), strict=True))
        covered = {
            token
            for span in masked
            for at in range(span.start, span.end)
            if at in place_of and (token := encoding.char_to_token(place_of[at])) is not None
        }
        leaked += sum(labels[token] != IGNORED for token in covered)
        after = {encoding.char_to_token(place_of[at]) for at in range(masked[-1].end, len(text)) if at in place_of}
        across += len(after & covered)
        lost += sum(labels[token] != encoding.ids[token] for token in after - covered if token is not None)
        closing = encoding.char_to_token(whole.index(END, end))
        lost += labels[closing] == IGNORED
    return leaked, lost, across


@pytest.mark.parametrize("make", [bpe, byte_bpe, unigram, wordpiece])
def test_no_token_of_the_masked_draft_has_a_label_and_every_token_after_it_has(make: Callable[[], Tokenizer]) -> None:
    tokenizer = make()
    leaked, lost, across = defects(tokenizer, label_tokens, str)
    assert (leaked, lost) == (0, 0)
    assert across > 20, "the test means something only where tokens cross the edge"
    assert defects(tokenizer, label_tokens, str.strip)[:2] == (0, 0), "under a template that trims"
    assert defects(tokenizer, overlapping, str)[0] > 20, "a label by overlap leaks, and is seen to"
    assert defects(tokenizer, by_first_tag, str)[0] > 200, "the published mistake is seen, too"


def test_prompts_have_no_label() -> None:
    trace, tokenizer = TRACES[1], bpe()
    whole = rendered(trace, trace.text)
    spot = place(trace.text, whole, rendered(trace, MARK))
    assert spot
    state = learnt_characters(whole, [(spot, [(0, len(trace.text))])])
    encoding = tokenizer.encode(whole)
    labels = label_tokens(encoding.ids, encoding.offsets, state, [int(spot.outside[-1]) + 1], set())
    before = whole.index(trace.text)
    assert all(label == IGNORED for label, (_, end) in zip(labels, encoding.offsets, strict=True) if end <= before)
    assert (np.array(labels) != IGNORED).any()
