"""Code sets in the form that their authors publish: the tests of a row become the spec of kind `code`."""

import base64
import binascii
import json
import pickletools
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemas.question import AnswerKind
from tasks.questions.benchmark_rows import BenchmarkRows, PublishedRow, text_of
from tasks.questions.forms import conversed
from tasks.questions.tests_column import TESTS, test_column
from tasks.rows.exchange import FieldError, complaint
from tasks.rows.values import from_cell, is_number, look_up, plain_text
from tasks.sandbox.confinement import ResourceLimits

ASKED = (
    "question_content",
    "problem_description",
    "question",
    "problem",
    "description",
    "instruct_prompt",
    "prompt",
    "text",
)
"""Columns of what is asked, the first that a row has."""
_MORE = ("private_test_cases", "private_tests", "generated_tests")
_IDS = ("question_id", "problem_id", "task_id", "id", "name")
_OTHER = (
    *("starter_code", "metadata", "test_info", "test_imports", "test_setup_code", "outputs", "func_name", "fn_name"),
    "time_limit",
)
_LARGEST = 1 << 28
"""Bytes of tests that were packed."""
_TEXT_OF_PICKLE = frozenset(
    ["PROTO", "FRAME", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "MEMOIZE", "BINPUT", "PUT", "STOP"]
)
"""What writes a lone text, and runs nothing."""
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|milliseconds?|s|secs?|seconds?)?")
_NODES = re.compile(r"\b(?:ListNode|TreeNode|Node)\b(?=[\s\]\"',:)*]|$)")
_SEVERAL = re.compile(
    r"\b(?:(?:print|output|return|find|report)\s+any\b|any\s+(?:of\s+(?:them|these|those|the)|valid|order|one|correct|"
    r"solution|answer)\b|(?:multiple|several|many|more than one)\s+(?:\w+\s+){0,3}?(?:answers?|solutions?|outputs?)\b|"
    r"(?:absolute|relative)\s+error\b|precision\s+of\b|within\s+\S*10|answers?\s+(?:is|are)\s+not\s+unique\b)",
    re.IGNORECASE,
)
"""What a question says whose tests show one of several right outputs."""
_TALKS = re.compile(
    r"\binteractive (?:problem|task|judge)\b|\binteract with the (?:judge|jury|grader)\b", re.IGNORECASE
)
_JUDGES = ("generated_checker", "checker", "special_judge", "spj")
_TEST_FUNCTION = re.compile(r"^def (test_?\w*)\(\):", re.MULTILINE)
_IMPORTED = re.compile(r"^from solution import +(?:\([^)]*\)|.*)$", re.MULTILINE)
_FROM = (
    "bisect",
    "collections",
    "copy",
    "functools",
    "heapq",
    "itertools",
    "math",
    "random",
    "string",
    "sys",
    "typing",
)
_MODULES = (*_FROM, "datetime", "fractions", "json", "operator", "re", "time")
IMPORTS = "\n".join(
    [f"import {', '.join(_MODULES)}", *(f"from {name} import *" for name in _FROM), "from builtins import pow\n"]
)
"""What LiveCodeBench and APPS import above each answer."""


class _Call(NamedTuple):
    input: Any
    output: Any
    function: str | None


class CodeTests(BenchmarkRows):
    """LiveCodeBench, APPS, TACO, DeepCoder, PRIME, SYNTHETIC-1, CodeContests, Codeforces, MBPP, AceCode, KodCode and
    LeetCodeDataset: programs by standard input and output, functions and methods by calls or asserts.
    """

    published = (*ASKED, *(name.partition(".")[0] for name in TESTS), *_MORE, *_IDS, *_OTHER, *_JUDGES, "entry_point")
    answer_kind = AnswerKind.CODE

    def read(self, row: PublishedRow) -> dict[str, Any]:
        column = test_column(row)
        if column is None:
            raise FieldError(None, f"got no tests but {', '.join(row)}; needs one of {', '.join(TESTS)}")
        question, starter = self._question(row), row.get("starter_code") or ""
        if nodes := _NODES.search(starter):
            raise FieldError("starter_code", complaint(nodes[0], "arguments of plain data, which tests can state"))
        if talks := _TALKS.search(question):
            raise FieldError(None, complaint(talks[0], "a program whose output follows from its input"))
        held = _unpacked(look_up(row, column), column)
        asserts = held if _is_texts(held) and column != "inputs" else None
        spec = (
            _asserting(row, column, asserts) if asserts or column == "test" else _calling(row, column, held, question)
        )
        if any(row.get(name) for name in _JUDGES) or _SEVERAL.search(question):
            spec["any_answer"] = True
        if (limit_s := _time_limit_s(row)) > ResourceLimits().cpu_s:
            spec["time_limit_s"] = limit_s
        return {
            "question": "\n\n".join([question, *_form(question, starter, spec, asserts)]),
            "spec": spec,
            "id": next((row[name] for name in _IDS if isinstance(row.get(name), str | int)), None),
        }

    def _question(self, row: PublishedRow) -> str:
        name = next((name for name in ASKED if row.get(name)), "question")
        if not isinstance(row.get(name), list):
            return text_of(row, name).strip()
        asked = conversed(row, name, self.settings.several_turns)
        return "\n\n".join(filter(None, (asked.system, asked.instruction)))


