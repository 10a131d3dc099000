"""The rows of the sheets Initial Packing and Initial Packing from Exempt (21 CFR 1.1330(a), (c))."""

from collections.abc import Iterator, Sequence
from datetime import date

from closient_export.epcis import Event
from closient_export.trace.before_packing import Past, before, came_for, past_of
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    Cell,
    amount_cells,
    derived,
    repeated,
    stated,
)
from closient_export.trace.classification import Classification
from closient_export.trace.deliveries import Amount, amounts_of, party_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Transformation
from closient_export.trace.harvest_rows import farm_cells
from closient_export.trace.kdes import CriticalTrackingEvent, key_data_elements
from closient_export.trace.new_lots import Part, new_lot_row
from closient_export.trace.rows import Row
from closient_export.trace.steps import moment_of

__all__ = ["packing_rows"]


def packing_rows(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    inputs: list[Part],
    output: Part,
) -> Iterator[Row]:
    """Rows of the sheet Initial Packing, or of the one for food from an exempt person."""
    assert found.cte is not None  # noqa: S101 - rows are made by it
    if _is_grown_here(facts, inputs, output[0]):
        yield new_lot_row(facts, transformation, found, None, output, _grown(facts, output))
        return
    used = [part for part in inputs if facts.classified.on_list(part[0])]
    packed = transformation.completion(output[0])
    for raw in used:
        for event, amount in _came(facts, packed, raw):
            past = past_of(facts, raw, event, packed)
            cells = facts.commodity(raw[0]) | _received(event, amount)
            if found.cte is CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT:
                for supplied, first in _supplied(facts, event, past):
                    whole = cells | supplied
                    yield new_lot_row(facts, transformation, found, raw, output, whole, first)
                continue
            for harvest in _harvests(past):
                raised = cells | _raised(facts, raw[0], harvest, packed)
                for cooled in _cooled(facts, raw[0], harvest, past):
                    whole = raised | cooled
                    yield new_lot_row(facts, transformation, found, raw, output, whole, harvest)
    if not used:
        unknown = {element.name: MISSING for element in key_data_elements(found.cte)}
        yield new_lot_row(facts, transformation, found, None, output, unknown)


def _is_grown_here(facts: Facts, inputs: list[Part], lot: str) -> bool:
    """Whether a lot is of sprouts that grew from what was used: seeds, whatever they are called."""
    is_of_sprouts = facts.classified.is_of_sprouts
    return bool(inputs) and is_of_sprouts(lot) and not any(is_of_sprouts(raw[0]) for raw in inputs)


def _grown(facts: Facts, output: Part) -> dict[str, Cell]:
    """Sprouts are harvested where they are packed; of their seeds is the sheet for sprouts."""
    lot, amount, made_in = output
    harvest = made_in[-1]
    day = stated(harvest.local_date)
    harvester = facts.location("harvester", harvest.place)
    return (
        facts.commodity(lot)
        | {"receive_date": day, "harvest_date": day, "cooling_date": NOT_APPLICABLE}
        | amount_cells(amount, "received_")
        | farm_cells(facts, harvest)
        | {name: harvester[name] for name in ("harvester.business_name", "harvester.phone")}
        | repeated("cooled", NOT_APPLICABLE)
    )


def _came(facts: Facts, packed: Event, raw: Part) -> list[tuple[Event | None, Amount]]:
    """How what was packed may have come, and how much came so; without an event if none tells."""
    lot, used, _ = raw
    found: list[tuple[Event | None, Amount]] = []
    for movement in came_for(facts, raw, packed):
        if movement is None:
            found.append((None, used))
        else:
            amounts = amounts_of(movement.portions, lot, by_container=False)
            found += ((movement.event, amount) for amount in amounts)
    return found


def _received(event: Event | None, amount: Amount) -> dict[str, Cell]:
    cells = {"receive_date": derived(event.local_date, event) if event else MISSING}
    return cells | amount_cells(amount, "received_", event)


def _harvests(past: Past) -> Sequence[Event | None]:
    """One for each farm, field and day."""
    found = {
        (each.place, each.biz_location, each.local_date): each
        for each in sorted(past.harvests, key=moment_of, reverse=True)
    }
    return sorted(found.values(), key=moment_of) or (None,)


def _raised(facts: Facts, lot: str, harvest: Event | None, packed: Event) -> dict[str, Cell]:
    """Where and when the food was harvested, by whom."""
    if harvest is not None:
        cells = farm_cells(facts, harvest, harvest)
        cells["harvest_date"] = derived(harvest.local_date, harvest)
    else:
        cells = repeated("farm", MISSING)
        cells |= dict.fromkeys(("growing_area", "aquaculture_container", "harvest_date"), MISSING)
    return cells | _harvester(facts, lot, harvest, packed)


def _cooled(facts: Facts, lot: str, harvest: Event | None, past: Past) -> list[dict[str, Cell]]:
    """Where and when what was harvested was cooled, on the way or where it is packed.

    Each place and day is a record of its own (21 CFR 1.1330(a)(9), (10)).
    """
    found: dict[tuple[str, date], Event] = {}
    for event in before(past.packed, facts.events_as(lot, CriticalTrackingEvent.COOLING)):
        if past.covers(event) and (harvest is None or before(event, [harvest])):
            found.setdefault((event.place, event.local_date), event)
    return [
        facts.location("cooled", event.place, event)
        | {"cooling_date": derived(event.local_date, event)}
        for event in found.values()
    ] or [repeated("cooled", NOT_APPLICABLE) | {"cooling_date": NOT_APPLICABLE}]


def _harvester(facts: Facts, lot: str, harvest: Event | None, packed: Event) -> dict[str, Cell]:
    """The business that harvested: the owner before the first move, else the farm's own."""
    moved = (movement.event for movement in facts.graph.movements.get(lot, ()))
    said = [
        (party_of(event.sources, ("owning_party",)), event)
        for event in before(packed, moved)
        if harvest is None or before(event, [harvest])
    ]
    said += [(harvest.place, harvest)] if harvest is not None else []
    place, event = next((each for each in said if each[0]), ("", None))
    described = facts.location("harvester", place, event)
    return {name: described[name] for name in ("harvester.business_name", "harvester.phone")}


def _supplied(
    facts: Facts, received: Event | None, past: Past
) -> list[tuple[dict[str, Cell], Event | None]]:
    """The exempt person that the food came from (21 CFR 1.1330(c)(4)), with the first harvest.

    Where a receipt does not name the person, each farm may be the one.
    """
    harvests = _harvests(past)
    if received is not None and (place := party_of(received.sources)):
        return [(facts.location("supplier", place, received), harvests[0])]
    farms: dict[str, Event] = {}
    for harvest in filter(None, harvests):
        farms.setdefault(harvest.place, harvest)
    return [
        (facts.location("supplier", place, harvest), harvest) for place, harvest in farms.items()
    ] or [(repeated("supplier", MISSING), None)]
