"""What is put at the end of a release's card once the release is made. It is no part of the content that is hashed."""

from pathlib import Path

from warehouse.disk import replacing

CARD = "README.md"
MARK = "<!-- Below: found out after the release was made, and no part of its content. -->"
HEADING = "## What it teaches"


def append_to_card(folder: Path, key: str, line: str) -> None:
    """Add a line of Markdown under `HEADING`, in the place of an earlier one with the same key."""
    card = folder / CARD
    own, lines = _parts(card.read_text("utf-8"))
    named = f"<!-- {key} -->"
    lines = [each for each in lines if named not in each] + [f"{line} {named}"]
    with replacing(card) as draft:
        draft.write_text("\n".join([own + MARK, "", HEADING, "", *lines, ""]), encoding="utf-8", newline="\n")


def own_part(content: bytes) -> bytes:
    """Return the card as it was released."""
    return content.partition(MARK.encode())[0]


def _parts(text: str) -> tuple[str, list[str]]:
    own, _, added = text.partition(MARK)
    return own, [line for line in added.splitlines() if line.startswith("- ")]
