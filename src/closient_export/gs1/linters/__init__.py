"""GS1's linters: the rules for the content of one component of an element string.

A linter takes the data of a component and returns the first `Fault` it finds, or ``None``. Their
names and the names of the rules are those of the GS1 Barcode Syntax Dictionary, which says for
each application identifier which linters apply.
"""

from closient_export.gs1.linters import characters, check_characters, codes, coupons, dates, numbers
from closient_export.gs1.linters.characters import CSET_82
from closient_export.gs1.linters.check_characters import check_digit
from closient_export.gs1.linters.faults import Fault, Linter

__all__ = ["CSET_82", "LINTERS", "Fault", "Linter", "check_digit"]

LINTERS: dict[str, Linter] = {
    **characters.LINTERS,
    **check_characters.LINTERS,
    **codes.LINTERS,
    **coupons.LINTERS,
    **dates.LINTERS,
    **numbers.LINTERS,
}
"""All of them by name, such as ``csum``."""
