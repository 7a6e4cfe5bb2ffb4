"""Benchmark items in disguise, and texts that are none: what is found of each kind, as a table.

Most are made of 60 GSM8K test questions and of the HumanEval problems; the summaries and translations were written by
hand, some of the controls to be as near as another problem can be.
"""

import ast
import base64
import inspect
import json
import random
import re
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.contamination import Detector
from schemas.detection import Detection
from tasks.contamination.cross_lingual import LANGUAGES, MultilingualEmbedder
from tasks.contamination.detect import convicted, detect
from tasks.contamination.embedders import load_embedder

HERE = Path(__file__).parent
ITEMS, CLEAN = 60, 500
LOOKALIKES = str.maketrans("aceopxyi", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456")
FILLER = inspect.getsource(textwrap.dedent)
LEET = str.maketrans("aeios", "43105")
WORDS = re.findall(
    r"\w+", "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
NAMES = re.findall(
    r"\w+", "Anna Boris Chidi Dagny Emre Fatima Goran Hanako Ines Jorge Kamala Leif Mei Nadia Omar Priya"
)
NO_NAMES = re.compile(
    "A|An|The|He|She|It|They|We|I|In|On|At|If|How|What|When|Each|Every|His|Her|There|For|To|One|After|This|That|Then|"
    "Half|Two|.*day"
)


def other_names(text: str) -> str:
    """Every capitalised word that may be a name, by another name, the same each time."""
    found = [word for word in dict.fromkeys(re.findall(r"\b[A-Z][a-z]+\b", text)) if not NO_NAMES.fullmatch(word)]
    renamed = dict(zip(found, NAMES * 3, strict=False))
    return re.sub(r"\b[A-Z][a-z]+\b", lambda match: renamed.get(match[0], match[0]), text)


def numbers_in_words(text: str) -> str:
    return re.sub(r"(?<![\d.,])\d+(?![\d.,]*\d)", lambda m: WORDS[int(m[0])] if int(m[0]) < len(WORDS) else m[0], text)


def other_numbers(text: str) -> str:
    return re.sub(r"\d+", lambda match: str(int(match[0]) * 2 + 3), text)


def with_typos(text: str) -> str:
    """Two letters of every fifth word change places."""
    words = text.split()
    for at in range(2, len(words), 5):
        if len(words[at]) > 3:
            words[at] = words[at][0] + words[at][2] + words[at][1] + words[at][3:]
    return " ".join(words)


def sentences_turned(text: str) -> str:
    """The question first."""
    *told, asked = re.split(r"(?<=[.?!])\s+", text.strip())
    return " ".join([asked, *told])


def first_half(text: str) -> str:
    return text[: len(text) // 2]


DISGUISES: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "capitals, no punctuation": lambda text: re.sub(r"[^\w\s]", "", text).upper(),
    "zero-width spaces between letters": "\u200b".join,
    "Cyrillic lookalikes": lambda text: text.translate(LOOKALIKES),
    "typing errors in every fifth word": with_typos,
    "first half": first_half,
    "question first, then the facts": sentences_turned,
    "numbers in words": numbers_in_words,
    "other names": other_names,
    "other numbers (another problem)": other_numbers,
    "leet spelling": lambda text: text.translate(LEET),
    "letters apart": " ".join,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}


class Renamed(ast.NodeTransformer):
    """Other names for functions, arguments and variables, without docstrings; `literals` are changed too."""

    def __init__(self, tree: ast.AST, literals: bool = False) -> None:
        bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._names = {name: f"value_{n}" for n, name in enumerate(sorted(bound))}
        self._literals = literals

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._names[node.arg], None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        node.name, node.returns = self._names[node.name], None
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self._literals and type(node.value) is int:
            return ast.Constant(node.value + 1)
        return node


def renamed(source: str, literals: bool = False) -> str:
    tree = ast.parse(source)
    return ast.unparse(Renamed(tree, literals).visit(tree))


def without_docstring(source: str) -> str:
    return re.sub(r'("""|\'\'\').*?\1', "", source, flags=re.DOTALL)


def functions() -> Iterator[str]:
    """Functions of the standard library."""
    for module in (textwrap, json, random, inspect, ast, base64, types, re, __import__("statistics")):
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:  # a library that is loaded may have put its own there
                yield textwrap.dedent(inspect.getsource(function))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def kinds(shared: Path) -> tuple[list[str], dict[str, list[str]]]:
    """The benchmark's items, and the texts of each kind of disguise; the last ones are clean."""
    test, train, rephrased = (lines(shared / f"gsm8k_{name}.jsonl") for name in ("test", "train", "test_rephrased"))
    problems, terse = lines(shared / "humaneval.jsonl"), lines(HERE / "disguises_terse.jsonl")
    translated = lines(HERE / "disguises_translated.jsonl")
    questions = [row["question"] for row in test]
    code = [row["prompt"] + row["canonical_solution"] for row in problems]
    clean = [row["question"] for row in random.Random(1).sample(train, CLEAN)]
    known = [row for row in translated if row["language"] in LANGUAGES.split()]
    made = {name: [disguise(text) for text in questions[:ITEMS]] for name, disguise in DISGUISES.items()}
    return questions + code, made | {
        "rephrased by a model": [row["text"].partition("\nAnswer:")[0] for row in rephrased[:ITEMS]],
        "among ten other questions": [" ".join([*clean[:5], text, *clean[5:10]]) for text in questions[:ITEMS]],
        "rephrased, among ten other questions": [
            " ".join([*clean[:5], row["text"], *clean[5:10]]) for row in rephrased[:ITEMS]
        ],
        "terse summary": [row["text"] for row in terse],
        "translated (de, es, fr, it, pl, pt)": texts(known, "de es fr it pl pt"),
        "translated (ar, ja, ko, ru, tr, zh)": texts(known, "ar ja ko ru tr zh"),
        "translated (hi, which the model lacks)": texts(translated, "hi"),
        "code without docstring": [without_docstring(source) for source in code],
        "code without docstring, other names": [renamed(source) for source in code],
        "code without docstring, other names and numbers": [renamed(source, literals=True) for source in code],
        "the same inside a longer program": [f"{renamed(source, literals=True)}\n\n\n{FILLER}" for source in code],
        "clean: training questions": clean,
        "clean: other problems in ten languages": [row["text"] for row in translated if row["item"] is None],
        "clean: functions of the standard library": list(functions()),
    }


def texts(rows: Sequence[Mapping[str, Any]], languages: str) -> list[str]:
    return [row["text"] for row in rows if row["item"] is not None and row["language"] in languages.split()]


def table(shared: Path) -> Iterator[str]:
    items, made = kinds(shared)
    model, across = load_embedder(Detection()), MultilingualEmbedder()
    every = dict(enumerate(text for of_kind in made.values() for text in of_kind))
    found = detect(every, items, Detection(), model.embed, embed_across=across.embed)
    ngram, embedding = (convicted({name: found[name]}) for name in (Detector.NGRAM, Detector.EMBEDDING))
    yield "| disguise | texts | `ngram` | `embedding` | both |"
    yield "|---|--:|--:|--:|--:|"
    first = 0
    for name, of_kind in made.items():
        places = set(range(first, first := first + len(of_kind)))
        shares = (len(places & by) / len(places) for by in (ngram, embedding, ngram | embedding))
        yield f"| {name} | {len(places)} | " + " | ".join(f"{share:.0%}" for share in shares) + " |"
