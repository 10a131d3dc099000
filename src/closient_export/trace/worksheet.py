"""What a sheet is, and a worksheet as XML, by the rules of `closient_export.trace.spreadsheet`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from html import escape
from textwrap import wrap

from attrs import field, frozen, validators

CUT = " …[cut]"
"""Stands for the rest of a text that is too long for a cell."""

ROWS_OF_SHEET = 1_048_576
_LINKS_OF_SHEET = 65_530
_UNITS_OF_CELL = 32_767
_TALLEST_ROW = 409

_FORMULA_STARTS = tuple("=+-@\t\r\0＝＋－＠")  # noqa: RUF001 - full-width signs count too
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\r\n?")
_BEFORE_ESCAPE = re.compile(r"(?<=_)(?=[xX][0-9A-Fa-f]{4}_)")
_PLAIN = re.compile(
    r"(?![ =+\-@＝＋－＠])[^&<>_\x00-\x1f\ud800-\udfff\ufffe\uffff]{1,16000}(?<! )"  # noqa: RUF001
)
"""Text that goes into a cell as it is; nearly all of it does."""

_EXACT = Context(prec=15, Emin=-290, Emax=300, traps=[])
_DAY_0, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
TEXT, QUOTED, NUMBER, DATE = "@", "quoted", "General", "mm/dd/yyyy"
"""What cells can hold: a number format each, but for text with a quote prefix."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_BATCH = 64


class ColumnStyle(StrEnum):
    """How a column's heading looks."""

    OFFICIAL = "official"
    """A column that an authority's form has."""
    EXTENSION = "extension"
    """A column added to such a form."""
    PLAIN = "plain"
    """A column of a sheet of our own."""


class Mark(StrEnum):
    """What stands out about a cell."""

    MISSING = "missing"
    """It should have a value and has none, or not a good one: light red."""
    DERIVED = "derived"
    """Its value was worked out from others: light blue, italic."""


@frozen(kw_only=True)
class Column:
    """A column of a sheet."""

    heading: str
    width: float = field(validator=[validators.gt(0), validators.le(255)])
    """In characters."""
    style: ColumnStyle
    wrap: bool = False
    """Whether long texts go on in further lines of their cell."""


@frozen(kw_only=True)
class Link:
    """A text that links to a row of a sheet."""

    text: str
    sheet: str
    row: int = field(validator=validators.ge(1))
    """Counted from 1, the heading, and on through the sheets that the rows continue on."""


@frozen
class Marked:
    """A value that stands out."""

    value: str | int | Decimal | date | None
    mark: Mark


Cell = str | int | Decimal | date | Link | Marked | None


