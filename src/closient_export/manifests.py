"""Rows of manifests: CSV (RFC 4180) that spreadsheets take for what it is."""

import csv
import io
import re
from collections.abc import Sequence

from closient_export.subjects import Lot, Serial, Subject

__all__ = [
    "IDENTIFYING_COLUMNS",
    "csv_cell",
    "csv_row",
    "csv_value",
    "identifiers_of",
    "utf8",
]

IDENTIFYING_COLUMNS = ("gtin", "lot", "serial")

_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠'")  # noqa: RUF001 - full-width signs count too

_PLAIN_CELL = r"(?:[0-9A-Za-z][\x1d !#-+\--~]*)?"
_PLAIN_ROW = re.compile(f"{_PLAIN_CELL}(?:,{_PLAIN_CELL})*")
"""Cells that need neither quotes nor an apostrophe."""


def identifiers_of(subject: Subject) -> tuple[str, str, str]:
    """What identifies a subject, by `IDENTIFYING_COLUMNS`; empty where there is none."""
    lot = subject.lot if isinstance(subject, Lot | Serial) else None
    serial = subject.serial if isinstance(subject, Serial) else ""
    return (subject.gtin.value, lot or "", serial)


def utf8(text: str) -> bytes:
    r"""`text` in UTF-8, with a lone surrogate, which UTF-8 does not have, as ``\udXXX``."""
    return text.encode("utf-8", "backslashreplace")


def csv_value(cell: str) -> str:
    """What `csv_cell` has made a cell of."""
    return cell.removeprefix("'")


def csv_row(cells: Sequence[str]) -> str:
    """A row of a CSV file (RFC 4180) of `csv_cell` s, with the end of its line."""
    row = ",".join(cells)
    if _PLAIN_ROW.fullmatch(row) and row.count(",") == len(cells) - 1:
        return f"{row}\r\n"
    file = io.StringIO(newline="")
    csv.writer(file).writerow(map(csv_cell, cells))
    return file.getvalue()


def csv_cell(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, and so that it can be told again.

    A text that starts with one of ``= + - @``, also full-width, with a control character or with
    an apostrophe gets an apostrophe in front: whoever finds one drops it.

    >>> csv_cell("=1+1"), csv_cell("'tis"), csv_cell("ABC")
    ("'=1+1", "''tis", 'ABC')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
