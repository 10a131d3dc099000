"""The rows of the sheet First Land-Based Receiving (21 CFR 1.1335)."""

from collections.abc import Iterator
from datetime import date

from closient_export.epcis import Event
from closient_export.trace.cells import (
    MISSING,
    Cell,
    Provenance,
    amount_cells,
    derived,
    repeated,
    stated,
)
from closient_export.trace.classification import Classification
from closient_export.trace.deliveries import amounts_of, party_of
from closient_export.trace.extensions import all_said, said
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row
from closient_export.trace.steps import in_order, step_of

__all__ = ["landing_rows"]


def landing_rows(
    facts: Facts, movement: Movement, lot: str, found: Classification
) -> Iterator[Row]:
    """One row for each amount of a lot that an event lands."""
    event = movement.event
    words, more = facts.documents(event, lot)
    for amount in amounts_of(movement.portions, lot):
        yield Row(
            cte=CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING,
            lot=lot,
            event=event,
            cells={"traceability_lot_code": stated(facts.code(lot))}
            | _seafood_cells(facts, event, lot)
            | amount_cells(amount)
            | _trip_cells(facts, event, lot)
            | facts.assigned_source(event.place, lot)
            | {"date": stated(event.local_date)}
            | words,
            container=amount.container,
            origin_place=party_of(event.sources),
            destination_place=event.place,
            further_documents=more,
            assumption=found.reason,
        )


def _seafood_cells(facts: Facts, event: Event, lot: str) -> dict[str, Cell]:
    """Species, or the product description: one of both, by whether it is packaged."""
    product = facts.descriptions.product(lot)
    packaged = product is not None and (
        bool(product.packaging_style) if product.packaged is None else product.packaged
    )
    if packaged:
        note = Cell("n/a (Packaged)", Provenance.NOT_APPLICABLE)
        return {"species": note} | facts.product("product", lot)
    note = Cell("n/a (Unpackaged)", Provenance.NOT_APPLICABLE)
    species = stated(said(event, "fishtype"))
    if species is MISSING and product is not None:
        name = product.species or product.product_name
        species = Cell(name, Provenance.MASTER_DATA, lot) if name else MISSING
    return {"species": species} | repeated("product", note)


def _trip_cells(facts: Facts, event: Event, lot: str) -> dict[str, Cell]:
    """When and where the fish was caught (21 CFR 1.1335(d)): as landed, else as caught."""
    cells = {
        "harvest_start": stated(min(_days(event, *_STARTS), default=None)),
        "harvest_end": stated(max(_days(event, *_ENDS), default=None)),
        "harvest_locations": stated("; ".join(all_said(event, *_ZONES))),
    }
    caught = _catches(facts, event, lot)
    if caught:
        starts = [(min(_days(e, *_STARTS), default=e.local_date), e) for e in caught]
        ends = [(max(_days(e, *_ENDS), default=e.local_date), e) for e in caught]
        zones = dict.fromkeys(zone for each in caught for zone in all_said(each, *_ZONES))
        at_sea = {
            "harvest_start": derived(*min(starts, key=lambda found: found[0])),
            "harvest_end": derived(*max(ends, key=lambda found: found[0])),
            "harvest_locations": derived("; ".join(zones), caught[0]),
        }
        cells = {name: at_sea[name] if cell is MISSING else cell for name, cell in cells.items()}
    return cells


def _catches(facts: Facts, event: Event, lot: str) -> list[Event]:
    """The catches of a landed lot, and of what it was made of on board."""
    return in_order(
        movement.event
        for each in facts.ancestors(lot)
        for movement in facts.graph.movements.get(each, ())
        if movement.event.time < event.time and step_of(movement.event) in _CATCHING
    )


_CATCHING = ("fishingevent", "catching")
_STARTS = ("harvestdatestart", "harveststartdate")
_ENDS = ("harvestdateend", "harvestenddate")
_ZONES = ("catchzone", "catcharea")


def _days(event: Event, *names: str) -> list[date]:
    """The days that an event says, of those texts that are days."""
    return [day for text in all_said(event, *names) if (day := _day(text))]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
