"""`dataset_info.json`, by which LLaMA-Factory finds the data sets of a release and reads their columns. Pure."""

from collections.abc import Iterable
from typing import Any

_TAGS = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
_FORMS: dict[str, dict[str, Any]] = {
    "chat": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {**_TAGS, "system_tag": "system"},
    },
    "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"},
    },
}


def dataset_info(files: Iterable[str]) -> dict[str, Any]:
    """An entry for each JSONL file that it can read, by the file's name without its ending."""
    stems = sorted(name.removesuffix(".jsonl") for name in files if name.endswith(".jsonl"))
    known = [(stem, _FORMS[form]) for stem in stems if (form := stem.partition("-")[0]) in _FORMS]
    return {stem.replace("-", "_"): {"file_name": f"{stem}.jsonl", **form} for stem, form in known}
