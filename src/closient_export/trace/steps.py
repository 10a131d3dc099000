"""What a business step means for a trace, and which of two events at one time comes first."""

from collections.abc import Iterable
from datetime import datetime

from closient_export.epcis import Action, Event, EventType

__all__ = [
    "AT_SEA_STEPS",
    "FARM_HARVEST_STEPS",
    "RECEIVING_STEPS",
    "SHIPPING_STEPS",
    "VOIDING_STEP",
    "Moment",
    "in_order",
    "moment_of",
    "step_of",
]

SHIPPING_STEPS = ("shipping", "consigning", "departing")
RECEIVING_STEPS = ("receiving", "accepting", "arriving")
"""In the order of how much each says, since CBV 2.0 lets only one of each stand for a move."""
VOIDING_STEP = "void_shipping"
AT_SEA_STEPS = ("fishingevent", "transshipment", "catching")
FARM_HARVEST_STEPS = ("farmharvest", "harvesting")
"""As `step_of` gives them."""

Moment = tuple[datetime, int, str]
"""When an event happened, its place among those of the same time, and what tells it from them."""

_CONTAINING = (EventType.AGGREGATION, EventType.ASSOCIATION)


def step_of(event: Event) -> str:
    """The last part of an event's business step, in lower case: also for words of GDST.

    Some write these as the CBV writes its own, as ``…/BizStep-landing``.
    """
    last = event.biz_step.replace("/", ":").rpartition(":")[2].lower()
    return last.removeprefix("bizstep-")


def moment_of(event: Event) -> Moment:
    """What events are sorted by: at one time, goods arrive before they are used, packed, shipped.

    No two events are equal, even if they bear the same id.
    """
    return (event.time, _rank(event), event.event_id + event.digest)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events in order of time."""
    found = list(events)
    if len(found) > 1:
        found.sort(key=moment_of)
    return found


def _rank(event: Event) -> int:
    packs = event.type in _CONTAINING
    if packs and event.action is Action.DELETE:
        return 1  # also where a receipt is recorded as the unpacking
    if event.biz_step in RECEIVING_STEPS:
        return 0
    if event.type is EventType.TRANSFORMATION:
        return 3
    if packs and event.action is Action.ADD:
        return 5
    if event.biz_step in SHIPPING_STEPS:
        return 6
    return 2 if event.action is Action.ADD else 4
