"""What is known of the lots of a graph: the questions that rows and findings ask of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from closient_export.epcis import Event, parse_identifier
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
    quantity_cells,
    repeated,
)
from closient_export.trace.classify import Classified
from closient_export.trace.deliveries import Amount, Delivery, deliveries, party_of
from closient_export.trace.descriptions import Descriptions, site_of
from closient_export.trace.graph import LotGraph, Movement
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of

__all__ = ["Facts"]


class Facts:
    """A graph with what its events are and what master data say: all that rows are made from."""

    def __init__(self, graph: LotGraph, classified: Classified, descriptions: Descriptions) -> None:
        self.graph = graph
        self.classified = classified
        self.descriptions = descriptions
        self.deliveries: dict[str, list[Delivery]] = {}
        self._delivery_of: dict[tuple[str, str], Delivery] = {}
        for lot, movements in graph.movements.items():
            self.deliveries[lot] = deliveries(
                lot, _doing(movements, SHIPPING_STEPS), _doing(movements, RECEIVING_STEPS)
            )
            for delivery in self.deliveries[lot]:
                for movement in filter(None, (delivery.shipped, *delivery.received)):
                    self._delivery_of[lot, movement.event.digest] = delivery

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
        cells = location_cells(prefix, place, self.descriptions.location(place))
        if event is None:
            return cells
        return {
            name: derived(cell.value, event) if cell.provenance is Provenance.MASTER_DATA else cell
            for name, cell in cells.items()
        }

    def product(self, prefix: str, lot: str) -> dict[str, Cell]:
        """The cells of a product description."""
        return product_cells(prefix, lot, self.descriptions.product(lot))

    def commodity(self, lot: str, suffix: str = "") -> dict[str, Cell]:
        """Commodity and variety, of what has no product description yet."""
        product = self.product("product", lot)
        named = {
            f"commodity{suffix}": product["product.commodity"],
            f"variety{suffix}": product["product.variety"],
        }
        if named[f"commodity{suffix}"] is NOT_APPLICABLE:
            named[f"commodity{suffix}"] = Cell("", Provenance.MISSING, lot)
        return named

    def source(self, lot: str) -> dict[str, Cell]:
        """The traceability lot code source: where the code was assigned (21 CFR 1.1310).

        It is derived by walking to the event that assigned the code; what a partner claims counts
        where no event says it.
        """
        reference = self.source_reference(lot)
        origin = self.classified.origin(lot)
        event: Event | None = None
        if origin is not None and origin.assigns_code:
            place, event = origin.event.place, origin.event
        else:
            place, event = self.claimed_source(lot)
        if place and (self.descriptions.location(place) or not reference):
            cells = self.location("source", place, event)
        elif reference:
            cells = repeated("source", SEE_REFERENCE)
        else:
            cells = repeated("source", MISSING)
        return cells | self.reference_cell(reference, lot)

    def assigned_source(self, place: str, lot: str) -> dict[str, Cell]:
        """The traceability lot code source of a row whose event assigns the code."""
        return self.location("source", place) | self.reference_cell(
            self.source_reference(lot, place), lot
        )

    def reference_cell(self, reference: str, lot: str) -> dict[str, Cell]:
        """The cell of the traceability lot code source reference."""
        cell = Cell(reference, Provenance.MASTER_DATA, lot) if reference else NOT_APPLICABLE
        return {"source_reference": cell}

    def source_reference(self, lot: str, place: str = "") -> str:
        """The reference that stands for the source, of the lot or of the place."""
        product = self.descriptions.product(lot)
        if product is not None and product.source_reference:
            return product.source_reference
        origin = self.classified.origin(lot)
        place = place or (origin.event.place if origin and origin.assigns_code else "")
        location = self.descriptions.location(place) if place else None
        if location is not None and location.source_reference:
            return location.source_reference
        return next((str(v) for _, v in self._claims(lot, _REFERENCE_CLAIMS)), "")

    def claimed_source(self, lot: str) -> tuple[str, Event | None]:
        """What some event says of the source of a lot's code, and that event."""
        for event, value in self._claims(lot, _SOURCE_CLAIMS):
            return value, event
        return "", None

    def source_claims(self, lot: str) -> Iterator[tuple[Event, str]]:
        """Everything that events say of the source of a lot's code."""
        yield from self._claims(lot, _SOURCE_CLAIMS)

    def _claims(self, lot: str, names: Sequence[str]) -> Iterator[tuple[Event, str]]:
        for movement in self.graph.movements.get(lot, ()):
            event = movement.event
            for data in (event.ilmd, event.extensions):
                for name, value in data.items():
                    if name.replace("#", ":").rpartition(":")[2].lower() in names:
                        yield event, _identifier(value)

    def harvests(self, lot: str) -> tuple[Event, ...]:
        """The events in which a lot was harvested."""
        return tuple(
            origin.event
            for origin in self.classified.origins(lot)
            if origin.cte is CriticalTrackingEvent.HARVESTING
        )

    def harvest_places(self, lot: str) -> tuple[str, ...]:
        """Where a lot was harvested."""
        return tuple(event.place for event in self.harvests(lot))

    def events_as(self, lot: str, cte: CriticalTrackingEvent) -> list[Event]:
        """The events of a lot that are a critical tracking event, in order of time."""
        return [
            movement.event
            for movement in self.graph.movements.get(lot, ())
            if self.classified.movement(movement, lot).cte is cte
        ]

    def next_move(self, lot: str, event: Event) -> Event | None:
        """The first event after another one that says where a lot goes."""
        for movement in self.graph.movements.get(lot, ()):
            later = movement.event
            if moment_of(later) > moment_of(event) and later.destinations:
                return later
        return None

    def recipient(self, event: Event, lot: str) -> tuple[str, dict[str, Cell]]:
        """Where a lot goes next: as the event says, as the next one says, or where it arrived."""
        place = party_of(event.destinations)
        if place:
            return place, self.location("recipient", place)
        move = self.next_move(lot, event)
        if move is not None:
            place = party_of(move.destinations)
            return place, self.location("recipient", place, move)
        for movement in self.graph.movements.get(lot, ()):
            later = movement.event
            elsewhere = site_of(later.place) != site_of(event.place)
            if (
                moment_of(later) > moment_of(event)
                and later.biz_step in RECEIVING_STEPS
                and elsewhere
            ):
                return later.place, self.location("recipient", later.place, later)
        return "", repeated("recipient", MISSING)

    def linked_codes(self, lot: str) -> str:
        """The traceability lot codes of what was made of a lot that has none itself."""
        made = {
            output
            for transformation in self.graph.used_by.get(lot, ())
            for output in transformation.output_lots & self.graph.lots.keys()
        }
        return "; ".join(sorted(map(self.code, made)))

    def documents(self, event: Event, lot: str) -> tuple[dict[str, Cell], str]:
        """Reference documents: the event's own, else those of the move that goes with it."""
        if event.documents:
            return document_cells(event.documents)
        same_place = [
            movement.event
            for movement in self.graph.movements.get(lot, ())
            if movement.event.documents and site_of(movement.event.place) == site_of(event.place)
        ]
        for other in sorted(same_place, key=lambda other: abs(other.time - event.time)):
            return document_cells(other.documents, other)
        return document_cells(())

    def amount(self, amount: Amount, event: Event) -> dict[str, Cell]:
        """Quantity and unit; derived from the packing where the event names a container."""
        cells = quantity_cells("", amount.quantity, amount.uom)
        if amount.container:
            cells = {
                name: cell
                if cell is MISSING
                else Cell(cell.value, Provenance.DERIVED, amount.container)
                for name, cell in cells.items()
            }
        if not amount.uom and any(amount.serials):
            cells["unit"] = Cell("each", Provenance.DERIVED, event.key)
        return cells


_SOURCE_CLAIMS = ("traceabilitylotcodesource", "tlcsource", "traceabilitylotcodesourcelocation")
_REFERENCE_CLAIMS = ("traceabilitylotcodesourcereference", "tlcsourcereference")


def _identifier(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("@id") or ""
    return parse_identifier(value).uri if isinstance(value, str) else ""


def _doing(movements: Iterable[Movement], steps: Sequence[str]) -> list[Movement]:
    return [movement for movement in movements if movement.event.biz_step in steps]
