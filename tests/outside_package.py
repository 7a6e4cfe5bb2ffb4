"""A small package beside reflectory, as a user writes one: a verifier, a source, a rule and a strategy."""

import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "evenness"
version = "{version}"

[project.entry-points."reflectory.verifiers"]
parity = "evenness:ParityVerifier"

[project.entry-points."reflectory.sources"]
counting = "evenness:Counting"

[project.entry-points."reflectory.rules"]
even_index = "evenness:EvenIndexRule"

[project.entry-points."reflectory.strategies"]
ask_again = "evenness:AskAgain"
"""
MODULE = '''
"""Whether answers are even, and questions about that."""

import os
import sys

from schemas.call import Message
from schemas.question import Question
from schemas.verdict import Judgement, Reason
from tasks.curation.rules.rule import Rule
from tasks.judging.verifiers.verifier import KindVerifier
from tasks.questions.seed import made
from tasks.questions.source import Source
from tasks.tracing.strategy import Strategy, said


class ParityVerifier(KindVerifier):
    """The same parity. Some golds make it misbehave."""

    version = "1"
    timeout_s = 1.0

    def judge(self, answer, reference, resources):
        if reference.gold == "crash":
            os._exit(1)
        if reference.gold == "hang":
            while True:
                pass
        if reference.gold.startswith("exit "):
            os._exit(int(reference.gold[5:]))
        if reference.gold == "sys.exit":
            sys.exit(3)
        if reference.gold == "raise":
            raise ZeroDivisionError("such as it is")
        if reference.gold in ("None", "True"):
            return {"None": None, "True": True}[reference.gold]
        if reference.gold.startswith("write "):
            with open(reference.gold[6:], "w") as file:
                file.write("mine")
        if reference.gold == "odd reply":
            return Judgement(verdict="correct", reason="not_equal", answer=answer)
        if reference.gold == "secrets":
            return Judgement.of(Reason.EQUAL, str(os.environ.get("PLANTED")), str(os.getpid()))
        same = int(answer) % 2 == int(reference.gold) % 2
        return Judgement.of(Reason.EQUAL if same else Reason.NOT_EQUAL, answer, str(os.getpid()))


class Counting(Source):
    """Sums, as many as `questions.limit` asks for."""

    def load(self, seed):
        if self.settings.path == "odd.txt":
            return int(self.settings.path)
        if self.settings.path == "none.txt":
            return None
        asked = "State the final answer to the following arithmetic problem: {} + 945 ="
        numbers = [*range(self.settings.limit or 4), 0]  # the first one twice
        return made(
            Question.of(text=asked.format(110 + n), gold=str(1055 + n), kind="parity", source="counting")
            for n in numbers
        )


class EvenIndexRule(Rule):
    """Reason: `odd_index`."""

    on: bool | None = None
    breaks: bool | None = None

    def make_facts(self, connection):
        if self.breaks:
            raise LookupError("no facts")

    statements = (
        """
        SELECT place, 'odd_index' AS reason
        FROM remaining
        JOIN traces USING (trace_id)
        WHERE $on AND sample_index % 2 = 1
        """,
    )


class AskAgain(Strategy):
    """The answer to a request to check the first answer."""

    prompts = ("reflection",)
    version = "1"

    def steps(self, first, question):
        draft = said((yield from self.answer(first)))
        asked = first.request.messages
        more = (Message(role="assistant", content=draft.text), Message(role="user", content=asked[-1].content))
        return said((yield from self.answer(first.with_messages(*asked, *more))))
'''


def install(
    folder: Path, version: str = "1.0", project: str = PROJECT, module: str = MODULE, name: str = "evenness.py"
) -> Path:
    """Have pip install it into a folder of its own, which has to stand on the path, and return that."""
    source, target = folder / f"source-{version}", folder / f"installed-{version}"
    source.mkdir(parents=True)
    (source / "pyproject.toml").write_text(project.format(version=version))
    (source / name).write_text(module)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, "--target", target, source], check=True)
    return target


def place(folder: Path, version: str = "1.0", project: str = PROJECT, module: str = MODULE) -> Path:
    """Write the files that pip would leave, in a tenth of its time, and return their folder."""
    said = tomllib.loads(project.format(version=version))["project"]
    target = folder / f"placed-{version}"
    about = target / f"{said['name']}-{said['version']}.dist-info"
    about.mkdir(parents=True)
    (target / "evenness.py").write_text(module)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {it[key]}\n" for key in it) for group, it in said["entry-points"].items()
    ]
    (about / "entry_points.txt").write_text("".join(lines))
    return target
