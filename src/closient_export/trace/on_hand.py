"""What of a lot may be at a place at a time, where one lot code is used again and again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter, itemgetter

from attrs import frozen

from closient_export.epcis import Event
from closient_export.trace.steps import Moment, moment_of

__all__ = ["LOSS", "OnHand", "Told"]

LOSS = Decimal("0.1")
"""How much of a lot may be lost to drying and trimming before a rest counts as gone elsewhere."""

_WEIGHING = Decimal("0.03")
"""By how much two weighings of the same may differ."""

Told = tuple[Event, Mapping[str, Decimal | None]]
"""An event, and by unit how much of a lot it is about; ``None`` where it does not say."""


class OnHand:
    """What came to a place and what went from it.

    Nothing is assumed of what goes first: all that came may be in what goes, until all of it has
    gone. What seems to be lost may have been kept, and go with what comes next. Where more goes than
    came, something came that nobody told of.
    """

    def __init__(self, came: Iterable[Told], went: Iterable[Told]) -> None:
        came = list(came)
        changes = [(told, False) for told in came] + [(told, True) for told in went]
        self._count = _Count(changes, by_days=False)
        if self._count.untold:  # some write down at night what came and went at noon
            by_days = _Count(changes, by_days=True)
            self._count = min(self._count, by_days, key=lambda count: count.untold)
        self._came = sorted((event for event, _ in came), key=self._count.turn)
        self._turns = [self._count.turn(event) for event in self._came]

    def lacks(self, first: Event, last: Event) -> bool:
        """Whether something came that nobody told of, and may be there between two events."""
        times, until = map(self._times_empty, (first, last))
        return any(each.is_untold for each in self._count.empty[times : until + 1])

    def during(self, first: Event, last: Event) -> Sequence[Event]:
        """What brought that which may be there from one event to the end of another one's day.

        Empty where events do not tell: also where quantities are missing or do not add up.
        """
        if not self._count.is_known or self.lacks(first, last):
            return ()
        times = self._times_empty(first)
        if times and self._count.empty[times - 1].may_be_kept:
            times -= 1
        start = bisect_right(self._turns, self._count.empty[times - 1].turn) if times else 0
        return [
            event
            for event in self._came[start:]
            if event.time <= last.time or event.local_date <= last.local_date
        ]

    def _times_empty(self, event: Event) -> int:
        """How often all had gone before something went; by days, before its day."""
        return bisect_left(self._count.empty, self._count.turn(event), key=attrgetter("turn"))


_Turn = tuple[date, bool, Moment]
"""By what comings and goings are put in order."""


@frozen
class _Empty:
    """That all which was there had gone, but for what may be lost of what came last."""

    turn: _Turn
    rest: Decimal
    """Less than nothing where more had gone than came."""
    may_be_kept: bool
    """Whether a rest, now or before, is more than scales may differ by, and was not used since.

    Who keeps it may use it the next day, and keep as much of that day's instead.
    """
    is_untold: bool
    """Whether what had gone is more than what came by so much that something else came."""


class _Count:
    """When a place was empty, by the times of events, or by their days.

    By days, all that comes on a day comes before what goes on it.
    """

    def __init__(self, changes: Iterable[tuple[Told, bool]], *, by_days: bool) -> None:
        self._by_days = by_days
        self.empty: list[_Empty] = []
        self.is_known = True
        """Whether all quantities are told, in one unit."""
        self._add_up([(self.turn(told[0], goes=goes), goes, told) for told, goes in changes])

    @property
    def untold(self) -> int:
        """How often something must have come that nobody told of."""
        return sum(each.is_untold for each in self.empty)

    def turn(self, event: Event, *, goes: bool = False) -> _Turn:
        """By what an event is put in order."""
        moment = moment_of(event)
        return (event.local_date, goes, moment) if self._by_days else (date.min, False, moment)

    def _add_up(self, changes: Sequence[tuple[_Turn, bool, Told]]) -> None:
        there = of_the_day = Decimal(0)
        day = None
        unit = next((unit for _, _, (_, amounts) in changes for unit in amounts), "")
        for turn, goes, (event, amounts) in sorted(changes, key=itemgetter(0)):
            amount = amounts.get(unit) if len(amounts) == 1 else None
            if amount is None:
                self.empty, self.is_known = [], False
                return
            if not goes:
                there += amount
                of_the_day = amount + (of_the_day if event.local_date == day else 0)
                day = event.local_date
                continue
            there -= amount
            is_untold = there < -of_the_day * LOSS
            while there < 0 and not is_untold and self.empty and self.empty[-1].rest > 0:
                there += self.empty.pop().rest  # so that was not lost
            if there <= of_the_day * LOSS:
                was_kept = bool(self.empty) and self.empty[-1].may_be_kept
                is_kept = was_kept or there > of_the_day * _WEIGHING
                self.empty.append(_Empty(turn, there, is_kept, is_untold))
                there = Decimal(0)
