"""How the lots of a graph came to be, by what made them or by what was first told of them."""

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from closient_export.epcis import Action, Event, EventType
from closient_export.trace.classification import Classification, Rules
from closient_export.trace.descriptions import site_of
from closient_export.trace.foods import Foods
from closient_export.trace.graph import LotGraph, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.origins import Origin
from closient_export.trace.steps import (
    AT_SEA_STEPS,
    FARM_HARVEST_STEPS,
    RECEIVING_STEPS,
    SHIPPING_STEPS,
    step_of,
)

__all__ = ["LotOrigins"]

_LANDING_STEPS = ("landing",)
_FROM_VESSEL_STEPS = ("unloading", *RECEIVING_STEPS)
_HARVEST_STEPS = ("creating_class_instance", "collecting", *FARM_HARVEST_STEPS)
_LANDING_DATA = ("catchzone", "fishtype", "vesselcatchinformationlist", "vesselname", "vesselid")
_ORIGINS = (
    CriticalTrackingEvent.HARVESTING,
    CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING,
    CriticalTrackingEvent.RECEIVING_FROM_EXEMPT,
)


class LotOrigins:
    """How each lot of a graph came to be, after all that it was made of.

    Args:
        graph: The result of a walk.
        foods: What the lots are of.
        rules: What the host knows.
        transformation_of: What a transformation is; it asks in turn how what was used came to be.
        movement_of: What an event is for a lot, before the host is asked.
    """

    def __init__(
        self,
        graph: LotGraph,
        foods: Foods,
        rules: Rules,
        transformation_of: Callable[[Transformation], Classification],
        movement_of: Callable[[Event, str], Classification],
    ) -> None:
        self._graph = graph
        self._foods = foods
        self._rules = rules
        self._transformation_of = transformation_of
        self._movement_of = movement_of
        self._found: dict[str, tuple[Origin, ...]] = {}
        self._events = {
            lot: [movement.event for movement in movements]
            for lot, movements in graph.movements.items()
        }

    def first(self, lot: str) -> Origin | None:
        """How a lot came to be, as far as events say; of several ways the first."""
        origins = self.of(lot)
        return origins[0] if origins else None

    def of(self, lot: str) -> tuple[Origin, ...]:
        """Every event that says how a lot came to be; more than one is a contradiction."""
        if lot not in self._found:
            for each in self._upstream(lot):  # since calls cannot go as deep
                if each not in self._found:
                    self._found[each] = ()  # a lot may come, over several steps, from itself
                    found = tuple(self._find(each))
                    if self._rules.classifier is not None:
                        found = tuple(self._as_host_says(each, found))
                    self._found[each] = found
        return self._found[lot]

    def _upstream(self, lot: str) -> list[str]:
        """A lot after all that it came from, as far as their origins are not known yet."""
        found: list[str] = []
        seen: set[str] = set()
        unread = [(lot, False)]
        while unread:
            current, is_read = unread.pop()
            if is_read:
                found.append(current)
            elif current not in seen:
                seen.add(current)
                unread.append((current, True))
                for transformation in self._graph.made_by.get(current, ()):
                    used = transformation.input_lots - seen - self._found.keys()
                    unread += [(each, False) for each in sorted(used)]
        return found

    def _find(self, lot: str) -> Iterator[Origin]:
        events = self._events.get(lot, [])
        made = [self._made_by(each, lot) for each in self._graph.made_by.get(lot, ())]
        makings = [event for event in events if _makes(event, lot)]
        creations = [self._creation(e, lot) for e in makings or self._first_items(lot)]
        aboard = made or [origin for origin in creations if origin.at_sea]
        if made and not all(origin.at_sea for origin in made):
            yield from made
            return
        landings = [event for event in events if _says_landing(event) and _names(event, lot)]
        arrivals = [event for event in events if step_of(event) in _FROM_VESSEL_STEPS]
        exempt = [event for event in events if self.receives_from_exempt(event, lot)]
        landed = CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING
        if landings:
            yield from (Origin(event, landed) for event in landings)
        elif aboard and arrivals:
            reason = "caught at sea and landed by no event, so this may be where it was"
            yield Origin(arrivals[0], landed, reason=reason)
        elif aboard:
            yield from aboard
        else:
            unpacked = not creations or not self._graph.used_by.get(lot)
            if exempt and unpacked and not any(origin.assigns_code for origin in creations):
                yield Origin(exempt[0], CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
            yield from creations

    def _first_items(self, lot: str) -> list[Event]:
        """The events that commission items of a lot, where that began before the lot was moved."""
        found: list[Event] = []
        for movement in self._graph.movements.get(lot, ()):
            event = movement.event
            if not found and event.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS):
                break
            commissions = event.action is Action.ADD and event.biz_step == "commissioning"
            here = not found or site_of(event.place) == site_of(found[0].place)
            names = any(each.lot == lot and not each.containers for each in movement.portions)
            if commissions and here and names:
                found.append(event)
        return found

    def _made_by(self, transformation: Transformation, lot: str) -> Origin:
        cte = self._transformation_of(transformation).cte
        aboard = cte is None and self.is_on_board(transformation)
        return Origin(transformation.completion(lot), cte, transformation, at_sea=aboard)

    def _creation(self, event: Event, lot: str) -> Origin:
        step = step_of(event)
        harvested = CriticalTrackingEvent.HARVESTING
        if step not in FARM_HARVEST_STEPS and self._foods.is_processed(lot):
            return Origin(event, None, at_sea=step in AT_SEA_STEPS)
        if step in _HARVEST_STEPS:
            return Origin(event, harvested)
        moved = any(
            other.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS) for other in self._events[lot]
        )
        packed = self._graph.used_by.get(lot) and not self._foods.is_grown_on(lot)
        # Many commission what they harvest; but a lot that is shipped as it is has its code.
        if step == "commissioning" and not moved and packed:
            reason = "commissioned, and used without being shipped, so it may be a harvest"
            return Origin(event, harvested, reason=reason)
        return Origin(event, None, at_sea=step in AT_SEA_STEPS)

    def _as_host_says(self, lot: str, found: tuple[Origin, ...]) -> Iterator[Origin]:
        known = {origin.event.digest for origin in found}
        for event in self._events.get(lot, ()):
            default = self._movement_of(event, lot)
            cte = self._rules.judged(event, default).cte
            if event.digest not in known and cte is not default.cte and cte in _ORIGINS:
                yield Origin(event, cte)
        for origin in found:
            judged = self._rules.judged(origin.event, Classification(origin.cte))
            yield origin if origin.transformation else evolve(origin, cte=judged.cte)

    def receives_from_exempt(self, event: Event, lot: str) -> bool:
        """Whether an event receives from an exempt person: as it says, or as the shipper does."""
        if event.biz_step not in RECEIVING_STEPS:
            return False
        senders = [party.id for party in event.sources]
        if not senders:
            for other in reversed(self._events[lot]):
                if other.biz_step in SHIPPING_STEPS and other.time <= event.time:
                    senders = [other.place, *_parties([other])]
                    break
        return any(map(self._rules.is_exempt, senders))

    def is_from_exempt(self, lot: str) -> bool:
        """Whether a lot began with an exempt person, or one of its events names one as a source."""
        origin = self.first(lot)
        return origin is not None and any(
            map(self._rules.is_exempt, (origin.event.place, *_parties(self._events.get(lot, ()))))
        )

    def is_on_board(self, transformation: Transformation) -> bool:
        """Whether something is made at sea of what was caught: where it was caught or handed over."""
        lots = list(filter(self._foods.on_list, transformation.input_lots))
        place = site_of(transformation.completed.place)
        return bool(lots) and all(
            self.is_at_sea(lot) and (not place or place in self._places_at_sea(lot)) for lot in lots
        )

    def is_at_sea(self, lot: str) -> bool:
        """Whether a lot was caught or made at sea, and not landed yet."""
        origin = self.first(lot)
        return origin is not None and origin.at_sea

    def _places_at_sea(self, lot: str) -> set[str]:
        origins = {site_of(origin.event.place) for origin in self.of(lot)}
        events = self._events.get(lot, ())
        return origins | {site_of(e.place) for e in events if step_of(e) in AT_SEA_STEPS}


def _says_landing(event: Event) -> bool:
    """Whether an event describes a landing.

    GS1 US gives its data in ``ilmd`` (*EPCIS Recommendations for FSMA 204 CTEs*, R2.0, section 5).
    """
    step = step_of(event)
    if event.action is not Action.ADD or step in (*AT_SEA_STEPS, *FARM_HARVEST_STEPS):
        return step in _LANDING_STEPS
    names = {name.rpartition(":")[2].lower() for name in (*event.ilmd, *event.extensions)}
    return step in _LANDING_STEPS or not names.isdisjoint(_LANDING_DATA)


def _makes(event: Event, lot: str) -> bool:
    """Whether an event brings a lot into being, rather than single items of it or moves it."""
    return (
        event.type is EventType.OBJECT
        and event.action is Action.ADD
        and event.biz_step not in (*SHIPPING_STEPS, *RECEIVING_STEPS)
        and any(
            item.lot == lot and (item.id == lot or item.quantity is not None)
            for item in event.items
        )
    )


def _names(event: Event, lot: str) -> bool:
    return event.type is EventType.OBJECT and any(item.lot == lot for item in event.items)


def _parties(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield from (party.id for party in event.sources)
