"""The models that embed, each loaded when something is to be embedded, and once: the imports alone take seconds."""

from functools import cache
from typing import TYPE_CHECKING

from schemas.detection import Detection

if TYPE_CHECKING:
    from tasks.contamination.cross_lingual import MultilingualEmbedder
    from tasks.contamination.embedding import Embedder


def load_embedder(settings: Detection) -> "Embedder":
    """Return the sentence-transformers model of the settings."""
    return _load_embedder(settings.model, settings.device)


@cache
def load_multilingual() -> "MultilingualEmbedder":
    """Return the model that finds translations."""
    from tasks.contamination.cross_lingual import MultilingualEmbedder

    return MultilingualEmbedder()


@cache
def _load_embedder(model: str, device: str) -> "Embedder":
    from tasks.contamination.embedding import Embedder

    return Embedder(model, device)
