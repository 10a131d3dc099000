"""Which critical tracking event an EPCIS event is, if any, and why.

GS1's vocabulary and the rule's do not match one to one (GS1 US, *EPCIS Recommendations for FSMA
204 CTEs*, R2.0); a host that knows its partners' habits better overrides the answer.
"""

from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from closient_export.epcis import Action, Event, EventType
from closient_export.master_data import ProductDescription
from closient_export.trace.graph import LotGraph, Movement, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.steps import RECEIVING_STEPS, SHIPPING_STEPS

__all__ = ["Classification", "Classified", "Classifier", "Origin", "Rules", "step_of"]

Classifier = Callable[[Event, "Classification"], CriticalTrackingEvent | None]
"""A host's own view: from an event and the library's answer to the one that counts."""


@frozen(kw_only=True)
class Rules:
    """What only the host knows."""

    is_exempt: Callable[[str], bool] = lambda _place: False
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


@frozen
class Origin:
    """How a lot came to be."""

    event: Event
    cte: CriticalTrackingEvent | None
    """``None`` where events do not say which critical tracking event it was."""
    transformation: Transformation | None = None

    @property
    def assigns_code(self) -> bool:
        """Whether a traceability lot code is assigned here (21 CFR 1.1320)."""
        return self.cte is not CriticalTrackingEvent.HARVESTING


_LANDING_STEPS = ("landing",)
_AT_SEA_STEPS = ("fishingevent", "transshipment", "catching")
_FARM_HARVEST_STEPS = ("farmharvest", "harvesting")
_HARVEST_STEPS = ("creating_class_instance", "collecting", *_FARM_HARVEST_STEPS)
_COOLING_STEPS = ("other", "cooling")
_LANDING_DATA = ("catchzone", "fishtype", "vesselcatchinformationlist", "vesselname", "vesselid")
_NO_EVENTS = "no critical tracking event"


def step_of(event: Event) -> str:
    """The last part of an event's business step, in lower case: also for words of GDST."""
    return event.biz_step.replace("/", ":").rpartition(":")[2].lower()


def _says_landing(event: Event) -> bool:
    """Whether an event describes a landing: GS1 US gives its data in ``ilmd`` (R2.0, section 5)."""
    names = {name.rpartition(":")[2].lower() for name in (*event.ilmd, *event.extensions)}
    return step_of(event) in _LANDING_STEPS or not names.isdisjoint(_LANDING_DATA)


