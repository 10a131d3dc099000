"""The genealogy of a lot for other programs: as Graphviz DOT and as JSON."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from attrs import asdict

from closient_export.trace.diagram import (
    Delivery,
    Diagram,
    DiagramLot,
    DiagramPlace,
    deliveries,
    format_date,
    printable,
)

__all__ = ["dot", "to_json_text"]

_LONGEST_LINE = 120
"""How many characters of a text Graphviz gets: it limits the length of what it reads."""


def dot(diagram: Diagram) -> str:
    """The diagram as a directed graph in the DOT language of Graphviz.

    Lots are boxes in a cluster for the place that assigned their codes; places are nodes once more
    where something was shipped to them or onward from them. The same lots, places, links and
    shipments give the same text, in whichever order they come.
    """
    return "\n".join(_DotGraph(diagram).lines()) + "\n"


def to_json_text(diagram: Diagram) -> str:
    """The diagram as a JSON object, in ASCII, with the names of its attributes as keys.

    Dates are ISO 8601, keys and lists are sorted, and what is no Unicode text, a lone surrogate, is
    replaced: the same lots, places, links and shipments give the same text.
    """
    content: dict[str, Any] = asdict(diagram, value_serializer=_json_value)
    for name in ("lots", "places", "links", "shipments"):
        content[name] = sorted(content[name], key=_sort_key)
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def _json_value(_instance: object, _attribute: object, value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _sort_key(part: dict[str, Any]) -> tuple[str, str]:
    return part.get("id", ""), json.dumps(part, sort_keys=True)


class _DotGraph:
    """The statements of a DOT graph. Nodes have numbers, since an id may be any text."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.lots = sorted(diagram.lots, key=lambda lot: lot.id)
        self.places = sorted(diagram.places, key=lambda place: place.id)
        self.lot_nodes = {lot.id: f"lot{number}" for number, lot in enumerate(self.lots, 1)}
        self.place_nodes = {
            place.id: f"place{number}" for number, place in enumerate(self.places, 1)
        }
        self.by_place: dict[str, list[DiagramLot]] = {}
        for lot in self.lots:
            self.by_place.setdefault(lot.place, []).append(lot)
        self.by_id = {lot.id: lot for lot in self.lots}
        self.deliveries = deliveries(diagram.shipments)

    def lines(self) -> Iterator[str]:
        yield "digraph genealogy {"
        truncated = "This picture is incomplete: a limit was reached" * self.diagram.truncated
        title = _quoted(self.diagram.title, self.diagram.subtitle, truncated)
        yield f'  graph [rankdir=LR, labelloc=t, fontname="Helvetica", label={title}];'
        yield '  node [shape=box, fontname="Helvetica", fontsize=11];'
        yield '  edge [fontname="Helvetica", fontsize=9];'
        yield from self._lot_lines()
        yield from self._place_lines()
        yield from self._link_lines()
        for delivery in self.deliveries:
            yield self._delivery_line(delivery)
        yield "}"

    def _lot_lines(self) -> Iterator[str]:
        for lot in self.by_place.get("", ()):
            yield f"  {self._lot_node(lot)}"
        for place in self.places:
            lots = self.by_place.get(place.id, ())
            if lots:
                yield f"  subgraph cluster_{self.place_nodes[place.id]} {{"
                yield f'    graph [style=filled, color="#f2f4f6", label={_place_label(place)}];'
                for lot in lots:
                    yield f"    {self._lot_node(lot)}"
                yield "  }"

    def _lot_node(self, lot: DiagramLot) -> str:
        asked = "ASKED" if lot.asked else ""
        found = " ".join(
            f"! {word}: {count}"
            for count, word in ((lot.errors, "errors"), (lot.warnings, "warnings"))
            if count
        )
        verb = "harvested" if lot.harvested_only else "made"
        created = f"{verb} {format_date(lot.created)}" if lot.created else ""
        harvested = "no lot code yet" if lot.harvested_only else ""
        label = _quoted(asked, lot.product, lot.code, lot.quantity, created, harvested, found)
        style = "penwidth=3, " if lot.asked else ""
        fill = "#e4eef8" if lot.asked else "#faf3dd" if lot.harvested_only else "#ffffff"
        return (
            f'{self.lot_nodes[lot.id]} [style=filled, {style}fillcolor="{fill}", '
            f"label={label}, tooltip={_quoted(lot.id)}];"
        )

    def _place_lines(self) -> Iterator[str]:
        used = {delivery.destination for delivery in self.deliveries}
        used |= {self._sender(delivery) for delivery in self.deliveries}
        for place in self.places:
            if place.id in used:
                label = _place_label(place)
                yield f"  {self.place_nodes[place.id]} [style=rounded, label={label}];"
        if any(not delivery.destination for delivery in self.deliveries):
            yield '  place0 [style=rounded, label="Place not known"];'

    def _link_lines(self) -> Iterator[str]:
        lines = []
        for link in self.diagram.links:
            day = format_date(link.date) if link.date else ""
            doubt = "! dates contradict" if link.doubtful else ""
            label = _quoted(link.label, day, link.quantity, doubt)
            style = ', color="#a8201a", penwidth=2' if link.doubtful else ""
            ends = f"{self.lot_nodes[link.source]} -> {self.lot_nodes[link.target]}"
            lines.append(f"  {ends} [label={label}{style}];")
        return iter(sorted(lines))

    def _sender(self, delivery: Delivery) -> str:
        """The place that a delivery starts at, or nothing where it starts at the lot itself."""
        at_home = delivery.origin == self.by_id[delivery.lot].place
        return "" if at_home else delivery.origin

    def _delivery_line(self, delivery: Delivery) -> str:
        sender = self._sender(delivery)
        source = self.place_nodes[sender] if sender else self.lot_nodes[delivery.lot]
        label = _quoted(
            f"lot {self.by_id[delivery.lot].code}" if sender else "",
            delivery.quantity,
            f"{delivery.count} shipments" if delivery.count > 1 else "",
            f"shipped {delivery.shipped}" if delivery.shipped else "",
            f"received {delivery.received}" if delivery.received else "",
        )
        target = self.place_nodes.get(delivery.destination, "place0")
        return f"  {source} -> {target} [style=dashed, label={label}];"


def _place_label(place: DiagramPlace) -> str:
    return _quoted(place.name or place.id, place.locality)


def _quoted(*lines: str) -> str:
    """The lines that are not empty as a quoted string, where no character has a meaning."""
    return '"' + "\\n".join(_escaped(lines)) + '"'


def _escaped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        text = printable(line)
        if len(text) > _LONGEST_LINE:
            text = text[: _LONGEST_LINE - 1] + "…"
        if text:
            # Graphviz reads character references and, in labels, escapes such as \N.
            text = text.replace("&", "&amp;").replace("\\", "\\\\")
            yield text.replace('"', '\\"')
