"""The genealogy of a lot as an SVG picture that reads from left to right.

A lot is a box, in the frame of the place that assigned its code. What a lot was made from arrives
from the left, by way of a box that says how and when; what was sent arrives at a rounded box of
the place that received it. A text stands beside the end of the line that it belongs to, in room
of its own, so that no line runs through it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

from attrs import evolve, frozen

from closient_export.trace.diagram import (
    Delivery,
    Diagram,
    DiagramLot,
    DiagramShipment,
    deliveries,
    format_date,
    printable,
)
from closient_export.trace.layout import Frame, Placement, Route, Unit, assign_layers, place

__all__ = ["svg"]

_MANY_PLACES, _NAMED_PLACES = 6, 4
"""How many places that a lot ends at are drawn one by one; how many of more are named."""
_MANY_LOTS = 40
"""In a layer of more lots than this, each gets one line."""

# Lengths are CSS pixels.
_LOT, _WIDE_LOT = 224.0, 330.0
_LOT_ROW, _SHORT_ROW = 76.0, 30.0
_RECEIVER_ROW = 50.0
_FLAG = 15.0
_EVENT, _EVENT_ROW = 126.0, 46.0
_FAN = 44.0
"""The room between a transformation and the lots that it made."""
_NOTE, _STUB = 196.0, 26.0
"""The room for the text of an arriving line, and for a line without text."""
_NOTE_SIZE, _NOTE_LINE = 9.5, 12.0
_PAD = 12.0
"""The room left and right of a lot in its frame."""
_FRAME = Frame(top=26, bottom=8)
_EDGE = 28.0
_LEAST_WIDTH = 860.0

_INK, _MUTED, _LINE, _PAPER = "#16212c", "#4d5a66", "#2f3b47", "#ffffff"
_GROUND, _GROUND_EDGE = "#f2f4f6", "#b9c3cc"
_ASKED, _ASKED_GROUND = "#0b3a66", "#e4eef8"
_SENT, _EVENT_GROUND, _HARVEST = "#3f6285", "#dde3e8", "#faf3dd"
_ERROR, _WARNING, _WARNING_INK = "#a8201a", "#ffdf9e", "#4a3000"

_NARROW = frozenset("ijlI.,:;'!|()[]{}/\\ ftr-")
_WIDE = frozenset("mwMW@%&")


def svg(diagram: Diagram) -> str:
    """The picture as an SVG document of its own, in ASCII, with nothing to load or to run.

    Whatever the texts of the diagram hold, the document is well-formed; a text that does not fit
    is shortened and there in full when pointed at. The same diagram gives the same document.
    """
    return _Picture(_Chain(diagram)).document()


class _Arrival(NamedTuple):
    """A line that ends at a transformation or a receiver."""

    source: int
    notes: tuple[str, ...]
    sent: bool
    doubtful: bool = False
    back: bool = False


class _Event(NamedTuple):
    """How a lot was made; for a receiver, that something was received."""

    label: str
    day: str
    arrivals: tuple[_Arrival, ...]


class _Receiver(NamedTuple):
    """Where some of a lot arrived: one place, or several drawn as one."""

    lot: int
    places: tuple[str, ...]


class _Chain:
    """What arrived where, and in which layer that is drawn.

    Nodes are numbers: those of the lots, then those of the receivers. Each lot has receivers of
    its own until the layers are known, because shared ones would make circles that are not there.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.lots = sorted(diagram.lots, key=lambda lot: (lot.created or date.max, lot.id))
        self.numbers = {lot.id: number for number, lot in enumerate(self.lots)}
        self.places = {known.id: known for known in diagram.places}
        self.receivers: list[_Receiver] = []
        self.circular: set[int] = set()
        self._arrivals: list[tuple[int, tuple[str, str], _Arrival]] = []
        self._supplies: dict[tuple[int, str], list[tuple[int, Delivery, str]]] = {}
        """What reached a place to be used there: from which node, how, and who sent it."""
        self._follow_shipments()
        self._follow_links()
        nodes = len(self.lots) + len(self.receivers)
        edges = [(arrival.source, node) for node, _, arrival in self._arrivals]
        self.layers, back = assign_layers(nodes, edges)
        events: list[dict[tuple[str, str], list[_Arrival]]] = [{} for _ in range(nodes)]
        for index, (node, event, arrival) in enumerate(self._arrivals):
            end, line = node, arrival
            if index in back:
                notes = ("! goes in a circle", *arrival.notes)
                end, line = arrival.source, arrival._replace(source=node, notes=notes, back=True)
            events[end].setdefault(event, []).append(line)
        self.events = [
            tuple(_Event(*key, tuple(lines)) for key, lines in sorted(of_node.items()))
            for of_node in events
        ]

    def name(self, place_id: str) -> str:
        known = self.places.get(place_id)
        return printable(known.name) or printable(known.id) if known else "Place not known"

    def _follow_shipments(self) -> None:
        used: dict[int, set[str]] = {}
        for link in self.diagram.links:
            target = self.lots[self.numbers[link.target]]
            used.setdefault(self.numbers[link.source], set()).add(target.place)
        self._legs: dict[tuple[str, str, str], list[DiagramShipment]] = {}
        for shipment in self.diagram.shipments:
            leg = (shipment.lot, shipment.origin, shipment.destination)
            self._legs.setdefault(leg, []).append(shipment)
        by_lot: dict[int, dict[str, list[Delivery]]] = {}
        for delivery in deliveries(self.diagram.shipments):
            origins = by_lot.setdefault(self.numbers[delivery.lot], {})
            origins.setdefault(delivery.origin, []).append(delivery)
        for lot, origins in sorted(by_lot.items()):
            self._follow_lot(lot, origins, used.get(lot, set()))

    def _follow_lot(self, lot: int, origins: dict[str, list[Delivery]], used: set[str]) -> None:
        home = self.lots[lot].place
        used = used - {"", home}
        reached = {"": lot, home: lot}
        sent_to = {delivery.destination for sent in origins.values() for delivery in sent}
        waiting = ["", *([home] if home else [])]
        # Where a place sent what never reached it by the records, the line starts at the lot.
        others = sorted(origins.keys() - {"", home}, key=lambda origin: (origin in sent_to, origin))
        for origin in [*waiting, *others]:
            via = "" if origin in {"", home} else f"from {self.name(origin)}"
            if via and origin in reached:
                continue
            reached.setdefault(origin, lot)
            queue = [(origin, via)]
            for sender, sender_via in queue:
                source = reached[sender]
                ending = []
                for delivery in origins.get(sender, ()):
                    goal = delivery.destination
                    if goal in used:
                        supply = (source, delivery, sender_via)
                        self._supplies.setdefault((lot, goal), []).append(supply)
                    if goal in origins and goal not in reached:
                        reached[goal] = self._add_receiver(lot, (goal,))
                        queue.append((goal, ""))  # noqa: B909 - a queue, read while it grows
                    if reached.get(goal, lot) not in {lot, source}:
                        self._receive(reached[goal], lot, source, delivery, sender_via)
                    elif goal not in used:
                        ending.append(delivery)
                groups = [ending] if len(ending) > _MANY_PLACES else [[one] for one in ending]
                for group in groups:
                    goals = tuple(delivery.destination for delivery in group)
                    node = self._add_receiver(lot, goals)
                    self._receive(node, lot, source, self._together(group), sender_via)

    def _add_receiver(self, lot: int, places: tuple[str, ...]) -> int:
        self.receivers.append(_Receiver(lot, places))
        return len(self.lots) + len(self.receivers) - 1

    def _receive(self, node: int, lot: int, source: int, delivery: Delivery, via: str) -> None:
        notes = self._notes(lot, source, delivery.quantity, delivery, via)
        self._arrivals.append((node, ("", ""), _Arrival(source, notes, sent=True)))

    def _together(self, group: Sequence[Delivery]) -> Delivery:
        if len(group) == 1:
            return group[0]
        shipments = (
            evolve(shipment, destination="")
            for one in group
            for shipment in self._legs[one.lot, one.origin, one.destination]
        )
        return deliveries(shipments)[0]

    def _follow_links(self) -> None:
        for link in sorted(
            self.diagram.links,
            key=lambda link: (link.source, link.target, link.label, str(link.date), link.quantity),
        ):
            lot, node = self.numbers[link.source], self.numbers[link.target]
            if lot == node:
                self.circular.add(lot)
                continue
            event = (printable(link.label), format_date(link.date) if link.date else "")
            supplies = self._supplies.get((lot, self.lots[node].place), [])
            doubt = ("! dates contradict",) if link.doubtful else ()
            if not supplies:
                notes = (*doubt, *filter(None, [printable(link.quantity)]))
                arrival = _Arrival(lot, notes, sent=False, doubtful=link.doubtful)
                self._arrivals.append((node, event, arrival))
            for source, delivery, via in supplies:
                quantity = link.quantity if len(supplies) == 1 else delivery.quantity
                notes = (*doubt, *self._notes(lot, source, quantity, delivery, via))
                arrival = _Arrival(source, notes, sent=True, doubtful=link.doubtful)
                self._arrivals.append((node, event, arrival))

    def _notes(
        self, lot: int, source: int, quantity: str, delivery: Delivery, via: str
    ) -> tuple[str, ...]:
        shipped, received = delivery.shipped, delivery.received
        notes = (
            f"lot {printable(self.lots[lot].code)}" if source != lot else "",
            printable(quantity),
            f"{delivery.count} shipments" if delivery.count > 1 else "",
            via,
            f"shipped {shipped}" if shipped else "",
            f"received {received}" if received else "",
        )
        return tuple(filter(None, notes))


