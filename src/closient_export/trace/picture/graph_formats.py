"""The genealogy of a lot for other programs: as Graphviz DOT and as JSON."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from attrs import asdict

from closient_export.trace.picture.diagram import (
    INCOMPLETE,
    Diagram,
    DiagramLink,
    DiagramLot,
    DiagramPlace,
)
from closient_export.trace.picture.flows import Flow, flows
from closient_export.trace.picture.text import format_date, printable

__all__ = ["dot", "to_json_text"]

_LONGEST_LINE = 120
"""How many characters of a text Graphviz gets: it limits the length of what it reads."""


def dot(diagram: Diagram) -> str:
    """The diagram as a directed graph in the DOT language of Graphviz.

    Lots are boxes in a cluster for the place that assigned their codes; places are nodes once more
    where something was shipped to them or onward from them. The same lots, places, links and
    shipments give the same text, in whichever order they come.
    """
    return "\n".join(_DotGraph(diagram).statements()) + "\n"


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
        self.lots = {lot.id: lot for lot in sorted(diagram.lots, key=lambda lot: lot.id)}
        self.places = sorted(diagram.places, key=lambda place: place.id)
        self.lot_nodes = {lot: f"lot{number}" for number, lot in enumerate(self.lots, 1)}
        self.place_nodes = {place.id: f"place{n}" for n, place in enumerate(self.places, 1)}
        self.flows = flows(diagram.shipments)

    def statements(self) -> Iterator[str]:
        yield "digraph genealogy {"
        title = _quoted(
            self.diagram.title, self.diagram.subtitle, INCOMPLETE * self.diagram.truncated
        )
        yield f'  graph [rankdir=LR, labelloc=t, fontname="Helvetica", label={title}];'
        yield '  node [shape=box, fontname="Helvetica", fontsize=11];'
        yield '  edge [fontname="Helvetica", fontsize=9];'
        yield from self._lot_nodes()
        yield from self._place_nodes()
        yield from sorted(map(self._link, self.diagram.links))
        yield from map(self._flow, self.flows)
        yield "}"

    def _lot_nodes(self) -> Iterator[str]:
        by_place: dict[str, list[str]] = {}
        for lot in self.lots.values():
            by_place.setdefault(lot.place, []).append(self._lot(lot))
        for node in by_place.get("", ()):
            yield f"  {node}"
        for place in self.places:
            if place.id in by_place:
                yield f"  subgraph cluster_{self.place_nodes[place.id]} {{"
                yield f'    graph [style=filled, color="#f2f4f6", label={_place_label(place)}];'
                for node in by_place[place.id]:
                    yield f"    {node}"
                yield "  }"

    def _lot(self, lot: DiagramLot) -> str:
        counts = ((lot.errors, "errors"), (lot.warnings, "warnings"))
        label = _quoted(
            "ASKED" if lot.asked else "",
            lot.product,
            lot.code,
            lot.quantity,
            lot.made,
            "no lot code yet" if lot.harvested_only else "",
            " ".join(f"! {word}: {count}" for count, word in counts if count),
        )
        style = "penwidth=3, " if lot.asked else ""
        fill = "#e4eef8" if lot.asked else "#faf3dd" if lot.harvested_only else "#ffffff"
        return (
            f'{self.lot_nodes[lot.id]} [style=filled, {style}fillcolor="{fill}", '
            f"label={label}, tooltip={_quoted(lot.id)}];"
        )

    def _place_nodes(self) -> Iterator[str]:
        used = {end for flow in self.flows for end in (self._sender(flow), flow.destination)}
        for place in self.places:
            if place.id in used:
                label = _place_label(place)
                yield f"  {self.place_nodes[place.id]} [style=rounded, label={label}];"
        if any(not flow.destination for flow in self.flows):
            yield '  place0 [style=rounded, label="Place not known"];'

    def _link(self, link: DiagramLink) -> str:
        doubt = "! dates contradict" if link.doubtful else ""
        label = _quoted(link.label, format_date(link.date), link.quantity, doubt)
        style = ', color="#a8201a", penwidth=2' if link.doubtful else ""
        ends = f"{self.lot_nodes[link.source]} -> {self.lot_nodes[link.target]}"
        return f"  {ends} [label={label}{style}];"

    def _flow(self, flow: Flow) -> str:
        sender = self._sender(flow)
        code = f"lot {self.lots[flow.lot].code}" if sender else ""
        label = _quoted(code, flow.quantity, flow.count, flow.shipped, flow.received)
        source = self.place_nodes[sender] if sender else self.lot_nodes[flow.lot]
        target = self.place_nodes.get(flow.destination, "place0")
        return f"  {source} -> {target} [style=dashed, label={label}];"

    def _sender(self, flow: Flow) -> str:
        """The place that a flow starts at, or nothing where it starts at the lot itself."""
        return "" if flow.origin == self.lots[flow.lot].place else flow.origin


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
