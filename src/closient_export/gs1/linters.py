"""GS1's linters: the rules for the content of one component of an element string.

A linter takes the data of a component and returns the first `Fault` it finds, or ``None``.
Their names and the names of the rules are those of the GS1 Barcode Syntax Dictionary, which
says for each application identifier which linters apply. The coupon linters, small grammars of
their own, are in `closient_export.gs1.coupons`.
"""

import re
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from closient_export.gs1 import code_lists

__all__ = ["CSET_82", "Fault", "Linter", "check_digit", "find_linter", "lint_yymmdd"]


class Fault(NamedTuple):
    """What is wrong with a piece of data, and where in it."""

    rule: str
    """The stable name of the rule that is broken."""
    expectation: str
    """What was expected, for a person."""
    start: int
    """Index of the first offending character."""
    stop: int
    """Index after the last offending character."""


Linter = Callable[[str], Fault | None]

DIGITS = frozenset("0123456789")
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The 82 characters of most alphanumeric data, in the order of their values (GenSpecs 7.11)."""
CSET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET_64 = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_ALPHA_CHECK_LONGEST = 99
_IBAN_SHORTEST, _IBAN_LONGEST = 11, 34
_COMPANY_PREFIX_SHORTEST = 4


def _whole(data: str, rule: str, expectation: str) -> Fault:
    return Fault(rule, expectation, 0, len(data))


def _outside(data: str, allowed: str | frozenset[str], rule: str, expectation: str) -> Fault | None:
    for position, character in enumerate(data):
        if character not in allowed:
            return Fault(
                rule,
                f"expected {expectation}, got {character!r} at character {position + 1}",
                position,
                position + 1,
            )
    return None


def lint_csetnumeric(data: str) -> Fault | None:
    """Only the digits 0 to 9."""
    return _outside(data, DIGITS, "non_digit_character", "a digit")


_NOT_CSET_82 = re.compile(f"[^{re.escape(CSET_82)}]")


def lint_cset82(data: str) -> Fault | None:
    """Only characters of CSET 82."""
    if _NOT_CSET_82.search(data) is None:
        return None
    return _outside(
        data, CSET_82, "invalid_cset82_character", "a character of GS1 character set 82"
    )


def lint_cset39(data: str) -> Fault | None:
    """Only characters of CSET 39."""
    return _outside(
        data, CSET_39, "invalid_cset39_character", "a character of GS1 character set 39"
    )


def lint_cset64(data: str) -> Fault | None:
    """File-safe, URI-safe base 64; padding with ``=``, if any, fills up to a multiple of three."""
    body = data.rstrip("=")
    fault = _outside(
        body, CSET_64, "invalid_cset64_character", "a character of GS1 character set 64"
    )
    if fault is None and len(body) < len(data) and len(data) - len(body) != -len(body) % 3:
        return Fault(
            "invalid_cset64_padding",
            f"expected {-len(body) % 3} padding characters '='",
            len(body),
            len(data),
        )
    return fault


def check_digit(digits: str) -> str:
    """The check digit that follows `digits` (GenSpecs 7.9.1): weights 3 and 1 from the right."""
    total = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def lint_csum(data: str) -> Fault | None:
    """The last digit is the check digit of those before it."""
    if fault := lint_csetnumeric(data):
        return fault
    if not data:
        return _whole(data, "too_short_for_check_digit", "expected a check digit")
    expected = check_digit(data[:-1])
    if data[-1] == expected:
        return None
    return Fault(
        "incorrect_check_digit",
        f"expected check digit {expected}, got {data[-1]}",
        len(data) - 1,
        len(data),
    )


def _primes() -> tuple[int, ...]:
    candidates = (n for n in range(2, 1000) if all(n % p for p in range(2, int(n**0.5) + 1)))
    return tuple(islice(candidates, _ALPHA_CHECK_LONGEST - 2))


_PRIMES = _primes()


def lint_csumalpha(data: str) -> Fault | None:
    """The last two characters are the check character pair (GenSpecs 7.9.5)."""
    if len(data) < 2:
        return _whole(data, "too_short_for_check_pair", "expected a check character pair")
    if len(data) > _ALPHA_CHECK_LONGEST:
        return _whole(
            data,
            "too_long_for_check_pair_implementation",
            f"expected at most {_ALPHA_CHECK_LONGEST} characters, got {len(data)}",
        )
    body, pair = data[:-2], data[-2:]
    if fault := lint_cset82(body):
        return fault
    weighted = zip(reversed(body), _PRIMES, strict=False)
    total = sum(CSET_82.index(character) * prime for character, prime in weighted) % 1021
    expected = CSET_32[total >> 5] + CSET_32[total & 31]
    if pair == expected:
        return None
    return Fault(
        "incorrect_check_pair",
        f"expected check characters {expected}, got {pair!r}",
        len(body),
        len(data),
    )


def lint_gcppos1(data: str) -> Fault | None:
    """Starts with a GS1 Company Prefix: four digits at least (no register is asked)."""
    if len(data) < _COMPANY_PREFIX_SHORTEST:
        return _whole(
            data,
            "too_short_for_gcp",
            f"expected a GS1 Company Prefix of {_COMPANY_PREFIX_SHORTEST} digits or more",
        )
    return _outside(
        data[:_COMPANY_PREFIX_SHORTEST],
        DIGITS,
        "invalid_gcp_prefix",
        "a digit of the GS1 Company Prefix",
    )


def lint_gcppos2(data: str) -> Fault | None:
    """A GS1 Company Prefix from the second character on, after an indicator or extension digit."""
    fault = lint_gcppos1(data[1:])
    end = len(data)
    return fault and fault._replace(start=min(fault.start + 1, end), stop=min(fault.stop + 1, end))


def _date(data: str, year_digits: int, *, day_required: bool) -> Fault | None:
    length = year_digits + 4
    if len(data) != length:
        rule = "date_too_short" if len(data) < length else "date_too_long"
        return _whole(data, rule, f"expected {'Y' * year_digits}MMDD, got {len(data)} characters")
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
        return _whole(data, rule, f"expected two digits for the {noun}, got {len(data)}")
    if fault := lint_csetnumeric(data):
        return fault
    if int(data) > last:
        return _whole(data, f"illegal_{noun}", f"expected {noun} 00 to {last}, got {data}")
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
        return _whole(data, rule, f"expected HHMM, got {len(data)} characters")
    if fault := lint_csetnumeric(data) or lint_hh(data[:2]):
        return fault
    fault = lint_mi(data[2:])
    return fault and fault._replace(start=fault.start + 2, stop=fault.stop + 2)


def lint_iban(data: str) -> Fault | None:
    """An International Bank Account Number (ISO 13616): country, characters, check digits."""
    if len(data) >= 4 and data[:2] not in code_lists.ISO_3166_ALPHA_2:
        return Fault("illegal_iban_country_code", "expected an ISO 3166 country code", 0, 2)
    if len(data) < _IBAN_SHORTEST:
        return _whole(data, "iban_too_short", f"expected at least {_IBAN_SHORTEST} characters")
    if len(data) > _IBAN_LONGEST:
        return _whole(data, "iban_too_long", f"expected at most {_IBAN_LONGEST} characters")
    order = (*range(4, len(data)), *range(4))
    for position in order:
        character = data[position]
        if not ("0" <= character <= "9" or "A" <= character <= "Z"):
            return Fault(
                "invalid_iban_character",
                f"expected a digit or a capital letter, got {character!r}",
                position,
                position + 1,
            )
    number = int("".join(str(int(data[position], 36)) for position in order))
    if number % 97 != 1:
        return Fault("incorrect_iban_checksum", "expected check digits that fit the number", 2, 4)
    return None


def lint_importeridx(data: str) -> Fault | None:
    """The importer index of AI (7040): one character of CSET 64."""
    if len(data) != 1:
        return _whole(data, "importer_idx_must_be_one_character", "expected one character")
    return _outside(data, CSET_64, "invalid_import_idx_character", "a letter, a digit, '-' or '_'")


def _degrees(data: str, noun: str, last: int) -> Fault | None:
    if len(data) != 10:
        return _whole(data, f"{noun}_invalid_length", f"expected 10 digits, got {len(data)}")
    if fault := lint_csetnumeric(data):
        return fault
    if int(data) > last:
        return _whole(data, f"invalid_{noun}", f"expected at most {last}, got {data}")
    return None


def lint_latitude(data: str) -> Fault | None:
    """Degrees of latitude plus 90, in ten-millionths (GenSpecs 3.7.10)."""
    return _degrees(data, "latitude", 1_800_000_000)


def lint_longitude(data: str) -> Fault | None:
    """Degrees of longitude plus 180, in ten-millionths (GenSpecs 3.7.10)."""
    return _degrees(data, "longitude", 3_600_000_000)


_PERCENT_SEQUENCE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)


def lint_pcenc(data: str) -> Fault | None:
    """Every ``%`` starts a percent-encoded byte."""
    if match := _PERCENT_SEQUENCE.search(data):
        return Fault(
            "invalid_percent_sequence",
            f"expected two hexadecimal digits after '%', got {match[0]!r}",
            *match.span(),
        )
    return None


def lint_pieceoftotal(data: str) -> Fault | None:
    """A piece number and the total, both not zero, of equal width (GenSpecs 3.9.6)."""
    if not data or len(data) % 2:
        return _whole(
            data,
            "invalid_length_for_piece_of_total",
            f"expected an even number of digits, got {len(data)}",
        )
    if fault := lint_csetnumeric(data):
        return fault
    middle = len(data) // 2
    piece, total = int(data[:middle]), int(data[middle:])
    if piece == 0:
        return Fault("zero_piece_number", "expected a piece number that is not zero", 0, middle)
    if total == 0:
        return Fault("zero_total_pieces", "expected a total that is not zero", middle, len(data))
    if piece > total:
        return _whole(
            data, "piece_number_exceeds_total", f"expected a piece of {total} at most, got {piece}"
        )
    return None


_POSITION_IN_SEQUENCE = re.compile(r"([0-9]+)/([0-9]+)")


def lint_posinseqslash(data: str) -> Fault | None:
    """A position in a sequence, ``position/end``, without leading zeros."""
    match = _POSITION_IN_SEQUENCE.fullmatch(data)
    if match is None:
        return _whole(data, "position_in_sequence_malformed", "expected position/end, as 1/2")
    for group in (1, 2):
        if match[group].startswith("0"):
            return Fault(
                "illegal_zero_prefix", "expected a number without leading zero", *match.span(group)
            )
    if int(match[1]) > int(match[2]):
        return _whole(
            data,
            "position_exceeds_end",
            f"expected a position of {match[2]} at most, got {match[1]}",
        )
    return None


def lint_nonzero(data: str) -> Fault | None:
    """A number that is not zero."""
    if fault := lint_csetnumeric(data):
        return fault
    if data.strip("0"):
        return None
    return _whole(data, "illegal_zero_value", "expected a number that is not zero")


def lint_nozeroprefix(data: str) -> Fault | None:
    """A number without leading zero, unless it is 0 itself."""
    if fault := lint_csetnumeric(data):
        return fault
    if len(data) > 1 and data[0] == "0":
        return Fault("illegal_zero_prefix", "expected a number without leading zero", 0, 1)
    return None


def lint_zero(data: str) -> Fault | None:
    """Nothing but zeros."""
    if data and not data.strip("0"):
        return None
    return _whole(data, "not_zero", "expected zero")


def lint_hasnondigit(data: str) -> Fault | None:
    """At least one character that is not a digit."""
    if data.strip("0123456789"):
        return None
    return _whole(data, "requires_non_digit_character", "expected a character that is not a digit")


def _member(codes: frozenset[str], rule: str, expectation: str) -> Linter:
    def lint(data: str) -> Fault | None:
        return None if data in codes else _whole(data, rule, f"expected {expectation}")

    return lint


_LINTERS: dict[str, Linter] = {
    name.removeprefix("lint_"): linter
    for name, linter in list(globals().items())
    if name.startswith("lint_")
} | {
    "hyphen": _member(frozenset("-"), "not_hyphen", "a hyphen"),
    "iso3166": _member(
        code_lists.ISO_3166_NUMERIC, "not_iso3166", "an ISO 3166 numeric country code"
    ),
    "iso3166999": _member(
        code_lists.ISO_3166_NUMERIC | {"999"},
        "not_iso3166_or_999",
        "an ISO 3166 numeric country code or 999",
    ),
    "iso3166alpha2": _member(
        code_lists.ISO_3166_ALPHA_2, "not_iso3166_alpha2", "an ISO 3166 alpha-2 country code"
    ),
    "iso4217": _member(
        code_lists.ISO_4217_NUMERIC, "not_iso4217", "an ISO 4217 numeric currency code"
    ),
    "iso5218": _member(
        frozenset("0129"), "invalid_biological_sex_code", "an ISO 5218 code: 0, 1, 2 or 9"
    ),
    "mediatype": _member(code_lists.MEDIA_TYPES, "invalid_media_type", "an AIDC media type"),
    "packagetype": _member(
        code_lists.PACKAGE_TYPES, "invalid_package_type", "a UN/ECE Recommendation 21 package type"
    ),
    "winding": _member(
        frozenset("019"), "invalid_winding_direction", "a winding direction: 0, 1 or 9"
    ),
    "yesno": _member(frozenset("01"), "not_zero_or_one", "0 or 1"),
}


def find_linter(name: str) -> Linter:
    """The linter of that name in the Syntax Dictionary, such as ``csum``.

    Raises:
        KeyError: there is no such linter.
    """
    if name.startswith("coupon"):
        from closient_export.gs1 import coupons  # noqa: PLC0415 - coupons builds on this module

        return coupons.LINTERS[name]
    return _LINTERS[name]
