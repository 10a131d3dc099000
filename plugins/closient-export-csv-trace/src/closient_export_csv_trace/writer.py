"""The writer of the format ``csv_zip``."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO, ClassVar

from closient_export.archive import ArchiveWriter
from closient_export.plugins import TRACE_WRITER_API
from closient_export.trace.report import TraceReport
from closient_export.trace.sheets import Sheet
from closient_export.trace.workbook import sheets_of
from closient_export_csv_trace.cells import csv_text, mark_of

__all__ = ["MARKS", "MARK_COLUMNS", "CsvZipWriter"]

MARKS = "marks.csv"
MARK_COLUMNS = ("File", "Row", "Column", "Heading", "Mark")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for the code page of the machine."""
_BATCH = 1 << 10

Marks = list[tuple[str, ...]]


class CsvZipWriter:
    """Each sheet of the workbook as a file, and a file of the cells that stand out in it.

    The files are named for their sheets and numbered in their order, such as
    ``01 Harvesting.csv``. ``marks.csv`` says which cells are missing or derived.
    """

    api_version: ClassVar[int] = TRACE_WRITER_API
    media_type: ClassVar[str] = "application/zip"
    extension: ClassVar[str] = "zip"

    def write(self, report: TraceReport, out: BinaryIO) -> None:
        """Write the archive; the same report gives the same bytes."""
        marks: Marks = []
        with ArchiveWriter(out) as archive:
            for number, sheet in enumerate(sheets_of(report), 1):
                name = f"{number:02} {sheet.name}.csv"
                archive.add_stream(name, _encoded(_rows(sheet, name, marks)))
            archive.add_stream(MARKS, _encoded(chain([MARK_COLUMNS], marks)))


def _rows(sheet: Sheet, name: str, marks: Marks) -> Iterator[Sequence[str]]:
    """The rows of a sheet, headings first; `marks` gets what stands out."""
    headings = [column.heading for column in sheet.columns]
    yield [csv_text(heading) for heading in headings]
    for number, row in enumerate(sheet.rows, 2):
        yield [csv_text(cell) for cell in row]
        for place, (heading, cell) in enumerate(zip(headings, row, strict=True)):
            if mark := mark_of(cell):
                marks.append((name, str(number), _letter(place), csv_text(heading), mark))


def _encoded(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8, piece by piece."""
    yield _BYTE_ORDER_MARK
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(batch)
        yield text.getvalue().encode()


def _letter(place: int) -> str:
    """What spreadsheets call a column, counted from 0.

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    before, last = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)
