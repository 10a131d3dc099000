import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export import Gtin, LabelFilters, Lot, Product, Scope, Serial
from closient_export.adapters.csv_catalog import COLUMNS, CsvCatalog
from closient_export.errors import CatalogError
from closient_export.subjects import Subject
from closient_export.testing.strategies import dates, gtins, short_ids

GTIN = Gtin.parse("9506000134352")
ID = ["MMr86QwRRjvDGR6MjGRNdQ", "NneQBNcNMzYTBZUkietLPx", "3saZ2RC4oNs7y7NcaQ5iXT"]


def catalog(data: str | bytes) -> CsvCatalog:
    return CsvCatalog(io.BytesIO(data.encode() if isinstance(data, str) else data), "c.csv")


def select(
    data: str | bytes, scope: Scope = Scope.LOTS, filters: LabelFilters | None = None
) -> list[Subject]:
    selection = catalog(data).select(scope, filters or LabelFilters())
    subjects = list(selection.subjects)
    assert selection.count == len(subjects)
    return subjects


def refusal(data: str | bytes, scope: Scope = Scope.LOTS) -> str:
    with pytest.raises(CatalogError) as caught:
        select(data, scope)
    return str(caught.value)


texts = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
common = {
    "gtin": gtins(),
    "product_name": st.none() | texts,
    "brand": st.none() | texts,
    "product_id": st.none() | short_ids(),
    "id": st.none() | short_ids(),
    "lot_run_id": st.none() | short_ids(),
    "expiry": st.none() | dates(),
    "best_before": st.none() | dates(),
    "production_date": st.none() | dates(),
    "printed_at": st.none() | st.datetimes(timezones=st.just(UTC)),
}
any_lots = st.builds(Lot, lot=texts, **common)
any_serials = st.builds(Serial, serial=texts, lot=st.none() | texts, **common)


