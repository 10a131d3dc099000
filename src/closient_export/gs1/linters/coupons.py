"""The two linters for North American coupons, whose data is a small grammar of digits.

``couponcode`` reads AI (8110) by the *North American Coupon Application Guideline Using GS1
DataBar Expanded Symbols*, ``couponposoffer`` reads AI (8112) by the *GS1 AI (8112) Coupon Data
Specification*. A variable field is preceded by its length indicator, one digit. The names of the
rules, one misspelling included, are GS1's.
"""

from collections.abc import Callable

from closient_export.gs1.linters.characters import lint_csetnumeric
from closient_export.gs1.linters.dates import lint_yymmdd
from closient_export.gs1.linters.faults import Fault, Linter

__all__ = ["LINTERS"]


class _Malformed(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Reader:
    """Takes field after field off the digits, or raises what is wrong with the next one."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.position = 0

    def digit(self, allowed: str, *, missing: str, invalid: str) -> int:
        if self.position == len(self.data):
            raise self.malformed(missing, "expected another digit", 0, len(self.data))
        digit = self.data[self.position]
        if digit not in allowed:
            expectation = f"expected one of {', '.join(allowed)}, got {digit}"
            raise self.malformed(invalid, expectation, self.position, self.position + 1)
        self.position += 1
        return int(digit)

    def code(self, name: str, allowed: str = "0123456789") -> int:
        return self.digit(
            allowed, missing=f"coupon_missing_{name}", invalid=f"coupon_invalid_{name}"
        )

    def block(self, length: int, *, truncated: str) -> str:
        rest = len(self.data) - self.position
        if rest < length:
            # Where nothing is left to point at, GS1 marks the data as a whole.
            start = self.position if rest else 0
            expectation = f"expected {length} digits, got {rest}"
            raise self.malformed(truncated, expectation, start, len(self.data))
        block = self.data[self.position : self.position + length]
        self.position += length
        return block

    def variable(self, name: str, indicators: str, *, base: int = 0, absent: str = "") -> None:
        """A length indicator, then as many digits as it says, plus `base`; none if `absent`."""
        if absent and self.option(absent):
            return
        length = self.digit(
            indicators,
            missing=f"coupon_missing_{name}_vli",
            invalid=f"coupon_invalid_{name}_length",
        )
        self.block(base + length, truncated=f"coupon_truncated_{name}")

    def option(self, indicator: str) -> bool:
        present = self.data.startswith(indicator, self.position)
        self.position += present
        return present

    def end(self) -> None:
        if self.position < len(self.data):
            expectation = f"expected the end after {self.position} digits"
            raise self.malformed("coupon_excess_data", expectation, self.position, len(self.data))

    def malformed(self, rule: str, expectation: str, start: int, stop: int) -> _Malformed:
        return _Malformed(Fault(rule, expectation, start, stop))


def _purchase(reader: _Reader, ordinal: str) -> None:
    reader.variable(f"{ordinal}_purchase_requirement", "12345")
    reader.code(f"{ordinal}_purchase_requirement_code", "012349")
    reader.block(3, truncated=f"coupon_truncated_{ordinal}_purchase_family_code")


def _date(reader: _Reader, noun: str, invalid: str) -> str:
    start = reader.position
    date = reader.block(6, truncated=f"coupon_too_short_for_{noun}_date")
    if fault := lint_yymmdd(date):
        raise reader.malformed(invalid, fault.expectation, start, reader.position)
    return date


def _read_couponcode(reader: _Reader) -> None:
    reader.variable("gcp", "0123456", base=6)
    reader.block(6, truncated="coupon_truncated_offer_code")
    reader.variable("save_value", "12345")
    _purchase(reader, "1st")
    if reader.option("1"):
        reader.code("additional_purchase_rules_code", "0123")
        _purchase(reader, "2nd")
        reader.variable("2nd_purchase_gcp", "0123456", base=6, absent="9")
    if reader.option("2"):
        _purchase(reader, "3rd")
        reader.variable("3rd_purchase_gcp", "0123456", base=6, absent="9")
    expiration = ""
    if reader.option("3"):
        expiration = _date(reader, "expiration", "coupon_invalid_exipiration_date")
    if reader.option("4"):
        start = _date(reader, "start", "coupon_invalid_start_date")
        if expiration and start > expiration:
            raise reader.malformed(
                "coupon_expiration_before_start",
                "expected an expiration date that is not before the start date",
                reader.position - 14,
                reader.position,
            )
    if reader.option("5"):
        reader.variable("serial_number", "0123456789", base=6)
    if reader.option("6"):
        reader.variable("retailer_gcp_or_gln", "1234567", base=6)
    if reader.option("9"):
        reader.code("save_value_code", "01256")
        reader.code("save_value_applies_to_item", "012")
        reader.code("store_coupon_flag")
        reader.code("dont_multiply_flag", "01")
    reader.end()


def _read_couponposoffer(reader: _Reader) -> None:
    reader.code("format_code", "01")
    reader.variable("funder", "0123456", base=6)
    reader.block(6, truncated="coupon_truncated_offer_code")
    reader.variable("serial_number", "0123456789", base=6)
    reader.end()


def _lint(data: str, read: Callable[[_Reader], None]) -> Fault | None:
    if fault := lint_csetnumeric(data):
        return fault
    try:
        read(_Reader(data))
    except _Malformed as malformed:
        return malformed.fault
    return None


def lint_couponcode(data: str) -> Fault | None:
    """A coupon code of AI (8110)."""
    return _lint(data, _read_couponcode)


def lint_couponposoffer(data: str) -> Fault | None:
    """A positive offer file coupon code of AI (8112)."""
    return _lint(data, _read_couponposoffer)


LINTERS: dict[str, Linter] = {
    "couponcode": lint_couponcode,
    "couponposoffer": lint_couponposoffer,
}
