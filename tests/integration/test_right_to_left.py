"""Text in Arabic or Hebrew script reads from the right in every page that shows what a teacher wrote."""

import asyncio
from pathlib import Path

import pytest

from tests.browser import needs_chromium, opened

pytestmark = needs_chromium
REPORT = Path("tasks/report/style.css")
SHOWN = [
    (REPORT, '<div class="trace"><p class="question">{}</p></div>'),
    (REPORT, '<div class="trace"><dl><dd>{}</dd></dl></div>'),
    (REPORT, '<div class="trace"><pre><span class="tag">{}</span></pre></div>'),
    (Path("tasks/review/review.css"), '<div class="sample"><pre>{}</pre></div>'),
    (Path("tasks/review/review.css"), '<div class="sample"><dl><dd>{}</dd></dl></div>'),
    (Path("tasks/review/review.css"), '<div id="question"><h2>{}</h2></div>'),
    (Path("tasks/playground/page.css"), '<article><div class="part"><p>{}</p></div></article>'),
]
PLACES = """[...document.querySelectorAll('[data-n]')].map(box => {
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), text = walk.nextNode();
    return [0, text.length - 1].map(at => {
        const range = document.createRange();
        range.setStart(text, at), range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
    });
})"""
HEBREW, ARABIC, ENGLISH = "שלום 12 עולם.", "ما هو 3 + 4؟", "Hello 12 world."


@pytest.mark.parametrize(("sheet", "shown"), SHOWN)
def test_a_sentence_begins_and_ends_where_its_script_does(sheet: Path, shown: str, tmp_path: Path) -> None:
    """Its full stop stood at its beginning."""
    boxes = [f"<div data-n={n}>{shown.format(text)}</div>" for n, text in enumerate((HEBREW, ARABIC, ENGLISH))]
    page = tmp_path / "page.html"
    style = REPORT.read_text("utf-8") + sheet.read_text("utf-8")
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{''.join(boxes)}", "utf-8")

    async def look() -> list[list[float]]:
        async with opened(page.as_uri(), tmp_path) as tab:
            places: list[list[float]] = await tab.run(PLACES)
            return places

    (first, last), (asks, mark), (begins, ends) = asyncio.run(look())
    assert last < first
    assert mark < asks
    assert begins < ends
