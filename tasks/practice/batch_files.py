"""The files of a batch as the practice teacher reads and writes them, pure."""

import json
from collections.abc import Mapping
from typing import Any

URL = "/v1/chat/completions"
MOST_LINES = 50_000


def validated(content: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The requests of a file, and what is wrong with it."""
    lines: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, text in enumerate(content.splitlines(), start=1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            errors.append(problem("invalid_json_line", "This line is not JSON.", number))
            continue
        custom_id = line.get("custom_id") if isinstance(line, dict) else None
        if not isinstance(custom_id, str) or custom_id in seen:
            errors.append(problem("invalid_custom_id", "custom_id: needs a string that no other line has.", number))
        elif line.get("method") != "POST" or line.get("url") != URL or not isinstance(line.get("body"), dict):
            errors.append(problem("invalid_request", f"needs method POST, url {URL} and a body.", number))
        else:
            seen.add(custom_id)
            lines.append(line)
    if not 1 <= len(lines) <= MOST_LINES and not errors:
        errors = [problem("invalid_file", f"needs from 1 to {MOST_LINES} lines; there are {len(lines)}.", None)]
    return lines, errors


def problem(code: str, message: str, line: int | None) -> dict[str, Any]:
    """Why a batch fails as a whole."""
    return {"code": code, "line": line, "message": message, "param": None}


def outcome(line: Mapping[str, Any], response: dict[str, Any] | None, error: dict[str, Any] | None) -> dict[str, Any]:
    """The line that says what became of a request."""
    custom_id = line["custom_id"]
    return {"id": f"batch_req_{custom_id}", "custom_id": custom_id, "response": response, "error": error}


def error_body(message: str, code: str | None) -> dict[str, Any]:
    """The body of a response that is no completion."""
    return {"error": {"message": message, "type": "bad_day", "param": None, "code": code}}
