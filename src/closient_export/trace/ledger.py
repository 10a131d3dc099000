"""The events that a walk has fetched, without those that are withdrawn or told twice."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from attrs import evolve, frozen

from closient_export.epcis import Action, Event, EventType, Item, class_of, parse_identifier
from closient_export.trace.steps import SHIPPING_STEPS, VOIDING_STEP, moment_of

__all__ = ["Excluded", "Exclusion", "Ledger"]


class Exclusion(StrEnum):
    """Why an event does not count."""

    DECLARATION = "declares an earlier event wrong"
    DECLARED_WRONG = "declared wrong"
    COPY = "copy of an event under another id"
    VOIDING = "withdraws a shipment"
    VOIDED = "shipment withdrawn"


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
        self._copies: dict[str, list[Event]] = defaultdict(list)
        """By digest: the events with that content."""
        self._naming: dict[str, set[str]] = defaultdict(set)
        """By identifier: the digests of the events that name it."""
        self._with_id: dict[str, set[str]] = defaultdict(set)
        """By event id: the digests of the events that bear it."""
        self._declarations: dict[str, Event] = {}
        """By event id, or by digest where it has none: the event that declares others wrong."""
        self._voids: dict[str, list[Event]] = defaultdict(list)
        """By identifier: the events that withdraw a shipment of it."""
        self._lots: dict[str, str] = {}
        self._serials: dict[str, set[str]] = defaultdict(set)
        self._counting: dict[str, Event | None] = {}
        """What `_judge` has found, until more events come."""

    def add(self, ids: Iterable[str], events: Iterable[Event]) -> None:
        """Take in the answer to a query for `ids`."""
        self.fetched.update(ids)
        self._counting.clear()
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        copies = self._copies[event.digest]
        declares = event.error is not None
        # Of true copies, which differ in nothing but the time of record, any may stand.
        if any(c.event_id == event.event_id and (c.error is not None) == declares for c in copies):
            return
        copies.append(event)
        names = set(event.named_ids())
        for name in names:
            self._naming[name].add(event.digest)
        if event.event_id:
            self._with_id[event.event_id].add(event.digest)
        if declares:
            self._declarations[event.event_id or event.digest] = event
        elif event.biz_step == VOIDING_STEP:
            for name in names:
                self._voids[name].append(event)
        self._learn_lots(event)

    def _learn_lots(self, event: Event) -> None:
        lot_number = _lot_number(event)
        for item in event.all_items():
            lot = item.lot
            if lot is None and lot_number and (product := class_of(item.id)):
                lot = parse_identifier(f"{product}/10/{lot_number}").uri
            if lot is not None and lot != item.id:
                # Partners may disagree; the choice must not depend on who is heard first.
                self._lots[item.id] = min(lot, self._lots.get(item.id, lot))
                self._serials[lot].add(item.id)

    def lot_of(self, item: Item) -> str | None:
        """The lot that an item is or belongs to, as far as any event says."""
        return item.lot or self._lots.get(item.id)

    def ids_of(self, lot: str) -> set[str]:
        """A lot and the serials that any event says to be of it."""
        return {lot, *self._serials.get(lot, ())}

    def naming(self, ids: Iterable[str]) -> list[Event]:
        """The events that count and name one of `ids`, in order of time."""
        digests = {digest for name in ids for digest in self._naming.get(name, ())}
        events = (self._judged(digest) for digest in digests)
        return sorted((event for event in events if event is not None), key=moment_of)

    def _judged(self, digest: str) -> Event | None:
        if digest not in self._counting:
            self._counting[digest] = self._judge(digest)
        return self._counting[digest]

    def _judge(self, digest: str) -> Event | None:
        """Which of the copies of an event counts, and what of it, if any."""
        valid = [
            copy
            for copy in self._copies[digest]
            if copy.error is None
            and copy.biz_step != VOIDING_STEP
            and self._declaration_of(copy) is None
        ]
        if not valid:
            return None
        # One that has an id says more than one without.
        event = min(valid, key=lambda copy: (not copy.event_id, copy.event_id))
        return self._without_voided(event)

    def _declaration_of(self, event: Event) -> Event | None:
        """What declares an event wrong: by its id, or by its content where one has no id."""
        if event.event_id and (found := self._declarations.get(event.event_id)):
            return found
        if found := self._declarations.get(event.digest):
            return found
        if not event.event_id:
            for copy in self._copies[event.digest]:
                if copy.error is not None:
                    return copy
        return None

    def _without_voided(self, event: Event) -> Event | None:
        if event.biz_step not in SHIPPING_STEPS or not self._voids:
            return event
        if event.parent and self._voids_of(event, event.parent):
            return None
        left = tuple(item for item in event.items if not self._voids_of(event, item.id))
        if len(left) == len(event.items):
            return event
        return evolve(event, items=left) if left else None

    def _voids_of(self, event: Event, name: str) -> list[Event]:
        """What withdraws this shipment of a thing rather than another one of the same thing."""
        return [
            void
            for void in self._voids.get(name, ())
            if event.time <= void.time
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
            if copy.biz_step in SHIPPING_STEPS and copy.error is None and copy.time <= void.time
        )

    def counts(self, event: Event) -> bool:
        """Whether an event, or a copy of it, counts."""
        return event.digest in self._copies and self._judged(event.digest) is not None

    def excluded(self, ids: Iterable[str]) -> list[Excluded]:
        """The events that name one of `ids` and do not count, in order of time."""
        digests = {digest for name in ids for digest in self._naming.get(name, ())}
        events = [event for digest in digests for event in self._copies[digest]]
        found = (self._exclusion(event) for event in sorted(events, key=moment_of))
        return [excluded for excluded in found if excluded is not None]

    def _exclusion(self, event: Event) -> Excluded | None:
        counting = self._judged(event.digest)
        if event.error is not None:
            return Excluded(event, Exclusion.DECLARATION)
        if event.biz_step == VOIDING_STEP:
            return Excluded(event, Exclusion.VOIDING)
        if declaration := self._declaration_of(event):
            return Excluded(event, Exclusion.DECLARED_WRONG, declaration.key)
        if counting is None or counting.items != event.items:
            voids = [void for name in event.named_ids() for void in self._voids_of(event, name)]
            return Excluded(event, Exclusion.VOIDED, min(void.key for void in voids))
        if event.event_id and counting.event_id != event.event_id:
            return Excluded(event, Exclusion.COPY, counting.key)
        return None

    def says_otherwise(self, event: Event) -> bool:
        """Whether another event that counts has the same id and another content."""
        digests = self._with_id.get(event.event_id, ())
        return sum(self._judged(digest) is not None for digest in digests) > 1


def _lot_number(event: Event) -> str:
    """The lot that the master data of newly made objects name (CBV 2.0, 9.4)."""
    if event.type is not EventType.OBJECT or event.action is not Action.ADD:
        return ""
    for name in ("cbvmda:lotNumber", "lotNumber", "gs1:hasBatchLotNumber"):
        value = event.ilmd.get(name)
        if isinstance(value, str) and value:
            return value
    return ""
