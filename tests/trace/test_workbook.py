"""The workbook as whoever opens it finds it: FDA's layout, our values, and nothing that runs."""

import csv
import hashlib
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from test_spreadsheet import convert, hostile, shown
from trace_samples import (
    ASKED,
    CHAIN,
    CHAIN_FILES,
    KITCHEN,
    PACKED,
    PACKER,
    STEM,
    Json,
    demo_chain,
    demo_master_data,
    destination,
    document,
    event,
    of,
    opened,
    papers,
    source,
    text,
    traced,
    written,
)

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import Event, parse_identifier, read_events
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.cells import MISSING, Provenance
from closient_export.trace.findings import RULES
from closient_export.trace.kdes import CriticalTrackingEvent, key_data_elements
from closient_export.trace.report import TraceReport, trace_lots
from closient_export.trace.rows import Row
from closient_export.trace.walk import Selection
from closient_export.trace.workbook import WorkbookWriter, sheets_of

Cte = CriticalTrackingEvent
TEMPLATE = [
    line.split("\t")
    for line in (files("closient_export") / "trace" / "ess_template.tsv")
    .read_text("utf-8")
    .splitlines()[1:]
]
EXTENSIONS = [
    "Status",
    "Event ID",
    "Event Time",
    "Lot URI",
    "Input Lot URI",
    "Origin Location ID",
    "Destination Location ID",
    "Container",
    "Further Reference Documents",
    "Linked Traceability Lot Codes",
    "Derived Values",
    "Assumption",
]
SHIPPED = event(
    "ObjectEvent", "2027-03-03T23:30:00-07:00", "shipping", PACKER, action="OBSERVE",
    **papers(("bol", "B-1")), **destination(KITCHEN), **of(PACKED, 40),
)  # fmt: skip


def demo_report(events: Iterable[Event] | None = None) -> TraceReport:
    found, master_data = demo_chain()
    chain = found if events is None else MemoryEventSource(events)
    return trace_lots(chain, master_data, Selection(lots=(ASKED,)))


@pytest.fixture(scope="module")
def demo() -> TraceReport:
    return demo_report()


@pytest.fixture(scope="module")
def demo_bytes(demo: TraceReport) -> bytes:
    return written(demo)


@pytest.fixture(scope="module")
def book(demo_bytes: bytes) -> Workbook:
    return opened(demo_bytes)


def official(report: TraceReport) -> Iterator[tuple[Cte, Row]]:
    for cte, rows in report.rows.items():
        yield from ((cte, row) for row in rows)


def fda_sheets(book: Workbook) -> list[Cte]:
    return [cte for cte in Cte if cte in book.sheetnames]


def test_every_sheet_has_the_template_s_headings() -> None:
    """Cell by cell, with the hint after a blank where the template has one."""
    found = traced(SHIPPED)
    (row,) = found.rows[Cte.SHIPPING]
    blank = {
        cte: (
            attrs.evolve(
                row, cte=cte, cells=dict.fromkeys((e.name for e in key_data_elements(cte)), MISSING)
            ),
        )
        for cte in Cte
    }
    book = opened(written(attrs.evolve(found, rows=blank)))
    assert book.sheetnames[: len(Cte)] == list(dict.fromkeys(row[0] for row in TEMPLATE))[:-3]
    for cte in Cte:
        columns = [row for row in TEMPLATE if row[0] == cte]
        headings = {
            get_column_letter(at): cell.value for at, cell in enumerate(book[cte][1], start=1)
        }
        for _, column, header, hint, _ in columns:
            assert headings.pop(column) == (f"{header} {hint}" if hint else header)
        assert list(headings.values()) == EXTENSIONS
        first, *others = (book[cte].cell(1, at) for at in range(1, book[cte].max_column + 1))
        blue = [cell.fill.fgColor.rgb == first.fill.fgColor.rgb for cell in (first, *others)]
        assert blue == [True] * len(columns) + [False] * len(EXTENSIONS)


