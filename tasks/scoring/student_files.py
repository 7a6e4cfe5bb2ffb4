"""Where a student's files are: a local folder, or one commit on the Hugging Face hub."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import Refused
from schemas.record import content_key

PRACTICE = Path(__file__).parents[1] / "practice" / "student"
_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class StudentFiles:
    name: str
    """A hub name, or the name of a folder, not its path: the same student elsewhere gives the same scores."""
    revision: str
    """The commit hash, or the hash of the files in the folder."""
    folder: Path | None
    """None on the hub."""
    gguf: str | None = None
    """The name of the one file that holds weights, tokenizer and configuration, as llama.cpp has it."""

    @property
    def has_weights(self) -> bool:
        """Whether they are here, not on the hub."""
        return self.folder is not None and bool(self.gguf or any(self.folder.glob("*.safetensors")))

    def where(self) -> dict[str, Any]:
        """Return the place of the files, as transformers asks for it."""
        return {
            "pretrained_model_name_or_path": str(self.folder or self.name),
            "revision": None if self.folder else self.revision,
            "local_files_only": self.folder is not None,
            **({"gguf_file": self.gguf} if self.gguf else {}),
        }

    def file(self, name: str) -> Path | None:
        """Return a file from the folder or the hub's cache, else downloaded; None where the student has no such
        file.
        """
        if self.folder:
            return self.folder / name if (self.folder / name).is_file() else None
        import huggingface_hub
        from huggingface_hub.errors import HTTPError, RemoteEntryNotFoundError

        cached = huggingface_hub.try_to_load_from_cache(self.name, name, revision=self.revision)
        if cached is not None:  # but a path, or a mark that the commit has no such file
            return Path(cached) if isinstance(cached, str) else None
        try:
            return Path(huggingface_hub.hf_hub_download(self.name, name, revision=self.revision))
        except RemoteEntryNotFoundError:
            return None
        except (HTTPError, OSError, ValueError) as error:
            if name != "config.json" and self.file("config.json"):
                return None  # offline, with a snapshot that somebody downloaded in full
            raise _unreachable(self.name, error) from error

    def json(self, name: str) -> dict[str, Any]:
        """Return a file that has to be there and to hold an object."""
        file = self.file(name)
        if file is None and self.folder and self.gguf:
            return _stated(self.folder / self.gguf)
        if file is None:
            raise Refused(f"student.model: {self.name} has no {name}; needed is what save_pretrained writes")
        try:
            value = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise Refused(f"student.model: {file} is no JSON ({error})") from error
        if not isinstance(value, dict):
            raise Refused(f"student.model: {file} holds no JSON object")
        return value


def find_student(model: str, revision: str | None = None) -> StudentFiles:
    """Return the files that `student.model` names. `Refused` when there are none.

    Nothing is asked of the network for a folder or `practice`, nor for a hub name that the local cache holds.
    """
    folder = PRACTICE if model == "practice" else Path(model).expanduser().resolve()
    if folder == PRACTICE or folder.is_dir():
        found = folder_hash(folder)
        if revision not in (None, found):
            raise Refused(f"student.revision: got {revision}, but the files in {model} hash to {found}")
        return StudentFiles("practice" if folder == PRACTICE else folder.name, found, folder, _gguf(folder))
    if not _HUB_NAME.fullmatch(model):
        raise Refused(f"student.model: no folder {model!r}; give practice, a folder or a hub name such as org/name")
    return StudentFiles(model, _commit(model, revision), folder=None)


def _gguf(folder: Path) -> str | None:
    """The GGUF file of a folder that is not what `save_pretrained` writes. `Refused` where there are several."""
    found = [] if (folder / "config.json").exists() else sorted(file.name for file in folder.glob("*.gguf"))
    if len(found) > 1:
        raise Refused(f"student.model: {folder} has {len(found)} GGUF files, such as {found[0]}; leave one in a folder")
    return found[0] if found else None


def _stated(gguf: Path) -> dict[str, Any]:
    """What such a file states of what `config.json` and `tokenizer_config.json` hold."""
    from gguf import GGUFReader  # here and not above: for those who have such a file

    try:
        fields = GGUFReader(gguf).fields
    except (ValueError, IndexError, KeyError, OSError) as error:
        raise Refused(f"student.model: {gguf} cannot be read as GGUF ({error})") from error

    def stated(name: str) -> Any:
        return fields[name].contents() if name in fields else None

    window = stated(f"{stated('general.architecture')}.context_length")
    return {"max_position_embeddings": window, "chat_template": stated("tokenizer.chat_template")}


def folder_hash(folder: Path) -> str:
    """Return 32 hex characters over names and bytes of the files in `folder`; not hidden ones, not subfolders."""
    digests = []
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            with file.open("rb") as stream:
                digests.append([file.name, hashlib.file_digest(stream, "blake2b").hexdigest()])
    return content_key("folder", digests)


def _commit(model: str, revision: str | None) -> str:
    """The commit behind a branch, a tag or nothing: what the local cache has, else what the hub says."""
    if revision and _COMMIT.fullmatch(revision):
        return revision
    import huggingface_hub  # with an HTTP client, which no folder needs
    from huggingface_hub.errors import HTTPError

    cached = huggingface_hub.try_to_load_from_cache(model, "config.json", revision=revision)
    if isinstance(cached, str):
        return Path(cached).parent.name
    try:
        return str(huggingface_hub.HfApi().model_info(model, revision=revision, timeout=10).sha)
    except (HTTPError, OSError, ValueError) as error:
        raise _unreachable(model, error) from error


def _unreachable(model: str, error: Exception) -> Refused:
    return Refused(
        f"student.model: {model!r} is no folder and not in the hub's cache, and the hub did not give it "
        f"({type(error).__name__}); download it first, or give practice, a folder or another name"
    )
