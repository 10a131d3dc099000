"""Codes that must be on a list."""

from closient_export.gs1.linters import code_lists
from closient_export.gs1.linters.faults import Fault, Linter, whole

__all__ = ["LINTERS"]


def _member(codes: frozenset[str], rule: str, expectation: str) -> Linter:
    def lint(data: str) -> Fault | None:
        return None if data in codes else whole(data, rule, f"expected {expectation}")

    return lint


LINTERS: dict[str, Linter] = {
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
