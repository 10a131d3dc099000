"""North American coupons: every rule by name and place, and the grammar against a regular expression."""

import re
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from closient_export.gs1.linters import LINTERS

COUPON = "012345612345611110123"
"""Company prefix, offer, save value, and the first purchase requirement; all else may follow."""
OFFER = "001234561234560123456"

COUPON_CODES = [
    # data, rule, the offending characters; "" for the data as a whole
    ("", "coupon_missing_gcp_vli", ""),
    ("7", "coupon_invalid_gcp_length", "7"),
    ("0", "coupon_truncated_gcp", ""),
    ("012345", "coupon_truncated_gcp", "12345"),
    ("1123456", "coupon_truncated_gcp", "123456"),
    ("612345678901", "coupon_truncated_gcp", "12345678901"),
    ("012345612345", "coupon_truncated_offer_code", "12345"),
    ("0123456123456", "coupon_missing_save_value_vli", ""),
    ("01234561234560", "coupon_invalid_save_value_length", "0"),
    ("01234561234566", "coupon_invalid_save_value_length", "6"),
    ("01234561234561", "coupon_truncated_save_value", ""),
    ("012345612345621", "coupon_truncated_save_value", "1"),
    ("012345612345611", "coupon_missing_1st_purchase_requirement_vli", ""),
    ("0123456123456110", "coupon_invalid_1st_purchase_requirement_length", "0"),
    ("0123456123456116", "coupon_invalid_1st_purchase_requirement_length", "6"),
    ("01234561234561121", "coupon_truncated_1st_purchase_requirement", "1"),
    ("01234561234561111", "coupon_missing_1st_purchase_requirement_code", ""),
    ("012345612345611115", "coupon_invalid_1st_purchase_requirement_code", "5"),
    ("012345612345611110", "coupon_truncated_1st_purchase_family_code", ""),
    ("01234561234561111012", "coupon_truncated_1st_purchase_family_code", "12"),
    (f"{COUPON}1", "coupon_missing_additional_purchase_rules_code", ""),
    (f"{COUPON}14", "coupon_invalid_additional_purchase_rules_code", "4"),
    (f"{COUPON}10", "coupon_missing_2nd_purchase_requirement_vli", ""),
    (f"{COUPON}100", "coupon_invalid_2nd_purchase_requirement_length", "0"),
    (f"{COUPON}1021", "coupon_truncated_2nd_purchase_requirement", "1"),
    (f"{COUPON}1011", "coupon_missing_2nd_purchase_requirement_code", ""),
    (f"{COUPON}10115", "coupon_invalid_2nd_purchase_requirement_code", "5"),
    (f"{COUPON}1011012", "coupon_truncated_2nd_purchase_family_code", "12"),
    (f"{COUPON}10110123", "coupon_missing_2nd_purchase_gcp_vli", ""),
    (f"{COUPON}101101238", "coupon_invalid_2nd_purchase_gcp_length", "8"),
    (f"{COUPON}101101230123", "coupon_truncated_2nd_purchase_gcp", "123"),
    (f"{COUPON}2", "coupon_missing_3rd_purchase_requirement_vli", ""),
    (f"{COUPON}20", "coupon_invalid_3rd_purchase_requirement_length", "0"),
    (f"{COUPON}221", "coupon_truncated_3rd_purchase_requirement", "1"),
    (f"{COUPON}211", "coupon_missing_3rd_purchase_requirement_code", ""),
    (f"{COUPON}2115", "coupon_invalid_3rd_purchase_requirement_code", "5"),
    (f"{COUPON}211012", "coupon_truncated_3rd_purchase_family_code", "12"),
    (f"{COUPON}2110123", "coupon_missing_3rd_purchase_gcp_vli", ""),
    (f"{COUPON}21101238", "coupon_invalid_3rd_purchase_gcp_length", "8"),
    (f"{COUPON}2110123012", "coupon_truncated_3rd_purchase_gcp", "12"),
    (f"{COUPON}3", "coupon_too_short_for_expiration_date", ""),
    (f"{COUPON}326013", "coupon_too_short_for_expiration_date", "26013"),
    (f"{COUPON}3261301", "coupon_invalid_exipiration_date", "261301"),
    (f"{COUPON}4", "coupon_too_short_for_start_date", ""),
    (f"{COUPON}426013", "coupon_too_short_for_start_date", "26013"),
    (f"{COUPON}4261301", "coupon_invalid_start_date", "261301"),
    (f"{COUPON}32601014260102", "coupon_expiration_before_start", "32601014260102"),
    (f"{COUPON}5", "coupon_missing_serial_number_vli", ""),
    (f"{COUPON}51123456", "coupon_truncated_serial_number", "123456"),
    (f"{COUPON}6", "coupon_missing_retailer_gcp_or_gln_vli", ""),
    (f"{COUPON}60", "coupon_invalid_retailer_gcp_or_gln_length", "0"),
    (f"{COUPON}67123456789012", "coupon_truncated_retailer_gcp_or_gln", "123456789012"),
    (f"{COUPON}9", "coupon_missing_save_value_code", ""),
    (f"{COUPON}93", "coupon_invalid_save_value_code", "3"),
    (f"{COUPON}90", "coupon_missing_save_value_applies_to_item", ""),
    (f"{COUPON}903", "coupon_invalid_save_value_applies_to_item", "3"),
    (f"{COUPON}900", "coupon_missing_store_coupon_flag", ""),
    (f"{COUPON}9000", "coupon_missing_dont_multiply_flag", ""),
    (f"{COUPON}90002", "coupon_invalid_dont_multiply_flag", "2"),
    (f"{COUPON}900001", "coupon_excess_data", "1"),
    (f"{COUPON}712", "coupon_excess_data", "712"),
]
OFFER_CODES = [
    ("", "coupon_missing_format_code", ""),
    ("2", "coupon_invalid_format_code", "2"),
    ("0", "coupon_missing_funder_vli", ""),
    ("07", "coupon_invalid_funder_length", "7"),
    ("01123456", "coupon_truncated_funder", "123456"),
    ("00123456", "coupon_truncated_offer_code", ""),
    ("0012345612345", "coupon_truncated_offer_code", "12345"),
    ("00123456123456", "coupon_missing_serial_number_vli", ""),
    ("001234561234561123456", "coupon_truncated_serial_number", "123456"),
    (f"{OFFER}78", "coupon_excess_data", "78"),
    (f"{OFFER}x", "non_digit_character", "x"),
]


