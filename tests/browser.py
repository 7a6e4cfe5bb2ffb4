"""A headless Chromium, driven over its DevTools protocol."""

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._n = socket, 0
        self.complaints: list[str] = []
        """What the console or the log said: errors, and what a content policy has blocked."""

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._n += 1
        await self._socket.send_json({"id": self._n, "method": method, "params": params})
        while True:
            told = await asyncio.wait_for(self._socket.receive_json(), 60)
            if told.get("id") == self._n:
                assert "error" not in told, told
                return dict(told["result"])
            if told["method"] in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(json.dumps(told["params"]))

    async def run(self, script: str) -> Any:
        """What the script comes to, as JSON."""
        done = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    async def until(self, condition: str, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not await self.run(condition):
                await asyncio.sleep(0.05)

    async def resize(self, width: int, height: int) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def picture(self, path: Path) -> None:
        taken = await self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Page]:
    """A page at `url`, in a browser of its own whose profile is in `folder`."""
    assert CHROMIUM
    profile = folder / "profile"
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
    ]
    command = [CHROMIUM, *options, "--remote-debugging-port=0", "about:blank"]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as listed:
                [tab] = [each for each in await listed.json() if each["type"] == "page"]
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await page.send(f"{domain}.enable")
                await page.send("Page.navigate", url=url)
                await page.until("document.readyState === 'complete'")
                yield page
    finally:
        browser.terminate()
        browser.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(60):
        while not (file.is_file() and file.read_text().count("\n")):
            await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])
