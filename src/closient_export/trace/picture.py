"""The genealogy of a lot as an SVG picture that reads from left to right.

A lot is a box, in the frame of the place that assigned its code. What a lot was made from arrives
from the left, by way of a box that says how and when; what was sent arrives at a rounded box of
the place that received it. A text stands beside the end of the line that it belongs to, in room
of its own, so that no line runs through it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

from attrs import astuple, evolve

from closient_export.trace.diagram import (
    Delivery,
    Diagram,
    DiagramLot,
    DiagramShipment,
    deliveries,
    format_date,
    printable,
)
from closient_export.trace.layout import Frame, Route, Unit, assign_layers, place

__all__ = ["svg"]

_MANY_PLACES, _NAMED_PLACES = 6, 4
"""How many places that a lot ends at are drawn one by one; how many of more are named."""
_MANY_LOTS = 40
"""In a layer of more lots than this, each gets one line."""

# Lengths are CSS pixels.
_LOT, _WIDE_LOT = 244.0, 356.0
_LOT_ROW, _SHORT_ROW = 76.0, 30.0
_RECEIVER_ROW = 50.0
_FLAG = 15.0
_EVENT, _EVENT_ROW = 126.0, 46.0
_FAN = 44.0
"""The room between a transformation and the lots that it made."""
_NOTE_TEXT, _STUB = 184.0, 26.0
"""The most room for the text of an arriving line, and the least for the line itself."""
_NOTE_SIZE, _NOTE_LINE, _NAME_LINE = 9.5, 12.0, 14.0
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
    back: bool
    """Whether it is drawn at what was used, because what it made stands further left."""
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
        events: list[dict[tuple[str, str, bool], list[_Arrival]]] = [{} for _ in range(nodes)]
        for index, (node, event, arrival) in enumerate(self._arrivals):
            end, line = node, arrival
            if index in back:
                notes = ("! goes in a circle", *arrival.notes)
                end, line = arrival.source, arrival._replace(source=node, notes=notes, back=True)
            events[end].setdefault((*event, line.back), []).append(line)
        self.events = [
            tuple(_Event(*key, tuple(lines)) for key, lines in sorted(of_node.items()))
            for of_node in events
        ]

    def name(self, place_id: str) -> str:
        known = self.places.get(place_id)
        name = printable(known.name) or printable(known.id) if known else ""
        return name or "Place not known"

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
                        queue.append((goal, ""))
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
            key=lambda link: tuple(map(str, astuple(link))),
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
                used, sent = printable(link.quantity), printable(delivery.quantity)
                if used and used != sent:
                    # What was used is not what was sent, and must not be read as that.
                    sent = f"sent {sent}" if sent else ""
                    used = f"used {used}" + " in all" * (len(supplies) > 1)
                    sent = " · ".join(filter(None, (used, sent)))
                notes = (*doubt, *self._notes(lot, source, sent, delivery, via))
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

    layer: int
    lots: tuple[int, ...]
    places: tuple[str, ...]
    """Where the lots got their codes, or who received."""
    events: tuple[_Event, ...]
    lines: tuple[tuple[tuple[str, ...], ...], ...]
    """The lines of text of each arrival of each event."""


class _Layer(NamedTuple):
    """What the bodies of a layer have in common. Lengths are counted from its right edge."""

    short: bool
    """Whether lots get one line each."""
    lot: float
    """The left edge of lots and receivers."""
    event: float
    """The left edge of transformations."""
    room: float
    """The width for arriving lines and their texts."""
    width: float


class _Scene:
    """The chain as bodies with their layout."""

    def __init__(self, chain: _Chain) -> None:
        self.chain = chain
        self.bodies: list[_Body] = []
        self.ends: dict[int, tuple[int, int]] = {}
        """The body of each node, and its row there."""
        self._gather_lots()
        self._gather_receivers()
        self.layers = self._measure_layers()
        self.groups = sorted({lot.place for lot in chain.lots})
        self.group_of = {place_id: number for number, place_id in enumerate(self.groups)}
        self.routes: list[tuple[Route, _Arrival]] = []
        for target, body in enumerate(self.bodies):
            for rack, event in enumerate(body.events):
                for row, arrival in enumerate(event.arrivals):
                    source, departure = self.ends[arrival.source]
                    # Lines that look alike run together; one that goes back stays alone.
                    trunk = arrival.sent + 2 * arrival.doubtful
                    route = Route(
                        source=source,
                        departure=departure,
                        target=target,
                        rack=rack,
                        row=row,
                        trunk=4 + len(self.routes) if arrival.back else trunk,
                    )
                    self.routes.append((route, arrival))
        self.placement = place(
            [self._unit(body) for body in self.bodies],
            [route for route, _ in self.routes],
            frame=_FRAME,
        )

    def _gather_lots(self) -> None:
        together: dict[tuple[int, str, tuple[_Event, ...]], list[int]] = {}
        for number, lot in enumerate(self.chain.lots):
            key = (self.chain.layers[number], lot.place, self.chain.events[number])
            together.setdefault(key, []).append(number)
        for (layer, place_id, events), lots in together.items():
            self.ends |= {lot: (len(self.bodies), row) for row, lot in enumerate(lots)}
            self._add(layer, lots, (place_id,), events)

    def _gather_receivers(self) -> None:
        together: dict[tuple[int, tuple[str, ...], int], list[int]] = {}
        for node, receiver in enumerate(self.chain.receivers, len(self.chain.lots)):
            alone = len(receiver.places) > 1 or receiver.places == ("",)
            key = (self.chain.layers[node], receiver.places, node if alone else -1)
            together.setdefault(key, []).append(node)
        for (layer, places, _), nodes in together.items():
            self.ends |= dict.fromkeys(nodes, (len(self.bodies), 0))
            events = [event for node in nodes for event in self.chain.events[node]]
            arrivals = tuple(arrival for event in events for arrival in event.arrivals)
            self._add(layer, (), places, (_Event("", "", False, arrivals),))

    def _add(
        self, layer: int, lots: Sequence[int], places: tuple[str, ...], events: tuple[_Event, ...]
    ) -> None:
        lines = tuple(
            tuple(_pack(arrival.notes, _NOTE_TEXT) for arrival in event.arrivals)
            for event in events
        )
        self.bodies.append(_Body(layer, tuple(lots), places, events, lines))

    def _measure_layers(self) -> list[_Layer]:
        count = max((body.layer for body in self.bodies), default=-1) + 1
        lots, made, room = [0] * count, [False] * count, [0.0] * count
        for body in self.bodies:
            lots[body.layer] += len(body.lots)
            made[body.layer] |= bool(body.lots and body.events)
            for line in (line for event in body.lines for line in event):
                needed = max((_measure(text, _NOTE_SIZE) for text in line), default=0.0)
                room[body.layer] = max(room[body.layer], _STUB, min(needed, _NOTE_TEXT) + 14)
        layers = []
        for count_, made_, room_ in zip(lots, made, room, strict=True):
            lot = _PAD + (_WIDE_LOT if count_ > _MANY_LOTS else _LOT)
            event = lot + (_FAN + _EVENT if made_ else 0.0)
            layers.append(_Layer(count_ > _MANY_LOTS, lot, event, room_, event + _PAD + room_))
        return layers

    def _unit(self, body: _Body) -> Unit:
        layer = self.layers[body.layer]
        least = _EVENT_ROW if body.lots else 0.0
        arrivals = []
        for event in body.lines:
            rows = [_row_height(lines) for lines in event]
            stretch = max(1.0, least / sum(rows))
            arrivals.append(tuple(row * stretch for row in rows))
        if body.lots:
            heights = tuple(self.lot_row(lot) for lot in body.lots)
        else:
            named = min(len(body.places), _NAMED_PLACES) + 1 if len(body.places) > 1 else 0
            heights = (_RECEIVER_ROW + named * _NAME_LINE,)
        return Unit(
            layer=body.layer,
            width=layer.width,
            departures=heights,
            arrivals=tuple(arrivals),
            group=self.group_of[body.places[0]] if body.lots else None,
        )

    def is_short(self, lot: int) -> bool:
        """Whether a lot gets one line: never the asked one."""
        return self.layers[self.chain.layers[lot]].short and not self.chain.lots[lot].asked

    def lot_row(self, lot: int) -> float:
        """The height of the row of a lot."""
        if self.is_short(lot):
            return _SHORT_ROW
        return _LOT_ROW + (_FLAG if self.chain.lots[lot].asked else 0.0)


class _Drawing:
    """A scene drawn from the back to the front."""

    def __init__(self, scene: _Scene) -> None:
        self.scene, self.chain, self.placement = scene, scene.chain, scene.placement
        self.parts: list[str] = []
        self.rights = [right for _, right in scene.placement.columns]

    def content(self) -> str:
        self._frames()
        for (route, arrival), path in zip(self.scene.routes, self.placement.paths, strict=True):
            self._line(route, arrival, path)
        for index, body in enumerate(self.scene.bodies):
            if body.lots:
                self._made(index, body)
            else:
                self._receiver(index, body)
        return "\n".join(self.parts)

    def _frames(self) -> None:
        lefts: dict[tuple[int, int], float] = {}
        for body in self.scene.bodies:
            if body.lots:
                layer = self.scene.layers[body.layer]
                key = (body.layer, self.scene.group_of[body.places[0]])
                inset = layer.event if body.events else layer.lot
                left = self.rights[body.layer] - inset - _PAD
                lefts[key] = min(left, lefts.get(key, left))
        for (number, group), (top, bottom) in sorted(self.placement.frames.items()):
            left, right = lefts[number, group], self.rights[number]
            known = self.chain.places.get(self.scene.groups[group])
            name, locality = self.chain.name(known.id if known else ""), ""
            if known:
                locality = printable(known.locality)
            else:
                name = "Source not known"
            room = right - left - 2 * _PAD
            text = _fit(name, 11, room, bold=True)
            label = f'<tspan font-weight="bold">{escape(text)}</tspan>'
            rest = room - _measure(text, 11, bold=True) - 12
            if locality and rest > 30:
                label += f'<tspan dx="8" fill="{_MUTED}">{escape(_fit(locality, 11, rest))}</tspan>'
            self.parts.append(
                _tipped(
                    f"{name}, {locality}" if locality else name,
                    _box(
                        left,
                        top,
                        right - left,
                        bottom - top,
                        radius=3,
                        fill=_GROUND,
                        stroke=_GROUND_EDGE,
                    )
                    + f'<text x="{_number(left + _PAD)}" y="{_number(top + 17)}" font-size="11">{label}</text>',
                )
            )

    def _line(self, route: Route, arrival: _Arrival, path: tuple[tuple[float, float], ...]) -> None:
        source, target = self.scene.bodies[route.source], self.scene.bodies[route.target]
        layer = self.scene.layers[target.layer]
        start = self.rights[source.layer] - _PAD
        end = self.rights[target.layer] - (layer.event if target.lots else layer.lot)
        steps = [f"M{_number(start)} {_number(path[0][1])}H{_number(path[0][0])}"]
        for (x, y), (to_x, to_y) in zip(path[::2], path[1::2], strict=True):
            steps.append(f"H{_number(x)}{_climb(x, y, to_x, to_y)}")
        steps.append(f"H{_number(end)}")
        colour = _ERROR if arrival.doubtful or arrival.back else _SENT if arrival.sent else _LINE
        dashes = ' stroke-dasharray="6 4"' if arrival.sent else ""
        width = 2.2 if arrival.doubtful or arrival.back else 1.4
        head = (
            _head(start, path[0][1], colour, back=True)
            if arrival.back
            else _head(end, path[-1][1], colour)
        )
        notes = self._notes(
            end - _PAD - layer.room + 8,
            path[-1][1],
            target.lines[route.rack][route.row],
        )
        self.parts.append(
            _tipped(
                self._route_text(route, arrival),
                f'<path d="{"".join(steps)}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>{head}{notes}',
            )
        )

    def _route_text(self, route: Route, arrival: _Arrival) -> str:
        source, target = self.scene.bodies[route.source], self.scene.bodies[route.target]
        names = [self._body_text(source, route.departure), self._body_text(target, None)]
        if arrival.back:
            names.reverse()
        return ": ".join([" to ".join(names), *[", ".join(arrival.notes)] * bool(arrival.notes)])

    def _body_text(self, body: _Body, row: int | None) -> str:
        if not body.lots:
            return ", ".join(map(self.chain.name, body.places[:_NAMED_PLACES]))
        lots = body.lots if row is None else body.lots[row : row + 1]
        return ", ".join(printable(self.chain.lots[lot].code) for lot in lots[:_NAMED_PLACES])

    def _notes(self, x: float, y: float, lines: tuple[str, ...]) -> str:
        above = (len(lines) + 1) // 2
        return "".join(
            _text(
                x,
                y - 4 - (above - 1 - n) * _NOTE_LINE
                if n < above
                else y + 10.5 + (n - above) * _NOTE_LINE,
                line,
                _NOTE_SIZE,
                _NOTE_TEXT,
                fill=_ERROR if line.startswith("!") else _INK,
            )
            for n, line in enumerate(lines)
        )

    def _made(self, index: int, body: _Body) -> None:
        layer, right = self.scene.layers[body.layer], self.rights[body.layer]
        x, lot_x = right - layer.event, right - layer.lot
        middles = self.placement.departures[index]
        for event, lines, rows in zip(
            body.events, body.lines, self.placement.arrivals[index], strict=True
        ):
            heights = [_row_height(row) for row in lines]
            stretch = max(1.0, _EVENT_ROW / sum(heights))
            height = sum(heights) * stretch - 8
            top = min(row - h * stretch / 2 for row, h in zip(rows, heights, strict=True)) + 4
            back = event.back
            colour = _ERROR if back else _LINE
            for middle in middles:
                start = min(max(middle, top + 8), top + height - 8)
                head = (
                    _head(x + _EVENT, start, colour, back=True)
                    if back
                    else _head(lot_x, middle, colour)
                )
                self.parts.append(
                    f'<path d="M{_number(x + _EVENT)} {_number(start)}{_climb(x + _EVENT, start, lot_x, middle)}" '
                    f'fill="none" stroke="{colour}" stroke-width="1.4"/>{head}'
                )
            middle = top + height / 2
            label = event.label or "Made"
            self.parts.append(
                _tipped(
                    " ".join(filter(None, (label, event.day))),
                    _box(x, top, _EVENT, height, radius=2, fill=_EVENT_GROUND, stroke=colour)
                    + _text(
                        x + _EVENT / 2,
                        middle - 3 if event.day else middle + 4,
                        label,
                        10.5,
                        _EVENT - 12,
                        bold=True,
                        anchor="middle",
                    )
                    + _text(
                        x + _EVENT / 2, middle + 11, event.day, 10.5, _EVENT - 12, anchor="middle"
                    ),
                )
            )
        for lot, middle in zip(body.lots, middles, strict=True):
            self._lot(lot, lot_x, middle, right - _PAD - lot_x)

    def _lot(self, number: int, x: float, middle: float, width: float) -> None:
        lot = self.chain.lots[number]
        code, product = printable(lot.code) or "no code", printable(lot.product)
        verb = "harvested" if lot.harvested_only else "made"
        made = f"{verb} {format_date(lot.created)}" if lot.created else ""
        again = "made from itself" if number in self.chain.circular else ""
        harvest = "harvested, no lot code yet" if lot.harvested_only else ""
        facts = " · ".join(filter(None, (again, printable(lot.quantity), made)))
        height = self.scene.lot_row(number) - (6 if self.scene.is_short(number) else 10)
        top = middle - height / 2
        drawn = ""
        if lot.asked:
            drawn = _box(x, top, 58, _FLAG + 4, radius=2, fill=_ASKED)
            drawn += _text(
                x + 29, top + 11.5, "ASKED", 10, 52, bold=True, fill=_PAPER, anchor="middle"
            )
            top, height = top + _FLAG, height - _FLAG
        ground = _ASKED_GROUND if lot.asked else _HARVEST if lot.harvested_only else _PAPER
        drawn += _box(
            x,
            top,
            width,
            height,
            radius=2,
            fill=ground,
            stroke=_ASKED if lot.asked else _LINE,
            line=3 if lot.asked else 1.1,
            dashes="1.5 2.5" if lot.harvested_only else "",
        )
        badges, badge_width = _badges(
            lot, x + width - 7, top + (5 if self.scene.is_short(number) else 7)
        )
        drawn += badges
        hops = f"{lot.hops:+d}" if lot.hops else ""
        if self.scene.is_short(number):
            room = width - 18 - badge_width
            drawn += _text(x + 9, top + 16, code, 11, room * 0.38, bold=True)
            drawn += _text(x + 9 + room * 0.4, top + 16, product or harvest, 10, room * 0.36)
            drawn += _text(
                x + 9 + room,
                top + 16,
                printable(lot.quantity),
                10,
                room * 0.22,
                anchor="end",
                fill=_MUTED,
            )
        else:
            room = width - 20
            drawn += _text(x + 10, top + 19, product or "Product not known", 11, room - badge_width)
            drawn += _text(x + 10, top + 38, code, 14, room, bold=True)
            drawn += _text(x + 10, top + 56, facts or harvest, 10, room - 28, fill=_MUTED)
            drawn += _text(x + width - 9, top + 56, hops, 10, 26, fill=_MUTED, anchor="end")
        where = self.chain.name(lot.place) if lot.place else "source not known"
        found = _found(lot)
        tip = "\n".join(
            filter(None, (product, f"lot {code}", where, facts, harvest, found, printable(lot.id)))
        )
        self.parts.append(_tipped(tip, drawn))

    def _receiver(self, index: int, body: _Body) -> None:
        layer, right = self.scene.layers[body.layer], self.rights[body.layer]
        x, width = right - layer.lot, layer.lot - _PAD
        row = self.placement.departures[index][0]
        heights = sum(_row_height(lines) for lines in body.lines[0])
        names = [self.chain.name(place_id) for place_id in body.places]
        several = len(names) > 1
        shown = _NAMED_PLACES + 1 if several else 0
        height = max(heights, _RECEIVER_ROW + shown * _NAME_LINE) - 8
        top = row - height / 2
        drawn = (
            _box(x + 4, top + 4, width - 4, height - 1, radius=14, fill=_PAPER, stroke=_SENT)
            if several
            else ""
        )
        drawn += _box(
            x,
            top,
            width - (4 if several else 0),
            height,
            radius=14,
            fill=_PAPER,
            stroke=_SENT,
            line=1.4,
        )
        room = width - 28
        if several:
            first = row - shown * _NAME_LINE / 2 + 2
            drawn += _text(x + 14, first, f"→ {len(names)} places", 12, room, bold=True)
            lines = [*names[:_NAMED_PLACES], f"and {len(names) - _NAMED_PLACES} more"]
            for number, line in enumerate(lines, 1):
                drawn += _text(x + 14, first + 2 + number * _NAME_LINE, line, 10, room, fill=_MUTED)
        else:
            known = self.chain.places.get(body.places[0])
            locality = printable(known.locality) if known else ""
            drawn += _text(
                x + 14, row - 3 if locality else row + 4, names[0], 11.5, room, bold=True
            )
            drawn += _text(x + 14, row + 12, locality, 10, room, fill=_MUTED)
        self.parts.append(_tipped("\n".join(names), drawn))


def svg(diagram: Diagram) -> str:
    """The picture as an SVG document of its own, in ASCII, with nothing to load or to run.

    Whatever the texts of the diagram hold, the document is well-formed; a text that does not fit
    is shortened and there in full when pointed at. The same diagram gives the same document.
    """
    drawing = _Drawing(_Scene(_Chain(diagram)))
    content = drawing.content()
    width = max(_LEAST_WIDTH, drawing.rights[-1] if drawing.rights else 0.0)
    title, subtitle = printable(diagram.title), printable(diagram.subtitle)
    head = _text(0, 18, title, 20, width, bold=True) + _text(
        0, 38, subtitle, 12, width, fill=_MUTED
    )
    top = 58.0
    if diagram.truncated:
        warning = "! This picture is incomplete: a limit was reached"
        head += _box(
            0,
            top - 8,
            _measure(warning, 12, bold=True) + 24,
            26,
            radius=2,
            fill=_WARNING,
            stroke=_WARNING_INK,
        )
        head += _text(12, top + 9.5, warning, 12, width, bold=True, fill=_WARNING_INK)
        top += 34
    if not diagram.lots:
        content = _text(0, 20, "No lots", 12, width)
    height = top + max(drawing.placement.height, 30) + 30
    legend, legend_height = _legend(diagram, width)
    total_width, total_height = width + 2 * _EDGE, height + legend_height + 2 * _EDGE
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(total_width)}" height="{_number(total_height)}" '
        f'viewBox="0 0 {_number(total_width)} {_number(total_height)}" role="img" '
        f'font-family="Helvetica, Arial, sans-serif" fill="{_INK}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<path fill="{_PAPER}" d="M0 0H{_number(total_width)}V{_number(total_height)}H0z"/>\n'
        f"{_moved(_EDGE, _EDGE, head)}\n{_moved(_EDGE, _EDGE + top, content)}\n"
        f"{_moved(_EDGE, _EDGE + height, legend)}\n</svg>\n"
    )
    return document.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _legend(diagram: Diagram, width: float) -> tuple[str, float]:
    """What the signs mean, as many beside each other as there is room for, and its height."""
    lots = diagram.lots
    line = f'<path d="M0 0H34" stroke="{_LINE}" stroke-width="1.4"/>' + _head(36, 0, _LINE)
    sent = (
        f'<path d="M0 0H34" stroke="{_SENT}" stroke-width="1.4" stroke-dasharray="6 4"/>'
        + _head(36, 0, _SENT)
    )
    doubt = f'<path d="M0 0H34" stroke="{_ERROR}" stroke-width="2.2"/>' + _head(36, 0, _ERROR)
    signs = [
        (
            True,
            _box(0, -8, 36, 16, radius=3, fill=_GROUND, stroke=_GROUND_EDGE),
            "place that assigned the codes (source)",
        ),
        (
            True,
            _box(0, -8, 36, 16, radius=2, fill=_PAPER, stroke=_LINE, line=1.1),
            "lot: product, traceability lot code, quantity",
        ),
        (
            any(lot.asked for lot in lots),
            _box(0, -8, 36, 16, radius=2, fill=_ASKED_GROUND, stroke=_ASKED, line=3),
            "the lot asked for",
        ),
        (
            any(lot.harvested_only for lot in lots),
            _box(0, -8, 36, 16, radius=2, fill=_HARVEST, stroke=_LINE, line=1.1, dashes="1.5 2.5"),
            "harvested, no lot code yet",
        ),
        (
            bool(diagram.shipments),
            _box(0, -8, 36, 16, radius=8, fill=_PAPER, stroke=_SENT, line=1.4),
            "place that received",
        ),
        (bool(diagram.links), line, "went into"),
        (bool(diagram.shipments), sent, "was shipped"),
        (any(link.doubtful for link in diagram.links), doubt, "dates contradict each other"),
        (
            any(lot.hops for lot in lots),
            _text(18, 4, "-1  +1", 10, 40, fill=_MUTED, anchor="middle"),
            "transformations before and after the asked lot",
        ),
        (
            any(lot.errors for lot in lots),
            _badge(36, -7, "! 1", error=True)[0],
            "errors in its records",
        ),
        (
            any(lot.warnings for lot in lots),
            _badge(36, -7, "! 1", error=False)[0],
            "warnings in its records",
        ),
    ]
    drawn = [f'<path d="M0 0H{_number(width)}" stroke="{_GROUND_EDGE}"/>']
    x, y = 0.0, 24.0
    for used, sign, meaning in signs:
        if not used:
            continue
        room = 46 + _measure(meaning, 10) + 22
        if x and x + room > width:
            x, y = 0.0, y + 24
        drawn.append(_moved(x, y, sign + _text(46, 3.5, meaning, 10, 400)))
        x += room
    return "".join(drawn), y + 8


def _badges(lot: DiagramLot, right: float, top: float) -> tuple[str, float]:
    """The counts of findings, ending at `right`, and the width that they take."""
    drawn, taken = "", 0.0
    for count, error in ((lot.warnings, False), (lot.errors, True)):
        if count:
            badge, width = _badge(right - taken, top, f"! {min(count, 9999)}", error=error)
            drawn, taken = drawn + badge, taken + width + 4
    return drawn, taken


def _badge(right: float, top: float, text: str, *, error: bool) -> tuple[str, float]:
    # In black and white: errors are white on dark, warnings dark on light with an outline.
    width = _measure(text, 9.5, bold=True) + 10
    box = _box(
        right - width,
        top,
        width,
        14,
        radius=2 if error else 7,
        fill=_ERROR if error else _WARNING,
        stroke=_ERROR if error else _WARNING_INK,
    )
    ink = _PAPER if error else _WARNING_INK
    return box + _text(
        right - width / 2, top + 10.5, text, 9.5, width, bold=True, fill=ink, anchor="middle"
    ), width


def _found(lot: DiagramLot) -> str:
    errors = f"{lot.errors} errors" if lot.errors != 1 else "1 error"
    warnings = f"{lot.warnings} warnings" if lot.warnings != 1 else "1 warning"
    return ", ".join(
        text for text, count in ((errors, lot.errors), (warnings, lot.warnings)) if count
    )


def _row_height(lines: Sequence[str]) -> float:
    """The height of the row of a line that ends with so much text, half of it on each side."""
    return 2 * _NOTE_LINE * ((len(lines) + 1) // 2) + 8


def _pack(parts: Iterable[str], width: float) -> tuple[str, ...]:
    """`parts` in as few lines as their order and `width` allow."""
    lines: list[str] = []
    for part in parts:
        together = f"{lines[-1]} · {part}" if lines else part
        if (
            lines
            and not lines[-1].startswith("!")
            and _fit(together, _NOTE_SIZE, width) == together
        ):
            lines[-1] = together
        else:
            lines.append(part)
    return tuple(lines)


def _fit(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """`text`, or as much of its start as fits into `width` with an ellipsis.

    Widths are those of the widest of the common sans-serif fonts: which one there is, is unknown.
    """
    taken, fitting = 0.0, 0
    factor = size * (1.1 if bold else 1.0)
    for index, character in enumerate(text):
        taken += _advance(character) * factor
        if taken <= width - 0.9 * factor:
            fitting = index + 1
        if taken > width:
            return text[:fitting].rstrip() + "…"
    return text


def _measure(text: str, size: float, *, bold: bool = False) -> float:
    return sum(map(_advance, text)) * size * (1.1 if bold else 1.0)


def _advance(character: str) -> float:
    if character in _NARROW:
        return 0.38
    if character in _WIDE:
        return 1.0
    if character.isascii():
        return 0.72 if character.isupper() else 0.62
    return 0.66 if character < "\u0250" or character in "…→" else 1.1


def _tipped(tip: str, drawn: str) -> str:
    return f"<g><title>{escape(tip)}</title>{drawn}</g>"


def _moved(x: float, y: float, drawn: str) -> str:
    return f'<g transform="translate({_number(x)} {_number(y)})">{drawn}</g>'


def _box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    radius: float,
    fill: str,
    stroke: str = "none",
    line: float = 1,
    dashes: str = "",
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}" rx="{_number(radius)}" fill="{fill}" stroke="{stroke}" stroke-width="{_number(line)}"{dashed}/>'


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    width: float,
    *,
    bold: bool = False,
    fill: str = _INK,
    anchor: str = "start",
) -> str:
    """One line of text at its baseline, shortened to `width`."""
    if not text:
        return ""
    weight = ' font-weight="bold"' if bold else ""
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}" fill="{fill}"{weight}{anchored}>{escape(_fit(text, size, width, bold=bold))}</text>'


def _climb(x: float, y: float, to_x: float, to_y: float) -> str:
    """A curve that leaves and arrives level and stays between its ends."""
    if abs(y - to_y) < 0.05:
        return f"H{_number(to_x)}"
    middle = _number((x + to_x) / 2)
    return f"C{middle} {_number(y)} {middle} {_number(to_y)} {_number(to_x)} {_number(to_y)}"


def _head(x: float, y: float, colour: str, *, back: bool = False) -> str:
    """The head of an arrow whose point is at (x, y)."""
    length = 7 if back else -7
    return f'<path d="M{_number(x)} {_number(y)}l{length} -3.5v7z" fill="{colour}"/>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
