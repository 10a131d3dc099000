"""GS1's own test vectors for its Barcode Syntax Engine, except those that need an engine option."""

from collections.abc import Callable
from typing import Any

import pytest

from closient_export import ElementString, Gs1Error, digital_link, parse_digital_link
from closient_export import parse_element_string as parse
from closient_export.gs1 import CANONICAL_STEM
from closient_export.gs1.digital_link import percent_decode, percent_encode
from closient_export.gs1.linters import LINTERS

pytestmark = pytest.mark.reference_data

Vectors = dict[str, Any]

PERMISSIONS = ("PermitZeroSuppressedGTINinDLuris", "PermitUnknownAIs")
"""Options that make the engine accept what is not in the standard any more, or not in it."""
REGISTER_OF_COMPANY_PREFIXES = {
    # The engine's tests look prefixes up in a register that is a part of those tests.
    ("gcppos1", "1234567"),
    ("gcppos2", "I1234567"),
    ("couponcode", "012345612345611110123"),
    ("couponcode", "012345612345611110123101101230123456"),
    ("couponcode", "01234561234561111012321101230123456"),
    ("couponcode", "012345612345611110123611234567"),
}
CONVENIENCE_ALPHAS = {"https://a/gtin/12312312312333/ser/ABC123"}
"""Names instead of numbers, which Digital Link 1.3 removed and the engine hides behind a flag."""
UNKNOWN_AIS = ("(89)", "(3338)")


def needs_option(row: Vectors) -> bool:
    permitted = any(row.get("state", {}).get(name) == "true" for name in PERMISSIONS)
    return permitted or row.get("uri") in CONVENIENCE_ALPHAS


def outcome(make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return make(*args, **kwargs)
    except Gs1Error:
        return None


def unbracketed(elements: ElementString | None) -> str:
    return "" if elements is None else "^" + elements.raw().replace("\x1d", "^")


def test_dl_parse(gs1_vectors: Vectors) -> None:
    rows = [row for row in gs1_vectors["dl_parse"] if not needs_option(row)]
    assert len(rows) >= 50
    for row in rows:
        found = outcome(parse_digital_link, row["uri"], associations=False)
        assert unbracketed(found) == row["unbracketed"], row


def test_dl_generate(gs1_vectors: Vectors) -> None:
    rows = [row for row in gs1_vectors["dl_generate"] if not needs_option(row)]
    assert len(rows) >= 10
    for row in rows:
        elements = outcome(parse, row["ai_data"], associations=False)
        found = elements and outcome(digital_link, elements, row["stem"] or CANONICAL_STEM)
        assert (found or "") == row["uri"], row


def test_dl_escape_and_unescape(gs1_vectors: Vectors) -> None:
    for row in gs1_vectors["dl_escape"]:
        assert percent_encode(row["in"]) == row["path"]
        assert percent_encode(row["in"], query=True) == row["query"]
    for row in gs1_vectors["dl_unescape"]:
        assert percent_decode(row["in"]) == row["path"]
        assert percent_decode(row["in"], query=True) == row["query"]


def test_ai_parse_bracketed(gs1_vectors: Vectors) -> None:
    for row in gs1_vectors["ai_parse_bracketed"]:
        found = outcome(parse, row["ai_data"], associations=False)
        assert unbracketed(found) == row["unbracketed"], row


def test_ai_process_unbracketed(gs1_vectors: Vectors) -> None:
    rows = [row for row in gs1_vectors["ai_process_unbracketed"] if not needs_option(row)]
    assert len(rows) >= 35
    for row in rows:
        found = outcome(parse, row["unbracketed"], associations=False)
        assert (found is not None) == row["ok"], row


def test_ai_validate(gs1_vectors: Vectors) -> None:
    # All rows come with an option that admits unknown AIs; few have one.
    rows = [
        row
        for row in gs1_vectors["ai_validate"]
        if not any(ai in row["ai_data"] for ai in UNKNOWN_AIS)
    ]
    assert len(rows) >= 30
    for row in rows:
        assert (outcome(parse, row["ai_data"]) is not None) == row["ok"], row


def test_ai_linters(gs1_vectors: Vectors) -> None:
    for row in gs1_vectors["ai_linters"]:
        try:
            parse(row["ai_data"], associations=False)
            rule = "ok"
        except Gs1Error as error:
            rule = error.rule
        assert rule == row["error"].removeprefix("GS1_LINTER_").lower(), row


def test_linters_find_the_same_rule_at_the_same_place(gs1_vectors: Vectors) -> None:
    tried = 0
    for name, rows in gs1_vectors["linters"].items():
        linter = LINTERS[name]
        for row in rows:
            data = row["in"]
            if (name, data) in REGISTER_OF_COMPANY_PREFIXES and not row["ok"]:
                continue
            fault = linter(data)
            tried += 1
            if row["ok"]:
                assert fault is None, (name, row)
                continue
            assert fault is not None, (name, row)
            marked = f"{data[: fault.start]}*{data[fault.start : fault.stop]}*{data[fault.stop :]}"
            assert fault.rule == row["error"].removeprefix("GS1_LINTER_").lower(), (name, row)
            assert marked == row["markup"], (name, row)
    assert tried == sum(map(len, gs1_vectors["linters"].values())) - 6
