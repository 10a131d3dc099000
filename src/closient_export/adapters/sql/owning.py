"""Who may add to what an owner has: one at a time."""

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from closient_export.adapters.sql.schema import owners
from closient_export.adapters.sql.statements import insert_into

__all__ = ["Counters", "counters", "lock_owner", "set_counters"]


class Counters(NamedTuple):
    """What tells one state of an owner's entities from another."""

    last_entity: int = 0
    """The highest number that one of them has."""
    last_note: int = 0
    """How many times printing was noted."""


def lock_owner(connection: Connection, owner: str) -> Counters:
    """Let nobody else add to what an owner has, until the transaction ends.

    So rows become visible in the order of their numbers, and nobody waits for another one in a
    circle.
    """
    new = insert_into(connection, owners).on_conflict_do_nothing()
    connection.execute(new.values(owner=owner, **Counters()._asdict()))
    lock = update(owners).where(owners.c.owner == owner).values(last_note=owners.c.last_note)
    connection.execute(lock)
    return counters(connection, owner)


def counters(connection: Connection, owner: str) -> Counters:
    """The counters as they are now."""
    query = select(owners.c.last_entity, owners.c.last_note).where(owners.c.owner == owner)
    found = connection.execute(query).one_or_none()
    return Counters(*found) if found else Counters()


def set_counters(connection: Connection, owner: str, now: Counters) -> None:
    """Count on; whoever does has locked the owner."""
    connection.execute(update(owners).where(owners.c.owner == owner).values(now._asdict()))
