"""Finds what runs before have learnt: in the warehouse, among recorded completions, in the journal."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from schemas.call import Call
from schemas.score import Score
from schemas.verdict import Verdict
from tasks.replay.procedure import AskModel, Fact, Find, Need, ScoreText, Verify
from warehouse.journal import Journal
from warehouse.reading import Snapshot


class Lookup:
    """Of what is due, by key. Asks nobody."""

    def __init__(
        self,
        now: Snapshot | None,
        journal: Journal | None = None,
        recorded: Mapping[str, Call] = MappingProxyType({}),
        absent: Collection[str] = (),
    ) -> None:
        """`recorded`: completions that nobody has to be asked for. `absent`: calls that are known not to be in the
        warehouse, which spares looking for them there.
        """
        self._now, self._journal, self._recorded, self._absent = now, journal, recorded, absent

    @property
    def finds(self) -> tuple[Find, Find]:
        return self.landed, self.unlanded

    def landed(self, due: Mapping[str, Need]) -> dict[str, Fact]:
        """Return what stands in the warehouse."""
        calls, verdicts, scores = (
            [key for key, need in due.items() if isinstance(need, kind)] for kind in (AskModel, Verify, ScoreText)
        )
        found: dict[str, Fact] = {}
        if now := self._now:
            called = now.rows(Call, "call_id", [key for key in calls if key not in self._absent])
            found |= {call.call_id: call for call in called}
            found |= {verdict.verdict_id: verdict for verdict in now.rows(Verdict, "verdict_id", verdicts)}
            found |= {score.score_id: score for score in now.rows(Score, "score_id", scores)}
        return found

    def unlanded(self, due: Mapping[str, Need]) -> dict[str, Call]:
        """Find recorded completions, and what a run that was cut short has left in the journal."""
        wanted = [key for key, need in due.items() if isinstance(need, AskModel)]
        rest = [key for key in wanted if key not in self._recorded]
        found = self._journal.answers(rest) if self._journal and rest else {}
        return {key: call for key in wanted if (call := self._recorded.get(key) or found.get(key))}
