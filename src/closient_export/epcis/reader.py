"""EPCIS 2.0 documents in JSON and JSON-LD, read as a stream of events.

Understood are EPCIS documents, query documents, master data documents, bare events, lists of
these, and any of them one after the other as in newline-delimited files; plain or gzipped.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from attrs import field, frozen

from closient_export.epcis.event_json import EventJson, EventProblems
from closient_export.epcis.events import Event
from closient_export.epcis.json_stream import JsonStream, JsonSyntaxError
from closient_export.errors import EventDocumentError, Problem, shown

__all__ = ["Refusal", "VocabularyElement", "read_events"]

_DOCUMENT_TYPES = ("EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument")
_HEADERS = ("epcisHeader", "EPCISHeader")
_MASTER_DATA = ("epcisMasterData", "EPCISMasterData")
_SHELLS = ("queryResults", "resultsBody")
_BODIES = (*_SHELLS, "eventList", "event", "vocabularyList")
_VERSION = re.compile(r"2(\.[0-9]+)*")
_MOST_SHELLS = 8
_MOST_PROBLEMS_SHOWN = 8


@frozen(kw_only=True)
class Refusal:
    """A document, or one event of it, that could not be read, and why."""

    document: str
    index: int | None
    """Which event of the document, from 0 on; ``None`` for the document itself."""
    event_id: str = ""
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        where = self.document
        if self.index is not None:
            where += f", event {self.index}"
        if self.event_id:
            where += f" ({shown(self.event_id)})"
        brief = [str(problem) for problem in self.problems[:_MOST_PROBLEMS_SHOWN]]
        if len(brief) < len(self.problems):
            brief.append("and more")
        return f"{where}: {'; '.join(brief)}"


@frozen
class VocabularyElement:
    """Master data that a document carries about one place, party or product."""

    type: str
    id: str
    attributes: Mapping[str, Any] = field(factory=dict)
    """By the last part of the attribute's id, such as ``streetAddressOne``."""


def read_events(
    stream: BinaryIO,
    name: str,
    *,
    on_refusal: Callable[[Refusal], object] | None = None,
    on_master_data: Callable[[VocabularyElement], object] | None = None,
    check_lot: Callable[[str], object] | None = None,
    longest_value: int = 1 << 26,
) -> Iterator[Event]:
    """The events of a file, in order, however long it is.

    Args:
        stream: Open for reading bytes, plain or gzipped.
        name: What messages call the file.
        on_refusal: Called for each event or document that cannot be read, and the others go on.
            Without it the first one raises.
        on_master_data: Called with what the header says of places, parties and products.
        check_lot: Called with the canonical URI of each lot that an event names; a `ValueError` that
            it raises is a problem of the event, where the lot stands.
        longest_value: How many characters one event may have.

    Raises:
        EventDocumentError: names the document, the event, the field and the expectation.
    """
    reader = _Reader(name, on_refusal, on_master_data, check_lot)
    yield from reader.read(JsonStream(stream, longest_value=longest_value))


