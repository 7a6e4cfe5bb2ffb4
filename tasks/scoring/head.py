"""The last layer, a tile at a time: how likely some tokens are, without the logits of all at every position."""

from collections.abc import Sequence

import torch

_TILES = {"cpu": (256, 2048), "cuda": (4096, 16384)}
"""Positions and vocabulary in one tile: on a CPU what stays in its cache, on a GPU 256 MiB."""


class Head:
    """Log-probabilities in float32 whatever the weights are; bfloat16 losses would move a ratio by up to 2 %.

    Memory is one tile, whatever the vocabulary and the length. A normal run over the tiles: each gives the logarithm of
    its own sum of exponentials, and these are summed in the same way.
    """

    def __init__(self, layer: torch.nn.Linear) -> None:
        on_cpu = layer.weight.device.type == "cpu"
        self._weight_Vd = layer.weight.float() if on_cpu else layer.weight
        self._bias_V = None if layer.bias is None else layer.bias.float()
        self._rows, self._columns = _TILES.get(layer.weight.device.type, _TILES["cuda"])

    def log_probs(self, states_Kd: torch.Tensor, tokens: Sequence[int]) -> list[float]:
        """Return the natural-log probability of each token after the position whose state it is paired with."""
        tokens_K = torch.tensor(tokens, device=self._weight_Vd.device)
        states_Kd = states_Kd.to(self._weight_Vd.device, self._weight_Vd.dtype)
        chunks = [
            self._chunk(states_Kd[first : first + self._rows], tokens_K[first : first + self._rows])
            for first in range(0, len(tokens), self._rows)
        ]
        # the token's own logit and the sum are rounded apart: certainty must not become more than that
        log_probs: list[float] = torch.cat(chunks).clamp(max=0).tolist()
        return log_probs

    def _chunk(self, states_Kd: torch.Tensor, tokens_K: torch.Tensor) -> torch.Tensor:
        sums = [
            self._logits(states_Kd, first, first + self._columns).logsumexp(-1)
            for first in range(0, len(self._weight_Vd), self._columns)
        ]
        chosen_K = (states_Kd.float() * self._weight_Vd[tokens_K].float()).sum(-1)
        if self._bias_V is not None:
            chosen_K = chosen_K + self._bias_V[tokens_K]
        return chosen_K - torch.stack(sums).logsumexp(0)

    def _logits(self, states_Kd: torch.Tensor, first: int, last: int) -> torch.Tensor:
        tile_dV = self._weight_Vd[first:last].T
        if tile_dV.dtype is torch.float32:
            logits_KV = states_Kd @ tile_dV
        else:  # products of halves are exact in float32, and so is their sum, up to float32's own rounding
            logits_KV = torch.mm(states_Kd, tile_dV, out_dtype=torch.float32)
        return logits_KV if self._bias_V is None else logits_KV + self._bias_V[first:last]
