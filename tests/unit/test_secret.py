"""What a reference to a secret resolves to, and what is refused, without ever repeating a literal."""

import pytest
from pydantic import SecretStr

import tasks.secret
from flows import secret_block
from schemas.errors import Refused
from tasks.secret import from_a_block, hand_over, mask, secret


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


def test_a_block_is_asked_for_once_and_handed_to_those_who_cannot_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(setting: str, name: str) -> SecretStr:
        asked.append(f"{setting} {name}")
        return SecretStr("sk-planted")

    monkeypatch.setattr(secret_block, "load", load)
    monkeypatch.setattr(tasks.secret, "_known", {})
    assert secret("teacher.api_key", "prefect:planted") == secret("judge.api_key", "prefect:planted")
    assert asked == ["teacher.api_key planted"]
    given = from_a_block("student.api_key", "prefect:planted")
    assert from_a_block("student.api_key", "env:PLANTED") is None
    monkeypatch.setattr(tasks.secret, "_known", {})
    hand_over("prefect:planted", given)
    assert secret("student.api_key", "prefect:planted").get_secret_value() == "sk-planted"
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Incorrect API key provided: sk-abc123456789xyz. See", "Incorrect API key provided: ***. See"),
        ('{"api_key": "a-very-secret-value"}', '{"api_key": "***"}'),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("cannot reach https://user:password@host/v1", "cannot reach https://***@host/v1"),
        ("x-api-key=0123456789abcdef&model=m", "x-api-key=***&model=m"),
        ("token hf_abcdefghijklmnop is expired", "token *** is expired"),
        ("eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM", "***"),
        ("limit: 4096 tokens, token limit reached", "limit: 4096 tokens, token limit reached"),
        ("max_tokens: 99 is too large; the model m-7b-instruct has 4096", None),
        ("This key cannot list models", None),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_nothing_else(said: str, shown: str | None) -> None:
    assert mask(said) == (said if shown is None else shown)
