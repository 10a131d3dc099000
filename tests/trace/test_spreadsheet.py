import csv
import io
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import Any
from xml.parsers import expat

import pypdfium2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from closient_export.trace import worksheet
from closient_export.trace.spreadsheet import (
    CUT,
    Cell,
    Column,
    ColumnStyle,
    Link,
    Mark,
    Marked,
    Sheet,
    write_workbook,
)

TRAILING_BLANKS = "Farm Purchase by RFE or Rest.  "
LONGEST = 32_767

fragments = st.one_of(
    st.sampled_from(["=", "+", "-", "@", "＝", "＋", "－", "＠", "'", '"', "&", "<", ">", "]]>"]),
    st.sampled_from(["\0", "\t", "\n", "\r", "\r\n", "\x0b", "\x1f", "\x7f", "\x85", " ", "\xa0"]),
    st.sampled_from(["_x0041_", "_x005F_", "_x005f_x0041_", "_x000D_", "_X0041_", "x005F_", "_"]),
    st.sampled_from(["\ud800", "\udfff", "\ufffe", "\uffff", "\ufeff", "\u2028", "\U0001f34e"]),
    st.sampled_from(
        ["خس روماني", "\u202eabc", "e\u0301", "cmd|' /C calc'!A0", "1E5", "007", "TRUE"]
    ),
    st.sampled_from(["1/2/2025", "#N/A", "SUM(A1:A2)", "<f>1</f>", "%0A", "x" * 5_000]),
    st.text(max_size=10),
)
hostile = st.lists(fragments, max_size=9).map("".join)
numbers = (
    st.integers(-(10**15) + 1, 10**15 - 1)
    | st.decimals(-(10**9), 10**9, places=3)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
values: st.SearchStrategy[Any] = hostile | numbers | st.dates() | st.none()
marked = st.builds(Marked, values, st.sampled_from(Mark))
links = st.builds(Link, text=hostile, sheet=st.just("Main"), row=st.integers(1, 2_000_000))
cells: st.SearchStrategy[Cell] = values | marked | links


def shown(cell: Cell) -> Any:
    """What a reader shows of a cell."""
    value = cell.value if isinstance(cell, Marked) else cell
    value = value.text if isinstance(value, Link) else value
    if isinstance(value, date):
        text = f"{value.month:02}/{value.day:02}/{value.year:04}"
        return text if value < date(1900, 3, 1) else datetime(value.year, value.month, value.day)
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        digits = "".join(map(str, number.as_tuple().digits)).strip("0")
        fits = len(digits) <= 15 and (not number or -280 < number.adjusted() < 300)
        return number if fits else str(number)
    if not value:
        return None
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    if len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    return text.encode("utf-16-le")[: 2 * (LONGEST - 7)].decode("utf-16-le", "ignore") + CUT


def columns(number: int) -> tuple[Column, ...]:
    return tuple(
        Column(heading=f"Column {at}", width=12, style=ColumnStyle.OFFICIAL) for at in range(number)
    )


def sheet(rows: Iterable[Sequence[Cell]], name: str = "Main", width: int = 1) -> Sheet:
    return Sheet(name=name, columns=columns(width), rows=rows)


def written(*sheets: Sheet, title: str = "Title") -> bytes:
    out = io.BytesIO()
    write_workbook(sheets, out, title=title)
    return out.getvalue()


def read(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


@given(st.lists(cells, min_size=1, max_size=8), hostile)
@example(
    ["x" * LONGEST, "x" * (LONGEST + 1), "\U0001f34e" * 16_384, "a" + "\U0001f34e" * 20_000], ""
)
@example(["_x0041_x0042_", "_x005F_x0041_", "x005F_", "_x005F_", "__x0041__"], "_x0041_")
def test_readers_get_what_was_given_and_never_a_formula(row: list[Cell], title: str) -> None:
    data = written(sheet([row], width=len(row)), title=title)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            content = package.read(name)
            expat.ParserCreate().Parse(content, True)
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f" not in content
    found = [cell.value for cell in read(data)["Main"][2]]
    wanted = [shown(cell) for cell in row]
    for value, want in zip(found, [*wanted, *[None] * (len(found) - len(wanted))], strict=True):
        if isinstance(want, Decimal):
            assert isinstance(value, int | float)
            assert value == float(want)
        else:
            assert value == want


@given(hostile, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"]))
def test_what_looks_like_a_formula_has_a_quote_prefix(text: str, start: str) -> None:
    data = written(sheet([[start + text, "a" + text, Marked(start, Mark.DERIVED)]], width=3))
    quoted, plain, mark = read(data)["Main"][2]
    assert (quoted.quotePrefix, plain.quotePrefix, mark.quotePrefix) == (True, False, True)
    assert {cell.number_format for cell in (quoted, plain, mark)} == {"@"}
    assert {cell.data_type for cell in (quoted, plain, mark)} == {"s"}


@pytest.mark.parametrize(
    ("number", "want"),
    [
        (0, 0),
        (-5, -5),
        (999_999_999_999_999, 999_999_999_999_999),
        (1_234_567_890_123_456, "1234567890123456"),
        (12 * 10**40, 1.2e41),
        (Decimal("1.50"), 1.5),
        (Decimal("0.1"), 0.1),
        (Decimal("-0"), 0),
        (Decimal("0.1234567890123456"), "0.1234567890123456"),
        (Decimal("1E+400"), "1E+400"),
        (Decimal("1E-400"), "1E-400"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (Decimal("sNaN"), "sNaN"),
    ],
)
def test_numbers_are_numbers_where_excel_keeps_them(number: Decimal, want: object) -> None:
    (cell,) = read(written(sheet([[number]])))["Main"][2]
    assert cell.value == want
    assert cell.number_format == ("@" if isinstance(want, str) else "General")


def test_a_number_beyond_python_s_own_limit_for_texts_is_text() -> None:
    (cell,) = read(written(sheet([[10**5_000 + 1]])))["Main"][2]
    assert cell.value == f"1{'0' * 4_999}1"


@pytest.mark.parametrize(
    ("day", "want"),
    [
        (date(1900, 2, 28), "02/28/1900"),
        (date(1, 1, 1), "01/01/0001"),
        (date(1900, 3, 1), datetime(1900, 3, 1)),
        (date(9999, 12, 31), datetime(9999, 12, 31)),
    ],
)
def test_dates_are_dates_from_march_1900_on(day: date, want: object) -> None:
    (cell,) = read(written(sheet([[day]])))["Main"][2]
    assert cell.value == want
    assert cell.number_format == ("@" if isinstance(want, str) else "mm/dd/yyyy")


@pytest.mark.parametrize("value", [datetime(2025, 1, 1, tzinfo=UTC), 1.5, b"x", ["x"]])
def test_a_value_of_another_type_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="not for a cell"):
        written(sheet([[value]]))


@pytest.mark.parametrize("row", [[], ["a", "b"]])
def test_a_row_of_another_length_is_an_error(row: list[Cell]) -> None:
    with pytest.raises(ValueError, match="row 3 of sheet 'Main' needs 1 cells"):
        written(sheet([["a"], row]))


def test_heading_row() -> None:
    looks = tuple(
        Column(heading=heading, width=8.5, style=style, wrap=wrap)
        for heading, style, wrap in (
            ("Traceability lot code", ColumnStyle.OFFICIAL, True),
            ("=Quantity", ColumnStyle.EXTENSION, False),
            ("_x0041_", ColumnStyle.PLAIN, True),
        )
    )
    rows = [["long, plain text", "long, plain text", None]]
    data = written(Sheet(name="Main", columns=looks, rows=rows, tab_colour="FF0000"))
    main = read(data)["Main"]
    assert [cell.value for cell in main[1]] == ["Traceability lot code", "=Quantity", "_x0041_"]
    assert [cell.data_type for cell in main[1]] == ["s"] * 3
    assert [bool(cell.alignment.wrap_text) for cell in main[2]] == [True, False, False]
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in main[1])
    assert len({cell.fill.fgColor.rgb for cell in main[1]}) == 3
    assert main.row_dimensions[1].height == 60
    assert main.freeze_panes == "A2"
    assert main.auto_filter.ref == "A1:C2"
    assert main.column_dimensions["B"].width == 8.5
    assert '<tabColor rgb="FFFF0000"/>' in part(data, "xl/worksheets/sheet1.xml")


def test_a_sheet_prints_in_landscape_as_wide_as_its_pages_and_with_its_name() -> None:
    def wide(*widths: float) -> Sheet:
        looks = [Column(heading="a", width=width, style=ColumnStyle.PLAIN) for width in widths]
        return Sheet(name=f"{sum(widths):g} wide", columns=tuple(looks), rows=())

    book = read(written(wide(200, 175), wide(200, 176), wide(*[255] * 5)))
    for page, pages in zip(book.worksheets, (1, 2, 4), strict=True):
        assert page.page_setup.orientation == "landscape"
        assert page.sheet_properties.pageSetUpPr
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (pages, 0)
        assert page.print_title_rows == "$1:$1"
        assert page.print_options.headings
        footer = page.oddFooter
        assert footer
        assert (footer.left.text, footer.right.text) == ("&A", "Page &P of &N")


def test_libreoffice_prints_headings_and_footers_on_every_page(tmp_path: Path) -> None:
    looks = tuple(
        Column(heading=heading, width=150, style=ColumnStyle.PLAIN, wrap=True)
        for heading in ("Left", "Middle", "Right")
    )
    rows = [[f"{side}{n}" for side in "lmr"] for n in range(200)]
    book = written(Sheet(name="Bob's & co", columns=looks, rows=rows), sheet([["x"]], "Next"))
    (tmp_path / "book.xlsx").write_bytes(book)
    convert(tmp_path, "pdf")
    document = pypdfium2.PdfDocument(tmp_path / "book.pdf")
    texts = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
        assert ("Next" if number == len(texts) else "Bob's & co") in text
    left = [text for text in texts[:-1] if "Left" in text]
    right = [text for text in texts[:-1] if "Left" not in text]
    assert len(left) == len(right) > 1
    for text in left:
        assert "Middle" in text
    for text in right:
        assert "Right" in text
    said = " ".join(texts).split()
    assert all(said.count(cell) == 1 for row in rows for cell in row)


def heights(data: bytes, name: str) -> list[float | None]:
    """Those of the rows after the heading."""
    rows = re.findall(r"<row [^>]*>", part(data, name))[1:]
    found = [re.search(r' ht="([0-9.]+)"', row) for row in rows]
    return [float(each[1]) if each else None for each in found]


blank_separated = st.lists(st.text("ab", min_size=1, max_size=12), min_size=1, max_size=40)


@given(st.lists(blank_separated.map(" ".join), min_size=1, max_size=4), st.integers(12, 30))
@example(["a b " * 300], 12)
@example(["x" * 12, "x" * 13, "x" * 24, "x" * 25], 12)
def test_a_row_is_as_high_as_its_longest_text(texts: list[str], width: int) -> None:
    looks = (
        Column(heading="a", width=width + 0.5, style=ColumnStyle.PLAIN, wrap=True),
        Column(heading="b", width=12, style=ColumnStyle.PLAIN),
    )
    lines = [len(wrap(text, width)) for text in texts]
    want = [15 * min(number, 27) if number > 1 else None for number in lines]
    for mark in (
        str,
        lambda text: Marked(text, Mark.DERIVED),
        lambda text: Link(text=text, sheet="Main", row=1),
    ):
        data = written(
            Sheet(name="Main", columns=looks, rows=[[mark(text), "y" * 99] for text in texts])
        )
        assert heights(data, "xl/worksheets/sheet1.xml") == want
    data = written(Sheet(name="Main", columns=looks, rows=[["\n".join(texts), None]]))
    together = 15 * min(sum(lines), 27)
    assert heights(data, "xl/worksheets/sheet1.xml") == [together if sum(lines) > 1 else None]


def test_marks_are_seen_even_without_a_value() -> None:
    row: list[Cell] = [
        Marked(None, Mark.MISSING),
        Marked("a", Mark.DERIVED),
        Marked(1, Mark.DERIVED),
        "b",
    ]
    found = read(written(sheet([row], width=4)))["Main"][2]
    assert [cell.value for cell in found] == [None, "a", 1, "b"]
    assert len({cell.fill.fgColor.rgb for cell in found}) == 3
    assert [cell.font.italic for cell in found] == [False, True, True, False]


def test_links_lead_to_rows_of_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("closient_export.trace.spreadsheet.ROWS_OF_SHEET", 3)
    findings = [Link(text="see", sheet="Bob's  ", row=row) for row in (1, 2, 3, 4, 6)]
    data = written(
        sheet(zip(findings, strict=True), "Findings"), sheet(zip(range(5), strict=True), "Bob's  ")
    )
    book = read(data)
    assert book.sheetnames == [
        *("Findings", "Findings (2)", "Findings (3)"),
        *("Bob's  ", "Bob's   (2)", "Bob's   (3)"),
    ]
    found = [cell for name in book.sheetnames[:3] for (cell,) in book[name].iter_rows(min_row=2)]
    assert [cell.hyperlink and cell.hyperlink.location for cell in found] == [
        *("'Bob''s  '!A1", "'Bob''s  '!A2", "'Bob''s  '!A3"),
        *("'Bob''s   (2)'!A2", "'Bob''s   (3)'!A2"),
    ]
    with pytest.raises(ValueError, match="a link to a sheet that is not there: 'None'"):
        written(sheet([[Link(text="", sheet="None", row=1)]]))


def test_links_beyond_excel_s_limit_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worksheet, "_LINKS_OF_SHEET", 2)
    data = written(sheet([[Link(text=f"to {n}", sheet="Main", row=1)] for n in range(4)]))
    found = [cell for (cell,) in read(data)["Main"].iter_rows(min_row=2)]
    assert [cell.value for cell in found] == ["to 0", "to 1", "to 2", "to 3"]
    assert [cell.hyperlink is not None for cell in found] == [True, True, False, False]


def test_rows_continue_on_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("closient_export.trace.spreadsheet.ROWS_OF_SHEET", 4)
    rows = [[n] for n in range(7)]
    data = written(sheet(iter(rows), TRAILING_BLANKS), sheet([], "Farm Purchase by RFE or Res (2)"))
    book = read(data)
    names = [TRAILING_BLANKS, *(f"Farm Purchase by RFE or Res ({n})" for n in (3, 4, 2))]
    assert book.sheetnames == names
    assert [book[name].max_row for name in names] == [4, 4, 2, 1]
    assert [book[name]["A1"].value for name in names] == ["Column 0"] * 4
    found = [value for name in names for (value,) in book[name].iter_rows(2, values_only=True)]
    assert found == list(range(7))


def test_a_worksheet_is_filled_to_its_last_row() -> None:
    more = 1_048_575
    data = written(sheet((n,) for n in range(more + 1)))
    last = f'<row r="{more + 1}"><c r="A{more + 1}" s="3"><v>{more - 1}</v></c></row></sheetData>'
    assert last in part(data, "xl/worksheets/sheet1.xml")
    assert f"<v>{more}</v></c></row></sheetData>" in part(data, "xl/worksheets/sheet2.xml")
    names = re.findall(r'<sheet [^>]*?name="(.*?)"', part(data, "xl/workbook.xml"))
    assert names == ["Main", "Main (2)"]


def test_the_bytes_are_the_same_with_and_without_lxml() -> None:
    code = (
        "import sys; from importlib.resources import files; "
        "from openpyxl.xml import LXML; "
        "from closient_export.trace.sheets import Column, ColumnStyle, Sheet; "
        "from closient_export.trace.spreadsheet import write_workbook; "
        "columns = (Column(heading='A', width=9.0, style=ColumnStyle.PLAIN),); "
        "print(LXML, file=sys.stderr); "
        "write_workbook([Sheet(name='Main', columns=columns, rows=[['=1'], [2]])], sys.stdout.buffer, title='é')"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"OPENPYXL_LXML": wanted},
            check=True,
            capture_output=True,
        )
        for wanted in ("True", "False")
    ]
    assert [done.stderr.strip() for done in made] == [b"True", b"False"]
    assert made[0].stdout == made[1].stdout


