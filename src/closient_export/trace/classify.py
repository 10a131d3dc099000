"""Which critical tracking event an EPCIS event is, if any, and why.

GS1's vocabulary and the rule's do not match one to one (GS1 US, *EPCIS Recommendations for FSMA
204 CTEs*, R2.0); a host that knows its partners' habits better overrides the answer.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from attrs import evolve, frozen

from closient_export.epcis import Action, Event, EventType
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.descriptions import site_of
from closient_export.trace.graph import LotGraph, Movement, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.moves import Moves
from closient_export.trace.origins import Origin
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["Classification", "Classified", "Classifier", "Origin", "Rules", "step_of"]

Classifier = Callable[[Event, "Classification"], CriticalTrackingEvent | None]
"""A host's own view: from an event and the library's answer to the one that counts."""


def _nowhere(_place: str) -> bool:
    return False


@frozen(kw_only=True)
class Rules:
    """What only the host knows."""

    is_exempt: Callable[[str], bool] = _nowhere
    """Whether a place or party, by its canonical identifier, is exempt from the rule."""
    classifier: Classifier | None = None


@frozen
class Classification:
    """What an event is for one lot."""

    cte: CriticalTrackingEvent | None
    reason: str = ""
    """Why it is none, or what had to be assumed."""
    assumed: bool = False
    """Whether the event alone does not say it."""


_LANDING_STEPS = ("landing",)
_AT_SEA_STEPS = ("fishingevent", "transshipment", "catching")
_FROM_VESSEL_STEPS = ("unloading", *RECEIVING_STEPS)
_FARM_HARVEST_STEPS = ("farmharvest", "harvesting")
_HARVEST_STEPS = ("creating_class_instance", "collecting", *_FARM_HARVEST_STEPS)
_COOLING_STEPS = ("other", "cooling")
_LANDING_DATA = ("catchzone", "fishtype", "vesselcatchinformationlist", "vesselname", "vesselid")
_PROCESSED = ("cheese", "freshcut", "smoked", "delisalad", "nutbutter")
"""What stands in the names of those categories of the Food Traceability List that are made of raw
agricultural commodities, also as GS1 US codes them; only of these there is a harvest (1.1325)."""
_NO_EVENTS = "no critical tracking event"
_BEFORE_LANDING = "before first land-based receiving"
_ORIGINS = (
    CriticalTrackingEvent.HARVESTING,
    CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING,
    CriticalTrackingEvent.RECEIVING_FROM_EXEMPT,
)


def step_of(event: Event) -> str:
    """The last part of an event's business step, in lower case: also for words of GDST.

    Some write these as the CBV writes its own, as ``…/BizStep-landing``.
    """
    last = event.biz_step.replace("/", ":").rpartition(":")[2].lower()
    return last.removeprefix("bizstep-")


def _says_landing(event: Event) -> bool:
    """Whether an event describes a landing: GS1 US gives its data in ``ilmd`` (R2.0, section 5)."""
    step = step_of(event)
    if event.action is not Action.ADD or step in (*_AT_SEA_STEPS, *_FARM_HARVEST_STEPS):
        return step in _LANDING_STEPS
    names = {name.rpartition(":")[2].lower() for name in (*event.ilmd, *event.extensions)}
    return step in _LANDING_STEPS or not names.isdisjoint(_LANDING_DATA)


class Classified:
    """What each event of a graph is for each of its lots.

    Args:
        graph: The result of a walk.
        product_of: Describes a lot, as far as master data do.
        rules: What the host knows.
        location_of: Describes a place, as far as master data do.
    """

    def __init__(
        self,
        graph: LotGraph,
        product_of: Callable[[str], ProductDescription | None],
        rules: Rules,
        location_of: Callable[[str], LocationDescription | None] = lambda _place: None,
    ) -> None:
        self._graph = graph
        self._product_of = product_of
        self._rules = rules
        self._origins: dict[str, tuple[Origin, ...]] = {}
        self._found: dict[tuple[str, str], Classification] = {}
        self._events = {
            lot: [movement.event for movement in movements]
            for lot, movements in graph.movements.items()
        }
        self.moves = Moves(graph.movements, self.origin, location_of)
        """Which shipments and receipts are moves in the rule's sense."""

    def origin(self, lot: str) -> Origin | None:
        """How a lot came to be, as far as events say; of several ways the first."""
        origins = self.origins(lot)
        return origins[0] if origins else None

    def origins(self, lot: str) -> tuple[Origin, ...]:
        """Every event that says how a lot came to be; more than one is a contradiction."""
        if lot not in self._origins:
            for each in self._upstream(lot):  # since calls cannot go as deep
                if each not in self._origins:
                    self._origins[each] = ()  # a lot may come, over several steps, from itself
                    found = tuple(self._find_origins(each))
                    if self._rules.classifier is not None:
                        found = tuple(self._as_host_says(each, found))
                    self._origins[each] = found
        return self._origins[lot]

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
                    used = transformation.input_lots - seen - self._origins.keys()
                    unread += [(each, False) for each in sorted(used)]
        return found

    def _find_origins(self, lot: str) -> Iterator[Origin]:
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
        exempt = [event for event in events if self._is_from_exempt(event, lot)]
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
        cte = self.transformation(transformation).cte
        aboard = cte is None and self._is_on_board(transformation)
        return Origin(transformation.completion(lot), cte, transformation, at_sea=aboard)

    def _creation(self, event: Event, lot: str) -> Origin:
        step = step_of(event)
        harvested = CriticalTrackingEvent.HARVESTING
        if step not in _FARM_HARVEST_STEPS and self._is_processed(lot):
            return Origin(event, None, at_sea=step in _AT_SEA_STEPS)
        if step in _HARVEST_STEPS:
            return Origin(event, harvested)
        moved = any(
            other.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS) for other in self._events[lot]
        )
        packed = self._graph.used_by.get(lot) and not self._is_grown_on(lot)
        # Many commission what they harvest; but a lot that is shipped as it is has its code.
        if step == "commissioning" and not moved and packed:
            reason = "commissioned, and used without being shipped, so it may be a harvest"
            return Origin(event, harvested, reason=reason)
        return Origin(event, None, at_sea=step in _AT_SEA_STEPS)

    def _as_host_says(self, lot: str, found: tuple[Origin, ...]) -> Iterator[Origin]:
        known = {origin.event.digest for origin in found}
        for event in self._events.get(lot, ()):
            default = self._movement(event, lot)
            cte = self._judged(event, default).cte
            if event.digest not in known and cte is not default.cte and cte in _ORIGINS:
                yield Origin(event, cte)
        for origin in found:
            judged = self._judged(origin.event, Classification(origin.cte))
            yield origin if origin.transformation else evolve(origin, cte=judged.cte)

    def _is_from_exempt(self, event: Event, lot: str) -> bool:
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

    def harvested_only(self, lot: str) -> bool:
        """Whether a lot was harvested and has no traceability lot code yet (21 CFR 1.1310)."""
        origin = self.origin(lot)
        return origin is not None and origin.cte is CriticalTrackingEvent.HARVESTING

    def packing_of(self, lots: Iterable[str]) -> CriticalTrackingEvent:
        """Which initial packing it is to pack harvested lots: of an exempt person's food or not."""
        if all(map(self._is_exempt_origin, lots)):
            return CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT
        return CriticalTrackingEvent.INITIAL_PACKING

    def _is_on_board(self, transformation: Transformation) -> bool:
        """Whether something is made at sea of what was caught: where it was caught or handed over."""
        lots = list(filter(self.on_list, transformation.input_lots))
        place = site_of(transformation.completed.place)
        return bool(lots) and all(
            self._is_at_sea(lot) and (not place or place in self._places_at_sea(lot))
            for lot in lots
        )

    def _is_at_sea(self, lot: str) -> bool:
        origin = self.origin(lot)
        return origin is not None and origin.at_sea

    def _places_at_sea(self, lot: str) -> set[str]:
        origins = {site_of(origin.event.place) for origin in self.origins(lot)}
        events = self._events.get(lot, ())
        return origins | {site_of(e.place) for e in events if step_of(e) in _AT_SEA_STEPS}

    def _is_grown_on(self, lot: str) -> bool:
        """Whether a lot is seed, fry or feed: of all that used it, something was harvested."""
        uses = self._graph.used_by.get(lot, ())
        return bool(uses) and all(step_of(use.completed) in _FARM_HARVEST_STEPS for use in uses)

    def on_list(self, lot: str) -> bool:
        """Whether a lot may be of a food on the Food Traceability List."""
        product = self._product_of(lot) if lot else None
        listed = None if product is None else product.on_food_traceability_list
        return lot not in self._seeds if listed is None else listed

    @cached_property
    def _seeds(self) -> frozenset[str]:
        """Lots of which nothing but sprouts were made: sprouts are on the list, seeds are not."""
        found: set[str] = set()
        unread = list(filter(self.is_of_sprouts, self._graph.made_by))
        while unread:
            for transformation in self._graph.made_by.get(unread.pop(), ()):
                for lot in transformation.input_lots - found:
                    made = [each.output_lots for each in self._graph.used_by.get(lot, ())]
                    becomes = frozenset().union(*made) - found
                    if not self.is_of_sprouts(lot) and all(map(self.is_of_sprouts, becomes)):
                        found.add(lot)
                        unread.append(lot)
        return frozenset(found)

    def transformation(self, transformation: Transformation) -> Classification:
        """What a transformation is: a harvest, an initial packing, or a transformation."""
        return self._judged(transformation.completed, self._transformation(transformation))

    def _transformation(self, transformation: Transformation) -> Classification:
        if step_of(transformation.completed) in _FARM_HARVEST_STEPS:
            return Classification(CriticalTrackingEvent.HARVESTING)
        if self._is_on_board(transformation):
            return Classification(None, f"on board, {_BEFORE_LANDING} (21 CFR 1.1335)")
        if any(map(self.is_of_sprouts, transformation.output_lots)):
            return Classification(CriticalTrackingEvent.INITIAL_PACKING)
        lots = [lot for lot in sorted(transformation.input_lots) if self.on_list(lot)]
        origins = [self.origin(lot) for lot in lots]
        if lots and all(map(self.harvested_only, lots)):
            cte = self.packing_of(lots)
            reason = next((origin.reason for origin in origins if origin and origin.reason), "")
            return Classification(cte, reason, assumed=bool(reason))
        if afloat := next(filter(self._is_at_sea, lots), ""):
            reason = f"no event says that {afloat} was landed, but this is not where it was caught"
            return Classification(CriticalTrackingEvent.TRANSFORMATION, reason, assumed=True)
        if None in origins:
            unknown = lots[origins.index(None)]
            reason = f"no event says how {unknown} came to be, so it may be an initial packing"
            return Classification(CriticalTrackingEvent.TRANSFORMATION, reason, assumed=True)
        return Classification(CriticalTrackingEvent.TRANSFORMATION)

    def is_of_sprouts(self, lot: str) -> bool:
        """Whether a lot is of sprouts, which are packed where they were grown from seeds."""
        product = self._product_of(lot) if lot else None
        return (
            product is not None and product.food_traceability_list_category.casefold() == "sprouts"
        )

    def _is_processed(self, lot: str) -> bool:
        """Whether a lot is of a food that is made, so that it cannot have been harvested."""
        product = self._product_of(lot) if lot else None
        category = product.food_traceability_list_category.casefold() if product else ""
        words = "".join(filter(str.isalpha, category))
        return any(word in words for word in _PROCESSED)

    def _is_exempt_origin(self, lot: str) -> bool:
        origin = self.origin(lot)
        return origin is not None and any(
            map(self._rules.is_exempt, (origin.event.place, *_parties(self._events.get(lot, ()))))
        )

    def movement(self, movement: Movement, lot: str) -> Classification:
        """What an event is for one of the lots that it is about."""
        place = (lot, movement.event.digest)
        if place not in self._found:
            event = movement.event
            self._found[place] = self._judged(event, self._movement(event, lot))
        return self._found[place]

    def _judged(self, event: Event, found: Classification) -> Classification:
        if self._rules.classifier is None:
            return found
        cte = self._rules.classifier(event, found)
        return found if cte is found.cte else Classification(cte, "as the host classifies it")

    def _movement(self, event: Event, lot: str) -> Classification:
        if not self.on_list(lot):
            return Classification(None, "a food that is not on the Food Traceability List")
        for origin in self.origins(lot):
            if origin.transformation is None and origin.event.digest == event.digest and origin.cte:
                return Classification(origin.cte, origin.reason, assumed=bool(origin.reason))
        step = step_of(event)
        if not step:
            packs = bool(event.parent) and event.action is not Action.OBSERVE
            return Classification(None, "no business step says what happened", assumed=not packs)
        if step in (*SHIPPING_STEPS, *RECEIVING_STEPS):
            return self._move(event, lot, ships=step in SHIPPING_STEPS)
        if step in _COOLING_STEPS and self.harvested_only(lot):
            measured = bool(event.extensions.get("sensorElementList"))
            reason = "" if measured or step == "cooling" else f"step '{step}' of a harvested lot"
            return Classification(CriticalTrackingEvent.COOLING, reason, assumed=bool(reason))
        known = ":" not in event.biz_step or step in (*_AT_SEA_STEPS, "hatching")
        return Classification(None, f"{_NO_EVENTS}: business step '{event.biz_step}'", not known)

    def _move(self, event: Event, lot: str, *, ships: bool) -> Classification:
        if before := self._before_code(lot, event):
            return Classification(None, f"{before} (21 CFR {'1.1340' if ships else '1.1345'}(c))")
        if reason := self.moves.no_move(event, lot):
            return Classification(None, reason)
        if ships:
            return Classification(CriticalTrackingEvent.SHIPPING)
        if self._is_from_exempt(event, lot):
            return Classification(CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
        return Classification(CriticalTrackingEvent.RECEIVING)

    def _before_code(self, lot: str, event: Event) -> str:
        """Why a move before the code is assigned is none of the rule's."""
        origin = self.origin(lot)
        if self._is_grown_on(lot):
            return "before the harvest"
        if origin is None:
            return ""
        if origin.cte is CriticalTrackingEvent.HARVESTING and self._graph.used_by.get(lot):
            return "before initial packing"
        landed = origin.cte is CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING
        return (
            _BEFORE_LANDING if origin.at_sea or (landed and event.time < origin.event.time) else ""
        )


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
