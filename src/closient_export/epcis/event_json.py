"""One event from its JSON, checked whole: all its problems are reported at once."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from closient_export.epcis.events import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.identifiers import IdentifierKind, parse_identifier
from closient_export.epcis.vocabulary import (
    BUSINESS_STEPS,
    DISPOSITIONS,
    DOCUMENT_TYPES,
    ERROR_REASONS,
    PARTY_TYPES,
    Vocabulary,
)
from closient_export.errors import Problem, shown

__all__ = ["EventProblems", "event_from_json"]

T = TypeVar("T")

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S.*", re.DOTALL)
_OFFSET = re.compile(r"([+-])(?:(0\d|1[0-3]):([0-5]\d)|(14):(00))")
_MOST_DIGITS = 18

_COMMON = frozenset(
    {
        "type",
        "isA",
        "@context",
        "eventID",
        "eventTime",
        "eventTimeZoneOffset",
        "recordTime",
        "errorDeclaration",
        "action",
        "bizStep",
        "disposition",
        "persistentDisposition",
        "readPoint",
        "bizLocation",
        "bizTransactionList",
        "sourceList",
        "destinationList",
        "ilmd",
        "baseExtension",
    }
)
_ITEM_FIELDS: Mapping[EventType, tuple[tuple[str, str], ...]] = {
    # event type: its fields of objects and of quantities, each pair filling one field of Event
    EventType.OBJECT: (("epcList", "quantityList"),),
    EventType.TRANSACTION: (("epcList", "quantityList"),),
    EventType.AGGREGATION: (("childEPCs", "childQuantityList"),),
    EventType.ASSOCIATION: (("childEPCs", "childQuantityList"),),
    EventType.TRANSFORMATION: (
        ("inputEPCList", "inputQuantityList"),
        ("outputEPCList", "outputQuantityList"),
    ),
}
_PARENTS = (EventType.AGGREGATION, EventType.ASSOCIATION, EventType.TRANSACTION)


class EventProblems(ValueError):
    """An event that breaks rules of EPCIS, with all of its problems."""

    def __init__(self, problems: tuple[Problem, ...], event_id: str) -> None:
        super().__init__(problems, event_id)
        self.problems = problems
        self.event_id = event_id


def event_from_json(value: object, prefixes: Mapping[str, str]) -> Event:
    """The event that a decoded JSON object describes.

    Args:
        value: The object; numbers with a fraction as Decimal.
        prefixes: Those that the JSON-LD context declares, for words in CURIE form.

    Raises:
        EventProblems: with every field that breaks a rule of EPCIS 2.0.
    """
    if not isinstance(value, dict):
        raise EventProblems((Problem("", f"expected an event, got {shown(value)}"),), "")
    return _EventJson(value, prefixes).event()


class _EventJson:
    """An event on its way from JSON: fields are taken one by one, problems collected."""

    def __init__(self, members: Mapping[str, Any], prefixes: Mapping[str, str]) -> None:
        base = members.get("baseExtension")
        self._members = {**base, **members} if isinstance(base, dict) else members
        self._prefixes = prefixes
        self._problems: list[Problem] = []

    def event(self) -> Event:
        kind = self._type()
        time = self._take("eventTime", _time, required=True)
        offset = self._take("eventTimeZoneOffset", _offset, required=True)
        self._check_local_date(time, offset)
        action = None
        if kind is not EventType.TRANSFORMATION:
            action = self._take("action", _action, required=True)
        pairs = _ITEM_FIELDS[kind]
        groups = [self._items(objects, quantities) for objects, quantities in pairs]
        parent = self._take("parentID", _identifier, default="") if kind in _PARENTS else ""
        self._check_shape(kind, action, parent, groups)
        used = _COMMON.union(*pairs, ("parentID", "transformationID"))
        fields = {
            "event_id": self._take("eventID", _uri, default=""),
            "record_time": self._take("recordTime", _time_of_record),
            "biz_step": self._take("bizStep", self._word(BUSINESS_STEPS), default=""),
            "disposition": self._take("disposition", self._word(DISPOSITIONS), default=""),
            "persistent_dispositions": self._take(
                "persistentDisposition", self._persistent, default=()
            ),
            "read_point": self._take("readPoint", _place, default=""),
            "biz_location": self._take("bizLocation", _place, default=""),
            "documents": self._take("bizTransactionList", self._documents, default=()),
            "sources": self._take("sourceList", self._parties("source"), default=()),
            "destinations": self._take("destinationList", self._parties("destination"), default=()),
            "transformation_id": self._take("transformationID", _uri_or_text, default=""),
            "ilmd": self._take("ilmd", _object, default={}),
            "error": self._take("errorDeclaration", self._error),
        }
        if self._problems or time is None or offset is None:
            event_id = self._members.get("eventID")
            raise EventProblems(
                tuple(self._problems), event_id if isinstance(event_id, str) else ""
            )
        transformed = kind is EventType.TRANSFORMATION
        return Event(
            type=kind,
            time=time,
            offset=offset,
            action=action,
            parent=parent or "",
            items=() if transformed else groups[0],
            inputs=groups[0] if transformed else (),
            outputs=groups[1] if transformed else (),
            extensions={k: v for k, v in self._members.items() if k not in used},
            **fields,
        )

    def _refuse(self, path: str, message: str) -> None:
        self._problems.append(Problem(path, message))

    def _type(self) -> EventType:
        value = self._members.get("type", self._members.get("isA"))
        name = value.removeprefix("epcis:") if isinstance(value, str) else value
        if name in list(EventType):
            return EventType(name)
        expected = f"expected one of {', '.join(EventType)}, got {shown(value)}"
        raise EventProblems((Problem("type", expected),), str(self._members.get("eventID", "")))

    def _take(
        self,
        name: str,
        read: Callable[[Any], Any],
        *,
        required: bool = False,
        default: Any = None,
    ) -> Any:
        value = self._members.get(name)
        if value is None or (value == "" and not required):  # real data have empty members
            if required:
                self._refuse(name, "required, but missing")
            return default
        try:
            return read(value)
        except _Nested as error:
            self._problems += [Problem(f"{name}{p.path}", p.message) for p in error.problems]
        except ValueError as error:
            self._refuse(name, str(error))
        return default

    def _check_local_date(self, time: datetime | None, offset: timedelta | None) -> None:
        if time is not None and offset is not None:
            try:
                _ = time + offset
            except OverflowError:
                self._refuse("eventTime", f"expected a year from 1 to 9999, got {time}")

    def _check_shape(
        self,
        kind: EventType,
        action: Action | None,
        parent: str | None,
        groups: list[tuple[Item, ...]],
    ) -> None:
        """What must stand together in an event of its kind (EPCIS 2.0, 7.4.2 to 7.4.6)."""
        names = [" or ".join(pair) for pair in _ITEM_FIELDS[kind]]
        if kind is EventType.TRANSFORMATION:
            if not self._members.get("transformationID"):
                for group, name in zip(groups, names, strict=True):
                    if not group:
                        self._refuse(name, "required without a transformationID, but missing")
            elif not any(groups):
                self._refuse(" or ".join(names), "required, but missing")
        elif kind is EventType.OBJECT:
            if not groups[0] and not self._members.get("sensorElementList"):
                self._refuse(names[0], "required without a sensorElementList, but missing")
        elif kind is EventType.TRANSACTION:
            if not self._members.get("bizTransactionList"):
                self._refuse("bizTransactionList", "required, but missing")
        elif action is not None:
            if not parent and action is not Action.OBSERVE and "parentID" not in self._refused():
                self._refuse("parentID", f"required with action {action}, but missing")
            if not groups[0] and action is not Action.DELETE and kind is EventType.AGGREGATION:
                self._refuse(names[0], f"required with action {action}, but missing")

    def _refused(self) -> set[str]:
        return {problem.path for problem in self._problems}

    def _items(self, objects: str, quantities: str) -> tuple[Item, ...]:
        found = set(self._take(objects, _list_of(_epc), default=()))
        amounts = self._take(quantities, _list_of(_quantity), default=())
        return tuple(sorted((*found, *amounts), key=_item_order))

    def _word(self, vocabulary: Vocabulary) -> Callable[[Any], str]:
        return lambda value: self._read_word(vocabulary, value)

    def _read_word(self, vocabulary: Vocabulary, value: Any) -> str:
        text = _text(value)
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self._prefixes and not rest.startswith("//"):
            text = self._prefixes[prefix] + rest
        word = vocabulary.read(text)
        if word is None:
            message = f"expected a word of the CBV or a URI, got {shown(value)}"
            raise ValueError(message)
        return word

    def _persistent(self, value: Any) -> tuple[str, ...]:
        words = _object(value).get("set") or []
        return tuple(sorted(_list_of(self._word(DISPOSITIONS))(words)))

    def _documents(self, value: Any) -> tuple[BusinessDocument, ...]:
        def read(element: Any) -> BusinessDocument:
            members = _object(element)
            kind = ""
            if members.get("type"):
                kind = _member(members, "type", self._word(DOCUMENT_TYPES))
            return BusinessDocument(kind, _member(members, "bizTransaction", _uri_or_text))

        return tuple(dict.fromkeys(_list_of(read)(value)))

    def _parties(self, name: str) -> Callable[[Any], tuple[Party, ...]]:
        def read(element: Any) -> Party:
            members = _object(element)
            kind = _member(members, "type", self._word(PARTY_TYPES))
            return Party(kind, _member(members, name, _identifier))

        return lambda value: tuple(
            sorted(set(_list_of(read)(value)), key=lambda party: (party.type, party.id))
        )

    def _error(self, value: Any) -> ErrorDeclaration:
        members = _object(value)
        reason = ""
        corrective: tuple[str, ...] = ()
        if members.get("reason"):
            reason = _member(members, "reason", self._word(ERROR_REASONS))
        if members.get("correctiveEventIDs"):
            corrective = _member(members, "correctiveEventIDs", _list_of(_uri))
        time = _member(members, "declarationTime", _time_of_record)
        return ErrorDeclaration(time, reason, corrective)


class _Nested(ValueError):
    """Problems inside a field, each with its path from there."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def _list_of(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            message = f"expected a list, got {shown(value)}"
            raise ValueError(message)
        found, problems = [], []
        for index, element in enumerate(value):
            try:
                found.append(read(element))
            except _Nested as error:
                problems += [Problem(f"[{index}]{p.path}", p.message) for p in error.problems]
            except ValueError as error:
                problems.append(Problem(f"[{index}]", str(error)))
        if problems:
            raise _Nested(problems)
        return tuple(found)

    return read_all