def test_a_sheet_says_whether_it_is_fda_s(demo: TraceReport, book: Workbook) -> None:
    sheets = list(sheets_of(demo))
    assert [sheet.name for sheet in sheets] == book.sheetnames
    assert [sheet.name for sheet in sheets if sheet.official] == fda_sheets(book)


def test_sheets_without_rows_are_left_out(book: Workbook) -> None:
    assert book.sheetnames == [
        "Harvesting",
        "Cooling",
        "Initial Packing",
        "First Land-Based Receiving",
        "Shipping",
        "Receiving",
        "Transformation",
        "About This Export",
        "Lots",
        "Lot Genealogy",
        "Recall Scope",
        "Findings",
        "Locations",
        "Products",
        "Excluded Events",
    ]


def test_every_sheet_can_be_read_and_sorted(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions


def test_our_sheets_print_a_page_wide_and_fda_s_as_wide_as_they_can_be_read(
    demo: TraceReport, book: Workbook
) -> None:
    for sheet in sheets_of(demo):
        pages = book[sheet.name].page_setup.fitToWidth
        assert pages in ({3, 4, 5} if sheet.official else {1})
        assert all(column.wrap for column in sheet.columns)


def test_identifiers_are_text_quantities_numbers_and_dates_dates(
    demo: TraceReport, book: Workbook
) -> None:
    for cte in fda_sheets(book):
        cells = book[cte].iter_rows(min_row=2)
        for row, found in zip(demo.rows[cte], cells, strict=True):
            for element, cell in zip(key_data_elements(cte), found, strict=False):
                want = row.cells[element.name].value
                part = element.name.rpartition("_")[2].rpartition(".")[2]
                if part == "quantity" and want != "n/a":
                    assert (cell.data_type, cell.value) == ("n", want)
                elif isinstance(want, date):
                    assert isinstance(cell.value, datetime)
                    assert (cell.value.date(), cell.number_format) == (want, "mm/dd/yyyy")
                else:
                    assert (cell.data_type, cell.number_format, cell.value) == ("s", "@", want)


def test_dates_are_those_of_where_it_happened() -> None:
    assert traced(SHIPPED).rows[Cte.SHIPPING][0].event.time.day == 4
    sheet = opened(written(traced(SHIPPED)))["Shipping"]
    found = {heading.value: cell for heading, cell in zip(sheet[1], sheet[2], strict=True)}
    shipped = found["Shipping Date (mm/dd/yyyy)"]
    assert (shipped.value, shipped.number_format) == (datetime(2027, 3, 3), "mm/dd/yyyy")
    assert found["Event Time"].value == "2027-03-03T23:30:00-07:00"
    assert found["Lot URI"].value == PACKED
    assert found["Destination Location ID"].value == KITCHEN


def test_a_red_cell_is_a_gap_a_blue_one_is_derived_and_says_from_where() -> None:
    received = SHIPPED | {"bizStep": "receiving", "eventTime": "2027-03-04T09:00:00-07:00"}
    received |= {"readPoint": {"id": KITCHEN}, **source(PACKER), "eventID": "urn:example:receipt"}
    del received["destinationList"]
    kitchen = LocationDescription(id=KITCHEN, business_name="Kitchen")
    sent = {name: value for name, value in SHIPPED.items() if name != "destinationList"}
    sheet = opened(written(traced(sent, received, places=[kitchen])))["Shipping"]
    recipient, phone = sheet["J2"], sheet["K2"]
    assert (recipient.value, recipient.fill.fgColor.rgb) == ("Kitchen", "00DDEBF7")
    assert (phone.value, phone.fill.fgColor.rgb) == (None, "00FFC7CE")
    found = {heading.value: cell.value for heading, cell in zip(sheet[1], sheet[2], strict=True)}
    assert found["Derived Values"] == "columns J from urn:example:receipt"
    assert found["Status"] == "incomplete"


def test_what_corrects_a_wrong_event_says_so() -> None:
    declared = {
        "declarationTime": "2027-03-05T00:00:00Z",
        "correctiveEventIDs": ["urn:example:right"],
    }
    wrong = SHIPPED | {"eventID": "urn:example:wrong"}
    right = SHIPPED | {"eventID": "urn:example:right"} | of(PACKED, 41)
    report = traced(wrong, wrong | {"errorDeclaration": declared}, right)
    (row,) = report.rows[Cte.SHIPPING]
    whole = {
        name: attrs.evolve(cell, provenance=Provenance.STATED) for name, cell in row.cells.items()
    }
    rows = {**report.rows, Cte.SHIPPING: (attrs.evolve(row, cells=whole),)}
    sheet = opened(written(attrs.evolve(report, rows=rows)))["Shipping"]
    at = [cell.value for cell in sheet[1]].index("Status")
    assert [cell.value for cell in list(sheet.columns)[at]] == ["Status", "corrected"]


def test_findings_lead_to_their_rows(book: Workbook) -> None:
    links = [cell for cell in book["Findings"]["E"][1:] if cell.value]
    assert links
    for cell in links:
        sheet, row = re.fullmatch(r"(.+), row (\d+)", cell.value).groups()  # type: ignore[union-attr]
        assert cell.hyperlink.location == f"'{sheet}'!A{row}"
        assert int(row) <= book[sheet].max_row


def test_findings_name_the_cells_that_are_red() -> None:
    events, _ = demo_chain()
    report = trace_lots(events, MemoryMasterData(), Selection(lots=(ASKED,)))
    book = opened(written(report))
    red = {
        f"{cte}!{cell.coordinate}"
        for cte in fda_sheets(book)
        for row in book[cte].iter_rows(min_row=2)
        for cell in row
        if cell.fill.fgColor.rgb == "00FFC7CE"
    }
    named = [finding for finding in report.findings if finding.columns]
    rules = {finding.rule for finding in named}
    assert rules == {"missing-location", "missing-product", "source-missing"}
    for finding in named:
        assert finding.row is not None
        for column in finding.columns:
            assert f"{finding.cte}!{column}{finding.row + 2}" in red
    sheet = book["Findings"]
    headings = [cell.value for cell in sheet[1]]
    elements = sheet[get_column_letter(headings.index("Key Data Element") + 1)][1:]
    for cell, row, finding in zip(elements, sheet["E"][1:], report.findings, strict=True):
        if finding.columns:
            assert f"{row.value}, {finding.cells}" == finding.where
            assert cell.value == f"{finding.element} ({finding.cells})"
        else:
            assert (cell.value or "") == finding.element


def test_the_findings_of_one_row_name_every_red_cell_of_it() -> None:
    report = traced(SHIPPED | {"bizTransactionList": []})
    sheet = opened(written(report))["Shipping"]
    red = [cell.coordinate[:-1] for cell in sheet[2] if cell.fill.fgColor.rgb == "00FFC7CE"]
    named = {column for finding in report.findings for column in finding.columns}
    required = {
        element.column for element in key_data_elements(Cte.SHIPPING) if not element.if_applicable
    }
    assert named == required.intersection(red)
    assert {"A", "D", "J", "Q", "AG", "AH"} - named == {"A"}


def test_what_a_recall_finds_is_counted_once() -> None:
    """A departure that also tells of the shipment takes nothing more away."""
    made = event("ObjectEvent", "2027-03-02T08:00:00-07:00", "commissioning", PACKER, action="ADD")
    left = SHIPPED | {"bizStep": "departing", "eventTime": "2027-03-03T23:45:00-07:00"}
    sheet = opened(written(traced(made | of(PACKED, 90), SHIPPED, left)))["Recall Scope"]
    headings, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(headings, row, strict=True)) for row in rows]
    assert [[row[name] for name in ("Came", "Went On", "May Be There")] for row in found] == [
        ["90 cases", "40 cases", "50 cases"],
        ["40 cases", "0 cases", "40 cases"],
    ]
    assert [row["Status"] for row in found] == ["may be there", "sent there, arrival not recorded"]


