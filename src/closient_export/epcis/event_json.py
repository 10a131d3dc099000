"""One event from its JSON, checked whole: all its problems are reported at once."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from closient_export.epcis.events import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.values import (
    NestedProblems,
    as_it_came,
    read_action,
    read_identifier,
    read_item,
    read_list,
    read_loose_time,
    read_member,
    read_object,
    read_offset,
    read_place,
    read_quantity,
    read_reference,
    read_time,
    read_uri,
)
from closient_export.epcis.vocabulary import (
    BUSINESS_STEPS,
    DISPOSITIONS,
    DOCUMENT_TYPES,
    ERROR_REASONS,
    PARTY_TYPES,
    Vocabulary,
)
from closient_export.errors import Problem, shown

__all__ = ["EventJson", "EventProblems"]

_MISSING = "required, but missing"
_NO_EXTENSIONS = frozenset({"type", "isA", "@context", "baseExtension"})


@frozen
class _Shape:
    """What events of one kind have of their own (EPCIS 2.0, sections 7.4.2 to 7.4.6)."""

    kind: EventType
    things: tuple[tuple[str, str], ...]
    """Their members for objects and for quantities, pair by pair."""
    others: tuple[str, ...] = ("parentID", "action")

    @property
    def names(self) -> tuple[str, ...]:
        """How messages call the pairs."""
        return tuple(" or ".join(pair) for pair in self.things)


_SHAPES: Mapping[str, _Shape] = MappingProxyType(
    {
        shape.kind.value: shape
        for shape in (
            _Shape(EventType.OBJECT, (("epcList", "quantityList"),), ("action",)),
            _Shape(EventType.AGGREGATION, (("childEPCs", "childQuantityList"),)),
            _Shape(EventType.ASSOCIATION, (("childEPCs", "childQuantityList"),)),
            _Shape(EventType.TRANSACTION, (("epcList", "quantityList"),)),
            _Shape(
                EventType.TRANSFORMATION,
                (("inputEPCList", "inputQuantityList"), ("outputEPCList", "outputQuantityList")),
                ("transformationID",),
            ),
        )
    }
)
_Reader = Callable[[Any], Any]


class EventProblems(ValueError):
    """An event that breaks rules of EPCIS, with all of its problems."""

    def __init__(self, problems: tuple[Problem, ...], event_id: str) -> None:
        super().__init__(problems, event_id)
        self.problems = problems
        self.event_id = event_id


class EventJson:
    """Reads the events of a document.

    Args:
        prefixes: Those that its JSON-LD context declares, for words in CURIE form.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        common: dict[str, _Reader] = {
            "eventID": read_uri,
            "eventTime": read_time,
            "eventTimeZoneOffset": read_offset,
            "recordTime": read_loose_time,
            "errorDeclaration": self._error,
            "bizStep": self._word(BUSINESS_STEPS),
            "disposition": self._word(DISPOSITIONS),
            "persistentDisposition": self._persistent,
            "readPoint": read_place,
            "bizLocation": read_place,
            "bizTransactionList": read_list(self._document),
            "sourceList": read_list(self._party("source")),
            "destinationList": read_list(self._party("destination")),
            "ilmd": lambda value: as_it_came(read_object(value)),
        }
        others: dict[str, _Reader] = {
            "action": read_action,
            "parentID": read_identifier,
            "transformationID": read_reference,
        }
        objects, quantities = read_list(read_item), read_list(read_quantity)
        self._readers: dict[EventType, dict[str, _Reader]] = {
            shape.kind: {
                **common,
                **{name: others[name] for name in shape.others},
                **{name: objects for name, _ in shape.things},
                **{name: quantities for _, name in shape.things},
            }
            for shape in _SHAPES.values()
        }

    def read(self, value: object) -> Event:
        """The event that a decoded JSON object describes, numbers with a fraction as Decimal.

        Raises:
            EventProblems: with every member that breaks a rule of EPCIS 2.0.
        """
        if not isinstance(value, dict):
            raise EventProblems((Problem("", f"expected an event, got {shown(value)}"),), "")
        members: Mapping[str, Any] = value
        if isinstance(base := value.get("baseExtension"), dict):
            members = {**base, **value}
        event_id = members.get("eventID")
        event_id = event_id if isinstance(event_id, str) else ""
        kind = members.get("type", members.get("isA"))
        shape = _SHAPES.get(kind.removeprefix("epcis:")) if isinstance(kind, str) else None
        if shape is None:
            expected = f"expected one of {', '.join(_SHAPES)}, got {shown(kind)}"
            raise EventProblems((Problem("type", expected),), event_id)

        found, extensions, problems = self._read_members(members, self._readers[shape.kind])
        problems += _check_shape(shape, members, found)
        if problems:
            raise EventProblems(tuple(problems), event_id)
        return _event(shape, found, extensions)

    def _read_members(
        self, members: Mapping[str, Any], readers: Mapping[str, _Reader]
    ) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
        """What is understood, what is not, and what is wrong."""
        found: dict[str, Any] = {}
        extensions: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in members.items():
            if value is None or value == "":  # real data have empty members
                continue
            read = readers.get(name)
            try:
                if read is not None:
                    found[name] = read(value)
                elif name not in _NO_EXTENSIONS:
                    extensions[name] = as_it_came(value)
            except NestedProblems as error:
                problems += [Problem(f"{name}{p.path}", p.message) for p in error.problems]
            except ValueError as error:
                problems.append(Problem(name, str(error)))
        return found, extensions, problems

    def _word(self, vocabulary: Vocabulary) -> Callable[[Any], str]:
        def read(value: Any) -> str:
            word = vocabulary.read(value, self._prefixes) if isinstance(value, str) else None
            if word is None:
                message = f"expected a word of the CBV or a URI, got {shown(value)}"
                raise ValueError(message)
            return word

        return read

    def _persistent(self, value: Any) -> dict[str, tuple[str, ...]]:
        members = read_object(value)
        read = read_list(self._word(DISPOSITIONS))
        return {
            name: tuple(sorted(read_member(members, name, read)))
            for name in ("set", "unset")
            if members.get(name)
        }

    def _document(self, element: Any) -> BusinessDocument:
        members = read_object(element)
        kind = ""
        if members.get("type"):
            kind = read_member(members, "type", self._word(DOCUMENT_TYPES))
        return BusinessDocument(kind, read_member(members, "bizTransaction", read_reference))

    def _party(self, name: str) -> Callable[[Any], Party]:
        read_type = self._word(PARTY_TYPES)

        def read(element: Any) -> Party:
            members = read_object(element)
            kind = read_member(members, "type", read_type)
            return Party(kind, read_member(members, name, read_identifier))

        return read

    def _error(self, value: Any) -> ErrorDeclaration:
        members = read_object(value)
        reason = ""
        corrective: tuple[str, ...] = ()
        if members.get("reason"):
            reason = read_member(members, "reason", self._word(ERROR_REASONS))
        if members.get("correctiveEventIDs"):
            corrective = read_member(members, "correctiveEventIDs", read_list(read_uri))
        time = read_member(members, "declarationTime", read_loose_time)
        return ErrorDeclaration(time, reason, corrective)


