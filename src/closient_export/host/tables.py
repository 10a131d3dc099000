"""What the host keeps beside the library's own tables, in the same database."""

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from closient_export.adapters.sql.transactions import writing

__all__ = ["api_keys", "captures", "create_host_tables", "event_lots"]

metadata = MetaData()

api_keys = Table(
    "closient_host_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("permissions", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

captures = Table(
    "closient_host_captures",
    metadata,
    Column("owner", Text, nullable=False),
    Column("capture_id", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    PrimaryKeyConstraint("owner", "capture_id"),
)

event_lots = Table(
    "closient_host_event_lots",
    metadata,
    Column("owner", Text, nullable=False),
    Column("lot_id", Text, nullable=False),
    Column("uri", Text, nullable=False),
    # Of a lot whose GTIN is not known, the code is all of its name.
    Column("gtin", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("lot_number", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "lot_id"),
)


def create_host_tables(engine: Engine) -> None:
    """Make the tables, if they are not there; the library's own are there already."""
    with writing(engine) as connection:
        metadata.create_all(connection)
