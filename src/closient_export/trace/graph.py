"""What a walk has found: lots, how they came from each other, and what happened to them."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from attrs import frozen

from closient_export.epcis import Event, Item
from closient_export.requests import Direction
from closient_export.trace.ledger import Excluded

__all__ = ["Evidence", "LotGraph", "Movement", "Portion", "ReachedLot", "Transformation"]


class Evidence(StrEnum):
    """How it is known that an event is about a lot."""

    STATED = "stated"
    """The event names it."""
    PACKED = "packed"
    """Events say what went in before."""
    PROVEN_LATER = "proven later"
    """What was seen in it or taken out of it afterwards."""
    SEEN_BEFORE = "seen before"
    UNKNOWN = "unknown"
    EMPTY = "empty"


@frozen
class Portion:
    """How much of a lot an event is about, perhaps inside a container."""

    lot: str
    """The lot's canonical URI; a thing of no known lot stands for itself; empty for a product
    without a lot."""
    item: Item
    """What is named: the quantity, the serial, or the product."""
    containers: tuple[str, ...] = ()
    """What holds it, from the container that the event names to the innermost one."""
    evidence: Evidence = Evidence.STATED


@frozen
class Movement:
    """An event, other than a transformation, and what it is about."""

    event: Event
    portions: tuple[Portion, ...]
    """Of every lot, reached or not."""
    unknown_containers: tuple[str, ...] = ()
    """Those that it names and of which nobody says what was in them."""


@frozen
class Transformation:
    """Lots that became other lots: one event, or all events with one transformation id.

    Any of the inputs may have contributed to each of the outputs (EPCIS 2.0, 7.4.5).
    """

    key: str
    """The transformation id, else the key of the event, or its digest if that key is not its own."""
    events: tuple[Event, ...]
    """In order of time."""
    inputs: tuple[tuple[Event, Portion], ...]
    outputs: tuple[tuple[Event, Portion], ...]

    @property
    def completed(self) -> Event:
        """The event that ended it."""
        return self.events[-1]

    def completion(self, lot: str) -> Event:
        """The event that completed one of the new lots (21 CFR 1.1350(a)(2)(iii)).

        A run may go on for days after a lot of it was finished: the last event that makes some of
        the lot completes it, and the last event of all where none names the lot.
        """
        return self._completions.get(lot, self.completed)

    @cached_property
    def _completions(self) -> dict[str, Event]:
        return {portion.lot: event for event, portion in self.outputs}

    @cached_property
    def input_lots(self) -> frozenset[str]:
        """The lots that were used."""
        return frozenset(portion.lot for _, portion in self.inputs if portion.lot)

    @cached_property
    def output_lots(self) -> frozenset[str]:
        """The lots that were made."""
        return frozenset(portion.lot for _, portion in self.outputs if portion.lot)


@frozen
class ReachedLot:
    """A lot of the graph, and how many transformations lie between it and the asked ones."""

    uri: str
    upstream: int | None = None
    """Going backward, or ``None`` if it was not reached so; 0 for the asked lots."""
    downstream: int | None = None
    """Going forward."""

    @property
    def asked(self) -> bool:
        """Whether the walk began here."""
        return 0 in (self.upstream, self.downstream)

    @property
    def hops(self) -> int:
        """How far from the asked lots: negative upstream, positive downstream."""
        if self.asked or not self.upstream:
            return 0 if self.asked else (self.downstream or 0)
        return -self.upstream


@frozen(kw_only=True)
class LotGraph:
    """The result of a walk."""

    asked: tuple[str, ...]
    direction: Direction
    lots: Mapping[str, ReachedLot]
    transformations: tuple[Transformation, ...]
    """Those that the walk went through, in order of time."""
    movements: Mapping[str, tuple[Movement, ...]]
    """What else happened to each lot, in order of time; also to lots that were used together with
    reached ones without being reached."""
    made_by: Mapping[str, tuple[Transformation, ...]]
    """By lot: the transformations that made it, walked through or not."""
    used_by: Mapping[str, tuple[Transformation, ...]]
    """By lot: the transformations that used it, walked through or not."""
    unknown_containers: tuple[Movement, ...]
    """In a walk over everything: what moved closed boxes."""
    container_events: Mapping[str, tuple[Event, ...]]
    """By container that ever held one of the lots: everything that names it, in order of time."""
    excluded: tuple[Excluded, ...]
    """Events about the lots that do not count."""
    contradictory_ids: tuple[Event, ...]
    """Events whose id another event with another content has too."""
    reused_containers: tuple[Event, ...]
    """Packings and moves of containers that nobody had emptied, long after their last move."""
    truncated: str = ""
    """Which limit ended the walk early; empty if none did."""

    def links(self) -> Iterator[tuple[str, str, Transformation]]:
        """Which reached lot became which, by what; in order."""
        for transformation in self.transformations:
            for source in sorted(transformation.input_lots & self.lots.keys()):
                for target in sorted(transformation.output_lots & self.lots.keys()):
                    yield source, target, transformation
