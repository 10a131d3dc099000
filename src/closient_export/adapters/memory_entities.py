"""Products, lots and serials in this process's memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from closient_export.adapters.selecting import Selects
from closient_export.records import KeyRange, Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Scope, Subject

__all__ = ["MemoryEntitySource"]


class MemoryEntitySource:
    """A `closient_export.ports.EntitySource` for one process.

    A snapshot is how many entities there were, and how many times printing had been noted.
    """

    def __init__(self) -> None:
        self._entities: dict[str, list[Subject]] = defaultdict(list)
        self._printed: dict[str, dict[int, int]] = defaultdict(dict)
        """By owner: which entities were printed, and when, as a number of `_notes`."""
        self._notes: dict[str, int] = defaultdict(int)

    def add(self, owner: str, entities: Iterable[Subject]) -> None:
        """Give an owner more entities."""
        self._entities[owner] += entities

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select now, cut into ranges."""
        snapshot = f"{len(self._entities[owner])}:{self._notes[owner]}"
        numbers = self._selected(owner, scope, filters, snapshot)
        cuts = [numbers[at : at + part_size] for at in range(0, len(numbers), part_size)]
        ranges = (
            KeyRange(
                first_index=part_size * place, count=len(cut), start=str(cut[0]), stop=str(cut[-1])
            )
            for place, cut in enumerate(cuts)
        )
        return Plan(snapshot=snapshot, ranges=tuple(ranges))

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range."""
        for number in self._in_range(owner, scope, filters, snapshot, keys):
            yield self._entities[owner][number]

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Note that the entities of some ranges were printed."""
        del at
        self._notes[owner] += 1
        for keys, failed in printed:
            numbers = self._in_range(owner, scope, filters, snapshot, keys)
            for place, number in enumerate(numbers):
                if place not in failed:
                    self._printed[owner].setdefault(number, self._notes[owner])

    def _in_range(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> list[int]:
        numbers = self._selected(owner, scope, filters, snapshot)
        return [number for number in numbers if int(keys.start) <= number <= int(keys.stop)]

    def _selected(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str
    ) -> list[int]:
        """The numbers of the entities that were selected when a snapshot was taken."""
        count, notes = map(int, snapshot.split(":"))
        entities = self._entities[owner][:count]
        wanted = set(filters.lot_ids or ())
        lots = frozenset(
            (lot.gtin, lot.lot) for lot in entities if isinstance(lot, Lot) and lot.id in wanted
        )
        selects = Selects(scope, filters, lots)
        printed = self._printed[owner]
        return [
            number
            for number, entity in enumerate(entities)
            if selects(entity)
            and not (filters.never_printed and printed.get(number, notes + 1) <= notes)
        ]
