"""A worksheet as XML, by the rules of `closient_export.trace.spreadsheet`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from operator import getitem
from textwrap import wrap

from closient_export.trace.cell_xml import ROW, ColumnXml
from closient_export.trace.sheets import Cell, Column, Link, Sheet

__all__ = ["ROWS_OF_SHEET", "Page"]

ROWS_OF_SHEET = 1_048_576
_LINKS_OF_SHEET = 65_530
_TALLEST_ROW = 409

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
        looks = ("wrap" if column.wrap else "" for column in sheet.columns)
        self._columns = [
            ColumnXml(letter, look, styles, self._add_link)
            for letter, look in zip(self._letters, looks, strict=True)
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
            f'</sheetData><autoFilter ref="{self.area}"/>{hyperlinks}<pageSetup orientation="landscape"/>'
            f'<ignoredErrors><ignoredError sqref="{self.area}" numberStoredAsText="1"/>'
            "</ignoredErrors></worksheet>"
        ).encode()

    def _head(self, *, selected: bool) -> str:
        colour = self._sheet.tab_colour
        tab = f'<sheetPr><tabColor rgb="FF{colour}"/></sheetPr>' if colour else ""
        columns = (
            f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"/>'
            for number, column in enumerate(self._sheet.columns, 1)
        )
        return (
            f'<worksheet xmlns="{_MAIN}">{tab}<sheetViews>'
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
        height = min(15 * lines, _TALLEST_ROW)
        start = f'<row r="1" ht="{height}" customHeight="1">'
        return start.encode() + cells.replace(ROW, b"1") + b"</row>"

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
        return (b'<row r="%b">%b</row>' % (ROW, cells)).replace(ROW, b"%d" % number)

    def _add_link(self, letter: str, link: Link) -> bool:
        location = escape(self._locate(link))
        reference = f"{letter}{self._number}"
        is_full = len(self._links) >= _LINKS_OF_SHEET and reference not in self._links
        if not link.text or is_full:
            return False
        self._links[reference] = location
        return True


def _lines(column: Column) -> int:
    """How many lines a heading takes, in bold and beside the filter's button."""
    return max(1, len(wrap(column.heading, max(1, int(column.width) - 2))))
