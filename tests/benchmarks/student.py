"""What scoring costs, as ratios: `python tests/benchmarks/student.py [PAIRS|memory|threads]`. One thread, some minutes;
`threads` is what all cores together read, by wall clock.

A random-weight Llama of 35M parameters with a vocabulary of 32,000; lengths as Alpaca's: in the mean 21 tokens of
instruction and 66 of response, most of them shorter and some much longer. Processor time, the ways taking turns, so
that a busy machine slows all.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tasks.scoring.forward import Forward, Plain
from tasks.scoring.head import Head
from tasks.scoring.reading import Pass, ReadingRequest, merged

VOCABULARY, WINDOW, BATCH, TURNS = 32_000, 2_048, 8, 3
START = (0,)
BEFORE, AFTER = (7, 8, 9), (10, 11, 12, 13)
"""What a template puts behind the instruction and behind the response."""

Pair = tuple[tuple[int, ...], tuple[int, ...]]


def llama(vocabulary: int = VOCABULARY) -> Any:
    torch.manual_seed(0)
    shape = {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 6}
    return LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, max_position_embeddings=WINDOW, **shape)).eval()


def text(draw: random.Random, length: int) -> tuple[int, ...]:
    return tuple(draw.randrange(14, VOCABULARY) for _ in range(length))


def pairs_like_alpaca(count: int) -> list[Pair]:
    draw = random.Random(0)
    lengths = [(draw.lognormvariate(2.9, 0.5), draw.lognormvariate(3.78, 0.9)) for _ in range(count)]
    return [(text(draw, 1 + int(x)), text(draw, 1 + int(y))) for x, y in lengths]


def one_way(pair: Pair) -> list[Pass]:
    """IFD: the response after its prompt and alone."""
    x, y = pair
    return [Pass((*START, *x, *BEFORE), y), Pass(START, y)]


def both_ways(pair: Pair) -> list[Pass]:
    x, y = pair
    return [*one_way(pair), Pass((*START, *y, *AFTER), x), Pass(START, x)]


def readings_of(passes: list[list[Pass]]) -> list[ReadingRequest]:
    return [reading for subject in passes for reading in merged(subject, any_token=True)[0]]


@torch.inference_mode()
def floor(model: Any, readings: list[ReadingRequest]) -> None:
    """Bare forward passes over exactly the tokens of the readings, and the head where something is asked."""
    for reading in readings:
        states_Td = model.model(input_ids=torch.tensor([reading.tokens[:-1]]), use_cache=False).last_hidden_state[0]
        model.lm_head(states_Td[[position - 1 for position, _ in reading.asked]])


@torch.inference_mode()
def released(model: Any, passes: list[list[Pass]]) -> None:
    """As the papers' released code: every pass by itself, a batch of one, the loss of all logits."""
    for each in (each for subject in passes for each in subject):
        ids_1T = torch.tensor([each.context + each.target])
        labels_1T = ids_1T.clone()
        labels_1T[:, : len(each.context)] = -100
        model(input_ids=ids_1T, labels=labels_1T, use_cache=False)


@torch.inference_mode()
def padded(model: Any, passes: list[list[Pass]]) -> None:
    """Random batches of eight, padded to the longest, with all logits."""
    flat = [each for subject in passes for each in subject]
    random.Random(1).shuffle(flat)
    for first in range(0, len(flat), BATCH):
        rows = [each.context + each.target for each in flat[first : first + BATCH]]
        longest = max(map(len, rows))
        ids_BT = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask_BT = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        labels_BT = ids_BT.masked_fill(mask_BT == 0, -100)
        model(input_ids=ids_BT, attention_mask=mask_BT, labels=labels_BT, use_cache=False)


def turns(ways: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Processor seconds of each way, `TURNS` times, taking turns; the first turn is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS + 1):
        for name, work in ways.items():
            start = time.thread_time()
            work()
            if turn:
                seconds[name].append(time.thread_time() - start)
    return seconds


def ratio(seconds: dict[str, list[float]], slow: str, fast: str) -> float:
    """The median over the turns."""
    return statistics.median(a / b for a, b in zip(seconds[slow], seconds[fast], strict=True))