def _member(members: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T:
    """A required member of an object inside a field."""
    try:
        if members.get(name) is None:
            message = "required, but missing"
            raise ValueError(message)
        return read(members[name])
    except _Nested as error:
        raise _Nested([Problem(f".{name}{p.path}", p.message) for p in error.problems]) from error
    except ValueError as error:
        raise _Nested([Problem(f".{name}", str(error))]) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        message = f"expected text, got {shown(value)}"
        raise ValueError(message)
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"expected an object, got {shown(value)}"
        raise ValueError(message)
    return value


def _uri(value: Any) -> str:
    if not isinstance(value, str) or not _URI.fullmatch(value):
        message = f"expected a URI, got {shown(value)}"
        raise ValueError(message)
    return value


def _uri_or_text(value: Any) -> str:
    return parse_identifier(_text(value)).uri


def _identifier(value: Any) -> str:
    return parse_identifier(_uri(value)).uri


def _place(value: Any) -> str:
    return _member(_object(value), "id", _identifier)


def _action(value: Any) -> Action:
    if value not in list(Action):
        message = f"expected one of {', '.join(Action)}, got {shown(value)}"
        raise ValueError(message)
    return Action(value)


def _time(value: Any) -> datetime:
    try:
        time = datetime.fromisoformat(_text(value))
        if time.utcoffset() is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = f"expected a time with its zone as 2027-03-31T09:30:00Z, got {shown(value)}"
    raise ValueError(message)


def _time_of_record(value: Any) -> datetime:
    """A time that no date depends on; real data leave out its zone, which is UTC then."""
    text = _text(value)
    try:
        return _time(text)
    except ValueError:
        return _time(f"{text}Z")


def _offset(value: Any) -> timedelta:
    found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        message = f"expected an offset from -14:00 to +14:00, got {shown(value)}"
        raise ValueError(message)
    offset = timedelta(hours=int(found[2] or found[4]), minutes=int(found[3] or found[5]))
    return -offset if found[1] == "-" else offset


def _epc(value: Any) -> Item:
    found = parse_identifier(_uri(value))
    return Item(found.uri, found.lot)


def _quantity(value: Any) -> Item:
    members = _object(value)
    found = parse_identifier(_member(members, "epcClass", _uri))
    lot = found.lot
    if lot is None and found.kind is IdentifierKind.OTHER:
        lot = found.uri  # quantities are of lots or products; who names lots his own way, may
    quantity = None
    if members.get("quantity") is not None:
        quantity = _member(members, "quantity", _number)
    uom = _member(members, "uom", _text) if members.get("uom") else ""
    return Item(found.uri, lot, quantity, uom)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        message = f"expected a number, got {shown(value)}"
        raise ValueError(message)
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if number < 0 or (number and not -_MOST_DIGITS < number.adjusted() < _MOST_DIGITS):
        message = f"expected a number from 0 on with at most {_MOST_DIGITS} digits"
        raise ValueError(message)
    return _plain(number)


def _plain(number: Decimal) -> Decimal:
    """The same number in one notation: 1000.0 and 1E+3 are 1000."""
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()


def _item_order(item: Item) -> tuple[str, str, Decimal, str]:
    return (item.id, item.lot or "", item.quantity or Decimal(0), item.uom)
