"""A scene drawn from the back to the front: frames, lines, cards."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from closient_export.trace.picture.cards import lot_card, making_card, receiver_card
from closient_export.trace.picture.chain import Arrival
from closient_export.trace.picture.scene import MAKING, NAMED_PLACES, PAD, ROW_GAP, Body, Scene
from closient_export.trace.picture.shapes import (
    ERROR,
    GROUND,
    GROUND_EDGE,
    LINE,
    MUTED,
    SENT,
    arrow,
    box,
    climb,
    linked,
    number,
    tipped,
)
from closient_export.trace.picture.text import fit, measure, printable
from closient_export.trace.picture.units import Route

__all__ = ["draw"]


def draw(scene: Scene, addresses: Mapping[str, str]) -> str:
    """The scene as SVG elements, from its upper left corner at (0, 0).

    Args:
        scene: What is drawn.
        addresses: Where lots link to, by their ids.
    """
    return "\n".join(_Drawing(scene, addresses).parts())


class _Drawing:
    def __init__(self, scene: Scene, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses
        self.scene, self.chain, self.placement = scene, scene.chain, scene.placement

    def parts(self) -> Iterator[str]:
        made = {
            (body.layer, body.places[0]) for body in self.scene.bodies if body.lots and body.makings
        }
        for (layer, place_id), (top, bottom) in sorted(self.placement.frames.items()):
            column, right = self.scene.columns[layer], self.scene.rights[layer]
            inset = column.making if (layer, place_id) in made else column.lot
            yield self._frame(place_id, right - inset - PAD, right, top, bottom)
        for (route, arrival), path in zip(self.scene.lines, self.placement.paths, strict=True):
            yield self._line(route, arrival, path)
        for index, body in enumerate(self.scene.bodies):
            if body.lots:
                yield from self._makings(index, body)
                yield from self._lots(index, body)
            else:
                yield self._receiver(index, body)

    def _frame(self, place_id: str, left: float, right: float, top: float, bottom: float) -> str:
        place = self.chain.places.get(place_id)
        name = self.chain.name(place_id) if place else "Source not known"
        locality = printable(place.locality) if place else ""
        room = right - left - 2 * PAD
        text = fit(name, 11, room, bold=True)
        label = f'<tspan font-weight="bold">{escape(text)}</tspan>'
        rest = room - measure(text, 11, bold=True) - 12
        if locality and rest > 30:
            label += f'<tspan dx="8" fill="{MUTED}">{escape(fit(locality, 11, rest))}</tspan>'
        size = (left, top, right - left, bottom - top)
        return tipped(
            f"{name}, {locality}" if locality else name,
            box(*size, radius=3, fill=GROUND, stroke=GROUND_EDGE)
            + f'<text x="{number(left + PAD)}" y="{number(top + 17)}" font-size="11">{label}</text>',
        )

    def _line(self, route: Route, arrival: Arrival, path: tuple[tuple[float, float], ...]) -> str:
        source, target = self.scene.bodies[route.source], self.scene.bodies[route.target]
        column = self.scene.columns[target.layer]
        start = self.scene.rights[source.layer] - PAD
        end = self.scene.rights[target.layer] - (column.making if target.lots else column.lot)
        steps = [f"M{number(start)} {number(path[0][1])}H{number(path[0][0])}"]
        for (x, y), (to_x, to_y) in zip(path[::2], path[1::2], strict=True):
            steps.append(f"H{number(x)}{climb(x, y, to_x, to_y)}")
        steps.append(f"H{number(end)}")
        wrong = arrival.doubtful or arrival.back
        drawn = arrow(
            "".join(steps),
            start if arrival.back else end,
            path[0 if arrival.back else -1][1],
            ERROR if wrong else SENT if arrival.sent else LINE,
            width=2.2 if wrong else 1.4,
            dashed=arrival.sent,
            back=arrival.back,
        )
        ends = [self._names(source, route.departure), self._names(target)]
        if arrival.back:
            ends.reverse()
        facts = ", ".join(arrival.note.facts)
        return tipped(
            ": ".join(filter(None, (" to ".join(ends), facts))),
            drawn + arrival.note.drawn(end - PAD - column.room + 8, path[-1][1]),
        )

    def _names(self, body: Body, row: int | None = None) -> str:
        """What to call a body, or one row of it."""
        if not body.lots:
            return ", ".join(map(self.chain.name, body.places[:NAMED_PLACES]))
        lots = body.lots if row is None else body.lots[row : row + 1]
        return ", ".join(printable(self.chain.lots[lot].code) for lot in lots[:NAMED_PLACES])

    def _makings(self, index: int, body: Body) -> Iterator[str]:
        column, right = self.scene.columns[body.layer], self.scene.rights[body.layer]
        left, to_x = right - column.making, right - column.lot
        x = left + MAKING
        racks = zip(
            body.makings,
            self.scene.units[index].arrivals,
            self.placement.arrivals[index],
            strict=True,
        )
        for making, heights, middles in racks:
            height = sum(heights) - ROW_GAP
            rows = zip(middles, heights, strict=True)
            top = min(middle - row / 2 for middle, row in rows) + ROW_GAP / 2
            for to_y in self.placement.departures[index]:
                y = min(max(to_y, top + 8), top + height - 8)
                path = f"M{number(x)} {number(y)}{climb(x, y, to_x, to_y)}"
                if making.back:
                    yield arrow(path, x, y, ERROR, back=True)
                else:
                    yield arrow(path, to_x, to_y, LINE)
            yield making_card(making, x=left, top=top, height=height)

    def _lots(self, index: int, body: Body) -> Iterator[str]:
        column = self.scene.columns[body.layer]
        place = self.chain.name(body.places[0]) if body.places[0] else "source not known"
        rows = zip(
            body.lots,
            self.scene.units[index].departures,
            self.placement.departures[index],
            strict=True,
        )
        for lot, row, middle in rows:
            card = lot_card(
                self.chain.lots[lot],
                place=place,
                circular=lot in self.chain.circular,
                short=self.scene.is_short(lot),
                x=self.scene.rights[body.layer] - column.lot,
                middle=middle,
                width=column.lot - PAD,
                row=row,
            )
            yield linked(self.addresses.get(self.chain.lots[lot].id, ""), card)

    def _receiver(self, index: int, body: Body) -> str:
        column = self.scene.columns[body.layer]
        return receiver_card(
            [self.chain.name(place_id) for place_id in body.places],
            self.chain.places.get(body.places[0]),
            x=self.scene.rights[body.layer] - column.lot,
            middle=self.placement.departures[index][0],
            width=column.lot - PAD,
            row=self.scene.units[index].height,
        )
