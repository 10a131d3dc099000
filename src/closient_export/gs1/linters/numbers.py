"""Numbers with a range or a form of their own."""

import re

from closient_export.gs1.linters.characters import DIGITS, lint_csetnumeric
from closient_export.gs1.linters.faults import Fault, Linter, outside, whole

__all__ = ["LINTERS"]

_COMPANY_PREFIX_SHORTEST = 4

_POSITION_IN_SEQUENCE = re.compile(r"([0-9]+)/([0-9]+)")


def lint_gcppos1(data: str) -> Fault | None:
    """Starts with a GS1 Company Prefix: four digits at least (no register is asked)."""
    if len(data) < _COMPANY_PREFIX_SHORTEST:
        return whole(
            data,
            "too_short_for_gcp",
            f"expected a GS1 Company Prefix of {_COMPANY_PREFIX_SHORTEST} digits or more",
        )
    return outside(
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


def _degrees(data: str, noun: str, last: int) -> Fault | None:
    if len(data) != 10:
        return whole(data, f"{noun}_invalid_length", f"expected 10 digits, got {len(data)}")
    if fault := lint_csetnumeric(data):
        return fault
    if int(data) > last:
        return whole(data, f"invalid_{noun}", f"expected at most {last}, got {data}")
    return None


def lint_latitude(data: str) -> Fault | None:
    """Degrees of latitude plus 90, in ten-millionths."""
    return _degrees(data, "latitude", 1_800_000_000)


def lint_longitude(data: str) -> Fault | None:
    """Degrees of longitude plus 180, in ten-millionths."""
    return _degrees(data, "longitude", 3_600_000_000)


def lint_pieceoftotal(data: str) -> Fault | None:
    """A piece number and the total, both not zero, of equal width."""
    if not data or len(data) % 2:
        return whole(
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
        return whole(
            data, "piece_number_exceeds_total", f"expected a piece of {total} at most, got {piece}"
        )
    return None


def lint_posinseqslash(data: str) -> Fault | None:
    """A position in a sequence, ``position/end``, without leading zeros."""
    match = _POSITION_IN_SEQUENCE.fullmatch(data)
    if match is None:
        return whole(data, "position_in_sequence_malformed", "expected position/end, as 1/2")
    for group in (1, 2):
        if match[group].startswith("0"):
            return Fault(
                "illegal_zero_prefix", "expected a number without leading zero", *match.span(group)
            )
    if int(match[1]) > int(match[2]):
        return whole(
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
    return whole(data, "illegal_zero_value", "expected a number that is not zero")


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
    return whole(data, "not_zero", "expected zero")


LINTERS: dict[str, Linter] = {
    "gcppos1": lint_gcppos1,
    "gcppos2": lint_gcppos2,
    "latitude": lint_latitude,
    "longitude": lint_longitude,
    "pieceoftotal": lint_pieceoftotal,
    "posinseqslash": lint_posinseqslash,
    "nonzero": lint_nonzero,
    "nozeroprefix": lint_nozeroprefix,
    "zero": lint_zero,
}
