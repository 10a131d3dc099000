"""GS1's identification data: GTINs, application identifiers, element strings, Digital Links.

Built on the tables of GS1's Barcode Syntax Dictionary; "GenSpecs" in this package means the GS1
General Specifications, cited by section.
"""

from closient_export.gs1.application_identifiers import (
    ApplicationIdentifier,
    application_identifiers,
)
from closient_export.gs1.digital_link import (
    CANONICAL_STEM,
    check_stem,
    digital_link,
    parse_digital_link,
)
from closient_export.gs1.element_string import FNC1, Element, ElementString, parse_element_string
from closient_export.gs1.gtin import Gtin

__all__ = [
    "CANONICAL_STEM",
    "FNC1",
    "ApplicationIdentifier",
    "Element",
    "ElementString",
    "Gtin",
    "application_identifiers",
    "check_stem",
    "digital_link",
    "parse_digital_link",
    "parse_element_string",
]
