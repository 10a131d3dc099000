"""FDA's own sample rows, told as EPCIS events and master data, come out as FDA wrote them.

Every event and description is made from what the sample says and from nothing else; only the
identifiers, which FDA's sheets have no columns for, are given here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl.workbook import Workbook
from trace_samples import (
    Json,
    destination,
    event,
    of,
    opened,
    papers,
    quantity,
    source,
    text,
    traced,
    written,
)

from closient_export.epcis import parse_identifier
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.classification import Rules
from closient_export.trace.kdes import (
    LOCATION_PARTS,
    PRODUCT_PARTS,
    CriticalTrackingEvent,
    key_data_elements,
    template_sheets,
)

SAMPLE = Path(__file__).with_name("fda_sample_rows.json")
ROWS: dict[str, list[list[str]]] = json.loads(SAMPLE.read_text("utf-8"))["rows"]

Cells = Mapping[str, str]
Cte = CriticalTrackingEvent

LOTS = {
    # Shipping
    "GTIN and Lot: 314141999995 4856APR0227": "https://id.gs1.org/01/314141999995/10/4856APR0227",
    "UPC:614141025251 LOT:BHMXB23309": "urn:epc:class:lgtin:0614141.002525.BHMXB23309",
    "ITEM+LOT: 012345678905+OBS20458SD": "https://example.com/01/012345678905/10/OBS20458SD",
    "EAN:03212345678906, LOT:TFBC26345TD2": "urn:epc:class:lgtin:32123456.07890.TFBC26345TD2",
    # Receiving
    "GTIN: 09524000059109 + Lot: 1303479": "https://id.gs1.org/01/09524000059109/10/1303479",
    "Culinary Herbs Item# 20398 + Lot# 27149FP5C": "https://herbs.example/lots/20398/27149FP5C",
    "(01)03212345678906(10)FPP16-092420": "https://id.gs1.org/01/03212345678906/10/FPP16-092420",
    "EAN - 03812345678908 Lot - EN1127BOQFUM": "urn:epc:class:lgtin:3812345.067890.EN1127BOQFUM",
    # Receiving From Exempt
    "SKU: 8009202 LOT: EXEMPT-PEHA26326-EMD": "urn:example:sku:8009202:EXEMPT-PEHA26326-EMD",
    "SOUTHLACRAWFISHCOOP-1082": "urn:example:lot:SOUTHLACRAWFISHCOOP-1082",
    # First Land-Based Receiving
    "BF0901-D": "urn:gdst:example.org:product:lot:class:butterfish.BF0901-D",
    "SNR8UPOCT2026": "urn:gdst:example.org:product:lot:class:snapper.SNR8UPOCT2026",
    "GTIN:03412345678900 LOT:PFBA324": "https://id.gs1.org/gtin/03412345678900/lot/PFBA324",
    # Initial Packing from Exempt
    "PLU:4889 PACKING-DATE: MAR-08-27": "urn:example:plu:4889:MAR-08-27",
    "GTIN: 10614141004017 + LOT: N049CIH07": "urn:epc:class:lgtin:0614141.100401.N049CIH07",
    # Transformation
    "GTIN: 09524000059109 LOT#: 9756389624": "https://id.gs1.org/01/09524000059109/10/9756389624",
    "NEEP-MedA-05/27": "urn:example:lot:NEEP-MedA-05%2F27",
    "BTR415318": "urn:example:lot:BTR415318",
    "PLU:4632 HARVEST:May29": "urn:example:plu:4632:May29",
    "UPC: 400000000565 LOT# 4JN03ESBA4": "https://id.gs1.org/01/400000000565/10/4JN03ESBA4",
    "GTIN-09501101530003 BATCH-3231IN83D": "urn:epc:class:lgtin:9501101.053000.3231IN83D",
    "EG-Plot212Dec0126": "urn:example:lot:EG-Plot212Dec0126",
    "Gagne-12/01/26-RedPear": "urn:example:lot:Gagne-12%2F01%2F26-RedPear",
    "9501101530003 + 97391": "https://id.gs1.org/01/9501101530003/10/97391",
    "CASE UPC: 10614141314970 LOT: MACJAN2027C09": "urn:epc:class:lgtin:0614141.131497.MACJAN2027C09",
    "CASE CODE: 10012345678919 + LOT: REGRED20NOV20": "urn:epc:class:lgtin:0012345.167891.REGRED20NOV20",
    "CASE CODE: 10012345678926 + LOT: REGRED20NOV20": "urn:epc:class:lgtin:0012345.167892.REGRED20NOV20",
    "CASE CODE: 10012345678933 + LOT: REGRED20NOV20": "urn:epc:class:lgtin:0012345.167893.REGRED20NOV20",
    "CASE CODE: 10012345678940 + LOT: REGRED20NOV20": "urn:epc:class:lgtin:0012345.167894.REGRED20NOV20",
}  # fmt: skip
UNITS = {"cases": "CS", "pounds": "LBR"}
"""Codes of UN/ECE Recommendation 20; whoever writes ``lb`` or ``MT`` instead finds it again."""
DOCUMENT_TYPES = {
    "Advance Shipping Notice": "desadv",
    "Bill of Lading": "urn:epcglobal:cbv:btt:bol",
    "Invoice": "https://ref.gs1.org/cbv/BTT-inv",
    "Purchase Order": "po",
    "Work Order": "prodorder",
}
NOT_ON_LIST = {
    "n/a (Almonds not on FTL)": {"https://id.gs1.org/01/00012345678905/10/ALM": "Almonds"},
    "n/a (Ingredients not on FTL)": {
        "https://id.gs1.org/01/00012345678912/10/1": "Pasteurized cream",
        "https://id.gs1.org/01/00012345678929/10/2": "Salt",
    },
}
BREAD = "https://id.gs1.org/01/00012345678936/10/BREAD"
"""An ingredient of FDA's sandwich that is not on the list, and so has no row."""


