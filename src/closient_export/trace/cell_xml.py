"""The XML of cells, by the rules of `closient_export.trace.spreadsheet`."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from functools import cache
from html import escape

from closient_export.trace.sheets import Cell, Link, Marked

__all__ = [
    "CUT",
    "DATE",
    "MORE",
    "NUMBER",
    "QUOTED",
    "ROW",
    "TEXT",
    "ColumnXml",
    "clean",
    "cut",
    "units",
]

CUT = " …[cut]"
"""Stands for the rest of a text that is too long for a cell."""

ROW = b"\x01"
"""Stands for the number of the row, which the XML of a cell has once; no text can have it."""
_ROW = ROW.decode()

MORE = b"\x02\x03\x04\x05\x06\x07\x08\x0b\x0c" + bytes(range(0x0E, 0x1F))
"""As many of these stand behind the XML of a cell as its text takes lines after the first one, up
to what fits into the highest row that Excel has; no text can have them."""
_MORE = MORE.decode()

TEXT, QUOTED, NUMBER, DATE = "@", "quoted", "General", "mm/dd/yyyy"
"""What cells can hold: a number format each, but for text with a quote prefix."""

_UNITS_OF_CELL = 32_767
_FORMULA_STARTS = tuple("=+-@\t\r\0＝＋－＠")  # noqa: RUF001 - full-width signs count too
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\r\n?")
_BEFORE_ESCAPE = re.compile(r"(?<=_)(?=[xX][0-9A-Fa-f]{4}_)")
_PLAIN = re.compile(
    r"(?![ =+\-@＝＋－＠])[^&<>_\x00-\x1f\ud800-\udfff\ufffe\uffff]{1,16000}(?<! )"  # noqa: RUF001
)
"""Text that goes into a cell as it is; nearly all of it does."""

_EXACT = Context(prec=15, Emin=-290, Emax=300, traps=[])
_SHORT_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_LONGEST_SHORT = 15
"""With no more characters such a number has as many digits as Excel keeps, or fewer."""
_LARGE = 10**15
_DAY_0, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)

_REMEMBERED = 512
"""So many values of a column are kept with their XML."""
_LONGEST_REMEMBERED = 200


class ColumnXml(dict[Cell, bytes]):
    """The XML of a column's cells, by what the cells hold; made when it is first asked for.

    Most columns repeat themselves. What is remembered is bounded, and forgotten all at once. Equal
    keys have equal XML: no number is remembered, since those that are equal need not be of a type
    that is for a cell.

    Args:
        letter: What the column is called.
        look: That of all its cells.
        styles: The numbers of the styles, by look and kind of content.
        add_link: Called for each link with the letter; tells whether there is room for it.
        width: How many characters fit into a line.
    """

    def __init__(
        self,
        letter: str,
        look: str,
        styles: Mapping[tuple[str, str], int],
        add_link: Callable[[str, Link], bool],
        width: float = 255,
    ) -> None:
        super().__init__()
        self._letter, self._look, self._styles, self._add_link = letter, look, styles, add_link
        self._width = max(1, int(width))
        self._text_start, self._number_start = (
            self._start_of(look, TEXT),
            self._start_of(look, NUMBER),
        )

    def __missing__(self, cell: Cell) -> bytes:
        if type(cell) is str:
            if _PLAIN.fullmatch(cell):
                xml = f"{self._text_start}{cell}</t></is></c>".encode()
                if len(cell) > self._width and self._look:
                    xml += MORE[: self._breaks(cell)]
            else:
                xml = self._text(cell, self._look).encode()
            is_remembered = len(cell) <= _LONGEST_REMEMBERED
        elif type(cell) is Decimal and (number := _number(cell)):
            return f"{self._number_start}{number}</v></c>".encode()
        else:
            xml = self.write(cell)
            is_remembered = _is_short(cell.value if isinstance(cell, Marked) else cell)
        if is_remembered:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[cell] = xml
        return xml

    def write(self, cell: Cell) -> bytes:
        """The XML of a cell, without a look at what is remembered.

        Raises:
            TypeError: it holds a value that is for no cell.
        """
        return self._xml(cell).encode()

    def _xml(self, cell: Cell) -> str:
        look = self._look
        if cell is None:
            return ""
        if isinstance(cell, Marked):
            look, cell = cell.mark, cell.value
        elif isinstance(cell, Link):
            look, cell = "link" if self._add_link(self._letter, cell) else "", cell.text
        if isinstance(cell, int | Decimal):
            if number := _number(cell):
                return self._value(number, look, NUMBER)
            cell = str(Decimal(cell))
        elif isinstance(cell, date) and not isinstance(cell, datetime):
            if cell >= _FIRST_DAY:
                return self._value(str((cell - _DAY_0).days), look, DATE)
            cell = f"{cell.month:02}/{cell.day:02}/{cell.year:04}"
        elif cell is not None and not isinstance(cell, str):
            raise TypeError(f"not for a cell: {cell!r}")
        return self._text(cell or "", look)

    def _start_of(self, look: str, kind: str) -> str:
        start = f'<c r="{self._letter}{_ROW}" s="{self._styles[look, kind]}"'
        return f'{start} t="inlineStr"><is><t>' if kind == TEXT else f"{start}><v>"

    def _value(self, value: str, look: str, kind: str) -> str:
        return f"{self._start_of(look, kind)}{value}</v></c>"

    def _text(self, value: str, look: str) -> str:
        if _PLAIN.fullmatch(value):
            is_long = look and len(value) > self._width
            more = _MORE[: self._breaks(value)] if is_long else ""
            return f"{self._start_of(look, TEXT)}{value}</t></is></c>{more}"
        style = self._styles[look, QUOTED if value.startswith(_FORMULA_STARTS) else TEXT]
        text = clean(value)
        if units(text) > _UNITS_OF_CELL:
            text = cut(text, _UNITS_OF_CELL - len(CUT)) + CUT
        reference = f"{self._letter}{_ROW}"
        if not text:
            return "" if look in {"", "wrap"} else f'<c r="{reference}" s="{style}"/>'
        runs = [
            f'<t xml:space="preserve">{run}</t>'
            for run in _BEFORE_ESCAPE.split(escape(text, quote=False))
        ]
        more = _MORE[: self._breaks(text)] if look else ""
        content = runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)
        return f'<c r="{reference}" s="{style}" t="inlineStr"><is>{content}</is></c>{more}'

    def _breaks(self, text: str) -> int:
        """How often a text goes on in another line."""
        lines = _lines_of(self._width).findall(text[: (self._width + 1) * (len(_MORE) + 1)])
        return len(lines) - 1


@cache
def _lines_of(width: int) -> re.Pattern[str]:
    """What stands in a line of so many characters: whole words, or as much of one as fits."""
    return re.compile(rf"\n|[^\n]{{1,{width}}}(?: +|\n|\Z)|[^\n]{{{width}}}")


def _is_short(value: object) -> bool:
    """Whether a value other than a number takes little memory."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_REMEMBERED
    return value is None or isinstance(value, date)


def _number(given: int | Decimal) -> str:
    """A number as a cell has it, if it fits into the digits that Excel keeps."""
    if type(given) is Decimal or (type(given) is int and -_LARGE < given < _LARGE):
        text = str(given)
        if len(text) <= _LONGEST_SHORT and _SHORT_NUMBER.fullmatch(text):
            return text
    number = Decimal(given)
    exact = _EXACT.normalize(number)
    if not number.is_finite() or exact != number:
        return ""
    return f"{exact:f}" if abs(exact.adjusted()) <= _EXACT.prec else str(exact)


def clean(text: str) -> str:
    """The text as XML can have it."""
    return _ILLEGAL.sub("\ufffd", _LINE_BREAK.sub("\n", text))


def units(text: str) -> int:
    """How long Excel thinks a text is, in code units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """As much of the start as fits into so many units, in whole characters."""
    return text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore")
