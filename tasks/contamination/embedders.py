"""The models that embed, each loaded when something is to be embedded, and once: the imports alone take seconds."""

from functools import cache
from typing import TYPE_CHECKING

from schemas.contamination import Detection

if TYPE_CHECKING:
    from tasks.contamination.cross_lingual import MultilingualEmbedder
    from tasks.contamination.embedding import Embedder


@cache
def load_embedder(settings: Detection) -> "Embedder":
    """Return the sentence-transformers model of the settings."""
    from tasks.contamination.embedding import Embedder

    return Embedder(settings)


@cache
def load_multilingual() -> "MultilingualEmbedder":
    """Return the model that finds translations."""
    from tasks.contamination.cross_lingual import MultilingualEmbedder

    return MultilingualEmbedder()
