"""What stands inside a page of ours: data that cannot break out of it, and the hashes that a content policy allows."""

import base64
import hashlib
import json
from typing import Any


def embedded(data: Any) -> str:
    """JSON that may stand inside `<script>`: nothing in it can end the element or begin another."""
    escapes = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
    return json.dumps(data, allow_nan=False, separators=(",", ":")).translate(escapes)


def hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def served_policy(style: str, script: str) -> str:
    """Return the content security policy of a page that one of our servers gives out and that asks nobody but it."""
    return (
        f"default-src 'none'; script-src '{hashed(script)}'; style-src '{hashed(style)}'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
