"""Whose scores a curation goes by: of every student that has scored the traces, the one that the policy means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from schemas.curation import Line
from schemas.errors import Refused
from schemas.record import canonical_json
from schemas.score import StudentIdentity
from schemas.scorer import ScorerPin

_NAMED = [name for name in StudentIdentity.model_fields if name != "template"]
"""What makes a student; its template counts by the hash, whatever it was called."""
_THERE = f"""
    SELECT {", ".join(_NAMED)}, min(template) AS template
    FROM scores
    SEMI JOIN (
        SELECT trace_id FROM newest_traces WHERE list_contains($lines, 'traces')
        UNION ALL
        SELECT trace_id FROM recycled_full WHERE list_contains($lines, 'pairs')
    ) ON trace_id = subject_id
    GROUP BY {", ".join(_NAMED)}
    ORDER BY count(*) DESC, {", ".join(_NAMED)}
"""
_CONFIGURED = "SELECT unnest(scored_by) FROM runs WHERE scored_by IS NOT NULL ORDER BY landed_at DESC LIMIT 1"
_SCORED = f"""
    CREATE OR REPLACE TABLE scored AS
    SELECT subject_id AS trace_id, unnest(arg_max({{'ifd': ifd, 'rifd': rifd}}, landed_at))
    FROM scores
    WHERE {" AND ".join(f"{name} = ${name}" for name in _NAMED)}
    GROUP BY subject_id
"""


@dataclass(frozen=True)
class PinnedScorer:
    """The student of a curation, beside the others of the same table."""

    taken: StudentIdentity | None
    """None: nobody has scored, or no run says whose scores count."""
    others: tuple[StudentIdentity, ...]
    is_pinned: bool

    @property
    def warning(self) -> str | None:
        """What a user should know; None where there is no doubt."""
        if self.is_pinned or not self.others:
            return None
        taken = f"takes {described(self.taken)}" if self.taken else "takes none"
        others = "; ".join(described(other) for other in self.others)
        return (
            f"warning: traces have scores of several students; the policy pins none, and {taken}, not {others}."
            " Pin one under [scorer], such as student or student_revision, so that a rescore changes no release"
        )


def find_scorer(connection: duckdb.DuckDBPyConnection, pin: ScorerPin, lines: Sequence[Line]) -> PinnedScorer:
    """Return whose scores of `lines` a pin means, in a connection to a warehouse; without one those of the newest run's
    student, or of the only one there is. Raises `Refused` where a pin fits nobody, or several.
    """
    there = _students(connection, _THERE, {"lines": lines})
    configured = {_key(student): student for student in _students(connection, _CONFIGURED)}
    wanted = pin.pinned.items()
    fitting = [student for student in there if wanted <= student.model_dump(mode="json").items()]
    taken = next(iter(configured.values()), there[0] if len(there) == 1 else None)
    if wanted:
        taken = next((student for student in fitting if _key(student) in configured), None)
        if taken is None:
            if len(fitting) != 1:
                raise Refused(_ambiguous(pin, fitting, there))
            [taken] = fitting
    others = tuple(student for student in there if taken is None or _key(student) != _key(taken))
    return PinnedScorer(taken, others, bool(wanted))


def gather_scores(connection: duckdb.DuckDBPyConnection, scorer: StudentIdentity | None) -> None:
    """Make the table `scored`: trace_id, ifd and rifd by that student; empty for None."""
    given = scorer.model_dump(mode="json") if scorer else {}
    connection.execute(_SCORED, {name: given.get(name) for name in _NAMED})


def described(student: StudentIdentity) -> str:
    """Return one student in words, short enough for a line."""
    said = student.model_dump(mode="json")
    return (
        f"{said['student']} (revision {said['student_revision'][:12]}, template {said['template']}"
        f" {said['template_hash'][:8]}, {said['definition']} of the {said['response_text']},"
        f" {said['max_length']} tokens, {said['dtype']})"
    )


def _ambiguous(pin: ScorerPin, fitting: list[StudentIdentity], there: list[StudentIdentity]) -> str:
    asked = ", ".join(f"{key} = {value!r}" for key, value in pin.pinned.items())
    found = "\n".join(f"  {described(student)}" for student in fitting or there) or "  none"
    fits = "several students; pin more keys" if fitting else "none; pin one that is there, or `reflectory rescore`"
    return f"scorer: got {asked}, which fits {fits}. These have scored traces:\n{found}"


def _key(student: StudentIdentity) -> str:
    return canonical_json(student.model_dump(mode="json", exclude={"template"}))


def _students(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None
) -> list[StudentIdentity]:
    found = connection.execute(query, parameters)
    names = [column[0] for column in found.description or []]
    return [StudentIdentity.model_validate(dict(zip(names, row, strict=True))) for row in found.fetchall()]
