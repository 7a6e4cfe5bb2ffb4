"""The objects under a prefix of a bucket, with writes that fail where somebody else was first.

The settings and credentials of a bucket (Azure: a container) come from the environment, by the names that its service
gives them: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and so on; AZURE_STORAGE_ACCOUNT_NAME and so on;
GOOGLE_APPLICATION_CREDENTIALS and so on.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from schemas.errors import DiskTrouble, Refused

REQUEST_S = 60
"""What one request may take, with what it brings or fetches."""
RETRIES_S = 20
"""After that the store counts as away, and a request that fails is not tried again."""
_STATUS = re.compile(r"status code:?\s+(\d{3})")
_DRAWN = re.compile(r"\x1b\[\d+m|↳")
"""How deltalake draws the causes of an error."""
_REQUEST = re.compile(
    r"Error performing (GET|PUT|POST|HEAD|DELETE|LIST)|error sending request|Generic (S3|MicrosoftAzure|GCS) error"
)

_CREDENTIALS = re.compile(r"performing token request|/latest/(api/token|meta-data/)")
"""A request for credentials, of the machine or of who gives them out, and none to the store."""
_QUOTED = re.compile(r'"[^"]*"')
"""What an error repeats of a setting, which can be a secret."""


class Service(NamedTuple):
    """Whose store it is, and by which variables of the environment it is found."""

    store: str
    """The class of obstore."""
    who: str
    where: str
    endpoints: tuple[str, ...]
    """The first that is set is the address of a store that stands elsewhere."""
    version: str = "e_tag"
    """By what the store tells the versions of an object apart."""


SERVICES = {
    "s3": Service(
        "S3Store",
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "AWS_REGION and AWS_ENDPOINT_URL",
        ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    ),
    "az": Service(
        "AzureStore",
        "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or the identity's AZURE_… variables",
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ENDPOINT",
        ("AZURITE_BLOB_STORAGE_URL", "AZURE_STORAGE_ENDPOINT"),
    ),
    "gs": Service(
        "GCSStore",
        "GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_SERVICE_ACCOUNT or the service account of the machine",
        "the bucket's name and GOOGLE_BASE_URL",
        ("GOOGLE_BASE_URL",),
        "version",
    ),
}
"""By the scheme of their URLs."""
_SAYS = {
    "401": "does not know these credentials; look at {who}",
    "403": "refuses access; look at {who}, and what they may do",
    "404": "has no such bucket or container; make it, or look at {where}",
    "501": "does not know conditional writes, without which two writers could overwrite each other; use another store",
}
_NO_BUCKET = re.compile("NoSuchBucket|ContainerNotFound")
_NO_OBJECT = re.compile("NoSuchKey|BlobNotFound")
_INSIDE = re.compile(r"DiskTrouble: (.+)")
"""What DuckDB makes of an error that is raised where it reads a file of a store: a traceback in a text."""


class Stored(NamedTuple):
    """An object as it was read."""

    body: bytes
    version: str
    """Its ETag; on Google Cloud Storage its generation."""
    written_at: datetime
    """By the clock of the store; whole seconds."""


class Taken(Exception):
    """Somebody else has written the object first."""


class ObjectStore:
    """Objects by their names under the prefix. Raises `DiskTrouble` where the store is away or refuses."""

    def __init__(self, url: str, request_s: int = REQUEST_S) -> None:
        self.url = url
        self._objects = bucket(url, request_s)
        self._version = SERVICES[urlsplit(url).scheme].version

    def read(self, name: str) -> Stored | None:
        """Return None where there is no such object."""
        with store_in_a_sentence(self.url):
            try:
                got = self._objects.get(name)
                return Stored(bytes(got.bytes()), got.meta[self._version], got.meta["last_modified"])
            except FileNotFoundError as error:
                if _NO_BUCKET.search(str(error)):
                    raise
                return None

    def create(self, name: str, body: bytes) -> str:
        """Write an object that is not there yet, and return its version. Raises `Taken`."""
        return self._write(name, body, "create")

    def replace(self, name: str, body: bytes, version: str) -> str:
        """Write an object whose version is still this one, and return its new one. Raises `Taken`."""
        return self._write(name, body, {self._version: version})

    def put(self, name: str, body: bytes) -> None:
        """Write an object, whether it is there or not."""
        with store_in_a_sentence(self.url):
            self._objects.put(name, body)

    def names(self, folder: str) -> list[str]:
        """Return the names of all objects in a folder, without it, in order."""
        with store_in_a_sentence(self.url):
            found = [each["path"] for page in self._objects.list(folder) for each in page]
        return sorted(path.removeprefix(f"{folder}/") for path in found)

    def has(self, folder: str) -> bool:
        """Return whether there is any object in a folder."""
        with store_in_a_sentence(self.url):
            return any(self._objects.list(folder, chunk_size=1))

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects; those that are not there count as deleted: an answer that was lost on its way makes Azure say
        so.
        """
        with store_in_a_sentence(self.url):
            try:
                self._objects.delete(list(names))
            except FileNotFoundError:
                for name in names:
                    with suppress(FileNotFoundError):
                        self._objects.delete(name)

    def _write(self, name: str, body: bytes, mode: Any) -> str:
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with store_in_a_sentence(self.url):
            try:
                return str(self._objects.put(name, body, mode=mode, use_multipart=False)[self._version])
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                if _NO_BUCKET.search(str(error)):
                    raise
        # an answer that was lost on its way makes the next try of the same request find its own object
        if (there := self.read(name)) and there.body == body:
            return there.version
        raise Taken(name)


