"""The tables of a new Prefect database, at once: its own migrations take a fresh folder's first run several seconds.

`python -m flows.prefect_tables` writes the file anew, from the migrations of the Prefect that is installed.
"""

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

TABLES = Path(__file__).with_suffix(".sql")


def make_configured_tables() -> None:
    """Make those of the database that Prefect's settings name, where that is a file which is not there yet."""
    from prefect.settings import get_current_settings
    from sqlalchemy.engine import make_url

    given = get_current_settings().server.database.connection_url
    if given is None:
        return
    url = make_url(given.get_secret_value())
    if url.get_backend_name() == "sqlite" and url.database and Path(url.database).is_absolute():
        make_tables(Path(url.database))


def make_tables(database: Path) -> bool:
    """Make the database with the tables, where there is none; True where that was done.

    Not for another version of Prefect than the file is of: its migrations make the tables, as they do later, when
    Prefect is newer than the database.
    """
    script = TABLES.read_text("utf-8")
    if database.exists() or not script.startswith(_head()):
        return False
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        made = Path(folder) / database.name
        with closing(sqlite3.connect(made)) as connection:
            connection.executescript(f"BEGIN;{script}COMMIT;")
        with suppress(OSError):  # another server was first, or the file system has no links: migrations do it
            os.link(made, database)
            return True
    return False


def migrated(folder: Path) -> str:
    """Return the script that makes what the migrations of the Prefect that is installed make of a new file in
    `folder`.
    """
    from prefect.server.database.dependencies import provide_database_interface
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, temporary_settings

    database = folder / "prefect.db"
    with temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: f"sqlite+aiosqlite:///{database}"}):
        asyncio.run(provide_database_interface().create_db())
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    landed = f"INSERT INTO alembic_version VALUES ('{revision}')"
    return _head() + "".join(f"{statement};\n" for statement in [*(sql for (sql,) in made), landed])


def _head() -> str:
    return f"-- of prefect {version('prefect')}, by `python -m flows.prefect_tables`\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        TABLES.write_text(migrated(Path(folder)), "utf-8")
