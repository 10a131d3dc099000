"""Which critical tracking event an EPCIS event is, if any, and why.

GS1's vocabulary and the rule's do not match one to one (GS1 US, *EPCIS Recommendations for FSMA
204 CTEs*, R2.0); a host that knows its partners' habits better overrides the answer.
"""

from collections.abc import Callable, Iterable

from closient_export.epcis import Action, Event
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.classification import Classification, Rules
from closient_export.trace.foods import Foods
from closient_export.trace.graph import LotGraph, Movement, Transformation
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.lot_origins import LotOrigins
from closient_export.trace.moves import Moves
from closient_export.trace.origins import Origin
from closient_export.trace.steps import (
    AT_SEA_STEPS,
    FARM_HARVEST_STEPS,
    RECEIVING_STEPS,
    SHIPPING_STEPS,
    step_of,
)

__all__ = ["Classified"]

_COOLING_STEPS = ("other", "cooling")
_NO_EVENTS = "no critical tracking event"
_BEFORE_LANDING = "before first land-based receiving"


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
        self._rules = rules
        self._foods = Foods(graph, product_of)
        self._origins = LotOrigins(graph, self._foods, rules, self.transformation, self._movement)
        self._found: dict[tuple[str, str], Classification] = {}
        self.moves = Moves(graph.movements, self.origin, location_of)
        """Which shipments and receipts are moves in the rule's sense."""

    def origin(self, lot: str) -> Origin | None:
        """How a lot came to be, as far as events say; of several ways the first."""
        return self._origins.first(lot)

    def origins(self, lot: str) -> tuple[Origin, ...]:
        """Every event that says how a lot came to be; more than one is a contradiction."""
        return self._origins.of(lot)

    def on_list(self, lot: str) -> bool:
        """Whether a lot may be of a food on the Food Traceability List."""
        return self._foods.on_list(lot)

    def is_of_sprouts(self, lot: str) -> bool:
        """Whether a lot is of sprouts, which are packed where they were grown from seeds."""
        return self._foods.is_of_sprouts(lot)

    def harvested_only(self, lot: str) -> bool:
        """Whether a lot was harvested and has no traceability lot code yet (21 CFR 1.1310)."""
        origin = self.origin(lot)
        return origin is not None and origin.cte is CriticalTrackingEvent.HARVESTING

    def packing_of(self, lots: Iterable[str]) -> CriticalTrackingEvent:
        """Which initial packing it is to pack harvested lots: of an exempt person's food or not."""
        if all(map(self._origins.is_from_exempt, lots)):
            return CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT
        return CriticalTrackingEvent.INITIAL_PACKING

    def transformation(self, transformation: Transformation) -> Classification:
        """What a transformation is: a harvest, an initial packing, or a transformation."""
        return self._rules.judged(transformation.completed, self._transformation(transformation))

    def _transformation(self, transformation: Transformation) -> Classification:
        if step_of(transformation.completed) in FARM_HARVEST_STEPS:
            return Classification(CriticalTrackingEvent.HARVESTING)
        if self._origins.is_on_board(transformation):
            return Classification(None, f"on board, {_BEFORE_LANDING} (21 CFR 1.1335)")
        if any(map(self.is_of_sprouts, transformation.output_lots)):
            return Classification(CriticalTrackingEvent.INITIAL_PACKING)
        lots = [lot for lot in sorted(transformation.input_lots) if self.on_list(lot)]
        origins = [self.origin(lot) for lot in lots]
        if lots and all(map(self.harvested_only, lots)):
            cte = self.packing_of(lots)
            reason = next((origin.reason for origin in origins if origin and origin.reason), "")
            return Classification(cte, reason, assumed=bool(reason))
        if afloat := next(filter(self._origins.is_at_sea, lots), ""):
            reason = f"no event says that {afloat} was landed, but this is not where it was caught"
            return Classification(CriticalTrackingEvent.TRANSFORMATION, reason, assumed=True)
        if None in origins:
            unknown = lots[origins.index(None)]
            reason = f"no event says how {unknown} came to be, so it may be an initial packing"
            return Classification(CriticalTrackingEvent.TRANSFORMATION, reason, assumed=True)
        return Classification(CriticalTrackingEvent.TRANSFORMATION)

    def movement(self, movement: Movement, lot: str) -> Classification:
        """What an event is for one of the lots that it is about."""
        place = (lot, movement.event.digest)
        if place not in self._found:
            event = movement.event
            self._found[place] = self._rules.judged(event, self._movement(event, lot))
        return self._found[place]

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
        known = ":" not in event.biz_step or step in (*AT_SEA_STEPS, "hatching")
        return Classification(None, f"{_NO_EVENTS}: business step '{event.biz_step}'", not known)

    def _move(self, event: Event, lot: str, *, ships: bool) -> Classification:
        if before := self._before_code(lot, event):
            return Classification(None, f"{before} (21 CFR {'1.1340' if ships else '1.1345'}(c))")
        if reason := self.moves.no_move(event, lot):
            return Classification(None, reason)
        if ships:
            return Classification(CriticalTrackingEvent.SHIPPING)
        if self._origins.receives_from_exempt(event, lot):
            return Classification(CriticalTrackingEvent.RECEIVING_FROM_EXEMPT)
        return Classification(CriticalTrackingEvent.RECEIVING)

    def _before_code(self, lot: str, event: Event) -> str:
        """Why a move before the code is assigned is none of the rule's."""
        origin = self.origin(lot)
        if self._foods.is_grown_on(lot):
            return "before the harvest"
        if origin is None:
            return ""
        if origin.cte is CriticalTrackingEvent.HARVESTING and self._graph.used_by.get(lot):
            return "before initial packing"
        landed = origin.cte is CriticalTrackingEvent.FIRST_LAND_BASED_RECEIVING
        return (
            _BEFORE_LANDING if origin.at_sea or (landed and event.time < origin.event.time) else ""
        )
