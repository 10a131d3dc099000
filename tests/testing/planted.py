"""Plugins and adapters with a fault in each, under the contracts that must find it.

pytest does not collect this file by itself: `test_contracts_catch.py` runs it.
"""

import io
import itertools
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

import pytest
from attrs import evolve, field, frozen

from closient_export.adapters.memory import MemoryEventSource
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryArtifactStore, MemoryJobStore
from closient_export.epcis import Event
from closient_export.errors import ArtifactNotFoundError, Gs1Error, RenderError, TraceWriterError
from closient_export.ids import ShortId
from closient_export.plugins import Part, Renderer, SymbolZipRenderer, TraceWriter
from closient_export.ports import ArtifactStore, EntitySource, EventSource, FrontierQuery, JobStore
from closient_export.records import KeyRange, PartReceipt, Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Scope, Serial, Subject
from closient_export.testing.contracts import (
    ArtifactStoreContract,
    EntitySourceContract,
    EventSourceContract,
    JobStoreContract,
    RendererContract,
    TraceWriterContract,
)
from closient_export.trace.report import TraceReport

# --- renderers ------------------------------------------------------------------------------


class Right(SymbolZipRenderer):
    """Without a fault."""

    member_extension = "txt"

    def draw(self, subject: Subject, config: Any) -> bytes:
        del config
        return subject.element_string().bracketed().encode()


class Clocked(Right):
    def draw(self, subject: Subject, config: Any) -> bytes:
        return super().draw(subject, config) + str(time.perf_counter_ns()).encode()


class Hashed(Right):
    def draw(self, subject: Subject, config: Any) -> bytes:
        return super().draw(subject, config) + str(hash(subject.gtin.value)).encode()


class LocalTime(Right):
    def draw(self, subject: Subject, config: Any) -> bytes:
        return super().draw(subject, config) + str(time.localtime(0).tm_hour).encode()


class Bounded(Right):
    """Numbers the labels of each part anew."""

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        del first_index
        return super().render_part(subjects, config, 0)


class Counting(Right):
    """Numbers all labels that it has ever drawn."""

    def __init__(self) -> None:
        self.count = 0

    def draw(self, subject: Subject, config: Any) -> bytes:
        self.count += 1
        return super().draw(subject, config) + b"%d" % self.count


class Littering(Right):
    def draw(self, subject: Subject, config: Any) -> bytes:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(super().draw(subject, config))
        return super().draw(subject, config)


class Holding(Right):
    """Keeps its files open, though nobody sees them."""

    kept: ClassVar[list[Any]] = []

    def draw(self, subject: Subject, config: Any) -> bytes:
        self.kept.append(tempfile.TemporaryFile())  # noqa: SIM115
        return super().draw(subject, config)


def _identifier(subject: Subject) -> str:
    assert isinstance(subject, Lot | Serial)
    return subject.serial if isinstance(subject, Serial) else subject.lot


class Unsafe(Right):
    """An archive of its own, with serials for names."""

    writes_manifest = False

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        del config
        names = tuple(
            self.name(first_index + n, each).encode("utf-8", "replace")
            for n, each in enumerate(subjects)
        )
        return Part(item_count=len(names), body=names)

    def name(self, _index: int, subject: Subject) -> str:
        return f"{subject.gtin}-{_identifier(subject)}.txt"

    def assemble(self, parts: Iterable[Part], out: BinaryIO, manifest: Any = None) -> None:
        del manifest
        with zipfile.ZipFile(out, "w") as archive:
            for name in (name.decode() for part in parts for name in part.body):
                archive.writestr(zipfile.ZipInfo(name), b"x")


class Alike(Unsafe):
    """Names that differ in case."""

    def name(self, index: int, _subject: Subject) -> str:
        return "label.txt" if index % 2 else "LABEL.txt"


class Fragile(Right):
    """Does not expect a lot that GS1 forbids."""

    def draw(self, subject: Subject, config: Any) -> bytes:
        if len(_identifier(subject)) > 20:
            raise IndexError("no room")
        return super().draw(subject, config)


class Forgetful(Right):
    """Leaves out of its manifest what could not be drawn."""

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        part = super().render_part(subjects, config, first_index)
        records, rows, recipe = part.body
        kept = (row for row in rows.splitlines(keepends=True) if b",failed," not in row)
        return evolve(part, body=(records, b"".join(kept), recipe))


class Unpicklable(Right):
    def __init__(self) -> None:
        self.recipe = lambda data: data


class Mistyped(Right):
    extension = "pdf"


