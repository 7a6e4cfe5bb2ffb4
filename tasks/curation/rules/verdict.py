"""What the verifier must have said of a row."""

from schemas.verdict import Ruling
from tasks.curation.rules.rule import Rule


class VerdictRule(Rule):
    """Reason: the verdict's own, such as `not_equal`."""

    keep: tuple[Ruling, ...] = (Ruling.CORRECT,)

    statements = ("SELECT place, verdict_reason AS reason FROM remaining WHERE NOT list_contains($keep, verdict)",)
