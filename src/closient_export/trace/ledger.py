"""The events that a walk has fetched, without those that are withdrawn or told twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from attrs import evolve, frozen

from closient_export.epcis import (
    Event,
    IdentifierKind,
    Item,
    parse_identifier,
)
from closient_export.trace.steps import SHIPPING_STEPS, VOIDING_STEP, in_order, moment_of

__all__ = ["Excluded", "Exclusion", "Ledger"]


class Exclusion(StrEnum):
    """Why an event does not count."""

    DECLARATION = "declares an earlier event wrong"
    DECLARED_WRONG = "declared wrong"
    COPY = "copy of an event under another id"
    VOIDING = "withdraws a shipment"
    VOIDED = "shipment withdrawn"
    PARTLY_VOIDED = "shipment withdrawn in part"


@frozen
class Excluded:
    """An event that does not count, and why."""

    event: Event
    reason: Exclusion
    by: str = ""
    """The key of the event that says so."""


class Ledger:
    """Events by what they name, each once; no answer depends on the order in which they came.

    An event that bears an error declaration, and the prior event that it is a copy of, do not
    count (EPCIS 2.0, 7.4.1.2), nor does a shipment that a ``void_shipping`` withdraws. Of copies
    with the same content one counts.
    """

    def __init__(self) -> None:
        self.fetched: set[str] = set()
        """What has been asked for."""
        self.answers = 0
        """How many answers it has taken in."""
        self.withdrawals = 0
        """How many events it has that may change what counts of the others."""
        self.late_lots = 0
        """How often an event told the lot of an object that another event had named before."""
        self._copies: dict[str, list[Event]] = defaultdict(list)
        """By digest: the events with that content."""
        self._naming: dict[str, set[str]] = defaultdict(set)
        """By identifier: the digests of the events that name it."""
        self._with_id: dict[str, set[str]] = defaultdict(set)
        """By event id: the digests of the events that bear it."""
        self._declared: dict[str, set[str]] = defaultdict(set)
        """By event id: the digests of the declarations that bear it."""
        self._voids: dict[str, list[Event]] = defaultdict(list)
        """By identifier: the events that withdraw a shipment of it."""
        self._lots: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        """By object and lot: the digests of the events that say that it is of that lot."""
        self._objects: dict[str, set[str]] = defaultdict(set)
        """By lot: the objects that events say to be of it."""
        self._standing: dict[str, Event | None] = {}
        """What `_judge` has found, until more events come that it depends on."""

    def add(self, ids: Iterable[str], events: Iterable[Event]) -> None:
        """Take in the answer to a query for `ids`, and leave what is no part of it."""
        self.fetched.update(ids)
        self.answers += 1
        others = []
        for event in events:
            if any(name in self.fetched for name in event.named_ids()):
                self._add(event)
            elif event.event_id:
                others.append(event)
        for event in others:  # that have an id in common with one that is asked for
            if event.event_id in self._with_id:
                self._add(event)

    def _add(self, event: Event) -> None:
        copies = self._copies[event.digest]
        self._standing.pop(event.digest, None)
        declares = event.error is not None
        for number, copy in enumerate(copies):
            if copy.event_id == event.event_id and (copy.error is not None) == declares:
                copies[number] = min(copy, event, key=_recorded)
                return
        copies.append(event)
        for name in set(event.named_ids()):
            self._naming[name].add(event.digest)
        if event.event_id:
            self._with_id[event.event_id].add(event.digest)
        if declares:
            if event.event_id:
                self._declared[event.event_id].add(event.digest)
        elif event.biz_step == VOIDING_STEP:
            for name in {event.parent, *(item.id for item in event.items)} - {""}:
                self._voids[name].append(event)
        self.withdrawals += declares or event.biz_step == VOIDING_STEP
        if declares or self._voids:
            self._standing.clear()
        self._learn_lots(event)

    def _learn_lots(self, event: Event) -> None:
        for item in event.all_items():
            lot = item.lot
            if lot is not None and lot != item.id:
                if lot not in self._lots[item.id]:
                    self.late_lots += len(self._naming[item.id]) > 1
                self._lots[item.id][lot].add(event.digest)
                self._objects[lot].add(item.id)

    def lot_of(self, item: Item) -> str | None:
        """The lot that an item is or belongs to, as far as any event that counts says."""
        if item.lot is not None or item.id not in self._lots:
            return item.lot
        # Partners may disagree; the choice must not depend on who is heard first.
        return min((lot for lot in self._lots[item.id] if self._is_of(item.id, lot)), default=None)

    def stands_for(self, item: Item) -> str:
        """What to follow an item by: its lot, else itself; nothing for a product without a lot."""
        lot = self.lot_of(item)
        if lot is None and parse_identifier(item.id).kind is not IdentifierKind.PRODUCT:
            return item.id
        return lot or ""

    def _is_of(self, name: str, lot: str) -> bool:
        return any(self._stands(digest) is not None for digest in self._lots[name][lot])

    def ids_of(self, lot: str) -> set[str]:
        """A lot and the objects that any event that counts says to be of it."""
        return {lot, *(name for name in self._objects.get(lot, ()) if self._is_of(name, lot))}

    def naming(self, names: Iterable[str]) -> list[Event]:
        """The events that count and name one of `names`, in order of time."""
        names = set(names)
        digests = {digest for name in names for digest in self._naming.get(name, ())}
        found = [event for digest in digests if (event := self._stands(digest)) is not None]
        if self._voids:
            found = [event for event in found if self._concerns(event, names)]
        return in_order(found)

    def _concerns(self, event: Event, names: set[str]) -> bool:
        """Whether an event still names one of `names`, without what is withdrawn of it."""
        left = self.items_of(event)
        return len(left) == len(event.items) or any(
            name in names for item in left for name in (item.id, item.lot, event.parent)
        )

    def items_of(self, event: Event) -> tuple[Item, ...]:
        """What an event is about, without what is withdrawn of it."""
        if not self._voids or event.biz_step not in SHIPPING_STEPS:
            return event.items
        left = (self._without_voided(event, item) for item in event.items)
        return tuple(item for item in left if item is not None)

    def _without_voided(self, event: Event, item: Item) -> Item | None:
        """What is left of an item of a shipment; a part of a quantity may be withdrawn."""
        voids = self._voids_of(event, item.id)
        if not voids:
            return item
        withdrawn = [each for void in voids for each in void.items if each.id == item.id]
        known = [each.quantity for each in withdrawn if each.uom == item.uom]
        if item.quantity is None or len(known) < len(withdrawn) or None in known or not known:
            return None
        left = item.quantity - sum(quantity for quantity in known if quantity is not None)
        return evolve(item, quantity=left) if left > 0 else None

    def counting(self, event: Event) -> Event | None:
        """An event, or the copy of it that counts, if any does."""
        return self._stands(event.digest) if event.digest in self._copies else None

    def _stands(self, digest: str) -> Event | None:
        if digest not in self._standing:
            self._standing[digest] = self._judge(digest)
        return self._standing[digest]

    def _judge(self, digest: str) -> Event | None:
        """Which of the copies of an event counts, if any."""
        valid = [
            copy
            for copy in self._copies[digest]
            if copy.error is None and copy.biz_step != VOIDING_STEP and not self._declarer(copy)
        ]
        if not valid:
            return None
        # One that has an id says more than one without.
        event = min(valid, key=lambda copy: (not copy.event_id, copy.event_id))
        return None if self._is_voided(event) else event

    def _is_voided(self, event: Event) -> bool:
        if event.biz_step not in SHIPPING_STEPS or not self._voids:
            return False
        if event.parent and self._voids_of(event, event.parent):
            return True
        return bool(event.items) and not self.items_of(event)

    def _declarer(self, event: Event) -> str:
        """The key of what declares an event wrong: by its id, or by its content without one.

        A double capture under another id stands when one of both is declared wrong.
        """
        alike = [copy for copy in self._copies[event.digest] if copy.error is not None]
        nameless = [copy for copy in alike if not copy.event_id]
        if nameless and not _is_corrective(event, nameless):
            return nameless[0].key
        if not event.event_id:
            return min((copy.key for copy in alike), default="")
        declared = self._declared.get(event.event_id, set())
        if event.digest in declared:
            return event.event_id
        # Another event of the same id is meant only if no event is the same as the declaration.
        is_meant = declared and all(
            copy.error is not None or copy.event_id != event.event_id
            for digest in declared
            for copy in self._copies[digest]
        )
        return event.event_id if is_meant else ""

    def _voids_of(self, event: Event, name: str) -> list[Event]:
        """What withdraws this shipment of a thing rather than another one of the same thing."""
        return [
            void
            for void in self._voids.get(name, ())
            if event.time <= void.time
            and not self._declarer(void)
            and (
                bool(set(void.documents) & set(event.documents))
                if void.documents
                else self._is_latest_shipment(event, void, name)
            )
        ]

    def _is_latest_shipment(self, event: Event, void: Event, name: str) -> bool:
        return all(
            moment_of(copy)[:2] <= moment_of(event)[:2]
            for digest in self._naming[name]
            for copy in self._copies[digest]
            if copy.biz_step in SHIPPING_STEPS
            and copy.error is None
            and copy.time <= void.time
            and not self._declarer(copy)
        )

    def excluded(self, names: Iterable[str]) -> list[Excluded]:
        """The events that name one of `names` and do not count, in order of time."""
        digests = {digest for name in names for digest in self._naming.get(name, ())}
        events = [event for digest in digests for event in self._copies[digest]]
        events.sort(key=lambda event: (moment_of(event), event.error is None))
        return [found for event in events if (found := self._exclusion(event)) is not None]

    def _exclusion(self, event: Event) -> Excluded | None:
        if event.error is not None:
            return Excluded(event, Exclusion.DECLARATION)
        if declarer := self._declarer(event):
            return Excluded(event, Exclusion.DECLARED_WRONG, declarer)
        if event.biz_step == VOIDING_STEP:
            return Excluded(event, Exclusion.VOIDING)
        if event.biz_step in SHIPPING_STEPS and (voids := list(self._voiding(event))):
            whole = len(self.items_of(event)) == len(event.items)
            reason = Exclusion.PARTLY_VOIDED if whole else Exclusion.VOIDED
            return Excluded(event, reason, min(voids))
        counting = self._stands(event.digest)
        if event.event_id and counting is not None and counting.event_id != event.event_id:
            return Excluded(event, Exclusion.COPY, counting.key)
        return None

    def _voiding(self, event: Event) -> Iterator[str]:
        for name in (event.parent, *(item.id for item in event.items)):
            yield from (void.key for void in self._voids_of(event, name))

    def shares_id(self, event: Event) -> bool:
        """Whether another event has the same id and another content, even if it does not count."""
        return len(self._with_id.get(event.event_id, ())) > 1

    def says_otherwise(self, event: Event) -> bool:
        """Whether another event that counts has the same id and another content."""
        digests = self._with_id.get(event.event_id, ())
        return len(digests) > 1 and sum(self._bears(each, event.event_id) for each in digests) > 1

    def _bears(self, digest: str, event_id: str) -> bool:
        """Whether an event of that content counts, and one with that id is among its copies."""
        return self._stands(digest) is not None and any(
            copy.event_id == event_id and copy.error is None and not self._declarer(copy)
            for copy in self._copies[digest]
        )


def _is_corrective(event: Event, declarations: Iterable[Event]) -> bool:
    """Whether declarations name an event as the one that is right."""
    ids = {name for each in declarations if each.error for name in each.error.corrective_event_ids}
    return event.event_id in ids


def _recorded(event: Event) -> tuple[datetime, str]:
    """Which of true copies stands: they differ in nothing but when they were recorded."""
    return (event.record_time or datetime.max.replace(tzinfo=UTC), repr(event.error))
