r"""Sheets of rows, written as a workbook (XLSX) whose bytes depend on them alone.

openpyxl makes the workbook and its styles, in its write-only mode. The worksheets are written here,
row by row as the rows come: openpyxl builds a tree for each cell, and takes several times as long.

Whoever opens the workbook finds the values as they were given:

- A string is text, never a formula, a number or a date. Where Excel would take it for a formula as
  soon as somebody edits the cell, the cell has Excel's quote prefix; the value has no apostrophe.
- A number is a number where it fits into the 15 significant digits that Excel keeps, else text.
- A date is a date. Excel's calendar has a 29 February 1900, so an earlier date is text.
- Characters that XML does not have are ``U+FFFD``, and every line break is ``\n``. An empty text
  is an empty cell. A text too long for a cell ends with `CUT`.
- ECMA-376, 22.9.2.19 makes ``_x0041_`` an escape for ``A``, and a text that only looks like one
  ``_x005F_x0041_``. LibreOffice unescapes most of them; openpyxl unescapes none in the strings
  that cells hold themselves. So such a text is divided after its first ``_`` into two runs of its
  cell, neither of which has an escape: every reader puts together the text as it was given.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain, count, islice, product
from typing import TYPE_CHECKING, Any, BinaryIO

from closient_export.archive import ArchiveWriter
from closient_export.compression import zlib_compressor
from closient_export.trace.cell_xml import CUT, DATE, NUMBER, QUOTED, TEXT, clean, cut, units
from closient_export.trace.sheets import Cell, Column, ColumnStyle, Link, Mark, Marked, Sheet
from closient_export.trace.worksheet import ROWS_OF_SHEET, Page

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = [
    "CUT",
    "Cell",
    "Column",
    "ColumnStyle",
    "Link",
    "Mark",
    "Marked",
    "Sheet",
    "write_workbook",
]

_CREATOR = "closient-export"
_SHEETS = zlib_compressor(5)
"""Most of the time that a worksheet takes is for compressing it: level 6 takes a third longer, and
makes files smaller by three in a hundred. With this one they are as large as openpyxl's."""
_UNITS_OF_NAME = 31
_BAD_NAME = re.compile(
    r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]|^'|'\Z|_[xX][0-9A-Fa-f]{4}_"
)


def write_workbook(sheets: Iterable[Sheet], out: BinaryIO, *, title: str) -> None:
    """Write a workbook with these sheets, in this order, as their rows come.

    The first row of a sheet has the headings; it stays in view, and every column has a filter.
    Rows that a worksheet has no room for continue on another one, ``<name> (2)``. Links beyond the
    65,530 that Excel takes in a worksheet are text alone.

    Raises:
        ValueError: a sheet's name is none for Excel or is there twice, there is no sheet, a row
            has not as many cells as its sheet has columns, or a link leads to no sheet.
        TypeError: a cell has a value of another type, such as a point in time.
        On any error from its rows on, what has been written to `out` is no workbook.
    """
    from xml.etree.ElementTree import canonicalize  # noqa: PLC0415 - loaded when first needed

    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.writer.theme import theme_xml  # noqa: PLC0415

    sheets = tuple(sheets)
    names = _Names(sheet.name for sheet in sheets)
    workbook = Workbook(write_only=True)
    with ArchiveWriter(out) as archive:
        # Programs that tell a format by the start of a file need to find some small parts there.
        parts = {**_properties(title), "xl/theme/theme1.xml": theme_xml}
        for name, text in parts.items():
            archive.add_stream(name, [text.encode()])
        for sheet in sheets:
            _write_sheet(sheet, names, workbook, archive)
        saved = io.BytesIO()
        workbook.save(saved)
        with zipfile.ZipFile(saved) as package:
            for name in package.namelist():
                if name not in parts and not name.startswith("xl/worksheets/"):
                    # openpyxl writes XML with lxml where that is installed, in another form.
                    text = canonicalize(package.read(name).decode())
                    archive.add_stream(name, [text.encode()])


