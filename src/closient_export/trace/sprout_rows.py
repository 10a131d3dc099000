"""The rows of the sheet Initial Packing Sprouts: where the seeds came from (21 CFR 1.1330(b))."""

from collections.abc import Iterator

from closient_export.epcis import Event
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Provenance,
    derived,
    document_cells,
    repeated,
    stated,
)
from closient_export.trace.deliveries import party_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row
from closient_export.trace.steps import RECEIVING_STEPS

__all__ = ["sprout_rows"]

_CATEGORY = "sprouts"


def sprout_rows(facts: Facts, transformation: Transformation, output: str) -> Iterator[Row]:
    """One row for each lot of seeds that a lot of sprouts was grown from."""
    product = facts.descriptions.product(output)
    if product is None or product.food_traceability_list_category.lower() != _CATEGORY:
        return
    event = transformation.completed
    for seeds in sorted(transformation.input_lots):
        words, more = document_cells(event.documents)
        yield Row(
            cte=CriticalTrackingEvent.INITIAL_PACKING_SPROUTS,
            lot=output,
            event=event,
            cells=_grower(facts, seeds)
            | _handlers(facts, seeds)
            | _supplier(facts, seeds, event)
            | _seeds(facts, seeds, output)
            | words,
            input_lot=seeds,
            destination_place=event.place,
            further_documents=more,
            linked_codes=facts.code(output),
        )


def _ancestors(facts: Facts, lot: str) -> list[str]:
    """A lot and what it was made of, the nearest first."""
    found = {lot: None}
    unread = [lot]
    while unread:
        current = unread.pop(0)
        for transformation in facts.graph.made_by.get(current, ()):
            for used in sorted(transformation.input_lots - found.keys()):
                found[used] = None
                unread.append(used)
    return list(found)


def _grower(facts: Facts, seeds: str) -> dict[str, Cell]:
    for lot in _ancestors(facts, seeds):
        for event in facts.harvests(lot):
            return facts.location("grower", event.place, event) | {
                "seed_harvest_date": derived(event.local_date, event)
            }
    return repeated("grower", NOT_APPLICABLE) | {"seed_harvest_date": NOT_APPLICABLE}


def _handlers(facts: Facts, seeds: str) -> dict[str, Cell]:
    """Who conditioned, packed and repacked the seeds, in the order in which it was done."""
    steps: list[tuple[str, Event]] = [
        (lot, transformation.completed)
        for lot in reversed(_ancestors(facts, seeds))
        for transformation in facts.graph.made_by.get(lot, ())
    ]
    cells: dict[str, Cell] = {}
    for number, (name, code, date) in enumerate(
        (
            ("conditioner", "conditioner_lot_code", "conditioning_date"),
            ("packinghouse", "packinghouse_lot_code", "seed_packing_date"),
            ("repacker", "repacker_lot_code", "seed_repacking_date"),
        )
    ):
        if number < len(steps):
            lot, event = steps[number]
            cells |= facts.location(name, event.place, event)
            cells[code] = derived(facts.code(lot), event)
            cells[date] = derived(event.local_date, event)
        else:
            gap = NOT_APPLICABLE if name == "repacker" else MISSING
            cells |= repeated(name, gap) | {code: gap, date: gap}
    return cells


def _supplier(facts: Facts, seeds: str, grown: Event) -> dict[str, Cell]:
    """Who sent the seeds to the sprouter, and when they arrived."""
    arrivals = [
        movement.event
        for movement in facts.graph.movements.get(seeds, ())
        if movement.event.biz_step in RECEIVING_STEPS
        and site_of(movement.event.place) == site_of(grown.place)
    ]
    if not arrivals:
        return repeated("supplier", MISSING) | {"receive_date": MISSING}
    event = arrivals[0]
    delivery = facts.delivery(seeds, event)
    place, teller = party_of(event.sources), event
    if not place and delivery and delivery.shipped:
        place, teller = delivery.shipped.event.place, delivery.shipped.event
    return facts.location("supplier", place, teller) | {
        "receive_date": derived(event.local_date, event)
    }


def _seeds(facts: Facts, seeds: str, output: str) -> dict[str, Cell]:
    """The lot codes and the description of the seeds."""
    product = facts.descriptions.product(seeds)
    style = product.packaging_style if product else ""
    kind = (product.variety or product.commodity or product.product_name) if product else ""

    def described(value: str) -> Cell:
        return Cell(value, Provenance.MASTER_DATA, seeds) if value else MISSING

    return {
        "supplier_lot_code": stated(facts.code(seeds)),
        "supplier_sub_lot_code": NOT_APPLICABLE,
        "sprouter_lot_code": stated(facts.code(output)),
        "seed_type": described(kind),
        "seed_growing": MISSING,
        "seed_packaging": described(style),
        "seed_treatment": NOT_APPLICABLE,
    }
