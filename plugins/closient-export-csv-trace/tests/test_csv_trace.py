"""The archive beside the workbook of the same report, and as spreadsheets read it."""

import csv
import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from closient_export_csv_trace import CsvZipWriter
from closient_export_csv_trace.cells import csv_text
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from closient_export import TraceReport, TraceWriterRegistry
from closient_export.plugins import csv_value
from closient_export.testing.reports import (
    demo_report,
    hostile_report,
    report_of_nothing,
)
from closient_export.testing.strategies import hostile_text
from closient_export.trace.sheets import Cell, Link, Mark, Marked

FILLS = {"00FFC7CE": "missing", "00DDEBF7": "derived"}
LONGEST_IN_WORKBOOK = 32_767
CUT = " …[cut]"

Rows = list[list[str]]


def archive_of(report: TraceReport) -> dict[str, bytes]:
    out = io.BytesIO()
    CsvZipWriter().write(report, out)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read(data: bytes) -> Rows:
    """A file, as Python reads it, with the values that its cells stand for."""
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    return [[csv_value(cell) for cell in row] for row in rows]


def workbook_of(report: TraceReport) -> Any:
    out = io.BytesIO()
    TraceWriterRegistry().writer("xlsx").write(report, out)
    return load_workbook(out)


def same(text: str, value: object) -> bool:
    """Whether a cell of CSV says what the cell of the workbook says."""
    if isinstance(value, int | float):
        return Decimal(text) == Decimal(str(value))
    if isinstance(value, datetime):
        return date.fromisoformat(text) == value.date()
    if isinstance(value, str) and value.endswith(CUT):
        return text.startswith(value.removesuffix(CUT)) and len(text) > len(value)
    return text == (value or "")


@pytest.mark.parametrize("make", [demo_report, report_of_nothing, hostile_report])
def test_files_say_what_the_sheets_of_the_workbook_say(make: Any) -> None:
    report = make()
    files, book = archive_of(report), workbook_of(report)
    assert list(files) == [
        *(f"{number:02} {sheet.title}.csv" for number, sheet in enumerate(book, 1)),
        "marks.csv",
    ]
    marks = []
    for (name, data), sheet in zip(files.items(), book, strict=False):
        rows = read(data)
        assert len(rows) == sheet.max_row
        for number, (row, cells) in enumerate(zip(rows, sheet.iter_rows(), strict=True), 1):
            assert len(row) == len(cells) == sheet.max_column
            for text, cell in zip(row, cells, strict=True):
                assert same(text, cell.value), (name, cell.coordinate, text, cell.value)
                fill = FILLS.get(cell.fill.fgColor.rgb)
                if fill:
                    heading = rows[0][cell.column - 1]
                    marks.append([name, str(number), cell.column_letter, heading, fill])
    assert read(files["marks.csv"]) == [["File", "Row", "Column", "Heading", "Mark"], *marks]


def test_the_demo_has_something_of_everything() -> None:
    files = {name: read(data) for name, data in archive_of(demo_report()).items()}
    assert list(files) == [
        "01 Harvesting.csv",
        "02 Cooling.csv",
        "03 Initial Packing.csv",
        "04 First Land-Based Receiving.csv",
        "05 Shipping.csv",
        "06 Receiving.csv",
        "07 Transformation.csv",
        "08 About This Export.csv",
        "09 Lots.csv",
        "10 Lot Genealogy.csv",
        "11 Recall Scope.csv",
        "12 Findings.csv",
        "13 Locations.csv",
        "14 Products.csv",
        "15 Excluded Events.csv",
        "marks.csv",
    ]
    assert {row[4] for row in files["marks.csv"][1:]} == {"missing", "derived"}


def test_sheets_without_rows_have_their_headings() -> None:
    files = {name: read(data) for name, data in archive_of(report_of_nothing()).items()}
    assert files["08 Excluded Events.csv"] == [
        [
            *("Why", "Event ID", "Event Time", "Event Type", "Business Step", "Place", "Lots"),
            "Because Of",
        ]
    ]


@given(
    cell=st.none()
    | st.text()
    | hostile_text()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
)
def test_any_cell_comes_back_and_is_no_formula(cell: Cell) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow([csv_text(cell), csv_text(Marked(None, Mark.MISSING)), "end"])
    written = file.getvalue().encode()
    [[text, empty, end]] = csv.reader(io.StringIO(written.decode(), newline=""), strict=True)
    assert (empty, end) == ("", "end")
    if isinstance(cell, str):
        assert not text.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
        assert csv_value(text) == "".join(map(kept, cell.replace("\r\n", "\n").replace("\r", "\n")))
    elif isinstance(cell, int | Decimal):
        assert Decimal(text) == cell
        assert "E" not in text
    elif isinstance(cell, date):
        assert date.fromisoformat(text) == cell
    else:
        assert text == ""


def kept(character: str) -> str:
    """XML 1.0 has no other characters."""
    code = ord(character)
    legal = code in (9, 10) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF
    return character if legal else "\ufffd"


def test_a_link_is_its_text_and_a_moment_is_for_no_cell() -> None:
    assert csv_text(Link(text="Shipping, row 2", sheet="Shipping", row=2)) == "Shipping, row 2"
    moment: Any = datetime(2027, 3, 31)
    with pytest.raises(TypeError, match=r"not for a cell: datetime.datetime\(2027, 3, 31, 0, 0\)"):
        csv_text(moment)


def opened(folder: Path, data: bytes, columns: int, kind: int) -> Sequence[Sequence[Any]]:
    """The cells that LibreOffice makes of a file; `kind` 1 lets it guess, 2 says that all is text."""
    (folder / "book.csv").write_bytes(data)
    formats = "/".join(f"{column}/{kind}" for column in range(1, columns + 1))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            f"--infilter=CSV:44,34,76,1,{formats}",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(folder),
            str(folder / "book.csv"),
        ],
        check=True,
        capture_output=True,
    )
    [sheet] = load_workbook(folder / "book.xlsx").worksheets
    return [*sheet.iter_rows()]


@pytest.fixture(scope="module")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed: it does not read the files")
    return tmp_path_factory.mktemp("libreoffice")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (demo_report, "Shipping.csv"),
        (demo_report, "Findings.csv"),
        (hostile_report, "Locations.csv"),
    ],
)
def test_libreoffice_finds_the_same_text_and_no_formula(
    libreoffice: Path, make: Any, name: str
) -> None:
    [data] = [data for file, data in archive_of(make()).items() if file.endswith(name)]
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    guessed = opened(libreoffice, data, len(rows[0]), 1)
    assert {cell.data_type for row in guessed for cell in row} <= {"s", "n", "d", "b"}
    as_text = opened(libreoffice, data, len(rows[0]), 2)
    found = [[cell.value or "" for cell in row] for row in as_text]
    assert [row for row in found if any(row)] == [
        [cell[:LONGEST_IN_WORKBOOK] for cell in row] for row in rows
    ]
