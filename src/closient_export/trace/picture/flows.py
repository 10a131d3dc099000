"""Shipments of a lot along the same way, added up."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from attrs import evolve, field, frozen

from closient_export.trace.picture.diagram import DiagramShipment
from closient_export.trace.picture.text import format_date

__all__ = ["Flow", "flows", "joined"]

_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) (\S.*)", re.DOTALL)


def _sorted(shipments: Iterable[DiagramShipment]) -> tuple[DiagramShipment, ...]:
    return tuple(
        sorted(shipments, key=lambda one: (str(one.shipped), str(one.received), one.quantity))
    )


@frozen(kw_only=True)
class Flow:
    """All shipments of one lot from one place to another, and what there is to say of them."""

    lot: str
    origin: str
    destination: str
    """Empty when unknown, and where flows to several places were joined."""
    shipments: tuple[DiagramShipment, ...] = field(converter=_sorted)

    @property
    def quantity(self) -> str:
        """The sum where the units agree, otherwise one quantity after the other."""
        known = [shipment.quantity for shipment in self.shipments if shipment.quantity]
        matches = [match for match in map(_AMOUNT.fullmatch, known) if match]
        units = {match[2] for match in matches}
        if len(matches) < len(known) or len(units) != 1:
            return " + ".join(known)
        total = sum((Decimal(match[1]) for match in matches), Decimal())
        return f"{total:f} {units.pop()}"

    @property
    def count(self) -> str:
        """How many shipments they are, if more than one."""
        return f"{len(self.shipments)} shipments" if len(self.shipments) > 1 else ""

    @property
    def shipped(self) -> str:
        """When they left; empty when unknown."""
        return _days("shipped", (shipment.shipped for shipment in self.shipments))

    @property
    def received(self) -> str:
        """When they arrived, as far as that is recorded."""
        days = _days("received", (shipment.received for shipment in self.shipments))
        return days or "arrival not recorded"


def flows(shipments: Iterable[DiagramShipment]) -> tuple[Flow, ...]:
    """The shipments added up, sorted by lot, origin and destination."""
    ways: dict[tuple[str, str, str], list[DiagramShipment]] = {}
    for shipment in shipments:
        way = (shipment.lot, shipment.origin, shipment.destination)
        ways.setdefault(way, []).append(shipment)
    return tuple(
        Flow(lot=lot, origin=origin, destination=destination, shipments=members)
        for (lot, origin, destination), members in sorted(ways.items())
    )


def joined(parts: Sequence[Flow]) -> Flow:
    """Flows of one lot from one place to several, as one flow to nowhere in particular."""
    shipments = [shipment for flow in parts for shipment in flow.shipments]
    return evolve(parts[0], destination="", shipments=shipments)


def _days(verb: str, days: Iterable[date | None]) -> str:
    known = sorted({day for day in days if day is not None})
    if not known:
        return ""
    first, last = format_date(known[0]), format_date(known[-1])
    return f"{verb} {first}" if first == last else f"{verb} {first} to {last}"