@pytest.mark.parametrize(
    ("name", "data", "rule", "offending"),
    [("couponcode", *case) for case in COUPON_CODES]
    + [("couponposoffer", *case) for case in OFFER_CODES],
)
def test_each_rule_by_name_and_place(name: str, data: str, rule: str, offending: str) -> None:
    fault = LINTERS[name](data)
    assert fault is not None
    assert fault.rule == rule
    place = (0, len(data)) if not offending else (len(data) - len(offending), len(data))
    assert (fault.start, fault.stop) == place
    assert data[fault.start : fault.stop].endswith(offending)


def test_what_was_expected_is_said() -> None:
    expectations = {
        "1123456": "expected 7 digits, got 6",
        "0": "expected 6 digits, got 0",
        "": "expected another digit",
        f"{COUPON}90002": "expected one of 0, 1, got 2",
        f"{COUPON}3261301": "expected a month 01 to 12, got 13",
        f"{COUPON}7": "expected the end after 21 digits",
    }
    for data, expectation in expectations.items():
        fault = LINTERS["couponcode"](data)
        assert fault is not None
        assert fault.expectation == expectation


def variable(indicators: str, base: int = 0) -> str:
    """An indicator and as many digits as it says and `base`."""
    return "(?:" + "|".join(f"{n}[0-9]{{{int(n) + base}}}" for n in indicators) + ")"


