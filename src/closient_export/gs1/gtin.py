"""Global Trade Item Numbers."""

from functools import lru_cache

from attrs import field, frozen

from closient_export.errors import Gs1Error
from closient_export.gs1.linters import check_digit

__all__ = ["Gtin"]

_LENGTHS = (8, 12, 13, 14)


@frozen(order=True)
class Gtin:
    """A GTIN in its 14-digit form, with a check digit that is right (GenSpecs 3.3.2).

    >>> Gtin.parse("614141000036")
    Gtin(value='00614141000036')
    >>> Gtin.parse("614141000036").native
    '614141000036'
    """

    value: str = field()
    """The 14 digits, as AI (01) and Digital Link carry them."""

    @value.validator
    def _check(self, _attribute: object, value: str) -> None:
        if len(value) != 14:
            raise Gs1Error("gtin_length", f"expected 14 digits, got {len(value)}", "01", value)
        _check_digits(value)

    @classmethod
    def parse(cls, text: str) -> "Gtin":
        """The GTIN that `text` writes with 8, 12, 13 or 14 digits; spaces and hyphens are free.

        Raises:
            Gs1Error: another number of digits, another character, or a wrong check digit.
        """
        if not isinstance(text, str):
            raise Gs1Error("gtin_length", "expected the digits as text", "01", repr(text))
        return _parse(text)

    @property
    def native_length(self) -> int:
        """8, 12, 13 or 14: how many digits the number has by the zeros before it.

        It decides which 1D symbol carries the bare number. A GTIN-12 in 14-digit form is not a
        GTIN-14, and a GTIN-13 that starts with 0 is a GTIN-12.
        """
        for length, zeros in ((8, 6), (12, 2), (13, 1)):
            if self.value.startswith("0" * zeros):
                return length
        return 14

    @property
    def native(self) -> str:
        """The digits without the zeros that only fill up to 14."""
        return self.value[14 - self.native_length :]

    def __str__(self) -> str:
        return self.value


def _check_digits(digits: str) -> None:
    if not (digits.isascii() and digits.isdigit()):
        raise Gs1Error("non_digit_character", "expected only the digits 0 to 9", "01", digits)
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise Gs1Error(
            "incorrect_check_digit",
            f"expected check digit {expected}, got {digits[-1]}",
            "01",
            digits,
        )


@lru_cache(maxsize=4096)
def _parse(text: str) -> Gtin:
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) not in _LENGTHS:
        raise Gs1Error(
            "gtin_length",
            f"expected 8, 12, 13 or 14 digits, got {len(digits)} characters",
            "01",
            text,
        )
    _check_digits(digits)
    return Gtin(digits.zfill(14))
