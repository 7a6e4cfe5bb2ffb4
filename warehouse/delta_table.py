"""A Delta table as the package that writes it sees it, in a folder or on an object store."""

from typing import TYPE_CHECKING

from warehouse.delta_log import TableLog

if TYPE_CHECKING:
    from warehouse.delta_package import DeltaTable

Options = dict[str, str] | None
"""What the package has to know of an object store."""


def open_table(url: str, options: Options, version: int | None = None) -> "DeltaTable":
    """Return the table as its last commit left it, or an earlier one."""
    from warehouse.delta_package import DeltaTable

    return DeltaTable(url, version=version, storage_options=options)


def table_log(url: str, options: Options = None) -> tuple[TableLog, list[int]] | None:
    """Return what the table's commits come to, and the bytes of each of its files; None where there is no table."""
    from warehouse.delta_package import TableNotFoundError

    try:
        opened = open_table(url, options)
    except TableNotFoundError:
        return None
    files = opened.get_add_actions(flatten=True)
    names, sizes = files["path"].to_pylist(), files["size_bytes"].to_pylist()
    columns = {field.name for field in opened.schema().fields}
    try:
        alike = len(names) < 2 or open_table(url, options, version=0).schema() == opened.schema()
    except TableNotFoundError:  # another program has cleaned up its first commit
        alike = False
    return TableLog(opened.version(), names, columns, alike), sizes
