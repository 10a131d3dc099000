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

__all__ = ["NOT_APPLICABLE", "country", "document_type", "unit"]

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


_MEASURES = {
    "BUA": "bushels",
    "CLT": "centiliters",
    "CWA": "hundredweights",
    "DLT": "deciliters",
    "DTN": "quintals",
    "FTQ": "cubic feet",
    "GLI": "imperial gallons",
    "GLL": "gallons",
    "GRM": "grams",
    "HLT": "hectoliters",
    "KGM": "kilograms",
    "LBR": "pounds",
    "LBS": "pounds",  # no code of Recommendation 20, but often taken for one
    "LTN": "long tons",
    "LTR": "liters",
    "MGM": "milligrams",
    "MLT": "milliliters",
    "MTQ": "cubic meters",
    "ONZ": "ounces",
    "OZA": "fluid ounces",
    "OZI": "imperial fluid ounces",
    "PTI": "imperial pints",
    "PTL": "pints",
    "QTI": "imperial quarts",
    "QTL": "quarts",
    "STN": "short tons",
    "TNE": "metric tons",
}
_COUNTS = {
    "C62": "each",
    "CEN": "hundred",
    "DZN": "dozen",
    "EA": "each",
    "GRO": "gross",
    "H87": "each",
    "MIL": "thousand",
    "NMP": "packs",
    "PF": "pallets",
    "PR": "pairs",
    "SET": "sets",
}
_PACKAGES = {
    "BG": "bags",
    "BE": "bundles",
    "BI": "bins",
    "BJ": "buckets",
    "BK": "baskets",
    "BO": "bottles",
    "BX": "boxes",
    "CA": "cans",
    "CR": "crates",
    "CS": "cases",
    "CT": "cartons",
    "CU": "cups",
    "DR": "drums",
    "JR": "jars",
    "PA": "packets",
    "PK": "packages",
    "PL": "pails",
    "PO": "pouches",
    "PU": "trays",
    "PX": "pallets",
    "SA": "sacks",
    "TB": "tubs",
}
_PREFIXED_PACKAGES = {
    "BA": "barrels",
    "CX": "cans",
    "JG": "jugs",
    "KG": "kegs",
    "NT": "nets",
    "PC": "parcels",
    "PT": "pots",
    "TN": "tins",
    "TU": "tubes",
}
"""Whose bare codes are other units, or what people write for these: ``KG`` is no keg."""

_UNITS: Mapping[str, str] = MappingProxyType(
    _MEASURES
    | _COUNTS
    | _PACKAGES
    | {f"X{code}": word for code, word in (_PACKAGES | _PREFIXED_PACKAGES).items()}
)


def unit(uom: str) -> str:
    """The English plural for a unit of UN/ECE Recommendation 20, or a package of 21.

    Codes are in capitals, packages with or without the ``X`` that Recommendation 20 has before
    them.

    >>> unit("LBR"), unit("CS"), unit("XCS"), unit("lb")
    ('pounds', 'cases', 'cases', 'lb')
    """
    return _UNITS.get(uom.strip(), uom)


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
