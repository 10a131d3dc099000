"""The rows of the sheets Transformation and Initial Packing (21 CFR 1.1350, 1.1330)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from closient_export.epcis import Event
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Provenance,
    derived,
    document_cells,
    quantity_cells,
    repeated,
    stated,
)
from closient_export.trace.classify import Classification
from closient_export.trace.deliveries import Amount, amounts_of, party_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Portion, Transformation
from closient_export.trace.harvest_rows import farm_cells, harvest_row
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.rows import Row
from closient_export.trace.sprout_rows import sprout_rows
from closient_export.trace.steps import RECEIVING_STEPS

__all__ = ["transformation_rows"]

Part = tuple[str, Amount, tuple[Event, ...]]
"""A lot, or the product of one without a lot, how much of it, and the events that say so."""


def transformation_rows(facts: Facts, transformation: Transformation) -> Iterator[Row]:
    """One row for each new lot and each lot that may be in it, as in FDA's own sample."""
    found = facts.classified.transformation(transformation)
    if found.cte is None:
        return
    outputs = [
        part
        for part in _parts(transformation.outputs)
        if part[0] in facts.graph.lots and facts.classified.on_list(part[0])
    ]
    inputs = _parts(transformation.inputs)
    for output in outputs:
        if found.cte is CriticalTrackingEvent.HARVESTING:
            lot, amount, events = output
            yield harvest_row(facts, events[-1], lot, amount, found)
            continue
        yield from sprout_rows(facts, transformation, output[0])
        if found.cte is CriticalTrackingEvent.TRANSFORMATION:
            yield from _transformed(facts, transformation, found, inputs, output)
        else:
            for used in inputs:
                yield _packed(facts, transformation, found, used, output)


def _parts(named: Iterable[tuple[Event, Portion]]) -> list[Part]:
    """What went in or came out, added up for each lot and unit."""
    found: dict[str, list[tuple[Event, Portion]]] = defaultdict(list)
    for event, portion in named:
        found[portion.lot or portion.item.id].append((event, portion))
    return [
        (name, amount, tuple({event.digest: event for event, _ in pairs}.values()))
        for name, pairs in sorted(found.items())
        for amount in amounts_of(
            (portion for _, portion in pairs), pairs[0][1].lot, by_container=False
        )
    ]


def _transformed(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    inputs: list[Part],
    output: Part,
) -> Iterator[Row]:
    on_list = [used for used in inputs if facts.classified.on_list(used[0])]
    common = _output_cells(facts, transformation, output)
    choices: list[Part | None] = [*on_list] or [None]
    for used in choices:
        events = (*(used[2] if used else ()), *output[2])
        words, more = document_cells(d for event in events for d in event.documents)
        yield Row(
            cte=CriticalTrackingEvent.TRANSFORMATION,
            lot=output[0],
            event=transformation.completed,
            cells=(_input_cells(facts, used) if used else _no_inputs(facts, inputs))
            | common
            | words,
            input_lot=used[0] if used else "",
            origin_place=transformation.completed.place,
            destination_place=transformation.completed.place,
            further_documents=more,
            assumption=found.reason,
        )


def _input_cells(facts: Facts, used: Part) -> dict[str, Cell]:
    name, amount, _ = used
    lot = amount.portions[0].lot
    return (
        {"input_lot_code": stated(facts.code(lot) if lot else "")}
        | facts.product("input", name)
        | _amount(amount, "input_")
    )


def _no_inputs(facts: Facts, inputs: list[Part]) -> dict[str, Cell]:
    """What FDA's own sample writes where no ingredient is on the Food Traceability List."""
    note = MISSING
    if inputs:
        products = {facts.descriptions.product(name) for name, _, _ in inputs}
        names = {product.product_name for product in products if product is not None}
        what = names.pop() if len(names) == 1 else "Ingredients"
        note = Cell(f"n/a ({what or 'Ingredients'} not on FTL)", Provenance.NOT_APPLICABLE)
    return repeated("input", note) | dict.fromkeys(
        ("input_lot_code", "input_quantity", "input_unit"), note
    )


def _amount(amount: Amount, prefix: str = "") -> dict[str, Cell]:
    cells = quantity_cells(prefix, amount.quantity, amount.uom)
    if not amount.uom and any(amount.serials):
        cells[f"{prefix}unit"] = stated("each")
    return cells


