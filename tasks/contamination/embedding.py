"""What a text means, as numbers: the home of sentence-transformers.

One thread on the CPU, like the student: several would wait for each other more than they compute wherever other
processes are at work, and a cosine would depend on how many there are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from schemas.detection import SHIPPED_MODEL
from schemas.errors import Refused
from schemas.record import clean_text
from tasks.contamination.model_folder import model_folder
from tasks.contamination.neighbours import Vectors
from tasks.scoring.student_files import folder_hash

_BATCH = 16


class Embedder:
    """Holds a model. Needs no network for the shipped one or a folder."""

    def __init__(self, model: str, device: str) -> None:
        """`Refused` when there is no such model, or no such device."""
        folder = model_folder(model)
        disable_progress_bar()
        try:
            self._model = SentenceTransformer(
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
        if self._model.device.type == "cpu":
            torch.set_num_threads(1)
        name = folder.name if folder and model != SHIPPED_MODEL else model
        self.version = f"{name}@{_revision(folder, self._model)[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of length 1 for each text, in order; of a long text the model reads the beginning."""
        if not texts:
            return np.zeros((0, self._model.get_embedding_dimension() or 0), np.float32)
        unique = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors = self._model.encode(
            [clean_text(text) for text in unique],
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)[[unique[text] for text in texts]]


def _revision(folder: Path | None, model: SentenceTransformer) -> str:
    """The hash of the folder's files, or the commit on the hub."""
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return folder_hash(folder) if folder else str(getattr(config, "_commit_hash", None))
