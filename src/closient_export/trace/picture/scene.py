"""The chain as boxes, each with its size and its place."""

from collections.abc import Sequence
from typing import NamedTuple

from closient_export.trace.picture.chain import Arrival, Chain, Making
from closient_export.trace.picture.layout import place
from closient_export.trace.picture.names import LOT, product_lines
from closient_export.trace.picture.units import Route, Unit

__all__ = [
    "MAKING",
    "NAMED_PLACES",
    "NAME_LINE",
    "PAD",
    "PRODUCT_LINE",
    "ROW_GAP",
    "TAB",
    "Body",
    "Column",
    "Scene",
]

NAMED_PLACES = 4
"""How many of several places or lots are named."""
_MANY_LOTS = 40
"""In a layer of more lots than this, each gets one line."""

# Lengths are CSS pixels.
PAD = 12.0
"""The room left and right of a lot in its frame."""
MAKING, _FAN = 126.0, 44.0
"""The width of the box of a transformation, and the room between it and the lots that it made."""
TAB = 15.0
"""The height of the tab of the asked lot."""
NAME_LINE = 14.0
PRODUCT_LINE = 13.0
ROW_GAP = 8.0
"""How much of the height of a row stays free."""
_WIDE_LOT = 470.0
_LOT_ROW, _SHORT_ROW, _RECEIVER_ROW, _MAKING_ROW = 76.0, 30.0, 50.0, 46.0
_STUB = 26.0
"""The least room for an arriving line."""


class Body(NamedTuple):
    """What a unit of the layout shows: lots that were made together, or a receiver."""

    layer: int
    lots: tuple[int, ...]
    """Their numbers; none for a receiver."""
    places: tuple[str, ...]
    """Where the lots got their codes, or who received."""
    makings: tuple[Making, ...]


class Column(NamedTuple):
    """What the bodies of a layer have in common. Lengths are counted from its right edge."""

    short: bool
    """Whether lots get one line each."""
    made: bool
    """Whether there are transformations."""
    room: float
    """The width for arriving lines and their notes."""

    @property
    def lot(self) -> float:
        """The left edge of lots and receivers."""
        return PAD + (_WIDE_LOT if self.short else LOT)

    @property
    def making(self) -> float:
        """The left edge of transformations."""
        return self.lot + (_FAN + MAKING if self.made else 0.0)

    @property
    def width(self) -> float:
        """All of it."""
        return self.making + PAD + self.room


class Scene:
    """The chain as bodies with their placement."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.bodies: list[Body] = []
        self._ends: dict[int, tuple[int, int]] = {}
        """The body of each node, and its row there."""
        self._gather_lots()
        self._gather_receivers()
        layers: dict[int, list[Body]] = {}
        for body in self.bodies:
            layers.setdefault(body.layer, []).append(body)
        self.columns = [_column(bodies) for _, bodies in sorted(layers.items())]
        self.units = [self._unit(body) for body in self.bodies]
        self.lines: list[tuple[Route, Arrival]] = []
        for target in range(len(self.bodies)):
            self._lead_lines(target)
        self.placement = place(self.units, [route for route, _ in self.lines])
        self.rights = [right for _, right in self.placement.columns]

    def is_short(self, lot: int) -> bool:
        """Whether a lot gets one line: never the asked one."""
        return self.columns[self.chain.layers[lot]].short and not self.chain.lots[lot].asked

    def _gather_lots(self) -> None:
        together: dict[tuple[int, str, tuple[Making, ...]], list[int]] = {}
        for number, lot in enumerate(self.chain.lots):
            key = (self.chain.layers[number], lot.place, self.chain.makings[number])
            together.setdefault(key, []).append(number)
        for (layer, place_id, makings), lots in together.items():
            self._ends |= {lot: (len(self.bodies), row) for row, lot in enumerate(lots)}
            self.bodies.append(Body(layer, tuple(lots), (place_id,), makings))

    def _gather_receivers(self) -> None:
        together: dict[tuple[int, tuple[str, ...], int], list[int]] = {}
        for node, places in enumerate(self.chain.receivers, len(self.chain.lots)):
            alone = len(places) > 1 or places == ("",)
            key = (self.chain.layers[node], places, node if alone else -1)
            together.setdefault(key, []).append(node)
        for (layer, places, _), nodes in together.items():
            self._ends |= dict.fromkeys(nodes, (len(self.bodies), 0))
            makings = [making for node in nodes for making in self.chain.makings[node]]
            arrivals = tuple(arrival for making in makings for arrival in making.arrivals)
            self.bodies.append(Body(layer, (), places, (Making("", "", False, arrivals),)))

    def _unit(self, body: Body) -> Unit:
        if body.lots:
            heights = tuple(map(self._lot_height, body.lots))
        else:
            named = NAMED_PLACES + 1 if len(body.places) > 1 else 0
            heights = (_RECEIVER_ROW + named * NAME_LINE,)
        return Unit(
            layer=body.layer,
            width=self.columns[body.layer].width,
            departures=heights,
            arrivals=tuple(
                _rows(making.arrivals, _MAKING_ROW if body.lots else 0.0) for making in body.makings
            ),
            group=body.places[0] if body.lots else None,
        )

    def _lot_height(self, lot: int) -> float:
        if self.is_short(lot):
            return _SHORT_ROW
        known = self.chain.lots[lot]
        height = _LOT_ROW + (TAB if known.asked else 0.0)
        return height + (PRODUCT_LINE if product_lines(known)[1] else 0.0)

    def _lead_lines(self, target: int) -> None:
        for rack, making in enumerate(self.bodies[target].makings):
            for row, arrival in enumerate(making.arrivals):
                source, departure = self._ends[arrival.source]
                # Lines that look alike run together; one that goes back stays alone.
                trunk = arrival.sent + 2 * arrival.doubtful
                route = Route(
                    source=source,
                    departure=departure,
                    target=target,
                    rack=rack,
                    row=row,
                    trunk=4 + len(self.lines) if arrival.back else trunk,
                )
                self.lines.append((route, arrival))


def _column(bodies: Sequence[Body]) -> Column:
    makings = [making for body in bodies for making in body.makings]
    notes = [arrival.note for making in makings for arrival in making.arrivals]
    return Column(
        short=sum(len(body.lots) for body in bodies) > _MANY_LOTS,
        made=any(body.lots and body.makings for body in bodies),
        room=max((max(_STUB, note.width + 14) for note in notes), default=0.0),
    )


def _rows(arrivals: Sequence[Arrival], least: float) -> tuple[float, ...]:
    """The heights of the rows of arrivals, stretched to be `least` together."""
    rows = [arrival.note.height for arrival in arrivals]
    stretch = max(1.0, least / sum(rows))
    return tuple(row * stretch for row in rows)
