"""Where the lots that a recall would cover have gone, and how much may still be there."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum

from attrs import Factory, define

from closient_export.epcis import Action, Event, EventType, Item
from closient_export.epcis.units import in_words
from closient_export.trace.deliveries import amounts_of, left_from, party_of, received_at
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Movement, Portion
from closient_export.trace.report import TraceReport
from closient_export.trace.spreadsheet import Cell, Mark, Marked
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["recall_scope"]

_ON_ITS_WAY, _DESTROYING = "transporting", "destroying"


class _Way(Enum):
    """How things go from a place."""

    SENT = "sent"
    USED = "used"
    DESTROYED = "destroyed"


@define
class _Stock:
    """A lot at one place, in one unit."""

    arrived: date | None = None
    came: Decimal | None = Factory(Decimal)
    went: Decimal | None = Factory(Decimal)
    ways: set[_Way] = Factory(set)
    expected: bool = False
    """Whether it was sent there and its arrival is not recorded."""
    serials: set[str] = Factory(set)


def recall_scope(report: TraceReport) -> Iterator[list[Cell]]:
    """One row for each lot, asked or downstream, and each place that it came to."""
    facts = report.facts
    for lot, reached in report.graph.lots.items():
        if reached.asked or reached.downstream is not None:
            for (site, uom), stock in sorted(_stocks(facts, lot).items()):
                yield _row(facts, lot, site, uom, stock)


def _stocks(facts: Facts, lot: str) -> dict[tuple[str, str], _Stock]:
    stocks: dict[tuple[str, str], _Stock] = defaultdict(_Stock)
    gone: Counter[tuple[str, Item]] = Counter()
    """By place: what has left it or was used there, so that nothing that says so again counts."""
    for transformation in facts.graph.made_by.get(lot, ()):
        for event, portion in transformation.outputs:
            _come(stocks, lot, event, site_of(event.place), [portion])
    for transformation in facts.graph.used_by.get(lot, ()):
        for event, portion in transformation.inputs:
            _go(stocks, lot, site_of(event.place), [portion], _Way.USED)
            gone[site_of(event.place), portion.item] += 1
    shipped, received = (
        {movement.event.digest for movement in facts.moves(lot, steps)}
        for steps in (SHIPPING_STEPS, RECEIVING_STEPS)
    )
    arrived = received.union(origin.event.digest for origin in facts.classified.origins(lot))
    movements = facts.graph.movements.get(lot, ())
    for movement in movements:
        event = movement.event
        if event.digest in arrived:
            _come(stocks, lot, event, site_of(received_at(event)), movement.portions)
        elif event.digest in shipped:
            _go(stocks, lot, site_of(left_from(event)), movement.portions, _Way.SENT)
            gone.update((site_of(left_from(event)), each.item) for each in movement.portions)
    for movement in movements:
        _end_or_leave(facts, stocks, lot, movement, gone, arrived)
    for delivery in facts.deliveries.get(lot, ()):
        if delivery.shipped is not None and not delivery.received:
            event = delivery.shipped.event
            place = site_of(party_of(event.destinations))
            _expect(stocks, lot, event, place, delivery.shipped.portions)
    return stocks


def _end_or_leave(
    facts: Facts,
    stocks: dict[tuple[str, str], _Stock],
    lot: str,
    movement: Movement,
    gone: Counter[tuple[str, Item]],
    arrived: Collection[str],
) -> None:
    """Take from a place what was destroyed there, or is on its way without being shipped."""
    event, site = movement.event, site_of(left_from(movement.event))
    leaves = event.biz_step == _ON_ITS_WAY
    portions = []
    for portion in movement.portions if leaves else _ended(movement):
        if gone[site, portion.item]:
            gone[site, portion.item] -= 1
        else:
            portions.append(portion)
    known = [each for each in portions if (site, each.item.uom) in stocks]
    _go(stocks, lot, site, known, _Way.SENT if leaves else _Way.DESTROYED)
    end = site_of(party_of(event.destinations))
    if leaves and portions and not _is_seen_after(facts, lot, event, end, arrived):
        _expect(stocks, lot, event, end, portions)


def _ended(movement: Movement) -> list[Portion]:
    """What is no more after an event; a box that gets no further use says nothing of its content."""
    event = movement.event
    if event.biz_step == _DESTROYING:
        return list(movement.portions)
    ends = event.action is Action.DELETE or event.biz_step == "decommissioning"
    moves = event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS, _ON_ITS_WAY)
    if event.type is not EventType.OBJECT or not ends or moves:
        return []
    return [portion for portion in movement.portions if not portion.containers]


def _is_seen_after(facts: Facts, lot: str, left: Event, end: str, arrived: Collection[str]) -> bool:
    """Whether what left a place arrived, was used, or went on from where it was brought to."""
    events = [
        event
        for transformation in facts.graph.used_by.get(lot, ())
        for event, portion in transformation.inputs
        if portion.lot == lot
    ]
    for movement in facts.graph.movements.get(lot, ()):
        step = movement.event.biz_step
        if movement.event.digest in arrived or step in (*SHIPPING_STEPS, _ON_ITS_WAY):
            events.append(movement.event)
    start = site_of(left_from(left))
    places = [site_of(event.place) for event in events if event.time >= left.time]
    return end in places if end and "/417/" not in end else any(each != start for each in places)


def _expect(
    stocks: dict[tuple[str, str], _Stock],
    lot: str,
    event: Event,
    site: str,
    portions: Iterable[Portion],
) -> None:
    """Take what was sent to a place to be there, though its arrival is not recorded."""
    portions = list(portions)
    _come(stocks, lot, event, site, portions)
    for amount in amounts_of(portions, lot, by_container=False):
        stocks[site, amount.uom].expected = True


def _come(
    stocks: dict[tuple[str, str], _Stock],
    lot: str,
    event: Event,
    site: str,
    portions: Iterable[Portion],
) -> None:
    for amount in amounts_of(portions, lot, by_container=False):
        stock = stocks[site, amount.uom]
        stock.came = _sum(stock.came, amount.quantity)
        stock.arrived = min(filter(None, (stock.arrived, event.local_date)))
        stock.serials.update(amount.serials)


def _go(
    stocks: dict[tuple[str, str], _Stock],
    lot: str,
    site: str,
    portions: Iterable[Portion],
    way: _Way,
) -> None:
    for amount in amounts_of(portions, lot, by_container=False):
        stock = stocks[site, amount.uom]
        stock.went = _sum(stock.went, amount.quantity)
        stock.ways.add(way)
        stock.serials.difference_update(amount.serials)


def _sum(known: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if known is None or more is None else known + more


def _row(facts: Facts, lot: str, site: str, uom: str, stock: _Stock) -> list[Cell]:
    product = facts.descriptions.product(lot)
    place = facts.location("place", site)
    left = None
    if stock.came is not None and stock.went is not None:
        left = max(stock.came - stock.went, Decimal(0))
    parts = ("phone", "address", "city", "state", "country")
    return [
        facts.code(lot),
        product.product_name if product else Marked(None, Mark.MISSING),
        place["place.business_name"].value or site,
        *(place[f"place.{part}"].value or Marked(None, Mark.MISSING) for part in parts),
        stock.arrived,
        in_words(stock.came, uom),
        in_words(stock.went, uom),
        in_words(left, uom),
        _status(stock, left),
        "; ".join(sorted(stock.serials)),
    ]


def _status(stock: _Stock, left: Decimal | None) -> str:
    if stock.expected:
        return "sent there, arrival not recorded"
    if left != 0:
        return "may be there"
    if stock.ways == {_Way.DESTROYED}:
        return "destroyed there"
    if _Way.DESTROYED in stock.ways:
        return "sent on, used up or destroyed"
    return "used up there" if _Way.USED in stock.ways else "all sent on"