def _divide(_instance: object, _attribute: object, value: int) -> None:
    if 1 / value > 1:
        raise ValueError("expected 1 or more")


@frozen
class Divided:
    divisor: int = field(default=1, validator=_divide)


class Crashing(Right):
    config = Divided


class Deaf(Right):
    """Does not tell that the disk is full."""

    def assemble(self, parts: Iterable[Part], out: BinaryIO, manifest: Any = None) -> None:
        try:
            super().assemble(parts, out, manifest)
        except OSError:
            return


class Seeking(Right):
    def assemble(self, parts: Iterable[Part], out: BinaryIO, manifest: Any = None) -> None:
        super().assemble(parts, out, manifest)
        out.seek(0, io.SEEK_END)


class FromTheFuture(Right):
    api_version = 99


class Encoding(Right):
    """Takes for granted that a name can be written."""

    def draw(self, subject: Subject, config: Any) -> bytes:
        return super().draw(subject, config) + (subject.brand or "").encode()


class Unescaped(Right):
    """Writes names into SVG as they are."""

    member_extension = "svg"

    def draw(self, subject: Subject, config: Any) -> bytes:
        super().draw(subject, config)
        name = (subject.product_name or "").encode("ascii", "ignore")
        return b'<svg xmlns="http://www.w3.org/2000/svg"><text>%s</text></svg>' % name


class UnescapedJson(Right):
    """Writes names into JSON as they are."""

    member_extension = "json"

    def draw(self, subject: Subject, config: Any) -> bytes:
        super().draw(subject, config)
        return f'{{"name": "{subject.product_name}"}}'.encode("utf-8", "replace")


class Telling(RenderError):
    """Tells everybody what it is about."""

    @property
    def public_message(self) -> str:
        return str(self.args[0])


class Quoting(Right):
    """Says which lot it is that fails."""

    def draw(self, subject: Subject, config: Any) -> bytes:
        try:
            return super().draw(subject, config)
        except Gs1Error as error:
            raise Telling(f"{_identifier(subject)[:20]!r} is not allowed") from error


class QuotingNames(Right):
    """Says which product it is that fails."""

    def draw(self, subject: Subject, config: Any) -> bytes:
        try:
            return super().draw(subject, config)
        except Gs1Error as error:
            raise Telling(f"{(subject.product_name or '').title()} fails") from error


class _Planted(RendererContract):
    make: ClassVar[Callable[[], Renderer]]

    @pytest.fixture
    def renderer(self) -> Renderer:
        return type(self).make()


class PlantedNothing(_Planted):
    make = Right


class PlantedClock(_Planted):
    make = Clocked


class PlantedHash(_Planted):
    make = Hashed


class PlantedLocalTime(_Planted):
    make = LocalTime


class PlantedBoundary(_Planted):
    make = Bounded


class PlantedState(_Planted):
    make = Counting


class PlantedLitter(_Planted):
    make = Littering


class PlantedOpenFile(_Planted):
    make = Holding


class PlantedName(_Planted):
    make = Unsafe


class PlantedTwin(_Planted):
    make = Alike


class PlantedCrash(_Planted):
    make = Fragile


class PlantedGap(_Planted):
    make = Forgetful


class PlantedLambda(_Planted):
    make = Unpicklable


class PlantedType(_Planted):
    make = Mistyped


class PlantedKnob(_Planted):
    make = Crashing


class PlantedSilence(_Planted):
    make = Deaf


class PlantedSeek(_Planted):
    make = Seeking


class PlantedVersion(_Planted):
    make = FromTheFuture


class PlantedEncoding(_Planted):
    make = Encoding


class PlantedMarkup(_Planted):
    make = Unescaped


class PlantedJson(_Planted):
    make = UnescapedJson


class PlantedQuote(_Planted):
    make = Quoting


class PlantedQuotedName(_Planted):
    make = QuotingNames


class PlantedHeavy(_Planted):
    heavy = ("zipfile",)  # which this file imports, though none of its labels was drawn
    make = Right


# --- trace writers --------------------------------------------------------------------------


class Lines:
    """Without a fault."""

    api_version: ClassVar[int] = 1
    media_type: ClassVar[str] = "text/plain"
    extension: ClassVar[str] = "txt"

    def write(self, report: TraceReport, out: BinaryIO) -> None:
        out.writelines(
            f"{line}\n".encode("utf-8", "backslashreplace") for line in self.lines(report)
        )

    def lines(self, report: TraceReport) -> Iterator[str]:
        for cte, rows in report.rows.items():
            yield from (f"{cte} {row.lot}" for row in rows)
        yield from (finding.found for finding in report.findings)


