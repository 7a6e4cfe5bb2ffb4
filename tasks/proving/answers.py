"""What a student answers: greedily, or sampled by a seed. Prompts are cut on the left where the window is too small."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

Conversation = Sequence[dict[str, str]]


def answers(
    model: Any,
    tokenizer: Any,
    conversations: Sequence[Conversation],
    max_tokens: int,
    batch: int,
    sampling: dict[str, float] | None = None,
    seed: int = 0,
) -> list[tuple[str, int]]:
    """(text without special tokens, tokens) for each conversation, in order. `sampling`: temperature and top_p; None is
    greedy. Those of a batch are about as long as each other.
    """
    prompts = [
        tokenizer(
            tokenizer.apply_chat_template(list(asked), tokenize=False, add_generation_prompt=True),
            add_special_tokens=False,
        )["input_ids"]
        for asked in conversations
    ]
    order = sorted(range(len(prompts)), key=lambda at: (len(prompts[at]), at))
    found: dict[int, tuple[str, int]] = {}
    torch.manual_seed(seed)
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        made = _generate(model, tokenizer, [prompts[at] for at in places], max_tokens, sampling)
        found |= zip(places, made, strict=True)
    return [found[at] for at in range(len(prompts))]


@torch.inference_mode()
def _generate(
    model: Any, tokenizer: Any, prompts: Sequence[list[int]], max_tokens: int, sampling: dict[str, float] | None
) -> Iterator[tuple[str, int]]:
    pad, longest = tokenizer.pad_token_id, max(map(len, prompts))
    ids_BT = torch.tensor([[pad] * (longest - len(each)) + each for each in prompts], device=model.device)
    mask_BT = torch.tensor([[0] * (longest - len(each)) + [1] * len(each) for each in prompts], device=model.device)
    how: dict[str, Any] = {"do_sample": True, **sampling} if sampling else {"do_sample": False}
    made_BT = model.generate(
        input_ids=ids_BT,
        attention_mask=mask_BT,
        max_new_tokens=max_tokens,
        pad_token_id=pad,
        eos_token_id=tokenizer.eos_token_id,
        **how,
    )
    said_BT = made_BT[:, longest:]
    counts_B = (said_BT != pad).sum(1).tolist()
    return zip(tokenizer.batch_decode(said_BT, skip_special_tokens=True), counts_B, strict=True)
