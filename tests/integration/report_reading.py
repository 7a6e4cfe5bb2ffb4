"""A page of a release as a reader has it: its tables and queries by an HTML parser, and what Chromium makes of it."""

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=20000"),
    *("--enable-logging=stderr", "--v=0"),
)


@dataclass
class Block:
    """One table of the page."""

    name: str
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    """Of the body."""
    total: list[str] | None = None
    sql: str = ""


class Page(HTMLParser):
    """Elements and texts of a page, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, Block] = {}
        self.sql: list[str] = []
        """Every query of the page, those under plots, too."""
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._block: Block | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.elements.append((tag, known))
        if tag == "div" and known.get("class") == "block":
            self._block = self.blocks.setdefault(str(known["id"]), Block(str(known["id"])))
        elif tag in ("figure", "form"):
            self._block = None
        elif tag == "tr" and self._block and "thead" not in self._open:
            self._block.rows.append([])
        elif tag in ("td", "th") and self._block:
            (self._block.heads if tag == "th" else self._block.rows[-1]).append("")
        elif tag == "script":
            self.scripts.append("")
        elif tag == "pre":
            self.sql.append("")
        if tag not in ("meta", "link", "br", "input", "rect", "wbr"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "tfoot" and self._block:
            self._block.total = self._block.rows.pop()
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts[-1] += data
        elif "pre" in self._open:
            self.sql[-1] += data
            if self._block:
                self._block.sql = self.sql[-1]
        elif "td" in self._open and self._block:
            self._block.rows[-1][-1] += data
        elif "th" in self._open and self._block:
            self._block.heads[-1] += data


def driven(page: str, script: str) -> str:
    """The page with a script of the test's in the end, and so without its security policy."""
    without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert without != page
    head, end = without.rsplit("</body>", 1)
    return f"{head}<script>{script}</script></body>{end}"


def opened(page: Path) -> tuple[str, list[str]]:
    """The DOM that Chromium makes of a file, as HTML, and what it wrote to the console."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        ended = subprocess.run(command, capture_output=True, timeout=120, check=True)
    console = [line for line in ended.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    return ended.stdout.decode("utf-8", "replace"), console
