"""Places and products as master data describe them."""

from typing import Any

from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryMasterData
from closient_export.gs1 import CANONICAL_STEM, ElementString, digital_link
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.testing.event_builders import lot, place, product
from closient_export.testing.strategies.gs1 import ai_values, gtins, lot_codes

__all__ = ["location_descriptions", "master_data", "product_descriptions"]


def _glns() -> st.SearchStrategy[str]:
    return ai_values("414").map(lambda gln: f"{CANONICAL_STEM}/414/{gln}")


def _said(*examples: str) -> st.SearchStrategy[str]:
    return st.just("") | st.sampled_from(examples)


def location_descriptions(
    text: st.SearchStrategy[str] | None = None, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[LocationDescription]:
    """Places and parties, with gaps.

    Args:
        text: What their names and addresses are made of, instead of names and addresses.
        **fields: Strategies for fields, instead of the usual ones.
    """
    usual: dict[str, st.SearchStrategy[Any]] = {
        "id": _glns(),
        "business_name": _said("Green Bench Kitchens", "Corner Market #3", "Über & Söhne"),
        "phone": _said("+1 801 555 0166", "+49 30 0000"),
        "street": _said("12 Bench Rd", "450 Main St, \u00a7 2"),
        "city": _said("Ogden", "Elko"),
        "state": _said("UT", "NV"),
        "postal_code": _said("84401", "01234"),
        "country": _said("US", "MX", "Germany", "840"),
        "latitude": _said("41.22", "-0.5"),
        "longitude": _said("-111.97", "179.999"),
        "growing_area": _said("EAST-7"),
        "aquaculture_container": _said("Pond 4"),
        "source_reference": _said("FFRN:13344288264"),
    }
    if text is not None:
        usual = {name: text if name != "id" else found for name, found in usual.items()}
    return st.builds(LocationDescription, **{**usual, **fields})


def product_descriptions(
    text: st.SearchStrategy[str] | None = None, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[ProductDescription]:
    """Products and lots of them, with gaps.

    Args:
        text: What their names are made of, instead of names.
        **fields: Strategies for fields, instead of the usual ones.
    """
    usual: dict[str, st.SearchStrategy[Any]] = {
        "id": gtins().map(lambda gtin: f"{CANONICAL_STEM}/01/{gtin}")
        | st.builds(
            lambda gtin, code: digital_link(ElementString([("01", gtin.value), ("10", code)])),
            gtins(),
            lot_codes(),
        ),
        "product_name": _said("Curly kale 250 g", "Crème fraîche"),
        "brand": _said("Saltbush"),
        "commodity": _said("Leafy greens", "Finfish"),
        "variety": _said("Curly"),
        "packaging_size": _said("250 g", "6 x 300 g"),
        "packaging_style": _said("Bag", "Carton"),
        "species": _said("Albacore (ALB)"),
        "food_traceability_list_category": _said("Leafy greens (fresh-cut)"),
        "traceability_lot_code": _said("K-117"),
        "source_reference": _said("https://example.com/tlc"),
    }
    if text is not None:
        usual = {name: text if name != "id" else found for name, found in usual.items()}
    known = st.none() | st.booleans()
    flags = {"packaged": known, "on_food_traceability_list": known}
    return st.builds(ProductDescription, **{**usual, **flags, **fields})


def master_data(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[MemoryMasterData]:
    """Descriptions of some of the places, products and lots of `networks`.

    Args:
        text: What they say, instead of names and addresses.
    """
    places = st.sampled_from([place(number) for number in range(4)])
    goods = st.sampled_from([product(), *map(lot, "ABCDEF")])
    return st.builds(
        MemoryMasterData,
        st.lists(location_descriptions(text, id=places), max_size=4),
        st.lists(product_descriptions(text, id=goods), max_size=4),
    )
