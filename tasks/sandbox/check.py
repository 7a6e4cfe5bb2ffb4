"""The proof, at the start of every zygote, that its snippets are confined and that honest ones work."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tasks.sandbox import probes
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.frames import Message
from tasks.sandbox.snippet import Snippet
from tasks.sandbox.values import Tree, encode

_WORKED = encode([45, (0.5, None, {"a": {1, 2}}), (0.0, 0.0, 0)])


def refusal(start: Callable[[], Snippet], limits: ResourceLimits) -> str | None:
    """Return why snippets must not be run here; None when all is well. Raises `SnippetEnded`."""
    with start() as snippet:
        worked = _called(snippet, "works", 10)
    if worked != {"case": 0, "value": _WORKED}:
        return f"an honest snippet does not work in the sandbox: {_format_value(worked)}"
    with tempfile.TemporaryDirectory() as folder, start() as snippet:
        Path(folder).chmod(0o777)
        kept = Path(folder, "kept")
        kept.write_text("still here")
        kept.chmod(0o666)
        target = {"folder": folder, "judge": os.getpid(), "memory": limits.memory_bytes}
        reached = _called(snippet, "reached", target)
        touched = [path.name for path in Path(folder).iterdir()] != ["kept"] or kept.read_text() != "still here"
    if reached != {"case": 0, "value": []} or touched:
        return f"the sandbox does not hold: a snippet could {_format_value(reached)}"
    return None


def _called(snippet: Snippet, name: str, argument: object) -> Message:
    source = Path(probes.__file__).read_text("utf-8")
    loaded = snippet.ask({"do": "load", "prompt": "", "answer": source, "entry_point": name})
    call: dict[str, Tree] = {"do": "calls", "first": 0, "calls": [[encode((argument,)), encode({})]]}
    return snippet.ask(call) if "loaded" in loaded else loaded


def _format_value(reply: Message) -> str:
    value = reply.get("value", reply.get("detail", reply))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)[:300]
