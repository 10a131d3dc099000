"""What of a lot may be at a place at a time, where one lot code is used again and again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
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
        came = sorted(came, key=lambda told: moment_of(told[0]))
        self._came = [event for event, _ in came]
        self._moments = [moment_of(event) for event in self._came]
        self._emptied: list[Moment] = []
        """When all that there was had gone, but for what may be lost of what came last."""
        self._unexplained: list[bool] = []
        """For each of these times, and for after the last: whether more had gone than came."""
        self._add_up(came, went)

    def _add_up(self, came: Iterable[Told], went: Iterable[Told]) -> None:
        changes = [(moment_of(told[0]), 1, told) for told in came]
        changes += [(moment_of(told[0]), -1, told) for told in went]
        there = of_the_day = Decimal(0)
        day = None
        unit = next((unit for _, _, (_, amounts) in changes for unit in amounts), "")
        for moment, sign, (event, amounts) in sorted(changes, key=itemgetter(0)):
            amount = amounts.get(unit) if len(amounts) == 1 else None
            if amount is None:
                self._emptied, self._unexplained = [], [True]
                return
            there += sign * amount
            if sign > 0:
                of_the_day = amount + (of_the_day if event.local_date == day else 0)
                day = event.local_date
            elif there <= of_the_day * LOSS:
                self._emptied.append(moment)
                self._unexplained.append(there < -of_the_day * LOSS)
                there = Decimal(0)
        self._unexplained.append(False)

    def during(self, start: Moment, end: Moment) -> Sequence[Event]:
        """What brought that which may be there from one time to another, in order of time.

        Empty where events do not tell: also where quantities are missing or do not add up.
        """
        times = bisect_left(self._emptied, start)
        if any(self._unexplained[times : bisect_left(self._emptied, end) + 1]):
            return ()
        first = bisect_right(self._moments, self._emptied[times - 1]) if times else 0
        return self._came[first : bisect_right(self._moments, end)]
