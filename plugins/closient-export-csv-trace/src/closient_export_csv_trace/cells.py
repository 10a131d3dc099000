r"""Cells of a sheet as cells of CSV.

- Text that a spreadsheet would take for a formula has an apostrophe in front, as `csv_cell` says.
- Numbers have all their digits and no exponent, dates are ISO 8601, so that sorting sorts them.
- Line breaks are ``\n``, and characters that the workbook cannot have are ``U+FFFD`` here, too.
"""

import re
from datetime import date
from decimal import Decimal

from closient_export.plugins import csv_cell
from closient_export.trace.sheets import Cell, Link, Mark, Marked

__all__ = ["csv_text", "mark_of"]

_LINE_BREAK = re.compile(r"\r\n?")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_text(cell: Cell) -> str:
    """What a cell says, ready for a CSV writer.

    Raises:
        TypeError: it holds a value that is for no cell.

    >>> csv_text("=1+1"), csv_text(Decimal("-1E+2")), csv_text(date(2027, 3, 31))
    ("'=1+1", '-100', '2027-03-31')
    """
    if isinstance(cell, Marked):
        cell = cell.value
    elif isinstance(cell, Link):
        cell = cell.text
    if cell is None:
        return ""
    if isinstance(cell, str):
        return csv_cell(_ILLEGAL.sub("\ufffd", _LINE_BREAK.sub("\n", cell)))
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, int):
        return str(cell)
    if type(cell) is date:
        return cell.isoformat()
    raise TypeError(f"not for a cell: {cell!r}")


def mark_of(cell: Cell) -> Mark | None:
    """What stands out about a cell, which a workbook shows by colours."""
    return cell.mark if isinstance(cell, Marked) else None
