"""What a row says: a question, its gold, how to compare, and the completions recorded with it."""

import json
from collections.abc import Mapping
from typing import Any

from schemas.errors import Refused
from schemas.question import KINDS, Question
from schemas.question_source import Columns, Questions
from schemas.record import canonical_json, clean_text
from tasks.extraction.answer import check_pattern
from tasks.questions.seed import Recorded
from tasks.rows.values import infer_kind, kinds_for, last_match, look_up, parse_spec, plain_text


def check_spec(spec: str) -> None:
    """Raises `Refused` for an `answer_pattern` that cannot be used; the message starts with that name."""
    pattern = json.loads(spec).get("answer_pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise Refused(f"answer_pattern: got {pattern!r}; needs text")
    if pattern is not None:
        check_pattern(pattern)


class RowReader:
    """Reads rows with one mapping; remembers which columns it met. Raises `Refused` with the row's place."""

    def __init__(self, settings: Questions, source: str, responses: tuple[str, ...] = ()) -> None:
        """`source` is what tables show; `responses` are the columns of recorded completions."""
        self.settings = settings
        self.columns = settings.columns
        self.source = source
        self.responses = responses
        self.met: set[str] = set()

    def question(self, place: str, row: Mapping[str, Any]) -> Question:
        gold = self._gold(place, row)
        return Question.of(
            text=self._text(place, row),
            gold=gold,
            kind=self._kind(place, row) or self.settings.kind or infer_kind(gold, self._value(row, self.columns.gold)),
            spec=self._spec(place, row) or canonical_json(json.loads(self.settings.spec)),
            source=self.source,
            external_id=self._plain(place, row, self.columns.id, "text or a number"),
            tags=self._tags(place, row),
            licence=self.settings.licence,
        )

    def recorded(self, place: str, row: Mapping[str, Any]) -> tuple[Recorded, ...]:
        """One for each response column that is not null in this row."""
        found = []
        for column in self.responses:
            value = self._value(row, column)
            if value is None:
                continue
            if not isinstance(value, str):
                raise _refused(place, column, value, "text, or null where no completion was recorded")
            found.append(Recorded(column, clean_text(value)))
        return tuple(found)

    def check_columns_met(self) -> None:
        """Raises `Refused` for a column that is named in the configuration and in no row: it is misspelt."""
        defaults = Columns()
        named = {f: getattr(self.columns, f) for f in ("gold", "kind", "spec", "id", "tags")}
        expected = [(f, path) for f, path in named.items() if path != getattr(defaults, f)]
        expected += [("responses", path) for path in self.responses]
        for field, path in expected:
            if path not in self.met:
                raise Refused(f"questions.columns.{field}: got {path!r}; {self.settings.path} has no such column")

    def _value(self, row: Mapping[str, Any], path: str) -> Any:
        try:
            value = look_up(row, path)
        except LookupError:
            return None
        self.met.add(path)
        return value

    def _plain(self, place: str, row: Mapping[str, Any], path: str, needs: str) -> str | None:
        value = self._value(row, path)
        text = plain_text(value)
        if text is None and value is not None:
            raise _refused(place, path, value, needs)
        return text

    def _text(self, place: str, row: Mapping[str, Any]) -> str:
        path = self.columns.question
        value = self._value(row, path)
        if path not in self.met:
            raise Refused(
                f"{place}: got no {path!r} but {', '.join(map(repr, list(row)[:20])) or 'nothing'}; "
                "needs the question's text; questions.columns.question names its column"
            )
        if not isinstance(value, str) or not value.strip():
            raise _refused(place, path, value, "the question as text that is not empty")
        return clean_text(value)

    def _gold(self, place: str, row: Mapping[str, Any]) -> str | None:
        text = self._plain(place, row, self.columns.gold, "text, a finite number or null")
        if text is None or not text.strip():
            return None
        if self.settings.gold_pattern is None:
            return text
        gold = last_match(self.settings.gold_pattern, text)
        if not gold:
            needs = f"a match of questions.gold_pattern = {self.settings.gold_pattern!r}"
            raise _refused(place, self.columns.gold, text, needs)
        return gold

    def _kind(self, place: str, row: Mapping[str, Any]) -> str | None:
        value = self._value(row, self.columns.kind)
        if value is None:
            return None
        if not isinstance(value, str) or value not in KINDS:
            raise _refused(place, self.columns.kind, value, kinds_for(value))
        return value

    def _spec(self, place: str, row: Mapping[str, Any]) -> str | None:
        value = self._value(row, self.columns.spec)
        if value is None:
            return None
        spec = parse_spec(value)
        if spec is None:
            raise _refused(place, self.columns.spec, value, "a JSON object, or its text")
        try:
            check_spec(spec)
        except Refused as refused:
            raise Refused(f"{place}, {self.columns.spec}.{refused}") from refused
        return spec

    def _tags(self, place: str, row: Mapping[str, Any]) -> tuple[str, ...]:
        value = self._value(row, self.columns.tags)
        given = [] if value is None else value if isinstance(value, list) else [value]
        tags = [plain_text(tag) for tag in given]
        if None in tags:
            raise _refused(place, self.columns.tags, value, "a text or a list of texts")
        return tuple(tag for tag in tags if tag is not None)


def _refused(place: str, path: str, value: Any, needs: str) -> Refused:
    shown = repr(value)
    return Refused(f"{place}, {path}: got {shown[:80]}{'…' * (len(shown) > 80)}; needs {needs}")