def _check_shape(
    shape: _Shape, members: Mapping[str, Any], found: Mapping[str, Any]
) -> list[Problem]:
    """What must stand in an event, and what must stand together there."""
    missing = [name for name in ("eventTime", "eventTimeZoneOffset") if not members.get(name)]
    if "action" in shape.others and not members.get("action"):
        missing.append("action")
    problems = [Problem(name, _MISSING) for name in missing]
    if "eventTime" in found and "eventTimeZoneOffset" in found:
        try:
            _ = found["eventTime"] + found["eventTimeZoneOffset"]
        except OverflowError:
            expected = f"expected a year from 1 to 9999, got {found['eventTime']}"
            problems.append(Problem("eventTime", expected))

    filled = [any(members.get(name) for name in pair) for pair in shape.things]
    action = found.get("action")
    match shape.kind:
        case EventType.OBJECT:
            if not filled[0] and not members.get("sensorElementList"):
                message = "required without a sensorElementList, but missing"
                problems.append(Problem(shape.names[0], message))
        case EventType.TRANSACTION:
            if not members.get("bizTransactionList"):
                problems.append(Problem("bizTransactionList", _MISSING))
        case EventType.TRANSFORMATION if not members.get("transformationID"):
            message = "required without a transformationID, but missing"
            pairs = zip(shape.names, filled, strict=True)
            problems += [Problem(name, message) for name, is_filled in pairs if not is_filled]
        case EventType.TRANSFORMATION:
            if not any(filled):
                problems.append(Problem(" or ".join(shape.names), _MISSING))
        case EventType.AGGREGATION | EventType.ASSOCIATION if action is not None:
            message = f"required with action {action}, but missing"
            if not members.get("parentID") and action is not Action.OBSERVE:
                problems.append(Problem("parentID", message))
            if shape.kind is EventType.AGGREGATION and not (filled[0] or action is Action.DELETE):
                problems.append(Problem(shape.names[0], message))
    return problems


def _event(shape: _Shape, found: Mapping[str, Any], extensions: dict[str, Any]) -> Event:
    get = found.get
    first, *others = [_items(get(objects), get(amounts)) for objects, amounts in shape.things]
    persistent = get("persistentDisposition", {})
    if "unset" in persistent:
        extensions["persistentDisposition"] = {"unset": list(persistent["unset"])}
    return Event(
        type=shape.kind,
        time=found["eventTime"],
        offset=found["eventTimeZoneOffset"],
        event_id=get("eventID", ""),
        record_time=get("recordTime"),
        action=get("action"),
        biz_step=get("bizStep", ""),
        disposition=get("disposition", ""),
        persistent_dispositions=persistent.get("set", ()),
        read_point=get("readPoint", ""),
        biz_location=get("bizLocation", ""),
        documents=tuple(dict.fromkeys(get("bizTransactionList", ()))),
        sources=_parties(get("sourceList")),
        destinations=_parties(get("destinationList")),
        parent=get("parentID", ""),
        items=() if others else first,
        inputs=first if others else (),
        outputs=others[0] if others else (),
        transformation_id=get("transformationID", ""),
        ilmd=get("ilmd", {}),
        error=get("errorDeclaration"),
        extensions=extensions,
    )


def _items(objects: tuple[Item, ...] | None, amounts: tuple[Item, ...] | None) -> tuple[Item, ...]:
    """In order; an object that is named twice is one object, a quantity is one more."""
    items = [*{item.id: item for item in objects or ()}.values(), *(amounts or ())]
    if len(items) > 1:
        items.sort(key=lambda i: (i.id, i.lot or "", i.quantity or 0, i.uom))
    return tuple(items)


def _parties(parties: tuple[Party, ...] | None) -> tuple[Party, ...]:
    if not parties:
        return ()
    return tuple(sorted(set(parties), key=lambda party: (party.type, party.id)))
