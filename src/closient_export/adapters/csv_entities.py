"""The lots and serials of a CSV file, for exports whose parts are made by any process."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from closient_export.adapters.csv_catalog import CsvCatalog, Row
from closient_export.adapters.selecting import Selects
from closient_export.errors import CatalogError
from closient_export.gs1 import Gtin
from closient_export.records import KeyRange, Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

__all__ = ["CsvEntitySource"]


@frozen(kw_only=True)
class CsvEntitySource:
    """A `closient_export.ports.EntitySource` on a catalogue as `CsvCatalog` reads it.

    Planning checks every row and remembers where in the file each range begins and what its rows
    are, so that a part reads its own rows alone. Rows may be added to the file while a job runs;
    where one of the planned rows has changed, the part is refused.

    A file takes no notes: what is printed is not recorded, and ``never_printed`` goes by the
    column ``printed_at`` alone, for whoever writes the file to fill in.
    """

    path: Path = field(converter=Path)
    """Of the file; the same in all processes."""
    owner: str
    """The organisation whose entities these are; others have none."""

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select now, cut into ranges.

        Raises:
            CatalogError: the file cannot be read as a catalogue; each problem with its line.
        """
        if owner != self.owner:
            return Plan(snapshot="", ranges=())
        with self._open() as catalog:
            lots = catalog.lots_with_ids(scope, filters)
            selects = Selects(scope, filters, lots)
            header = catalog.header(scope)
            ranges, cut = [], _Cut(header)
            for row, subject in catalog.rows(scope):
                if selects(subject):
                    cut.take(row)
                    if cut.count == part_size:
                        ranges.append(cut.range())
                        cut = _Cut(header, cut.first_index + cut.count)
            if cut.count:
                ranges.append(cut.range())
        snapshot = json.dumps(sorted((gtin.value, lot) for gtin, lot in lots))
        return Plan(snapshot=snapshot, ranges=tuple(ranges))

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range.

        Raises:
            CatalogError: they have changed since they were planned.
        """
        if owner != self.owner:
            return
        lots = frozenset((Gtin.parse(gtin), lot) for gtin, lot in json.loads(snapshot))
        selects = Selects(scope, filters, lots)
        stop = int(keys.stop.partition(":")[0])
        with self._open() as catalog:
            cut = _Cut(catalog.header(scope), keys.first_index)
            found = []
            for row, subject in catalog.rows(scope, int(keys.start)):
                if row.start < stop and selects(subject):
                    cut.take(row)
                    found.append(subject)
                if row.stop >= stop:
                    break
        if not found or cut.range() != keys:
            raise CatalogError(f"{self.path.name} was changed after the export was planned")
        yield from found

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Do nothing: the file is not written to."""

    @contextmanager
    def _open(self) -> Iterator[CsvCatalog]:
        with self.path.open("rb") as file:
            yield CsvCatalog(file, self.path.name)


class _Cut:
    """A range that is being put together: its rows, and a digest of them and of the header."""

    def __init__(self, header: Row, first_index: int = 0) -> None:
        self.first_index = first_index
        self.count = 0
        self._start = self._stop = 0
        self._digest = hashlib.blake2b(header.raw, digest_size=16)

    def take(self, row: Row) -> None:
        if not self.count:
            self._start = row.start
        self.count += 1
        self._stop = row.stop
        self._digest.update(row.raw)

    def range(self) -> KeyRange:
        return KeyRange(
            first_index=self.first_index,
            count=self.count,
            start=str(self._start),
            stop=f"{self._stop}:{self._digest.hexdigest()}",
        )
