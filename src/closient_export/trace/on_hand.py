"""What of a lot may be at a place at a time, where one lot code is used again and again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from closient_export.epcis import Event
from closient_export.trace.steps import Moment, moment_of

__all__ = ["LOSS", "OnHand", "Told"]

LOSS = Decimal("0.1")
"""How much of a lot may be lost to drying and trimming before a rest counts as gone elsewhere."""

Told = tuple[Event, Mapping[str, Decimal | None]]
"""An event, and by unit how much of a lot it is about; ``None`` where it does not say."""


class OnHand:
    """What came to a place and what went from it.

    Nothing is assumed of what goes first: all that came may be in what goes, until all of it has
    gone. Where more goes than came, something came that nobody told of.
    """

    def __init__(self, came: Iterable[Told], went: Iterable[Told]) -> None:
        came = list(came)
        changes = [(told, False) for told in came] + [(told, True) for told in went]
        self._count = _Count(changes, by_days=False)
        if any(self._count.unexplained):  # some write down at night what came and went at noon
            by_days = _Count(changes, by_days=True)
            self._count = min(self._count, by_days, key=lambda count: sum(count.unexplained))
        self._came = sorted((event for event, _ in came), key=self._count.turn)
        self._turns = [self._count.turn(event) for event in self._came]

    def lacks(self, first: Event, last: Event) -> bool:
        """Whether something came that nobody told of, and may be there between two events."""
        return bool(self._count.emptied) and any(self._unexplained(first, last))

    def during(self, first: Event, last: Event) -> Sequence[Event]:
        """What brought that which may be there from one event to the end of another one's day.

        Empty where events do not tell: also where quantities are missing or do
        not add up.
        """
        if any(self._unexplained(first, last)):
            return ()
        times = self._emptied_before(first)
        start = bisect_right(self._turns, self._count.emptied[times - 1]) if times else 0
        return [
            event
            for event in self._came[start:]
            if event.time <= last.time or event.local_date <= last.local_date
        ]

    def _unexplained(self, first: Event, last: Event) -> Sequence[bool]:
        return self._count.unexplained[self._emptied_before(first) : self._emptied_before(last) + 1]

    def _emptied_before(self, event: Event) -> int:
        """How often all had gone before something went."""
        return bisect_left(self._count.emptied, self._count.turn(event, goes=True))


_Turn = tuple[date, bool, Moment]
"""By what comings and goings are put in order."""


class _Count:
    """When a place was empty, by the times of events, or by their days.

    By days, all that comes on a day comes before what goes on it.
    """

    def __init__(self, changes: Iterable[tuple[Told, bool]], *, by_days: bool) -> None:
        self._by_days = by_days
        self.emptied: list[_Turn] = []
        """When all that there was had gone, but for what may be lost of what came last."""
        self._rests: list[Decimal] = []
        """For each of these times: what may have been lost; less than nothing if more had gone."""
        self.unexplained: list[bool] = []
        """For each of these times, and for after the last: whether more had gone than came."""
        self._add_up([(self.turn(told[0], goes=goes), goes, told) for told, goes in changes])

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
                self.emptied, self.unexplained = [], [True]
                return
            if not goes:
                there += amount
                of_the_day = amount + (of_the_day if event.local_date == day else 0)
                day = event.local_date
                continue
            there -= amount
            is_more = there < -of_the_day * LOSS
            while there < 0 and not is_more and self._rests and self._rests[-1] > 0:
                there += self._rests.pop()  # so that was not lost
                self.emptied.pop()
                self.unexplained.pop()
            if there <= of_the_day * LOSS:
                self.emptied.append(turn)
                self._rests.append(there)
                self.unexplained.append(is_more)
                there = Decimal(0)
        self.unexplained.append(False)
