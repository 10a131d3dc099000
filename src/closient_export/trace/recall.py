"""Where the lots that a recall would cover have gone, and how much may still be there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from attrs import Factory, define

from closient_export.epcis import Event
from closient_export.epcis.units import in_words
from closient_export.trace.deliveries import amounts_of, left_from, party_of, received_at
from closient_export.trace.descriptions import site_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Portion
from closient_export.trace.report import TraceReport
from closient_export.trace.spreadsheet import Cell, Mark, Marked
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["recall_scope"]


@define
class _Stock:
    """A lot at one place, in one unit."""

    arrived: date | None = None
    came: Decimal | None = Factory(Decimal)
    went: Decimal | None = Factory(Decimal)
    used: bool = False
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
    for transformation in facts.graph.made_by.get(lot, ()):
        for event, portion in transformation.outputs:
            _come(stocks, lot, event, site_of(event.place), [portion])
    for transformation in facts.graph.used_by.get(lot, ()):
        for event, portion in transformation.inputs:
            _go(stocks, lot, site_of(event.place), [portion], used=True)
    shipped, received = (
        {movement.event.digest for movement in facts.moves(lot, steps)}
        for steps in (SHIPPING_STEPS, RECEIVING_STEPS)
    )
    arrived = received.union(origin.event.digest for origin in facts.classified.origins(lot))
    for movement in facts.graph.movements.get(lot, ()):
        event = movement.event
        if event.digest in arrived:
            _come(stocks, lot, event, site_of(received_at(event)), movement.portions)
        elif event.digest in shipped:
            _go(stocks, lot, site_of(left_from(event)), movement.portions, used=False)
    for delivery in facts.deliveries.get(lot, ()):
        if delivery.shipped is not None and not delivery.received:
            event = delivery.shipped.event
            place = site_of(party_of(event.destinations))
            _come(stocks, lot, event, place, delivery.shipped.portions)
            for amount in amounts_of(delivery.shipped.portions, lot, by_container=False):
                stocks[place, amount.uom].expected = True
    return stocks


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
    *,
    used: bool,
) -> None:
    for amount in amounts_of(portions, lot, by_container=False):
        stock = stocks[site, amount.uom]
        stock.went = _sum(stock.went, amount.quantity)
        stock.used |= used
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
    if left == 0:
        return "used up there" if stock.used else "all sent on"
    return "may be there"
