"""What a reference to a secret resolves to, and what is refused, without ever repeating a literal."""

import pytest

from schemas.errors import Refused
from tasks.secret import secret


def test_a_reference_is_what_the_variable_holds_and_shows_it_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "sk-planted")
    found = secret("teacher.api_key", "env:PLANTED")
    assert found.get_secret_value() == "sk-planted"
    assert "sk-planted" not in f"{found!r} {found}"


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("env:MISSING", "the environment variable MISSING is not set"),
        ("env:EMPTY", "the environment variable EMPTY is not set"),
        ("sk-literal", "got a literal"),
        ("PLANTED", "got a literal"),
        ("env:", "got a literal"),
        ("env:sk-literal", "got a literal"),
        ("", "got a literal"),
        ("ENV:PLANTED", "got a literal"),
    ],
)
def test_what_is_no_reference_or_names_nothing_is_refused(
    reference: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", "sk-planted")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("MISSING", raising=False)
    with pytest.raises(Refused) as refused:
        secret("--token", reference)
    assert str(refused.value).startswith(f"--token: {told}")
    assert "sk-" not in str(refused.value)
