"""The shipped embedding model on a CPU: what sentence-transformers computes with it, to the bit, without its imports.

They, transformers', scikit-learn's and datasets', cost more than all else of a command that embeds a few texts.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

LAYERS, HEADS, EPSILON = 6, 12, 1e-12
WINDOW = 256
"""Tokens of a text that are read."""


class MiniLM:
    """all-MiniLM-L6-v2: a BERT of 6 layers whose last states are averaged over the tokens."""

    dimension = 384

    def __init__(self, folder: Path) -> None:
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(WINDOW)
        self._tokenizer.enable_padding()

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], batch_size: int) -> Tensor:
        """Return a row of length 1 for each text, in order: (texts, 384). Texts of like length are read together."""
        order = np.argsort([-len(text) for text in texts])  # not stable, as theirs: what a text is padded with tells
        vectors_NC = torch.empty(len(texts), self.dimension)
        for start in range(0, len(order), batch_size):
            places = order[start : start + batch_size].tolist()
            vectors_NC[places] = self._batch([texts[place] for place in places])
        return vectors_NC

    def _batch(self, texts: Sequence[str]) -> Tensor:
        read = self._tokenizer.encode_batch(texts)
        tokens_BT = torch.tensor([text.ids for text in read])
        mask_BT = torch.tensor([text.attention_mask for text in read], dtype=torch.bool)
        kept_B1TT = None if mask_BT.all() else mask_BT[:, None, None].expand(-1, 1, mask_BT.shape[1], -1)
        words, kinds, places = (
            self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type", "position")
        )
        state_BTC = self._norm("embeddings", words[tokens_BT] + kinds[0] + places[: tokens_BT.shape[1]])
        for n in range(LAYERS):
            state_BTC = self._layer(f"encoder.layer.{n}", state_BTC, kept_B1TT)
        weight_BT1 = mask_BT[..., None].float()
        means_BC = (state_BTC * weight_BT1).sum(1) / weight_BT1.sum(1)
        return normalize(normalize(means_BC))  # as a module of the model, and because we ask for it

    def _layer(self, name: str, state_BTC: Tensor, kept_B1TT: Tensor | None) -> Tensor:
        query, key, value = (
            self._linear(f"{name}.attention.self.{part}", state_BTC)
            .view(*state_BTC.shape[:2], HEADS, -1)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        seen_BTC = scaled_dot_product_attention(query, key, value, kept_B1TT).transpose(1, 2).flatten(2)
        attended = self._linear(f"{name}.attention.output.dense", seen_BTC)
        state_BTC = self._norm(f"{name}.attention.output", attended + state_BTC)
        wide = gelu(self._linear(f"{name}.intermediate.dense", state_BTC))
        return self._norm(f"{name}.output", self._linear(f"{name}.output.dense", wide) + state_BTC)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._weights[f"{name}.LayerNorm.weight"], self._weights[f"{name}.LayerNorm.bias"]
        return layer_norm(x, (self.dimension,), weight, bias, EPSILON)
