"""How a catalog names the files of its tables, and says that it is not where they are.

DuckDB takes a relative path in a view for one from the folder of the process. But the place for what does not fit in
memory it names after the file that it has opened, unless somebody has set another: by that, a catalog finds its tables
beside itself, wherever it was copied or moved to. One that is attached to another database knows only its old place.
"""

from collections.abc import Sequence
from pathlib import PurePath

from warehouse.defining import quoted

CATALOG = "warehouse.duckdb"
"""The file of views for other programs."""
NOTE = "newest.json"
"""What `warehouse.newest` notes beside it."""
_SPILLS_TO = "current_setting('temp_directory')"


class CatalogPaths:
    """Of one catalog, which DuckDB may open or attach by any of these paths; the last one is for a person."""

    def __init__(self, catalogs: Sequence[str]) -> None:
        self._catalogs = catalogs
        place, self._is_local = PurePath(catalogs[0]), "://" not in catalogs[0]
        self._folder = f"{place.parent}/" if self._is_local else ""
        self._is_opened = f"parse_filename({_SPILLS_TO}) = '{place.name}.tmp'"

    def files(self, paths: Sequence[str]) -> str:
        """Return an expression for the list of these files, which are below the folder of the catalog."""
        names = ", ".join(quoted(path.removeprefix(self._folder)) for path in paths)
        if not self._is_local:
            return f"[{names}]"
        opened = f"WHEN {self._is_opened} THEN regexp_replace({_SPILLS_TO}, '[^/]*$', '')"
        return f"[CASE {opened} ELSE {quoted(self._folder)} END || name FOR name IN [{names}]]"

    def only_here(self, selected: str) -> str:
        """Return a selection that fails where a copy is attached: it would go on reading what it was copied from."""
        message = quoted(
            f"this catalog was made at {self._catalogs[-1]}, and can only be attached by that path; open it by itself,"
            " or let `reflectory compact` write one for where it is now"
        )
        elsewhere = (
            self._is_opened if self._is_local else "NOT coalesce(bool_or(regexp_matches(path, '^(s3|az):/')), false)"
        )
        here = f"bool_or(path IN ({', '.join(map(quoted, self._catalogs))})) OR {elsewhere}"
        check = f"SELECT CASE WHEN {here} THEN true ELSE error({message}) END FROM duckdb_databases()"
        return f"FROM ({selected}) WHERE ({check})"
