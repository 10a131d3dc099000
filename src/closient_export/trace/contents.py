"""What a load of a container was at a moment: as it was packed, or what it must have been."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from closient_export.epcis import Action, Item
from closient_export.trace.graph import Evidence
from closient_export.trace.steps import Moment

__all__ = ["LATE", "Change", "Held", "contents_at"]

LATE = timedelta(days=1)
"""A packing of a container counts for moves that are recorded so long before it."""


@frozen
class Change:
    """What an event says of the contents of its parent."""

    moment: Moment
    action: Action | None
    items: tuple[Item, ...]


def contents_at(
    changes: Sequence[Change], at: Moment, *, follows_emptying: bool
) -> tuple[tuple[Item, ...], Evidence]:
    """What a load was at a moment, and how that is known.

    Args:
        changes: What events say of it, in order of time.
        at: The moment.
        follows_emptying: Whether the container had been emptied before.
    """
    after = bisect_right(changes, at[:2], key=lambda change: change.moment[:2])
    held = Held()
    for change in changes[:after]:
        held.apply(change.action, change.items)
    if held.evidence in (Evidence.PACKED, Evidence.EMPTY):
        return held.items, held.evidence
    since = bisect_left(changes, at[:2], key=lambda change: change.moment[:2])
    proven, complete = _proven(changes[since:])
    seen = {item.id for item in held.items}
    if proven and (complete or not seen.issuperset(item.id for item in proven)):
        return proven, Evidence.PROVEN_LATER
    if held.items:
        return held.items, Evidence.SEEN_BEFORE
    if follows_emptying:
        return (), Evidence.EMPTY
    packed = () if changes[:after] else _packed_late(changes, at[0])
    return packed, Evidence.PROVEN_LATER if packed else Evidence.UNKNOWN


def _proven(later: Iterable[Change]) -> tuple[tuple[Item, ...], bool]:
    """What was seen inside or taken out later, and not put in since; and whether that is all."""
    before, since = Held(), Held()
    for change in later:
        if change.action is Action.ADD:
            since.put(change.items)
        else:
            before.put(since.take(change.items))
            if change.action is Action.OBSERVE and change.items:
                return before.items, True
    return before.items, False


def _packed_late(changes: Iterable[Change], moved: datetime) -> tuple[Item, ...]:
    """What a container that nobody knew before was packed with soon after it was moved."""
    held = Held()
    for change in changes:
        if change.action is not Action.ADD or change.moment[0] - moved > LATE:
            break
        held.put(change.items)
    return held.items


class Held:
    """Things in a container, with their quantities."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self.evidence = Evidence.UNKNOWN

    @property
    def items(self) -> tuple[Item, ...]:
        """What is there now: each thing once for each unit that it is counted in."""
        return tuple(self._items.values())

    def apply(self, action: Action | None, items: Sequence[Item]) -> None:
        """Go on to after an event."""
        if action is Action.ADD:
            if self.evidence is Evidence.SEEN_BEFORE:
                self._drop(items)  # what was seen and is packed now is no more than that
            self.put(items)
            self.evidence = Evidence.PACKED
        elif action is Action.DELETE:
            known = bool(self._items)
            if items:
                self.take(items)
            else:
                self._items.clear()
            if not items or (known and not self._items):
                self.evidence = Evidence.EMPTY
        elif items and self.evidence is not Evidence.PACKED:
            self._items.clear()
            self.put(items)
            self.evidence = Evidence.SEEN_BEFORE

    def put(self, items: Iterable[Item]) -> None:
        """Add things, and their quantities to what is there of them."""
        for item in items:
            place = (item.id, item.uom)
            known = self._items.get(place)
            self._items[place] = _sum(known, item, 1) if known else item

    def take(self, items: Iterable[Item]) -> Iterable[Item]:
        """Remove things, and say what of them was not there to be taken."""
        missing = []
        for item in items:
            places = [(item.id, item.uom)]
            if item.quantity is None:  # all of it, in whatever unit
                places = [place for place in self._items if place[0] == item.id] or places
            for place in places:
                known = self._items.pop(place, None)
                if known is None:
                    missing.append(item)
                elif item.quantity is not None and known.quantity is not None:
                    left = _sum(known, item, -1)
                    if known.quantity > item.quantity:
                        self._items[place] = left
                    elif known.quantity < item.quantity:
                        missing.append(_sum(item, known, -1))
        return missing

    def _drop(self, items: Iterable[Item]) -> None:
        names = {item.id for item in items}
        self._items = {place: item for place, item in self._items.items() if place[0] not in names}


def _sum(known: Item, item: Item, sign: int) -> Item:
    if known.quantity is None or item.quantity is None:
        return Item(known.id, known.lot, None, known.uom)
    return Item(known.id, known.lot, known.quantity + sign * item.quantity, known.uom)