class _Reader:
    def __init__(
        self,
        name: str,
        on_refusal: Callable[[Refusal], object] | None,
        on_master_data: Callable[[VocabularyElement], object] | None,
        check_lot: Callable[[str], object] | None,
    ) -> None:
        self._name = name
        self._on_refusal = on_refusal
        self._on_master_data = on_master_data
        self._index = 0
        self._check_lot = check_lot
        self._latest = EventJson({}, check_lot)

    def _refuse(
        self, problems: tuple[Problem, ...], index: int | None = None, event_id: str = ""
    ) -> None:
        refusal = Refusal(document=self._name, index=index, event_id=event_id, problems=problems)
        if self._on_refusal is None:
            raise EventDocumentError(str(refusal))
        self._on_refusal(refusal)

    def read(self, stream: JsonStream) -> Iterator[Event]:
        """One document after the other; after a fault, from the next line that may start one."""
        is_empty = True
        while True:
            start = stream.position
            try:
                if not stream.peek():
                    break
                is_empty = False
                start = stream.position
                yield from self._top(stream, self._latest)
            except JsonSyntaxError as error:
                is_empty = False
                self._refuse((Problem("", str(error)),), self._index)
                self._index += 1
                if not self._find_next(stream, start, error):
                    break
        if is_empty:
            self._refuse((Problem("", "expected an EPCIS document, got nothing"),))

    def _find_next(self, stream: JsonStream, start: int, error: JsonSyntaxError) -> bool:
        try:
            return stream.skip_to_line_with("{", after=start)
        except JsonSyntaxError as fault:
            if fault.__cause__ is not error.__cause__:
                self._refuse((Problem("", str(fault)),))
            return False

    def _top(self, stream: JsonStream, events: EventJson, depth: int = 0) -> Iterator[Event]:
        """A document, an event, or a list of these."""
        found = stream.peek()
        if found == "[":
            _check_depth(stream, depth)
            for _ in stream.elements():
                yield from self._top(stream, events, depth + 1)
        elif found == "<":
            raise stream.error("expected EPCIS 2.0 in JSON or JSON-LD, got XML")
        elif found == "{":
            members = stream.object_at_hand(without="epcisBody")
            if members is None:
                yield from self._document(stream, events)
            else:
                yield from self._single(members, events)
        else:
            expected = f"expected an EPCIS document or event, got {shown(stream.value())}"
            self._refuse((Problem("", expected),), self._index)
            self._index += 1

    def _document(self, stream: JsonStream, events: EventJson) -> Iterator[Event]:
        """A document whose body is walked, so that its length does not matter."""
        members: dict[str, Any] = {}
        has_body = False
        kept = 0
        for key in stream.members():
            begins = stream.position
            if key == "epcisBody":
                has_body = True
                yield from self._body(stream, self._with(members, events))
            else:
                members[key] = stream.value()
                kept += len(key) + stream.position - begins
                stream.check_length(kept)  # of all that is not in the body
                if key in _HEADERS:
                    self._header(members[key])
        if has_body:
            self._check_shell(members)
        else:
            yield from self._single(members, events)

    def _check_shell(self, members: Mapping[str, Any]) -> None:
        problems = []
        kind = members.get("type", members.get("isA"))
        if kind not in _DOCUMENT_TYPES:
            expected = f"expected one of {', '.join(_DOCUMENT_TYPES)}, got {shown(kind)}"
            problems.append(Problem("type", expected))
        if "@context" not in members:
            problems.append(Problem("@context", "required, but missing"))
        version = members.get("schemaVersion")
        if isinstance(version, bool) or not _VERSION.fullmatch(str(version)):
            problems.append(Problem("schemaVersion", f"expected 2.0, got {shown(version)}"))
        if problems:
            self._refuse(tuple(problems))

    def _single(self, members: Mapping[str, Any], events: EventJson) -> Iterator[Event]:
        """A bare event, or a document without a body."""
        if members.get("type", members.get("isA")) in _DOCUMENT_TYPES:
            for key in _HEADERS:
                self._header(members.get(key))
            self._refuse((Problem("epcisBody", "required, but missing"),))
        elif (event := self._event(members, events)) is not None:
            yield event

    def _body(self, stream: JsonStream, events: EventJson, depth: int = 0) -> Iterator[Event]:
        """Whatever shells there are around the list of events."""
        _check_depth(stream, depth)
        if stream.peek() == "[":
            for _ in stream.elements():
                yield from self._body(stream, events, depth + 1)
            return
        if stream.peek() != "{":
            expected = f"expected an object, got {shown(stream.value())}"
            self._refuse((Problem("epcisBody", expected),))
            return
        is_known = False
        for key in stream.members():
            is_known = is_known or key in _BODIES
            if key in _SHELLS:
                yield from self._body(stream, events, depth + 1)
            elif key == "eventList" and stream.peek() == "[":
                for _ in stream.elements():
                    if (event := self._event(stream.value(), events)) is not None:
                        yield event
            elif key == "event":
                if (event := self._event(stream.value(), events)) is not None:
                    yield event
            else:
                self._no_events(key, stream.value())
        if not is_known:
            self._refuse((Problem("epcisBody.eventList", "required, but missing"),))

    def _no_events(self, key: str, value: Any) -> None:
        if key == "eventList":
            expected = f"expected a list, got {shown(value)}"
            self._refuse((Problem("epcisBody.eventList", expected),))
        elif key == "vocabularyList":
            self._vocabularies(value)

    def _event(self, value: Any, events: EventJson) -> Event | None:
        index, self._index = self._index, self._index + 1
        try:
            if isinstance(value, dict) and "@context" in value:
                events = self._with(value, events)
            return events.read(value)
        except EventProblems as error:
            self._refuse(error.problems, index, error.event_id)
            return None

    def _with(self, members: Mapping[str, Any], events: EventJson) -> EventJson:
        """The same with the prefixes that a JSON-LD context among `members` declares itself."""
        context = members.get("@context")
        prefixes = dict(events.prefixes)
        for entry in context if isinstance(context, list) else [context]:
            if isinstance(entry, dict):
                terms = ((key, _term_uri(value)) for key, value in entry.items())
                prefixes |= {key: uri for key, uri in terms if isinstance(uri, str)}
        if prefixes != self._latest.prefixes:
            self._latest = EventJson(prefixes, self._check_lot)
        return self._latest

    def _header(self, header: Any) -> None:
        if not isinstance(header, dict):
            return
        for key in _MASTER_DATA:
            if isinstance(data := header.get(key), dict):
                self._vocabularies(data.get("vocabularyList"))

    def _vocabularies(self, vocabularies: Any) -> None:
        """Master data are a help: what is no master data is passed over."""
        if self._on_master_data is None:
            return
        for vocabulary in _objects(vocabularies):
            for element in _objects(vocabulary.get("vocabularyElementList")):
                if isinstance(element.get("id"), str):
                    attributes = {
                        _attribute_name(attribute["id"]): attribute.get("attribute")
                        for attribute in _objects(element.get("attributes"))
                        if isinstance(attribute.get("id"), str)
                    }
                    kind = str(vocabulary.get("type", "")).rpartition(":")[2].lower()
                    self._on_master_data(VocabularyElement(kind, element["id"], attributes))


def _term_uri(definition: Any) -> Any:
    """What a term of a JSON-LD context stands for: it may be written as an object."""
    return definition.get("@id") if isinstance(definition, dict) else definition


def _check_depth(stream: JsonStream, depth: int) -> None:
    if depth > _MOST_SHELLS:
        raise stream.error("expected less deeply nested values")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (element for element in value if isinstance(element, dict))


def _attribute_name(identifier: str) -> str:
    return identifier.replace("#", ":").rpartition(":")[2]
