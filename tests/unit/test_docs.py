"""The pages of docs/ and the README: what the code writes is whole, and what they name is there."""

import ast
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from itertools import dropwhile
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
import typer
from pydantic import BaseModel
from rich.text import Text
from typer.testing import CliRunner

from flows.cli.main import app
from flows.cli.sql import ask
from flows.configure import read_as
from flows.misconfigured import keys
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.record import Provenance
from schemas.recycling import RecycleConfiguration
from schemas.release_format import ReleaseFormat
from schemas.tables import TABLES
from schemas.verdict import Reason
from tasks.curation.policy import Policy
from tasks.publishing import collator
from tasks.publishing.card import _USE
from tasks.publishing.content import PARQUET
from warehouse.defining import definitions
from warehouse.landing import Warehouse

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE: dict[str, Any] = runpy.run_path(str(DOCS / "generate.py"))
PAGES: dict[str, str] = MADE["pages"]()
WRITTEN = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
UsageError: type[Exception] = typer.BadParameter.__base__  # typer has a click of its own
COMMANDS: Mapping[str, click.Command] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
TARGETS = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@cache
def handed_on(command: str) -> set[str]:
    """The options of the program that a command hands what follows to, as its help lists them; none of another's."""
    if command != "practice-teacher":
        return set()
    told = subprocess.run(
        [sys.executable, "-m", "flows", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^[ │]+(--[\w-]+)", told.stdout, re.MULTILINE))


LINK = re.compile(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
every_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())


def anchor(heading: str) -> str:
    """As MkDocs makes it."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def anchors(text: str) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def broken_links(text: str, page: Path) -> list[str]:
    """Links to a page, file or heading that is not there."""
    found = []
    for path, heading in LINK.findall(text):
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        inside = target.relative_to(DOCS).as_posix() if target.is_relative_to(DOCS) else ""
        known = PAGES.get(inside) or (target.read_text("utf-8") if target.is_file() else None)
        if known is None or (heading and heading not in anchors(known)):
            found.append(f"{path}#{heading}" if heading else path)
    return found


def unknown_commands(text: str) -> list[str]:
    """Commands and options, in a shell block or in code, that `reflectory` and make do not have."""
    found = [f"make {name}" for name in re.findall(r"^make (\w+)", text, re.MULTILINE) if name not in TARGETS]
    for line in re.findall(r"(?:bin/|`)reflectory ([a-z][^`\n]*)", text):
        name, *words = re.sub(r'"[^"]*"|\s#.*', " ", line).split()
        command = COMMANDS.get(name)
        options = {option for one in command.params for option in one.opts} | handed_on(name) if command else set()
        given = [word for word in words if word.startswith("--")]
        found += [] if command else [name]
        found += [f"{name} {word}" for word in given if command and word not in options]
    return found


def command_lines(text: str) -> Iterator[list[str]]:
    """What the shell blocks of a page run: the words of each line, without comments."""
    quoted = r""""[^"]*"|'[^']*'"""
    for language, block in FENCE.findall(text):
        bare = re.sub(rf"({quoted})|\s#[^\n]*|\\\n", r"\1", block) if language == "sh" else ""
        yield from (shlex.split(line) for line in re.findall(rf"(?:{quoted}|[^\n])+", bare))


def refused_lines(text: str, warehouse: Warehouse) -> list[str]:
    """Lines of the shell blocks that their command does not take as they stand, and queries that the tables refuse."""
    found = []
    for words in command_lines(text):
        program, *given = dropwhile(re.compile(r"\w+=").match, words)
        if program.rpartition("/")[2] == "reflectory":
            name, *rest = given
            try:
                values = COMMANDS[name].make_context(name, rest).params
                if values.get("query"):
                    ask(warehouse, values["query"])
            except (UsageError, Refused) as refused:
                found.append(f"{name}: {refused}")
    return found


def missing_files(text: str) -> list[str]:
    """Files and folders of the repository, in code, that are not there."""
    named = re.findall(r"(?<![\w/])(?:deploy|tasks|schemas|warehouse|flows|findings)/[\w./]+", text)
    return [name for name in named if not (ROOT / name.rstrip(".")).exists()]


def model_of(text: str) -> tuple[type[BaseModel], list[str]]:
    """Whose file a TOML block is, by its sections; and what a block that is a part of a file lacks."""
    heads = {name.partition(".")[0] for name in re.findall(r"^\[+([\w.]+)\]", text, re.MULTILINE)}
    if "pairs" in heads:
        return RecycleConfiguration, []
    if "questions" not in heads and not heads & set(RunConfiguration.model_fields):
        return Policy, []
    return RunConfiguration, [] if "questions" in heads else ["questions.source=reasoning_gym"]


def refused_toml(text: str, folder: Path) -> list[str]:
    """What is wrong with the TOML blocks of a page; files of prompts that they name are there."""
    found = []
    for language, block in FENCE.findall(text):
        if language != "toml" or block.startswith("[project]"):
            continue
        for name in re.findall(r'"file:([\w.]+)"', block):
            (folder / name).write_text("A prompt.", "utf-8")
        (folder / "block.toml").write_text(block, "utf-8")
        model, sets = model_of(block)
        try:
            read_as(model, folder / "block.toml", sets)
        except Refused as refused:
            found.append(str(refused))
    return found


def lacking_keys(page: str, model: type[BaseModel]) -> list[str]:
    """Keys that have no row, and sections that have no heading."""
    known = {f"{section}.{name}".lstrip(".") for section, name in keys(model)}
    sections = {section for section, _ in keys(model) if section}
    rows, headings = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)), set(re.findall(r"^## (.+)", page, re.M))
    return sorted((known - sections - rows) | (sections - headings))


