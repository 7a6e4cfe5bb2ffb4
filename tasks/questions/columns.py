"""What a row says: a question, its gold, how to compare, and the completions recorded with it."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from schemas.errors import Refused
from schemas.exchange import ExchangeColumns
from schemas.question import KINDS, AnswerKind, Question
from schemas.question_source import Columns, Questions, SeveralGolds
from schemas.record import canonical_json, clean_text
from tasks.extraction.answer import check_pattern
from tasks.questions.forms import Formed, conversed, formed
from tasks.questions.recorded import Recorded, Seed
from tasks.questions.tests_column import test_column
from tasks.rows.exchange import FieldError, complaint, given_input, means_none, names_of, system_of
from tasks.rows.jsonl import json_text
from tasks.rows.values import (
    choice_text,
    from_cell,
    infer_kind,
    kinds_for,
    last_match,
    look_up,
    only,
    parse_spec,
    plain_text,
)


def check_spec(spec: str) -> None:
    """Raise `Refused` for an `answer_pattern` that cannot be used; the message starts with that name."""
    pattern = json.loads(spec).get("answer_pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise Refused(f"answer_pattern: got {pattern!r}; needs text")
    if pattern is not None:
        check_pattern(pattern)


GOLDS = (
    *("answer", "final_answer", "label", "target", "expected", "expected_answer", "ground_truth", "correct"),
    *("answerkey", "golden", "standard_answer", "gt", "correct_answer", "reference_answer", "answers"),
    *("golden_answers", "possible_answers", "aliases", "answer_number"),
)
"""Columns that hold the right answer in public files, without regard to case."""
CHOICES = ("choices", "options", "target_scores")
LETTERS = ("A", "B", "C", "D")
"""Columns that hold a choice each."""
WRONG = ("incorrect_answer_1", "distractor1")
"""Columns of the first wrong choice, where the right one is a gold of its own: GPQA's and SciQ's."""
BESIDE = (
    *("body", "Body", "passage", "context", "paragraph", "premise", "article", "story", "Passage", "Context"),
    *("puzzle", "narrative", "theory", "premises", "table", "pre_text", "post_text", "paragraphs"),
)
"""Columns of what a question may be about."""
_BESIDE_IT = (*BESIDE, "unit")
"""And the unit that SciBench asks for."""
SYSTEM = ("system_prompt", "system")
"""Columns of what belongs above it where the row is of no form that is read: Orca's."""
_LONG, _TITLES = 60, "; where rows are of cells, the first line of the file names the columns"
_UNSHOWN = "{}, which the question's text does not show"
_BESIDE = "; questions.columns.context names what is to stand above it"
_NO_TEXT = "; write one text of it in a column, which questions.columns.context names"
_CHECK = re.compile(r"""[\s\[{"'\\]*(?:func_name|instruction_id)[\\"']+\s*:""")
_NO_CHECK = (
    "an answer to compare with; source 'ifeval' reads rows that name instructions by instruction_id, none by func_name"
)
"""Of Tulu's RLVR, where an answer that meets the constraint would be incorrect for another text."""
_SWITCH = re.compile("detailed thinking (?:on|off)")
"""What Nemotron's models are told, and says nothing of a question."""
_UNREAD_TESTS = "{}, which holds tests that nobody reads; source 'code_tests' reads them"
_MAY_BE_GOLD = "{}, which may be the right answer; questions.columns.gold names its column"
_ONE = (
    'one gold; questions.several_golds = "any" takes each of a list for right by itself, "list" all of it for the gold'
)
_UNSHOWN_CHOICES = (
    f"{_UNSHOWN}, and which kind choice needs in its spec; source 'mmlu' reads question, choices or options, and"
    " answer, which is the number of the right one or its letter, and the columns of many sets"
)


