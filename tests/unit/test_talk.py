"""Commands to talk to a model refuse what cannot be asked, before anything is started."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import ask
from flows.cli.main import app
from schemas.call import Request
from schemas.errors import Refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", " "], "got no question"),
        (["ask", "q", "--fresh", "x"], "--fresh: got a name without --warehouse"),
        (["ask", "q", "--kind", "number"], "--kind: got one without --gold"),
        (["ask", "q", "--release", "none"], "no release"),
        (["ask", "q", "--model", "./none"], "no folder"),
        (["ask", "q", "--set", "teacher.modle=m"], "did you mean teacher.model"),
        (["ask", "q", "--warehouse", "s3://bucket"], "--warehouse"),
        (["playground", "--model", "a", "--model", "b", "--model", "c"], "needs one or two"),
        (["playground", "--questions", "no/folder/kept.jsonl"], "needs a file in a folder"),
        (["compare", "practice", "practice", "--questions", "none.jsonl"], "none.jsonl"),
        (["compare", "practice", "./none", "--questions", "questions.jsonl"], "no folder"),
        (["compare", "a", "b", "--questions", "questions.jsonl", "--format", "csv"], "needs table or json"),
        (["serve-student", "./none"], "no folder"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("questions.jsonl").write_text('{"question": "q"}\n')
    with pytest.raises(Refused, match=said):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not Path("data").exists()


def test_a_question_from_standard_input_is_what_its_answer_is_held_against(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was held against `-`."""
    asked: list[tuple[str, str]] = []

    def show(console: object, errors: object, model: object, request: Request, wanted: dict[str, str]) -> None:
        asked.append((request.messages[-1].content, wanted["question"]))

    monkeypatch.setattr(ask, "ask_and_show", show)
    CliRunner().invoke(app, ["ask", "-", "--gold", "4"], input="What is 2 + 2?\n", catch_exceptions=False)
    assert asked == [("What is 2 + 2?", "What is 2 + 2?")]
