"""The genealogy of a food lot, drawn: as an SVG picture, as a Graphviz graph, as JSON.

All three are made of a `Diagram`, and the same diagram gives the same text.
"""

from closient_export.trace.picture.diagram import (
    Diagram,
    DiagramLink,
    DiagramLot,
    DiagramPlace,
    DiagramShipment,
)
from closient_export.trace.picture.graph_formats import dot, to_json_text
from closient_export.trace.picture.page import svg

__all__ = [
    "Diagram",
    "DiagramLink",
    "DiagramLot",
    "DiagramPlace",
    "DiagramShipment",
    "dot",
    "svg",
    "to_json_text",
]
