"""Descriptions of places and products in GS1's Web Vocabulary, as JSON-LD."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import attrs

from closient_export.adapters.master_data_ids import GLN, GTIN, OTHERS, Description, id_problem
from closient_export.epcis import IdentifierKind, VocabularyElement, parse_identifier
from closient_export.epcis.units import unit
from closient_export.errors import shown
from closient_export.gs1 import CANONICAL_STEM
from closient_export.header_master_data import from_vocabulary
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["read_web_vocabulary"]

_PRODUCT_CLASSES = frozenset(
    ("Product", "FoodBeverageTobaccoProduct", "FruitsVegetables", "MeatPoultry", "Seafood")
)
_PLACE_CLASSES = frozenset(("Place", "Organization"))
_LANGUAGE = re.compile(r"(?!id$)[A-Za-z]{2,3}(-[A-Za-z0-9]+)*|@none")


def read_web_vocabulary(document: Any, report: Callable[[str, str], None]) -> Iterator[Description]:
    """What nodes of GS1's Web Vocabulary say, and what the nodes within them say.

    Args:
        document: The decoded JSON-LD.
        report: Called with where a problem is, and what was expected there.
    """
    understood = False
    others: set[str] = set()
    for path, top in _top_nodes(document):
        where = f": {path}" if path else ""
        if not isinstance(top, dict):
            report(where, f"expected an object, got {shown(top)}")
            understood = True
            continue
        others |= _types(top)
        for node in _objects_within(top):
            kind = _kind_of_node(node)
            if kind is None:
                continue
            understood = True
            identifier = _identifier_of(node, kind)
            fault = id_problem(identifier, kind) if identifier else _UNNAMED[kind]
            if fault is None:
                yield _READERS[kind](node, identifier)
            elif node is top:  # what is within it may be named or not
                report(where, fault)
    if not understood:
        got = ", ".join(map(shown, sorted(others))) or "neither"
        if others & _EPCIS_DOCUMENTS:
            got += ", whose master data are read together with its events"
        report("", f"expected {_EXPECTED}; got {got}")


_EXPECTED = (
    "'places' and 'products', or gs1:Place, gs1:Organization and gs1:Product of GS1's Web "
    "Vocabulary"
)
_EPCIS_DOCUMENTS = frozenset(("EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument"))
_UNNAMED = {
    LocationDescription: "expected an id, or a GLN of 13 digits as gs1:locationGLN or gs1:partyGLN",
    ProductDescription: "expected an id, or a GTIN of 8, 12, 13 or 14 digits as gs1:gtin",
}


def _top_nodes(document: Any) -> Iterator[tuple[str, Any]]:
    for path, value in _elements("", document):
        if isinstance(value, dict) and "@graph" in value:
            yield from _elements(f"{path}.@graph" if path else "@graph", value["@graph"])
        else:
            yield path, value


def _elements(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{path}[{index}]", each) for index, each in enumerate(value))
    else:
        yield path, value


def _objects_within(top: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An object and all that are within it, the outer ones first."""
    waiting: deque[Any] = deque([top])
    while waiting:
        value = waiting.popleft()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _kind_of_node(node: dict[str, Any]) -> type[Description] | None:
    types = _types(node)
    if types & _PRODUCT_CLASSES or _get(node, "gtin") is not None:
        return ProductDescription
    return LocationDescription if types & _PLACE_CLASSES else None


def _types(node: dict[str, Any]) -> set[str]:
    return {_term(kind) for _, kind in _texts(_get(node, "type"))}


def _identifier_of(node: dict[str, Any], kind: type[Description]) -> str:
    """A node's id if that is one of GS1's keys, else its GTIN or GLN, else its id."""
    own = _text(_get(node, "id"))
    named = parse_identifier(own).kind
    if named is not IdentifierKind.OTHER and named not in OTHERS[kind]:
        return own
    return (_gtin_of(node) if kind is ProductDescription else _gln_of(node)) or own


def _gtin_of(node: dict[str, Any]) -> str:
    gtin, lot = _text(_get(node, "gtin")), _text(_get(node, "hasBatchLotNumber"))
    if not GTIN.fullmatch(gtin):
        return gtin
    link = f"{CANONICAL_STEM}/01/{gtin.zfill(14)}"
    return f"{link}/10/{quote(lot, safe='', errors='surrogatepass')}" if lot else link


def _gln_of(node: dict[str, Any]) -> str:
    usual = "414" if "Place" in _types(node) else "417"
    keys = {"locationGLN": "414", "gln": usual, "globalLocationNumber": usual, "partyGLN": "417"}
    for name, key in keys.items():
        if gln := _text(_get(node, name)):
            return f"{CANONICAL_STEM}/{key}/{gln}" if GLN.fullmatch(gln) else gln
    return ""


def _said_of_place(node: dict[str, Any], identifier: str) -> Description:
    address = _get(node, "address")
    says = _says(node, address, _get(address, "addressCountry"), _get(node, "geo"))
    if "telephone" not in says:
        says["telephone"] = _text(_get(_get(node, "contactPoint"), "telephone"))
    element = VocabularyElement("location", identifier, says)
    return from_vocabulary(element) or LocationDescription(id=identifier)


def _said_of_product(node: dict[str, Any], identifier: str) -> Description:
    packaging = _get(node, "packaging")
    says = _says(node, _get(node, "brand"), packaging)
    says["netContent"] = _amount(_get(node, "netContent")) or _amount(_get(node, "netWeight"))
    style = _term(_reference(_get(packaging, "packagingType")))
    says["packagingType"] = unit(style.removeprefix("PackagingTypeCode-"))
    element = VocabularyElement("epcclass", identifier, says)
    description = from_vocabulary(element) or ProductDescription(id=identifier)
    category = _term(_reference(_get(node, "hasFoodTraceabilityListCategory")))
    if category and isinstance(description, ProductDescription):
        return attrs.evolve(
            description, on_food_traceability_list=True, food_traceability_list_category=category
        )
    return description


_READERS = {LocationDescription: _said_of_place, ProductDescription: _said_of_product}


def _says(*nodes: Any) -> dict[str, str]:
    """The texts of several nodes by their terms; the first one that has a term counts."""
    says: dict[str, str] = {}
    for node in nodes:
        for key, value in _object(node).items():
            if text := _text(value):
                says.setdefault(_term(key), text)
    return says


def _amount(value: Any) -> str:
    number, code = _text(_get(value, "value")), _text(_get(value, "unitCode"))
    return f"{number} {unit(code)}".strip() if number else ""


def _term(name: str) -> str:
    """A term without its prefix, whatever context it comes from."""
    return re.split("[:/#@]", name)[-1]


def _get(node: Any, term: str) -> Any:
    return next((value for key, value in _object(node).items() if _term(key) == term), None)


def _object(value: Any) -> dict[str, Any]:
    """An object, or the first one of several."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            return each
    return {}


def _reference(value: Any) -> str:
    """A text, or the id of what an object refers to."""
    return _text(value) or _text(_get(value, "id"))


def _text(value: Any) -> str:
    """A text or number, the English one of several languages, else the first one."""
    texts = list(_texts(value))
    english = (text for language, text in texts if language.lower().startswith("en"))
    return next(english, texts[0][1] if texts else "")


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """The texts that are not blank, each with its language."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            pairs = [(str(each.get("@language", "")), each.get("@value"))]
            pairs += [(key, said) for key, said in each.items() if _LANGUAGE.fullmatch(key)]
        else:
            pairs = [("", each)]
        for language, said in pairs:
            text = str(said).strip() if type(said) in (str, int, float) else ""
            if text:
                yield language, text
