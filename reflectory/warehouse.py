"""A warehouse from Python: the commands that make rows and data sets, and DuckDB over its tables and views."""

from __future__ import annotations

import asyncio
import difflib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from schemas.errors import Refused

if TYPE_CHECKING:
    import duckdb
    import pandas
    import pyarrow
    from pydantic import BaseModel

    from schemas.curation import Curation
    from schemas.release import Release
    from schemas.run import Run

T = TypeVar("T")
Configuration: TypeAlias = "str | Path | Mapping[str, Any] | BaseModel"
"""The path of a TOML file, what one would hold as a mapping, or the model itself."""


def connect(warehouse: str | Path = "data/warehouse") -> Connection:
    """Open a warehouse by its folder, or by the URL of one on an object store: `s3://BUCKET/PREFIX`,
    `az://CONTAINER/PREFIX`, `gs://BUCKET/PREFIX`.

    One that is not there yet is made by the first `run` or `recycle`.
    """
    return Connection(Path(warehouse))


class _Opened(threading.local):
    """A DuckDB with a cursor for each thread that asks: it refuses a question while another keeps its cursor busy."""

    def __init__(self, root: duckdb.DuckDBPyConnection) -> None:
        self.root = root
        self.cursor = root.cursor()


class Connection:
    """Runs the project's commands on a warehouse, and asks its tables. Usable in a `with` block, by several threads,
    and in other processes, each of which opens the warehouse anew.

    Configurations are those of the command line, as the path of a TOML file, a mapping or the pydantic model. What the
    command line refuses raises `Refused`; other ends raise the other errors of `schemas.errors`.
    """

    def __init__(self, folder: Path) -> None:
        from warehouse.place import place_at

        self.address = place_at("connect", folder).address
        self._opened: dict[int, _Opened] = {}
        """By process: a fork can neither ask nor close what was opened before it."""

    def __reduce__(self) -> tuple[Callable[..., Connection], tuple[str]]:
        return connect, (self.address,)

    def __repr__(self) -> str:
        return f"Connection({self.address!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of DuckDB and of the relations that came from it; a later question connects again."""
        if opened := self._opened.pop(os.getpid(), None):
            opened.root.close()

    def refresh(self) -> None:
        """See what other processes have landed since the first question; relations from before keep what they saw."""
        self._opened.pop(os.getpid(), None)

    @property
    def names(self) -> list[str]:
        """Every table and view that a query may name."""
        found = self._connected().sql("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
        return [name for (name,) in found]

    def sql(
        self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None
    ) -> duckdb.DuckDBPyRelation:
        """Ask by one SELECT, in which every table and view has its name.

        Returns:
            A DuckDB relation, evaluated when it is used: `.show()`, `.fetchall()`, `.to_arrow_table()`, `.df()`.

        Raises:
            Refused: for a query that fails, or that is not one SELECT: a warehouse is only read here.
        """
        import duckdb

        connection = self._connected()
        try:
            statements = connection.extract_statements(query)
            if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
                got = ", ".join(statement.type.name for statement in statements) or "nothing"
                raise Refused(f"sql: got {got}; needs one SELECT")
            return connection.sql(query, params=parameters)
        except duckdb.Error as error:
            raise Refused(f"sql: {error}") from error

    def table(self, name: str) -> pyarrow.Table:
        """Return all rows of a table or view as an Arrow table. Raises `Refused` for a name that there is not."""
        return self._relation(name).to_arrow_table()

    def df(self, name: str) -> pandas.DataFrame:
        """Return all rows of a table or view as a data frame of pandas. Raises `Refused` for an unknown name."""
        return self._relation(name).df()

    def run(self, configuration: Configuration, until: str = "score", fresh: str = "") -> Run:
        """Generate, verify and score what is missing of the plan of a run configuration, and land it.

        Args:
            configuration: as for `reflectory run`.
            until: the last stage: `generate`, `verify` or `score`.
            fresh: a name under which new calls are made although answers exist.

        Returns:
            The row of the table `runs`, with its books and its bill.
        """
        from flows.configure import check_inputs, configuration_of
        from schemas.configuration import RunConfiguration
        from schemas.until import Until
        from tasks.extras import check_extras

        settings = configuration_of(RunConfiguration, configuration)
        check_extras("run", "run", *(["student"] if until == "score" else []))
        if until not in list(Until):
            raise Refused(f"until: got {until!r}; needs one of {', '.join(Until)}")
        check_inputs(settings)

        def flow() -> Run:
            from flows.synthesize import synthesize

            return synthesize(settings, self.address, Until(until), fresh)

        return self._execute(flow)

    def recycle(self, configuration: Configuration, fresh: str = "") -> Run:
        """Make better pairs of an instruction data set by a recycle configuration, and land what is missing.

        Args:
            configuration: as for `reflectory recycle`.
            fresh: a name under which new calls are made although answers exist.

        Returns:
            The row of the table `runs`, with its books and its bill.
        """
        from flows.configure import configuration_of
        from flows.recycle_preparation import check_recycle_inputs
        from schemas.recycling import RecycleConfiguration
        from tasks.extras import check_extras

        settings = configuration_of(RecycleConfiguration, configuration)
        check_extras("recycle", "run", "student")
        check_recycle_inputs(settings)

        def flow() -> Run:
            from flows.recycle import recycle

            return recycle(settings, self.address, fresh)

        return self._execute(flow)

    def rescore(self, configuration: Configuration) -> Run:
        """Score what has landed with the student of a run configuration, beside the scores that it has.

        Returns:
            The row of the table `runs`.
        """
        from flows.configure import configuration_of
        from schemas.configuration import RunConfiguration
        from tasks.extras import check_extras

        settings = configuration_of(RunConfiguration, configuration)
        check_extras("rescore", "run", "student")

        def flow() -> Run:
            from flows.rescore import rescore

            return rescore(settings, self.address)

        return self._execute(flow)

    def curate(self, policy: Configuration | None = None) -> Curation:
        """Decide by a policy which traces are kept and why the rest is not; without one by the default policy.

        Returns:
            The row of the table `curations`, with the funnel.
        """
        from flows.configure import configuration_of
        from tasks.curation.policy import Policy
        from tasks.extras import check_extras

        settings = configuration_of(Policy, policy)
        check_extras("curate", "run")

        def flow() -> Curation:
            from flows.curate import curate

            return curate(settings, self.address).curation

        return self._execute(flow)

    def release(
        self,
        name: str,
        policy: Configuration | None = None,
        formats: Sequence[str] | None = None,
        system: str = "teacher",
        template: str | Path | None = None,
        special_tokens: str | Path | None = None,
        out: str | Path | None = None,
        splits: Mapping[str, float] | None = None,
        best_of: int | None = None,
    ) -> Release:
        """Curate by a policy, and write what is kept as a data set that never changes.

        Args:
            name: of the release; the same content may have it again, other content may not.
            policy: as for `reflectory release`; without one the default policy.
            formats: as for `--formats`; by default those of the command.
            system: `teacher`, `none` or the text of the system message.
            template: a tokenizer's folder whose chat template must keep everything.
            special_tokens: a tokenizer's folder to give the six tags to.
            out: the folder of releases; by default beside the warehouse.
            splits: share of the questions by split, such as `{"train": 0.9, "test": 0.1}`; without it all are to train
                on.
            best_of: samples of a question that `best_of_n` chooses among; by default all that are judged.

        Returns:
            The row of the table `releases`, with its files and their hashes.
        """
        from tasks.extras import check_extras

        check_extras("release", "run", "report")
        from flows.configure import configuration_of
        from flows.release import (
            DEFAULT_FORMATS,
            ReleaseOrder,
            curate_and_release,
            read_formats,
            read_splits,
            releases_beside,
        )
        from tasks.curation.policy import Policy

        settings, warehouse = configuration_of(Policy, policy), self._existing()
        order = ReleaseOrder(
            name,
            Path(out) if out else releases_beside(warehouse),
            DEFAULT_FORMATS if formats is None else read_formats(",".join(formats)),
            system,
            Path(template) if template else None,
            Path(special_tokens) if special_tokens else None,
            read_splits(",".join(f"{split}={share}" for split, share in (splits or {}).items())),
            best_of,
        )
        try:
            return _outside_loop(lambda: curate_and_release(warehouse, settings, order).made.release)
        finally:
            self.refresh()

    def _relation(self, name: str) -> duckdb.DuckDBPyRelation:
        names = self.names
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            raise Refused(f"table: got {name!r}; needs {f'{close[0]}?' if close else ' or '.join(names)}")
        return self._connected().table(name)

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if (opened := self._opened.get(os.getpid())) is None:
            from warehouse import catalog

            opened = self._opened.setdefault(os.getpid(), _Opened(catalog.connect(self._existing())))
        return opened.cursor

    def _existing(self) -> Any:
        from warehouse.landing import Warehouse

        warehouse = Warehouse(self.address)
        if not warehouse.exists():
            raise Refused(
                f"connect: no warehouse at {self.address}; `run` a configuration first, or name another folder"
            )
        return warehouse

    def _execute(self, flow: Callable[[], T]) -> T:
        """Call a flow of Prefect, once there is a server to report to."""
        from flows.prefect_settings import configure_prefect, wait_for_prefect

        def execute() -> T:
            configure_prefect()
            wait_for_prefect()
            return flow()

        try:
            return _outside_loop(execute)
        finally:
            self.refresh()


def _outside_loop(call: Callable[[], T]) -> T:
    """What `call` returns. Where an event loop runs, as in a notebook, in a thread that has none."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, call).result()
