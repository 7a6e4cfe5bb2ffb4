"""Rows after public bug reports, as the recycle line reads them."""

import json
from pathlib import Path

from schemas.recycling import Pairs
from tasks.recycling.originals import read_pairs

RIGHT = {
    "alpaca_system": ("Answer like a pirate.\n\nName a colour.", "Arr, crimson be a colour."),
    "sg_system_col": ("Answer like a pirate.\n\nName a metal.", "Arr, iron be a metal."),
    "conv_role_content": ("Name a fish.", "A trout is a fish."),
    "alpaca_plain": ("Name a prime above ten.", "Eleven is a prime above ten."),
}


def test_each_row_is_read_as_it_has_to_be(shared_data: Path, tmp_path: Path) -> None:
    cases = map(json.loads, (shared_data / "report_cases.jsonl").read_text("utf-8").splitlines())
    rows = [case["input"] for case in cases if case["station"].startswith("recycle")]
    assert {row["id"] for row in rows} == set(RIGHT)
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    raw = read_pairs(Pairs(path=str(tmp_path / "rows.jsonl")))
    assert {pair.external_id: (pair.instruction, pair.response) for pair in raw.pairs} == RIGHT
    assert all(pair.input == "" and pair.bad is None for pair in raw.pairs)
