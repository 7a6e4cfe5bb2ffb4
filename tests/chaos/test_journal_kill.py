"""kill -9 in the middle of writes: what the journal said is written is there."""

import os
import random
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

from warehouse.journal import Journal

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, os, sqlite3, sys
from pathlib import Path
from schemas.call import Call, CallEnd, Message, Sampling, SendEnd, Usage
from warehouse.journal import Journal
from warehouse.journal_group import write_group

class Late(Journal):
    '''The known-bad one: says that it is written, and commits every hundredth group.'''
    groups = 0

    def _commit(self, writes):
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        results = write_group(self._db, writes, None)
        self.groups += 1
        if self.groups % 100 == 0:
            self._db.execute("COMMIT")
        return results

def call(call_id):
    message = Message(role="user", content="2+2?" * 50)
    sampling = Sampling(temperature=None, top_p=None, max_tokens=None, seed=None)
    return Call(
        call_id=call_id, endpoint="e", model_asked="m", model_answered="m", messages=(message,), sampling=sampling,
        sample_index=0, fresh="", ended=CallEnd.ANSWERED, error=None, raw_response=call_id.encode(),
        content=call_id, reasoning=None, finish_reason="stop", usage=Usage(), cost_usd=0.0, latency_s=0.0, tries=1,
    )

async def write(journal, name):
    for i in range(100_000):
        call_id = f"{name}-{i}"
        n = await journal.reserve(call_id)
        os.write(1, f"sent {call_id}\\n".encode())
        await journal.settle(call_id, n, SendEnd.ANSWERED, call=call(call_id))
        os.write(1, f"answered {call_id}\\n".encode())

async def main(journal, life):
    await asyncio.gather(*(write(journal, f"{life}-{k}") for k in range(20)))

kind, path, life = sys.argv[1:]
asyncio.run(main({"Journal": Journal, "Late": Late}[kind](Path(path)), life))
"""


def killed_writer(kind: str, path: Path, life: int, after: int) -> tuple[set[str], set[str]]:
    """One life of a writer, until it has said so much: the call_ids whose intent, and whose answer, it was told are
    written.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, str(path), str(life)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert writer.stdout
    first = b"".join(islice(writer.stdout, after))
    os.kill(writer.pid, signal.SIGKILL)
    told = [line.split() for line in (first + writer.stdout.read()).decode().splitlines()]
    writer.wait()
    return {name for word, name in told if word == "sent"}, {name for word, name in told if word == "answered"}


def lost(kind: str, path: Path, lives: int) -> tuple[int, int]:
    """(announced, lost) over several killed lives on one file; checks the file itself after each."""
    chance = random.Random(7)
    sent: set[str] = set()
    answered: set[str] = set()
    for life in range(lives):
        told = killed_writer(kind, path, life, chance.randint(40, 400))
        sent |= told[0]
        answered |= told[1]
        journal = Journal(path)
        stored = journal.answers(answered)
        announced = journal.ledger(sent)
        assert all(call.content == call_id for call_id, call in stored.items())
        journal.close()
    return len(answered), len(answered - set(stored)) + len(sent) - announced.sent


def test_what_was_acknowledged_is_stored(tmp_path: Path) -> None:
    answered, missing = lost("Journal", tmp_path / "calls.sqlite", lives=8)
    assert answered > 500
    assert missing == 0


def test_control_an_early_acknowledgement_is_caught(tmp_path: Path) -> None:
    answered, missing = lost("Late", tmp_path / "calls.sqlite", lives=3)
    assert answered > 100
    assert missing > 0
