"""Arrow schemas, derived from the records: a column is written down once, on its record."""

import types
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

from schemas.record import Provenance, Record

_PLAIN: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def arrow_type(annotation: Any) -> pa.DataType:
    """Return the Arrow type of a field's annotation. Raises `TypeError` for one that has no column form."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (a for a in get_args(annotation) if a is not type(None))
    if get_origin(annotation) is tuple:
        item, ellipsis = get_args(annotation)
        if ellipsis is not Ellipsis:
            raise TypeError(f"{annotation}: a column holds tuple[X, ...] only")
        return pa.list_(arrow_type(item))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(_fields(annotation))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return pa.string()
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    raise TypeError(f"{annotation}: has no Arrow type; add one in warehouse/arrow_schema.py or change the record")


@cache
def columns_of(record: type[Record]) -> pa.Schema:
    """Return the columns of the record alone."""
    return pa.schema(_fields(record))


@cache
def arrow_schema(record: type[Record]) -> pa.Schema:
    """Return the columns of the record, then those of `Provenance`."""
    return pa.schema([*_fields(record), *_fields(Provenance)])


def to_arrow(rows: Sequence[Record], provenance: Provenance) -> pa.Table:
    """Return a non-empty sequence of rows of one record type, as they land."""
    return with_provenance(type(rows[0]), to_columns(rows), provenance)


def to_columns(rows: Sequence[Record]) -> pa.Table:
    """Return the rows as columns, without who landed them and when."""
    record = type(rows[0])
    arrays = []
    for name, kind in _annotations(record).items():
        values, plain = map(attrgetter(name), rows), _plain(kind)
        arrays.append(pa.array([*map(plain, values)] if plain else [*values], arrow_type(kind)))
    return pa.table(arrays, schema=columns_of(record))


def with_provenance(record: type[Record], columns: pa.Table, provenance: Provenance) -> pa.Table:
    """Return the columns of the record, as they land. Raises `KeyError` or `ArrowInvalid` where they are not the
    record's.
    """
    schema = arrow_schema(record)
    for name, value in provenance.model_dump().items():
        columns = columns.append_column(
            schema.field(name), pa.repeat(pa.scalar(value, schema.field(name).type), len(columns))
        )
    return columns.select(schema.names).cast(schema)


@cache
def _plain(annotation: Any) -> Callable[[Any], Any] | None:
    """What makes of a field's value one that Arrow takes; None where it is one. Faster than `model_dump` of all."""
    if get_origin(annotation) in (Union, types.UnionType):
        plain = next((found for each in get_args(annotation) if (found := _plain(each))), None)
        return plain and (lambda value: None if value is None else plain(value))
    if get_origin(annotation) is tuple:
        item = _plain(get_args(annotation)[0])
        return item and (lambda value: [*map(item, value)])
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return None
    nested = {name: found for name, kind in _annotations(annotation).items() if (found := _plain(kind))}
    return (lambda value: vars(value) | {name: nested[name](vars(value)[name]) for name in nested}) if nested else vars


def _annotations(record: type[BaseModel]) -> dict[str, Any]:
    return {name: field.annotation for name, field in record.model_fields.items()}


def _fields(record: type[BaseModel]) -> list[pa.Field]:
    return [pa.field(name, arrow_type(kind)) for name, kind in _annotations(record).items()]
