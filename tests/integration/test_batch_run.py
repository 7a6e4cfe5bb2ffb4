"""`reflectory run` with `teacher.batch` takes up the batch of a run that is no more."""

import asyncio
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from flows.checks import calls_in_batches, check_batches
from flows.configure import read_configuration
from flows.preparation import Preparation, prepared
from schemas.call import Request
from schemas.errors import Refused
from schemas.until import Until
from tasks.asking.batch import BatchTeacher
from tasks.asking.batch_steps import BatchSteps
from tasks.asking.endpoint import TeacherAddress
from tasks.practice.process import PracticeTeacher
from tests.conftest import Reflectory
from tests.sums import write_sums

CONFIGURATION = """
[questions]
source = "jsonl"
path = "{path}"
limit = 40

[teacher]
base_url = "{base_url}"
batch = true
batch_poll_s = 0.2
batch_size = 25

[run]
shard_size = 10
shards_in_flight = 2
"""


def get(teacher: PracticeTeacher, path: str) -> Any:
    with urllib.request.urlopen(teacher.base_url.removesuffix("/v1") + path) as response:
        return json.load(response)


async def begin(teacher: PracticeTeacher, preparation: Preparation, due: list[Request]) -> None:
    """As a run would, until the endpoint has its batch; then gone, before it hears that the batch has ended."""
    settings, path = preparation.configuration.teacher, preparation.warehouse.journal_path
    asked, created = BatchTeacher(settings, TeacherAddress(teacher.base_url), path), asyncio.Event()

    async def gone(*_: object) -> None:
        created.set()
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BatchSteps, "_over", gone)
        await asked.expect(due)
        await asyncio.wait_for(created.wait(), 60)
        await asked.close()


def test_a_run_takes_up_what_another_has_begun(tmp_path: Path, reflectory: Reflectory) -> None:
    """Of 40 calls 25 are in a batch already; meanwhile nobody may ask for them one by one."""
    write_sums(questions := tmp_path / "questions.jsonl", 40)
    with PracticeTeacher() as teacher:
        (tmp_path / "run.toml").write_text(CONFIGURATION.format(base_url=teacher.base_url, path=questions))
        for setting, asked in (("true", 25), ("false", 0)):
            sets = [f"teacher.batch={setting}", "questions.limit=25"]
            with prepared(
                read_configuration(tmp_path / "run.toml", sets), tmp_path / "w", Until.GENERATE
            ) as preparation:
                due = preparation.calls_due()
                if asked:
                    asyncio.run(begin(teacher, preparation, due))
                    check_batches(preparation, due)
                assert calls_in_batches(preparation, due) == 25
                if not asked:
                    with pytest.raises(Refused, match="25 of the calls that are due are in a batch"):
                        check_batches(preparation, due)
        run = reflectory("run", "run.toml", "--warehouse", "w", "--until", "generate", cwd=tmp_path)
        out, err = run.communicate(timeout=240)
        assert run.returncode == 0, f"{out}\n{err}"
        assert "25 of these calls are in batches that are under way" in out
        assert "calls: sent 40 = answered 40 + failed 0 + unknown 0" in out
        assert "books: planned 40 =" in out
        assert get(teacher, "/counters/batches") == {"files": 4, "batches": 2, "lines": 40}
        assert [made for _, made in get(teacher, "/counters/keys").values()] == [1] * 40
