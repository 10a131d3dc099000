"""Dates and times of day."""

from closient_export.gs1.linters.characters import lint_csetnumeric
from closient_export.gs1.linters.faults import Fault, Linter, whole

__all__ = ["LINTERS", "lint_yymmdd"]


def _date(data: str, year_digits: int, *, day_required: bool) -> Fault | None:
    length = year_digits + 4
    if len(data) != length:
        rule = "date_too_short" if len(data) < length else "date_too_long"
        return whole(data, rule, f"expected {'Y' * year_digits}MMDD, got {len(data)} characters")
    if fault := lint_csetnumeric(data):
        return fault
    year, month, day = int(data[:-4]), int(data[-4:-2]), int(data[-2:])
    if not 1 <= month <= 12:
        return Fault(
            "illegal_month", f"expected a month 01 to 12, got {month:02}", length - 4, length - 2
        )
    # A two-digit year is within 50 years of now, where a multiple of 4 is always a leap year.
    leap = year % 4 == 0 and (year_digits == 2 or year % 100 != 0 or year % 400 == 0)
    last = (
        29 if month == 2 and leap else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    )
    if day > last or (day == 0 and day_required):
        first = "01" if day_required else "00"
        return Fault(
            "illegal_day",
            f"expected a day {first} to {last} in month {month:02}, got {day:02}",
            length - 2,
            length,
        )
    return None


def lint_yymmdd(data: str) -> Fault | None:
    """A date YYMMDD."""
    return _date(data, 2, day_required=True)


def lint_yymmd0(data: str) -> Fault | None:
    """A date YYMMDD whose day may be 00, the month as a whole (GenSpecs 3.4.2)."""
    return _date(data, 2, day_required=False)


def lint_yyyymmdd(data: str) -> Fault | None:
    """A date YYYYMMDD."""
    return _date(data, 4, day_required=True)


def lint_yyyymmd0(data: str) -> Fault | None:
    """A date YYYYMMDD whose day may be 00."""
    return _date(data, 4, day_required=False)


def _two_digits(data: str, noun: str, last: int) -> Fault | None:
    if len(data) != 2:
        rule = f"{noun}_too_short" if len(data) < 2 else f"{noun}_too_long"
        return whole(data, rule, f"expected two digits for the {noun}, got {len(data)}")
    if fault := lint_csetnumeric(data):
        return fault
    if int(data) > last:
        return whole(data, f"illegal_{noun}", f"expected {noun} 00 to {last}, got {data}")
    return None


def lint_hh(data: str) -> Fault | None:
    """An hour 00 to 23."""
    return _two_digits(data, "hour", 23)


def lint_mi(data: str) -> Fault | None:
    """A minute 00 to 59."""
    return _two_digits(data, "minute", 59)


def lint_ss(data: str) -> Fault | None:
    """A second 00 to 59."""
    return _two_digits(data, "second", 59)


def lint_hhmi(data: str) -> Fault | None:
    """An hour and a minute."""
    if len(data) != 4:
        rule = "hour_with_minute_too_short" if len(data) < 4 else "hour_with_minute_too_long"
        return whole(data, rule, f"expected HHMM, got {len(data)} characters")
    if fault := lint_csetnumeric(data) or lint_hh(data[:2]):
        return fault
    fault = lint_mi(data[2:])
    return fault and fault._replace(start=fault.start + 2, stop=fault.stop + 2)


LINTERS: dict[str, Linter] = {
    "yymmdd": lint_yymmdd,
    "yymmd0": lint_yymmd0,
    "yyyymmdd": lint_yyyymmdd,
    "yyyymmd0": lint_yyyymmd0,
    "hh": lint_hh,
    "mi": lint_mi,
    "ss": lint_ss,
    "hhmi": lint_hhmi,
}
