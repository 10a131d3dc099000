"""A worksheet as XML, by the rules of `closient_export.trace.spreadsheet`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from math import ceil
from operator import getitem
from textwrap import wrap

from closient_export.trace.cell_xml import MORE, ROW, ColumnXml
from closient_export.trace.sheets import Cell, Column, Link, Sheet

__all__ = ["ROWS_OF_SHEET", "Page"]

ROWS_OF_SHEET = 1_048_576
_LINKS_OF_SHEET = 65_530
_LINE = 15
_TALLEST_ROW = 409
_MORE = [bytes([more]) for more in MORE]
_HEIGHTS = [b' ht="%d"' % (_LINE * lines) for lines in range(len(_MORE) + 2)]
"""How high a row of so many lines is."""
_WIDTH_OF_PAGE = 375
"""How many characters stand side by side on a printed page: at more they are under 4 points, and
Excel prints nothing at less than a tenth of its size, which FDA's widest sheets would need."""
_PRINTED = (
    # Findings name rows and columns as Excel's grid does, so it is printed: on a sheet of several
    # pages side by side it tells which rows belong together.
    '<printOptions headings="1" gridLines="1"/>'
    '<pageMargins left="0.4" right="0.4" top="0.4" bottom="0.6" header="0.3" footer="0.3"/>'
    '<pageSetup orientation="landscape" fitToWidth="{pages}" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;L&amp;A&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>"
)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BATCH = 64


class Page:
    """A worksheet, as XML."""

    def __init__(
        self,
        sheet: Sheet,
        styles: Mapping[tuple[str, str], int],
        locate: Callable[[Link], str],
    ) -> None:
        """Write `sheet` with the workbook's `styles`; `locate` tells where a link leads."""
        from openpyxl.utils import get_column_letter  # noqa: PLC0415 - loaded when first needed

        self._sheet, self._styles, self._locate = sheet, styles, locate
        self._letters = [get_column_letter(at) for at, _ in enumerate(sheet.columns, 1)]
        self._columns = [
            ColumnXml(letter, "wrap" if column.wrap else "", styles, self._add_link, column.width)
            for letter, column in zip(self._letters, sheet.columns, strict=True)
        ]
        self._links: dict[str, str] = {}
        """Where the cells lead that are links."""
        self._number = 1
        """The row that is being written."""
        self.area = ""
        """The cells of the worksheet, once it is written."""

    def write(self, rows: Iterable[Sequence[Cell]], *, selected: bool) -> Iterator[bytes]:
        """The worksheet, piece by piece."""
        yield self._head(selected=selected).encode()
        number, batch = 1, [self._headings()]
        for number, row in enumerate(rows, 2):
            batch.append(self._row(number, row))
            if len(batch) == _BATCH:
                yield b"".join(batch)
                batch.clear()
        yield b"".join(batch)
        self.area = f"A1:{self._letters[-1]}{number}"
        links = "".join(
            f'<hyperlink ref="{reference}" location="{location}"/>'
            for reference, location in self._links.items()
        )
        hyperlinks = f"<hyperlinks>{links}</hyperlinks>" if links else ""
        yield (
            f'</sheetData><autoFilter ref="{self.area}"/>{hyperlinks}'
            f"{_PRINTED.format(pages=_pages_wide(self._sheet.columns))}"
            f'<ignoredErrors><ignoredError sqref="{self.area}" numberStoredAsText="1"/>'
            "</ignoredErrors></worksheet>"
        ).encode()

    def _head(self, *, selected: bool) -> str:
        colour = self._sheet.tab_colour
        tab = f'<tabColor rgb="FF{colour}"/>' if colour else ""
        columns = (
            f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"/>'
            for number, column in enumerate(self._sheet.columns, 1)
        )
        return (
            f'<worksheet xmlns="{_MAIN}"><sheetPr>{tab}<pageSetUpPr fitToPage="1"/></sheetPr>'
            "<sheetViews>"
            f'<sheetView tabSelected="{selected:d}" workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{"".join(columns)}</cols><sheetData>'
        )

    def _headings(self) -> bytes:
        cells = b"".join(
            ColumnXml(letter, column.style, self._styles, self._add_link).write(column.heading)
            for letter, column in zip(self._letters, self._sheet.columns, strict=True)
        )
        lines = max(_lines(column) for column in self._sheet.columns)
        height = min(_LINE * lines, _TALLEST_ROW)
        start = f'<row r="1" ht="{height}" customHeight="1">'
        return start.encode() + cells.replace(ROW, b"1").translate(None, MORE) + b"</row>"

    def _row(self, number: int, row: Sequence[Cell]) -> bytes:
        if len(row) != len(self._columns):
            wanted = f"{len(self._columns)} cells, not {len(row)}"
            raise ValueError(f"row {number} of sheet {self._sheet.name!r} needs {wanted}")
        self._number = number
        try:
            cells = b"".join(map(getitem, self._columns, row))
        except TypeError:  # a value has no hash, such as a signalling NaN, or is for no cell
            cells = b"".join(
                column.write(cell) for column, cell in zip(self._columns, row, strict=True)
            )
        height = b""
        if _MORE[0] in cells:
            height, cells = _measured(cells)
        return (b'<row r="%b"%b>%b</row>' % (ROW, height, cells)).replace(ROW, b"%d" % number)

    def _add_link(self, letter: str, link: Link) -> bool:
        location = escape(self._locate(link))
        reference = f"{letter}{self._number}"
        is_full = len(self._links) >= _LINKS_OF_SHEET and reference not in self._links
        if not link.text or is_full:
            return False
        self._links[reference] = location
        return True


def _pages_wide(columns: Sequence[Column]) -> int:
    """How many printed pages a sheet takes from left to right."""
    return ceil(sum(column.width for column in columns) / _WIDTH_OF_PAGE)


def _measured(cells: bytes) -> tuple[bytes, bytes]:
    """How high a row is whose texts go on in further lines, and its cells without the marks.

    Excel would find out by itself, but LibreOffice does not.
    """
    height = b""
    for lines, more in enumerate(_MORE, 2):
        if more not in cells:
            break
        cells = cells.replace(more, b"")
        height = _HEIGHTS[lines]
    return height, cells


def _lines(column: Column) -> int:
    """How many lines a heading takes, in bold and beside the filter's button."""
    return max(1, len(wrap(column.heading, max(1, int(column.width) - 2))))
