"""What SQLite and PostgreSQL write differently."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["insert_into", "micros", "moment", "numbers", "texts"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def insert_into(connection: Connection, table: Table) -> sqlite.Insert:
    """An ``INSERT`` with ``ON CONFLICT``, which both have alike."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return cast("sqlite.Insert", postgresql.insert(table))


def numbers(connection: Connection, values: Iterable[int]) -> Select[Any]:
    """A query for some numbers, however many, as one parameter."""
    found = list(values)
    if connection.dialect.name == "sqlite":
        return _each(found, Column("value", Integer))
    return select(func.unnest(bindparam(None, found, ARRAY(BigInteger()))))


def texts(connection: Connection, values: Iterable[str]) -> Select[Any]:
    """A query for some texts of printable ASCII, however many, as one parameter."""
    found = list(values)
    if connection.dialect.name == "sqlite":
        return _each(found, Column("value", Text))
    return select(func.unnest(bindparam(None, found, ARRAY(Text()))))


def _each(values: list[Any], column: "Column[Any]") -> Select[Any]:
    return select(func.json_each(json.dumps(values)).table_valued(column).c.value)


def micros(time: datetime) -> int:
    """A time as a number, to the microsecond."""
    return (time - _EPOCH) // _MICROSECOND


def moment(number: int) -> datetime:
    """The time of a number, in UTC."""
    return _EPOCH + number * _MICROSECOND