def _output_cells(facts: Facts, transformation: Transformation, output: Part) -> dict[str, Cell]:
    """The new lot: its code, where and when it was assigned, product and quantity."""
    lot, amount, _ = output
    return (
        {"traceability_lot_code": stated(facts.code(lot))}
        | facts.assigned_source(transformation.completed.place, lot)
        | {"date": stated(transformation.completed.local_date)}
        | facts.product("product", lot)
        | _amount(amount)
    )


def _packed(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    used: Part,
    output: Part,
) -> Row:
    """A row of the sheet Initial Packing, or of the one for food from an exempt person."""
    assert found.cte is not None  # noqa: S101 - checked where the rows are chosen
    raw = used[0]
    events = (*used[2], *output[2])
    words, more = document_cells(d for event in events for d in event.documents)
    cells = facts.commodity(raw) | _received(facts, transformation, used)
    if found.cte is CriticalTrackingEvent.INITIAL_PACKING:
        cells |= _raised(facts, raw)
    else:
        cells |= _supplied(facts, raw)
    return Row(
        cte=found.cte,
        lot=output[0],
        event=transformation.completed,
        cells=cells | _output_cells(facts, transformation, output) | words,
        input_lot=raw,
        origin_place=next(iter(facts.harvest_places(raw)), ""),
        destination_place=transformation.completed.place,
        further_documents=more,
        assumption=found.reason,
    )


def _received(facts: Facts, transformation: Transformation, used: Part) -> dict[str, Cell]:
    """Date and quantity of what was packed: as received there, or as harvested there."""
    lot, amount, _ = used
    packed_at = site_of(transformation.completed.place)
    arrivals = [
        movement
        for movement in facts.graph.movements.get(lot, ())
        if movement.event.biz_step in RECEIVING_STEPS
        and site_of(movement.event.place or party_of(movement.event.destinations)) == packed_at
    ]
    if not arrivals:
        arrivals = [
            movement
            for movement in facts.graph.movements.get(lot, ())
            if movement.event in facts.harvests(lot) and site_of(movement.event.place) == packed_at
        ]
    if not arrivals:
        return {"receive_date": MISSING} | {
            f"received_{name}": cell for name, cell in _amount(amount).items()
        }
    event = arrivals[0].event
    (received, *_) = amounts_of(arrivals[0].portions, lot, by_container=False)
    return {"receive_date": derived(event.local_date, event)} | {
        f"received_{name}": cell
        for name, cell in quantity_cells("", received.quantity, received.uom, event).items()
    }


def _raised(facts: Facts, lot: str) -> dict[str, Cell]:
    """Where and when the food was harvested and cooled, by whom."""
    harvests = facts.harvests(lot)
    if harvests:
        cells = farm_cells(facts, harvests[0], harvests[0])
        cells["harvest_date"] = derived(harvests[0].local_date, harvests[0])
    else:
        cells = repeated("farm", MISSING)
        cells |= dict.fromkeys(("growing_area", "aquaculture_container", "harvest_date"), MISSING)
    cells |= _harvester(facts, lot)
    cooled = facts.events_as(lot, CriticalTrackingEvent.COOLING)
    if cooled:
        cells |= facts.location("cooled", cooled[0].place, cooled[0])
        cells["cooling_date"] = derived(cooled[0].local_date, cooled[0])
    else:
        cells |= repeated("cooled", NOT_APPLICABLE) | {"cooling_date": NOT_APPLICABLE}
    return cells


def _harvester(facts: Facts, lot: str) -> dict[str, Cell]:
    """The business that harvested: the owner before the first move, else the farm's own."""
    harvests = facts.harvests(lot)
    events = [movement.event for movement in facts.graph.movements.get(lot, ())]
    owned = [
        (event, party_of(event.sources, ("owning_party",)))
        for event in events
        if party_of(event.sources, ("owning_party",))
    ]
    place, event = "", None
    if owned:
        event, place = owned[0]
    elif harvests:
        event, place = harvests[0], harvests[0].place
    described = facts.location("harvester", place, event)
    return {name: described[name] for name in ("harvester.business_name", "harvester.phone")}


def _supplied(facts: Facts, lot: str) -> dict[str, Cell]:
    """The exempt person that the food came from (21 CFR 1.1330(c)(4))."""
    for event in facts.harvests(lot):
        return facts.location("supplier", event.place, event)
    return repeated("supplier", MISSING)