@frozen(kw_only=True)
class Sheet:
    """A worksheet: its rows are read once, when they are written."""

    name: str
    columns: tuple[Column, ...] = field(validator=validators.min_len(1))
    rows: Iterable[Sequence[Cell]]
    tab_colour: str = field(default="", validator=validators.matches_re("([0-9A-F]{6})?"))
    """In hexadecimal digits, red, green and blue."""


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
        self._links: list[str] = []
        self._looks = ["wrap" if column.wrap else "" for column in sheet.columns]
        self.area = ""
        """The cells of the worksheet, once it is written."""

    def write(self, rows: Iterable[Sequence[Cell]], *, selected: bool) -> Iterator[bytes]:
        """The worksheet, piece by piece."""
        yield self._head(selected=selected).encode()
        number, batch = 1, [self._headings()]
        for number, row in enumerate(rows, 2):
            batch.append(self._row(number, row))
            if len(batch) == _BATCH:
                yield "".join(batch).encode()
                batch.clear()
        yield "".join(batch).encode()
        self.area = f"A1:{self._letters[-1]}{number}"
        links = f"<hyperlinks>{''.join(self._links)}</hyperlinks>" if self._links else ""
        yield (
            f'</sheetData><autoFilter ref="{self.area}"/>{links}<pageSetup orientation="landscape"/>'
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

    def _headings(self) -> str:
        cells = [
            self._text(f"{letter}1", column.heading, column.style)
            for letter, column in zip(self._letters, self._sheet.columns, strict=True)
        ]
        lines = max(_lines(column) for column in self._sheet.columns)
        height = min(15 * lines, _TALLEST_ROW)
        return f'<row r="1" ht="{height}" customHeight="1">{"".join(cells)}</row>'

    def _row(self, number: int, row: Sequence[Cell]) -> str:
        if len(row) != len(self._letters):
            wanted = f"{len(self._letters)} cells, not {len(row)}"
            raise ValueError(f"row {number} of sheet {self._sheet.name!r} needs {wanted}")
        text = f'{number}" s="{self._styles["", TEXT]}" t="inlineStr"><is><t>'
        cells = []
        for letter, look, cell in zip(self._letters, self._looks, row, strict=True):
            if type(cell) is str and not look and _PLAIN.fullmatch(cell):
                cells.append(f'<c r="{letter}{text}{cell}</t></is></c>')
            elif cell is not None:
                cells.append(self._cell(f"{letter}{number}", cell, look))
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _cell(self, reference: str, cell: Cell, look: str) -> str:
        if isinstance(cell, Marked):
            look, cell = cell.mark, cell.value
        elif isinstance(cell, Link):
            look, cell = self._link(reference, cell), cell.text
        if isinstance(cell, date) and not isinstance(cell, datetime):
            if cell >= _FIRST_DAY:
                return self._number(reference, str((cell - _DAY_0).days), look, DATE)
            cell = f"{cell.month:02}/{cell.day:02}/{cell.year:04}"
        elif isinstance(cell, int | Decimal):
            given = Decimal(cell)
            exact = _EXACT.normalize(given)
            if given.is_finite() and exact == given:
                plain = abs(exact.adjusted()) <= _EXACT.prec
                return self._number(reference, f"{exact:f}" if plain else str(exact), look, NUMBER)
            cell = str(given)
        elif cell is not None and not isinstance(cell, str):
            raise TypeError(f"not for a cell: {cell!r}")
        return self._text(reference, cell or "", look)

    def _link(self, reference: str, link: Link) -> str:
        location = escape(self._locate(link))
        if not link.text or len(self._links) == _LINKS_OF_SHEET:
            return ""
        self._links.append(f'<hyperlink ref="{reference}" location="{location}"/>')
        return "link"

    def _number(self, reference: str, value: str, look: str, kind: str) -> str:
        return f'<c r="{reference}" s="{self._styles[look, kind]}"><v>{value}</v></c>'

    def _text(self, reference: str, value: str, look: str) -> str:
        if _PLAIN.fullmatch(value):
            style = self._styles[look, TEXT]
            return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'
        style = self._styles[look, QUOTED if value.startswith(_FORMULA_STARTS) else TEXT]
        text = clean(value)
        if units(text) > _UNITS_OF_CELL:
            text = cut(text, _UNITS_OF_CELL - len(CUT)) + CUT
        if not text:
            return f'<c r="{reference}" s="{style}"/>' if look else ""
        runs = [
            f'<t xml:space="preserve">{run}</t>'
            for run in _BEFORE_ESCAPE.split(escape(text, quote=False))
        ]
        content = runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)
        return f'<c r="{reference}" s="{style}" t="inlineStr"><is>{content}</is></c>'


def _lines(column: Column) -> int:
    """How many lines a heading takes, in bold and beside the filter's button."""
    return max(1, len(wrap(column.heading, max(1, int(column.width) - 2))))


def clean(text: str) -> str:
    """The text as XML can have it."""
    return _ILLEGAL.sub("\ufffd", _LINE_BREAK.sub("\n", text))


def units(text: str) -> int:
    """How long Excel thinks a text is, in code units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """As much of the start as fits into so many units, in whole characters."""
    return text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore")
