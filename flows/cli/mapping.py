"""Which column of the user's data holds what, as a line of a configuration, with a comment where nobody can know."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Any

from flows.cli.options import StartingPoint
from flows.rendering import printable
from schemas.errors import Refused
from schemas.exchange import ExchangeColumns, PairFormat, SeveralTurns
from schemas.question_source import Columns, Questions
from tasks.questions.choice_rows import is_of_choices
from tasks.questions.columns import BESIDE, GOLDS, SYSTEM, called, is_unshown
from tasks.questions.forms import conversed, formed
from tasks.questions.gold_column import LOOKED_AT, GoldColumn
from tasks.questions.tests_column import test_column
from tasks.rows.data_set import DataSet
from tasks.rows.exchange import FieldError, form_of, own_names, read_exchange, value_at
from tasks.rows.jsonl import Unreadable
from tasks.rows.values import from_cell, only, plain_text

_QUESTION = ("prompt", "problem", "problem_text", "query", "instruction", "input", "text", "task")
_ANY = ("target", "aliases", "possible_answers", "golden_answers", "normalized_aliases")
"""Lists of golds each of which is right by itself: of BIG-bench, TriviaQA, PopQA, FlashRAG."""
_WITHIN = ("aliases", "text", "ground_truth")
"""Where TriviaQA, SQuAD and verl's data keep them in an object."""
_SURE = (
    *("ground_truth", "expected_answer", "correct_answer", "reference_answer", "final_answer", "answerkey"),
    "standard_answer",
)
"""Names of a right answer, and of no whole response: of MegaScience's `answer` and `reference_answer` the latter."""
_GOLD = (*_SURE, *GOLDS, "solution", "reward_model")
_NESTED_QUESTION = ("0.value", "qa.question")
_NESTED_GOLD = (
    *("verification_info.ground_truth", "messages.0.info.reference_answer", "1.ground_truth.value", "qa.answer"),
    "answers_spans.spans",
)
"""Where SYNTHETIC, AM-DeepSeek, Open-Reasoner-Zero, FinQA and DROP keep them."""
_CODE = re.compile(r"^\s*(?:def|class|import|from|for|while)\b.*|^#include\b|^\s*print\(|\bint main\(", re.MULTILINE)
"""A line of a program, which is no answer that an answer is compared with."""
_RESPONSE = ("output", "response", "completion", "answer", "chosen", "target", "solution")
_CONVERSED = ("conversation", "dialogue", "dialog", "data", "chosen", "chosen_messages")
_SAID = (
    *("response", "responses", "model_output", "model_outputs", "output", "outputs", "prediction", "generated_text"),
    *("completion", "completions", "generation", "generations", "model_answer", "generated_solution", "r1_generation"),
)
_SAID_BESIDE = ("solution", "answer")
"""Whole responses where the gold has a column of its own, as of LIMO and MegaScience."""
_PUBLISHED: Sequence[tuple[str, Mapping[str, type | tuple[type, ...]]]] = (
    ("humaneval", {"prompt": str, "test": str, "entry_point": str}),
    ("ifeval", {"prompt": str, "instruction_id_list": list, "kwargs": list}),
    ("ifeval", {"messages": list, "ground_truth": (str, list, dict), "constraint": str}),
    ("math", {"problem": str, "solution": str}),
)
"""Sources that read a benchmark as it is published, each with columns that only its rows have."""
_BOXED = "\\boxed"
"""Around the gold in a solution of MATH, which has no column for it alone."""
_MARKS = ("####", "The answer is:")
"""Of GSM8K, MetaMathQA and those like them, before the gold."""
_BRACKETED = re.compile(r"\[\[[\s\S]*\]\]")
_OF_KOR_BENCH = r"""# these questions need the rule that rule_id names: put its text above each
gold_pattern = '\[\[\s*([\s\S]*?)\s*\]\]'
spec = '{"answer_pattern": "\\[\\[\\s*([\\s\\S]*?)\\s*\\]\\]"}'
"""
_CLASS = 6
"""More classes would be a rare thing."""
_NO_ROW: Mapping[str, Any] = {}
_EXCHANGE = ExchangeColumns()
_own = partial(own_names, alike=called)
_OURS = ("question", "gold", "kind", "spec", "id", "tags", "response")
"""Columns that are read by their own names."""
_SOLUTION = 80
"""Characters beyond which a gold is hardly an answer."""
_ROWS = 20
"""So many are looked at for their columns."""


