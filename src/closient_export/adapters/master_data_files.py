"""Descriptions of places and products in files that people and other systems write.

Understood are JSON with ``places`` and ``products``, CSV with a header row, and JSON-LD with
``gs1:Place``, ``gs1:Organization`` and ``gs1:Product`` of GS1's Web Vocabulary. JSON and CSV have
the fields of `LocationDescription` and `ProductDescription` by their names.
"""

import csv
import difflib
import io
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

import attrs

from closient_export.epcis import IdentifierKind, VocabularyElement, parse_identifier
from closient_export.errors import MasterDataError, RequestError, shown
from closient_export.gs1 import CANONICAL_STEM
from closient_export.header_master_data import from_vocabulary
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.trace.wording import unit
from closient_export.wire import from_json

__all__ = ["read_master_data"]

Description = LocationDescription | ProductDescription

_LARGEST = 256 << 20
_CHUNK = 1 << 20
_MOST_PROBLEMS = 100

_SECTIONS: Mapping[str, type[Description]] = {
    "places": LocationDescription,
    "products": ProductDescription,
}
_FIELDS = {kind: tuple(field.name for field in attrs.fields(kind)) for kind in _SECTIONS.values()}
_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}
_YES_OR_NO_FIELDS = ("packaged", "on_food_traceability_list")


def read_master_data(
    stream: BinaryIO, name: str
) -> tuple[list[LocationDescription], list[ProductDescription]]:
    """The places and products that a file describes, in its order.

    Args:
        stream: Open for reading bytes; UTF-8, of 256 MB at most.
        name: What error messages call the file.

    Raises:
        MasterDataError: with every problem of the file, each with its line or path.
    """
    text = _text_of(stream, name)
    problems = _Problems(name)
    start = re.match(r"\s*(.?)", text)
    if start is None or not start[1]:
        raise MasterDataError(f"{name} is empty: expected JSON, JSON-LD or CSV")
    read = _from_json if start[1] in "{[" else _from_csv
    places: list[LocationDescription] = []
    products: list[ProductDescription] = []
    for found in read(text, problems):
        if isinstance(found, LocationDescription):
            places.append(found)
        else:
            products.append(found)
    problems.raise_any()
    return places, products


