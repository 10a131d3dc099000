"""What the headers of EPCIS documents say of places and products.

The attributes are those of CBV 2.0, section 9.2, and of GS1's Web Vocabulary. The CBV has none for a
telephone number, so some partners have made up their own.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from closient_export.epcis import VocabularyElement
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["from_vocabulary"]

_PLACES = frozenset(("location", "party", "businesslocation", "readpoint", "sourcedest"))
_PRODUCTS = frozenset(("epcclass",))

_OF_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "business_name": ("name", "organizationName", "physicalLocationName"),
        "phone": ("phone", "telephone", "contactTelephone", "phoneNumber", "telephoneNumber"),
        "city": ("city", "addressLocality"),
        "state": ("state", "addressRegion"),
        "postal_code": ("postalCode",),
        "country": ("countryCode", "country", "addressCountry"),
    }
)
_OF_PRODUCTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "product_name": (
            "tradeItemDescription",
            "productName",
            "descriptionShort",
            "regulatedProductName",
            "functionalName",
        ),
        "brand": ("brandName", "brand"),
        "packaging_size": ("netContentDescription", "netContent", "packagingSize"),
        "packaging_style": ("packaging", "packagingStyle", "packagingType", "packagingTypeCode"),
    }
)
"""Which attributes say what a field holds; the first one that does counts."""

_STREET = ("streetAddressOne", "streetAddressTwo", "streetAddressThree")
_SPECIES = "speciesForFisheryStatisticsPurposes"
_GEO_URI = re.compile(r"(?:geo:)?([+-]?\d+(?:\.\d+)?), ?([+-]?\d+(?:\.\d+)?)(?:[,;].*)?", re.ASCII)
_LAST_PART = re.compile(r"[^:/#]*$")


def from_vocabulary(
    element: VocabularyElement,
) -> LocationDescription | ProductDescription | None:
    """What master data of an EPCIS document say that the rule wants to know.

    Attributes whose values are blank or no text are passed over.

    Returns:
        ``None`` if they are of something else, or say nothing of use.

    >>> from_vocabulary(
    ...     VocabularyElement("party", "urn:epc:id:pgln:0614141.00000", {"name": "Saltbush"})
    ... )
    LocationDescription(id='https://id.gs1.org/417/0614141000005', business_name='Saltbush', ...)
    """
    kind, identifier = _last_part(element.type), element.id.strip()
    says = {
        _last_part(name): value.strip()
        for name, value in element.attributes.items()
        if isinstance(value, str) and value.strip()
    }
    if not identifier:
        return None
    if kind in _PLACES and (place := _place(says)):
        return LocationDescription(id=identifier, **place)
    if kind in _PRODUCTS and (product := _product(says)):
        return ProductDescription(id=identifier, **product)
    return None


def _last_part(name: str) -> str:
    """The word that a URI ends in, however it is capitalised."""
    found = _LAST_PART.search(name)
    return found[0].casefold() if found else ""


def _place(says: Mapping[str, str]) -> dict[str, str]:
    fields = _chosen(_OF_PLACES, says)
    lines = [says[name.casefold()] for name in _STREET if name.casefold() in says]
    if street := ", ".join(lines) or says.get("streetaddress"):
        fields["street"] = street
    latitude, longitude = says.get("latitude", ""), says.get("longitude", "")
    if not (latitude and longitude) and (geo := _GEO_URI.fullmatch(says.get("geolocation", ""))):
        latitude, longitude = geo[1], geo[2]
    if latitude and longitude and not (_is_zero(latitude) and _is_zero(longitude)):
        fields |= {"latitude": latitude, "longitude": longitude}
    return fields


def _is_zero(degrees: str) -> bool:
    """Whether it is what forms have that nobody filled in; 0, 0 lies in the open sea."""
    return not degrees.strip("+-0.")


def _product(says: Mapping[str, str]) -> dict[str, Any]:
    fields = _chosen(_OF_PRODUCTS, says)
    name, code = (says.get(f"{_SPECIES}{part}".casefold(), "") for part in ("Name", "Code"))
    if name or code:
        fields["species"] = f"{name} ({code})" if name and code else name or code
    return fields


def _chosen(table: Mapping[str, tuple[str, ...]], says: Mapping[str, str]) -> dict[str, str]:
    fields = {}
    for field, names in table.items():
        found = next((says[name.casefold()] for name in names if name.casefold() in says), None)
        if found is not None:
            fields[field] = found
    return fields
