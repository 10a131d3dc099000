"""The rows of the sheets Harvesting and Cooling (21 CFR 1.1325)."""

from collections.abc import Iterator

from closient_export.epcis import Event
from closient_export.trace.cells import MISSING, NOT_APPLICABLE, Cell, Provenance, repeated, stated
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
    cells |= facts.amount(amount, event)
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
    for part in ("growing_area", "aquaculture_container"):
        names = []
        for place in (event.biz_location, event.read_point):
            location = facts.descriptions.location(place) if place else None
            if location is not None and getattr(location, part):
                names.append((getattr(location, part), place))
        cells[part] = Cell(names[0][0], Provenance.MASTER_DATA, names[0][1]) if names else MISSING
    if cells["growing_area"] is not MISSING:
        cells["aquaculture_container"] = NOT_APPLICABLE
    elif cells["aquaculture_container"] is not MISSING:
        cells["growing_area"] = NOT_APPLICABLE
    else:
        cells["aquaculture_container"] = NOT_APPLICABLE
        cells["growing_area"] = Cell("", Provenance.MISSING, event.biz_location or event.place)
    return cells


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
            | facts.amount(amount, event)
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