def _time_limit_s(row: PublishedRow) -> float:
    """What a row allows: seconds, as Codeforces' rows have them, in words as in TACO's, or in CodeContests' parts; 0 of
    any other.
    """
    held = from_cell(row.get("time_limit"))
    if isinstance(held, Mapping):
        parts = [held.get(name) or 0 for name in ("seconds", "nanos")]
        return parts[0] + parts[1] / 1e9 if all(map(is_number, parts)) else 0.0
    said = _SECONDS.fullmatch((plain_text(held) or "").strip())
    return float(said[1]) / (1000 if (said[2] or "").startswith("m") else 1) if said else 0.0


def _asserting(row: PublishedRow, column: str, asserts: list[str] | None) -> dict[str, Any]:
    """The spec of Python that asserts."""
    test = row.get("test")
    if isinstance(test, str) and (column == "test" or "test_list" in row):
        if missing := re.search(r"^\s*(?:import|from) (pytest|unittest)\b", test, re.MULTILINE):
            raise FieldError("test", complaint(missing[1], "asserts that need no package of tests"))
        run = [f"{name}()" for name in _TEST_FUNCTION.findall(test)]
        spec: dict[str, Any] = {"test": "\n".join([_IMPORTED.sub("", test), *run, ""])}
    else:
        named = ("test_imports", "test_setup_code")
        spec = {"test_list": asserts, **{name: row[name] for name in named if row.get(name)}}
    entry_point = row.get("entry_point") or _named_function(row)
    above = row.get("prompt") if row.get("problem_description") and isinstance(row.get("prompt"), str) else None
    return spec | ({"entry_point": entry_point} if entry_point else {}) | ({"prompt": above} if above else {})


def _named_function(row: PublishedRow) -> Any:
    """KodCode's."""
    told = row.get("test_info")
    return told[0].get("function_name") if isinstance(told, list) and told and isinstance(told[0], dict) else None


def _calling(row: PublishedRow, column: str, held: Any, question: str) -> dict[str, Any]:
    """The spec of inputs and outputs, of a program or of a function."""
    if column == "inputs":
        held = {"inputs": held, "outputs": _unpacked(row.get("outputs"), "outputs")}
    found = [*_calls(held, column)]
    for name in _MORE if column in ("public_test_cases", "public_tests") else ():
        found += _calls(_unpacked(row[name], name), name) if row.get(name) else ()
    if not found:
        raise FieldError(column, complaint(row.get(column), "tests with input and output"))
    told = _unpacked(row.get("metadata") or {}, "metadata")
    function = next((call.function for call in found if call.function), None) or row.get("func_name")
    function = function or row.get("fn_name") or (told.get("func_name") if isinstance(told, dict) else None)
    if not function:
        tests = [{"input": _lines(call.input, column), "output": _lines(call.output, column)} for call in found]
        return {"tests": tests, "prompt": IMPORTS}
    method = "class Solution" in f"{row.get('starter_code') or ''}{question}"
    spec = {"entry_point": f"Solution.{function}" if method else function, "prompt": IMPORTS, "equal": True}
    cases = [_case(call, column) for call in found]
    if any(_is_quoted(arg) for case in cases for arg in case["args"]):
        spec["any_answer"] = True
    outputs = [case["expected"] for case in cases]
    if not isinstance(found[0].input, str) and all(isinstance(output, list) and len(output) == 1 for output in outputs):
        spec["wrapped"] = True
        cases = [case | {"expected": case["expected"][0]} for case in cases]
    return spec | {"cases": cases}


