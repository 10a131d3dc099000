"""Lots that only the master data of newly made objects name."""

from typing import Any

import pytest

from closient_export.epcis import Item, parse_identifier
from closient_export.epcis.lot_numbers import with_lot_number

PRODUCT = "https://id.gs1.org/01/09506000134352"
SERIAL = f"{PRODUCT}/21/S1"


def lots_of(*names: str, ilmd: dict[str, Any]) -> list[str | None]:
    items = tuple(Item(name, parse_identifier(name).lot) for name in names)
    return [item.lot for item in with_lot_number(items, ilmd)]


@pytest.mark.parametrize(
    "name",
    [
        "cbvmda:lotNumber",
        "lotNumber",
        "gs1:hasBatchLotNumber",
        "urn:epcglobal:cbv:mda#lotNumber",
        "urn:epcglobal:cbv:mda:lotNumber",
        "https://gs1.org/voc/hasBatchLotNumber",
    ],
)
@pytest.mark.parametrize("value", ["A/1", ["A/1"], {"@value": "A/1"}])
def test_every_spelling_is_understood(name: str, value: object) -> None:
    assert lots_of(SERIAL, ilmd={name: value}) == [f"{PRODUCT}/10/A%2F1"]


def test_numbers_are_lots_too() -> None:
    assert lots_of(SERIAL, ilmd={"lotNumber": 5}) == [f"{PRODUCT}/10/5"]


@pytest.mark.parametrize("number", ["\ud800", "\0", "Ø"])
def test_a_lot_is_the_same_in_master_data_and_in_an_identifier(number: str) -> None:
    known = parse_identifier(f"{PRODUCT}/10/{number}").lot
    assert known
    assert lots_of(SERIAL, ilmd={"lotNumber": number}) == [known]


@pytest.mark.parametrize("value", ["", " ", None, True, ["A", "B"], {}, {"@value": None}, 1.5])
def test_what_is_no_number_says_nothing(value: object) -> None:
    assert lots_of(SERIAL, ilmd={"lotNumber": value}) == [None]


def test_a_product_has_the_lot_if_it_stands_alone() -> None:
    ilmd = {"lotNumber": "A"}
    [item] = with_lot_number((Item(PRODUCT),), ilmd)
    assert (item.id, item.lot) == (f"{PRODUCT}/10/A", f"{PRODUCT}/10/A")
    assert lots_of(PRODUCT, SERIAL, ilmd=ilmd) == [None, f"{PRODUCT}/10/A"]


def test_what_says_its_lot_itself_keeps_it_and_components_and_boxes_have_none() -> None:
    names = (
        f"{PRODUCT}/10/B/21/S1",
        "https://id.gs1.org/8010/95060000001/8011/7",
        "https://id.gs1.org/00/095060000000000015",
        "urn:example:thing:1",
    )
    assert lots_of(*names, ilmd={"lotNumber": "A"}) == [f"{PRODUCT}/10/B", None, None, None]