@lru_cache
def bucket(url: str, request_s: int = REQUEST_S) -> Any:
    """Return the store of obstore for all that is under an URL. Raises `Refused` where the environment lacks a
    setting.
    """
    try:
        from obstore import store
        from obstore.exceptions import BaseError
    except ModuleNotFoundError as error:
        raise Refused(f"{url}: needs the extra `s3`: pip install 'reflectory[s3]'") from error
    parts = urlsplit(url)
    retry = {"max_retries": 8, "retry_timeout": timedelta(seconds=RETRIES_S)}
    client = {"timeout": f"{request_s}s", "connect_timeout": "5s", "allow_http": _is_http(url)}
    service = SERVICES[parts.scheme]
    made = getattr(store, service.store)
    try:
        return made(parts.netloc, prefix=parts.path.strip("/") or None, client_options=client, retry_config=retry)
    except BaseError as error:
        said = _QUOTED.sub('"…"', str(error).partition("\n")[0])
        raise Refused(f"{url}: {said}; look at {service.where}, and at {service.who}") from error


def delta_options(url: str) -> dict[str, str]:
    """Return what deltalake needs to know of a store; it reads the same variables of the environment."""
    times = {"timeout": f"{REQUEST_S}s", "connect_timeout": "5s", "max_retries": "8", "retry_timeout": f"{RETRIES_S}s"}
    return times | {"allow_http": str(_is_http(url)).lower()}


@contextmanager
def store_in_a_sentence(url: str) -> Iterator[None]:
    """Make `DiskTrouble` of what goes wrong inside because of the store; other errors pass."""
    try:
        yield
    except (DiskTrouble, Refused):
        raise
    except Exception as error:
        if said := store_trouble(url, error):
            raise DiskTrouble(
                f"{url}: the store {said}. What has landed is safe, and the same command continues"
            ) from error
        raise


@contextmanager
def read_in_a_sentence() -> Iterator[None]:
    """Make `DiskTrouble` of what DuckDB raises inside where a store does not let it read; other errors pass."""
    try:
        yield
    except Exception as error:
        if found := _INSIDE.search(str(error)):
            raise DiskTrouble(found[1]) from error
        raise


def store_trouble(url: str, error: BaseException) -> str | None:
    """Return what the store does and what to do about it; None where the error is none of the store's."""
    text = _DRAWN.sub("", str(error))
    if not _REQUEST.search(text):
        return None
    service = SERVICES[urlsplit(url).scheme]
    if _CREDENTIALS.search(text):
        return f"asks for credentials, and none were to be had; look at {service.who}"
    if _NO_OBJECT.search(text):
        return "lacks an object that was there; put it back"
    if found := _STATUS.search(text):
        says = _SAYS.get(found[1], f"answers {found[1]}; try again later")
        return says.format(who=service.who, where=service.where)
    return f"cannot be reached; look at {service.where} and the network"


def _is_http(url: str) -> bool:
    endpoints = map(os.environ.get, SERVICES[urlsplit(url).scheme].endpoints)
    return (next(filter(None, endpoints), None) or "").startswith("http://")
