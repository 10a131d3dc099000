"""One event from its JSON, checked whole: all its problems are reported at once."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from closient_export.epcis.events import (
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.lot_numbers import with_lot_number
from closient_export.epcis.shapes import SHAPES, Shape, missing_members
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

_NO_EXTENSIONS = frozenset({"type", "isA", "@context", "baseExtension"})
T = TypeVar("T")
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
        check_lot: Called with each lot; a `ValueError` that it raises is a problem of the event.
    """

    def __init__(
        self, prefixes: Mapping[str, str], check_lot: Callable[[str], object] | None = None
    ) -> None:
        self.prefixes = prefixes
        self._check_lot = check_lot
        words = {
            "bizStep": ("biz_step", self._word(BUSINESS_STEPS)),
            "disposition": ("disposition", self._word(DISPOSITIONS)),
        }
        lists = {
            "bizTransactionList": ("documents", self._documents()),
            "sourceList": ("sources", self._parties("source")),
            "destinationList": ("destinations", self._parties("destination")),
        }
        objects = {
            "persistentDisposition": ("persistent_dispositions", self._persistent()),
            "errorDeclaration": ("error", self._error()),
        }
        self._readers: dict[EventType, dict[str, tuple[str, _Reader]]] = {
            shape.kind: {**_COMMON, **words, **lists, **objects, **_own(shape, check_lot)}
            for shape in SHAPES.values()
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
        kind = members.get("type", members.get("isA"))
        shape = SHAPES.get(kind.removeprefix("epcis:")) if isinstance(kind, str) else None
        if shape is None:
            expected = f"expected one of {', '.join(SHAPES)}, got {shown(kind)}"
            raise EventProblems((Problem("type", expected),), _id_of(members))

        found, extensions, problems = self._read_members(members, self._readers[shape.kind])
        problems += missing_members(shape, members, found.get("action"))
        if "time" in found and "offset" in found and not _has_local_date(found):
            expected = f"expected a year from 1 to 9999, got {found['time']}"
            problems.append(Problem("eventTime", expected))
        if problems:
            raise EventProblems(tuple(problems), _id_of(members))
        for things in shape.things:
            quantities = found.pop(things.quantities, ())
            found[things.field] = _sorted_items(found.get(things.field, ()), quantities)
        if "ilmd" in found:
            made = "outputs" if shape.kind is EventType.TRANSFORMATION else "items"
            found[made] = with_lot_number(found.get(made, ()), found["ilmd"])
            self._check_lots(found[made], members)
        if "persistent_dispositions" in found:
            are_set, are_not = found["persistent_dispositions"]
            found["persistent_dispositions"] = are_set
            if are_not:
                extensions["persistentDisposition"] = {"unset": are_not}
        return Event(type=shape.kind, extensions=extensions, **found)

    def _check_lots(self, items: tuple[Item, ...], members: Mapping[str, Any]) -> None:
        """Those that ``ilmd`` names."""
        if self._check_lot is None:
            return
        try:
            for item in items:
                if item.lot is not None:
                    self._check_lot(item.lot)
        except ValueError as error:
            problem = Problem("ilmd", str(error))
            raise EventProblems((problem,), _id_of(members)) from error

    def _read_members(
        self, members: Mapping[str, Any], readers: Mapping[str, tuple[str, _Reader]]
    ) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
        """What is understood, by fields; what is not, as it came; and what is wrong."""
        found: dict[str, Any] = {}
        extensions: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in members.items():
            if value is None or value == "":  # real data have empty members
                continue
            try:
                if entry := readers.get(name):
                    field, read = entry
                    found[field] = read(value)
                elif name not in _NO_EXTENSIONS:
                    extensions[name] = as_it_came(value)
            except NestedProblems as error:
                problems += [Problem(f"{name}{p.path}", p.message) for p in error.problems]
            except ValueError as error:
                problems.append(Problem(name, str(error)))
        return found, extensions, problems

    def _word(self, vocabulary: Vocabulary) -> Callable[[Any], str]:
        def read(value: Any) -> str:
            word = vocabulary.read(value, self.prefixes) if isinstance(value, str) else None
            if word is None:
                message = f"expected a word of the CBV or a URI, got {shown(value)}"
                raise ValueError(message)
            return word

        return read

    def _persistent(self) -> _Reader:
        read_words = read_list(self._word(DISPOSITIONS))

        def read(value: Any) -> tuple[tuple[str, ...], list[str]]:
            members = read_object(value)
            are_set, are_not = (
                read_member(members, name, read_words) if members.get(name) else ()
                for name in ("set", "unset")
            )
            return tuple(sorted(are_set)), sorted(are_not)

        return read

    def _documents(self) -> _Reader:
        read_type = self._word(DOCUMENT_TYPES)

        def read(element: Any) -> BusinessDocument:
            members = read_object(element)
            given = members.get("type")
            try:
                kind = read_type(given) if given else ""
                return BusinessDocument(kind, read_reference(members.get("bizTransaction")))
            except ValueError:  # what is wrong is said below
                kind = read_member(members, "type", read_type) if given else ""
                return BusinessDocument(
                    kind, read_member(members, "bizTransaction", read_reference)
                )

        read_all = read_list(read)
        return lambda value: _unique(read_all(value))

    def _parties(self, name: str) -> _Reader:
        read_type = self._word(PARTY_TYPES)

        def read(element: Any) -> Party:
            members = read_object(element)
            try:
                return Party(read_type(members.get("type")), read_identifier(members.get(name)))
            except ValueError:  # what is wrong is said below
                kind = read_member(members, "type", read_type)
                return Party(kind, read_member(members, name, read_identifier))

        read_all = read_list(read)
        return lambda value: _unique(read_all(value), key=lambda party: (party.type, party.id))

    def _error(self) -> _Reader:
        read_reason, read_ids = self._word(ERROR_REASONS), read_list(read_uri)

        def read(value: Any) -> ErrorDeclaration:
            members = read_object(value)
            reason = read_member(members, "reason", read_reason) if members.get("reason") else ""
            ids: tuple[str, ...] = ()
            if members.get("correctiveEventIDs"):
                ids = read_member(members, "correctiveEventIDs", read_ids)
            time = read_member(members, "declarationTime", read_loose_time)
            return ErrorDeclaration(time, reason, ids)

        return read


_COMMON: Mapping[str, tuple[str, _Reader]] = MappingProxyType(
    {
        "eventID": ("event_id", read_uri),
        "eventTime": ("time", read_time),
        "eventTimeZoneOffset": ("offset", read_offset),
        "recordTime": ("record_time", read_loose_time),
        "readPoint": ("read_point", read_place),
        "bizLocation": ("biz_location", read_place),
        "ilmd": ("ilmd", lambda value: as_it_came(read_object(value))),
    }
)
_OTHERS: Mapping[str, tuple[str, _Reader]] = MappingProxyType(
    {
        "action": ("action", read_action),
        "parentID": ("parent", read_identifier),
        "transformationID": ("transformation_id", read_reference),
    }
)


def _own(shape: Shape, check_lot: Callable[[str], object] | None) -> dict[str, tuple[str, _Reader]]:
    """The readers of what events of a shape have of their own."""
    found = {name: _OTHERS[name] for name in shape.others}
    read_one = _checked(read_item, check_lot, "")
    read_amount = _checked(read_quantity, check_lot, ".epcClass")
    for things in shape.things:
        found[things.objects] = (things.field, read_list(read_one))
        found[things.quantities] = (things.quantities, read_list(read_amount))
    return found


def _checked(
    read: Callable[[Any], Item], check_lot: Callable[[str], object] | None, path: str
) -> Callable[[Any], Item]:
    """A reader of items that has their lots checked; `path` is where an element names its lot."""
    if check_lot is None:
        return read

    def read_checked(value: Any) -> Item:
        item = read(value)
        if item.lot is not None:
            try:
                check_lot(item.lot)
            except ValueError as error:
                raise NestedProblems([Problem(path, str(error))]) from error
        return item

    return read_checked


def _id_of(members: Mapping[str, Any]) -> str:
    event_id = members.get("eventID")
    return event_id if isinstance(event_id, str) else ""


def _has_local_date(found: Mapping[str, Any]) -> bool:
    try:
        return bool(found["time"] + found["offset"])
    except OverflowError:
        return False


def _unique(found: tuple[T, ...], key: Callable[[T], Any] | None = None) -> tuple[T, ...]:
    """Each once, sorted if there is a `key` to sort by."""
    if len(found) < 2:
        return found
    unique = dict.fromkeys(found)
    return tuple(unique) if key is None else tuple(sorted(unique, key=key))


def _sorted_items(objects: tuple[Item, ...], quantities: tuple[Item, ...]) -> tuple[Item, ...]:
    """In order; an object that is named twice is one object, a quantity is one more."""
    if len(objects) > 1:
        objects = tuple({item.id: item for item in objects}.values())
    if len(objects) + len(quantities) > 1:
        return tuple(sorted(objects + quantities, key=_order))
    return objects or quantities


def _order(item: Item) -> tuple[str, str, bool, Decimal | int, str]:
    return (item.id, item.lot or "", item.quantity is not None, item.quantity or 0, item.uom)