@pytest.mark.parametrize(
    "name",
    [
        *("", "x" * 32, "\U0001f34e" * 16, "'a", "a'", "a\n", "a\ud800", "_x0041_", "History"),
        *(f"a{character}b" for character in "[]:*?/\\"),
    ],
)
def test_a_name_that_excel_refuses_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"no name for a sheet|the name of another sheet"):
        written(sheet([], name))


def test_names_are_told_apart_as_excel_does() -> None:
    with pytest.raises(ValueError, match="the name of another sheet: 'MAIN'"):
        written(sheet([]), sheet([], "MAIN"))
    with pytest.raises(ValueError, match="a workbook needs a sheet"):
        written()


@given(st.lists(st.tuples(cells, cells), max_size=5), hostile)
def test_same_sheets_give_the_same_bytes(rows: list[tuple[Cell, Cell]], title: str) -> None:
    first = written(sheet(rows, width=2), title=title)
    assert written(sheet(iter(rows), width=2), title=title) == first


def test_no_clock_in_the_bytes() -> None:
    first = written(sheet([["a", date(2025, 1, 1)]], width=2))
    time.sleep(2.1)
    assert written(sheet([["a", date(2025, 1, 1)]], width=2)) == first
    properties = read(first).properties
    assert (properties.title, properties.creator) == ("Title", "closient-export")
    assert "dcterms" not in part(first, "docProps/core.xml")


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken() -> Iterator[list[Cell]]:
        yield ["x"]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        written(sheet([["x"]], "First"), sheet(broken()))
    written(sheet([["x"]]))
    assert list(tmp_path.iterdir()) == []