def speed(count: int) -> None:
    model = llama()
    ours = Forward(model, Head(model.lm_head))
    pairs = pairs_like_alpaca(count)
    ifd, both = [one_way(pair) for pair in pairs], [both_ways(pair) for pair in pairs]
    ifd_readings, both_readings = readings_of(ifd), readings_of(both)
    seconds = turns(
        {
            "ifd": lambda: ours.log_probs(ifd_readings),
            "floor of ifd": lambda: floor(model, ifd_readings),
            "padded": lambda: padded(model, ifd),
            "both": lambda: ours.log_probs(both_readings),
            "floor of both": lambda: floor(model, both_readings),
            "released": lambda: released(model, both),
        }
    )
    tokens = sum(len(reading.tokens) - 1 for reading in both_readings)
    print(f"{len(pairs)} pairs; both ratios: {tokens / statistics.median(seconds['both']):.0f} tokens/s on one thread")
    print(f"IFD over the floor: {ratio(seconds, 'ifd', 'floor of ifd'):.2f} (at most 1.15)")
    print(f"IFD and r-IFD over the floor: {ratio(seconds, 'both', 'floor of both'):.2f} (at most 1.15)")
    print(f"against padded batches of 8 with all logits: {ratio(seconds, 'padded', 'ifd'):.2f} (at least 2.5)")
    print(f"against four passes of the released code: {ratio(seconds, 'released', 'both'):.2f} (at least 1.3)")


def threads(count: int = 48) -> None:
    """Tokens of IFD per second that all cores read, over those that one thread does, taking turns."""
    model, cores = llama(), len(os.sched_getaffinity(0))
    ways = {n: Forward(model, Head(model.lm_head), threads=n) for n in (1, cores)}
    readings = readings_of([one_way(pair) for pair in pairs_like_alpaca(count)])
    seconds: dict[int, list[float]] = {n: [] for n in ways}
    for turn in range(TURNS + 1):
        for n, way in ways.items():
            start = time.monotonic()
            way.log_probs(readings)
            if turn:
                seconds[n].append(time.monotonic() - start)
    gain = min(seconds[1]) / min(seconds[cores])
    print(f"{cores} threads against one: {gain:.2f} (at least {0.9 * cores:.1f})")


def sharing() -> None:
    """Eight responses of Alpaca's mean length to a prompt of 600 tokens, as one call and as eight."""
    model, draw = llama(), random.Random(2)
    ours = Forward(model, Head(model.lm_head))
    x = text(draw, 596)
    readings = readings_of([one_way((x, text(draw, 66))) for _ in range(8)])
    subjects = [readings[first : first + 2] for first in range(0, 16, 2)]
    seconds = turns(
        {"shared": lambda: ours.log_probs(readings), "alone": lambda: [ours.log_probs(each) for each in subjects]}
    )
    print(f"8 responses to 600 tokens, against one by one: {ratio(seconds, 'alone', 'shared'):.2f} (at least 2)")


def peak(way: str, vocabulary: int, length: int) -> None:
    """MiB that one reading adds to what the loaded model has; in a process of its own."""
    model = llama(vocabulary)
    read = Forward(model, Head(model.lm_head)) if way == "ours" else Plain(model)
    read.log_probs(readings_of([one_way(((20,) * 8, (20,) * 4))]))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins again here
    before = high_water()
    read.log_probs(readings_of([one_way(((20,) * 8, (20,) * length))]))
    print(high_water() - before)


def high_water() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def memory() -> None:
    for vocabulary in (32_000, 128_000):
        for length in (500, 2_000):
            grown = [
                subprocess.run(
                    [sys.executable, __file__, "peak", way, str(vocabulary), str(length)],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                for way in ("ours", "plain")
            ]
            ours, plain = map(float, grown)
            print(f"{vocabulary} words, {length} tokens: {ours:.0f} MiB more; with all logits {plain:.0f}")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["peak"]:
        peak(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["memory"]:
        memory()
    elif sys.argv[1:2] == ["threads"]:
        threads()
    else:
        speed(int(sys.argv[1]) if len(sys.argv) > 1 else 48)
        sharing()
        memory()
