# ruff: noqa: PLC0415 - what is not installed is left out, and a child loads its own side alone
"""Traces: a workbook of many rows, and a long EPCIS document."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from measuring import Contest, Side
from supply_network import write_network

from closient_export.trace.spreadsheet import (
    Cell,
    Column,
    ColumnStyle,
    Mark,
    Marked,
    Sheet,
    write_workbook,
)

__all__ = ["WORKBOOK", "read_ours", "read_plain", "write_document"]

_COLUMNS = 36
_NAME = "Shipping"
_FIRST_DAY = date(2027, 3, 1)
_BYTES_OF_EVENT = 835
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Makes numbers in a row look like drawn ones."""


def _rows(_: Path, count: int) -> list[list[Cell]]:
    return [_row(number) for number in range(count)]


def _row(number: int) -> list[Cell]:
    """Much as a row of FDA's sheet *Shipping*: places come again and again, lots do not."""
    day = _FIRST_DAY + timedelta(days=number // 400)
    lot, pallet = number * 7919 % 10**8, number // 6 * 7919 % 10**10
    origin, destination = number % 7, 7 + number % 40
    return [
        Marked(f"(01)19521130000114(10)P{lot:08d}", Mark.DERIVED),
        Marked(Decimal(number % 90 + 10), Mark.DERIVED),
        *(
            Marked("cases", Mark.DERIVED),
            "Packed iceberg",
            "Packing & Sons",
            None,
            "n/a",
            "24 ct",
            "case",
        ),
        *_place(destination),
        *(None, day, Decimal(number % 900) / 4),
        *(Marked(each, Mark.DERIVED) for each in _place(origin)[:3]),
        *_place(origin)[3:],
        Marked(None, Mark.MISSING),
        *("Bill of Lading", f"BOL-{number // 3}", "complete"),
        *(UUID(int=number * _SPREAD % 2**128).urn, f"{day}T14:16:00-07:00"),
        *(f"https://id.gs1.org/01/19521130000114/10/P{lot:08d}", None),
        f"https://id.gs1.org/414/95211340{destination:05d}",
        f"https://id.gs1.org/00/19521130{pallet:010d}",
        f"columns A, B, C from the contents of https://id.gs1.org/00/19521130{pallet:010d}",
        day + timedelta(days=14),
    ]


def _place(number: int) -> tuple[str, ...]:
    return (
        f"Fresh Kitchens {number}",
        f"+1 555 555 01{number:02d}",
        f"{100 + number} Main St",
        *("Salt Lake City", "UT", f"85{number:03d}"),
    )


def _ours(rows: list[list[Cell]], scratch: Path) -> Path:
    columns = tuple(
        Column(heading=f"Heading {number}", width=20, style=ColumnStyle.OFFICIAL)
        for number in range(_COLUMNS)
    )
    out = scratch / "ours.xlsx"
    with out.open("wb") as file:
        write_workbook([Sheet(name=_NAME, columns=columns, rows=rows)], file, title=_NAME)
    return out


def _bare(rows: list[list[Cell]]) -> list[list[Any]]:
    return [[cell.value if isinstance(cell, Marked) else cell for cell in row] for row in rows]


def _openpyxl(rows: list[list[Any]], scratch: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    worksheet = book.create_sheet(_NAME)
    worksheet.append([f"Heading {number}" for number in range(_COLUMNS)])
    for row in rows:
        worksheet.append(row)
    out = scratch / "peer.xlsx"
    book.save(out)
    return out


def _xlsxwriter(rows: list[list[Any]], scratch: Path) -> Path:
    from xlsxwriter import Workbook

    out = scratch / "peer.xlsx"
    options = {"constant_memory": True, "default_date_format": "mm/dd/yyyy"}
    with Workbook(
        str(out), {**options, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        worksheet = book.add_worksheet(_NAME)
        worksheet.write_row(0, 0, [f"Heading {number}" for number in range(_COLUMNS)])
        for number, row in enumerate(rows, 1):
            worksheet.write_row(number, 0, row)
    return out


WORKBOOK = Contest(
    row="workbook",
    titles=(f"A workbook of rows with {_COLUMNS} columns",),
    items="rows",
    ours=(Side("closient-export", _ours, 100_000),),
    peers=(
        Side("openpyxl, write-only", _openpyxl, 5_000, (10,), prepare=_bare, needs=("openpyxl",)),
        Side(
            *("XlsxWriter, constant memory", _xlsxwriter, 10_000),
            prepare=_bare,
            needs=("xlsxwriter",),
        ),
    ),
    prepare=_rows,
    notes=(
        "The others write the same values without their looks: no colours, no text format, no filter. "
        f"openpyxl is {'with' if find_spec('lxml') else 'without'} lxml.",
    ),
)


def write_document(folder: Path, megabytes: int) -> Path:
    """An EPCIS document of about so many."""
    path = folder / f"events-{megabytes}.jsonld"
    write_network(path, megabytes * 1_000_000 // _BYTES_OF_EVENT)
    return path


def read_ours() -> Callable[[Path], None]:
    from closient_export.epcis import read_events

    def read(path: Path) -> None:
        with path.open("rb") as file:
            for _ in read_events(file, path.name):
                pass

    return read


def read_plain() -> Callable[[Path], None]:
    def read(path: Path) -> None:
        json.loads(path.read_bytes())

    return read