def _properties(title: str) -> dict[str, str]:
    """The parts that openpyxl would stamp with the time and with its version."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    package = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    application = f"<Application>{_CREATOR}</Application>"
    name = f"<dc:title>{escape(clean(title))}</dc:title><dc:creator>{_CREATOR}</dc:creator>"
    return {
        "docProps/app.xml": f'<Properties xmlns="{office}">{application}</Properties>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{package}" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{name}</cp:coreProperties>',
    }


class _Names:
    """The names of the worksheets, given ones and those that rows continue on."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pages: dict[tuple[str, int], str] = {}
        self._taken: set[str] = set()
        for name in names:
            if not 0 < units(name) <= _UNITS_OF_NAME or _BAD_NAME.search(name):
                raise ValueError(f"no name for a sheet: {name!r}")
            if name.lower() in self._taken or name.lower() == "history":
                raise ValueError(f"the name of another sheet: {name!r}")
            self._pages[name, 1] = name
            self._taken.add(name.lower())
        if not self._pages:
            raise ValueError("a workbook needs a sheet")

    def page(self, name: str, number: int) -> str:
        """What the worksheet is called that has page `number` of the sheet `name`."""
        if (name, number) not in self._pages:
            endings = (f" ({candidate})" for candidate in count(number))
            free = (cut(name, _UNITS_OF_NAME - len(ending)) + ending for ending in endings)
            page = next(page for page in free if page.lower() not in self._taken)
            self._pages[name, number] = page
            self._taken.add(page.lower())
        return self._pages[name, number]

    def location(self, link: Link) -> str:
        """Where a link leads, as Excel writes it."""
        if (link.sheet, 1) not in self._pages:
            raise ValueError(f"a link to a sheet that is not there: {link.sheet!r}")
        page, row = divmod(max(link.row - 2, 0), ROWS_OF_SHEET - 1)
        name = self.page(link.sheet, page + 1).replace("'", "''")
        return f"'{name}'!A{1 if link.row == 1 else row + 2}"


def _write_sheet(sheet: Sheet, names: _Names, workbook: "Workbook", archive: ArchiveWriter) -> None:
    rows = iter(sheet.rows)
    waiting: tuple[Sequence[Cell], ...] = ()
    for number in count(1):
        worksheet = workbook.create_sheet(names.page(sheet.name, number))
        part = f"sheet{len(workbook.sheetnames)}.xml"
        page = Page(sheet, _styles(worksheet), names.location)
        some = chain(waiting, islice(rows, ROWS_OF_SHEET - 1 - len(waiting)))
        first = len(workbook.sheetnames) == 1
        archive.add_stream(f"xl/worksheets/{part}", page.write(some, selected=first), _SHEETS)
        worksheet.auto_filter.ref = page.area  # Excel wants it among the workbook's names, too
        worksheet.print_title_rows = "1:1"
        waiting = tuple(islice(rows, 1))
        if not waiting:
            return


def _styles(worksheet: Any) -> dict[tuple[str, str], int]:
    """The styles of cells, by look and kind of content, as the workbook numbers them."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    looks: dict[str, tuple[str, dict[str, Any]]] = {
        "": ("", {}),
        "wrap": ("", {}),
        "link": ("", {"color": "0563C1", "underline": "single"}),
        Mark.MISSING: ("FFC7CE", {}),
        Mark.DERIVED: ("DDEBF7", {"italic": True}),
    }
    for style, fill in zip(ColumnStyle, ("BDD7EE", "E2EFDA", "E7E6E6"), strict=True):
        looks[style] = fill, {"bold": True}
    styles = {}
    for (look, (fill, font)), kind in product(looks.items(), (TEXT, QUOTED, NUMBER, DATE)):
        cell = WriteOnlyCell(worksheet)
        cell.font = Font(name="Calibri", size=11, **font)
        cell.number_format = TEXT if kind == QUOTED else kind
        cell.quotePrefix = kind == QUOTED
        if fill:
            cell.fill = PatternFill("solid", fgColor=fill)
        # A cell that goes on in further lines makes its row high: the others start at its top.
        cell.alignment = Alignment(wrap_text=bool(look), vertical="top")
        styles[look, kind] = cell.style_id
    return styles