def _case(call: _Call, column: str) -> dict[str, Any]:
    """Arguments as JSON, one on each line, or as they are."""
    if not isinstance(call.input, str):
        return {"args": call.input if isinstance(call.input, list) else [call.input], "expected": call.output}
    try:
        args = [json.loads(line) for line in call.input.split("\n") if line.strip()]
        return {"args": args, "expected": json.loads(call.output) if isinstance(call.output, str) else call.output}
    except (ValueError, RecursionError):
        raise FieldError(column, complaint(call.input, "arguments as JSON, one on each line")) from None


def _is_quoted(value: Any) -> bool:
    """Whether it is JSON within JSON, which graders hand over with its quotes and authors meant without."""
    return isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'


def _calls(held: Any, column: str) -> Iterator[_Call]:
    """Each input with its output, of every form. Raises `FieldError`."""
    if isinstance(held, Mapping) and "test_cases" in held:
        held = _unpacked(held["test_cases"], column)
    if isinstance(held, Mapping):
        inputs, outputs = (held.get(f"{name}s", held.get(name)) for name in ("input", "output"))
        if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
            raise FieldError(column, complaint(held, "as many inputs as outputs, in two lists"))
        for one, other in zip(inputs, outputs, strict=True):
            yield _Call(one, other, held.get("fn_name"))
        return
    for test in held if isinstance(held, list) else [held]:
        if not isinstance(test, Mapping) or "input" not in test or "output" not in test:
            raise FieldError(column, complaint(test, "a test with input and output"))
        beside = test.get("metadata")
        yield _Call(
            test["input"],
            test["output"],
            test.get("fn_name") or (beside.get("func_name") if isinstance(beside, Mapping) else None),
        )


def _lines(value: Any, column: str) -> str:
    if isinstance(value, list) and _is_texts(value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise FieldError(column, complaint(value, "text, or a list of lines, where no function is named"))
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _unpacked(value: Any, column: str) -> Any:
    """What stands in a cell: JSON as text, also packed by LiveCodeBench. Raises `FieldError`."""
    if not isinstance(value, str) or column == "test":
        return value
    try:
        return json.loads(value if value.lstrip()[:1] in ("{", "[") else _packed(value, column))
    except (ValueError, RecursionError):
        raise FieldError(column, complaint(value, "JSON")) from None


def _packed(value: str, column: str) -> str:
    """The text in base64 of zlib of pickle. Nothing is unpickled: its codes are read, and more than a text refused."""
    needs = "JSON, or a text as LiveCodeBench packs it (base64, zlib, pickle)"
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(value, validate=True), _LARGEST)
        if reader.unconsumed_tail or not reader.eof:
            raise FieldError(column, complaint(value, f"{needs} of at most {_LARGEST >> 20} MiB, and all of it"))
        codes = []
        for code in pickletools.genops(data):
            if code[0].name not in _TEXT_OF_PICKLE:
                said = f"got a pickle with {code[0].name}, which may run code"
                raise FieldError(column, f"{said}; needs {needs}; unpack it where you trust it")
            codes.append(code)
    except (binascii.Error, zlib.error, ValueError):
        raise FieldError(column, complaint(value, needs)) from None
    texts = [arg for code, arg, _ in codes if code.name.endswith("UNICODE") or code.name == "BINUNICODE8"]
    if len(texts) != 1:
        raise FieldError(column, complaint(value, needs))
    return str(texts[0])


def _form(question: str, starter: str, spec: Mapping[str, Any], asserts: list[str] | None) -> Iterator[str]:
    """What is asked for, where the question does not say it."""
    if starter.strip() and starter.strip() not in question:
        yield f"Begin with this code, and give the whole of it.\n\n```python\n{starter.rstrip()}\n```"
    elif "tests" in spec and not re.search("stdin|standard input", question, re.IGNORECASE):
        yield "Write a Python program that reads standard input and writes to standard output."
    elif name := None if asserts else spec.get("entry_point"):
        if name.rpartition(".")[2] not in question:
            yield f"Write it in Python, as `{name}`."
    elif asserts and asserts[0] not in question:
        shown = "\n".join(asserts[:3])
        yield f"Your code should pass tests such as these:\n\n```python\n{shown}\n```"
