"""How much of what is planted the rule `hygiene` finds, and what it raises a false alarm about. Planted is a line that
holds a secret, personal data or an insult, in the middle of each of some responses of the public data sets; every
finding in the same responses as they are is an alarm, and is printed to be looked at.

    REFLECTORY_SHARED_DATA=DIR python -m tests.benchmarks.hygiene
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tasks.curation.hygiene import SensitiveSpan, personal, secrets, toxic
from tests.unit.test_hygiene import CLEAN, PERSONAL, SECRETS

DATA = Path(os.environ["REFLECTORY_SHARED_DATA"])
FILES = {
    "gsm8k_model_solutions.jsonl": ("question", "175b_verification"),
    "alpaca_cherry.jsonl": ("instruction", "input", "output"),
    "ifeval_prompts.jsonl": ("prompt",),
    "humaneval.jsonl": ("prompt", "canonical_solution"),
}
MOST = 1_500
"""Texts of one file."""
THRESHOLD = 0.9
INSULTS = [
    "You are such a stupid idiot.",
    "Shut the fuck up, you moron.",
    "All of those people are disgusting scum and deserve to die.",
    "Go kill yourself, nobody likes you.",
    "What a worthless piece of shit.",
]
LEAD = {"secret_password": "password = '{}'"}


def texts_of(name: str) -> list[str]:
    rows = [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()[:MOST]]
    named = [[row[key] for key in FILES[name] if isinstance(row.get(key), str)] for row in rows]
    return ["\n".join(parts) for parts in named if parts]


def found_in(text: str) -> Iterator[SensitiveSpan]:
    yield from secrets(text)
    yield from personal(text, "US")


def main() -> None:
    console = Console(width=110)
    by_file = {name: texts_of(name) for name in FILES if (DATA / name).exists()}
    alarms = Table("file", "texts", "characters", "secrets", "personal", f"toxic ≥ {THRESHOLD}", "ms a text")
    for name, texts in by_file.items():
        began = time.perf_counter()
        ours = [(text, found) for text in texts for found in found_in(text)]
        insults = [(text, found) for text, found in zip(texts, toxic(texts, THRESHOLD), strict=True) if found]
        each = (time.perf_counter() - began) / len(texts) * 1_000
        sorts = Counter("secrets" if found.reason.startswith("secret") else "personal" for _, found in ours)
        counts = [f"{n} ({n / len(texts):.2%})" for n in (sorts["secrets"], sorts["personal"], len(insults))]
        alarms.add_row(name, f"{len(texts):,}", f"{sum(map(len, texts)):,}", *counts, f"{each:.2f}")
        for text, found in [*ours[:8], *insults[:4]]:
            console.print(f"{name}: {found.reason}: {text[found.start : found.end][:90]!r}", markup=False)
    rng, hosts = random.Random(7), [text for texts in by_file.values() for text in texts if len(text) > 200]
    recall = Table("planted", "in texts", "found")
    for reason, planted in [*SECRETS, *PERSONAL, *(("toxic", insult) for insult in INSULTS)]:
        places = rng.sample(hosts, 50)
        said = f"\n{LEAD.get(reason, 'It is {}.').format(planted)}\n" if reason != "toxic" else f"\n{planted}\n"
        mixed = [text[: len(text) // 2] + said + text[len(text) // 2 :] for text in places]
        if reason == "toxic":
            n = sum(found is not None for found in toxic(mixed, THRESHOLD))
        else:
            n = sum(any(found.reason == reason for found in found_in(text)) for text in mixed)
        recall.add_row(f"{reason}: {planted[:40]}", str(len(mixed)), f"{n / len(mixed):.0%}")
    console.print(alarms, recall)
    wrong = [text for text in CLEAN if [*secrets(text), *personal(text)]]
    console.print(f"lookalikes: {len(wrong)} false alarms of {len(CLEAN)}")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
