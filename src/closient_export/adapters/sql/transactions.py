"""Transactions, and what it means when one fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from closient_export.errors import StoreError

__all__ = ["SQLITE_BUSY", "WRITES", "as_store_error", "is_transient", "reading", "writing"]

WRITES = "closient_writes"
"""The execution option of a connection that is going to write."""
SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_FULL = 5, 6, 13
_CLASSES = ("08", "40", "53")
"""PostgreSQL: the connection fails; a transaction was rolled back; resources are short."""
_STATES = ("55P03", "57P01", "57P02", "57P03")
"""PostgreSQL: a lock is not to be had; the server shuts down, has crashed, or starts."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read with.

    Raises:
        StoreError: the database cannot be asked just now.
    """
    with as_store_error(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is kept if the block ends well; in SQLite nobody else writes meanwhile.

    Raises:
        StoreError: the database cannot be written just now; nothing was changed.
    """
    with as_store_error(), engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def as_store_error() -> Iterator[None]:
    """Errors of the database that may pass become `StoreError`; others stay as they are."""
    try:
        yield
    except SQLAlchemyError as error:
        if is_transient(error):
            raise StoreError("the database cannot be used just now") from error
        raise


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether trying again may help: nothing is wrong with what was asked for."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF in (SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_FULL)
    state = getattr(error.orig, "sqlstate", "")
    if state is None:  # psycopg itself: it cannot connect, or has lost the connection
        return type(error.orig).__name__ == "OperationalError"
    return state[:2] in _CLASSES or state in _STATES
