"""The rows of the sheets Harvesting and Cooling (21 CFR 1.1325)."""

from collections.abc import Iterator

from closient_export.epcis import Event
from closient_export.trace.before_packing import harvests_before
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Provenance,
    coordinates,
    derived,
    repeated,
    stated,
)
from closient_export.trace.classification import Classification
from closient_export.trace.deliveries import Amount, amounts_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.recipients import shares
from closient_export.trace.rows import Row

__all__ = ["cooling_rows", "farm_cells", "harvested", "harvesting_rows"]


def harvesting_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """A row for each recipient of an amount that an event harvests."""
    for amount in amounts_of(movement.portions, lot):
        yield from harvested(facts, movement.event, lot, amount, found)


def harvested(
    facts: Facts, event: Event, lot: str, amount: Amount, found: Classification
) -> Iterator[Row]:
    """A row of the sheet Harvesting for each recipient of an amount (21 CFR 1.1325(a)(1))."""
    cells = facts.commodity(lot)
    cells |= farm_cells(facts, event)
    cells["date"] = stated(event.local_date)
    words, more = facts.documents(event, lot)
    for share in shares(facts, event, lot, amount, CriticalTrackingEvent.HARVESTING):
        yield Row(
            cte=CriticalTrackingEvent.HARVESTING,
            lot=lot,
            event=event,
            cells=cells | share.cells | words,
            origin_place=event.place,
            destination_place=share.recipient,
            further_documents=more,
            linked_codes=facts.linked_codes(lot),
            assumption=found.reason,
        )


def farm_cells(facts: Facts, event: Event, derived_from: Event | None = None) -> dict[str, Cell]:
    """The farm, and the field or the container that the food was taken from."""
    cells = facts.location("farm", event.place, derived_from)
    cells |= {"growing_area": NOT_APPLICABLE, "aquaculture_container": NOT_APPLICABLE}
    names = [
        (part, getattr(location, part), place)
        for part in ("growing_area", "aquaculture_container")
        for place in (event.biz_location, event.read_point)
        if place and (location := facts.descriptions.location(place))
    ]
    names.append(("growing_area", _field(facts, event), event.biz_location))
    for part, name, place in names:
        if name:
            known = Cell(name, Provenance.MASTER_DATA, place)
            return cells | {part: derived(name, derived_from) if derived_from else known}
    unknown = Cell("", Provenance.MISSING, event.biz_location or event.place)
    return cells | {"growing_area": unknown}


def _field(facts: Facts, event: Event) -> str:
    """The coordinates of a field, which are as good as its name, if they are not the farm's."""
    other = event.read_point if event.place == event.biz_location else event.biz_location
    field, farm = (
        facts.descriptions.location(place) if place else None for place in (other, event.place)
    )
    found = coordinates(field) if field is not None else ""
    return "" if farm is not None and found == coordinates(farm) else found


def cooling_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """A row for each recipient and farm of an amount that an event cools (21 CFR 1.1325(b)(1))."""
    event = movement.event
    words, more = facts.documents(event, lot)
    parts = (
        (amount, share, farm)
        for amount in amounts_of(movement.portions, lot)
        for share in shares(facts, event, lot, amount, CriticalTrackingEvent.COOLING)
        for farm in _farms(facts, event, lot, amount)
    )
    for amount, share, farm in parts:
        yield Row(
            cte=CriticalTrackingEvent.COOLING,
            lot=lot,
            event=event,
            cells=facts.commodity(lot)
            | share.cells
            | facts.location("cooled", event.place)
            | {"date": stated(event.local_date)}
            | farm
            | words,
            container=amount.container,
            origin_place=event.place,
            destination_place=share.recipient,
            further_documents=more,
            linked_codes=facts.linked_codes(lot),
            assumption=found.reason,
        )


def _farms(facts: Facts, event: Event, lot: str, amount: Amount) -> list[dict[str, Cell]]:
    """Each farm that what is cooled may come from."""
    harvests = harvests_before(facts, (lot, amount, (event,)), event) or facts.harvests(lot)[:1]
    first = {harvest.place: harvest for harvest in reversed(harvests)}
    farms = [facts.location("farm", place, first[place]) for place in reversed(first)]
    return farms or [repeated("farm", MISSING)]
