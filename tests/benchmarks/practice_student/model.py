"""A small Llama and its tokenizer, before training. Its attention starts out able to copy.

A student tells a question's own trace from another's once it copies from the prompt. Found by training alone, that
takes an induction circuit (Olsson et al., In-context Learning and Induction Heads, 2022), which comes late and all at
once: most of the minutes would go into waiting for it. So the first weights hold one already, as mimetic
initialisation does for other patterns (Trockman and Kolter, arXiv 2305.09828). Training may do with it what it likes.
"""

from collections.abc import Sequence

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.llama.modeling_llama import LlamaAttention

VOCABULARY = 1024
WINDOW = 1024
WIDTH, HEADS, LAYERS, MIDDLE = 128, 4, 3, 160
ROPE = 100_000.0
START, END = "<|start|>", "<|end|>"

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


def make_tokenizer(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE: any text has tokens. Digits stand alone or up to three together, cut from the left."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r"\d{1,3}"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
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
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=MIDDLE,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            attention_bias=True,
            initializer_range=0.06,
            max_position_embeddings=WINDOW,
            rope_parameters={"rope_type": "default", "rope_theta": ROPE},
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    _teach_copying(model)
    return model


@torch.no_grad()
def _teach_copying(model: LlamaForCausalLM) -> None:
    """An earlier token's embedding is written beside each; heads of the next layer find it and copy what is there."""
    model.model.embed_tokens.weight.normal_(0, EMBEDDING)
    for layer in model.model.layers:
        layer.mlp.down_proj.weight.zero_()
    first, *later = [layer.self_attn for layer in model.model.layers]
    read, write = _rotation(), _rotation()
    _look_back(first, read, write)
    for attention in later:
        say = _rotation()
        attention.v_proj.weight.copy_(say)
        attention.o_proj.weight.copy_(COPY * EMBEDDING * say.T)
        attention.q_proj.weight.mul_(0.5)
        attention.k_proj.weight.mul_(0.5)
    _match(later[0], read, write)


def _look_back(attention: LlamaAttention, read: torch.Tensor, write: torch.Tensor) -> None:
    """The first heads look `LAGS` tokens back whatever stands there, and write it where the tokens' own text is not.

    Biases do it: the key's is the query's, turned by the lag, in the pairs that turn fast enough to tell neighbours.
    """
    size = WIDTH // HEADS
    fast = torch.arange(size // 2 * 3 // 8)
    attention.v_proj.weight.copy_(read)
    attention.o_proj.weight.copy_(EMBEDDING * write)
    attention.o_proj.weight[:, len(LAGS) * size :] = 0
    for head, lag in enumerate(LAGS):
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        turn = lag * _frequencies()[fast]
        attention.q_proj.bias[head * size + fast] = SHARP_LAG
        attention.k_proj.bias[head * size + fast] = SHARP_LAG * turn.cos()
        attention.k_proj.bias[head * size + size // 2 + fast] = SHARP_LAG * turn.sin()


def _match(attention: LlamaAttention, read: torch.Tensor, write: torch.Tensor) -> None:
    """The present token asks for places that the first layer marked with it; in pairs that turn slowly."""
    size = WIDTH // HEADS
    slow = torch.nonzero(_frequencies() < 1 / FAR)[:, 0]
    for head in MATCHING:
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        for row in (*(head * size + slow), *(head * size + size // 2 + slow)):
            attention.q_proj.weight[row] = SHARP_MATCH * read[row]
            attention.k_proj.weight[row] = SHARP_MATCH * write[:, row]


def _rotation() -> torch.Tensor:
    rotation: torch.Tensor = torch.linalg.qr(torch.randn(WIDTH, WIDTH)).Q
    return rotation


def _frequencies() -> torch.Tensor:
    """Radians a token that each pair of a head's numbers is turned by (Su et al., RoFormer)."""
    half = WIDTH // HEADS // 2
    return torch.as_tensor(ROPE) ** -(torch.arange(half) / half)
