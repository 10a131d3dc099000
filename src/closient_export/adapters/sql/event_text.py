"""Events as text that restores them exactly."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from closient_export.epcis import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)

__all__ = ["event_from_text", "event_to_text", "sorted_text"]

_MICROSECOND = timedelta(microseconds=1)
_NUMBER, _MARK = "$number", "$"
"""JSON has one kind of number: a Decimal is an object with this member, and other members that begin
with the mark have one more of it."""


def event_to_text(event: Event) -> str:
    """JSON in ASCII, with what differs from the defaults."""
    return json.dumps(_members(event), separators=(",", ":"))


def sorted_text(event: Event) -> str:
    """The same for all events that are equal, in whatever order their extensions came."""
    return json.dumps(_members(event), sort_keys=True)


def event_from_text(text: str) -> Event:
    """The event of `event_to_text`."""
    members = json.loads(text, object_hook=_restored)
    return Event(
        **{name: _READ[name](value) if name in _READ else value for name, value in members.items()}
    )


def _members(event: Event) -> dict[str, Any]:
    members = {}
    for name, default in _DEFAULTS.items():
        value = getattr(event, name)
        if value != default:
            members[name] = _WRITE[name](value) if name in _WRITE else value
    return members


def _default(field: "attrs.Attribute[Any]") -> Any:
    default: Any = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


_DEFAULTS = {field.name: _default(field) for field in attrs.fields(Event)}


def _plain(value: Any) -> Any:
    """A value of an extension as JSON."""
    if isinstance(value, Decimal):
        return {_NUMBER: str(value)}
    if isinstance(value, Mapping):
        return {
            _MARK + name if name.startswith(_MARK) else name: _plain(member)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return value


def _restored(members: dict[str, Any]) -> Any:
    if not any(name.startswith(_MARK) for name in members):
        return members
    if _NUMBER in members:
        return Decimal(members[_NUMBER])
    return {name.removeprefix(_MARK): member for name, member in members.items()}


def _rows(values: Iterable[Any]) -> list[list[Any]]:
    return [list(attrs.astuple(value)) for value in values]


def _items(items: Iterable[Item]) -> list[list[Any]]:
    return [
        [item.id, item.lot, None if item.quantity is None else str(item.quantity), item.uom]
        for item in items
    ]


def _read_items(rows: Iterable[list[Any]]) -> tuple[Item, ...]:
    return tuple(
        Item(identifier, lot, None if quantity is None else Decimal(quantity), uom)
        for identifier, lot, quantity, uom in rows
    )


def _error(error: ErrorDeclaration) -> list[Any]:
    return [error.time.isoformat(), error.reason, error.corrective_event_ids]


def _read_error(row: list[Any]) -> ErrorDeclaration:
    time, reason, ids = row
    return ErrorDeclaration(datetime.fromisoformat(time), reason, tuple(ids))


_WRITE: Mapping[str, Any] = {
    "time": datetime.isoformat,
    "offset": lambda offset: offset // _MICROSECOND,
    "record_time": datetime.isoformat,
    "documents": _rows,
    "sources": _rows,
    "destinations": _rows,
    "items": _items,
    "inputs": _items,
    "outputs": _items,
    "ilmd": _plain,
    "error": _error,
    "extensions": _plain,
}
_READ: Mapping[str, Any] = {
    "type": EventType,
    "time": datetime.fromisoformat,
    "offset": lambda number: number * _MICROSECOND,
    "record_time": datetime.fromisoformat,
    "action": Action,
    "persistent_dispositions": tuple,
    "documents": lambda rows: tuple(BusinessDocument(*row) for row in rows),
    "sources": lambda rows: tuple(Party(*row) for row in rows),
    "destinations": lambda rows: tuple(Party(*row) for row in rows),
    "items": _read_items,
    "inputs": _read_items,
    "outputs": _read_items,
    "error": _read_error,
}
