"""Which views of newest rows are known to leave none out: to look for newer ones takes up to half of a query.

A run and `compact` find it out as they end, and note it beside the tables with the names of their files. A file never
changes, so what was found of these files stays true; of any others the note says nothing, and the view looks.
"""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePath
from typing import Any

from schemas.record import content_key
from warehouse.defining import WHOLE, definitions
from warehouse.landing import Files, Warehouse


def known_whole(warehouse: Warehouse, files: Mapping[str, Files], views: Collection[str] = WHOLE.keys()) -> set[str]:
    """Return those of the views that leave no row out, as far as it is noted of these files."""
    asked = WHOLE.keys() & views
    noted = _note(warehouse) if asked else {}
    return {view for view in asked if noted.get(view) == [_state(view, files), True]}


def note_whole(warehouse: Warehouse, files: Mapping[str, Files], holds: Callable[[str], bool]) -> None:
    """Note of each view whether it leaves no row out of these files; `holds` asks them what is not noted yet."""
    noted, states = _note(warehouse), {view: _state(view, files) for view in WHOLE}
    missing = {view: state for view, state in states.items() if noted.get(view) not in ([state, True], [state, False])}
    if missing:
        noted |= {view: [state, holds(_leaves_none_out(view))] for view, state in missing.items()}
        with warehouse.place.in_a_sentence():
            warehouse.place.put_note(json.dumps(noted).encode())


def _leaves_none_out(view: str) -> str:
    _, _, newest = definitions()[view].text.partition(" AS\n")
    _, whole = WHOLE[view]
    return f"SELECT (SELECT count(*) FROM ({newest.rstrip().removesuffix(';')})) = (SELECT count(*) FROM ({whole}))"


def _state(view: str, files: Mapping[str, Files]) -> str:
    """A key over all that decides which rows the view has. Every file has a name that no other had before."""
    table, selected = WHOLE[view]
    names = sorted(PurePath(path).name for path in files[table].paths)
    return content_key("newest", definitions()[view].text, selected, names)


def _note(warehouse: Warehouse) -> dict[str, Any]:
    """Empty where there is none, or a loss of power has torn it."""
    try:
        noted = json.loads(warehouse.place.note() or b"{}")
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) else {}