def is_given(cell: str) -> bool:
    return not cell.startswith("n/a")


class Telling:
    """What partners would write so that FDA's rows come out."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.places: dict[tuple[str, ...], LocationDescription] = {}
        self.products: dict[str, ProductDescription] = {}
        self.exempt: set[str] = set()

    def place(self, cells: Cells, block: str) -> str:
        """The place that a row describes, described; the same one where rows say the same."""
        said = {part: cells[f"{block}.{part}"] for part in LOCATION_PARTS}
        described = LocationDescription(
            id=f"urn:epc:id:sgln:0614141.{len(self.places):05}.0",
            business_name=said["business_name"],
            phone=said["phone"],
            street=said["address"],
            city=said["city"],
            state=said["state"],
            postal_code=said["postal_code"],
            country=said["country"] if is_given(said["country"]) else "US",
        )
        return self.places.setdefault(tuple(said.values()), described).id

    def lot(self, cells: Cells, block: str = "product", **known: Any) -> str:
        """The lot that a row is about, described."""
        code = cells["input_lot_code" if block == "input" else "traceability_lot_code"]
        said = {part: cells[f"{block}.{part}"] for part in PRODUCT_PARTS}
        given: dict[str, Any] = {part: words for part, words in said.items() if is_given(words)}
        reference = cells.get("source_reference", "n/a") if block == "product" else "n/a"
        description = ProductDescription(
            id=LOTS[code],
            traceability_lot_code=code,
            source_reference=reference if is_given(reference) else "",
            **given,
            **known,
        )
        assert self.products.setdefault(description.id, description) == description
        return LOTS[code]

    def made(self, cells: Cells) -> None:
        """That a lot was made at its source, where the row names that instead of a reference."""
        if is_given(cells["source.business_name"]):
            time, place = before(evening(cells["date"])), self.place(cells, "source")
            made = event("ObjectEvent", time, "commissioning", place, action="ADD")
            self.events.append(made | of(self.lot(cells), 10_000, unit(cells)))

    def moved(
        self, cells: Cells, step: str, here: str, there: Json, *, on_pallet: bool = False
    ) -> None:
        """A quantity that is shipped or received, named itself or as what a pallet holds."""
        lot, time = self.lot(cells), evening(cells["date"])
        members = of(lot, number(cells["quantity"]), unit(cells))
        if on_pallet:
            pallet = f"urn:epc:id:sscc:0614141.1{len(self.events):09}"
            packed = event("AggregationEvent", before(time), "packing", here, action="ADD")
            children = {"parentID": pallet, "childQuantityList": members["quantityList"]}
            self.events.append(packed | children)
            members = {"epcList": [pallet]}
        moved = event("ObjectEvent", time, step, here, action="OBSERVE")
        self.events.append(moved | members | there | documents(cells))

    def shipping(self, rows: Iterable[Cells]) -> None:
        for index, cells in enumerate(rows):
            here, there = self.place(cells, "shipped_from"), self.place(cells, "recipient")
            self.made(cells)
            self.moved(cells, "shipping", here, destination(there), on_pallet=index % 2 == 0)

    def receiving(self, rows: Iterable[Cells]) -> None:
        for cells in rows:
            here, there = self.place(cells, "received"), self.place(cells, "previous_source")
            self.made(cells)
            self.moved(cells, "receiving", here, source(there))

    def receiving_from_exempt(self, rows: Iterable[Cells]) -> None:
        for cells in rows:
            here, there = self.place(cells, "source"), self.place(cells, "previous_source")
            self.exempt.add(there)
            self.moved(cells, "receiving", here, source(there))

    def first_land_based_receiving(self, rows: Iterable[Cells]) -> None:
        for cells in rows:
            packaged = not is_given(cells["species"])
            lot = self.lot(cells, packaged=packaged)
            landed = {
                "gs1:harvestDateStart": day(cells["harvest_start"]),
                "gs1:harvestDateEnd": day(cells["harvest_end"]),
                "gs1:catchZone": cells["harvest_locations"].split("; "),
            }
            if not packaged:
                landed["gs1:fishType"] = cells["species"]
            time, here = evening(cells["date"]), self.place(cells, "source")
            received = event("ObjectEvent", time, "creating_class_instance", here, action="ADD")
            amount = of(lot, number(cells["quantity"]), unit(cells))
            self.events.append(received | amount | documents(cells) | {"ilmd": landed})

    def initial_packing_from_exempt(self, rows: Iterable[Cells]) -> None:
        for index, cells in enumerate(rows):
            farm, packer = self.place(cells, "supplier"), self.place(cells, "source")
            self.exempt.add(farm)
            raw = f"urn:example:harvest:{index}"
            self.products[raw] = ProductDescription(
                id=raw, commodity=cells["commodity"], variety=cells["variety"]
            )
            amount = of(raw, number(cells["received_quantity"]), unit(cells, "received_unit"))
            time = evening(cells["receive_date"])
            harvest = event("ObjectEvent", before(time), "creating_class_instance", farm)
            receipt = event("ObjectEvent", time, "receiving", packer, action="OBSERVE")
            packing = event("TransformationEvent", evening(cells["date"]), "packing", packer)
            output = quantity(self.lot(cells), number(cells["quantity"]), unit(cells))
            self.events += [
                harvest | amount | {"action": "ADD"},
                receipt | amount | source(farm),
                packing
                | {"inputQuantityList": amount["quantityList"], "outputQuantityList": [output]}
                | documents(cells),
            ]

    def transformation(self, rows: Iterable[Cells]) -> None:
        for _, group in groupby(rows, key=lambda cells: cells["source.business_name"]):
            self.transformed(list(group))

    def transformed(self, rows: list[Cells]) -> None:
        """One transformation: one event, or several with one id if there are several outputs."""
        here, time = self.place(rows[0], "source"), evening(rows[0]["date"])
        inputs = {each["epcClass"]: each for cells in rows for each in self.inputs(cells)}
        outputs = {
            (lot := self.lot(cells)): (
                quantity(lot, number(cells["quantity"]), unit(cells)),
                documents(cells),
            )
            for cells in rows
        }
        used = event("TransformationEvent", before(time, minutes=9), "commissioning", here)
        used["inputQuantityList"] = list(inputs.values())
        if len(outputs) == 1:
            ((made, words),) = outputs.values()
            self.events.append(used | {"outputQuantityList": [made]} | words)
            return
        joined = {"transformationID": f"urn:epc:id:gdti:0614141.{len(self.events):05}.1"}
        first = {"bizTransactionList": documents(rows[0])["bizTransactionList"][:1]}
        self.events.append(used | joined | first)
        for made, words in outputs.values():
            last = {"bizTransactionList": words["bizTransactionList"][1:]}
            sorted_out = event("TransformationEvent", time, "commissioning", here)
            self.events.append(sorted_out | {"outputQuantityList": [made]} | joined | last)

    def inputs(self, cells: Cells) -> Iterator[Json]:
        code = cells["input_lot_code"]
        others = NOT_ON_LIST.get(code, {BREAD: "White bread"} if "PLU" in code else {})
        for lot, name in others.items():
            self.products[lot] = ProductDescription(
                id=lot, product_name=name, on_food_traceability_list=False
            )
            yield quantity(lot, 7, "KGM")
        if is_given(code):
            amount = number(cells["input_quantity"])
            yield quantity(self.lot(cells, "input"), amount, unit(cells, "input_unit"))


def number(words: str) -> float:
    return float(words) if "." in words else int(words)


def unit(cells: Cells, name: str = "unit") -> str:
    return UNITS.get(cells[name], cells[name])


def day(words: str) -> str:
    return f"{datetime.strptime(words, '%m/%d/%Y'):%Y-%m-%d}"


def evening(words: str) -> str:
    """A time that is on the next day already in UTC."""
    return f"{day(words)}T23:30:00-05:00"


def before(time: str, *, minutes: int = 60) -> str:
    return (datetime.fromisoformat(time) - timedelta(minutes=minutes)).isoformat()


def documents(cells: Cells) -> Json:
    return papers(
        *(
            (
                DOCUMENT_TYPES.get(kind, f"urn:example:btt:{quote(kind)}"),
                quote(cells[f"document_number{slot}"], safe=""),
            )
            for slot in ("", "_2")
            if is_given(kind := cells[f"document_type{slot}"])
        )
    )


@pytest.fixture(scope="module")
def workbook() -> Workbook:
    telling = Telling()
    for sheet, rows in ROWS.items():
        names = [element.name for element in key_data_elements(Cte(sheet))]
        tell = getattr(telling, sheet.lower().replace(" ", "_").replace("-", "_"))
        tell([dict(zip(names, row, strict=True)) for row in rows])
    exempt = {parse_identifier(place).uri for place in telling.exempt}
    report = traced(
        *telling.events,
        places=telling.places.values(),
        products=telling.products.values(),
        rules=Rules(is_exempt=exempt.__contains__),
    )
    return opened(written(report))


@pytest.mark.parametrize("sheet", ROWS)
def test_the_rows_are_fda_s_cell_by_cell(workbook: Workbook, sheet: str) -> None:
    width = len(template_sheets()[sheet])
    found = [
        [text(value) for value in row[:width]]
        for row in workbook[sheet].iter_rows(min_row=2, values_only=True)
    ]
    assert sorted(found) == sorted(ROWS[sheet])


def test_no_row_says_more_than_fda_s(workbook: Workbook) -> None:
    """But for the exempt farms' harvests, which had to be told to know of the farms."""
    fda = [sheet for sheet in template_sheets() if sheet in workbook.sheetnames]
    assert set(fda) == {*ROWS, Cte.HARVESTING}


@pytest.mark.reference_data
def test_sample_and_template_are_those_that_fda_published(pytestconfig: pytest.Config) -> None:
    folder: Path = pytestconfig.getoption("--reference-data") / "fda"
    published = json.loads((folder / "ess_sample_rows.json").read_text("utf-8"))
    assert published["rows"] == ROWS
    template = files("closient_export") / "trace" / "ess_template.tsv"
    assert template.read_text("utf-8") == (folder / "ess_template_columns.tsv").read_text("utf-8")
