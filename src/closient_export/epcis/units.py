"""Units of measure in words (UN/ECE Recommendations 20 and 21)."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

__all__ = ["in_words", "unit"]

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


def in_words(quantity: Decimal | None, uom: str) -> str:
    """A quantity with its unit, for people.

    >>> in_words(Decimal(12), "CS"), in_words(Decimal(1), "XBX"), in_words(None, "CS")
    ('12 cases', '1 box', 'not known')
    """
    if quantity is None:
        return "not known"
    word = unit(uom)
    if quantity == 1 and uom.strip() in _UNITS:
        word = word.removesuffix("es") if word.endswith(("xes", "ches")) else word.removesuffix("s")
    return f"{quantity:f} {word}".rstrip()
