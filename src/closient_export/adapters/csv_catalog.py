"""A catalogue of lots and serials in a CSV file, read as a stream however long it is.

The file is UTF-8 with a header row and one row for each lot or serial: ``gtin``, ``lot`` and
``serial`` (blank on the row of a lot), and whatever else of `COLUMNS` is known. Dates are
``YYYY-MM-DD``, times ISO 8601 with their zone, ids short ids.
"""

import csv
import difflib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, BinaryIO, NamedTuple

from attrs import frozen

from closient_export.adapters.selecting import Selects
from closient_export.errors import CatalogError, shown
from closient_export.gs1 import Gtin
from closient_export.ids import parse_short_id
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Product, Scope, Serial, Subject, parse_time

__all__ = ["COLUMNS", "CsvCatalog", "Row", "Selection"]

_LONGEST_LINE = 1 << 20
_MOST_LINES_OF_RECORD = 100
_MOST_PROBLEMS = 10


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        message = f"expected a date as 2027-03-31, got {shown(text)}"
        raise ValueError(message) from None


COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "gtin": Gtin.parse,
    "lot": str,
    "serial": str,
    "product_name": str,
    "brand": str,
    "expiry": _date,
    "best_before": _date,
    "production_date": _date,
    "product_id": parse_short_id,
    "lot_run_id": parse_short_id,
    "printed_at": parse_time,
    "id": parse_short_id,
}
"""The columns that a catalogue may have, in any order, and how their cells are read."""

_IDENTIFYING = {Scope.PRODUCTS: "gtin", Scope.LOTS: "lot", Scope.SERIALS: "serial"}
_OF_PRODUCTS = ("gtin", "product_name", "brand", "product_id", "id")


@frozen
class Selection:
    """What the filters select from a catalogue."""

    count: int
    row_count: int
    """How many rows the catalogue has, selected or not."""
    subjects: Iterator[Subject]


class Row(NamedTuple):
    """A row as it stands in the file."""

    line: int
    """The number of its last line, counted from where reading began."""
    start: int
    """The byte where it begins."""
    raw: bytes
    cells: list[str]

    @property
    def stop(self) -> int:
        """The byte after it."""
        return self.start + len(self.raw)


