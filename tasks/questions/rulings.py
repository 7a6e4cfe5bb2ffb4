"""What persons ruled on golds: read from a file of theirs, and obeyed.

    {"question_id": "…", "ruling": "gold_replaced", "gold": "19", "by": "Ada", "note": "the book has a misprint"}
    {"id": "row-7", "ruling": "question_dropped"}

`id` is the one that the source gave. The last line about a question counts.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schemas.errors import Refused
from schemas.question import Question
from schemas.record import content_key
from schemas.ruling import GoldRuling, OnGold
from tasks.judging.verifiers import VERIFIERS
from tasks.questions.seed import Loaded
from tasks.questions.seed_file import SeedWriter
from tasks.rows.data_set import jsonl
from tasks.rows.values import plain_text

_TAKEN_BACK = "the ruling that gave it this gold was taken back"
_GIVEN_AGAIN = "a ruling gives it this gold again"
_IN_SOURCE = "its source has this gold"
"""Notes of what follows from the ruling on another question."""
_FIELDS = frozenset(["question_id", "id", "ruling", "gold", "by", "note"])


class RulingLine(NamedTuple):
    """One line of the file."""

    question_id: str | None
    external_id: str | None
    """Where there is no question_id."""
    ruling: OnGold
    gold: str | None
    by: str | None
    note: str | None


class Obeyed(NamedTuple):
    loaded: Loaded
    """The questions that are left, with the golds that persons gave them."""
    rulings: tuple[GoldRuling, ...]
    """Those on questions that were there, each as a row that follows no other yet."""
    n_idle: int
    """Lines about questions that the source does not hold."""


def read_rulings(path: Path) -> list[RulingLine]:
    """Raise `Refused`, naming the line, for a file that cannot be read or says something unknown."""
    return [ruling_line(place, row) for place, row in jsonl(path, "questions.rulings")]


def obey(loaded: Loaded, lines: Sequence[RulingLine]) -> Obeyed:
    """Replace golds and drop questions. A question made by a ruling may be ruled on in its turn, by its question_id."""
    by_key = {line.question_id: place for place, line in enumerate(lines) if line.question_id}
    by_id = {line.external_id: place for place, line in enumerate(lines) if line.external_id}
    kept = SeedWriter()
    rulings: dict[str, GoldRuling] = {}
    here: set[str | None] = set()
    n_dropped = 0
    for seed in loaded.seeds:
        question: Question | None = seed.question
        key, external_id = seed.question.question_id, seed.question.external_id
        here |= {name for name, named in ((key, by_key), (external_id, by_id)) if name in named}
        place = max(by_key.get(key, -1), by_id.get(external_id or "", -1))
        seen: set[str] = set()
        while question and place >= 0 and question.question_id not in seen:
            line = lines[place]
            seen.add(question.question_id)
            here.add(question.question_id)
            rulings[question.question_id] = _ruled(question, line)
            question = with_gold(question, line.gold) if line.ruling is OnGold.GOLD_REPLACED else question
            question = None if line.ruling is OnGold.QUESTION_DROPPED else question
            place = by_key.get(question.question_id, -1) if question else -1
        if question and seen and _is_out(rulings.get(question.question_id)):
            # the gold that it had at first, or has got from its source since
            rulings[question.question_id] = _ruled(question, line._replace(ruling=OnGold.GOLD_STANDS, gold=None))
        if question is None:
            n_dropped += 1
        else:
            kept.add(dataclasses.replace(seed, question=question))
    n_rows = loaded.n_rows - n_dropped
    changed = dataclasses.replace(loaded, seeds=kept.finish(), n_rows=n_rows, n_duplicates=n_rows - len(kept))
    n_idle = sum((line.question_id or line.external_id) not in here for line in lines)
    return Obeyed(changed, tuple(rulings.values()), n_idle)


def following(rulings: Sequence[GoldRuling], newest: Mapping[str, GoldRuling]) -> list[GoldRuling]:
    """Return those that say something new, each keyed by what it says and by the one that it follows."""
    news = []
    for ruling in rulings:
        before = newest.get(ruling.question_id)
        if before is None and ruling.ruling is OnGold.OPEN:
            continue
        if before and _said(before) == _said(ruling):
            continue
        follows = before.ruling_id if before else None
        key = content_key("ruling", *_said(ruling), follows)
        news.append(ruling.model_copy(update={"ruling_id": key, "follows": follows}))
    return news


def made_by(question_ids: Iterable[str], rulings: Iterable[GoldRuling]) -> set[str]:
    """Return the questions that rulings on these made by replacing their golds, and rulings on those."""
    makes: dict[str, list[str]] = {}
    for ruling in rulings:
        if ruling.replaced_by:
            makes.setdefault(ruling.question_id, []).append(ruling.replaced_by)
    made: set[str] = set()
    left = list(question_ids)
    while left:
        new = set(makes.get(left.pop(), ())) - made
        made |= new
        left += new
    return made


def on_made(
    rulings: Sequence[GoldRuling], made: Collection[str], here: Collection[str], newest: Mapping[str, GoldRuling]
) -> Iterator[GoldRuling]:
    """Yield what these rulings say of the questions that were once `made` by one: it is dropped when none makes it any
    more, and open when it is `here` again, among the questions that are asked. One on the question itself comes first.
    """
    in_force = {ruling.replaced_by for ruling in rulings}
    for key in sorted({*made, *newest} - {ruling.question_id for ruling in rulings}):
        before = newest.get(key)
        if key in here:
            if before and before.note == _TAKEN_BACK:
                yield _follows_from(key, OnGold.OPEN, _GIVEN_AGAIN if key in in_force else _IN_SOURCE)
        elif key in made and not (_is_out(before) or (before and before.note == _IN_SOURCE)):
            yield _follows_from(key, OnGold.QUESTION_DROPPED, _TAKEN_BACK)


def _is_out(ruling: GoldRuling | None) -> bool:
    """Whether a question counts for nothing by its ruling."""
    return ruling is not None and ruling.ruling in (OnGold.GOLD_REPLACED, OnGold.QUESTION_DROPPED)


def _follows_from(question_id: str, ruling: OnGold, note: str) -> GoldRuling:
    nobody = dict.fromkeys(("gold", "replaced_by", "ruled_by", "follows"))
    return GoldRuling(ruling_id="", question_id=question_id, ruling=ruling, note=note, **nobody)


def with_gold(question: Question, gold: str | None) -> Question:
    """Return the question with another gold: another question. Where the spec repeats the gold it is replaced there
    too.
    """
    spec = VERIFIERS[question.kind].with_gold(question.spec, gold)
    fields = question.model_dump(exclude={"question_id"})
    return Question.of(**(fields | {"gold": gold, "spec": spec}))


def _said(ruling: GoldRuling) -> tuple[str | None, ...]:
    return (ruling.question_id, ruling.ruling, ruling.gold, ruling.ruled_by, ruling.note)


def _ruled(question: Question, line: RulingLine) -> GoldRuling:
    replaced = with_gold(question, line.gold).question_id if line.ruling is OnGold.GOLD_REPLACED else None
    return GoldRuling(
        ruling_id="",
        question_id=question.question_id,
        ruling=line.ruling,
        gold=line.gold,
        replaced_by=replaced,
        ruled_by=line.by,
        note=line.note,
        follows=None,
    )


def ruling_line(place: str, row: Mapping[str, Any]) -> RulingLine:
    """Read one line. Raises `Refused`, naming `place`, for one that says something unknown."""
    if unknown := sorted(row.keys() - _FIELDS):
        raise Refused(f"{place}: got {', '.join(unknown)}; a ruling has {', '.join(sorted(_FIELDS))}")
    texts = {name: plain_text(row.get(name)) for name in _FIELDS}
    for name, value in row.items():
        if value is not None and texts[name] is None:
            raise Refused(f"{place}, {name}: got {str(value)[:80]!r}; needs text")
    if (texts["question_id"] is None) == (texts["id"] is None):
        raise Refused(f"{place}: needs either the question_id of a question, or the id that its source gave it")
    if texts["ruling"] not in list(OnGold):
        raise Refused(f"{place}, ruling: got {texts['ruling']!r}; needs one of {', '.join(OnGold)}")
    ruling, gold = OnGold(texts["ruling"]), texts["gold"]
    if (ruling is OnGold.GOLD_REPLACED) != bool(gold and gold.strip()):
        raise Refused(f"{place}, gold: got {gold!r}; gold_replaced needs the new gold, no other ruling has one")
    gold = gold if ruling is OnGold.GOLD_REPLACED else None
    return RulingLine(texts["question_id"], texts["id"], ruling, gold, texts["by"], texts["note"])
