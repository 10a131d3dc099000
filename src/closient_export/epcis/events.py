"""The events of EPCIS 2.0, with every identifier in its canonical form."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import field, frozen

__all__ = [
    "Action",
    "BusinessDocument",
    "ErrorDeclaration",
    "Event",
    "EventType",
    "Item",
    "Party",
]


class EventType(StrEnum):
    """What kind of thing happened (EPCIS 2.0, section 7.4)."""

    OBJECT = "ObjectEvent"
    AGGREGATION = "AggregationEvent"
    ASSOCIATION = "AssociationEvent"
    TRANSACTION = "TransactionEvent"
    TRANSFORMATION = "TransformationEvent"


class Action(StrEnum):
    """How an event relates to the life of its objects (EPCIS 2.0, section 7.3.2)."""

    ADD = "ADD"
    OBSERVE = "OBSERVE"
    DELETE = "DELETE"


@frozen
class Item:
    """An object, or a quantity of a lot or product, that an event is about."""

    id: str
    """Its canonical identifier."""
    lot: str | None = None
    """The canonical URI of the lot that it is or belongs to, as far as the event says."""
    quantity: Decimal | None = None
    """How much of it; ``None`` for a single object, or where it is not said."""
    uom: str = ""
    """The unit, mostly a code of UN/ECE Recommendation 20; none for a count of trade items."""


@frozen
class BusinessDocument:
    """A business transaction that an event belongs to: a reference document in FDA's words."""

    type: str
    """A word of the CBV such as ``bol``, or a URI; empty where it is not said."""
    id: str


@frozen
class Party:
    """Where an event's objects come from or go to: a place or a party."""

    type: str
    """``location``, ``possessing_party``, ``owning_party`` or a URI."""
    id: str


@frozen
class ErrorDeclaration:
    """Says that the event which bears it, or the earlier one like it, is wrong (section 7.4.1.2)."""

    time: datetime
    reason: str = ""
    corrective_event_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class Event:
    """What happened to which objects, when, where and why.

    Items and parties are sorted, since their order says nothing; documents stay in order.
    """

    type: EventType
    time: datetime
    """In UTC."""
    offset: timedelta
    """From UTC to the local time of where it happened (``eventTimeZoneOffset``)."""
    event_id: str = ""
    record_time: datetime | None = None
    action: Action | None = None
    """``None`` for transformations."""
    biz_step: str = ""
    disposition: str = ""
    persistent_dispositions: tuple[str, ...] = ()
    """Those that are set."""
    read_point: str = ""
    biz_location: str = ""
    documents: tuple[BusinessDocument, ...] = ()
    sources: tuple[Party, ...] = ()
    destinations: tuple[Party, ...] = ()
    parent: str = ""
    items: tuple[Item, ...] = ()
    """What it is about, or the children of its parent."""
    inputs: tuple[Item, ...] = ()
    outputs: tuple[Item, ...] = ()
    transformation_id: str = ""
    ilmd: Mapping[str, Any] = field(factory=dict)
    """Master data of the instance or lot, as it came."""
    error: ErrorDeclaration | None = None
    extensions: Mapping[str, Any] = field(factory=dict)
    """Everything else that the event says, as it came."""

    @property
    def place(self) -> str:
        """Where it happened: the read point, else where the objects are afterwards.

        Bare coordinates tell least: they name no location that master data describe.
        """
        if self.read_point.startswith("geo:") and self.biz_location:
            return self.biz_location
        return self.read_point or self.biz_location

    @property
    def local_date(self) -> date:
        """The date where it happened, as FDA's dates are."""
        return (self.time + self.offset).date()

    @property
    def local_time(self) -> datetime:
        """The time with the offset of where it happened."""
        return self.time.astimezone(timezone(self.offset))

    @cached_property
    def digest(self) -> str:
        """A digest of all that it says of the world, equal for copies of it from two partners."""
        parts = [
            [self.type, self.time.isoformat(), self.offset.total_seconds(), self.action],
            [self.biz_step, self.disposition, self.persistent_dispositions],
            [self.read_point, self.biz_location, self.parent, self.transformation_id],
            sorted([document.type, document.id] for document in self.documents),
            [[party.type, party.id] for party in self.sources],
            [[party.type, party.id] for party in self.destinations],
            *([_item(item) for item in items] for items in (self.items, self.inputs, self.outputs)),
            self.ilmd,
            self.extensions,
        ]
        text = json.dumps(parts, sort_keys=True, default=_number)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def key(self) -> str:
        """What tells it from every other event: its id, or its digest if it has none."""
        return self.event_id or f"ni:///sha-256;{self.digest}"

    def all_items(self) -> Iterator[Item]:
        """Every object it names, except the parent."""
        yield from self.items
        yield from self.inputs
        yield from self.outputs

    def named_ids(self) -> Iterator[str]:
        """Every object and lot it names, the parent and the transformation too; some twice."""
        if self.parent:
            yield self.parent
        if self.transformation_id:
            yield self.transformation_id
        for item in self.all_items():
            yield item.id
            if item.lot is not None:
                yield item.lot


def _number(number: Decimal) -> int | list[str]:
    """A number that came with a fraction or very long; ``2.0`` is ``2``, and no text is one."""
    if number == number.to_integral_value() and number.copy_abs() < _SAFE:
        return int(number)
    return ["number", str(number.normalize(_EXACT))]


_SAFE = 10**18
_EXACT = Context(prec=50)


def _item(item: Item) -> list[str | None]:
    quantity = None if item.quantity is None else f"{item.quantity:f}"
    return [item.id, item.lot, quantity, item.uom]
