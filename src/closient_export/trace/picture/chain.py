"""What arrived where, and in which layer of the picture that is drawn."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from attrs import astuple

from closient_export.trace.picture.diagram import Diagram, DiagramLink
from closient_export.trace.picture.flows import Flow, flows, joined
from closient_export.trace.picture.layers import assign_layers
from closient_export.trace.picture.notes import Note, lot_fact
from closient_export.trace.picture.text import format_date, printable

__all__ = ["Arrival", "Chain", "Making"]

_MANY_PLACES = 6
"""How many places that a lot ends at are drawn one by one; more are drawn as one."""


class Arrival(NamedTuple):
    """A line that ends at a transformation or a receiver."""

    source: int
    note: Note
    sent: bool
    doubtful: bool = False
    back: bool = False


class Making(NamedTuple):
    """How a lot was made; for a receiver, that something was received."""

    label: str
    day: str
    back: bool
    """Whether it is drawn at what was used, because what it made stands further left."""
    arrivals: tuple[Arrival, ...]


class _Sending(NamedTuple):
    """A flow, with the node that it starts at."""

    source: int
    flow: Flow
    via: str
    """Who sent it, where that is not what the node is."""


class Chain:
    """Lots, receivers and what arrived at them.

    Nodes are numbers: those of the lots, then those of the receivers. Each lot has receivers of
    its own until the layers are known, because shared ones would make circles that are not there.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.lots = sorted(diagram.lots, key=lambda lot: (lot.created or date.max, lot.id))
        self.places = {place.id: place for place in diagram.places}
        self.receivers: list[tuple[str, ...]] = []
        """Where something arrived: one place, or several drawn as one."""
        self._numbers = {lot.id: number for number, lot in enumerate(self.lots)}
        self._arrivals: list[tuple[int, tuple[str, str], Arrival]] = []
        self._supplies: dict[tuple[int, str], list[_Sending]] = {}
        """What reached a place to be used there, by lot and place."""
        self._follow_shipments(diagram)
        self._follow_links(diagram.links)
        self.circular = {
            self._numbers[link.source] for link in diagram.links if link.source == link.target
        }
        """The lots that were made from themselves."""
        self._arrange()

    def name(self, place_id: str) -> str:
        """What to call a place."""
        place = self.places.get(place_id)
        name = printable(place.name) or printable(place.id) if place else ""
        return name or "Place not known"

    def _follow_shipments(self, diagram: Diagram) -> None:
        used: dict[int, set[str]] = {}
        for link in diagram.links:
            target = self.lots[self._numbers[link.target]]
            used.setdefault(self._numbers[link.source], set()).add(target.place)
        sent: dict[int, dict[str, list[Flow]]] = {}
        for flow in flows(diagram.shipments):
            origins = sent.setdefault(self._numbers[flow.lot], {})
            origins.setdefault(flow.origin, []).append(flow)
        for lot, origins in sorted(sent.items()):
            self._follow_lot(lot, origins, used.get(lot, set()))

    def _follow_lot(self, lot: int, sent: dict[str, list[Flow]], used: set[str]) -> None:
        """Follow what was sent of a lot, by origin, from place to place.

        At the places where it was `used`, what was made of it is drawn instead of a receiver.
        """
        home = self.lots[lot].place
        used = used - {"", home}
        reached = {"": lot, home: lot}
        sent_to = {flow.destination for leaving in sent.values() for flow in leaving}
        # Where a place sent what never reached it by the records, the line starts at the lot.
        others = sorted(sent, key=lambda origin: (origin in sent_to, origin))
        for start in dict.fromkeys(("", home, *others)):
            at_lot = start in {"", home}
            if start in reached and not at_lot:
                continue
            reached.setdefault(start, lot)
            queue = [(start, "" if at_lot else f"from {self.name(start)}")]
            for origin, via in queue:
                ending = []
                for flow in sent.get(origin, ()):
                    sending, goal = _Sending(reached[origin], flow, via), flow.destination
                    if goal in used:
                        self._supplies.setdefault((lot, goal), []).append(sending)
                    if goal in sent and goal not in reached:
                        reached[goal] = self._add_receiver((goal,))
                        queue.append((goal, ""))
                    if reached.get(goal, lot) not in {lot, sending.source}:
                        self._receive(reached[goal], sending)
                    elif goal not in used:
                        ending.append(sending)
                self._end(ending)

    def _end(self, ending: Sequence[_Sending]) -> None:
        """Draw what was not sent on: place by place, or as one where they are many."""
        together = len(ending) > _MANY_PLACES
        for group in [ending] if together else [[sending] for sending in ending]:
            parts = [sending.flow for sending in group]
            node = self._add_receiver(tuple(flow.destination for flow in parts))
            self._receive(node, group[0]._replace(flow=joined(parts)))

    def _add_receiver(self, places: tuple[str, ...]) -> int:
        self.receivers.append(places)
        return len(self.lots) + len(self.receivers) - 1

    def _receive(self, node: int, sending: _Sending) -> None:
        note = Note(self._facts(sending, printable(sending.flow.quantity)))
        self._arrivals.append((node, ("", ""), Arrival(sending.source, note, sent=True)))

    def _follow_links(self, links: Iterable[DiagramLink]) -> None:
        for link in sorted(links, key=lambda link: tuple(map(str, astuple(link)))):
            lot, node = self._numbers[link.source], self._numbers[link.target]
            if lot == node:
                continue
            making = (printable(link.label), format_date(link.date))
            used = printable(link.quantity)
            doubt = "! dates contradict" if link.doubtful else ""
            supplies = self._supplies.get((lot, self.lots[node].place), [])
            if not supplies:
                arrival = Arrival(lot, Note((doubt, used)), sent=False, doubtful=link.doubtful)
                self._arrivals.append((node, making, arrival))
            for sending in supplies:
                quantity = printable(sending.flow.quantity)
                if used and used != quantity:
                    # What was used is not what was sent, and must not be read as that.
                    sent = f" · sent {quantity}" if quantity else ""
                    quantity = f"used {used}" + " in all" * (len(supplies) > 1) + sent
                note = Note((doubt, *self._facts(sending, quantity)))
                arrival = Arrival(sending.source, note, sent=True, doubtful=link.doubtful)
                self._arrivals.append((node, making, arrival))

    def _facts(self, sending: _Sending, quantity: str) -> tuple[str, ...]:
        flow = sending.flow
        lot = self._numbers[flow.lot]
        code = lot_fact(printable(self.lots[lot].code)) if sending.source != lot else ""
        return (code, quantity, flow.count, sending.via, flow.shipped, flow.received)

    def _arrange(self) -> None:
        nodes = len(self.lots) + len(self.receivers)
        edges = [(arrival.source, node) for node, _, arrival in self._arrivals]
        self.layers, back = assign_layers(nodes, edges)
        makings: list[dict[tuple[str, str, bool], list[Arrival]]] = [{} for _ in range(nodes)]
        for index, (node, making, arrival) in enumerate(self._arrivals):
            end, line = node, arrival
            if index in back:
                note = Note(("! goes in a circle", *arrival.note.facts))
                end, line = arrival.source, arrival._replace(source=node, note=note, back=True)
            makings[end].setdefault((*making, line.back), []).append(line)
        self.makings = [
            tuple(Making(*key, tuple(arrivals)) for key, arrivals in sorted(of_node.items()))
            for of_node in makings
        ]
        """By node."""
