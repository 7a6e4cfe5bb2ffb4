"""The filters of the report and of the review fill the rows that they stand in, on a phone and on a desk."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.browser import needs_chromium, opened

pytestmark = needs_chromium
STYLE = Path("tasks/report/style.css").read_text("utf-8")
RIGHTS = """(() => {
    const form = document.querySelector('iframe').contentDocument.querySelector('form'), rights = {};
    for (const label of form.children) {
        const box = label.getBoundingClientRect();
        rights[box.top] = Math.max(rights[box.top] ?? 0, box.right);
    }
    return Object.values(rights).map(right => Math.round(form.getBoundingClientRect().right - right));
})()"""


def gaps(style: str, page: Path, width: int, folder: Path) -> list[int]:
    """Pixels that each row of the page's filters leaves empty at its end."""
    [form] = re.findall(r'<form id="filters".*?</form>', page.read_text("utf-8"), re.DOTALL)
    framed = folder / "framed.html"
    inside = f"<!doctype html><style>{style}</style>{form.replace(' hidden', '')}".replace("&", "&amp;")
    framed.write_text(
        f"<iframe style='width:{width}px;height:600px' srcdoc='{inside.replace(chr(39), '&#39;')}'></iframe>"
    )

    async def look() -> list[int]:
        async with opened(framed.as_uri(), folder) as tab:
            found: list[int] = await tab.run(RIGHTS)
            return found

    return asyncio.run(look())


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("page", [Path("tasks/report/page.html"), Path("tasks/review/page.html")], ids=str)
def test_no_row_of_filters_ends_before_the_page_does(page: Path, width: int, tmp_path: Path) -> None:
    """The review has four selects and the report five, and one rule for five left a hole in the other."""
    assert set(gaps(STYLE, page, width, tmp_path)) == {0}


def test_a_hole_would_be_seen(tmp_path: Path) -> None:
    five = STYLE.replace(":last-child:nth-child(even)", ":last-child")
    assert set(gaps(five, Path("tasks/review/page.html"), 400, tmp_path)) > {0}
