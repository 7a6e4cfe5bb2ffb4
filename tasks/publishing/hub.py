"""The Hugging Face hub, as the place that a release is pushed to."""

from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HTTPError

from schemas.errors import ReflectoryError

_BESIDE = "experiments/*"
"""In a release's folder and no part of it: what `prove` put there, dropped rows and weights among it."""


class Hub:
    """A place for data sets."""

    def __init__(self, token: str, endpoint: str | None = None) -> None:
        """`endpoint`: another hub than that of huggingface_hub, which reads `HF_ENDPOINT`."""
        self._api = huggingface_hub.HfApi(endpoint, token=token)

    def push(self, folder: Path, repository: str, name: str, content_hash: str) -> str:
        """Make the repository's files those of the release, tag them with its name, and return where they are.

        A repository that is not there is made, private. Raises `ReflectoryError` when the hub does not take it.
        """
        try:
            self._api.create_repo(repository, repo_type="dataset", private=True, exist_ok=True)
            commit = self._api.upload_folder(
                repo_id=repository,
                repo_type="dataset",
                folder_path=folder,
                ignore_patterns=_BESIDE,
                delete_patterns="*",
                commit_message=f"Release {name}, content {content_hash}",
            )
            self._api.create_tag(repository, repo_type="dataset", tag=name, revision=commit.oid, exist_ok=True)
        except (HTTPError, OSError, ValueError) as error:
            raise ReflectoryError(f"--push: {repository} did not take the release: {error}") from error
        return str(commit.commit_url)
