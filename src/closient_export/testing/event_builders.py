"""EPCIS events in a line each, for tests of what goes through containers and transformations.

>>> from closient_export.testing.event_builders import lot, of, packed, pallet, place, shipped
>>> packing = packed(0, pallet(1), of(lot("A"), 40, "CS"), at_place=place(1))
>>> shipment = shipped(60, pallet(1), at_place=place(1), to=place(2))
>>> packing.items[0].lot
'https://id.gs1.org/01/09506000134352/10/A'
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.lot_numbers import with_lot_number
from closient_export.gs1 import CANONICAL_STEM as STEM
from closient_export.gs1.linters import check_digit

__all__ = [
    "PREFIX",
    "START",
    "STEM",
    "at",
    "commissioned",
    "crate",
    "event",
    "gtin",
    "lot",
    "made",
    "of",
    "packed",
    "pallet",
    "place",
    "product",
    "received",
    "seen",
    "serial",
    "serial_of",
    "shipped",
    "unpacked",
    "voided",
    "wrong",
]

PREFIX = "9506000"
"""GS1's company prefix for examples, which all identifiers here begin with."""
START = datetime(2027, 3, 1, 8, tzinfo=UTC)
"""When the events begin."""


def gtin(item: int = 13435) -> str:
    """The GTIN of an item of the one company that all these are of."""
    digits = f"0{PREFIX}{item:05d}"
    return digits + check_digit(digits)


def lot(name: object, item: int = 13435) -> str:
    """The URI of a lot."""
    return f"{STEM}/01/{gtin(item)}/10/{name}"


def serial(name: object, item: int = 13435) -> str:
    """The URI of an object that is known by its serial."""
    return f"{STEM}/01/{gtin(item)}/21/{name}"


def product(item: int = 13435) -> str:
    """The URI of a product."""
    return f"{STEM}/01/{gtin(item)}"


def pallet(number: int) -> str:
    """The URI of a logistic unit."""
    digits = f"0{PREFIX}{number:09d}"
    return f"{STEM}/00/{digits}{check_digit(digits)}"


def crate(number: int) -> str:
    """A returnable asset."""
    digits = f"{PREFIX}00001"
    return f"{STEM}/8003/0{digits}{check_digit(digits)}{number}"


def place(number: int) -> str:
    """The URI of a place."""
    digits = f"{PREFIX}{number:05d}"
    return f"{STEM}/414/{digits}{check_digit(digits)}"


def of(name: str, quantity: float | None = None, uom: str = "KGM") -> Item:
    """A quantity of a lot, a container, or an object whose lot is not said."""
    amount = None if quantity is None else Decimal(str(quantity))
    return Item(name, name if "/10/" in name else None, amount, uom if quantity is not None else "")


def serial_of(name: str, of_lot: str) -> Item:
    """An object with its lot, as an event states it."""
    return Item(name, of_lot)


def _items(things: Iterable[str | Item]) -> tuple[Item, ...]:
    """In the order in which the reader has them."""
    found = [of(thing) if isinstance(thing, str) else thing for thing in things]
    return tuple(sorted(found, key=lambda i: (i.id, i.lot or "", i.quantity or 0, i.uom)))


def at(minutes: float) -> datetime:
    """So many minutes after `START`."""
    return START + timedelta(minutes=minutes)


def event(
    minutes: float,
    kind: EventType = EventType.OBJECT,
    action: Action | None = Action.OBSERVE,
    *,
    items: Iterable[str | Item] = (),
    papers: Iterable[str] = (),
    at_place: str = "",
    to: str = "",
    since: str = "",
    **more: Any,
) -> Event:
    """An event so many minutes after `START`, as the reader would have it."""
    return Event(
        type=kind,
        time=at(minutes),
        offset=timedelta(0),
        action=action,
        items=_items(items),
        documents=tuple(BusinessDocument("bol", paper) for paper in papers),
        read_point=at_place,
        destinations=(Party("location", to),) if to else (),
        sources=(Party("location", since),) if since else (),
        **more,
    )


def made(
    minutes: float, inputs: Iterable[str | Item], outputs: Iterable[str | Item], **more: Any
) -> Event:
    """Inputs became outputs."""
    return event(
        minutes,
        EventType.TRANSFORMATION,
        None,
        inputs=_items(inputs),
        outputs=_items(outputs),
        **{"biz_step": "creating_class_instance", **more},
    )


def packed(minutes: float, into: str, *things: str | Item, **more: Any) -> Event:
    """Things were put into a container."""
    return event(
        minutes,
        EventType.AGGREGATION,
        Action.ADD,
        parent=into,
        items=things,
        **{"biz_step": "packing", **more},
    )


def unpacked(minutes: float, from_: str, *things: str | Item, **more: Any) -> Event:
    """Things were taken out of a container: all of them, if none are named."""
    return event(
        minutes,
        EventType.AGGREGATION,
        Action.DELETE,
        parent=from_,
        items=things,
        **{"biz_step": "unpacking", **more},
    )


def seen(minutes: float, in_: str, *things: str | Item, **more: Any) -> Event:
    """Things were seen in a container."""
    return event(minutes, EventType.AGGREGATION, Action.OBSERVE, parent=in_, items=things, **more)


def shipped(minutes: float, *things: str | Item, **more: Any) -> Event:
    """Things left a place."""
    return event(minutes, items=things, **{"biz_step": "shipping", **more})


def received(minutes: float, *things: str | Item, **more: Any) -> Event:
    """Things arrived at a place."""
    return event(minutes, items=things, **{"biz_step": "receiving", **more})


def voided(minutes: float, *things: str | Item, **more: Any) -> Event:
    """A shipment did not take place after all."""
    return event(minutes, items=things, **{"biz_step": "void_shipping", **more})


def commissioned(minutes: float, *things: str | Item, **more: Any) -> Event:
    """Lots or objects came to be."""
    items = tuple(of(thing) if isinstance(thing, str) else thing for thing in things)
    things = with_lot_number(items, more.get("ilmd", {}))  # as the reader does
    return event(minutes, action=Action.ADD, items=things, **{"biz_step": "commissioning", **more})


def wrong(prior: Event, minutes: float = 0, **more: Any) -> Event:
    """The declaration that an event was wrong."""
    return evolve(prior, error=ErrorDeclaration(at(minutes), **more))
