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

__all__ = ["NOT_APPLICABLE", "country", "document_type"]

NOT_APPLICABLE = "n/a"
"""What FDA's sample has in cells that do not apply."""


def country(text: str) -> str:
    """A country's name for its ISO 3166 code or name; ``n/a`` for the United States.

    FDA's sample has no country in domestic addresses.

    >>> country("US"), country("GR"), country("124"), country("")
    ('n/a', 'Greece', 'Canada', '')
    """
    name = country_name(text)
    return NOT_APPLICABLE if name == COUNTRIES["US"] else name or text


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
