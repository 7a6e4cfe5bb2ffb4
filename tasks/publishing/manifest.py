"""The manifest of a release: what a reviewer needs to make it again, and to check that it is the same.

It names versions, so it is not part of the content that it hashes.
"""

import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

from schemas.closest import hint
from schemas.curation import Curation
from schemas.errors import Refused
from schemas.release import Release
from tasks.publishing.appended import CARD, own_part
from tasks.publishing.comparisons import BEST
from tasks.publishing.files import PARQUET_SETTINGS, sha256_of
from tasks.publishing.tally import Tally

MANIFEST = "manifest.json"
_WRITERS = ("pyarrow", "duckdb", "transformers")
"""Libraries that have a part in the bytes."""


def manifest(made: Release, curation: Curation, tally: Tally) -> str:
    """Return as JSON the release's row without its traces, with the policy, the scorer, the fates and the rows of each
    line.
    """
    stated = made.model_dump(mode="json", exclude={"trace_ids", "configuration"}) | {
        "configuration": json.loads(made.configuration),
        "policy": json.loads(curation.policy),
        "scorer": curation.scorer.model_dump(mode="json") if curation.scorer else None,
        "fates": curation.model_dump(include={"planned", "kept", "dropped", "failed", "pending"}),
        "lines": dict(sorted(tally.lines.items())),
        "splits": {
            split: {"questions": len(ids), "rows": tally.splits[split]} for split, ids in tally.questions.items()
        },
        "comparisons": {"best_of_n": BEST, **dict(sorted(tally.compared.items()))},
        "libraries": {name: importlib.metadata.version(name) for name in _WRITERS},
        "parquet": PARQUET_SETTINGS,
    }
    return json.dumps(stated, indent=2) + "\n"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of the release in `folder`. Raises `Refused` where there is none."""
    try:
        stated = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"no release at {folder} ({error}); `reflectory release NAME` makes one") from error
    if not isinstance(stated, dict) or not {"content_hash", "files"} <= stated.keys():
        raise Refused(f"no release at {folder}: its {MANIFEST} names no content")
    return stated


def altered_files(folder: Path) -> list[str]:
    """Return the files of a release whose bytes are not those that its manifest names. Files that it does not name,
    such as a report that somebody put beside them, are nobody's business, nor is what was added to the card afterwards.
    """
    named = {file["path"]: file["sha256"] for file in read_manifest(folder)["files"]}
    return [path for path, digest in named.items() if not (folder / path).is_file() or _digest(folder, path) != digest]


def _digest(folder: Path, path: str) -> str:
    if path == CARD:
        return hashlib.sha256(own_part((folder / path).read_bytes())).hexdigest()
    return sha256_of(folder / path)


def release_folder(releases: Path, name: str) -> Path:
    """Return where a release is that is given by its name, below `releases`, or by its folder. Raises `Refused`."""
    for folder in (Path(name), releases / name):
        if (folder / MANIFEST).is_file():
            return folder
    raise Refused(f"{name!r} is no release and no folder of one; {known_releases(releases, name)}")


def known_releases(releases: Path, wanted: str) -> str:
    """Say which releases there are in a folder, and which is closest to the one that was `wanted`."""
    names = sorted(path.parent.name for path in releases.glob(f"[!.]*/{MANIFEST}"))
    listed = f"has {', '.join(names)}" if names else "has none: `reflectory release NAME` makes one"
    return f"{releases} {listed}, and --out names another folder of releases{hint(wanted, names)}"
