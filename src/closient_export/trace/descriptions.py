"""Descriptions of all places and products of a graph, asked for at once."""

from collections.abc import Iterable, Mapping

from closient_export.epcis import Event, class_of, lot_code
from closient_export.master_data import LocationDescription, ProductDescription, merged
from closient_export.ports import MasterData
from closient_export.trace.extensions import claimed_source
from closient_export.trace.graph import LotGraph

__all__ = ["Descriptions", "site_of"]


def site_of(place: str) -> str:
    """The location that a place is part of: its GLN without the extension.

    >>> site_of("https://id.gs1.org/414/0614141073467/254/DOCK-5")
    'https://id.gs1.org/414/0614141073467'
    """
    return place.partition("/254/")[0] if "/414/" in place else place


class Descriptions:
    """What master data say of the places, parties and products that a graph names."""

    def __init__(self, graph: LotGraph, master_data: MasterData) -> None:
        places = {place for event in _events(graph) for place in _places(event)}
        places |= {site_of(place) for place in places}
        things = {
            item.lot or item.id for event in _events(graph) for item in event.all_items()
        } | graph.movements.keys()
        things |= {product for thing in things if (product := class_of(thing))}
        self.places = frozenset(places)
        """Every place and party that an event names, in an extension or not."""
        self.locations: Mapping[str, LocationDescription] = master_data.locations(places)
        self.products: Mapping[str, ProductDescription] = master_data.products(things)
        self._places: dict[str, LocationDescription | None] = {}
        self._lots: dict[str, ProductDescription | None] = {}

    def location(self, place: str) -> LocationDescription | None:
        """A place or party; a part of a location inherits what is not said of it alone."""
        if place not in self._places:
            known = [
                self.locations[name]
                for name in dict.fromkeys((place, site_of(place)))
                if name in self.locations
            ]
            found = known[0] if known else _coordinates(place)
            self._places[place] = merged(*known) if len(known) == 2 else found
        return self._places[place]

    def product(self, lot: str) -> ProductDescription | None:
        """A lot; what is not said of it alone is its product's."""
        if lot not in self._lots:
            product = class_of(lot)
            known = [
                self.products[name]
                for name in dict.fromkeys((lot, product or lot))
                if name in self.products
            ]
            found = known[0] if known else None
            self._lots[lot] = merged(*known) if len(known) == 2 else found
        return self._lots[lot]

    def code(self, lot: str) -> str:
        """The traceability lot code of a lot: as it is printed, else as an element string."""
        description = self.products.get(lot)
        return (description and description.traceability_lot_code) or lot_code(lot)

    def place_name(self, place: str) -> str:
        """A short name for people; the identifier where none is known."""
        location = self.location(place)
        return (location and location.business_name) or place


def _coordinates(place: str) -> LocationDescription | None:
    if not place.startswith("geo:"):
        return None
    latitude, _, longitude = place[4:].partition(";")[0].partition(",")
    return LocationDescription(id=place, latitude=latitude, longitude=longitude)


def _events(graph: LotGraph) -> Iterable[Event]:
    for movements in graph.movements.values():
        yield from (movement.event for movement in movements)
    for made in (*graph.made_by.values(), *graph.used_by.values(), graph.transformations):
        yield from (event for transformation in made for event in transformation.events)


def _places(event: Event) -> Iterable[str]:
    yield from filter(None, (event.read_point, event.biz_location))
    yield from (party.id for party in (*event.sources, *event.destinations))
    if claim := claimed_source(event):
        yield claim
