"""What SQLite and PostgreSQL write differently."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Insert,
    Integer,
    Result,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

__all__ = ["insert_into", "insert_rows", "micros", "moment", "numbers", "texts"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def insert_into(connection: Connection, table: Table) -> sqlite.Insert:
    """An ``INSERT`` with ``ON CONFLICT``, which both have alike."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return cast("sqlite.Insert", postgresql.insert(table))


def insert_rows(
    connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]
) -> Result[Any]:
    """Insert rows that have the same columns, at least one."""
    if connection.dialect.name == "sqlite":
        return connection.execute(statement, rows)
    # psycopg reads every parameter of a statement, so there is one for each column.
    types = {column.name: column.type for column in cast("Table", statement.table).columns}
    columns = [
        func.unnest(bindparam(name, [row[name] for row in rows], ARRAY(_plain(types[name]))))
        for name in rows[0]
    ]
    return connection.execute(statement.from_select(list(rows[0]), select(*columns)))


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return Text() if isinstance(kind, Text) else kind


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