def test_the_first_own_sheet_explains_each_column(book: Workbook) -> None:
    rows = book["About This Export"].iter_rows(min_row=2, values_only=True)
    about = {str(subject): text(explanation) for subject, explanation in rows}
    assert about["Lots asked for"] == "(01)10614141003034(10)CK26090"
    for cte in fda_sheets(book):
        assert about[f"Rows of {cte}"] == str(book[cte].max_row - 1)
        paragraphs = {row[4] for row in TEMPLATE if row[0] == cte}
        assert set(re.findall(r": ([^;]+)", about[f"Columns of {cte}"])) == paragraphs
    assert about["Columns of Shipping"].startswith("A: 1.1340(a)(1); B to C: 1.1340(a)(2);")


def test_nothing_claims_what_only_the_firm_and_fda_can_judge(demo_bytes: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(demo_bytes)) as package:
        parts = [package.read(name) for name in package.namelist()]
    said = b"".join(parts).decode() + str(RULES)
    assert "complian" not in said.lower()
    package_files = Path(str(files("closient_export"))).rglob("*.py")
    claims = [path for path in package_files if "complian" in path.read_text("utf-8").lower()]
    assert claims == []


words = hostile | st.sampled_from(["=1+1", "+346 555 2222", "-1", "@SUM(A1)", "x" * 33_000])


