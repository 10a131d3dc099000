"""Which events about a lot tell of one and the same shipment or receipt."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from closient_export.epcis import Event, Item
from closient_export.trace.deliveries import totals
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import Movement
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS, moment_of
from closient_export.trace.telling import Clue, Telling, ToldMove, added, told_together

__all__ = ["SameMoves"]

_CLOCKS = timedelta(minutes=30)
"""How far apart the clocks of the two ends of a move may be."""
_SOON = timedelta(days=1)
"""How far apart events of one move may be where nothing says so but an equal quantity."""

_Place = tuple[Clue, str, int, bool]
"""A clue at a site; an equal quantity, which many have, in a week, and with or without papers."""


class SameMoves:
    """The shipments and receipts of a lot, each with all events that tell of it.

    CBV 2.0 lets one move be told by ``shipping``, or by ``departing`` and what goes before it, and
    many tell it by both; or a receipt of a pallet and what is counted on it are told by two events.
    Events are matched one to one, by things, papers, and equal quantities, and never across the
    other end of the move. Where that is in doubt, both stand.

    Args:
        lot: Its canonical URI.
        movements: What happened to it, in order of time.
        is_within: Whether an event says that both its ends are one firm's at one street address.
    """

    def __init__(
        self, lot: str, movements: Sequence[Movement], is_within: Callable[[Event], bool]
    ) -> None:
        self.repeats: dict[str, str] = {}
        """By digest: why an event counts for nothing of its own."""
        self.doubts: dict[str, str] = {}
        """By digest: what an event may be, though it counts."""
        self.inside: set[str] = set()
        """The digests of events of which the other end says that they are within one address."""
        self._ends: dict[bool, dict[str | Item, list[Telling]]] = {}
        """By whether they ship, and by clue: events in order of time."""
        sides: dict[bool, list[Telling]] = {True: [], False: []}
        for movement in movements:
            step = movement.event.biz_step
            if step in SHIPPING_STEPS or step in RECEIVING_STEPS:
                ships = step in SHIPPING_STEPS
                sides[ships].append(Telling(movement, lot, ships))
        for ships, tellings in sides.items():
            index = self._ends[ships] = defaultdict(list)
            for each in tellings:
                for clue in each.clues:
                    index[clue].append(each)
        self._moves: dict[bool, list[ToldMove]] = {True: [], False: []}
        for ships, tellings in sides.items():
            self._match(tellings, SHIPPING_STEPS if ships else RECEIVING_STEPS, ships=ships)
        for ships in sides:
            self._find_inside(is_within, ships=ships)

    def _match(self, tellings: Sequence[Telling], steps: Sequence[str], *, ships: bool) -> None:
        """Begin with the steps that say most; what only links papers comes after what moves."""
        better: dict[_Place, dict[int, ToldMove]] = defaultdict(dict)
        """By place: the moves of which steps tell that say more."""
        for step in steps:
            same: dict[_Place, dict[int, ToldMove]] = defaultdict(dict)
            found = [each for each in tellings if each.event.biz_step == step]
            for each in sorted(found, key=lambda each: each.only_links):
                near = {
                    number: move
                    for index, clues in ((better, each.clues), (same, _again(each)))
                    for clue in clues
                    for place in _places_near(clue, each)
                    for number, move in index.get(place, {}).items()
                }
                joined = self._moves_of(each, near.values())
                for move, names in joined:
                    move.add(each, names)
                if len(joined) == 1:
                    self._choose(joined[0][0], each)
                moves = [move for move, _ in joined] or [ToldMove([each])]
                if not joined:
                    self._moves[ships] += moves
                for clue in (*each.clues, *((paper, each.is_boxed) for paper in each.papers)):
                    for place in _places(clue, each):
                        same[place].update((id(move), move) for move in moves)
            for place, others in same.items():
                better[place].update(others)
        for move in self._moves[ships]:
            for each in move.tellings[1:]:
                self.repeats[each.event.digest] = _repeat(move.first, each)
        for move in self._moves[ships]:
            self.repeats.pop(move.first.event.digest, None)

    def _choose(self, move: ToldMove, each: Telling) -> None:
        """Of a receipt that is told twice, what says itself how much came is the one that counts."""
        first = move.first
        if each.event.biz_step != first.event.biz_step or each.only_links:
            return
        same_goods = first.names == each.names or len(first.names) == 1
        differs = first.amounts != each.amounts or first.event.time == each.event.time
        if same_goods and differs and each.is_stated and not first.is_stated:
            move.tellings.remove(each)
            move.tellings.insert(0, each)

    def _moves_of(
        self, each: Telling, moves: Iterable[ToldMove]
    ) -> list[tuple[ToldMove, set[str | Item]]]:
        """The moves that an event tells of again, with what of each; none if it tells of its own."""
        near = []
        doubtful: list[Telling] = []
        for move in moves:
            alike = [other for other in move.tellings if other.agrees(each)]
            sure = [other for other in alike if self._is_one(each, other)]
            doubtful += alike
            if sure:
                near.append((min(_distance(each, other) for other in sure), move))
        left = set(each.names)
        joined = []
        linked = []
        for (is_far, _, _), move in sorted(near, key=lambda pair: pair[0]):
            again = move.first.event.biz_step == each.event.biz_step and not each.only_links
            told = set() if each.only_links else move.told[each.event.biz_step]
            known = {name for other in move.tellings for name in other.names}
            common = {
                name
                for name in left & known
                if isinstance(name, str) or (not again and name not in told)
            }
            if not common and not is_far:
                if again and self._is_count(each, move):
                    common = set(left)
                elif not again:
                    linked.append(move)
            if common:
                joined.append((move, common))
                left -= common
            if not left:
                return joined
        together = [] if joined else told_together(linked, each)
        if not together:
            self._doubt(each, doubtful)
        return [(move, left) for move in together]

    def _is_one(self, each: Telling, other: Telling) -> bool:
        """Whether two events that agree are near enough, and the goods had not arrived between."""
        if each.only_links or other.only_links:
            return True
        again = each.event.biz_step == other.event.biz_step
        is_sure = each.is_linked(other) and not (again and each.is_boxed and other.is_boxed)
        is_near = is_sure or abs(each.event.time - other.event.time) <= _SOON
        return is_near and not self._is_across(each, other)

    def _is_across(self, each: Telling, other: Telling) -> bool:
        """Whether the other end of the move lies between: then the goods moved twice."""
        early, late = sorted((each, other), key=lambda telling: moment_of(telling.event))
        moved, index = early if each.ships else late, self._ends[not each.ships]
        for clue in moved.clues:
            after, before = early.event.time + _CLOCKS, late.event.time - _CLOCKS
            between = _between(index.get(clue, ()), after, before)
            for end in between:
                if clue in moved.things and clue in end.things:
                    if len(set(map(site_of, end.ends))) == 2:
                        return True  # it was somewhere else meanwhile
                elif end.site != moved.site and moved.agrees(end):
                    return True
        return False

    def _is_count(self, each: Telling, move: ToldMove) -> bool:
        """Whether a receipt counts what another one received in boxes, by what was shipped."""
        first = move.first
        if each.ships or each.is_boxed == first.is_boxed or len(each.amounts) != 1:
            return False
        uom, amount = next(iter(each.amounts.items()))
        limit = self._sent(each.papers & first.papers).get(uom)
        together = added(amount, first.amounts.get(uom))
        is_more = limit is not None and together is not None and together > limit
        return is_more and (len(first.names) == 1 or move.has_room(each))

    def _sent(self, papers: Iterable[str]) -> Mapping[str, Decimal | None]:
        """By unit: how much was shipped with some papers."""
        shipped = {
            id(move): move.first.movement
            for move in self._moves[True]
            if not move.first.papers.isdisjoint(papers)
        }
        return totals(shipped.values(), self._moves[True][0].first.lot) if shipped else {}

    def _may_be_one(self, each: Telling, other: Telling) -> bool:
        """Whether events that agree look like one move: as much is shipped again and again."""
        if each.event.biz_step != other.event.biz_step:
            return True
        is_count = each.is_boxed != other.is_boxed and each.amounts == other.amounts
        if is_count and not self._sent(each.papers & other.papers):
            return True
        return not each.things.isdisjoint(other.things)

    def _doubt(self, each: Telling, alike: Iterable[Telling]) -> None:
        """An event that is nearly, but not surely, another telling of a move."""
        near = min(
            (other for other in alike if self._may_be_one(each, other)),
            key=lambda other: _distance(each, other),
            default=None,
        )
        if near is None:
            return
        is_late = abs(each.event.time - near.event.time) > _SOON
        if (is_late or not each.things.isdisjoint(near.things)) and self._is_across(each, near):
            return
        what = "shipment" if each.ships else "receipt"
        self.doubts[each.event.digest] = (
            f"may be the {what} of {near.event.local_date:%m/%d/%Y} that another event records"
        )

    def _find_inside(self, is_within: Callable[[Event], bool], *, ships: bool) -> None:
        """What does not say where it starts or ends, and the event at its other end does."""
        ends: dict[str | Item, list[Telling]] = defaultdict(list)
        for move in self._moves[not ships]:
            if is_within(move.first.event):
                for clue in move.first.clues:
                    ends[clue].append(move.first)
        used: set[int] = set()
        opens = [move.first for move in self._moves[ships] if not all(move.first.ends)]
        opens.sort(key=lambda each: moment_of(each.event), reverse=ships)
        for each in opens if ends else ():
            found = {id(end): end for clue in each.clues for end in ends.get(clue, ())}
            fitting = [
                end
                for end in found.values()
                if each.agrees(end)
                and (id(end) not in used or not each.things.isdisjoint(end.things))
                and (
                    each.is_linked(end) or _is_soon_after(*((each, end) if ships else (end, each)))
                )
            ]
            if fitting:
                used.add(id(min(fitting, key=lambda end: _distance(each, end))))
                self.inside.add(each.event.digest)


def _places(clue: Clue, each: Telling) -> list[_Place]:
    """Where an event is kept to be found by others."""
    if not isinstance(clue, Item):
        return [(clue, each.site, 0, False)]
    return [(clue, each.site, _week(each), bool(each.papers))]


def _places_near(clue: Clue, each: Telling) -> list[_Place]:
    """Where those are kept that it may agree with: if both have papers, these are clues enough."""
    if not isinstance(clue, Item):
        return _places(clue, each)
    with_papers = (False,) if each.papers and not each.only_links else (False, True)
    weeks = (_week(each) + more for more in (-1, 0, 1))
    return [(clue, each.site, week, known) for week in weeks for known in with_papers]


def _week(each: Telling) -> int:
    """Those of one move are at most a week apart."""
    return each.event.time.toordinal() // 7


def _again(each: Telling) -> Iterator[Clue]:
    """By what to find an event of the same business step that tells of the same move."""
    if each.only_links:
        yield from each.clues
    yield from each.things
    yield from ((paper, not each.is_boxed) for paper in each.papers)


def _is_soon_after(shipped: Telling, received: Telling) -> bool:
    return timedelta(0) <= received.event.time - shipped.event.time <= _SOON


def _between(ends: Sequence[Telling], after: datetime, before: datetime) -> Sequence[Telling]:
    def time(telling: Telling) -> datetime:
        return telling.event.time

    return ends[bisect_right(ends, after, key=time) : bisect_left(ends, before, key=time)]


def _distance(each: Telling, other: Telling) -> tuple[bool, bool, timedelta]:
    """How far two events are from telling of one move: by links, things, and time."""
    return (
        not each.is_linked(other),
        each.things.isdisjoint(other.things),
        abs(each.event.time - other.event.time),
    )


def _repeat(first: Telling, each: Telling) -> str:
    what = "shipment" if each.ships else "receipt"
    if each.only_links:
        return f"the papers of a {what} that another event records"
    if first.event.biz_step == each.event.biz_step:
        return f"a {what} that another event records"
    return f"the {'departure' if each.ships else 'arrival'} of a {what} that another event records"
