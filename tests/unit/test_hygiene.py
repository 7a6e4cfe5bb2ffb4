"""What the rule `hygiene` finds, where, and what it leaves alone. No secret stands here: each is made when asked."""

import json
import random
import string
from contextlib import closing
from pathlib import Path

import pytest

from flows.release import ReleaseOrder, curate_and_release
from schemas.release_format import ReleaseFormat
from tasks.curation.curate import curate_warehouse
from tasks.curation.hygiene import personal, secrets, toxic
from tasks.curation.policy import Policy
from tests import released_world
from tests.released_world import build, question
from warehouse.catalog import connect
from warehouse.landing import Warehouse


def drawn(n: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(random.Random(n).choices(letters, k=n))


SECRETS = [
    ("secret_aws_access_key", "AKIA" + drawn(16, string.ascii_uppercase)),
    ("secret_github_token", "ghp_" + drawn(36)),
    ("secret_private_key", "-----BEGIN RSA PRIVATE " + "KEY-----"),
    ("secret_slack_token", "xoxb-" + drawn(12, string.digits) + "-" + drawn(24)),
    ("secret_stripe_access_key", "sk_live_" + drawn(24)),
    ("secret_password", "hunter2" + drawn(8)),
    ("secret_basic_auth_credentials", "https://me:" + drawn(9) + "@host.net/"),
]
PERSONAL = [
    ("email", "ada.l+x@lovelace.co.uk"),
    ("phone", "+44 20 7946 0018"),
    ("phone", "(212) 736-5000"),
    ("payment_card", "4111 1111 1111 1111"),
    ("iban", "GB82 WEST 1234 5698 7654 32"),
    ("ssn", "536-90-4399"),
]
CLEAN = [
    "So 4111 1111 1111 1112 is no card, and 4111111111111111222 is a number.",
    "x@y, user@example.com, a@b.test, f @ g.h and 3@4.5",
    "key = 3*4, secret number: 7, and the pass is 12. The password is wrong; api_key = os.environ",
    "1234567890123456789012345678901234567890 + 12-34-5678 = 123-456-789",
    "Chrome/86.0.4240.111 is a version",
    "+1 +2 = +3, and 2 + 44 20 7946 0018",
    "GB00 WEST 1234 5698 7654 32 has no right check digits; 000-12-3456 neither",
    "AKIA is a name, ghp_ a prefix, sk_live_ too.",
]


@pytest.mark.parametrize(("reason", "planted"), SECRETS)
def test_a_secret_is_found_where_it_stands(reason: str, planted: str) -> None:
    lead = "é😀 <thinking>" + ("password = '" if reason == "secret_password" else "it is ")
    text = f"{lead}{planted}' and so on\nfurther</thinking>"
    spans = [text[found.start : found.end] for found in secrets(text) if found.reason == reason]
    assert spans
    assert all(span in planted for span in spans), "where it stands, and no further"


@pytest.mark.parametrize(("reason", "planted"), PERSONAL)
def test_personal_data_is_found_where_it_stands(reason: str, planted: str) -> None:
    text = f"é😀 <output>it is {planted}, as said.</output>"
    assert [(found.reason, text[found.start : found.end]) for found in personal(text, "US")] == [(reason, planted)]


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert [*secrets(text), *personal(text, "US")] == []


def test_numbers_of_no_country_are_found_only_with_a_plus() -> None:
    assert [found.reason for found in personal("Call (212) 736-5000.")] == []


def test_the_worst_sentence_is_told() -> None:
    text = "<thinking>The sum is 5. You are a stupid bitch. It is done.</thinking>"
    [found, none] = toxic([text, "The sum is 5.5. Is it? Yes!"], 0.9)
    assert found is not None
    assert none is None
    assert text[found.start : found.end] == "You are a stupid bitch"
    assert toxic([], 0.9) == []


def test_the_rule_drops_by_question_and_by_trace_and_says_where(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    warehouse.create()
    asked = [question(n) for n in range(3)]
    mine = question(9).model_dump(exclude={"question_id"}) | {"text": "I am ada@lovelace.org. How much is 1+9?"}
    build(warehouse, [*asked, type(asked[0]).of(**mine)])
    policy = Policy.model_validate({"rules": ["verdict", "hygiene"], "hygiene": {"personal": True, "toxicity": 1.0}})
    curation = curate_warehouse(warehouse, policy).curation
    step = next(step for step in curation.funnel if step.rule == "hygiene")
    assert [(count.reason, count.n) for count in step.dropped] == [("email", 2)]
    with closing(connect(warehouse)) as connection:
        rows = connection.sql("SELECT DISTINCT span FROM decisions WHERE rule = 'hygiene'").fetchall()
        assert rows == [("question 5:21",)]


@pytest.mark.parametrize("is_on", [True, False])
def test_what_it_finds_is_in_no_file_of_a_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_on: bool) -> None:
    """Not in what comparisons reject, which other rules drop before it looks, nor in the report. The known-bad control:
    a policy without it has the address in all of these."""
    wrong = "<thinking>It is 5, says ada@lovelace.org.<reflection>Yes.</reflection></thinking><output>5</output>"
    monkeypatch.setattr(released_world, "WRONG", wrong)
    warehouse = Warehouse(tmp_path / "warehouse")
    warehouse.create()
    build(warehouse, [question(n) for n in range(3)])
    policy = Policy.model_validate({"rules": ["verdict", "hygiene"], "hygiene": {"personal": is_on}})
    forms = (ReleaseFormat.CHAT, ReleaseFormat.DPO, ReleaseFormat.KTO, ReleaseFormat.BEST_OF_N)
    curate_and_release(warehouse, policy, ReleaseOrder("clean", tmp_path / "releases", forms))
    files = [file for file in (tmp_path / "releases" / "clean").rglob("*.*") if file.suffix in (".jsonl", ".html")]
    told = {file.name for file in files if b"lovelace" in file.read_bytes()}
    assert told == (set() if is_on else {"dpo.jsonl", "kto.jsonl", "report.html"})
    best = [json.loads(line) for line in (tmp_path / "releases/clean/best_of_n.jsonl").read_text().splitlines()]
    assert {row["n"] for row in best} == {3}


def test_a_policy_without_it_is_the_one_that_it_always_was() -> None:
    assert "hygiene" not in Policy().model_dump_json()
    assert "hygiene" in Policy().rules
    assert "hygiene" in Policy.model_validate({"hygiene": {"secrets": True}}).model_dump_json()