def write(subjects: list[Subject]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for subject in subjects:
        cells = {name: getattr(subject, name, None) for name in COLUMNS}
        writer.writerow({name: "" if cell is None else str(cell) for name, cell in cells.items()})
    return text.getvalue().encode()


@given(st.lists(any_lots | any_serials, max_size=8), st.sampled_from(["", "\ufeff"]))
def test_every_subject_is_read_back(subjects: list[Subject], mark: str) -> None:
    data = mark.encode() + write(subjects)
    for scope in (Scope.LOTS, Scope.SERIALS):
        assert select(data, scope) == [s for s in subjects if s.scope is scope]


def test_a_row_says_what_it_is_by_what_it_has() -> None:
    data = (
        "gtin,lot,serial,expiry,printed_at\n"
        "9506000134352,A,,2027-03-31,\n"
        "9506000134352,A,1,,2026-05-01T10:00:00+02:00\n"
        "9506000134352,,2,,\n"
        ",,,,\n"
        "\n"
    )
    assert select(data, Scope.LOTS) == [Lot(gtin=GTIN, lot="A", expiry=date(2027, 3, 31))]
    printed = datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert select(data, Scope.SERIALS) == [
        Serial(gtin=GTIN, lot="A", serial="1", printed_at=printed),
        Serial(gtin=GTIN, serial="2"),
    ]
    assert catalog(data).select(Scope.LOTS, LabelFilters()).row_count == 3
    assert select("gtin,lot\n9506000134352,\n", Scope.PRODUCTS) == [Product(gtin=GTIN)]


FILTERED = f"""gtin,lot,serial,product_id,lot_run_id,printed_at,id
9506000134352,A,1,{ID[0]},{ID[1]},,{ID[2]}
9506000134352,A,2,,,2026-05-01T10:00:00Z,{ID[1]}
614141000036,B,3,,{ID[1]},,
614141000036,A,,,,,{ID[1]}
9506000134352,A,,,,,{ID[0]}
"""


@pytest.mark.parametrize(
    ("filters", "serials"),
    [
        (LabelFilters(), "123"),
        (LabelFilters(gtins=["9506000134352"]), "12"),
        (LabelFilters(gtins=["9506000134352", "614141000036"]), "123"),
        (LabelFilters(gtins=[]), ""),
        (LabelFilters(product_id=ID[0]), "1"),
        (LabelFilters(lot_run_id=ID[1]), "13"),
        (LabelFilters(serial_ids=[ID[1]]), "2"),
        (LabelFilters(never_printed=True), "13"),
        (LabelFilters(lot_ids=[ID[0]]), "12"),  # that lot's row comes last
        (LabelFilters(lot_ids=[ID[1]]), ""),  # another product's lot of the same name
        (LabelFilters(gtins=["9506000134352"], never_printed=True), "1"),
    ],
)
def test_filters_of_serials(filters: LabelFilters, serials: str) -> None:
    found = select(FILTERED, Scope.SERIALS, filters)
    assert "".join(s.serial for s in found if isinstance(s, Serial)) == serials


def test_lot_ids_narrow_lots_by_their_ids() -> None:
    twins = f"gtin,lot,id\n9506000134352,A,{ID[0]}\n9506000134352,A,{ID[1]}\n"
    found = select(twins, Scope.LOTS, LabelFilters(lot_ids=[ID[1]]))
    assert [s.id for s in found] == [ID[1]]
    found = select(FILTERED, Scope.LOTS, LabelFilters(lot_ids=[ID[0]]))
    assert [s.gtin for s in found] == [GTIN]


HEADER = "gtin, lot, serial, product_name, brand, expiry, best_before, production_date, product_id, lot_run_id, printed_at, id"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", f"c.csv is empty: expected a header row with {HEADER}"),
        (b"\n\n", f"c.csv is empty: expected a header row with {HEADER}"),
        (
            b"gtin,lot,colour\n",
            f"c.csv, line 1: unknown column 'colour', expected some of {HEADER}",
        ),
        (
            b"gtin;lot\n",
            f"c.csv, line 1: unknown column 'gtin;lot', expected some of {HEADER}; the columns are "
            "separated by commas",
        ),
        (b"gtin,lot,lot\n", "c.csv, line 1: column 'lot' appears twice"),
        (
            b"gtin,serial\n",
            "c.csv, line 1: missing column 'lot', which scope 'lots' needs; got gtin, serial",
        ),
        (b"lot\n", "c.csv, line 1: missing column 'gtin', which scope 'lots' needs; got lot"),
        (
            b"gtin,lot\n9506000134352,A\n9506000134353,B\n",
            "c.csv, line 3 (row 2): gtin (01) '9506000134353': expected check digit 2, got 3",
        ),
        (
            b"gtin,lot\n,A\n",
            "c.csv, line 2 (row 1): gtin: expected 8, 12, 13 or 14 digits, got a blank cell",
        ),
        (
            b"gtin,lot\n9506000134352\n",
            "c.csv, line 2 (row 1): expected 2 cells as in the header, got 1",
        ),
        (
            b"gtin,lot\n9506000134352,A,B\n",
            "c.csv, line 2 (row 1): expected 2 cells as in the header, got 3",
        ),
        (
            b"gtin,lot\n9506000134352,\xe9\n",
            "c.csv, line 2: not UTF-8: byte 0xe9 at byte 15 of the line; save it as CSV in UTF-8",
        ),
        (
            b"\xff\xfeg\x00",
            "c.csv, line 1: not UTF-8: byte 0xff at byte 1 of the line; save it as CSV in UTF-8",
        ),
        (
            b"GTIN,lot,product name,\n",
            "c.csv, line 1: unknown columns 'GTIN' (did you mean 'gtin'?), 'product name' (did you "
            f"mean 'product_name'?), '', expected some of {HEADER}",
        ),
        (
            b"gtin,lot\n9506000134352,\n",
            "c.csv, line 2 (row 1): expected a lot or a serial, got neither",
        ),
        (
            b"gtin,lot,expiry\n9506000134352,A,1926-03-31\n",
            "c.csv, line 2 (row 1): expiry: expected a date from 2000 to 2075, got 1926-03-31",
        ),
        (
            b"gtin,lot,expiry\n9506000134352,A,2075-12-31\n9506000134352,B,2099-12-31\n",
            "c.csv, line 3 (row 2): expiry: expected a date from 2000 to 2075, got 2099-12-31",
        ),
        (
            b'gtin,lot\n9506000134352,"A\nB\n',
            "c.csv, line 3: not CSV: unexpected end of data",
        ),
        (
            b"gtin,lot,expiry\n9506000134352,A,31.03.2027\n",
            "c.csv, line 2 (row 1): expiry: expected a date as 2027-03-31, got '31.03.2027'",
        ),
        (
            b"gtin,lot,printed_at\n9506000134352,A,2026-05-01T10:00:00\n",
            "c.csv, line 2 (row 1): printed_at: expected a time with its zone as "
            "2027-03-31T09:30:00+00:00, got '2026-05-01T10:00:00'",
        ),
        (
            b"gtin,lot,printed_at\n9506000134352,A,yesterday\n",
            "c.csv, line 2 (row 1): printed_at: expected a time with its zone as "
            "2027-03-31T09:30:00+00:00, got 'yesterday'",
        ),
        (
            b"gtin,lot,id\n9506000134352,A,7\n",
            "c.csv, line 2 (row 1): id: expected a short id, 22 characters without 0, 1, I, O and l, got '7'",
        ),
        (
            b"gtin,lot\n" + b"x" * (1 << 20),
            "c.csv, line 2: expected less than 1,048,576 bytes",
        ),
    ],
)
def test_refused_with_file_line_and_expectation(data: bytes, message: str) -> None:
    assert refusal(data) == message


def test_the_problems_of_several_rows_at_once_but_not_without_end() -> None:
    data = "gtin,lot\n" + "x,A\n" * 100
    lines = refusal(data).splitlines()
    assert len(lines) == 11
    assert lines[-2].startswith("c.csv, line 11 (row 10): gtin")
    assert lines[-1] == "c.csv: 90 more rows cannot be read"


class Endless:
    """A catalogue of so many rows that is never in memory as a whole."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.position = 0

    def seek(self, _offset: int) -> None:
        self.position = 0

    def readline(self, _limit: int) -> bytes:
        self.position += 1
        if self.position == 1:
            return b"gtin,lot,serial\n"
        return b"9506000134352,A,%d\n" % self.position if self.position <= self.rows else b""


@pytest.mark.parametrize(
    "filters",
    [
        LabelFilters(lot_ids=[ID[0]]),
        LabelFilters(lot_run_id=ID[0]),
        LabelFilters(serial_ids=[ID[0]]),
    ],
)
def test_no_product_satisfies_a_filter_by_lots(filters: LabelFilters) -> None:
    assert select("gtin,lot\n9506000134352,\n", Scope.PRODUCTS, filters) == []


def test_a_quote_that_swallows_the_file_is_found_early() -> None:
    data = 'gtin,lot\n9506000134352,"A\n' + "9506000134352,B\n" * 1000
    assert "expected a quote that is closed within 100 lines" in refusal(data)


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        selection = CsvCatalog(cast("BinaryIO", Endless(rows)), "c.csv").select(
            Scope.SERIALS, LabelFilters()
        )
        assert sum(1 for _ in selection.subjects) == rows - 1
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # whatever is made once, is made now
    assert peak(30_000) < peak(300) + 20_000
