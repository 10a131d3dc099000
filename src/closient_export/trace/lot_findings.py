"""Findings about lots: where they came from, and whether the quantities add up."""

from collections import defaultdict
from collections.abc import Iterator

from closient_export.epcis import (
    Action,
    EventType,
    IdentifierKind,
    class_of,
    lot_number,
    parse_identifier,
)
from closient_export.epcis.units import in_words
from closient_export.gs1.linters import check_digit
from closient_export.trace.deliveries import party_of
from closient_export.trace.delivery_findings import sums_of
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import Evidence, Portion, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["lot_findings"]


def lot_findings(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """What does not fit together in the history of each reached lot."""
    for lot in filter(facts.classified.on_list, facts.graph.lots):
        yield from _sources(facts, lot)
        yield from _assigned_in_transit(facts, lot)
        yield from _balance(facts, lot, thresholds)
        yield from _contents(facts, lot)
    yield from _classes(facts)
    for transformation in facts.graph.transformations:
        yield from _unknown_inputs(facts, transformation)
        yield from _kept_codes(facts, transformation)
    yield from _check_digits(facts)


def _sources(facts: Facts, lot: str) -> Iterator[Finding]:
    """A code is assigned once, at one place; what partners claim must agree (21 CFR 1.1320)."""
    origins = [origin for origin in facts.classified.origins(lot) if origin.assigns_code]
    if not origins or not origins[0].event.place:
        return
    first = origins[0].event.place
    said = [(origin.event, origin.event.place) for origin in origins[1:]]
    # A claim may be a company or a reference: these say nothing against a place.
    claims = [each for each in facts.source_claims(lot) if _is_place(facts, each[1])]
    for event, place in (*said, *claims):
        if place and not facts.classified.moves.same_address(place, first):
            yield Finding(
                rule="source-contradicted",
                lot=lot,
                event=event.key,
                element="Traceability lot code source",
                found=f"{facts.code(lot)} was assigned at "
                f"{facts.descriptions.place_name(first)}, but this event says "
                f"{facts.descriptions.place_name(place)}.",
            )


def _is_place(facts: Facts, name: str) -> bool:
    kind = parse_identifier(name).kind
    described = facts.descriptions.location(name) is not None
    return kind is IdentifierKind.PLACE or (described and kind is not IdentifierKind.PARTY)


def _assigned_in_transit(facts: Facts, lot: str) -> Iterator[Finding]:
    """Whoever ships or receives must not assign a code (21 CFR 1.1320(b))."""
    origin = facts.classified.origin(lot)
    if origin is not None and origin.assigns_code:
        return
    for movement in facts.graph.movements.get(lot, ()):
        event = movement.event
        moves = event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS)
        names = any(item.lot == lot for item in event.items)
        if moves and names and event.type is EventType.OBJECT and event.action is Action.ADD:
            yield Finding(
                rule="assigned-in-transit",
                lot=lot,
                event=event.key,
                cte=facts.classified.movement(movement, lot).cte,
                found=f"{facts.code(lot)} is first told to exist by an event of {event.biz_step}.",
            )


def _unknown_inputs(facts: Facts, transformation: Transformation) -> Iterator[Finding]:
    """Boxes that were used, and no event says what was in them."""
    for event, portion in transformation.inputs:
        if portion.evidence is Evidence.UNKNOWN:
            yield Finding(
                rule="unknown-content",
                event=event.key,
                element=portion.item.id,
                cte=facts.classified.transformation(transformation).cte,
                found=f"{portion.item.id} was used, and no event says what was in it.",
            )


def _kept_codes(facts: Facts, transformation: Transformation) -> Iterator[Finding]:
    """What is transformed gets a new code (21 CFR 1.1350(a)(2)(i))."""
    numbers: dict[str, str] = {}
    for lot in filter(facts.classified.on_list, sorted(transformation.input_lots)):
        origin = facts.classified.origin(lot)
        if origin is not None and origin.assigns_code:
            numbers.setdefault(lot_number(lot), lot)
    for event, portion in transformation.outputs:
        used_lot = numbers.get(lot_number(portion.lot)) if portion.lot else None
        if used_lot is not None and facts.classified.on_list(portion.lot):
            yield Finding(
                rule="code-kept",
                lot=portion.lot,
                event=event.key,
                cte=facts.classified.transformation(transformation).cte,
                found=f"{facts.code(portion.lot)} was made of {facts.code(used_lot)}, whose lot "
                "number it keeps.",
            )


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
    for movement in facts.moves(lot, SHIPPING_STEPS):
        event = movement.event
        left[site_of(event.place or party_of(event.sources))] += movement.portions
    for movement in facts.moves(lot, RECEIVING_STEPS):
        event = movement.event
        if event.digest not in made:
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
                    found=f"{in_words(gone, uom)} of {facts.code(lot)} were used or shipped at "
                    f"{facts.descriptions.place_name(place)}, but only {in_words(limit, uom)} "
                    "were made or received there.",
                )


def _classes(facts: Facts) -> Iterator[Finding]:
    """What had to be assumed of events, and events that are not understood: each told once."""
    lots: dict[tuple[str, CriticalTrackingEvent | None, str], list[str]] = defaultdict(list)
    for lot in facts.graph.lots:
        for movement in facts.graph.movements.get(lot, ()):
            found = facts.classified.movement(movement, lot)
            if found.assumed:
                lots[movement.event.key, found.cte, found.reason].append(lot)
    for transformation in facts.graph.transformations:
        found = facts.classified.transformation(transformation)
        if found.assumed:
            made = sorted(filter(facts.classified.on_list, transformation.output_lots))
            if made:
                lots[transformation.completed.key, found.cte, found.reason] += made
    for (event, cte, reason), named in lots.items():
        yield Finding(
            rule="assumed" if cte else "unclassified",
            lot=named[0] if len(named) == 1 else "",
            event=event,
            cte=cte,
            found=f"{reason[:1].upper()}{reason[1:]}.",
        )


_EVIDENCE = {
    Evidence.PROVEN_LATER: "no event packed it, but it was found there afterwards",
    Evidence.SEEN_BEFORE: "no event packed it, but it was seen there before",
}


def _contents(facts: Facts, lot: str) -> Iterator[Finding]:
    for movement in facts.graph.movements.get(lot, ()):
        cte = facts.classified.movement(movement, lot).cte
        inferred = [
            portion
            for portion in movement.portions
            if portion.lot == lot and portion.evidence in _EVIDENCE
        ]
        for portion in inferred[:1] if cte else ():
            box = portion.containers[-1]
            yield Finding(
                rule="content-inferred",
                lot=lot,
                event=movement.event.key,
                element=box,
                cte=cte,
                found=f"That {box} held {facts.code(lot)} is inferred: "
                f"{_EVIDENCE[portion.evidence]}.",
            )


def _check_digits(facts: Facts) -> Iterator[Finding]:
    """Real data have wrong check digits; the thing is still meant, but a scanner would refuse."""
    names = {class_of(lot) or "" for lot in facts.graph.lots}
    names |= set(map(site_of, facts.descriptions.places))
    for name in sorted(filter(None, names)):
        kind = parse_identifier(name).kind
        if kind in (IdentifierKind.PRODUCT, IdentifierKind.PLACE, IdentifierKind.PARTY):
            digits = name.rpartition("/")[2]
            if digits.isdecimal() and check_digit(digits[:-1]) != digits[-1]:
                yield Finding(
                    rule="check-digit",
                    element=name,
                    found=f"{digits} has the check digit {digits[-1]}, expected "
                    f"{check_digit(digits[:-1])}.",
                )
