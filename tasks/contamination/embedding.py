"""What a text means, as numbers: the home of sentence-transformers, which a model needs that is not the shipped one.

One thread on the CPU, like the student: several would wait for each other more than they compute wherever other
processes are at work, and a cosine would depend on how many there are.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from schemas.detection import SHIPPED_MODEL
from schemas.errors import Refused
from schemas.record import clean_text
from tasks.contamination.minilm import MiniLM
from tasks.contamination.model_folder import model_folder
from tasks.contamination.neighbours import Vectors
from tasks.scoring.student_files import folder_hash

_BATCH = 16


class _Encoder(NamedTuple):
    encode: Callable[[list[str]], Any]
    """Rows of length 1, as an array or a tensor."""
    dimension: int
    commit: str
    """On the hub; "None" for a folder."""


class Embedder:
    """Holds a model. Needs no network for the shipped one or a folder."""

    def __init__(self, model: str, device: str) -> None:
        """`Refused` when there is no such model, or no such device."""
        self._name, self._folder = model, model_folder(model)
        if self._folder and _is_light(model, device):
            torch.set_num_threads(1)
            self._encoder = _Encoder(partial(MiniLM(self._folder).encode, batch_size=_BATCH), MiniLM.dimension, "None")
        else:
            self._encoder = _load(model, self._folder, device)

    @cached_property
    def version(self) -> str:
        """Its name, and the hash of its files or the commit on the hub. Reads all of them."""
        name = self._folder.name if self._folder and self._name != SHIPPED_MODEL else self._name
        return f"{name}@{(folder_hash(self._folder) if self._folder else self._encoder.commit)[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 for each text, in order; of a long text the model reads the beginning."""
        if not texts:
            return np.zeros((0, self._encoder.dimension), np.float32)
        unique = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors = self._encoder.encode([clean_text(text) for text in unique])
        return np.asarray(vectors, np.float32)[[unique[text] for text in texts]]


def _is_light(model: str, device: str) -> bool:
    """Whether `MiniLM` does it, which knows one model and no accelerator."""
    on_cpu = device == "cpu" or (device == "auto" and not torch.accelerator.is_available())
    return model == SHIPPED_MODEL and on_cpu


def _load(model: str, folder: Path | None, device: str) -> _Encoder:
    from sentence_transformers import SentenceTransformer  # six processor seconds more than torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        loaded = SentenceTransformer(
            str(folder or model),
            device=None if device == "auto" else device,
            local_files_only=folder is not None,
            trust_remote_code=False,
        )
    except (OSError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())[:300]
        raise Refused(
            f"contamination.model: {model!r} on {device!r} cannot be loaded; give"
            f" {SHIPPED_MODEL}, a folder or a Hugging Face name of a sentence-transformers model ({said})"
        ) from error
    if loaded.device.type == "cpu":
        torch.set_num_threads(1)
    encode = partial(loaded.encode, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
    config = getattr(getattr(loaded[0], "auto_model", None), "config", None)
    commit = str(getattr(config, "_commit_hash", None))
    return _Encoder(encode, loaded.get_embedding_dimension() or 0, commit)
