"""Which characters data may have (GenSpecs 7.11)."""

import re

from closient_export.gs1.linters.faults import Fault, Linter, outside, whole

__all__ = ["CSET_32", "CSET_64", "CSET_82", "DIGITS", "LINTERS", "lint_cset82", "lint_csetnumeric"]

DIGITS = "0123456789"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The 82 characters of most alphanumeric data, in the order of their values."""
CSET_64 = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_NOT_CSET_82 = re.compile(f"[^{re.escape(CSET_82)}]")

_PERCENT_SEQUENCE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)


def lint_csetnumeric(data: str) -> Fault | None:
    """Only the digits 0 to 9."""
    return outside(data, DIGITS, "non_digit_character", "a digit")


def lint_cset82(data: str) -> Fault | None:
    """Only characters of CSET 82."""
    if _NOT_CSET_82.search(data) is None:
        return None
    return outside(data, CSET_82, "invalid_cset82_character", "a character of GS1 character set 82")


def lint_cset39(data: str) -> Fault | None:
    """Only characters of CSET 39."""
    return outside(data, CSET_39, "invalid_cset39_character", "a character of GS1 character set 39")


def lint_cset64(data: str) -> Fault | None:
    """File-safe, URI-safe base 64; padding with ``=``, if any, fills up to a multiple of three."""
    body = data.rstrip("=")
    fault = outside(
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


def lint_importeridx(data: str) -> Fault | None:
    """The importer index of AI (7040): one character of CSET 64."""
    if len(data) != 1:
        return whole(data, "importer_idx_must_be_one_character", "expected one character")
    return outside(data, CSET_64, "invalid_import_idx_character", "a letter, a digit, '-' or '_'")


def lint_pcenc(data: str) -> Fault | None:
    """Every ``%`` starts a percent-encoded byte."""
    if match := _PERCENT_SEQUENCE.search(data):
        return Fault(
            "invalid_percent_sequence",
            f"expected two hexadecimal digits after '%', got {match[0]!r}",
            *match.span(),
        )
    return None


def lint_hasnondigit(data: str) -> Fault | None:
    """At least one character that is not a digit."""
    if data.strip("0123456789"):
        return None
    return whole(data, "requires_non_digit_character", "expected a character that is not a digit")


LINTERS: dict[str, Linter] = {
    "csetnumeric": lint_csetnumeric,
    "cset82": lint_cset82,
    "cset39": lint_cset39,
    "cset64": lint_cset64,
    "importeridx": lint_importeridx,
    "pcenc": lint_pcenc,
    "hasnondigit": lint_hasnondigit,
}