def mapped_columns(kind: StartingPoint, data: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the lines that map the columns of some rows for a starting point; empty where they need none."""
    columns = {StartingPoint.FILES: _answer_columns, StartingPoint.RECYCLE: _pair_columns}.get(kind, _columns)
    return columns(data, rows)


def source_of(data: str) -> str:
    """Return the source that reads rows at such a path, whatever their columns."""
    path = Path(data)
    if path.suffix in (".parquet", ".pq"):
        return "parquet"
    return "jsonl" if path.is_file() or path.suffix else "huggingface"


def _columns(data: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The mapping that the data's own names ask for; commented where there is nothing to go by."""
    commented = '# columns = { question = "prompt", gold = "answer" }  # when they have other names\n'
    if not rows:
        return commented
    row = rows[0]
    question = _first(row, ("question", *_QUESTION), str) or _conversation(row) or _nested(rows, _NESTED_QUESTION)
    gold = _gold(rows, question) or _marked(row, question)
    if published_source(rows):
        return ""
    if _is_read(row, data) and not (gold and _repeats(row, data, question)):
        return _gold_of_form(rows) or commented
    if question is None:
        return f"{commented}# the data's own: {_listed(row)}\n"
    gold = None if gold and _are_classes(rows, gold) else gold
    held = value_at(row, gold or "")
    within = next((name for name in _WITHIN if isinstance(held, dict) and name in held), None)
    gold = f"{gold}.{within}" if within else gold
    context = next(
        (name for name in (*SYSTEM, *BESIDE) if any(_belongs_above(row, name, question) for row in rows)), None
    )
    mapped = {"question": question} | ({"context": context} if context else {}) | ({"gold": gold} if gold else {})
    entries = ", ".join(f"{name} = {quoted(at)}" for name, at in mapped.items() if at != getattr(Columns(), name))
    columns = f"columns = {{ {entries} }}  # of {_listed(row)}\n" if entries else commented
    more = _gold_pattern(value_at(row, gold or ""), row) or ("" if row.get("kind") else _kind(data, gold or ""))
    return columns + _tags(entries, row, mapped) + (_several(rows, gold) if gold else "") + more


def _gold(rows: Sequence[Mapping[str, Any]], taken: str | None) -> str | None:
    """The column of the golds, or the path to them."""
    found = _first(rows[0], ("gold", *_GOLD), object, taken)
    if found and called(found) == "solution" and _CODE.search(plain_text(rows[0][found]) or ""):
        found = None
    return found or _nested(rows, _NESTED_GOLD)


def _nested(rows: Sequence[Mapping[str, Any]], paths: Iterable[str]) -> str | None:
    """The first of the paths where a row has something."""
    return next((path for path in paths if any(value_at(row, path) not in (None, "", []) for row in rows)), None)


def _conversation(row: Mapping[str, Any]) -> str | None:
    """A column of turns that ask, as of verl's and TRL's prompts."""
    for name in _own(row, "question", *_QUESTION):
        try:
            if isinstance(row[name], list) and conversed(row, name, SeveralTurns.FIRST).instruction:
                return name
        except FieldError:
            continue
    return None


def _marked(row: Mapping[str, Any], question: str | None) -> str | None:
    """A column of whole responses that end with the gold behind a mark."""
    said = (name for name in _own(row, *_RESPONSE) if isinstance(row[name], str) and name != question)
    return next((name for name in said if any(mark in row[name] for mark in _MARKS)), None)


def _repeats(row: Mapping[str, Any], data: str, question: str | None) -> bool:
    """Whether a column of its own holds all that a row's conversation asks: NuminaMath's, OpenR1-Math's."""
    try:
        found = formed(row, Questions(source="jsonl", path=data), False)
    except FieldError:
        return False
    return found is not None and question is not None and found.text == plain_text(row[question])


def _belongs_above(row: Mapping[str, Any], name: str, question: str) -> bool:
    """Whether what stands in a column belongs above the question, which does not hold it."""
    asked = value_at(row, question)
    return name != question and isinstance(asked, str) and is_unshown(row.get(name), asked)


def _several(rows: Sequence[Mapping[str, Any]], gold: str) -> str:
    """What a list of golds means, commented where nobody knows; nothing where there is none."""
    held = [value_at(row, gold) for row in rows]
    listed = [from_cell(golds) for golds in held]
    in_cells = "." in gold and all(isinstance(golds, list) and golds not in held for golds in listed)  # Skywork-OR1's
    if not in_cells and not any(isinstance(golds, list) and len(golds) > 1 for golds in listed):
        return ""
    line = 'several_golds = "any"'
    if gold.casefold() in _ANY or ("." in gold and gold != "answers_spans.spans"):
        return f"{line}  # each of a row's golds is right by itself\n"
    return f'# {line}  # if each is right by itself; "list" if all of it is the gold\n'


def _gold_of_form(rows: Sequence[Mapping[str, Any]]) -> str:
    """How the gold of a row that is read by its form goes along, commented; nothing where none is seen."""
    row = rows[0]
    gold = None if "gold" in row else _first(row, (*_SURE, *GOLDS), object) or _nested(rows, _NESTED_GOLD)
    if gold and (called(gold) in _SURE or gold in _NESTED_GOLD):
        return f"columns = {{ gold = {quoted(gold)} }}  # of {_listed(row)}\n"
    return f"# columns = {{ gold = {quoted(gold)} }}  # if that is the right answer\n" if gold else ""


def _answer_columns(data: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The mapping of a file of answers whose form is not known."""
    if not rows or _is_read(rows[0], data, True):
        return _gold_of_form(rows) if rows else ""
    row = rows[0]
    question = _first(row, ("question", *_QUESTION), str) or _conversation(row)
    gold = _gold(rows, question)
    said = _first(row, (*_SAID, *_SAID_BESIDE * bool(gold)), (str, list), gold)
    if question is None or said is None:
        return f"# the data's own columns: {_listed(row)}\n"
    within = f"{said}.0.response"
    said = within if isinstance(value_at(row, within), str) else said
    found = {"question": question, "responses": said, "gold": gold}
    entries = ", ".join(f"{name} = {quoted(column)}" for name, column in found.items() if column)
    return f"columns = {{ {entries} }}  # of {_listed(row)}\n{_gold_pattern(row.get(found['gold'] or ''))}"


def _pair_columns(_: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The mapping of an instruction data set whose rows are of no form that is known."""
    if not rows or form_of(rows[0], _EXCHANGE) not in (None, PairFormat.ALPACA) or _is_pair(rows[0], _EXCHANGE):
        return ""
    row = rows[0]
    conversed = (name for name in _own(row, *_CONVERSED) if _is_pair(row, ExchangeColumns(messages=name)))
    if conversation := next(conversed, None):
        return f"columns = {{ messages = {quoted(conversation)} }}  # of {_listed(row)}\n"
    asked = (name for name in _own(row, "instruction", "question", *_QUESTION) if isinstance(row[name], str))
    instruction = next(filter(row.get, asked), None)
    found = {"instruction": instruction, "output": _first(row, _RESPONSE, str, instruction)}
    names = ", ".join(f"{name} = {quoted(column)}" for name, column in found.items() if column not in (None, name))
    return f"columns = {{ {names} }}  # of {_listed(row)}\n" if names else f"# the data's own columns: {_listed(row)}\n"


def _is_pair(row: Mapping[str, Any], columns: ExchangeColumns) -> bool:
    try:
        return bool(read_exchange(row, columns, several=SeveralTurns.LAST).response)
    except FieldError:
        return False


def published_source(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the source that reads a benchmark of these columns; None of others."""
    if rows and all(test_column(row) and not _is_of_humaneval(row) for row in rows):
        return "code_tests"
    if rows and all(map(is_of_choices, rows)):
        return "mmlu"
    for source, form in _PUBLISHED:
        if rows and all(isinstance(from_cell(row.get(name)), of) for row in rows for name, of in form.items()):
            return source if source != "math" or _are_of_math(rows) else None
    return None


def _is_of_humaneval(row: Mapping[str, Any]) -> bool:
    """Whether the question is a function to complete; LeetCodeDataset has only imports in that column."""
    return all(row.get(name) for name in ("prompt", "test", "entry_point")) and "problem_description" not in row


def _are_of_math(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether most have their gold in a box, and nowhere else: NuminaMath has proofs among them."""
    boxed = sum(_BOXED in row["solution"] for row in rows)
    return 2 * boxed > len(rows) and not any(_first(row, GOLDS, object) for row in rows)


def _first(
    row: Mapping[str, Any], names: Iterable[str], of: type | tuple[type, ...], taken: str | None = None
) -> str | None:
    """The first of the names, as the row spells it, that holds a value of this type and is not taken."""
    holding = (name for name in _own(row, *names) if row[name] is not None and isinstance(row[name], of))
    return next((name for name in holding if name != taken), None)


def _listed(names: Iterable[str]) -> str:
    """Names in a comment, which ends with its line."""
    return ", ".join(printable(" ".join(name.split())) for name in names)


def _tags(entries: str, row: Mapping[str, Any], mapped: Mapping[str, str]) -> str:
    """How a further column of texts goes along as tags, commented; nothing where there is none."""
    taken = {*mapped.values(), *_OURS}
    further = [name for name, value in row.items() if name and name not in taken and _is_tag(value)]
    if not further or isinstance(row.get("tags"), str | list):
        return ""
    with_tags = ", ".join(filter(None, [entries, f"tags = {quoted(further[0])}"]))
    others = f"; also there: {_listed(further[1:])}" if further[1:] else ""
    return f"# columns = {{ {with_tags} }}  # a text or a list of texts goes along as tags{others}\n"


def _is_tag(value: Any) -> bool:
    """Whether it is a short text, or a list of such."""
    texts = value if isinstance(value, list) else [value]
    return bool(texts) and all(isinstance(text, str) and 0 < len(text) <= _SOLUTION for text in texts)


def _kind(data: str, column: str) -> str:
    """What all golds together are, where that is more than what each is by itself; commented where only some are."""
    golds = GoldColumn()
    for row in first_rows(data, LOOKED_AT):
        held = value_at(row, column)
        cell = from_cell(held) if "." in column else held
        gold = only(cell if isinstance(cell, list) else held)
        golds.add(plain_text(gold), gold)
    if golds.shown is None:
        return ""
    shown, line = printable(quoted(shorten(golds.shown, _SOLUTION, placeholder="…"))), f'kind = "{golds.may_be}"'
    if golds.kind:
        return f"{line}  # what all its golds are, such as {shown}; without this line they are compared as text\n"
    return (
        f"# {line}  # refuses golds that are text; a column `kind` in the data has only golds such as {shown} read so\n"
    )


def _are_classes(rows: Sequence[Mapping[str, Any]], gold: str) -> bool:
    """Whether golds are the numbers of a few classes, as far as anybody can tell: SuperGLUE's."""
    labels = [value_at(row, gold) for row in rows] if called(gold) == "label" else [None]
    return all(type(label) is int and label in range(-1, _CLASS) for label in labels)


def _gold_pattern(gold: Any, row: Mapping[str, Any] = _NO_ROW) -> str:
    """Where the gold stands at the end of a solution: by its mark, or for the user to say."""
    if "rule_id" in row and isinstance(gold, str) and _BRACKETED.fullmatch(gold.strip()):
        return _OF_KOR_BENCH
    mark = next((mark for mark in _MARKS if isinstance(gold, str) and mark in gold), None)
    if not isinstance(gold, str) or (mark is None and len(gold) <= _SOLUTION):
        return ""
    line = f"gold_pattern = '{mark or _MARKS[0]}\\s*(.+)$'"
    return f"{line}  # what the gold is in that column\n" if mark else f"# {line}  # if it is a whole solution\n"


def first_rows(data: str, n: int = _ROWS) -> list[Mapping[str, Any]]:
    """Return the first rows of what is there, those of them that can be read."""
    if not Path(data).exists():
        return []
    try:
        rows = islice(DataSet(data, "--data").rows(), n)
        return [row for _, row in rows if not isinstance(row, Unreadable)]
    except Refused:
        return []


def _is_read(row: Mapping[str, Any], data: str, with_answers: bool = False) -> bool:
    """Whether its form says where its question is, and its answer."""
    settings = Questions(source="recorded" if with_answers else "jsonl", path=data)
    read = [settings.columns.question, *(settings.columns.responses if with_answers else ())]
    try:
        is_formed = formed(row, settings, with_answers) is not None
    except FieldError:
        return True
    return is_formed or (with_answers and all(name in row for name in read))


def quoted(text: str) -> str:
    """Return a text as TOML spells it."""
    return json.dumps(text, ensure_ascii=False)
