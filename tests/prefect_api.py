"""What tests ask of a Prefect server."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

PATIENCE_S = 60.0


def ask_prefect(api: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """GET without a body. Again where the server says 503, as Prefect's clients do: it does while its SQLite is locked
    (3.8.8).
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{api}/{path}", data, {"Content-Type": "application/json"})
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
        time.sleep(0.5)
