from datetime import date, datetime
from typing import Any

import pytest

from closient_export import (
    Gtin,
    LabelExportRequest,
    LabelFilters,
    Lot,
    Product,
    RequestError,
    Serial,
)

GTIN = Gtin.parse("9506000134352")


def test_what_marks_each_kind_of_subject() -> None:
    day = date(2027, 3, 31)
    assert Product(gtin=GTIN).element_string().bracketed() == "(01)09506000134352"
    assert (
        Lot(gtin=GTIN, lot="A", expiry=day).element_string().bracketed()
        == "(01)09506000134352(17)270331(10)A"
    )
    assert (
        Serial(gtin=GTIN, serial="7", lot="A", expiry=day).element_string().bracketed()
        == "(01)09506000134352(17)270331(10)A(21)7"
    )
    assert Serial(gtin=GTIN, serial="7").element_string().bracketed() == "(01)09506000134352(21)7"


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Lot, {"lot": ""}, "lot: expected text, got nothing"),
        (Serial, {"serial": ""}, "serial: expected text, got nothing"),
        (Serial, {"serial": "1", "lot": ""}, "lot: expected text, got nothing"),
        (
            Lot,
            {"lot": "A", "printed_at": datetime(2026, 1, 1)},
            "printed_at: expected a time with its zone, got 2026-01-01 00:00:00",
        ),
    ],
)
def test_invalid_subjects_cannot_be_built(
    kind: type[Any], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kind(gtin=GTIN, **fields)


def test_requests_of_python_callers_keep_the_rules_too() -> None:
    ids = ("MMr86QwRRjvDGR6MjGRNdQ",)
    with pytest.raises(RequestError, match=r"filters\.serial_ids: expected only with scope"):
        LabelExportRequest(
            scope="lots",
            export_type="qr_codes",
            file_format="svg",
            filters=LabelFilters(serial_ids=ids),
        )
    with pytest.raises(ValueError, match="expected a short id"):
        LabelFilters(lot_ids=("x",))
    with pytest.raises(ValueError, match="expected check digit 2, got 3"):
        LabelFilters(gtins=["9506000134353"])