@given(
    st.fixed_dictionaries(dict.fromkeys(("business_name", "phone", "street", "state"), words)),
    st.fixed_dictionaries(dict.fromkeys(("product_name", "brand", "traceability_lot_code"), words)),
    words.filter(str.strip),
)
def test_hostile_text_is_text(place: Json, product: Json, lot: str) -> None:
    uri = f"{STEM}/01/10614141000026/10/{quote(lot.encode('utf-8', 'surrogatepass'), safe='')}"
    report = traced(
        SHIPPED | of(uri, 40),
        places=[LocationDescription(id=PACKER, **place)],
        products=[ProductDescription(id=uri, **product)],
    )
    book = opened(written(report))
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )
    (row,) = report.rows[Cte.SHIPPING]
    found = list(book["Shipping"].iter_rows(min_row=2, values_only=True))[0]  # noqa: RUF015
    for element, value in zip(key_data_elements(Cte.SHIPPING), found, strict=False):
        want = shown(row.cells[element.name].value)
        assert value == want, element


def test_libreoffice_reads_the_same_values(
    demo_bytes: bytes, book: Workbook, tmp_path: Path
) -> None:
    (tmp_path / "book.xlsx").write_bytes(demo_bytes)
    convert(
        tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,false,false,false,false,-1"
    )
    for sheet in book:
        lines = (tmp_path / f"book-{sheet.title}.csv").read_bytes().decode("utf-8")
        read = list(csv.reader(io.StringIO(lines, newline="")))
        wanted = [[text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        assert read == wanted


PROGRAM = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_workbook import demo_report, written
print(hashlib.sha256(written(demo_report())).hexdigest())
"""


@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Kiritimati"), ("2", "America/Adak")])
def test_another_process_elsewhere_writes_the_same_bytes(
    demo_bytes: bytes, seed: str, zone: str
) -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(demo_bytes).hexdigest()


def test_one_report_is_written_twice(demo: TraceReport, demo_bytes: bytes) -> None:
    assert WorkbookWriter.extension == "xlsx"
    assert written(demo) == demo_bytes


CHAIN_JSON: dict[str, Json] = {
    name: json.loads((CHAIN / name).read_text("utf-8")) for name in CHAIN_FILES
}


def as_links(value: str) -> str:
    return parse_identifier(value).uri


def as_urns(value: str) -> str:
    """Any company prefix makes the same number, as long as its check digit is right."""
    link = parse_identifier(value).uri
    if not link.startswith(f"{STEM}/"):
        return value
    key, digits, *qualifiers = link.removeprefix(f"{STEM}/").split("/")
    last = qualifiers[-1] if qualifiers else ""
    lead, prefix, rest = digits[0], digits[1:8], digits[8:-1]
    gtin = f"{prefix}.{lead}{rest}"
    urns = {
        ("00", ""): f"urn:epc:id:sscc:{gtin}",
        ("01", "10"): f"urn:epc:class:lgtin:{gtin}.{last}",
        ("01", "21"): f"urn:epc:id:sgtin:{gtin}.{last}",
        ("01", ""): f"urn:epc:idpat:sgtin:{gtin}.*",
        ("414", ""): f"urn:epc:id:sgln:{digits[:7]}.{digits[7:12]}.0",
        ("414", "254"): f"urn:epc:id:sgln:{digits[:7]}.{digits[7:12]}.{last}",
        ("417", ""): f"urn:epc:id:pgln:{digits[:7]}.{digits[7:12]}",
    }
    return urns.get((key, qualifiers[-2] if qualifiers else ""), value)


def rewritten(value: Any, form: Any) -> Any:
    if isinstance(value, dict):
        return {key: rewritten(each, form) for key, each in value.items()}
    if isinstance(value, list):
        return [rewritten(each, form) for each in value]
    return form(value) if isinstance(value, str) else value


@pytest.mark.parametrize("form", [as_links, as_urns])
def test_the_form_of_identifiers_does_not_matter(demo_bytes: bytes, form: Any) -> None:
    said = [rewritten(each, form) for each in CHAIN_JSON.values()]
    assert said != list(CHAIN_JSON.values())
    events = [
        found
        for number, each in enumerate(said)
        for found in read_events(io.BytesIO(json.dumps(each).encode()), str(number))
    ]
    assert written(demo_report(events)) == demo_bytes


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_documents_and_events_does_not_matter(demo_bytes: bytes, seed: int) -> None:
    numbers = random.Random(seed)  # noqa: S311 - only has to be the same each time
    events: list[Event] = []
    for name in numbers.sample(CHAIN_FILES, len(CHAIN_FILES)):
        found = list(read_events(io.BytesIO((CHAIN / name).read_bytes()), name))
        events += numbers.sample(found, len(found))
    assert written(demo_report(events)) == demo_bytes
    numbers.shuffle(events)
    assert written(demo_report(events)) == demo_bytes


def test_what_two_partners_tell_both_is_told_once() -> None:
    """Each has a part of the chain, most events are in both, and one adds its own record time."""
    read = [
        found
        for name in CHAIN_FILES
        for found in read_events(io.BytesIO((CHAIN / name).read_bytes()), name)
    ]
    one, other = read[: len(read) * 3 // 4], read[len(read) // 4 :]
    later = [attrs.evolve(each, record_time=each.time) for each in other]
    assert written(demo_report([*one, *later])) == written(demo_report([*later, *one]))
    assert written(demo_report([*one, *later])) == written(demo_report())


def test_events_without_ids_are_told_apart_by_what_they_say() -> None:
    """Two partners send the same document; one of them has more in it."""
    later = SHIPPED | {"eventTime": "2027-03-08T09:00:00-07:00"}
    events = [
        *read_events(io.BytesIO(document([SHIPPED, later])), "a"),
        *read_events(io.BytesIO(document([SHIPPED])), "b"),
    ]
    master_data = demo_master_data()
    merged = trace_lots(MemoryEventSource(events), master_data, Selection())
    once = trace_lots(MemoryEventSource(events[:2]), master_data, Selection())
    assert len(merged.rows[Cte.SHIPPING]) == 2
    assert written(merged) == written(once)
