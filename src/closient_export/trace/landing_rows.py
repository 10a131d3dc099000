"""The rows of the sheet First Land-Based Receiving (21 CFR 1.1335)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from closient_export.epcis import Event
from closient_export.trace.cells import MISSING, Cell, Provenance, derived, repeated, stated
from closient_export.trace.classify import Classification
from closient_export.trace.deliveries import amounts_of, party_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row

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
            | facts.amount(amount, event)
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
    species = stated(_said(event, "fishtype"))
    if species is MISSING and product is not None:
        name = product.species or product.product_name
        species = Cell(name, Provenance.MASTER_DATA, lot) if name else MISSING
    return {"species": species} | repeated("product", note)


def _trip_cells(facts: Facts, event: Event, lot: str) -> dict[str, Cell]:
    """When and where the fish was caught (21 CFR 1.1335(d))."""
    at_sea = [
        movement.event
        for movement in facts.graph.movements.get(lot, ())
        if movement.event.time < event.time and movement.event.biz_step.endswith("fishingEvent")
    ]
    cells = {}
    for name, words in (
        ("harvest_start", ("harvestdatestart", "harveststartdate")),
        ("harvest_end", ("harvestdateend", "harvestenddate")),
    ):
        says = [(other, _said(other, *words)) for other in (event, *at_sea)]
        days = [(other, _day(text)) for other, text in says if _day(text)]
        if not days and at_sea:
            days = [(at_sea[0], at_sea[0].local_date)]
        cells[name] = _told(days, event)
    zones = [(other, _said(other, "catchzone", "catcharea")) for other in (event, *at_sea)]
    cells["harvest_locations"] = _told([zone for zone in zones if zone[1]], event)
    return cells


def _told(found: Sequence[tuple[Event, Any]], event: Event) -> Cell:
    if not found:
        return MISSING
    teller, value = found[0]
    return stated(value) if teller is event else derived(value, teller)


def _said(event: Event, *names: str) -> str:
    """The text of the first extension with one of the names, however deep it lies."""
    unread: list[Any] = [event.ilmd, event.extensions]
    found: list[str] = []
    while unread and not found:
        value = unread.pop(0)
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if name.rpartition(":")[2].lower() in names:
                    found.append(_as_text(inner))
                else:
                    unread.append(inner)
        elif isinstance(value, list):
            unread += value
    return found[0] if found else ""


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(filter(None, map(_as_text, value)))
    if isinstance(value, Mapping):
        return _as_text(value.get("@value", value.get("id", "")))
    return value if isinstance(value, str) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
