"""Findings about what was shipped and what arrived."""

from collections.abc import Iterator
from decimal import Decimal

from closient_export.epcis import Event, class_of
from closient_export.trace.containment import carries
from closient_export.trace.deliveries import Delivery, totals
from closient_export.trace.facts import Facts
from closient_export.trace.findings import Finding, Thresholds
from closient_export.trace.graph import Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS
from closient_export.trace.wording import unit

__all__ = ["delivery_findings"]

_SHIPPED = (CriticalTrackingEvent.SHIPPING,)
_RECEIVED = (CriticalTrackingEvent.RECEIVING, CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)


def delivery_findings(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """What does not fit between the two ends of each delivery of the reached lots."""
    for lot in facts.graph.lots:
        for delivery in facts.deliveries.get(lot, ()):
            shipped = delivery.shipped
            if shipped is not None and _is(facts, shipped, lot, _SHIPPED):
                if delivery.received:
                    yield from _compare(facts, delivery, thresholds)
                else:
                    yield _lost(facts, lot, shipped)
            elif shipped is None:
                yield from _found(facts, delivery)


def _is(
    facts: Facts, movement: Movement, lot: str, wanted: tuple[CriticalTrackingEvent, ...]
) -> bool:
    return facts.classified.movement(movement, lot).cte in wanted


def _found(facts: Facts, delivery: Delivery) -> Iterator[Finding]:
    """Receipts of what nobody shipped; what comes from an exempt person needs no shipment."""
    lot = delivery.lot
    for movement in delivery.received:
        if _is(facts, movement, lot, (CriticalTrackingEvent.RECEIVING,)):
            place = facts.descriptions.place_name(movement.event.place)
            yield Finding(
                rule="not-shipped",
                lot=lot,
                event=movement.event.key,
                cte=CriticalTrackingEvent.RECEIVING,
                found=f"{facts.code(lot)} arrived at {place} on "
                f"{movement.event.local_date:%m/%d/%Y}, and no event says who shipped it.",
            )


def _lost(facts: Facts, lot: str, shipped: Movement) -> Finding:
    """A shipment that did not arrive, unless another lot arrived in the same container."""
    event = shipped.event
    containers = {c for portion in shipped.portions for c in portion.containers}
    for container in sorted(containers):
        for other in _arrived_in(facts, container, event):
            return _exchanged(facts, lot, event, other)
    days = f"{event.local_date:%m/%d/%Y}"
    return Finding(
        rule="not-received",
        lot=lot,
        event=event.key,
        cte=CriticalTrackingEvent.SHIPPING,
        found=f"{_quantity(shipped, lot)} of {facts.code(lot)} left "
        f"{facts.descriptions.place_name(event.place)} on {days}, and no event says that it "
        "arrived.",
    )


def _arrived_in(facts: Facts, container: str, shipped: Event) -> Iterator[tuple[Event, str]]:
    """The lots that were seen in a container after it was shipped, before it was packed again."""
    for event in facts.graph.container_events.get(container, ()):
        if event.time < shipped.time or event.parent != container or not carries(event):
            continue
        if event.action == "ADD":
            return
        if event.biz_step in RECEIVING_STEPS or event.place != shipped.place:
            yield from ((event, item.lot) for item in event.items if item.lot)


def _exchanged(facts: Facts, lot: str, shipped: Event, arrived: tuple[Event, str]) -> Finding:
    event, other = arrived
    same_product = class_of(lot) == class_of(other)
    return Finding(
        rule="code-changed" if same_product else "product-changed",
        lot=lot,
        event=event.key,
        cte=CriticalTrackingEvent.RECEIVING,
        found=f"{facts.code(lot)} was shipped on {shipped.local_date:%m/%d/%Y}, but "
        f"{facts.code(other)} was found in its container, without a transformation.",
    )


def _compare(facts: Facts, delivery: Delivery, thresholds: Thresholds) -> Iterator[Finding]:
    assert delivery.shipped is not None  # noqa: S101 - the caller has looked
    lot, shipped = delivery.lot, delivery.shipped
    received = [movement for movement in delivery.received if _is(facts, movement, lot, _RECEIVED)]
    sent, came = totals([shipped], lot), totals(received, lot)
    for uom in sorted(sent.keys() & came.keys()):
        before, after = sent[uom], came[uom]
        if before is None or after is None:
            continue
        if abs(before - after) > before * thresholds.quantity:
            yield Finding(
                rule="quantity-differs",
                lot=lot,
                event=received[0].event.key,
                cte=CriticalTrackingEvent.RECEIVING,
                found=f"Of {facts.code(lot)}, {_amount(before, uom)} were shipped "
                f"from {facts.descriptions.place_name(shipped.event.place)} and "
                f"{_amount(after, uom)} were received at "
                f"{facts.descriptions.place_name(received[0].event.place)}.",
            )
    for movement in received:
        if shipped.event.time - movement.event.time > thresholds.clock:
            yield Finding(
                rule="time-backwards",
                lot=lot,
                event=movement.event.key,
                cte=CriticalTrackingEvent.RECEIVING,
                found=f"{facts.code(lot)} was received on "
                f"{movement.event.local_time:%m/%d/%Y %H:%M}, before it was shipped on "
                f"{shipped.event.local_time:%m/%d/%Y %H:%M}.",
            )


def _quantity(movement: Movement, lot: str) -> str:
    known = totals([movement], lot).items()
    words = [_amount(total, uom) for uom, total in known if total is not None]
    return " and ".join(words) or "An unknown quantity"


def _amount(total: Decimal, uom: str) -> str:
    return f"{total:f} {unit(uom)}".rstrip()
