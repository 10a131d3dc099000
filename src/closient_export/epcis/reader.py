"""EPCIS 2.0 documents in JSON and JSON-LD, read as a stream of events.

Understood are EPCIS documents, query documents, master data documents, bare events, lists of
these, and any of them one after the other as in newline-delimited files; plain or gzipped.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from attrs import field, frozen

from closient_export.epcis.event_json import EventProblems, event_from_json
from closient_export.epcis.events import Event
from closient_export.epcis.json_stream import JsonStream, JsonSyntaxError
from closient_export.errors import EventDocumentError, Problem, shown

__all__ = ["Refusal", "VocabularyElement", "read_events"]

_DOCUMENT_TYPES = ("EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument")
_HEADERS = ("epcisHeader", "EPCISHeader")
_MASTER_DATA = ("epcisMasterData", "EPCISMasterData")


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
            where += f" ({self.event_id})"
        return f"{where}: {'; '.join(map(str, self.problems))}"


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
    longest_value: int = 1 << 26,
) -> Iterator[Event]:
    """The events of a file, in order, however long it is.

    Args:
        stream: Open for reading bytes, plain or gzipped.
        name: What messages call the file.
        on_refusal: Called for each event or document that cannot be read, and the others go on.
            Without it the first one raises.
        on_master_data: Called with what the header says of places, parties and products.
        longest_value: How many characters one event may have.

    Raises:
        EventDocumentError: names the document, the event, the field and the expectation.
    """
    reader = _Reader(name, on_refusal, on_master_data)
    yield from reader.read(JsonStream(stream, longest_value=longest_value))


class _Reader:
    def __init__(
        self,
        name: str,
        on_refusal: Callable[[Refusal], object] | None,
        on_master_data: Callable[[VocabularyElement], object] | None,
    ) -> None:
        self._name = name
        self._on_refusal = on_refusal
        self._on_master_data = on_master_data
        self._index = 0

    def _refuse(
        self, problems: tuple[Problem, ...], index: int | None = None, event_id: str = ""
    ) -> None:
        refusal = Refusal(document=self._name, index=index, event_id=event_id, problems=problems)
        if self._on_refusal is None:
            raise EventDocumentError(str(refusal))
        self._on_refusal(refusal)

    def read(self, stream: JsonStream) -> Iterator[Event]:
        if not self._try_peek(stream):
            self._refuse((Problem("", "expected an EPCIS document, got nothing"),))
        while self._try_peek(stream):
            try:
                yield from self._top(stream, {})
            except JsonSyntaxError as error:
                self._refuse((Problem("", str(error)),), self._index)
                try:
                    if not stream.skip_to_next_line_with("{"):
                        return
                except JsonSyntaxError:
                    return

    def _try_peek(self, stream: JsonStream) -> str:
        try:
            return stream.peek()
        except JsonSyntaxError as error:
            self._refuse((Problem("", str(error)),))
            return ""

    def _top(self, stream: JsonStream, prefixes: Mapping[str, str]) -> Iterator[Event]:
        """A document, an event, or a list of these."""
        found = stream.peek()
        if found == "[":
            for _ in stream.elements():
                yield from self._top(stream, prefixes)
        elif found == "{":
            at_hand = stream.value_at_hand()
            if isinstance(at_hand, dict) and "epcisBody" not in at_hand:
                stream.value()
                yield from self._single(at_hand, prefixes)
            else:
                yield from self._document(stream, prefixes)
        else:
            value = stream.value()
            expected = f"expected an EPCIS document or event, got {shown(value)}"
            self._refuse((Problem("", expected),), self._index)
            self._index += 1

    def _document(self, stream: JsonStream, prefixes: Mapping[str, str]) -> Iterator[Event]:
        """A document whose body is walked, so that its length does not matter."""
        members: dict[str, Any] = {}
        has_body = False
        for key in stream.members():
            if key == "epcisBody":
                has_body = True
                yield from self._body(stream, {**prefixes, **_prefixes(members.get("@context"))})
            else:
                members[key] = stream.value()
                if key in _HEADERS:
                    self._header(members[key])
        if has_body:
            self._check_shell(members)
        else:
            yield from self._single(members, prefixes)

    def _check_shell(self, members: Mapping[str, Any]) -> None:
        problems = []
        kind = members.get("type", members.get("isA"))
        if kind not in _DOCUMENT_TYPES:
            expected = f"expected one of {', '.join(_DOCUMENT_TYPES)}, got {shown(kind)}"
            problems.append(Problem("type", expected))
        if "@context" not in members:
            problems.append(Problem("@context", "required, but missing"))
        version = members.get("schemaVersion")
        if not (isinstance(version, str) and version.startswith("2")):
            problems.append(Problem("schemaVersion", f"expected 2.0, got {shown(version)}"))
        if problems:
            self._refuse(tuple(problems))

    def _single(self, members: Mapping[str, Any], prefixes: Mapping[str, str]) -> Iterator[Event]:
        """A bare event, or a document without a body."""
        kind = members.get("type", members.get("isA"))
        if kind in _DOCUMENT_TYPES:
            for key in _HEADERS:
                self._header(members.get(key))
            self._refuse((Problem("epcisBody", "required, but missing"),))
            return
        yield from self._event(members, {**prefixes, **_prefixes(members.get("@context"))})

    def _body(self, stream: JsonStream, prefixes: Mapping[str, str]) -> Iterator[Event]:
        """Whatever shells there are around the list of events."""
        if stream.peek() == "[":
            for _ in stream.elements():
                yield from self._body(stream, prefixes)
            return
        if stream.peek() != "{":
            expected = f"expected an object, got {shown(stream.value())}"
            self._refuse((Problem("epcisBody", expected),))
            return
        found = False
        for key in stream.members():
            if key in ("queryResults", "resultsBody"):
                found = True
                yield from self._body(stream, prefixes)
            elif key == "eventList" and stream.peek() == "[":
                found = True
                for _ in stream.elements():
                    yield from self._event(stream.value(), prefixes)
            elif key == "event":
                found = True
                yield from self._event(stream.value(), prefixes)
            elif key == "vocabularyList":
                found = True
                self._vocabularies(stream.value())
            else:
                self._body_member(key, stream.value())
                found = found or key == "eventList"
        if not found:
            self._refuse((Problem("epcisBody.eventList", "required, but missing"),))

    def _body_member(self, key: str, value: Any) -> None:
        if key == "eventList":
            expected = f"expected a list, got {shown(value)}"
            self._refuse((Problem("epcisBody.eventList", expected),))

    def _event(self, value: Any, prefixes: Mapping[str, str]) -> Iterator[Event]:
        index, self._index = self._index, self._index + 1
        try:
            event = event_from_json(value, prefixes)
        except EventProblems as error:
            self._refuse(error.problems, index, error.event_id)
        else:
            yield event

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


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (element for element in value if isinstance(element, dict))


def _attribute_name(identifier: str) -> str:
    return identifier.replace("#", ":").rpartition(":")[2]


def _prefixes(context: Any) -> dict[str, str]:
    """The prefixes that a JSON-LD context declares itself."""
    found: dict[str, str] = {}
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, dict):
            found |= {key: uri for key, uri in entry.items() if isinstance(uri, str)}
    return found
