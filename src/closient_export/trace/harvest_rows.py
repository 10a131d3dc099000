"""The rows of the sheets Harvesting and Cooling (21 CFR 1.1325)."""

from collections.abc import Iterator

from closient_export.epcis import Event
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Provenance,
    amount_cells,
    coordinates,
    derived,
    repeated,
    stated,
)
from closient_export.trace.classify import Classification
from closient_export.trace.deliveries import Amount, amounts_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row

__all__ = ["cooling_rows", "farm_cells", "harvest_row", "harvesting_rows"]


def harvesting_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event harvests."""
    for amount in amounts_of(movement.portions, lot):
        yield harvest_row(facts, movement.event, lot, amount, found)


def harvest_row(facts: Facts, event: Event, lot: str, amount: Amount, found: Classification) -> Row:
    """A row of the sheet Harvesting (21 CFR 1.1325(a)(1))."""
    cells = facts.commodity(lot)
    cells |= amount_cells(amount)
    cells |= farm_cells(facts, event)
    cells["date"] = stated(event.local_date)
    recipient, recipient_cells = facts.recipient(event, lot)
    cells |= recipient_cells
    words, more = facts.documents(event, lot)
    return Row(
        cte=CriticalTrackingEvent.HARVESTING,
        lot=lot,
        event=event,
        cells=cells | words,
        origin_place=event.place,
        destination_place=recipient,
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
    """One row for each amount of a lot that an event cools (21 CFR 1.1325(b)(1))."""
    event = movement.event
    recipient, recipient_cells = facts.recipient(event, lot)
    harvests = facts.harvests(lot)
    words, more = facts.documents(event, lot)
    farm = (
        facts.location("farm", harvests[0].place, harvests[0])
        if harvests
        else repeated("farm", MISSING)
    )
    for amount in amounts_of(movement.portions, lot):
        yield Row(
            cte=CriticalTrackingEvent.COOLING,
            lot=lot,
            event=event,
            cells=recipient_cells
            | facts.commodity(lot)
            | amount_cells(amount)
            | facts.location("cooled", event.place)
            | {"date": stated(event.local_date)}
            | farm
            | words,
            container=amount.container,
            origin_place=event.place,
            destination_place=recipient,
            further_documents=more,
            linked_codes=facts.linked_codes(lot),
            assumption=found.reason,
        )
