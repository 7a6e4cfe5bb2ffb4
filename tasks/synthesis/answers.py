"""Where the calls of a shard are found: in the warehouse, among recorded completions, or with the teacher."""

from collections.abc import Callable, Collection

from schemas.call import Call, Outcome, Request
from tasks.synthesis.course import Find, Wanted
from tasks.synthesis.plan import Plan

Ask = Callable[[list[Request]], list[Outcome]]


class Answers:
    """Finds calls for `follow`, and asks for those that nobody has asked for."""

    def __init__(self, plan: Plan, landed: Find, absent: Collection[str], ask: Ask) -> None:
        """`absent`: calls that are known not to have landed, which spares looking for them."""
        self._plan = plan
        self._landed = landed
        self._absent = absent
        self._ask = ask
        self.new: dict[str, Call] = {}
        """What was found elsewhere than in the warehouse, by call_id."""
        self.pending: dict[str, str] = {}
        """call_id to why it has no end yet."""
        self.asked = 0

    def __call__(self, wanted: Wanted) -> dict[str, Call]:
        found = dict(self._landed({call_id: wanted[call_id] for call_id in wanted if call_id not in self._absent}))
        missing = {call_id: request for call_id, request in wanted.items() if call_id not in found}
        came = [self._plan.recorded[call_id] for call_id in missing if call_id in self._plan.recorded]
        requests = [request for request in missing.values() if request]
        self.asked += len(requests)
        for outcome in self._ask(requests) if requests else []:
            if outcome.call is None:
                self.pending[outcome.call_id] = outcome.pending or "no reason given"
            else:
                came.append(outcome.call)
        new = {call.call_id: call for call in came}
        self.new |= new
        return found | new
