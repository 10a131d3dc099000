"""How values are worded in FDA's electronic sortable spreadsheet.

The words are those of the sample rows that FDA publishes with it. Whatever is not known stays as
it is: whoever wrote it knew what it meant.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from closient_export.epcis.identifiers import unquoted
from closient_export.epcis.vocabulary import DOCUMENT_TYPES
from closient_export.trace.countries import COUNTRIES, country_name

__all__ = ["NOT_APPLICABLE", "country", "document_type", "territory"]

NOT_APPLICABLE = "n/a"
"""What FDA's sample has in cells that do not apply."""


_TERRITORIES: Mapping[str, str] = MappingProxyType(
    {COUNTRIES[code]: code for code in ("AS", "GU", "MP", "PR", "UM", "VI")}
)
"""Those that ISO 3166 counts as countries, and the Act as States (21 U.S.C. 321(a)(1))."""


def country(text: str) -> str:
    """A country's name for its ISO 3166 code or name; ``n/a`` for the United States.

    FDA's sample has no country in domestic addresses.

    >>> country("US"), country("GR"), country("124"), country("PR"), country("")
    ('n/a', 'Greece', 'Canada', 'n/a', '')
    """
    name = country_name(text)
    domestic = name == COUNTRIES["US"] or name in _TERRITORIES
    return NOT_APPLICABLE if domestic else name or text


def territory(text: str) -> str:
    """The State that a country of ISO 3166 is, by its postal code; empty if it is none.

    >>> territory("PRI"), territory("US")
    ('PR', '')
    """
    return _TERRITORIES.get(country_name(text) or "", "")


_DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "bol": "Bill of Lading",
        "cert": "Certificate",
        "desadv": "Advance Shipping Notice",
        "inv": "Invoice",
        "pedigree": "Pedigree",
        "po": "Purchase Order",
        "poc": "Purchase Order Confirmation",
        "prodorder": "Work Order",
        "recadv": "Receiving Advice",
        "rma": "Return Authorization",
        "testprd": "Test Procedure",
        "testres": "Test Result",
        "upevt": "Upstream Event",
    }
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_LAST_PART = re.compile(r"([^:/#]+)[:/#]*$")
_BEFORE_WORD = re.compile(r"BTT-(?=.)", re.IGNORECASE)


def document_type(word: str) -> str:
    """What a type of reference document is called: a word of the CBV, or any URI's last part.

    >>> document_type("desadv"), document_type("urn:example:btt:Weight%20Ticket")
    ('Advance Shipping Notice', 'Weight Ticket')
    """
    known = DOCUMENT_TYPES.read(word.strip())
    if known is not None and known in _DOCUMENTS:
        return _DOCUMENTS[known]
    last = _LAST_PART.search(word) if _URI.fullmatch(word) else None
    if last is None:
        return word
    return unquoted(_BEFORE_WORD.sub("", last[1], count=1)).strip() or word
