"""What stands inside a page of ours: data that cannot break out of it, and the hashes that a content policy allows."""

import base64
import hashlib
import json
from typing import Any


def embedded(data: Any) -> str:
    """Return JSON that may stand inside `<script>`: nothing in it can end the element or begin another."""
    escapes = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
    return json.dumps(data, allow_nan=False, separators=(",", ":")).translate(escapes)


def hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def security_policy(style: str, script: str, *more: str) -> str:
    """Return the content security policy of a page with one style sheet, one script, and nothing else but `more`."""
    allowed = (f"script-src '{hashed(script)}'", f"style-src '{hashed(style)}'", *more)
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])


def served_policy(style: str, script: str) -> str:
    """Return the content security policy of a page that one of our servers gives out and that asks nobody but it."""
    return security_policy(style, script, "connect-src 'self'") + "; frame-ancestors 'none'"
