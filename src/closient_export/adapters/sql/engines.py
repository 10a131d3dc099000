"""Databases: how they are opened, and how their tables come to be."""

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)

from closient_export.adapters.sql.schema import VERSION, metadata, versions
from closient_export.adapters.sql.transactions import SQLITE_BUSY, WRITES, reading, writing
from closient_export.errors import StoreError

__all__ = ["InDatabase", "create_tables", "open_engine", "open_sqlite", "schema_version"]

_PATIENCE = 30.0
"""Seconds to wait for whoever writes to a SQLite file."""
_CACHE = 64 << 10
"""Kilobytes of a SQLite file that a connection may keep in memory."""
_CREATING = 0x636C6F73
"""PostgreSQL: whoever makes the tables holds this advisory lock."""


def open_sqlite(path: str | Path) -> Engine:
    """A SQLite file with its tables; both are made if they are not there.

    Any number of threads and processes may use it at the same time, on a local disk.

    Raises:
        StoreError: its tables are of another version, or it is locked.
    """
    engine = open_engine(URL.create("sqlite", database=str(path)))
    create_tables(engine)
    return engine


def open_engine(url: str | URL) -> Engine:
    """A database; `create_tables` makes its tables.

    Args:
        url: ``postgresql://…``, for which psycopg 3 is used, or ``sqlite:///FILE``.

    Raises:
        ValueError: it is of another kind, or no file.
    """
    url = make_url(url)
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            message = "expected the path of a file: one in memory is a single connection's"
            raise ValueError(message)
        return _open_file(url.set(database=str(Path(url.database).absolute())))
    if kind != "postgresql":
        message = f"expected a URL of SQLite or PostgreSQL, got one of {kind}"
        raise ValueError(message)
    engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    _with_connections.add(engine)
    return engine


def _open_file(url: URL) -> Engine:
    # No connection is kept open: none must be carried across a fork.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # so that transactions begin as `begin` says
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_with_connections: WeakSet[Engine] = WeakSet()


def _forget_connections() -> None:
    for engine in _with_connections:
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)


class InDatabase:
    """What keeps things in a database.

    It pickles as the database's URL, with its password, and opens it anew where it is unpickled.

    Args:
        engine: From `open_sqlite` or `open_engine`; for PostgreSQL any other one does too.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_engine": self._engine.url}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"_engine": _shared_engine(state["_engine"])})


@lru_cache(maxsize=16)
def _shared_engine(url: URL) -> Engine:
    """One for all tasks that a worker process unpickles."""
    return open_engine(url)


def create_tables(engine: Engine) -> None:
    """Make the tables, if they are not there.

    Raises:
        StoreError: those that are there are of another version.
    """
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
        version = _version(connection)
        if version is None:
            metadata.create_all(connection)
            connection.execute(insert(versions).values(version=VERSION))
        elif version != VERSION:
            raise StoreError(f"expected tables of version {VERSION}, got version {version}")


def _write_ahead(engine: Engine) -> None:
    """Let readers read while somebody writes; the file remembers it."""
    import sqlite3  # noqa: PLC0415 - where there is PostgreSQL, it need not be there

    end = time.monotonic() + _PATIENCE
    with reading(engine) as connection:
        while True:
            try:  # below SQLAlchemy, which would begin a transaction
                connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != SQLITE_BUSY:
                    raise
                if time.monotonic() > end:
                    raise StoreError("the database is locked") from error
                time.sleep(0.01)  # SQLite itself does not wait for this lock
            else:
                return


def schema_version(engine: Engine) -> int | None:
    """Of which version the tables are, or ``None`` if there are none."""
    with reading(engine) as connection:
        return _version(connection)


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(versions.name):
        return None
    return connection.execute(select(versions.c.version)).scalar()
