"""What is known of the lots of a graph: the questions that rows and findings ask of it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from closient_export.epcis import Event, EventType, IdentifierKind, parse_identifier
from closient_export.trace.cells import (
    MISSING,
    NOT_APPLICABLE,
    SEE_REFERENCE,
    Cell,
    Provenance,
    derived,
    document_cells,
    location_cells,
    product_cells,
    repeated,
)
from closient_export.trace.classify import Classified
from closient_export.trace.deliveries import Delivery, deliveries, received_at
from closient_export.trace.descriptions import Descriptions, site_of
from closient_export.trace.extensions import REFERENCE_CLAIMS, claimed_source, said
from closient_export.trace.graph import LotGraph, Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.on_hand import OnHand
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["Facts"]


class Facts:
    """A graph with what its events are and what master data say: all that rows are made from."""

    def __init__(self, graph: LotGraph, classified: Classified, descriptions: Descriptions) -> None:
        self.graph = graph
        self.classified = classified
        self.descriptions = descriptions
        self.deliveries: dict[str, list[Delivery]] = {}
        self._delivery_of: dict[tuple[str, str], Delivery] = {}
        self._sources: dict[str, dict[str, Cell]] = {}
        self._locations: dict[tuple[str, str], dict[str, Cell]] = {}
        self._products: dict[tuple[str, str], dict[str, Cell]] = {}
        self.stocks: dict[str, dict[str, OnHand]] = {}
        """By lot and place, as far as they have been asked for."""
        for lot in graph.movements:
            self.deliveries[lot] = deliveries(
                lot, self.moves(lot, SHIPPING_STEPS), self.moves(lot, RECEIVING_STEPS)
            )
            for delivery in self.deliveries[lot]:
                for movement in filter(None, (delivery.shipped, *delivery.received)):
                    self._delivery_of[lot, movement.event.digest] = delivery

    def moves(self, lot: str, steps: Sequence[str]) -> list[Movement]:
        """The shipments or receipts of a lot from one address to another, each told once."""
        return [
            movement
            for movement in self.graph.movements.get(lot, ())
            if movement.event.biz_step in steps
            and not self.classified.moves.no_move(movement.event, lot)
        ]

    def delivery(self, lot: str, event: Event) -> Delivery | None:
        """The delivery of a lot that an event is part of."""
        return self._delivery_of.get((lot, event.digest))

    def code(self, lot: str) -> str:
        """The traceability lot code of a lot as it is written in cells."""
        return self.descriptions.code(lot)

    def location(self, prefix: str, place: str, event: Event | None = None) -> dict[str, Cell]:
        """The cells of a place; `event` is where it is derived from, if not from the row's own."""
        if not place:
            return repeated(prefix, MISSING)
        if (prefix, place) not in self._locations:
            described = self.descriptions.location(place)
            self._locations[prefix, place] = location_cells(prefix, place, described)
        cells = self._locations[prefix, place]
        if event is None:
            return dict(cells)
        return {
            name: derived(cell.value, event) if cell.provenance is Provenance.MASTER_DATA else cell
            for name, cell in cells.items()
        }

    def product(self, prefix: str, lot: str) -> dict[str, Cell]:
        """The cells of a product description."""
        if (prefix, lot) not in self._products:
            described = self.descriptions.product(lot)
            self._products[prefix, lot] = product_cells(prefix, lot, described)
        return dict(self._products[prefix, lot])

    def commodity(self, lot: str) -> dict[str, Cell]:
        """Commodity and variety, of what has no product description yet."""
        product = self.product("product", lot)
        commodity = product["product.commodity"]
        if commodity is NOT_APPLICABLE:
            commodity = Cell("", Provenance.MISSING, lot)
        return {"commodity": commodity, "variety": product["product.variety"]}

    def source(self, lot: str) -> dict[str, Cell]:
        """The traceability lot code source: where the code was assigned (21 CFR 1.1310).

        It is derived by walking to the event that assigned the code; what a partner claims counts
        where no event says it.
        """
        if lot not in self._sources:
            self._sources[lot] = self._find_source(lot)
        return self._sources[lot]

    def _find_source(self, lot: str) -> dict[str, Cell]:
        origin = self.classified.origin(lot)
        place, event = "", None
        if origin is not None and origin.assigns_code:
            place, event = origin.event.place, origin.event
        reference = self._reference(lot, place)
        if not place:
            event, place = next(self.source_claims(lot), (None, ""))
        if place and (self.descriptions.location(place) or reference is NOT_APPLICABLE):
            cells = self.location("source", place, event)
        else:
            cells = repeated("source", MISSING if reference is NOT_APPLICABLE else SEE_REFERENCE)
        return cells | {"source_reference": reference}

    def assigned_source(self, place: str, lot: str) -> dict[str, Cell]:
        """The traceability lot code source of a row whose event assigns the code."""
        cells = self.location("source", place)
        return cells | {"source_reference": self._reference(lot, place)}

    def _reference(self, lot: str, place: str) -> Cell:
        """The reference that stands for the source, of the lot or of the place."""
        product = self.descriptions.product(lot)
        if product is not None and product.source_reference:
            return Cell(product.source_reference, Provenance.MASTER_DATA, lot)
        location = self.descriptions.location(place)
        if location is not None and location.source_reference:
            return Cell(location.source_reference, Provenance.MASTER_DATA, place)
        for event, claim in self.claims(lot, *REFERENCE_CLAIMS):
            return derived(claim, event)
        return NOT_APPLICABLE

    def source_claims(self, lot: str) -> Iterator[tuple[Event, str]]:
        """The places that events say to be the source of a lot's code, with these events."""
        for event in self._events(lot):
            if place := claimed_source(event):
                yield event, place

    def claims(self, lot: str, *names: str) -> Iterator[tuple[Event, str]]:
        """What the events of a lot say under one of some names, with these events; as it came."""
        for event in self._events(lot):
            if claim := said(event, *names):
                yield event, claim

    def _events(self, lot: str) -> Iterator[Event]:
        """What made a lot, and then what else happened to it."""
        for transformation in self.graph.made_by.get(lot, ()):
            yield from transformation.events
        for movement in self.graph.movements.get(lot, ()):
            yield movement.event

    def harvests(self, lot: str) -> tuple[Event, ...]:
        """The events in which a lot was harvested."""
        return tuple(
            origin.event
            for origin in self.classified.origins(lot)
            if origin.cte is CriticalTrackingEvent.HARVESTING
        )

    def events_as(self, lot: str, cte: CriticalTrackingEvent) -> list[Event]:
        """The events of a lot that are a critical tracking event, in order of time."""
        return [
            movement.event
            for movement in self.graph.movements.get(lot, ())
            if self.classified.movement(movement, lot).cte is cte
        ]

    def arrivals(self, lot: str, place: str) -> list[Movement]:
        """The receipts of a lot at a place, of events for one receipt those that say most."""
        here = [
            movement
            for movement in self.graph.movements.get(lot, ())
            if movement.event.biz_step in RECEIVING_STEPS
            and site_of(received_at(movement.event)) == site_of(place)
        ]
        best = min((RECEIVING_STEPS.index(each.event.biz_step) for each in here), default=0)
        return [each for each in here if each.event.biz_step == RECEIVING_STEPS[best]]

    def ancestors(self, lot: str) -> list[str]:
        """A lot and what it was made of, the nearest first."""
        found = {lot: None}
        unread = [lot]
        while unread:
            current = unread.pop(0)
            for transformation in self.graph.made_by.get(current, ()):
                for used in sorted(transformation.input_lots - found.keys()):
                    found[used] = None
                    unread.append(used)
        return list(found)

    def linked_codes(self, lot: str) -> str:
        """The traceability lot codes of what was made of a lot that has none itself."""
        made = {
            output
            for transformation in self.graph.used_by.get(lot, ())
            for output in transformation.output_lots & self.graph.lots.keys()
        }
        return "; ".join(sorted(map(self.code, made)))

    def documents(self, event: Event, lot: str) -> tuple[dict[str, Cell], str]:
        """Reference documents: the event's own, else of what happened to the same things there.

        The papers of one move are not those of another one, nor those of making or testing the lot
        those of a move.
        """
        if event.documents:
            return document_cells(event.documents)
        others = [
            movement.event
            for movement in self.graph.movements.get(lot, ())
            if movement.event.documents
            and site_of(movement.event.place) in ("", site_of(event.place))
            and not _is_another_move(event, movement.event)
            and self._belong_together(event, movement.event)
        ]
        for other in sorted(others, key=lambda other: abs(other.time - event.time)):
            if papers := [each for each in other.documents if _may_lend(event, other, each.type)]:
                return document_cells(papers, other)
        return document_cells(())

    def _belong_together(self, event: Event, other: Event) -> bool:
        """Whether two events are about the same things, so near in time that papers are of both."""
        shared = set(event.named_ids()).intersection(other.named_ids())
        objects = [each for each in shared if each not in self.graph.movements and _is_object(each)]
        same = bool(objects) or other.type is EventType.TRANSACTION
        limit = _WITH_THE_SAME_OBJECT if same else _WITH_THE_SAME_LOT
        return bool(shared) and abs(other.time - event.time) <= limit


_WITH_THE_SAME_LOT = timedelta(days=1)
"""A lot is handled for months; what is done with it within a day may be of one piece of work."""
_WITH_THE_SAME_OBJECT = timedelta(days=30)
"""A container stays packed for as long; some are used for other goods after two months."""
_MOVES = (*SHIPPING_STEPS, *RECEIVING_STEPS)
_OF_NO_MOVE = ("prodorder", "testprd", "testres")


def _is_object(identifier: str) -> bool:
    return parse_identifier(identifier).kind not in (IdentifierKind.LOT, IdentifierKind.PRODUCT)


def _is_another_move(event: Event, other: Event) -> bool:
    """Whether both are moves; a business transaction of the same step is the move's own."""
    return event.biz_step in _MOVES and other.biz_step in _MOVES and not _is_own(event, other)


def _is_own(event: Event, other: Event) -> bool:
    return other.type is EventType.TRANSACTION and other.biz_step == event.biz_step


def _may_lend(event: Event, other: Event, document_type: str) -> bool:
    """Whether a paper of that type may be of both."""
    is_of_move = document_type not in _OF_NO_MOVE or _is_own(event, other)
    return is_of_move or event.biz_step not in _MOVES
