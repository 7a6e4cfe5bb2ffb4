"""First weights that can copy from the prompt.

Found by training alone, that takes an induction circuit (Olsson et al., In-context Learning and Induction Heads, 2022),
which comes late and all at once: most of the minutes would go into waiting for it. So the first weights hold one
already, as mimetic initialisation does for other patterns (Trockman and Kolter, arXiv 2305.09828). Training may do with
it what it likes.
"""

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.llama.modeling_llama import LlamaAttention

ROPE = 100_000.0
EMBEDDING = 0.03
"""Standard deviation of an embedding's numbers."""
LAGS = (1, 1, 2)
"""What the first layer's heads look at: so many tokens back. The last head is free."""
MATCHING = (0, 1)
"""Heads of the second layer that look for what followed the present token before."""
COPY = 2.0
"""How strongly the later layers say what they look at."""
SHARP_LAG, SHARP_MATCH = 5.0, 4.0
FAR = 60
"""Tokens over which a rotation of one radian or less still lets like find like."""


def copying_llama(
    tokenizer: PreTrainedTokenizerFast, width: int, heads: int, layers: int, middle: int, window: int
) -> LlamaForCausalLM:
    """Return a small Llama for the tokenizer: random weights, but for attention that can copy."""
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=middle,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            attention_bias=True,
            initializer_range=0.06,
            max_position_embeddings=window,
            rope_parameters={"rope_type": "default", "rope_theta": ROPE},
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    teach_copying(model)
    return model


@torch.no_grad()
def teach_copying(model: LlamaForCausalLM) -> None:
    """Set the weights of a model with biases in its attention: an earlier token's embedding is written beside each, and
    heads of the next layer find it and copy what is there."""
    model.model.embed_tokens.weight.normal_(0, EMBEDDING)
    for layer in model.model.layers:
        layer.mlp.down_proj.weight.zero_()
    first, *later = [layer.self_attn for layer in model.model.layers]
    width = model.config.hidden_size
    read, write = _rotation(width), _rotation(width)
    _look_back(first, read, write)
    for attention in later:
        say = _rotation(width)
        attention.v_proj.weight.copy_(say)
        attention.o_proj.weight.copy_(COPY * EMBEDDING * say.T)
        attention.q_proj.weight.mul_(0.5)
        attention.k_proj.weight.mul_(0.5)
    _match(later[0], read, write)


def _look_back(attention: LlamaAttention, read: torch.Tensor, write: torch.Tensor) -> None:
    """The first heads look `LAGS` tokens back whatever stands there, and write it where the tokens' own text is not.

    Biases do it: the key's is the query's, turned by the lag, in the pairs that turn fast enough to tell neighbours.
    """
    size = attention.head_dim
    fast = torch.arange(size // 2 * 3 // 8)
    attention.v_proj.weight.copy_(read)
    attention.o_proj.weight.copy_(EMBEDDING * write)
    attention.o_proj.weight[:, len(LAGS) * size :] = 0
    for head, lag in enumerate(LAGS):
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        turn = lag * _frequencies(attention)[fast]
        attention.q_proj.bias[head * size + fast] = SHARP_LAG
        attention.k_proj.bias[head * size + fast] = SHARP_LAG * turn.cos()
        attention.k_proj.bias[head * size + size // 2 + fast] = SHARP_LAG * turn.sin()


def _match(attention: LlamaAttention, read: torch.Tensor, write: torch.Tensor) -> None:
    """The present token asks for places that the first layer marked with it; in pairs that turn slowly."""
    size = attention.head_dim
    slow = torch.nonzero(_frequencies(attention) < 1 / FAR)[:, 0]
    for head in MATCHING:
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        for row in (*(head * size + slow), *(head * size + size // 2 + slow)):
            attention.q_proj.weight[row] = SHARP_MATCH * read[row]
            attention.k_proj.weight[row] = SHARP_MATCH * write[:, row]


def _rotation(width: int) -> torch.Tensor:
    rotation: torch.Tensor = torch.linalg.qr(torch.randn(width, width)).Q
    return rotation


def _frequencies(attention: LlamaAttention) -> torch.Tensor:
    """Radians a token that each pair of a head's numbers is turned by (Su et al., RoFormer)."""
    half: int = attention.head_dim // 2
    base: float = attention.config.rope_parameters["rope_theta"]
    return torch.as_tensor(base) ** -(torch.arange(half) / half)