class _Body(NamedTuple):
    """What a unit of the layout shows: lots that were made together, or a receiver."""

    lots: tuple[int, ...]
    places: tuple[str, ...]
    events: tuple[_Event, ...]

    @property
    def lines(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The lines of text of each arrival of each event."""
        return tuple(
            tuple(_pack(arrival.notes, _NOTE - 14) for arrival in event.arrivals)
            for event in self.events
        )


class _Layer(NamedTuple):
    """What the bodies of a layer have in common."""

    short: bool
    """Whether lots get one line each."""
    made: bool
    """Whether any lot was made from others."""
    room: float
    """The width for arriving lines."""

    @property
    def lot_width(self) -> float:
        return _WIDE_LOT if self.short else _LOT

    @property
    def width(self) -> float:
        made = _EVENT + _FAN if self.made else 0.0
        return self.room + _PAD + made + self.lot_width + _PAD


class _Picture:
    """The chain with its layout, drawn from the back to the front."""

    def __init__(self, chain: _Chain) -> None:
        self.chain = chain
        self.bodies: list[_Body] = []
        self.body_layers: list[int] = []
        self.rows: dict[int, tuple[int, int]] = {}
        """The body of each node, and its row there."""
        self._gather()
        self.layers = [
            self._layer([b for b, of in zip(self.bodies, self.body_layers, strict=True) if of == n])
            for n in range(max(self.body_layers, default=-1) + 1)
        ]
        self.groups = sorted({lot.place for lot in chain.lots})
        self.lines = [body.lines for body in self.bodies]
        routes, self.routed = self._routes()
        units = [self._unit(index) for index in range(len(self.bodies))]
        self.units = units
        self.placement = place(units, routes, frame=_FRAME)