def lacking_columns(page: str) -> list[str]:
    """Columns that the section of their table has not."""
    parts = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    wanted = {**TABLES, "Columns of every table": Provenance}
    columns = [(table, name) for table, record in wanted.items() for name in record.model_fields]
    return [f"{table}.{name}" for table, name in columns if f"\n| `{name}` |" not in parts.get(table, "")]


@pytest.mark.parametrize("name", MADE["CONFIGURATIONS"])
def test_every_key_of_a_configuration_has_a_row(name: str) -> None:
    model, page = MADE["CONFIGURATIONS"][name][0], PAGES[f"reference/{name}.md"]
    assert not lacking_keys(page, model)
    row = next(line for line in page.splitlines() if line.startswith("| `"))
    assert lacking_keys(page.replace(row, ""), model) == [row.split("`")[1]]


def test_a_row_says_type_default_and_docstring() -> None:
    rows = PAGES["reference/run.md"].splitlines()
    assert "| `teacher.samples` | integer, at least `1`, at most `10000` | `1` | Attempts at each question. |" in rows
    assert (
        "| `teacher.tries` | integer, at least `1` | `5` | Requests for one call before it is left pending. |" in rows
    )
    assert any(row.startswith("| `judge.temperature` | number, at least `0`, at most `2` | `0` |") for row in rows)
    assert any(row.startswith("| `questions.source` | one of `reasoning_gym`, `jsonl`") for row in rows)
    assert 'In a file without this section: `model` `"practice-judge"`' in PAGES["reference/decontaminate.md"]


def test_every_column_has_a_row() -> None:
    page = PAGES["reference/tables.md"]
    assert not lacking_columns(page)
    row = "| `grammar` | string | Version of the parser that wrote this row. |"
    assert lacking_columns(page.replace(row, "")) == ["traces.grammar"]
    assert "| `usage.cached_tokens` | int64 or NULL |" in page


def test_every_view_has_a_row_and_every_script_a_section() -> None:
    assert all(f"| `{name}` |" in PAGES["reference/views.md"] for name in definitions())
    scripts = [file.name for file in (ROOT / "findings").glob("*.sh")]
    assert scripts
    assert all(f"## {name}\n" in PAGES["findings.md"] for name in scripts)
    assert MADE["first_comment"]("#!/bin/sh\n# One\n# line.\nset -e\n# Not this.\n") == "One line."


def test_the_public_package_is_a_part_of_the_reference_once_it_is_there(tmp_path: Path) -> None:
    assert "::: reflectory" not in MADE["api_page"](tmp_path)
    (tmp_path / "reflectory").mkdir()
    (tmp_path / "reflectory" / "__init__.py").touch()
    assert "::: reflectory\n" in MADE["api_page"](tmp_path)


def test_every_reason_stands_under_its_verdict() -> None:
    rows = [line.split(" | ") for line in MADE["reasons"]().splitlines()[2:]]
    assert [(row[0].strip("| "), row[1]) for row in rows] == [(one.ruling, f"`{one.name}`") for one in Reason]
    assert "| incorrect | `NOT_EQUAL` | `not_equal` |" in PAGES["reference/api.md"]


def imported(text: str) -> set[str]:
    """What the blocks of a page import from this repository."""
    found = set()
    for language, block in FENCE.findall(text):
        for node in ast.walk(ast.parse(block)) if language == "python" else ():
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in MADE["ROOMS"]:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_all_that_own_classes_import_is_in_the_reference() -> None:
    types = {"tasks.replay.procedure.Procedure", "tasks.rows.data_set.Row", "schemas.trace.Structure"}
    listed = {*MADE["BASES"], *types, "schemas.verdict.Reason"}
    page = (DOCS / "how-to" / "extend.md").read_text("utf-8")
    assert not imported(page) - listed
    assert imported("```python\nfrom schemas.nothing import Much\n```\n") - listed == {"schemas.nothing.Much"}


@every_page
@pytest.mark.parametrize("check", [unknown_commands, missing_files])
def test_what_a_page_names_is_there(check: Callable[[str], list[str]], page: Path) -> None:
    assert not check(page.read_text("utf-8"))


@every_page
def test_every_command_line_is_taken_and_every_query_answered(page: Path, warehouse: Warehouse) -> None:
    assert not refused_lines(page.read_text("utf-8"), warehouse)