class ClockedLines(Lines):
    def lines(self, report: TraceReport) -> Iterator[str]:
        yield f"written at {time.perf_counter_ns()}"
        yield from super().lines(report)


class UnorderedLines(Lines):
    def lines(self, report: TraceReport) -> Iterator[str]:
        yield from set(super().lines(report))


class NarrowLines(Lines):
    """Only knows Latin letters."""

    def write(self, report: TraceReport, out: BinaryIO) -> None:
        out.writelines(f"{line}\n".encode("latin-1") for line in self.lines(report))


class LitteringLines(Lines):
    def write(self, report: TraceReport, out: BinaryIO) -> None:
        with tempfile.NamedTemporaryFile(delete=False):
            super().write(report, out)


class SparseLines(Lines):
    """A report without rows is a file without lines."""

    def lines(self, report: TraceReport) -> Iterator[str]:
        return super().lines(report) if any(report.rows.values()) else iter(())


class SilentLines(Lines):
    """Writes no row at all."""

    def lines(self, report: TraceReport) -> Iterator[str]:
        del report
        return iter(())


class SilentArchive(SilentLines):
    media_type = "application/zip"
    extension = "zip"


class SilentJson(SparseLines):
    media_type = "application/vnd.acme+json"
    extension = "json"


class Refusing(Lines):
    def write(self, report: TraceReport, out: BinaryIO) -> None:
        if not any(report.rows.values()):
            raise TraceWriterError("nothing to write")
        super().write(report, out)


class _PlantedWriter(TraceWriterContract):
    make: ClassVar[Callable[[], TraceWriter]]

    @pytest.fixture
    def writer(self) -> TraceWriter:
        return type(self).make()


class PlantedNothingInWriter(_PlantedWriter):
    make = Lines


class PlantedClockInWriter(_PlantedWriter):
    make = ClockedLines


class PlantedOrderInWriter(_PlantedWriter):
    make = UnorderedLines


class PlantedAlphabetInWriter(_PlantedWriter):
    make = NarrowLines


class PlantedLitterInWriter(_PlantedWriter):
    make = LitteringLines


class PlantedNothingInSparseWriter(_PlantedWriter):
    make = SparseLines


class PlantedSilenceInWriter(_PlantedWriter):
    make = SilentLines


class PlantedSilenceInArchive(_PlantedWriter):
    make = SilentArchive


class PlantedSilenceInJson(_PlantedWriter):
    make = SilentJson


class PlantedRefusal(_PlantedWriter):
    make = Refusing


# --- ports ----------------------------------------------------------------------------------


class LosingJobStore(MemoryJobStore):
    """Every receipt of a third part is lost."""

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        self.get(owner, job_id)
        if receipt.index != 2:
            super().add_receipt(owner, job_id, receipt)


class HastyJobStore(MemoryJobStore):
    """Does not look whether somebody else was faster."""

    def replace(self, record: Any) -> Any:
        stored = self.get(record.owner, record.job_id)
        return super().replace(evolve(record, revision=stored.revision))


class PlantedLostReceipt(JobStoreContract):
    @pytest.fixture
    def store(self) -> JobStore:
        return LosingJobStore()


class PlantedLostUpdate(JobStoreContract):
    @pytest.fixture
    def store(self) -> JobStore:
        return HastyJobStore()


class SharedEntities(MemoryEntitySource):
    """Answers everybody from one catalogue."""

    def add(self, owner: str, entities: Iterable[Subject]) -> None:
        del owner
        super().add("all", entities)

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        del owner
        return super().plan("all", scope, filters, part_size=part_size)

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        del owner
        return super().subjects("all", scope, filters, snapshot, keys)

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        del owner
        super().record_printed("all", scope, filters, snapshot, printed, at)


class DriftingEntities(MemoryEntitySource):
    """A snapshot is whatever there is now."""

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        now = self.plan(owner, scope, filters, part_size=1).snapshot
        del snapshot
        return super().subjects(owner, scope, filters, now, keys)


class NarrowingEntities(MemoryEntitySource):
    """Narrows serials by lots in its own way."""

    def lots(self, owner: str, count: int) -> list[Subject]:
        return self._entities[owner][:count]

    def key(self, subject: Subject) -> object:
        return subject.gtin, getattr(subject, "lot", None)

    def _selected(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str
    ) -> list[int]:
        if filters.lot_ids is None or scope is not Scope.SERIALS:
            return super()._selected(owner, scope, filters, snapshot)
        some = super()._selected(owner, scope, evolve(filters, lot_ids=None), snapshot)
        count = int(snapshot.partition(":")[0])
        named = {
            self.key(each)
            for each in self.lots(owner, count)
            if isinstance(each, Lot) and each.id in filters.lot_ids
        }
        return [number for number in some if self.key(self._entities[owner][number]) in named]


