"""Descriptions of places and products."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from attrs import asdict
from sqlalchemy import Connection, Engine, select

from closient_export.adapters.sql.engines import InDatabase
from closient_export.adapters.sql.owning import lock_owner
from closient_export.adapters.sql.schema import descriptions, digest_of
from closient_export.adapters.sql.statements import insert_into, texts
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.master_data import LocationDescription, ProductDescription, merged

__all__ = ["SqlMasterData", "insert_descriptions"]

T = TypeVar("T", LocationDescription, ProductDescription)

_STATED, _HEARD = 0, 1
"""The layers: what the owner says, one row for each thing, and what headers say, all there is."""


class SqlMasterData(InDatabase):
    """A `closient_export.ports.MasterData` of an owner's places and products.

    What its owner says counts before what headers of partners' documents say. Of what the owner has
    said about one thing the latest counts, and what was said before fills its gaps.
    """

    def __init__(self, engine: Engine, owner: str) -> None:
        super().__init__(engine)
        self._owner = owner

    def add(
        self,
        locations: Iterable[LocationDescription] = (),
        products: Iterable[ProductDescription] = (),
        *,
        from_headers: bool = False,
    ) -> int:
        """Take in more descriptions; of several that come together the first one counts.

        Args:
            locations: Of places and parties.
            products: Of products and lots.
            from_headers: Whether headers of partners' documents say it.

        Returns:
            How many things are described better than before.
        """
        with writing(self._engine) as connection:
            return insert_descriptions(
                connection, self._owner, locations, products, from_headers=from_headers
            )

    def locations(self, ids: Collection[str]) -> Mapping[str, LocationDescription]:
        """Descriptions of places and parties, by identifier."""
        return self._described(ids, LocationDescription)

    def products(self, ids: Collection[str]) -> Mapping[str, ProductDescription]:
        """Descriptions of products and lots, by identifier."""
        return self._described(ids, ProductDescription)

    def _described(self, ids: Collection[str], kind: type[T]) -> dict[str, T]:
        with reading(self._engine) as connection:
            found = _found(connection, self._owner, kind, ids)
        known: dict[str, list[T]] = {}
        for (identifier, _layer), said in sorted(found.items(), key=lambda item: item[0]):
            known.setdefault(identifier, []).extend(sorted(said, key=repr))
        return {each: _merged_all(said[0], said[1:]) for each, said in known.items()}


def insert_descriptions(
    connection: Connection,
    owner: str,
    locations: Iterable[LocationDescription] = (),
    products: Iterable[ProductDescription] = (),
    *,
    from_headers: bool = False,
) -> int:
    """What `SqlMasterData.add` does, in a transaction of the caller's."""
    lock_owner(connection, owner)
    add = _hear if from_headers else _state
    return add(connection, owner, LocationDescription, locations) + add(
        connection, owner, ProductDescription, products
    )


def _state(connection: Connection, owner: str, kind: type[T], described: Iterable[T]) -> int:
    given: dict[str, T] = {}
    for each in described:
        given[each.id] = merged(given[each.id], each) if each.id in given else each
    known = _found(connection, owner, kind, given)
    changed = []
    for identifier, each in given.items():
        stated: list[T] = known.get((identifier, _STATED), [])
        latest = _merged_all(each, stated)
        if [latest] != stated:
            changed.append(_row(owner, latest, _STATED))
    if changed:
        new = insert_into(connection, descriptions)
        update = {"body": new.excluded.body}
        keys = list(descriptions.primary_key)
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_=update), changed)
    return len(changed)


def _hear(connection: Connection, owner: str, kind: type[T], described: Iterable[T]) -> int:
    del kind
    rows = [_row(owner, each, _HEARD) for each in dict.fromkeys(described)]
    new = insert_into(connection, descriptions).on_conflict_do_nothing()
    found = new.returning(descriptions.c.identifier)
    return len(connection.execute(found, rows).all()) if rows else 0


def _found(
    connection: Connection, owner: str, kind: type[T], ids: Collection[str]
) -> dict[tuple[str, int], list[T]]:
    """What is known of some things, by identifier and layer."""
    query = select(descriptions.c.layer, descriptions.c.body).where(
        descriptions.c.owner == owner,
        descriptions.c.kind == kind.__name__,
        descriptions.c.identifier.in_(texts(connection, map(_digest, ids))),
    )
    found: dict[tuple[str, int], list[T]] = {}
    for layer, body in connection.execute(query):
        description = kind(**json.loads(body))
        found.setdefault((description.id, layer), []).append(description)
    return found


def _merged_all(first: T, others: list[T]) -> T:
    for other in others:
        first = merged(first, other)
    return first


def _row(owner: str, description: T, layer: int) -> dict[str, Any]:
    members = asdict(description, filter=lambda _field, value: value not in ("", None))
    body = json.dumps(members, sort_keys=True)
    return {
        "owner": owner,
        "kind": type(description).__name__,
        "identifier": _digest(description.id),
        "layer": layer,
        "fingerprint": digest_of(body) if layer == _HEARD else b"",
        "body": body,
    }


def _digest(identifier: str) -> str:
    return digest_of(identifier).hex()
