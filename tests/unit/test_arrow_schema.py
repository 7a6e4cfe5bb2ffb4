from datetime import UTC, datetime

import pyarrow as pa
import pytest

from schemas.record import Provenance, Record
from schemas.tables import KEYS, TABLES, VOLATILE
from schemas.verdict import Effect, EffectReason, Reason, Ruling, Verdict, VerdictSubject
from warehouse.arrow_schema import arrow_schema, arrow_type, to_arrow

PROVENANCE = Provenance(landed_by="r", landed_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_its_keys_its_columns_and_its_provenance(table: str) -> None:
    names = arrow_schema(TABLES[table]).names
    assert names == [*TABLES[table].model_fields, *Provenance.model_fields]
    assert set(KEYS[table]) | set(VOLATILE.get(table, ())) <= set(names)


def test_types() -> None:
    schema = arrow_schema(TABLES["traces"])
    assert schema.field("draft_answers").type == pa.list_(
        pa.struct([("start", pa.int64()), ("end", pa.int64()), ("answer", pa.string())])
    )
    assert schema.field("structure").type == pa.string()
    assert schema.field("landed_at").type == pa.timestamp("us", tz="UTC")
    assert arrow_schema(TABLES["calls"]).field("raw_response").type == pa.binary()


class Untyped(Record):
    anything: dict[str, int]
    pair: tuple[int, int]


@pytest.mark.parametrize("field", Untyped.model_fields)
def test_a_field_without_a_column_form_is_refused(field: str) -> None:
    with pytest.raises(TypeError, match=r"tuple\[|dict\["):
        arrow_type(Untyped.model_fields[field].annotation)


def test_rows_survive_the_journey() -> None:
    verdict = Verdict(
        verdict_id="v",
        subject=VerdictSubject.TRACE,
        subject_id="t",
        verifier="number",
        verifier_version="1",
        verdict=Ruling.CORRECT,
        reason=Reason.EQUAL,
        answer=None,
        effect=Effect.CORRECTED,
        effect_reason=EffectReason.JUDGED,
        reflection_effects=(Effect.CORRECTED, None),
        duration_s=0.25,
    )
    (row,) = to_arrow([verdict], PROVENANCE).to_pylist()
    assert {name: row.pop(name) for name in Provenance.model_fields} == PROVENANCE.model_dump()
    assert Verdict.model_validate(row) == verdict
