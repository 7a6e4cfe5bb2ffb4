"""What the grammar must have said of a row."""

from schemas.trace import Structure
from tasks.curation.rules.rule import Rule


class StructureRule(Rule):
    """Reason: the defect."""

    keep: tuple[Structure, ...] = (Structure.OK,)

    statements = ("SELECT place, structure AS reason FROM remaining WHERE NOT list_contains($keep, structure)",)
