"""The rows of the sheets Transformation and Initial Packing (21 CFR 1.1350, 1.1330)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from closient_export.epcis import Event
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    Provenance,
    amount_cells,
    derived,
    document_cells,
    repeated,
    stated,
)
from closient_export.trace.classify import Classification
from closient_export.trace.deliveries import Amount, amounts_of, party_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Evidence, Portion, Transformation
from closient_export.trace.harvest_rows import farm_cells, harvest_row
from closient_export.trace.kdes import CriticalTrackingEvent, key_data_elements
from closient_export.trace.rows import Row
from closient_export.trace.sprout_rows import sprout_rows
from closient_export.trace.steps import moment_of

__all__ = ["MADE", "transformation_rows"]

_PACKING = (
    CriticalTrackingEvent.INITIAL_PACKING,
    CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT,
)
MADE = (*_PACKING, CriticalTrackingEvent.TRANSFORMATION)
"""What makes new lots out of others."""

Part = tuple[str, Amount, tuple[Event, ...]]
"""A lot, or the product of one without a lot, how much of it, and the events that say so."""


def transformation_rows(
    facts: Facts, transformation: Transformation, found: Classification
) -> Iterator[Row]:
    """One row for each new lot and each lot that may be in it, as in FDA's own sample."""
    inputs = _parts(transformation.inputs)
    for output in _parts(transformation.outputs):
        lot, amount, events = output
        if lot not in facts.graph.lots or not facts.classified.on_list(lot):
            continue
        if found.cte is CriticalTrackingEvent.HARVESTING:
            yield harvest_row(facts, events[-1], lot, amount, found)
        elif found.cte is CriticalTrackingEvent.TRANSFORMATION:
            yield from _transformed(facts, transformation, found, inputs, output)
        elif found.cte in _PACKING:
            yield from _packed(facts, transformation, found, inputs, output)
        if found.cte in MADE:
            yield from sprout_rows(facts, transformation, lot)


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
    used = [part for part in inputs if facts.classified.on_list(part[0])]
    for part in used:
        cells = _input_cells(facts, part)
        yield _row(facts, transformation, found, part, output, cells)
    if not used:
        yield _row(facts, transformation, found, None, output, _no_inputs(facts, inputs))


def _packed(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    inputs: list[Part],
    output: Part,
) -> Iterator[Row]:
    """Rows of the sheet Initial Packing, or of the one for food from an exempt person."""
    assert found.cte is not None  # noqa: S101 - rows are made by it
    used = [part for part in inputs if facts.classified.on_list(part[0])]
    for raw in used:
        for event, amount in _came(facts, transformation, raw):
            cells = facts.commodity(raw[0]) | _received(event, amount)
            if found.cte is CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT:
                cells |= _supplied(facts, raw[0], event)
                first = next(iter(facts.harvests(raw[0])), None)
                yield _row(facts, transformation, found, raw, output, cells, first)
                continue
            for harvest in _harvests(facts, raw[0], event):
                raised = cells | _raised(facts, raw[0], harvest)
                yield _row(facts, transformation, found, raw, output, raised, harvest)
    if not used:
        unknown = {element.name: MISSING for element in key_data_elements(found.cte)}
        yield _row(facts, transformation, found, None, output, unknown)


def _row(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    used: Part | None,
    output: Part,
    cells: dict[str, Cell],
    harvest: Event | None = None,
) -> Row:
    """What all these rows have in common: the new lot, where and when its code was assigned."""
    assert found.cte is not None  # noqa: S101 - rows are made by it
    lot, amount, made_in = output
    completed = transformation.completed
    events = (*(used[2] if used else ()), *made_in)
    words, more = document_cells(document for event in events for document in event.documents)
    return Row(
        cte=found.cte,
        lot=lot,
        event=completed,
        cells=cells
        | {"traceability_lot_code": stated(facts.code(lot))}
        | facts.assigned_source(completed.place, lot)
        | {"date": stated(completed.local_date)}
        | facts.product("product", lot)
        | amount_cells(amount)
        | words,
        input_lot=used[0] if used else "",
        origin_place=(harvest and harvest.place) or completed.place,
        destination_place=completed.place,
        further_documents=more,
        assumption=found.reason,
    )


def _input_cells(facts: Facts, used: Part) -> dict[str, Cell]:
    name, amount, _ = used
    is_lot = amount.portions[0].lot and amount.evidence is not Evidence.UNKNOWN
    return (
        {"input_lot_code": stated(facts.code(name) if is_lot else "")}
        | facts.product("input", name)
        | amount_cells(amount, "input_")
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


def _came(
    facts: Facts, transformation: Transformation, raw: Part
) -> list[tuple[Event | None, Amount]]:
    """How what was packed had come: each receipt there, else its harvest there."""
    lot, used, _ = raw
    place = transformation.completed.place
    harvests = facts.harvests(lot)
    came = facts.arrivals(lot, place) or [
        movement
        for movement in facts.graph.movements.get(lot, ())
        if movement.event in harvests and site_of(movement.event.place) == site_of(place)
    ]
    return [
        (movement.event, amount)
        for movement in came
        for amount in amounts_of(movement.portions, lot, by_container=False)
    ] or [(None, used)]


def _received(event: Event | None, amount: Amount) -> dict[str, Cell]:
    cells = {"receive_date": derived(event.local_date, event) if event else MISSING}
    return cells | amount_cells(amount, "received_", event)


def _harvests(facts: Facts, lot: str, received: Event | None) -> Iterable[Event | None]:
    """Those that a receipt may be of: one for each farm, field and day."""
    harvests = facts.harvests(lot)
    if received in harvests:
        return (received,)
    found = {(each.place, each.biz_location, each.local_date): each for each in reversed(harvests)}
    return sorted(found.values(), key=moment_of) or (None,)


def _raised(facts: Facts, lot: str, harvest: Event | None) -> dict[str, Cell]:
    """Where and when the food was harvested and cooled, by whom."""
    if harvest is not None:
        cells = farm_cells(facts, harvest, harvest)
        cells["harvest_date"] = derived(harvest.local_date, harvest)
    else:
        cells = repeated("farm", MISSING)
        cells |= dict.fromkeys(("growing_area", "aquaculture_container", "harvest_date"), MISSING)
    cells |= _harvester(facts, lot, harvest)
    cooled = facts.events_as(lot, CriticalTrackingEvent.COOLING)
    if cooled:
        cells |= facts.location("cooled", cooled[0].place, cooled[0])
        cells["cooling_date"] = derived(cooled[0].local_date, cooled[0])
    else:
        cells |= repeated("cooled", NOT_APPLICABLE) | {"cooling_date": NOT_APPLICABLE}
    return cells


def _harvester(facts: Facts, lot: str, harvest: Event | None) -> dict[str, Cell]:
    """The business that harvested: the owner before the first move, else the farm's own."""
    moved = [movement.event for movement in facts.graph.movements.get(lot, ())]
    said = [(party_of(event.sources, ("owning_party",)), event) for event in moved]
    said += [(harvest.place, harvest)] if harvest is not None else []
    place, event = next((each for each in said if each[0]), ("", None))
    described = facts.location("harvester", place, event)
    return {name: described[name] for name in ("harvester.business_name", "harvester.phone")}


def _supplied(facts: Facts, lot: str, received: Event | None) -> dict[str, Cell]:
    """The exempt person that the food came from (21 CFR 1.1330(c)(4))."""
    if received is not None and (place := party_of(received.sources)):
        return facts.location("supplier", place, received)
    for event in facts.harvests(lot):
        return facts.location("supplier", event.place, event)
    return repeated("supplier", MISSING)
