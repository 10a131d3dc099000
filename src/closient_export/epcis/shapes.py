"""What events of each kind have of their own, and must have (EPCIS 2.0, sections 7.4.2 to 7.4.6)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from closient_export.epcis.events import Action, EventType
from closient_export.errors import Problem

__all__ = ["SHAPES", "Shape", "Things", "missing_members"]

_MISSING = "required, but missing"


@frozen
class Things:
    """Where the JSON of an event names things."""

    field: str
    """The field of `Event` that they fill."""
    objects: str
    quantities: str

    @property
    def name(self) -> str:
        """How messages call them."""
        return f"{self.objects} or {self.quantities}"

    def are_in(self, members: Mapping[str, Any]) -> bool:
        """Whether an event has any."""
        return bool(members.get(self.objects) or members.get(self.quantities))


@frozen
class Shape:
    """What events of one kind have of their own."""

    kind: EventType
    things: tuple[Things, ...]
    others: tuple[str, ...] = ("action", "parentID")


_OBJECTS = (Things("items", "epcList", "quantityList"),)
_CHILDREN = (Things("items", "childEPCs", "childQuantityList"),)
_INPUTS_AND_OUTPUTS = (
    Things("inputs", "inputEPCList", "inputQuantityList"),
    Things("outputs", "outputEPCList", "outputQuantityList"),
)
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        shape.kind.value: shape
        for shape in (
            Shape(EventType.OBJECT, _OBJECTS, ("action",)),
            Shape(EventType.AGGREGATION, _CHILDREN),
            Shape(EventType.ASSOCIATION, _CHILDREN),
            Shape(EventType.TRANSACTION, _OBJECTS),
            Shape(EventType.TRANSFORMATION, _INPUTS_AND_OUTPUTS, ("transformationID",)),
        )
    }
)


def missing_members(
    shape: Shape, members: Mapping[str, Any], action: Action | None
) -> Iterator[Problem]:
    """What does not stand in an event of this shape, and must; `action` as far as it is known."""
    for name in ("eventTime", "eventTimeZoneOffset"):
        if not members.get(name):
            yield Problem(name, _MISSING)
    if "action" in shape.others and not members.get("action"):
        yield Problem("action", _MISSING)
    if shape.kind is EventType.TRANSFORMATION:
        yield from _missing_of_transformation(members)
    elif shape.kind is EventType.TRANSACTION:
        if not members.get("bizTransactionList"):
            yield Problem("bizTransactionList", _MISSING)
    elif shape.kind is EventType.OBJECT:
        if not (shape.things[0].are_in(members) or members.get("sensorElementList")):
            message = "required without a sensorElementList, but missing"
            yield Problem(shape.things[0].name, message)
    elif action is not None:
        message = f"required with action {action}, but missing"
        if action is not Action.OBSERVE and not members.get("parentID"):
            yield Problem("parentID", message)
        may_be_empty = action is Action.DELETE or shape.kind is EventType.ASSOCIATION
        if not may_be_empty and not shape.things[0].are_in(members):
            yield Problem(shape.things[0].name, message)


def _missing_of_transformation(members: Mapping[str, Any]) -> Iterator[Problem]:
    missing = [things.name for things in _INPUTS_AND_OUTPUTS if not things.are_in(members)]
    if not members.get("transformationID"):
        for name in missing:
            yield Problem(name, "required without a transformationID, but missing")
    elif len(missing) == len(_INPUTS_AND_OUTPUTS):
        yield Problem(" or ".join(missing), _MISSING)
