"""The tables, the same for SQLite and PostgreSQL.

Every row carries its owner. Text that others write, such as identifiers of events and idempotency
keys, is looked up by numbers and digests made of it (`number_of`, `digest_of`), since it may be
longer than an index takes, and need not be text that a database takes.
"""

import hashlib
import json

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    event,
)

__all__ = [
    "VERSION",
    "descriptions",
    "digest_of",
    "entities",
    "event_names",
    "events",
    "jobs",
    "metadata",
    "number_of",
    "owners",
    "receipts",
    "versions",
]

VERSION = 1
"""Of the schema; whoever changes it writes a migration and counts on."""

metadata = MetaData()

_text = Text().with_variant(Text(collation="C"), "postgresql")
_number = BigInteger().with_variant(Integer(), "sqlite")  # what SQLite's own row numbers are


def digest_of(*parts: str) -> bytes:
    """Tells texts from others, whatever they hold."""
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def number_of(*parts: str) -> int:
    """The same as a number of 64 bits, to find things by; what is found has to be looked at."""
    return int.from_bytes(digest_of(*parts)[:8], "big", signed=True)


versions = Table("closient_schema", metadata, Column("version", Integer, primary_key=True))

owners = Table(
    "closient_owners",
    metadata,
    Column("owner", _text, primary_key=True),
    # Who adds or changes an owner's things locks this row, so that numbers of rows become visible in
    # their order.
    Column("last_entity", BigInteger, nullable=False),
    Column("last_note", BigInteger, nullable=False),
)

jobs = Table(
    "closient_jobs",
    metadata,
    Column("owner", _text, nullable=False),
    Column("job_id", _text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("idempotency", LargeBinary),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("owner", "job_id"),
)
Index("closient_jobs_due", jobs.c.due, jobs.c.job_id)
Index(
    "closient_jobs_idempotency",
    jobs.c.owner,
    jobs.c.idempotency,
    unique=True,
    sqlite_where=jobs.c.idempotency.is_not(None),
    postgresql_where=jobs.c.idempotency.is_not(None),
)

receipts = Table(
    "closient_receipts",
    metadata,
    Column("owner", _text, nullable=False),
    Column("job_id", _text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("receipt", Text, nullable=False),
    PrimaryKeyConstraint("owner", "job_id", "part"),
    ForeignKeyConstraint(
        ["owner", "job_id"], ["closient_jobs.owner", "closient_jobs.job_id"], ondelete="CASCADE"
    ),
)

entities = Table(
    "closient_entities",
    metadata,
    Column("number", _number, Identity(), primary_key=True),
    Column("owner", _text, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("gtin", _text, nullable=False),
    Column("lot", Text),
    Column("serial", Text),
    Column("lot_number", BigInteger),
    Column("product_name", Text),
    Column("brand", Text),
    Column("product_id", _text),
    Column("id", _text),
    Column("lot_run_id", _text),
    Column("expiry", Date),
    Column("best_before", Date),
    Column("production_date", Date),
    Column("printed_at", BigInteger),
    Column("note", BigInteger),
    sqlite_autoincrement=True,  # a number is never used again
)
event.listen(
    entities,
    "after_create",
    # Room for noting in place that an entity was printed.
    DDL(  # type: ignore[no-untyped-call]
        "ALTER TABLE closient_entities SET (fillfactor = 80)"
    ).execute_if(dialect="postgresql"),
)
Index("closient_entities_identity", entities.c.owner, entities.c.identity, unique=True)
Index("closient_entities_kind", entities.c.owner, entities.c.kind, entities.c.number)
Index("closient_entities_id", entities.c.owner, entities.c.id)
Index("closient_entities_lot", entities.c.owner, entities.c.lot_number)

events = Table(
    "closient_events",
    metadata,
    Column("number", _number, Identity(), primary_key=True),
    Column("owner", _text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("event_number", BigInteger),
    Column("day", Integer, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("closient_events_fingerprint", events.c.owner, events.c.fingerprint, unique=True)
Index("closient_events_id", events.c.owner, events.c.event_number)
Index("closient_events_day", events.c.owner, events.c.day)

event_names = Table(
    "closient_event_names",
    metadata,
    Column("owner", _text, nullable=False),
    Column("name", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    PrimaryKeyConstraint("owner", "name", "event"),
    sqlite_with_rowid=False,
)

descriptions = Table(
    "closient_descriptions",
    metadata,
    Column("owner", _text, nullable=False),
    Column("kind", _text, nullable=False),
    Column("identifier", _text, nullable=False),
    # 0: stated by its owner, one for each thing. 1: heard in headers of documents, all there are.
    Column("layer", SmallInteger, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("owner", "kind", "identifier", "layer", "fingerprint"),
)
