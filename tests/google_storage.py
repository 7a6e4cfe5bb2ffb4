"""A double of Google Cloud Storage's XML API, for one bucket in memory: no public emulator answers all that is asked.

Of what Google documents it holds: simple and multipart uploads, GET with ranges, HEAD, DELETE, and the second version
of listing with its pages; a generation for each write, greater than all before, as `x-goog-generation`; MD5 as the ETag
of a simple upload; `x-goog-if-generation-match`, where 0 means that there is no such object, or else 412; what has been
answered is seen by every request after it; 404 with `NoSuchKey` and `NoSuchBucket`, 416, and 400 with `EntityTooSmall`
for a part below 5 MiB that is not the last. Where it has tokens, 401 without one, and 403 with one that it has taken
back; the address of a machine's metadata gives them out. What it does not know, it answers with 501: copies, versions,
encryption, the JSON API.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import time_ns
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

LEAST_PART_BYTES = 5 << 20
MOST_LISTED = 1000
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
GENERATION, IF_GENERATION = "x-goog-generation", "x-goog-if-generation-match"
_KNOWN = {IF_GENERATION}
"""Of the headers that begin with `x-goog-`."""
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Blob(NamedTuple):
    """An object."""

    body: bytes
    generation: int
    etag: str
    written_at: datetime


@dataclass
class GoogleStorage:
    """The bucket, and what is known of who may use it."""

    bucket: str
    objects: dict[str, Blob] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """The parts of each multipart upload that has not ended."""
    last: int = 0
    """Generation, or upload."""
    asks_for_tokens: bool = False
    tokens: set[str] = field(default_factory=set)
    """That were given out and not taken back."""
    at_work: Lock = field(default_factory=Lock)

    def next(self) -> int:
        """Microseconds, and greater than before."""
        self.last = max(self.last + 1, time_ns() // 1000)
        return self.last

    def write(self, name: str, body: bytes, etag: str | None = None) -> Blob:
        etag = etag or hashlib.md5(body, usedforsecurity=False).hexdigest()
        self.objects[name] = Blob(body, self.next(), f'"{etag}"', datetime.now(UTC))
        return self.objects[name]


class Failed(Exception):
    """An answer that is an error: its status and code."""


@contextmanager
def google_storage(bucket: str) -> Iterator[tuple[int, GoogleStorage]]:
    """A server of an empty bucket: its port, and what it knows."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.of = GoogleStorage(bucket)  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port, server.of  # type: ignore[attr-defined]
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    server: Any

    def handle_request(self) -> None:
        self._of: GoogleStorage = self.server.of
        self._body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = urlsplit(self.path)
        self._query = dict(parse_qsl(asked.query, keep_blank_values=True))
        try:
            with self._of.at_work:
                if asked.path == TOKEN_PATH:
                    return self._give_token()
                self._authorize()
                bucket, _, name = asked.path[1:].partition("/")
                self._dispatch(unquote(bucket), unquote(name))
        except Failed as failed:
            status, code = failed.args
            self._answer(status, f"<Error><Code>{code}</Code><Message>{code}.</Message></Error>".encode())

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _give_token(self) -> None:
        if self.headers.get("metadata-flavor") != "Google":
            raise Failed(403, "Forbidden")
        token = f"token-{self._of.next()}"
        self._of.tokens.add(token)
        told = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        self._answer(200, json.dumps(told).encode(), {"content-type": "application/json"})

    def _authorize(self) -> None:
        if not self._of.asks_for_tokens:
            return
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        if not token:
            raise Failed(401, "AuthenticationRequired")
        if token not in self._of.tokens:
            raise Failed(403, "AccessDenied")

    def _dispatch(self, bucket: str, name: str) -> None:
        if unknown := {header.lower() for header in self.headers if header.lower().startswith("x-goog-")} - _KNOWN:
            raise Failed(501, f"NotImplemented {unknown}")
        if bucket != self._of.bucket:
            raise Failed(404, "NoSuchBucket")
        kind = "object" if name else "bucket"
        what = next((each for each in ("uploads", "uploadId", "list-type") if each in self._query), "")
        found = getattr(self, f"_{self.command}_{kind}_{what.replace('-', '_')}".rstrip("_").lower(), None)
        if not found:
            raise Failed(501, "NotImplemented")
        found(name)

    def _put_object(self, name: str) -> None:
        self._heed(name)
        self._answer(200, b"", _headers(self._of.write(name, self._body)))

    def _get_object(self, name: str) -> None:
        self._heed(name)
        blob = self._found(name)
        headers, given = _headers(blob), _RANGE.fullmatch(self.headers.get("range") or "")
        if not given:
            return self._answer(200, blob.body, headers)
        size = len(blob.body)
        first, last = given[1], given[2]
        start = int(first) if first else max(size - int(last), 0)
        end = min(int(last) + 1, size) if first and last else size
        if start >= end:
            raise Failed(416, "InvalidRange")
        return self._answer(206, blob.body[start:end], headers | {"content-range": f"bytes {start}-{end - 1}/{size}"})

    _head_object = _get_object

    def _delete_object(self, name: str) -> None:
        self._heed(name)
        self._found(name)
        del self._of.objects[name]
        self._answer(204)

    def _post_object_uploads(self, name: str) -> None:
        upload = str(self._of.next())
        self._of.uploads[upload] = {}
        self._say("InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>")

    def _put_object_uploadid(self, name: str) -> None:
        self._upload()[int(self._query["partNumber"])] = self._body
        self._answer(200, b"", {"etag": _part_tag(self._body)})

    def _post_object_uploadid(self, name: str) -> None:
        parts, listed = self._upload(), ElementTree.fromstring(self._body)
        given = [(int(part.findtext("{*}PartNumber") or 0), part.findtext("{*}ETag")) for part in listed]
        if not given or [(n, _part_tag(parts.get(n, b""))) for n, _ in given] != given or given != sorted(given):
            raise Failed(400, "InvalidPart")
        bodies = [parts[n] for n, _ in given]
        if any(len(body) < LEAST_PART_BYTES for body in bodies[:-1]):
            raise Failed(400, "EntityTooSmall")
        del self._of.uploads[self._query["uploadId"]]
        blob = self._of.write(name, b"".join(bodies), f"{self._of.last:x}-{len(bodies)}")
        told = f"<Key>{escape(name)}</Key><ETag>{escape(blob.etag)}</ETag>"
        self._say("CompleteMultipartUploadResult", told, _headers(blob))

    def _delete_object_uploadid(self, name: str) -> None:
        self._upload()
        del self._of.uploads[self._query["uploadId"]]
        self._answer(204)

    def _get_bucket_list_type(self, _: str) -> None:
        prefix, delimiter = self._query.get("prefix", ""), self._query.get("delimiter")
        after = self._query.get("continuation-token") or self._query.get("start-after", "")
        most, listed = min(int(self._query.get("max-keys", MOST_LISTED)), MOST_LISTED), dict[str, str]()
        for name in sorted(self._of.objects, key=str.encode):
            if not name.startswith(prefix):
                continue
            folder, slash, _ = name.removeprefix(prefix).partition(delimiter) if delimiter else ("", "", "")
            entry = f"{prefix}{folder}{slash}" if slash else name
            if entry > after and entry not in listed:
                listed[entry] = _prefix(entry) if slash else _entry(name, self._of.objects[name])
        shown = list(listed)[:most]
        told = f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{len(shown)}</KeyCount>"
        told += f"<IsTruncated>{str(len(listed) > most).lower()}</IsTruncated>"
        if len(listed) > most:
            told += f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>"
        self._say("ListBucketResult", told + "".join(listed[entry] for entry in shown))

    def _heed(self, name: str) -> None:
        there = self._of.objects.get(name)
        asked = self.headers.get(IF_GENERATION)
        if asked is not None and int(asked) != (there.generation if there else 0):
            raise Failed(412, "PreconditionFailed")

    def _found(self, name: str) -> Blob:
        if name not in self._of.objects:
            raise Failed(404, "NoSuchKey")
        return self._of.objects[name]

    def _upload(self) -> dict[int, bytes]:
        if self._query["uploadId"] not in self._of.uploads:
            raise Failed(404, "NoSuchUpload")
        return self._of.uploads[self._query["uploadId"]]

    def _say(self, root: str, told: str, headers: dict[str, str] | None = None) -> None:
        body = f"<?xml version='1.0' encoding='UTF-8'?><{root}>{told}</{root}>".encode()
        self._answer(200, body, (headers or {}) | {"content-type": "application/xml; charset=UTF-8"})

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _headers(blob: Blob) -> dict[str, str]:
    times = {"last-modified": format_datetime(blob.written_at, usegmt=True)}
    return times | {"etag": blob.etag, GENERATION: str(blob.generation), "x-goog-metageneration": "1"}


def _part_tag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _prefix(folder: str) -> str:
    return f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"


def _entry(name: str, blob: Blob) -> str:
    told = f"<Key>{escape(name)}</Key><Generation>{blob.generation}</Generation><MetaGeneration>1</MetaGeneration>"
    told += f"<LastModified>{blob.written_at:%Y-%m-%dT%H:%M:%S.%f}Z</LastModified><ETag>{escape(blob.etag)}</ETag>"
    return f"<Contents>{told}<Size>{len(blob.body)}</Size></Contents>"
