"""The plainest loop that reads every answer: aiohttp, no retries, nothing kept until the end."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp
from order import Order, Row, drive


def run(order: Order) -> None:
    answers = asyncio.run(ask(order))
    Path(order.folder, "answers.json").write_text(json.dumps(answers))


async def ask(order: Order) -> dict[str, str | None]:
    due, answers = iter(order.read()), {}

    async def worker(session: aiohttp.ClientSession) -> None:
        for row in due:
            body = {"model": order.model, "messages": order.messages(row["question"]), **order.sampling}
            async with session.post(f"{order.base_url}/chat/completions", json=body) as response:
                said = await response.json()
                answers[row["id"]] = said["choices"][0]["message"]["content"] if response.status == 200 else None

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(worker(session) for _ in range(order.in_flight)))
    return answers


def rows(order: Order) -> Iterator[Row]:
    kept = Path(order.folder, "answers.json")
    yield from json.loads(kept.read_text()).items() if kept.exists() else ()


drive(run, rows)