class Classified:
    """What each event of a graph is for each of its lots.

    Args:
        graph: The result of a walk.
        product_of: Describes a lot, as far as master data do.
        rules: What the host knows.
    """

    def __init__(
        self,
        graph: LotGraph,
        product_of: Callable[[str], ProductDescription | None],
        rules: Rules,
    ) -> None:
        self._graph = graph
        self._product_of = product_of
        self._rules = rules
        self._origins: dict[str, tuple[Origin, ...]] = {}
        self._shipped = {
            lot: [movement.event for movement in movements]
            for lot, movements in graph.movements.items()
        }

    def origin(self, lot: str) -> Origin | None:
        """How a lot came to be, as far as events say; of several ways the first."""
        origins = self.origins(lot)
        return origins[0] if origins else None

    def origins(self, lot: str) -> tuple[Origin, ...]:
        """Every event that says how a lot came to be; more than one is a contradiction."""
        if lot not in self._origins:
            self._origins[lot] = ()  # a lot may come, over several steps, from itself
            self._origins[lot] = tuple(self._find_origins(lot))
        return self._origins[lot]

    def _find_origins(self, lot: str) -> Iterator[Origin]:
        made = False
        for transformation in self._graph.made_by.get(lot, ()):
            made = True
            yield Origin(
                transformation.completed, self.transformation(transformation).cte, transformation
            )
        movements = self._graph.movements.get(lot, ())
        events = [movement.event for movement in movements]
        if made:
            return
        landings = [event for event in events if _says_landing(event) and _places(event, lot)]
        creations = [event for event in events if event.action is Action.ADD and _makes(event, lot)]
        if landings:
            yield from (
                Origin(event, CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING)
                for event in landings
            )
        elif creations:
            yield from (Origin(event, self._creation(event, lot)) for event in creations)
        else:
            for event in events:
                if event.biz_step in RECEIVING_STEPS and self._from_exempt(event):
                    yield Origin(event, CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
                    return

    def _creation(self, event: Event, lot: str) -> CriticalTrackingEvent | None:
        step = step_of(event)
        if step in _HARVEST_STEPS:
            return CriticalTrackingEvent.HARVESTING
        moved = any(
            other.biz_step in (*SHIPPING_STEPS, *RECEIVING_STEPS) for other in self._shipped[lot]
        )
        # Many commission what they harvest; but a lot that is shipped as it is has its code.
        if step == "commissioning" and not moved and self._graph.used_by.get(lot):
            return CriticalTrackingEvent.HARVESTING
        return None

    def _from_exempt(self, event: Event) -> bool:
        return any(self._rules.is_exempt(party.id) for party in event.sources)

    def harvested_only(self, lot: str) -> bool:
        """Whether a lot was harvested and has no traceability lot code yet (21 CFR 1.1310)."""
        origin = self.origin(lot)
        return origin is not None and origin.cte is CriticalTrackingEvent.HARVESTING

    def on_list(self, lot: str) -> bool:
        """Whether a lot may be of a food on the Food Traceability List."""
        product = self._product_of(lot) if lot else None
        return product is None or product.on_food_traceability_list is not False

    def transformation(self, transformation: Transformation) -> Classification:
        """What a transformation is: a harvest, an initial packing, or a transformation."""
        event = transformation.completed
        if step_of(event) in _FARM_HARVEST_STEPS:
            return self._judged(event, Classification(CriticalTrackingEvent.HARVESTING))
        lots = [lot for lot in sorted(transformation.input_lots) if self.on_list(lot)]
        found = Classification(CriticalTrackingEvent.TRANSFORMATION)
        if lots and all(map(self.harvested_only, lots)):
            exempt = all(self._is_exempt_origin(lot) for lot in lots)
            found = Classification(
                CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT
                if exempt
                else CriticalTrackingEvent.INITIAL_PACKING
            )
        elif lots and not all(map(self.origin, lots)):
            unknown = next(lot for lot in lots if not self.origin(lot))
            reason = f"no event says how {unknown} came to be, so it may be an initial packing"
            found = Classification(CriticalTrackingEvent.TRANSFORMATION, reason, assumed=True)
        return self._judged(event, found)

    def _is_exempt_origin(self, lot: str) -> bool:
        origin = self.origin(lot)
        return origin is not None and any(
            map(self._rules.is_exempt, (origin.event.place, *_parties(self._shipped[lot])))
        )

    def movement(self, movement: Movement, lot: str) -> Classification:
        """What an event is for one of the lots that it is about."""
        return self._judged(movement.event, self._movement(movement.event, lot))

    def _judged(self, event: Event, found: Classification) -> Classification:
        if self._rules.classifier is None:
            return found
        cte = self._rules.classifier(event, found)
        return found if cte is found.cte else Classification(cte, "as the host classifies it")

    def _movement(self, event: Event, lot: str) -> Classification:
        if not self.on_list(lot):
            return Classification(None, "a food that is not on the Food Traceability List")
        for origin in self.origins(lot):
            if origin.event == event and origin.transformation is None and origin.cte is not None:
                return Classification(origin.cte)
        step = step_of(event)
        if not step:
            return Classification(None, "no business step says what happened", assumed=True)
        before = self._before_code(lot, event)
        if step in SHIPPING_STEPS:
            return self._shipping(event, lot, before)
        if step in RECEIVING_STEPS:
            return self._receiving(event, lot, before)
        if step in _COOLING_STEPS and self.harvested_only(lot):
            measured = bool(event.extensions.get("sensorElementList"))
            reason = "" if measured or step == "cooling" else f"step '{step}' of a harvested lot"
            return Classification(CriticalTrackingEvent.COOLING, reason, assumed=bool(reason))
        known = ":" not in event.biz_step or step in (*_AT_SEA_STEPS, "hatching")
        return Classification(None, f"{_NO_EVENTS}: business step '{event.biz_step}'", not known)

    def _before_code(self, lot: str, event: Event) -> str:
        """The paragraph by which a move before the code is assigned is none of the rule's."""
        origin = self.origin(lot)
        if origin is None:
            return ""
        if origin.cte is CriticalTrackingEvent.HARVESTING and self._graph.used_by.get(lot):
            return "before initial packing"
        landed = origin.cte is CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING
        return (
            "before first land-based receiving" if landed and event.time < origin.event.time else ""
        )

    def _shipping(self, event: Event, lot: str, before: str) -> Classification:
        if before:
            return Classification(None, f"{before} (21 CFR 1.1340(c))")
        if self._said_better(event, lot, SHIPPING_STEPS):
            return Classification(None, "the departure of a shipment that another event records")
        return Classification(CriticalTrackingEvent.SHIPPING)

    def _receiving(self, event: Event, lot: str, before: str) -> Classification:
        if before:
            return Classification(None, f"{before} (21 CFR 1.1345(c))")
        if self._said_better(event, lot, RECEIVING_STEPS):
            return Classification(None, "the arrival of a receipt that another event records")
        if self._from_exempt(event):
            return Classification(CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
        return Classification(CriticalTrackingEvent.RECEIVING)

    def _said_better(self, event: Event, lot: str, steps: tuple[str, ...]) -> bool:
        """Whether an event at the same place says of the same objects or papers what says more."""
        better = steps[: steps.index(step_of(event))]
        things = {item.id for item in event.items}
        return any(
            other.biz_step in better
            and other.place == event.place
            and (
                not things.isdisjoint(item.id for item in other.items)
                or not set(event.documents).isdisjoint(other.documents)
            )
            for other in self._shipped.get(lot, ())
        )


def _makes(event: Event, lot: str) -> bool:
    """Whether an event brings a lot into being, rather than single items of it."""
    return event.type is EventType.OBJECT and any(
        item.lot == lot and (item.id == lot or item.quantity is not None) for item in event.items
    )


def _places(event: Event, lot: str) -> bool:
    return event.type is EventType.OBJECT and any(item.lot == lot for item in event.items)


def _parties(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield from (party.id for party in event.sources)
