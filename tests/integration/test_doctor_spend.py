"""`doctor --spend` against the practice teacher: every call is in the ledger, and none is left in the journal."""

from contextlib import closing
from pathlib import Path

from flows.spending import spend
from schemas.teacher import TeacherSettings
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

KEYS = ["max_tokens", "stream", "temperature", "top_p", "seed", "logprobs"]


def test_each_key_is_a_call_in_the_ledger_and_is_asked_anew_each_time(tmp_path: Path) -> None:
    for times in (1, 2):
        lines = list(spend(TeacherSettings(), tmp_path))
        assert lines[0] == f"{len(KEYS)} calls of a token each, all in the ledger"
        assert [line.partition(":")[0] for line in lines[1 : len(KEYS) + 1]] == KEYS
        warehouse = Warehouse(tmp_path)
        with Snapshot(warehouse) as now, closing(Journal(warehouse.journal_path)) as journal:
            rows = now.ask("SELECT call_id, sampling.max_tokens, fresh LIKE 'doctor %' FROM calls")[1]
            ids = [call_id for call_id, _, _ in rows]
            assert len(set(ids)) == len(KEYS) * times
            assert {(most, ours) for _, most, ours in rows} == {(1, True)}
            assert now.ask("SELECT count(*) FROM doubled_keys")[1] == [(0,)]
            ledger = journal.ledger(ids)
            assert (ledger.sent, ledger.answered) == (len(ids), len(ids))
            assert journal.answers(ids) == {}
