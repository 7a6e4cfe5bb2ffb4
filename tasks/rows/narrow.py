"""Floats that are narrower than Python's own, by the decimal that their writer meant."""

from typing import Any

import numpy as np
import pyarrow as pa


def has_narrow(kind: pa.DataType) -> bool:
    """Return whether values of this type may hold a float16 or a float32."""
    if pa.types.is_dictionary(kind):
        return has_narrow(kind.value_type)
    if kind.num_fields:
        return any(has_narrow(kind.field(place).type) for place in range(kind.num_fields))
    return bool(pa.types.is_float16(kind) or pa.types.is_float32(kind))


def shortest(value: Any, kind: pa.DataType) -> Any:
    """Return `value` as Arrow gives it to Python, each narrow float replaced by the shortest decimal that names it in
    its own type: a float32 of 0.1 is 0.1, and not 0.10000000149011612.
    """
    if value is None or not has_narrow(kind):
        return value
    if pa.types.is_dictionary(kind):
        return shortest(value, kind.value_type)
    if isinstance(value, dict):
        return value | {field.name: shortest(value[field.name], field.type) for field in kind if field.name in value}
    if pa.types.is_map(kind):
        return [(shortest(key, kind.key_type), shortest(item, kind.item_type)) for key, item in value]
    if isinstance(value, list):
        return [shortest(item, kind.value_type) for item in value]
    return float(str((np.float16 if pa.types.is_float16(kind) else np.float32)(value)))
