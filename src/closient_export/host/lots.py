"""The lots of an organisation: those of its catalogue, and those that events name."""

import re
import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

import shortuuid
from attrs import frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from closient_export.adapters.sql import SqlEntitySource
from closient_export.adapters.sql.entity_rows import kind_of
from closient_export.adapters.sql.schema import entities, number_of
from closient_export.adapters.sql.statements import insert_into
from closient_export.adapters.sql.transactions import reading
from closient_export.epcis import lot_code
from closient_export.errors import Problem, RequestError
from closient_export.gs1 import CANONICAL_STEM, Gtin
from closient_export.host.problems import Refused
from closient_export.host.tables import event_lots
from closient_export.ids import ALPHABET, ShortId, parse_short_id
from closient_export.service.lots import lot_of_id, lot_uri
from closient_export.subjects import Lot, Scope

__all__ = ["KnownLot", "Lots", "give_lots_ids", "id_of_lot", "learn_lots", "lots_asked"]

_LONGEST_SEARCH = 100
_MOST_PAGES = 100_000
_PAGE = re.compile(r"[0-9]{1,9}")

_TRACEABILITY_LOT_CODE = re.compile(rf"{re.escape(CANONICAL_STEM)}/01/([0-9]{{14}})/10/([^/]+)")


@frozen(kw_only=True)
class KnownLot:
    """A lot that can be traced."""

    lot_id: str
    gtin: str
    """14 digits; empty where the events name the lot in a way of their own."""
    lot: str
    product_name: str
    in_catalog: bool
    """Whether labels can be made for it, rather than that events alone name it."""


def lots_asked(query: Mapping[str, str]) -> tuple[str, int]:
    """What a caller searches for, and which page of it, from 1 on.

    Raises:
        RequestError: with every problem of these parameters.
    """
    problems = []
    search, page = query.get("search", ""), query.get("page", "1")
    if len(search) > _LONGEST_SEARCH or "\0" in search:
        problems.append(Problem("search", f"expected {_LONGEST_SEARCH} characters or fewer"))
    if not (_PAGE.fullmatch(page) and 1 <= int(page) <= _MOST_PAGES):
        problems.append(Problem("page", f"expected a number from 1 to {_MOST_PAGES}"))
    if problems:
        raise RequestError(problems)
    return search, int(page)


class Lots:
    """Finds lots by their short ids, and lists them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._entities = SqlEntitySource(engine)

    def find(self, owner: str, lot_id: ShortId) -> str | None:
        """The canonical URI of a lot: it is in the catalogue, or an event names it."""
        uri = lot_of_id(self._entities, owner, lot_id)
        if uri is not None:
            return uri
        query = select(event_lots.c.uri).where(
            event_lots.c.owner == owner, event_lots.c.lot_id == lot_id
        )
        with reading(self._engine) as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def named(self, owner: str, lot_id: str) -> tuple[ShortId, str]:
        """The lot that somebody names: its short id, and its canonical URI.

        Raises:
            RequestError: the id is malformed.
            Refused: there is no such lot, or it is another owner's (404).
        """
        try:
            known = parse_short_id(lot_id)
        except ValueError as error:
            raise RequestError([Problem("lot_id", str(error))]) from None
        uri = self.find(owner, known)
        if uri is None:
            raise Refused(HTTPStatus.NOT_FOUND, "There is no such lot.")
        return known, uri

    def listed(
        self, owner: str, search: str, page: int, *, size: int
    ) -> tuple[list[KnownLot], int | None]:
        """The lots on a page of so many, from 1 on, and the next page, if there is one."""
        found = self.page(owner, search=search, start=size * (page - 1), limit=size + 1)
        return found[:size], page + 1 if len(found) > size else None

    def page(
        self, owner: str, *, search: str = "", start: int = 0, limit: int = 100
    ) -> list[KnownLot]:
        """Some lots, by GTIN and lot; those whose GTIN, lot or product holds a text."""
        known = union_all(_in_catalog(owner), _in_events(owner)).subquery()
        every = known.c
        query = select(known).order_by(every.gtin, every.lot).offset(start).limit(limit)
        if search:
            # SQLite knows only ASCII's capitals: others are found as they are written.
            holds = (
                func.lower(column).contains(each, autoescape=True)
                for column in (every.gtin, every.lot, every.product_name)
                for each in {search, search.lower()}
            )
            query = query.where(or_(*holds))
        with reading(self._engine) as connection:
            return [
                KnownLot(
                    lot_id=row.lot_id,
                    gtin=row.gtin,
                    lot=row.lot,
                    product_name=row.product_name,
                    in_catalog=bool(row.in_catalog),
                )
                for row in connection.execute(query)
            ]


def _in_catalog(owner: str) -> Select[tuple[str, str, str, str, int]]:
    return select(
        entities.c.id.label("lot_id"),
        entities.c.gtin.label("gtin"),
        cast(entities.c.lot, Text).label("lot"),
        func.coalesce(entities.c.product_name, "").label("product_name"),
        literal(1).label("in_catalog"),
    ).where(_are_lots(owner), entities.c.id.is_not(None))


def _in_events(owner: str) -> Select[tuple[str, str, str, str, int]]:
    """The lots of events that are not in the catalogue."""
    catalogued = (
        select(entities.c.number)
        .where(_are_lots(owner), entities.c.lot_number == event_lots.c.lot_number)
        .exists()
    )
    return select(
        event_lots.c.lot_id,
        event_lots.c.gtin,
        event_lots.c.lot,
        literal("").label("product_name"),
        literal(0).label("in_catalog"),
    ).where(event_lots.c.owner == owner, ~catalogued)


def _are_lots(owner: str) -> ColumnElement[bool]:
    return and_(entities.c.owner == owner, entities.c.kind == kind_of(Scope.LOTS))


def id_of_lot(uri: str) -> str:
    """The short id that a lot has for everybody, unless the catalogue gives it another one."""
    return shortuuid.ShortUUID(alphabet=ALPHABET).encode(uuid.uuid5(uuid.NAMESPACE_URL, uri))


def give_lots_ids(connection: Connection, owner: str) -> None:
    """Give the lots of a catalogue ids, where it gives none."""
    without = select(entities.c.number, entities.c.gtin, entities.c.lot).where(
        _are_lots(owner), entities.c.id.is_(None)
    )
    given = [
        {"this": row.number, "id": id_of_lot(lot_uri(Lot(gtin=Gtin.parse(row.gtin), lot=row.lot)))}
        for row in connection.execute(without)
    ]
    if given:
        connection.execute(update(entities).where(entities.c.number == bindparam("this")), given)


def learn_lots(connection: Connection, owner: str, uris: Iterable[str]) -> None:
    """Note which lots events name."""
    rows = [_row(owner, uri) for uri in sorted(set(uris))]
    if rows:
        connection.execute(insert_into(connection, event_lots).on_conflict_do_nothing(), rows)


def _row(owner: str, uri: str) -> dict[str, object]:
    gtin, lot = _parts(uri)
    return {
        "owner": owner,
        "lot_id": id_of_lot(uri),
        "uri": uri,
        "gtin": gtin,
        "lot": lot,
        "lot_number": number_of(gtin, lot),
    }


def _parts(uri: str) -> tuple[str, str]:
    """GTIN and lot of a canonical URI; of any other, no GTIN and all of it."""
    found = _TRACEABILITY_LOT_CODE.fullmatch(uri)
    if found is None:
        return "", lot_code(uri)
    code = unquote_to_bytes(found[2])
    try:
        return found[1], code.decode()
    except UnicodeDecodeError:
        return found[1], code.decode("latin-1")