PREFIX = variable("0123456", 6)
PURCHASE = variable("12345") + "[012349][0-9]{3}"
COUPON_CODE = re.compile(
    f"{PREFIX}[0-9]{{6}}{variable('12345')}{PURCHASE}"
    f"(?:1[0-3]{PURCHASE}(?:9|{PREFIX}))?"
    f"(?:2{PURCHASE}(?:9|{PREFIX}))?"
    r"(?:3(?P<expiration>[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{2}))?"
    r"(?:4(?P<start>[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{2}))?"
    f"(?:5{variable('0123456789', 6)})?"
    f"(?:6{variable('1234567', 6)})?"
    "(?:9[01256][012][0-9][01])?"
)
OFFER_CODE = re.compile(f"[01]{PREFIX}[0-9]{{6}}{variable('0123456789', 6)}")


def is_coupon_code(data: str) -> bool:
    match = COUPON_CODE.fullmatch(data)
    if match is None:
        return False
    dates = [text for text in (match["start"], match["expiration"]) if text is not None]
    return all(map(is_date, dates)) and dates == sorted(dates)


def is_date(text: str) -> bool:
    try:
        datetime(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return False
    return True


def nearly(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """What the pattern matches, with a digit more, less, or of another kind, or as it is."""

    def changed(data: str, place: int, digits: str, dropped: int) -> str:
        place %= len(data)
        return data[:place] + digits + data[place + dropped :]

    digits = st.text("0123456789", max_size=1)
    whole = st.from_regex(pattern, fullmatch=True)
    return whole | st.builds(changed, whole, st.integers(0, 99), digits, st.integers(0, 1))


@example(f"{COUPON}3260101426010256123456789012")
@example(f"{COUPON}32601024260102")
@example(f"{COUPON}32601014260102")
@example(f"{COUPON}90000")
@given(nearly(COUPON_CODE))
def test_coupon_codes_are_those_of_the_grammar(data: str) -> None:
    assert (LINTERS["couponcode"](data) is None) == is_coupon_code(data)


@given(nearly(OFFER_CODE))
def test_positive_offers_are_those_of_the_grammar(data: str) -> None:
    assert (LINTERS["couponposoffer"](data) is None) == (OFFER_CODE.fullmatch(data) is not None)


@pytest.mark.parametrize("digit", "0123456789")
def test_each_digit_where_it_may_be(digit: str) -> None:
    accepted = {
        f"{digit}{'1' * (int(digit) + 6)}123456" + COUPON[13:]: "0123456",
        f"{COUPON[:13]}{digit}{'1' * int(digit)}{COUPON[15:]}": "12345",
        f"{COUPON[:17]}{digit}123": "012349",
        f"{COUPON}1{digit}110123" + "9": "0123",
        f"{COUPON}5{digit}{'1' * (int(digit) + 6)}": "0123456789",
        f"{COUPON}6{digit}{'1' * (int(digit) + 6)}": "1234567",
        f"{COUPON}9{digit}000": "01256",
        f"{COUPON}90{digit}00": "012",
        f"{COUPON}900{digit}0": "0123456789",
        f"{COUPON}9000{digit}": "01",
    }
    if digit == "9":  # it says that there is none
        accepted |= {f"{COUPON}101101239": "9", f"{COUPON}21101239": "9"}
    else:
        prefix = f"{digit}{'1' * (int(digit) + 6)}"
        accepted |= {f"{COUPON}10110123{prefix}": "0123456"}
        accepted |= {f"{COUPON}2110123{prefix}": "0123456"}
    for data, digits in accepted.items():
        assert (LINTERS["couponcode"](data) is None) == (digit in digits), data
    offers = {
        f"{digit}{OFFER[1:]}": "01",
        f"0{digit}{'1' * (int(digit) + 6)}{OFFER[8:]}": "0123456",
        f"{OFFER[:14]}{digit}{'1' * (int(digit) + 6)}": "0123456789",
    }
    for data, digits in offers.items():
        assert (LINTERS["couponposoffer"](data) is None) == (digit in digits), data
