"""What the rule wants to know of places and products, and what events do not carry."""

from typing import TypeVar

from attrs import asdict, field, frozen

from closient_export.epcis import parse_identifier

__all__ = ["LocationDescription", "ProductDescription", "merged"]


def _canonical(text: str) -> str:
    return parse_identifier(text).uri


@frozen(kw_only=True)
class LocationDescription:
    """A place or the party that operates it (21 CFR 1.1310, *location description*)."""

    id: str = field(converter=_canonical)
    """A GLN as a Digital Link or URN, or any URI; kept in its canonical form."""
    business_name: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    """State or region."""
    postal_code: str = ""
    country: str = ""
    """An ISO 3166 code or a name."""
    latitude: str = ""
    longitude: str = ""
    """Geographic coordinates in degrees; they may stand for the street address."""
    growing_area: str = ""
    """The field's name as the grower uses it (21 CFR 1.1325(a)(1)(v))."""
    aquaculture_container: str = ""
    """The pond's, pool's, tank's or cage's name (21 CFR 1.1325(a)(1)(vi))."""
    source_reference: str = ""
    """A traceability lot code source reference, such as ``FFRN:13344288264``."""


@frozen(kw_only=True)
class ProductDescription:
    """A product, or one lot of it (21 CFR 1.1310, *product description*)."""

    id: str = field(converter=_canonical)
    """A GTIN or a lot of it as a Digital Link or URN, or any URI; kept in its canonical form."""
    product_name: str = ""
    brand: str = ""
    commodity: str = ""
    variety: str = ""
    packaging_size: str = ""
    packaging_style: str = ""
    species: str = ""
    """Species or acceptable market name, of seafood."""
    packaged: bool | None = None
    """Whether it is packaged when it is landed; ``None`` if that is not known."""
    on_food_traceability_list: bool | None = None
    """Whether FDA's Food Traceability List has it; ``None`` if that is not known."""
    food_traceability_list_category: str = ""
    traceability_lot_code: str = ""
    """Of a lot: its code as it is printed, if that is not ``(01)…(10)…``."""
    source_reference: str = ""
    """Of a lot: the traceability lot code source reference that goes with the code."""


T = TypeVar("T", LocationDescription, ProductDescription)


def merged(first: T, second: T) -> T:
    """One description of the same thing; where both say something, the first one counts."""
    known, other = asdict(first), asdict(second)
    gaps = {name: other[name] for name, value in known.items() if value in ("", None)}
    return type(first)(**{**known, **gaps})
