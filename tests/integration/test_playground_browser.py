"""The playground as a person sees it: in a browser, wide and narrow, with two models and several samples."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Page, needs_chromium, opened

RUNNING = "document.getElementById('go').disabled"


async def asked(page: Page, **values: object) -> None:
    for name, value in values.items():
        await page.run(f"document.getElementById('ask').elements[{name!r}].value = {json.dumps(value)}")
    await page.run("document.getElementById('go').click()")
    await page.until(f"!{RUNNING}")


async def seen(url: str, folder: Path) -> dict[str, Any]:
    async with opened(url, folder) as page:
        await page.resize(1400, 900)
        await page.run("document.querySelector('#suggestions button').click()")
        await asked(page, samples=2, seed=4)
        found: dict[str, Any] = {
            "cards": await page.run("[...document.querySelectorAll('article h2')].map(e => e.textContent)"),
            "outputs": await page.run("document.querySelectorAll('.part.output').length"),
            "thinkings": await page.run("document.querySelectorAll('.part.thinking').length"),
            "verdicts": await page.run("document.querySelectorAll('.badge').length"),
            "widths": [],
        }
        for width in (1400, 400):
            await page.resize(width, 900)
            found["widths"].append((width, await page.run("document.documentElement.scrollWidth")))
        for _ in range(2):
            await page.run("document.getElementById('said').textContent = ''")
            await page.run("document.getElementById('keep').click()")
            await page.until("document.getElementById('said').textContent !== ''")
            found.setdefault("kept", []).append(await page.run("document.getElementById('said').textContent"))
        found["leaks"] = await page.run("""(async () => {
            const image = new Image();
            const blocked = new Promise((done) => document.addEventListener("securitypolicyviolation", done));
            image.src = "http://127.0.0.1:9/leak.png";
            return (await blocked).violatedDirective;
        })()""")
        found["complaints"] = [each for each in page.complaints if "leak.png" not in each]
        return found


@pytest.mark.slow
@needs_chromium
def test_two_models_side_by_side(tmp_path: Path, environment: dict[str, str]) -> None:
    kept = tmp_path / "kept.jsonl"
    models = ["--model", "practice", "--model", "practice#practice-weak"]
    command = [sys.executable, "-m", "flows", "playground", *models, "--questions", str(kept)]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout
            url = served.stdout.readline().split()[1]
            found = asyncio.run(seen(url, tmp_path))
        finally:
            served.terminate()
    assert found["cards"] == [f"{model} · sample {n}" for n in (1, 2) for model in ("practice", "practice-weak")]
    assert found["outputs"] >= 3
    assert found["thinkings"] >= 3
    assert found["verdicts"] == 4
    assert all(width == scrolled for width, scrolled in found["widths"]), "nothing is wider than the window"
    assert found["kept"] == [f"Kept in {kept}", f"It is in {kept} already"]
    assert json.loads(kept.read_text())["gold"] == "3"
    assert found["leaks"] == "img-src"
    assert not found["complaints"]
