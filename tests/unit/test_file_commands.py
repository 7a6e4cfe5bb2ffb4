"""Commands on files: what is read is never written over."""

from pathlib import Path

import pytest

from flows.cli.main import app
from schemas.errors import Refused


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        ("verify", "IN"),
        ("score", "IN", "--student", "practice", "--template", "plain"),
        ("decontaminate", "IN", "--against", "OTHER"),
        ("decontaminate", "OTHER", "--against", "IN"),
    ],
    ids=" ".join,
)
def test_the_input_is_not_written_over(tmp_path: Path, command: tuple[str, ...], linked: bool) -> None:
    given, other, out = tmp_path / "in.jsonl", tmp_path / "other.jsonl", tmp_path / "out.jsonl"
    rows = '{"gold": "4", "response": "4", "instruction": "2+2?", "question": "2+2?"}\n'
    for path in (given, other):
        path.write_text(rows)
    out.symlink_to(given)
    names = {"IN": str(given), "OTHER": str(other)}
    arguments = [names.get(word, word) for word in command]
    with pytest.raises(Refused, match=r"--out: got .* which is read"):
        app([*arguments, "--out", str(out if linked else given)], standalone_mode=False)
    assert given.read_text() == rows