class CodedLots(NarrowingEntities):
    """Forgets that the GTIN belongs to the lot."""

    def key(self, subject: Subject) -> object:
        return getattr(subject, "lot", None)


class EverybodysLots(NarrowingEntities):
    def lots(self, owner: str, count: int) -> list[Subject]:
        del owner, count
        return [each for entities in self._entities.values() for each in entities]


class LaterLots(NarrowingEntities):
    def lots(self, owner: str, count: int) -> list[Subject]:
        del count
        return self._entities[owner]


class ProductsOfLots(MemoryEntitySource):
    """Does not look at filters by lots and runs where products are asked for."""

    def _selected(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str
    ) -> list[int]:
        if scope is Scope.PRODUCTS:
            filters = evolve(filters, lot_ids=None, lot_run_id=None)
        return super()._selected(owner, scope, filters, snapshot)


class WideRanges(MemoryEntitySource):
    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        return super().plan(owner, scope, filters, part_size=part_size + 1)


class EagerNotes(MemoryEntitySource):
    """Notes what failed as printed."""

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        everything = [(keys, ()) for keys, _ in printed]
        super().record_printed(owner, scope, filters, snapshot, everything, at)


class LastPrinting(MemoryEntitySource):
    """Tells of each entity when it was last printed, of any snapshot."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, datetime] = {}

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        for each in super().subjects(owner, scope, filters, snapshot, keys):
            assert isinstance(each, Lot | Serial)
            yield evolve(each, printed_at=self.at.get(owner, each.printed_at))

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        super().record_printed(owner, scope, filters, snapshot, printed, at)
        self.at[owner] = at


class _PlantedEntities(EntitySourceContract):
    make: ClassVar[Callable[[], MemoryEntitySource]]

    @pytest.fixture
    def source(self) -> EntitySource:
        return type(self).make()

    def add(self, source: EntitySource, owner: str, subjects: Sequence[Subject]) -> None:
        assert isinstance(source, MemoryEntitySource)
        source.add(owner, subjects)


class PlantedForeignEntities(_PlantedEntities):
    make = SharedEntities


class PlantedDrift(_PlantedEntities):
    make = DriftingEntities


class PlantedNothingInEntities(_PlantedEntities):
    make = NarrowingEntities


class PlantedLotCode(_PlantedEntities):
    make = CodedLots


class PlantedForeignLot(_PlantedEntities):
    make = EverybodysLots


class PlantedLaterLot(_PlantedEntities):
    make = LaterLots


class PlantedLotOfProduct(_PlantedEntities):
    make = ProductsOfLots


class PlantedWideRange(_PlantedEntities):
    make = WideRanges


class PlantedEagerNote(_PlantedEntities):
    make = EagerNotes


class PlantedLastPrinting(_PlantedEntities):
    make = LastPrinting


class OpenArtifactStore:
    """What is written can be read at once, whether it ever ends or not."""

    def __init__(self) -> None:
        self.files: dict[str, io.BytesIO] = {}

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        yield self.files.setdefault(key, io.BytesIO())

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        if key not in self.files:
            raise ArtifactNotFoundError(key)
        return io.BytesIO(self.files[key].getvalue())

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.files if key.startswith(prefix)))

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


class LastWriteWins(MemoryArtifactStore):
    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        out = io.BytesIO()
        yield out
        self.delete(key)
        with super().create(key) as file:
            file.write(out.getvalue())


class _PlantedArtifacts(ArtifactStoreContract):
    streams = False
    shared = False
    checks_keys = False
    make: ClassVar[Callable[[], ArtifactStore]]

    @pytest.fixture
    def store(self) -> ArtifactStore:
        return type(self).make()


class PlantedNothingInArtifacts(_PlantedArtifacts):
    make = MemoryArtifactStore


class PlantedHalfFile(_PlantedArtifacts):
    make = OpenArtifactStore


class PlantedOverwriting(_PlantedArtifacts):
    make = LastWriteWins


class ForgettingEvents(MemoryEventSource):
    """Leaves the last event out."""

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        found = list(super().fetch(query))
        return itertools.islice(found, max(1, len(found) - 1)) if found else iter(())


class PlantedMissingEvent(EventSourceContract):
    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        return ForgettingEvents


class PlantedNothingInEvents(EventSourceContract):
    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        return MemoryEventSource