class CsvCatalog:
    """The rows of a CSV file as subjects.

    Args:
        file: Open for reading bytes, and seekable, since it is read more than once.
        name: What error messages call it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._record: list[bytes] = []
        """The lines of the row that is being read."""

    def select(self, scope: Scope, filters: LabelFilters) -> Selection:
        """Check every row of the file, then hand out those that scope and filters select.

        Raises:
            CatalogError: the file cannot be read as a catalogue; each problem with its line.
        """
        selects = Selects(scope, filters, self.lots_with_ids(scope, filters))
        count = row_count = 0
        for _, subject in self.rows(scope):
            row_count += 1
            count += selects(subject)
        subjects = (subject for _, subject in self.rows(scope))
        return Selection(count, row_count, filter(selects, subjects))

    def lots_with_ids(self, scope: Scope, filters: LabelFilters) -> frozenset[tuple[Gtin, str]]:
        """The lots that `filters.lot_ids` names: their serials know them by GTIN and lot."""
        if filters.lot_ids is None:
            return frozenset()
        wanted = set(filters.lot_ids)
        rows = self.rows(scope)
        return frozenset((s.gtin, s.lot) for _, s in rows if isinstance(s, Lot) and s.id in wanted)

    def header(self, scope: Scope) -> Row:
        """The row with the names of the columns.

        Raises:
            CatalogError: it lacks one that the scope needs, or has one that is none.
        """
        return self._header(next(self._rows(), None), scope)

    def rows(self, scope: Scope, start: int = 0) -> Iterator[tuple[Row, Subject]]:
        """The rows and what they are about; if any cannot be read, one error with all at the end.

        Args:
            scope: What the columns must suffice for.
            start: The `Row.start` of the first one; the row after the header if it is 0.
        """
        problems: list[str] = []
        unsaid = 0
        rows = self._rows()
        header = self._header(next(rows, None), scope).cells
        for number, row in enumerate(self._rows(start) if start else rows, 1):
            try:
                subject = _subject(header, row.cells, scope)
            except ValueError as error:
                if len(problems) < _MOST_PROBLEMS:
                    problems.append(f"{self._name}, line {row.line} (row {number}): {error}")
                else:
                    unsaid += 1
            else:
                yield row, subject
        if unsaid:
            problems.append(f"{self._name}: {unsaid:,} more rows cannot be read")
        if problems:
            raise CatalogError("\n".join(problems))

    def _header(self, first: Row | None, scope: Scope) -> Row:
        if first is None:
            raise CatalogError(
                f"{self._name} is empty: expected a header row with {', '.join(COLUMNS)}"
            )
        header = first.cells
        where = f"{self._name}, line {first.line}"
        if unknown := [name for name in header if name not in COLUMNS]:
            named = ", ".join(map(_suggest, unknown))
            commas = any(";" in name or "\t" in name for name in unknown)
            hint = "; the columns are separated by commas" if commas else ""
            columns = "unknown column" if len(unknown) == 1 else "unknown columns"
            accepted = ", ".join(COLUMNS)
            raise CatalogError(f"{where}: {columns} {named}, expected some of {accepted}{hint}")
        if twice := next((name for name in header if header.count(name) > 1), None):
            raise CatalogError(f"{where}: column '{twice}' appears twice")
        for name in dict.fromkeys(("gtin", _IDENTIFYING[scope])):
            if name not in header:
                raise CatalogError(
                    f"{where}: missing column '{name}', which scope '{scope}' needs; got "
                    f"{', '.join(header)}"
                )
        return first

    def _rows(self, start: int = 0) -> Iterator[Row]:
        """Each row that is not blank."""
        self._file.seek(start)
        reader = csv.reader(self._lines(has_mark=start == 0), strict=True)
        while True:
            self._record = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = str(error)
                if "new-line" in reason:
                    reason = "lines end with carriage returns alone"
                raise CatalogError(
                    f"{self._name}, line {reader.line_num}: not CSV: {reason}"
                ) from error
            raw = self._record[0] if len(self._record) == 1 else b"".join(self._record)
            # No identifier has blanks around it: GS1's character sets have none.
            cells = list(map(str.strip, cells))
            if any(cells):
                yield Row(reader.line_num, start, raw, cells)
            start += len(raw)

    def _lines(self, *, has_mark: bool) -> Iterator[str]:
        """The lines as text; the first one may have a byte order mark."""
        number = 0
        while line := self._file.readline(_LONGEST_LINE):
            number += 1
            self._record.append(line)
            if len(self._record) > _MOST_LINES_OF_RECORD:
                raise CatalogError(
                    f"{self._name}, line {number}: expected a quote that is closed within "
                    f"{_MOST_LINES_OF_RECORD} lines"
                )
            if len(line) == _LONGEST_LINE:
                raise CatalogError(
                    f"{self._name}, line {number}: expected less than {_LONGEST_LINE:,} bytes"
                )
            try:
                yield line.decode("utf-8-sig" if has_mark and number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise CatalogError(
                    f"{self._name}, line {number}: not UTF-8: byte "
                    f"0x{error.object[error.start]:02x} at byte {error.start + 1} of the line; "
                    "save it as CSV in UTF-8"
                ) from error


def _suggest(name: str) -> str:
    """The name of an unknown column, with the one that was perhaps meant."""
    plain = name.lower().replace(" ", "_").replace("-", "_")
    near = difflib.get_close_matches(plain, COLUMNS, n=1, cutoff=0.75)
    return f"{shown(name)} (did you mean '{near[0]}'?)" if near else shown(name)


def _subject(header: list[str], cells: list[str], scope: Scope) -> Subject:
    if len(cells) != len(header):
        message = f"expected {len(header)} cells as in the header, got {len(cells)}"
        raise ValueError(message)
    values = {}
    name = ""
    try:
        for name, cell in zip(header, cells, strict=True):
            if cell:
                values[name] = COLUMNS[name](cell)
    except ValueError as error:
        # A GTIN's own error already says which identifier it is about.
        raise ValueError(f"{name}: {error}" if name != "gtin" else f"gtin {error}") from None
    if "gtin" not in values:
        raise ValueError("gtin: expected 8, 12, 13 or 14 digits, got a blank cell")
    if "serial" in values:
        return Serial(**values)
    if "lot" in values:
        return Lot(**values)
    if scope is not Scope.PRODUCTS:
        raise ValueError("expected a lot or a serial, got neither")
    return Product(**{name: values[name] for name in _OF_PRODUCTS if name in values})