def test_libreoffice_shows_what_was_given(tmp_path: Path) -> None:
    texts = [
        *("=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\0=1", "＝1", "＋1", "－1", "＠1"),
        *("'quoted", '"', "a,b;c", "&amp; <b> ]]>", "<f>1</f>", "1E5", "007", "TRUE", "1/2/2025"),
        *("_x0041_", "_x005F_x0041_", "_x005f_", "x005F_", "_x0041_x0042_", "_X0041_", "_x000D_"),
        *(" a", "a ", " \n a\n\n", "a\tb  c", "a\r\nb\rc", "\x01\x0b\x1f", "\x7f\x85\xa0"),
        *("\ud800", "a\udfffb", "\ufffe\uffff", "خس روماني", "\u202eabc", "e\u0301", "\U0001f34e"),
        *("x" * LONGEST, "x" * (LONGEST + 1), "\U0001f34e" * 16_384, "\u2028", "#N/A", "a\\nb"),
        *(f"{start}_x{code:04X}_ " for start in ("", "=", "_") for code in range(0x20)),
    ]
    days = [date(1900, 2, 28), date(1900, 3, 1), date(2024, 2, 29), date(9999, 12, 31)]
    amounts: list[Cell] = [
        0,
        -7,
        10**14,
        Decimal("0.1"),
        Decimal("1234.567"),
        10**15 + 1,
        Decimal("1E+100"),
    ]
    given_cells: list[Cell] = [
        *texts,
        *(Marked(text, Mark.DERIVED) for text in texts),
        *(Link(text=text, sheet=TRAILING_BLANKS, row=2) for text in texts),
        *days,
        *amounts,
    ]
    rows = sheet(zip(given_cells, strict=True), TRAILING_BLANKS)
    (tmp_path / "book.xlsx").write_bytes(written(rows, sheet([], "Next")))
    convert(
        tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,false,false,false,false,-1"
    )
    lines = (tmp_path / f"book-{TRAILING_BLANKS}.csv").read_bytes().decode("utf-8")
    found = [cell for (cell,) in list(csv.reader(io.StringIO(lines, newline="")))[1:]]
    for value, cell in zip(found, given_cells, strict=True):
        want = shown(cell)
        if isinstance(want, datetime):
            assert value == f"{want.month:02}/{want.day:02}/{want.year}"
        elif isinstance(want, Decimal):
            assert Decimal(value) == want
        else:
            assert value == want


def convert(folder: Path, kind: str) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = ["--headless", "--convert-to", kind, "--outdir", str(folder)]
    command = ["soffice", profile, *options, str(folder / "book.xlsx")]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
