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
from closient_export.trace.extensions import said
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row

__all__ = ["sprout_rows"]


def sprout_rows(facts: Facts, transformation: Transformation, output: str) -> Iterator[Row]:
    """One row for each lot of seeds that a lot of sprouts was grown from."""
    if not facts.classified.is_of_sprouts(output):
        return
    event = transformation.completion(output)
    for seeds in sorted(transformation.input_lots):
        bought, arrival = _arrival(facts, seeds, event)
        words, more = document_cells(event.documents)
        yield Row(
            cte=CriticalTrackingEvent.INITIAL_PACKING_SPROUTS,
            lot=output,
            event=event,
            cells=_grower(facts, bought)
            | _handlers(facts, bought)
            | _supplier(facts, bought, arrival)
            | {
                "supplier_lot_code": stated(facts.code(bought)),
                "supplier_sub_lot_code": NOT_APPLICABLE,
                "sprouter_lot_code": NOT_APPLICABLE
                if bought == seeds
                else stated(facts.code(seeds)),
            }
            | _described(facts, bought)
            | _treated(facts, seeds, event)
            | words,
            input_lot=seeds,
            destination_place=event.place,
            further_documents=more,
            linked_codes=facts.code(output),
        )


def _grower(facts: Facts, seeds: str) -> dict[str, Cell]:
    for lot in facts.ancestors(seeds):
        for event in facts.harvests(lot):
            return facts.location("grower", event.place, event) | {
                "seed_harvest_date": derived(event.local_date, event)
            }
    return repeated("grower", NOT_APPLICABLE) | {"seed_harvest_date": NOT_APPLICABLE}


def _handlers(facts: Facts, seeds: str) -> dict[str, Cell]:
    """Who conditioned, packed and repacked the seeds, in the order in which it was done."""
    steps: list[tuple[str, Event]] = [
        (lot, transformation.completion(lot))
        for lot in reversed(facts.ancestors(seeds))
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


def _arrival(facts: Facts, seeds: str, grown: Event) -> tuple[str, Event | None]:
    """The lot as which the seeds came to the sprouter, who may have given them a new code.

    What is received where it got its code, or from the next room, has not come from a supplier.
    """
    for lot in facts.ancestors(seeds):
        for movement in facts.arrivals(lot, grown.place):
            if facts.delivery(lot, movement.event):
                return lot, movement.event
    return seeds, None


def _supplier(facts: Facts, lot: str, arrival: Event | None) -> dict[str, Cell]:
    """Who sent the seeds to the sprouter, and when they arrived."""
    if arrival is None:
        return repeated("supplier", MISSING) | {"receive_date": MISSING}
    place, teller = party_of(arrival.sources), arrival
    delivery = facts.delivery(lot, arrival)
    if not place and delivery and delivery.shipped:
        place, teller = delivery.shipped.event.place, delivery.shipped.event
    return facts.location("supplier", place, teller) | {
        "receive_date": derived(arrival.local_date, arrival)
    }


def _described(facts: Facts, bought: str) -> dict[str, Cell]:
    """What the seeds are (21 CFR 1.1330(b)(5))."""
    product = facts.descriptions.product(bought)
    style = product.packaging_style if product else ""
    kind = (product.variety or product.commodity or product.product_name) if product else ""

    def described(value: str) -> Cell:
        return Cell(value, Provenance.MASTER_DATA if value else Provenance.MISSING, bought)

    return {"seed_type": described(kind), "seed_packaging": described(style)}


def _treated(facts: Facts, seeds: str, grown: Event) -> dict[str, Cell]:
    """How they were grown and treated, which only extensions of events can say."""

    def told(*names: str) -> Cell:
        for lot in facts.ancestors(seeds):
            for event, claim in facts.claims(lot, *names):
                return derived(claim, event)
        return stated(said(grown, *names))

    treatment = told("antimicrobialtreatment", "seedtreatment")
    return {
        "seed_growing": told("growingspecifications", "growingmethod", "growingmethodcode"),
        "seed_treatment": NOT_APPLICABLE if treatment is MISSING else treatment,
    }
