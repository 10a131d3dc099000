"""Events and master data in this process's memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from closient_export.epcis import Event, class_of
from closient_export.master_data import LocationDescription, ProductDescription, merged
from closient_export.ports import FrontierQuery

__all__ = ["MemoryEventSource", "MemoryMasterData"]

T = TypeVar("T", LocationDescription, ProductDescription)


class MemoryEventSource:
    """An `closient_export.ports.EventSource` that answers from indexes over a list of events."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: list[Event] = []
        self._naming: dict[str, list[int]] = {}
        self._of_product: dict[str, list[int]] = defaultdict(list)
        self._with_id: dict[str, list[int]] = {}
        self.add(events)

    def __len__(self) -> int:
        return len(self._events)

    def add(self, events: Iterable[Event]) -> None:
        """Take in more events."""
        for event in events:
            number = len(self._events)
            self._events.append(event)
            if event.event_id:
                self._with_id.setdefault(event.event_id, []).append(number)
            names = set(event.named_ids())
            for name in names:
                self._naming.setdefault(name, []).append(number)
            for product in {class_of(name) or name for name in names}:
                self._of_product[product].append(number)

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        """The events that a query asks for, each once."""
        found = {n for name in query.ids for n in self._naming.get(name, ())}
        if query.everything:
            found = set(self._in_range(range(len(self._events)), query))
        elif query.products:
            of_products = {n for each in query.products for n in self._of_product.get(each, ())}
            found.update(self._in_range(of_products, query))
        copies = {
            copy
            for number in found
            if (event_id := self._events[number].event_id)
            for copy in self._with_id[event_id]
        }
        for number in sorted(found | copies):
            yield self._events[number]

    def _in_range(self, numbers: Iterable[int], query: FrontierQuery) -> Iterator[int]:
        for number in numbers:
            day = self._events[number].local_date
            if (query.since is None or query.since <= day) and (
                query.until is None or day <= query.until
            ):
                yield number


class MemoryMasterData:
    """A `closient_export.ports.MasterData` of descriptions that are given to it.

    Of two descriptions of the same thing, the one that came first counts, and the other one fills
    its gaps.
    """

    def __init__(
        self,
        locations: Iterable[LocationDescription] = (),
        products: Iterable[ProductDescription] = (),
    ) -> None:
        self._locations: dict[str, LocationDescription] = {}
        self._products: dict[str, ProductDescription] = {}
        self.add(locations, products)

    def add(
        self,
        locations: Iterable[LocationDescription] = (),
        products: Iterable[ProductDescription] = (),
    ) -> None:
        """Take in more descriptions."""
        for location in locations:
            _add(self._locations, location)
        for product in products:
            _add(self._products, product)

    def locations(self, ids: Collection[str]) -> Mapping[str, LocationDescription]:
        """Descriptions of places and parties, by identifier."""
        return {each: self._locations[each] for each in ids if each in self._locations}

    def products(self, ids: Collection[str]) -> Mapping[str, ProductDescription]:
        """Descriptions of products and lots, by identifier."""
        return {each: self._products[each] for each in ids if each in self._products}


def _add(known: dict[str, T], description: T) -> None:
    earlier = known.get(description.id)
    known[description.id] = merged(earlier, description) if earlier else description