def test_a_line_that_is_refused_is_seen(warehouse: Warehouse) -> None:
    block = """```sh
.venv/bin/reflectory curate --top-up many   # it's no number
A=1 reflectory compare practice \\
    --out data/rulings.jsonl
.venv/bin/reflectory sql "select verdict
from verdict"
.venv/bin/reflectory playground --model practice#practice-weak --model 'a # b'
```"""
    found = refused_lines(block + "\n", warehouse)
    assert [line.partition(":")[0] for line in found] == ["curate", "compare", "sql"]


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not broken_links(page.read_text("utf-8"), page)


@every_page
def test_every_toml_block_is_valid(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not refused_toml(page.read_text("utf-8"), tmp_path)


@every_page
def test_every_python_block_runs(page: Path) -> None:
    """But for the one that needs a release: it is run by `tests/integration/test_publishing_tokenizer.py`."""
    for language, block in FENCE.findall(page.read_text("utf-8")):
        if language == "python" and "RELEASE" not in block:
            exec(compile(block, str(page), "exec"), {"__name__": "block"})


def test_the_checks_find_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = DOCS / "how-to" / "page.md"
    links = "[a](recycle.md) [b](nowhere.md) [c](../reference/run.md#teacher) [d](../reference/run.md#techer) [e](#no)"
    page_links = broken_links(links.replace("[e](#no)", ""), page)
    assert page_links == ["nowhere.md", "../reference/run.md#techer"]
    commands = "make docs\nmake coffee\n.venv/bin/reflectory sql \"select '--x'\" --rows 1 --cows 2\n`reflectory brew`"
    assert unknown_commands(commands) == ["make coffee", "sql --cows", "brew"]
    teacher = "`reflectory practice-teacher --port 1 --faults F --questions Q --preset mild --latency-s 1 --coffee 2`"
    assert unknown_commands(teacher) == ["practice-teacher --coffee"]
    assert missing_files("`deploy/demo.toml`, `deploy/nothing.toml`") == ["deploy/nothing.toml"]
    for block in ("[teacher]\nmodle = 1", '[pairs]\npath = "a"\n[check]\nby = "me"', "[length]\nmax_pages = 2"):
        assert len(refused_toml(f"```toml\n{block}\n```\n", tmp_path)) == 1


def test_the_page_trains_as_the_card_does_with_what_is_there() -> None:
    page = (DOCS / "how-to" / "release.md").read_text("utf-8")
    [block] = [block for language, block in FENCE.findall(page) if language == "python"]
    assert block.replace("data/releases/demo", "path/of/this/folder") in _USE
    names = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)]
    [ours] = [node.names for node in names if node.module == "collator"]
    assert all(hasattr(collator, alias.name) for alias in ours)
    assert set(re.findall(r'load_dataset\(RELEASE, "(\w+)"', page)) == {"chat", "dpo"} <= set(PARQUET)


def cut_lines(program: typer.Typer, *command: str) -> list[str]:
    """Lines of a help, 80 columns wide, whose end did not fit."""
    shown = CliRunner().invoke(program, [*command, "--help"], env={"COLUMNS": "80"}, catch_exceptions=False).output
    assert "Usage:" in shown
    return re.findall(r"^.*… *│$", shown, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"practice-teacher"}))
def test_no_help_is_cut_on_a_narrow_terminal(name: str) -> None:
    assert not cut_lines(app, name)


def test_a_help_that_is_cut_is_seen() -> None:
    def form(formats: Annotated[str, typer.Option(help=",".join(ReleaseFormat))] = "") -> None:
        pass

    program = typer.Typer()
    program.command()(form)
    assert len(cut_lines(program)) == 1


def sources(site: Path) -> Iterator[str]:
    """What the pages of a site would load from elsewhere."""
    for file in site.rglob("*.html"):
        yield from re.findall(
            r"""(?:<script[^>]*src|<link[^>]*href|<img[^>]*src)=["'](?:https?:)?//[^"']*""", file.read_text()
        )


@pytest.mark.skipif(not find_spec("mkdocs") or not find_spec("mkdocstrings"), reason="needs mkdocs and mkdocstrings")
def test_the_site_builds_strictly_and_loads_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Judge one answer that is not blank." in (site / "reference" / "api" / "index.html").read_text("utf-8")
    assert not [*sources(site)]
    (site / "bad.html").write_text('<script src="https://cdn.example.com/a.js"></script>', "utf-8")
    assert len([*sources(site)]) == 1


def eaten_markup(text: str) -> str | None:
    """What Rich shows of a text where that is not all of it: it takes what stands in brackets for a style."""
    shown = Text.from_markup(text).plain
    return None if shown == text else shown


def test_every_help_is_shown_whole() -> None:
    for name, command in COMMANDS.items():
        helps = [command.help, *(getattr(parameter, "help", None) for parameter in command.params)]
        assert not [shown for text in helps if text and (shown := eaten_markup(text))], name
    assert eaten_markup("Every key of `[student]` goes by") == "Every key of `` goes by"


def test_the_options_of_the_whole_command_are_listed() -> None:
    whole = typer.main.get_command(app)
    assert {"--version", "--debug"} <= {option for parameter in whole.params for option in parameter.opts}
