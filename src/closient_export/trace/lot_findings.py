"""Findings about lots: where they came from, in what order, and whether the quantities add up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from closient_export.epcis import Event, IdentifierKind, class_of, parse_identifier
from closient_export.gs1.linters import check_digit
from closient_export.trace.deliveries import amounts_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import Evidence, Portion, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of
from closient_export.trace.wording import unit

__all__ = ["lot_findings"]


def lot_findings(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """What does not fit together in the history of each reached lot."""
    for lot in facts.graph.lots:
        yield from _unknown(facts, lot)
        yield from _sources(facts, lot)
        yield from _before_its_making(facts, lot, thresholds)
        yield from _balance(facts, lot, thresholds)
        yield from _classes(facts, lot)
        yield from _contents(facts, lot)
    for transformation in facts.graph.transformations:
        yield from _transformation(facts, transformation, thresholds)
    yield from _check_digits(facts)


def _unknown(facts: Facts, lot: str) -> Iterator[Finding]:
    if not (
        facts.graph.movements.get(lot)
        or facts.graph.made_by.get(lot)
        or facts.graph.used_by.get(lot)
    ):
        yield Finding(rule="lot-unknown", lot=lot, found=f"No event names {facts.code(lot)}.")


def _sources(facts: Facts, lot: str) -> Iterator[Finding]:
    """A code is assigned once, at one place; what partners claim must agree (21 CFR 1.1320)."""
    origins = [origin for origin in facts.classified.origins(lot) if origin.assigns_code]
    if not origins:
        return
    first = origins[0].event
    said = [(origin.event, origin.event.place) for origin in origins[1:]]
    for event, place in (*said, *facts.source_claims(lot)):
        if place and site_of(place) != site_of(first.place):
            yield Finding(
                rule="source-contradicted",
                lot=lot,
                event=event.key,
                element="Traceability lot code source",
                found=f"{facts.code(lot)} was assigned at "
                f"{facts.descriptions.place_name(first.place)}, but this event says "
                f"{facts.descriptions.place_name(place)}.",
            )


def _before_its_making(facts: Facts, lot: str, thresholds: Thresholds) -> Iterator[Finding]:
    """Nothing can be moved or used before it is made."""
    origin = facts.classified.origin(lot)
    if origin is None or origin.transformation is None:
        return
    made = origin.event
    moves = [movement.event for movement in facts.graph.movements.get(lot, ())]
    for event in moves:
        moved = event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS)
        if moved and made.time - event.time > thresholds.clock:
            yield _backwards(facts, lot, event, "was moved", made, "was made")


def _backwards(
    facts: Facts, lot: str, event: Event, happened: str, other: Event, should: str
) -> Finding:
    return Finding(
        rule="time-backwards",
        lot=lot,
        event=event.key,
        found=f"{facts.code(lot)} {happened} on {event.local_time:%m/%d/%Y %H:%M}, before it "
        f"{should} on {other.local_time:%m/%d/%Y %H:%M}.",
    )


def _transformation(
    facts: Facts, transformation: Transformation, thresholds: Thresholds
) -> Iterator[Finding]:
    made = min((event for event, _ in transformation.outputs), key=moment_of, default=None)
    for event, portion in transformation.inputs:
        if made is not None and event.time - made.time > thresholds.clock:
            yield Finding(
                rule="input-after-output",
                lot=portion.lot,
                event=event.key,
                found=f"{_name(facts, portion)} was used on {event.local_time:%m/%d/%Y %H:%M}, "
                f"after the output of {made.local_time:%m/%d/%Y %H:%M}.",
            )
        if portion.evidence is Evidence.UNKNOWN:
            yield Finding(
                rule="unknown-content",
                event=event.key,
                element=portion.item.id,
                found=f"{portion.item.id} was used, and no event says what was in it.",
            )
    for portion in _portions(transformation):
        if not portion.lot and facts.classified.on_list(portion.item.id):
            yield Finding(
                rule="no-lot",
                event=transformation.completed.key,
                element=portion.item.id,
                found=f"The transformation names the product {portion.item.id} without a lot.",
            )
    for lot in sorted(transformation.input_lots):
        yield from _used_before(facts, transformation, lot, thresholds)


def _portions(transformation: Transformation) -> Iterator[Portion]:
    for _, portion in (*transformation.inputs, *transformation.outputs):
        yield portion


def _name(facts: Facts, portion: Portion) -> str:
    return facts.code(portion.lot) if portion.lot else portion.item.id


def _used_before(
    facts: Facts, transformation: Transformation, lot: str, thresholds: Thresholds
) -> Iterator[Finding]:
    """A lot cannot be used before it is made, nor where it has not arrived."""
    used = transformation.completed
    origin = facts.classified.origin(lot)
    if origin is not None and origin.event.time - used.time > thresholds.clock:
        yield _backwards(facts, lot, used, "was used", origin.event, "was made")
    here = site_of(used.place)
    arrivals = [
        delivery
        for delivery in facts.deliveries.get(lot, ())
        for receipt in delivery.received
        if site_of(receipt.event.place) == here
    ]
    times = [receipt.event.time for delivery in arrivals for receipt in delivery.received]
    if times and min(times) - used.time > thresholds.clock:
        for delivery in arrivals:
            for movement in filter(None, (delivery.shipped, *delivery.received)):
                word = "was shipped" if movement is delivery.shipped else "was received"
                if movement.event.time > used.time:
                    yield _backwards(facts, lot, used, "was used", movement.event, word)


def _balance(facts: Facts, lot: str, thresholds: Thresholds) -> Iterator[Finding]:
    """No more of a lot can leave a place than came there, as far as both are told in one unit."""
    came: dict[str, list[Portion]] = defaultdict(list)
    left: dict[str, list[Portion]] = defaultdict(list)
    for transformation in facts.graph.made_by.get(lot, ()):
        for event, portion in transformation.outputs:
            came[site_of(event.place)].append(portion)
    for transformation in facts.graph.used_by.get(lot, ()):
        for event, portion in transformation.inputs:
            left[site_of(event.place)].append(portion)
    made = {origin.event.digest for origin in facts.classified.origins(lot)}
    for movement in facts.graph.movements.get(lot, ()):
        if movement.event.digest in made:
            came[site_of(movement.event.place)] += movement.portions
    for movement in moves_of(facts, lot):
        event = movement.event
        if event.biz_step in SHIPPING_STEPS:
            left[site_of(event.place or party_of(event.sources))] += movement.portions
        elif event.digest not in made:
            came[site_of(event.place or party_of(event.destinations))] += movement.portions
    for place in sorted(left.keys() & came.keys() - {""}):
        into, out = (sums_of(p for p in side[place] if p.lot == lot) for side in (came, left))
        for uom, limit in into.items() if len(into) == 1 else ():
            gone = out.get(uom)
            if limit and gone and gone > limit * (1 + thresholds.balance):
                yield Finding(
                    rule="unbalanced",
                    lot=lot,
                    element=place,
                    found=f"{amount_words(gone, uom)} of {facts.code(lot)} were used or shipped at "
                    f"{facts.descriptions.place_name(place)}, but only {amount_words(limit, uom)} "
                    "were made or received there.",
                )


def _classes(facts: Facts, lot: str) -> Iterator[Finding]:
    for movement in facts.graph.movements.get(lot, ()):
        found = facts.classified.movement(movement, lot)
        if found.assumed:
            yield Finding(
                rule="assumed" if found.cte else "unclassified",
                lot=lot,
                event=movement.event.key,
                cte=found.cte,
                found=f"{found.reason[:1].upper()}{found.reason[1:]}.",
            )
    for transformation in facts.graph.made_by.get(lot, ()):
        found = facts.classified.transformation(transformation)
        if found.assumed and transformation in facts.graph.transformations:
            yield Finding(
                rule="assumed",
                lot=lot,
                event=transformation.completed.key,
                cte=found.cte,
                found=f"{found.reason[:1].upper()}{found.reason[1:]}.",
            )


def _contents(facts: Facts, lot: str) -> Iterator[Finding]:
    for movement in facts.graph.movements.get(lot, ()):
        if facts.classified.movement(movement, lot).cte is None:
            continue
        for portion in movement.portions:
            if portion.lot == lot and portion.evidence in (
                Evidence.PROVEN_LATER,
                Evidence.SEEN_BEFORE,
            ):
                yield Finding(
                    rule="content-inferred",
                    lot=lot,
                    event=movement.event.key,
                    element=portion.containers[-1],
                    cte=CriticalTrackingEvent.SHIPPING,
                    found=f"That {portion.containers[-1]} held {facts.code(lot)} is "
                    f"{portion.evidence}; no event packed it.",
                )
                break


def _check_digits(facts: Facts) -> Iterator[Finding]:
    """Real data have wrong check digits; the thing is still meant, but a scanner would refuse."""
    names = {class_of(lot) or "" for lot in facts.graph.lots} | facts.descriptions.places
    for name in sorted(filter(None, names)):
        kind = parse_identifier(name).kind
        if kind in (IdentifierKind.PRODUCT, IdentifierKind.PLACE, IdentifierKind.PARTY):
            digits = name.rpartition("/254/")[0] or name
            digits = digits.rpartition("/")[2]
            if digits.isdecimal() and check_digit(digits[:-1]) != digits[-1]:
                yield Finding(
                    rule="check-digit",
                    element=name,
                    found=f"{digits} has the check digit {digits[-1]}, expected "
                    f"{check_digit(digits[:-1])}.",
                )