class RowReader:
    """Reads rows with one mapping; remembers which columns it met. Raises `FieldError`."""

    def __init__(self, settings: Questions, source: str, responses: tuple[str, ...] = ()) -> None:
        """`source` is what tables show; `responses` are the columns of recorded completions."""
        self.settings = settings
        self.columns = settings.columns
        self.source, self.responses = source, responses
        self.met: set[str] = set()
        self.notes: Counter[str] = Counter()
        """What of rows is left out, and of how many."""
        self.inferred: tuple[str | None, Any] | None = None
        """The gold of the latest question, as text and as it stands in the row; None where its kind is given."""
        self._asks_for_gold = settings.columns.gold == Columns().gold
        """Whether the configuration leaves open which column holds the gold."""
        self._keeps_system = bool(responses) and settings.columns.responses == Columns().responses
        """Whether a system message goes along with each recorded completion, as it does where a form is read."""
        self._n_formed = 0
        self._default_spec = canonical_json(json.loads(settings.spec))

    def read(self, row: Mapping[str, Any]) -> Seed:
        """Return the question of a row, and the completions that were recorded with it."""
        found = formed(row, self.settings, bool(self.responses))
        if found is None:
            return Seed(self.question(row), self.recorded(row))
        self._n_formed += 1
        self.notes.update(found.notes)
        return Seed(self.question(row, found), found.recorded)

    def question(self, row: Mapping[str, Any], found: Formed | None = None) -> Question:
        """Make a question of a row, by the columns; its text by the form of the row, where that was `found`."""
        path = found.gold if found and found.gold else self.columns.gold
        golds, value = self._golds(row, path), self._value(row, path)
        value = value if self.settings.several_golds is SeveralGolds.LIST else only(value)
        gold = golds[0] if golds else None
        kind = self._kind(row) or self.settings.kind or (AnswerKind.EXACT if len(golds) > 1 else None)
        text = found.text if found else self._text(row)
        self.notes.update(_unshown(row, text, _BESIDE_IT if found or self._keeps_system else (*SYSTEM, *_BESIDE_IT)))
        if self._value(row, self.columns.spec) is None and (tests := test_column(row)):
            self.notes[_UNREAD_TESTS.format(tests)] += 1
        if self._asks_for_gold and not golds:
            read = [recorded.column.partition(".")[0] for recorded in found.recorded] + ["label"] if found else []
            self.notes.update(_may_be_gold(row, (self.columns.question, *self.responses, *read)))
        self.inferred = (gold, value) if kind is None else None
        return Question.of(
            text=text,
            gold=gold,
            kind=kind or infer_kind(gold, value),
            spec=_accepting(self._spec(row) or self._default_spec, golds[1:], kind, path),
            source=self.source,
            external_id=self._plain(row, self.columns.id, "text or a number"),
            tags=self._tags(row),
            licence=self.settings.licence,
        )

    def recorded(self, row: Mapping[str, Any]) -> tuple[Recorded, ...]:
        """Return one for each response column that is not null in this row, or for each text of the list that
        it holds.
        """
        found = []
        system = system_of(row, ExchangeColumns()) if self._keeps_system else ""
        for column in self.responses:
            value = self._value(row, column)
            listed = value if isinstance(value, list) else None
            named = [(column, value)] if listed is None else [(f"{column}.{n}", said) for n, said in enumerate(listed)]
            for name, said in named:
                if said is None:
                    continue
                if not isinstance(said, str):
                    raise _bad(name, said, "text, or null where no completion was recorded")
                found.append(Recorded(name, clean_text(said), None, system or None))
        return tuple(found)

    def check_columns_met(self) -> None:
        """Raise `Refused` for a column that is named in the configuration and in no row: it is misspelt."""
        defaults = Columns()
        named = {f: getattr(self.columns, f) for f in ("context", "gold", "kind", "spec", "id", "tags")}
        expected = [(f, path) for f, path in named.items() if path != getattr(defaults, f)]
        if self.columns.responses != defaults.responses or not self._n_formed:
            expected += [("responses", path) for path in self.responses]
        for field, path in expected:
            if path not in self.met:
                raise Refused(f"questions.columns.{field}: got {path!r}; {self.settings.path} has no such column")

    def _value(self, row: Mapping[str, Any], path: str) -> Any:
        if path not in row and "." not in path:
            return None
        try:
            value = look_up(row, path)
        except LookupError:
            return None
        self.met.add(path)
        return value

    def _plain(self, row: Mapping[str, Any], path: str, needs: str) -> str | None:
        value = self._value(row, path)
        text = plain_text(value)
        if text is None and value is not None:
            raise _bad(path, value, needs)
        return text

    def _text(self, row: Mapping[str, Any]) -> str:
        path = self.columns.question
        value = self._value(row, path)
        if path not in self.met:
            titles = _TITLES if any(len(name) > _LONG for name in row) else ""
            raise FieldError(
                None,
                f"got no {path!r} but {names_of(row) or 'nothing'}; needs the question's text; "
                f"questions.columns.question names its column{titles}",
            )
        above = [self._context(row)]
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            asked = conversed(row, path, self.settings.several_turns)
            above, value = ["" if _says_nothing(asked.system) else asked.system, *above], asked.instruction
        if not isinstance(value, str) or value.strip() in ("", "-"):  # of OpenCodeReasoning-2 others have the questions
            raise _bad(path, value, "the question as text that is not empty")
        return "\n\n".join(filter(None, (*above, clean_text(value))))

    def _context(self, row: Mapping[str, Any]) -> str:
        """Empty where no column is named, or a row has none."""
        path = self.columns.context
        return given_input(self._value(row, path), path) if path else ""

    def _golds(self, row: Mapping[str, Any], path: str) -> list[str]:
        """Each of them once; empty where the row has none."""
        value, several = self._value(row, path), self.settings.several_golds
        listed = from_cell(value) if several is SeveralGolds.ANY else value
        if several is SeveralGolds.LIST and isinstance(value, list):
            return [json_text(value)]
        if not isinstance(listed, list) or len(listed) < 2:
            return list(filter(None, [self._gold(only(listed), path)]))
        if several is not SeveralGolds.ANY:
            raise _bad(path, value, _ONE)
        return list(dict.fromkeys(filter(None, (self._gold(gold, path) for gold in listed))))

    def _gold(self, value: Any, path: str) -> str | None:
        text = str(value) if isinstance(value, bool) else plain_text(value)
        if text is None and value is not None:
            raise _bad(path, value, "text, a finite number, true, false or null")
        if text is None or not text.strip():
            return None
        if _CHECK.match(text):
            raise _bad(path, text, _NO_CHECK)
        if self.settings.gold_pattern is None:
            return text
        gold = last_match(self.settings.gold_pattern, text)
        if not gold:
            needs = f"a match of questions.gold_pattern = {self.settings.gold_pattern!r}"
            raise _bad(path, text, needs)
        return gold

    def _kind(self, row: Mapping[str, Any]) -> str | None:
        value = self._value(row, self.columns.kind)
        if value is None:
            return None
        if not isinstance(value, str) or value not in KINDS:
            raise _bad(self.columns.kind, value, kinds_for(value))
        return value

    def _spec(self, row: Mapping[str, Any]) -> str | None:
        value = self._value(row, self.columns.spec)
        if value is None:
            return None
        spec = parse_spec(value)
        if spec is None:
            raise _bad(self.columns.spec, value, "a JSON object, or its text")
        try:
            check_spec(spec)
        except Refused as refused:
            name, _, said = str(refused).partition(": ")
            raise FieldError(f"{self.columns.spec}.{name}", said) from refused
        return spec

    def _tags(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        value = self._value(row, self.columns.tags)
        given = [] if value is None else value if isinstance(value, list) else [value]
        tags = [plain_text(tag) for tag in given]
        if None in tags:
            raise _bad(self.columns.tags, value, "a text or a list of texts")
        return tuple(tag for tag in tags if tag is not None)


def _accepting(spec: str, others: Sequence[str], kind: str | None, path: str) -> str:
    """The spec with the golds after the first. Raises `FieldError` for a kind that compares with one alone."""
    if not others:
        return spec
    from tasks.judging.verifiers import VERIFIERS  # who only reads rows needs none

    try:
        return canonical_json(VERIFIERS[kind or AnswerKind.EXACT].accepting(json.loads(spec), others))
    except ValueError as error:
        raise _bad(path, list(others), str(error)) from None


def called(name: str) -> str:
    """Return the name of a column without regard to case, spaces and hyphens: `Correct Answer` is `correct_answer`."""
    return re.sub(r"[\s-]+", "_", name.strip()).casefold()


def _may_be_gold(row: Mapping[str, Any], read: Collection[str]) -> Iterator[str]:
    """What a row without a gold calls an answer, and nobody reads."""
    for name, value in row.items():
        if called(name) in GOLDS and name not in read and value not in (None, "", []):
            yield _MAY_BE_GOLD.format(name)


def _unshown(row: Mapping[str, Any], text: str, beside: Collection[str]) -> Iterator[str]:
    """What belongs to a question and does not stand in its text, in words."""
    yield from (_UNSHOWN_CHOICES.format(name) for name in CHOICES if name in row and _are_hidden(row[name], text))
    if all(name in row for name in LETTERS[:2]) and any(is_unshown(row.get(name), text) for name in LETTERS):
        yield _UNSHOWN_CHOICES.format(", ".join(name for name in LETTERS if name in row))
    yield from (_UNSHOWN_CHOICES.format(name) for name in row if called(name) in WRONG and is_unshown(row[name], text))
    yield from (_UNSHOWN.format(name) + _BESIDE for name in beside if name in row and is_unshown(row[name], text))
    yield from (
        _UNSHOWN.format(name) + _NO_TEXT
        for name in beside
        if isinstance(row.get(name), list | dict) and _holds_more(row[name], text)
    )


def is_unshown(value: Any, text: str) -> bool:
    """Return whether a value says something that does not stand in a text."""
    as_text = plain_text(value)
    return as_text is not None and as_text.strip() not in text and not _says_nothing(as_text)


def _says_nothing(text: str) -> bool:
    return means_none(text) or _SWITCH.fullmatch(text.strip()) is not None


def _holds_more(value: Any, text: str) -> bool:
    """Whether a list or an object, such as HotpotQA's context, holds a text that a question does not show."""
    if isinstance(value, str):
        return value.strip() not in text
    held = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_holds_more(each, text) for each in held)


def _are_hidden(choices: Any, text: str) -> bool:
    """Whether a question does not show all of its choices: texts, those of ARC's form beside labels, by their letters,
    with their scores as BIG-bench has them, or a cell.
    """
    given = from_cell(choices)
    if isinstance(given, dict):
        texts = all(isinstance(choice, str) for choice in given.values())
        listed = given["text"] if "text" in given else [*given.values()] if texts else [*given]
    else:
        listed = [given] if isinstance(given, str) else given
    return isinstance(listed, list) and any(choice_text(choice) not in text for choice in listed)


def _bad(path: str, value: Any, needs: str) -> FieldError:
    return FieldError(path, complaint(value, needs))
