"""What a host implements, so that this library works on its data."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Protocol

from attrs import frozen

from closient_export.epcis import Event
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["EventSource", "FrontierQuery", "MasterData"]


@frozen(kw_only=True)
class FrontierQuery:
    """Which events a walk wants next: all that name one of some things."""

    ids: frozenset[str] = frozenset()
    """Canonical identifiers of lots, serials, containers, and transformation ids."""
    products: frozenset[str] = frozenset()
    """Canonical identifiers of products, of which any lot or serial counts."""
    since: date | None = None
    until: date | None = None
    """First and last local date of the events, for products and for everything."""

    @property
    def everything(self) -> bool:
        """Whether every event of the dates is wanted, whatever it names."""
        return not self.ids and not self.products


class EventSource(Protocol):
    """Where EPCIS events are kept.

    Obligations: an answer holds every event for which one of `Event.named_ids` is among the
    query's ids, or one of whose items is of one of its products; it holds every event, with or
    without an error declaration, that has the event id of one of these; it answers for one owner
    alone. It may hold more than that, in any order, and some events twice.
    """

    def fetch(self, query: FrontierQuery) -> Iterable[Event]:
        """The events that a query asks for; called once for each hop of a walk.

        Raises:
            EventSourceError: the events cannot be had.
        """
        ...


class MasterData(Protocol):
    """Where places and products are described.

    Obligations: identifiers are canonical in questions and answers; what is not known is left
    out; a lot's description need not repeat its product's.
    """

    def locations(self, ids: Collection[str]) -> Mapping[str, LocationDescription]:
        """Descriptions of places and parties, by identifier."""
        ...

    def products(self, ids: Collection[str]) -> Mapping[str, ProductDescription]:
        """Descriptions of products and lots, by identifier."""
        ...