class _Problems:
    """What is wrong with a file, as far as a message has room for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: list[str] = []
        self._unsaid = 0

    def add(self, where: str, message: str) -> None:
        if len(self._lines) < _MOST_PROBLEMS:
            self._lines.append(f"{self.name}{where}: {message}")
        else:
            self._unsaid += 1

    def raise_any(self) -> None:
        if self._unsaid:
            self._lines.append(f"{self.name}: {self._unsaid:,} more problems")
        if self._lines:
            raise MasterDataError("\n".join(self._lines))


def _text_of(stream: BinaryIO, name: str) -> str:
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > _LARGEST:
            raise MasterDataError(f"{name}: expected {_LARGEST >> 20} MB at most, got more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise MasterDataError(
            f"{name}, line {line}: not UTF-8: byte 0x{byte:02x}; save it in UTF-8"
        ) from error


_GTIN, _GLN = re.compile("[0-9]{8}|[0-9]{12,14}"), re.compile("[0-9]{13}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S.*", re.DOTALL)
_OTHERS = {
    LocationDescription: (IdentifierKind.PRODUCT, IdentifierKind.LOT, IdentifierKind.SERIAL),
    ProductDescription: (IdentifierKind.PLACE, IdentifierKind.PARTY),
}
_WANTED = {
    LocationDescription: "a place or party",
    ProductDescription: "a product or lot",
}


def _id_problem(identifier: str, kind: type[Description]) -> str | None:
    if not _URI.fullmatch(identifier):
        meant = ""
        if kind is LocationDescription and _GLN.fullmatch(identifier):
            meant = f" (did you mean {CANONICAL_STEM}/414/{identifier}?)"
        elif kind is ProductDescription and _GTIN.fullmatch(identifier):
            meant = f" (did you mean {CANONICAL_STEM}/01/{identifier.zfill(14)}?)"
        return f"expected a Digital Link, a URN or another URI, got {shown(identifier)}{meant}"
    named = parse_identifier(identifier).kind
    if named in _OTHERS[kind]:
        return f"expected {_WANTED[kind]}, got a {named}: {shown(identifier)}"
    return None


def _described(
    members: Mapping[Any, Any], kind: type[Description], where: str, dot: str, problems: _Problems
) -> Iterator[Description]:
    """The description that members make, or their problems; null and blanks say nothing."""
    said = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in members.items()
        if value is not None
    }
    fault = _id_problem(said["id"], kind) if isinstance(said.get("id"), str) else None
    if fault:
        problems.add(f"{where}{dot}id", fault)
    try:
        description = from_json(said, kind)
    except RequestError as error:
        for problem in error.problems:
            problems.add(f"{where}{dot}{problem.path}", problem.message)
    else:
        if not fault:
            yield description


def _from_json(text: str, problems: _Problems) -> Iterator[Description]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MasterDataError(f"{problems.name}, {where}: not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise MasterDataError(f"{problems.name}: not JSON that can be read: {error}") from error
    if isinstance(document, dict) and not document.keys().isdisjoint(_SECTIONS):
        yield from _from_sections(document, problems)
    else:
        yield from _from_web_vocabulary(document, problems)


def _from_sections(document: Mapping[str, Any], problems: _Problems) -> Iterator[Description]:
    for name, value in document.items():
        if name not in _SECTIONS:
            problems.add(f": {_suggest(name, _SECTIONS)}", "unknown key, expected places, products")
        elif not isinstance(value, list):
            problems.add(f": {name}", f"expected a list, got {shown(value)}")
        else:
            for index, entry in enumerate(value):
                where = f": {name}[{index}]"
                if isinstance(entry, dict):
                    yield from _described(entry, _SECTIONS[name], where, ".", problems)
                else:
                    problems.add(where, f"expected an object, got {shown(entry)}")


def _suggest(name: str, known: Iterable[str]) -> str:
    """An unknown name, with the one that was perhaps meant."""
    plain = name.lower().replace(" ", "_").replace("-", "_")
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.8)
    return f"{shown(name)} (did you mean '{near[0]}'?)" if near else shown(name)


def _from_csv(text: str, problems: _Problems) -> Iterator[Description]:
    rows = _rows(text, problems.name)
    line, header = next(rows, (1, []))
    kind = _kind_of(header, f"{problems.name}, line {line}")
    for line, cells in rows:
        where = f", line {line}"
        if len(cells) != len(header):
            expected = f"expected {len(header)} cells as in the header, got {len(cells)}"
            problems.add(where, expected)
            continue
        members: dict[str, Any] = {
            field: cell for field, cell in zip(header, cells, strict=True) if cell
        }
        for field in _YES_OR_NO_FIELDS:
            if field in members:
                cell = members[field]
                members[field] = _YES_OR_NO.get(cell.lower())
                if members[field] is None:
                    problems.add(
                        f"{where}: {field}", f"expected true, false, yes or no, got {shown(cell)}"
                    )
        yield from _described(members, kind, where, ": ", problems)


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise MasterDataError(f"{name}, line {reader.line_num}: not CSV: {error}") from error
        if any(cells):
            yield reader.line_num, cells


def _kind_of(header: list[str], where: str) -> type[Description]:
    """What the rows under a header describe."""
    places, products = _FIELDS.values()
    known = dict.fromkeys((*places, *products))
    if unknown := [name for name in header if name not in known]:
        named = ", ".join(_suggest(name, known) for name in unknown)
        columns = "unknown column" if len(unknown) == 1 else "unknown columns"
        commas = any(";" in name or "\t" in name for name in unknown)
        hint = "; the columns are separated by commas" if commas else ""
        raise MasterDataError(
            f"{where}: {columns} {named}, expected some of {', '.join(places)} for places, "
            f"{', '.join(products)} for products{hint}"
        )
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise MasterDataError(f"{where}: column '{twice}' appears twice")
    if "id" not in header:
        got = ", ".join(header) or "nothing"
        raise MasterDataError(f"{where}: missing column 'id'; got {got}")
    of_places = [name for name in header if name not in products]
    of_products = [name for name in header if name not in places]
    if of_places and of_products:
        raise MasterDataError(
            f"{where}: expected columns of places or of products, got '{of_places[0]}' of places "
            f"and '{of_products[0]}' of products; give them in two files"
        )
    if not (of_places or of_products):
        raise MasterDataError(
            f"{where}: expected a column that only places have, such as 'business_name', or only "
            f"products, such as 'product_name'; got {', '.join(header)}"
        )
    return LocationDescription if of_places else ProductDescription


_PRODUCT_CLASSES = frozenset(
    ("Product", "FoodBeverageTobaccoProduct", "FruitsVegetables", "MeatPoultry", "Seafood")
)
_PLACE_CLASSES = frozenset(("Place", "Organization"))
_LANGUAGE = re.compile(r"(?!id$)[A-Za-z]{2,3}(-[A-Za-z0-9]+)*|@none")


def _from_web_vocabulary(document: Any, problems: _Problems) -> Iterator[Description]:
    """What nodes of GS1's Web Vocabulary say, and what the nodes within them say."""
    understood = False
    others: set[str] = set()
    for path, top in _top_nodes(document):
        where = f": {path}" if path else ""
        if not isinstance(top, dict):
            problems.add(where, f"expected an object, got {shown(top)}")
            understood = True
            continue
        others |= _types(top)
        for node in _objects_within(top):
            kind = _kind_of_node(node)
            if kind is None:
                continue
            understood = True
            identifier = _identifier_of(node, kind)
            fault = _id_problem(identifier, kind) if identifier else _UNNAMED[kind]
            if fault is None:
                yield _READERS[kind](node, identifier)
            elif node is top:  # what is within it may be named or not
                problems.add(where, fault)
    if not understood:
        got = ", ".join(map(shown, sorted(others))) or "neither"
        if others & _EPCIS_DOCUMENTS:
            got += ", whose master data are read together with its events"
        problems.add("", f"expected {_EXPECTED}; got {got}")


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
    if named is not IdentifierKind.OTHER and named not in _OTHERS[kind]:
        return own
    return (_gtin_of(node) if kind is ProductDescription else _gln_of(node)) or own


def _gtin_of(node: dict[str, Any]) -> str:
    gtin, lot = _text(_get(node, "gtin")), _text(_get(node, "hasBatchLotNumber"))
    if not _GTIN.fullmatch(gtin):
        return gtin
    link = f"{CANONICAL_STEM}/01/{gtin.zfill(14)}"
    return f"{link}/10/{quote(lot, safe='')}" if lot else link


def _gln_of(node: dict[str, Any]) -> str:
    usual = "414" if "Place" in _types(node) else "417"
    keys = {"locationGLN": "414", "gln": usual, "globalLocationNumber": usual, "partyGLN": "417"}
    for name, key in keys.items():
        if gln := _text(_get(node, name)):
            return f"{CANONICAL_STEM}/{key}/{gln}" if _GLN.fullmatch(gln) else gln
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
