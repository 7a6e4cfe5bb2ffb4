"""What scoring makes of a GPU: `python tests/benchmarks/student_gpu.py [PAIRS]`, with a bfloat16 Llama of 1.2B weights.

Tokens per second, and the share of what the card does in plain matrix products, measured in the same run. Attention
itself is not counted as work.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tasks.scoring.forward import Forward
from tasks.scoring.head import Head
from tasks.scoring.reading import Pass, ReadingRequest, merged

VOCABULARY, BATCH_TOKENS, TURNS = 128_000, 32_768, 5
SHAPES = {
    "cuda": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32},
    "cpu": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4},
}
"""The CPU's only shows that this program runs."""


def model_on(device: str) -> Any:
    torch.manual_seed(0)
    with torch.device(device):
        config = LlamaConfig(vocab_size=VOCABULARY, max_position_embeddings=4096, **SHAPES[device])
        return LlamaForCausalLM(config).to(torch.bfloat16 if device == "cuda" else torch.float32).eval()


def readings_of(count: int) -> list[ReadingRequest]:
    """IFD and r-IFD of pairs as long as a recycled Alpaca's: 38 tokens of instruction and 377 of response."""
    draw = random.Random(0)

    def text(mu: float, sigma: float) -> tuple[int, ...]:
        return tuple(draw.randrange(20, VOCABULARY) for _ in range(1 + min(3000, int(draw.lognormvariate(mu, sigma)))))

    readings: list[ReadingRequest] = []
    for _ in range(count):
        x, y = text(3.5, 0.5), text(5.75, 0.6)
        passes = [Pass((0, *x, 7, 8), y), Pass((0,), y), Pass((0, *y, 9, 10), x), Pass((0,), x)]
        readings += merged(passes, any_token=True)[0]
    return readings


def seconds(work: Callable[[], object], device: str) -> float:
    taken = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def matrix_rate(device: str) -> float:
    """Operations per second of a product of two matrices of random numbers, in the type of the weights."""
    size, dtype = (8192, torch.bfloat16) if device == "cuda" else (1024, torch.float32)
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    return 2 * size**3 * 10 / seconds(lambda: [a @ b for _ in range(10)], device)


def main(count: int) -> None:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, readings = model_on(device), readings_of(count)
    forward = Forward(model, Head(model.lm_head), BATCH_TOKENS)
    taken = seconds(lambda: forward.log_probs(readings), device)
    read, asked = sum(len(each.tokens) - 1 for each in readings), sum(len(each.asked) for each in readings)
    body = sum(weight.numel() for weight in model.model.layers.parameters())
    operations = 2 * body * read + 2 * model.lm_head.weight.numel() * asked
    rate = matrix_rate(device)
    print(
        f"{device}: {read / taken:.0f} tokens/s, {asked / taken:.0f} of them asked about; {count / taken:.1f} pairs/s"
    )
    print(f"{operations / taken / 1e12:.2f} of {rate / 1e12:.1f} TFLOP/s: {operations / taken / rate:.0%}")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 512)
