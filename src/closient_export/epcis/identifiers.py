"""GS1 identifiers of EPCIS in one canonical form, whatever form a partner wrote them in.

The canonical form is the GS1 Digital Link with the stem ``https://id.gs1.org`` (CBV 2.0, section 8):
it can be made from an EPC URN without any knowledge, while the way back needs the length of the
company prefix. What is no GS1 identifier is opaque: it is compared letter by letter.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from attrs import frozen

from closient_export.epcis.urns import elements_of_urn, scheme_of_urn
from closient_export.errors import Gs1Error, shown
from closient_export.gs1 import CANONICAL_STEM, application_identifiers, parse_element_string

__all__ = [
    "Identifier",
    "IdentifierKind",
    "class_of",
    "document_number",
    "is_uri",
    "lot_code",
    "lot_number",
    "parse_identifier",
    "parse_lot",
    "unquoted",
]


class IdentifierKind(StrEnum):
    """What an identifier names."""

    LOT = "lot"
    SERIAL = "serial"
    PRODUCT = "product"
    """A class of things: of trade items, components or assets."""
    CONTAINER = "container"
    PLACE = "place"
    PARTY = "party"
    DOCUMENT = "document"
    OTHER = "other"


@frozen
class Identifier:
    """An identifier in its canonical form.

    >>> parse_identifier("urn:epc:class:lgtin:4023333.002000.2019-10-07").uri
    'https://id.gs1.org/01/04023333020008/10/2019-10-07'
    """

    uri: str
    """The canonical Digital Link, or the text itself where it is opaque."""
    kind: IdentifierKind
    lot: str | None = None
    """The canonical URI of the lot that it is, or that it says it belongs to."""


_STEM = f"{CANONICAL_STEM}/"
_SHORT_NAMES = {
    "gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "tpx": "235", "sscc": "00", "gln": "414",
    "glnx": "254", "party": "417", "grai": "8003", "giai": "8004", "itip": "8006", "cpid": "8010",
    "cpsn": "8011", "gsrnp": "8017", "gsrn": "8018", "gdti": "253", "gcn": "255", "ginc": "401",
    "gsin": "402",
}  # fmt: skip
"""The names that early versions of Digital Link allowed instead of numbers."""
_KEYS: Mapping[str, tuple[re.Pattern[str], IdentifierKind]] = MappingProxyType(
    {
        "00": (re.compile(r"[0-9]{18}"), IdentifierKind.CONTAINER),
        "01": (re.compile(r"[0-9]{8}|[0-9]{12,14}"), IdentifierKind.PRODUCT),
        "253": (re.compile(r"[0-9]{13}.{0,17}"), IdentifierKind.DOCUMENT),
        "255": (re.compile(r"[0-9]{13}.{0,12}"), IdentifierKind.OTHER),
        "401": (re.compile(r"[0-9]{4}.{0,26}"), IdentifierKind.CONTAINER),
        "402": (re.compile(r"[0-9]{17}"), IdentifierKind.CONTAINER),
        "414": (re.compile(r"[0-9]{13}"), IdentifierKind.PLACE),
        "417": (re.compile(r"[0-9]{13}"), IdentifierKind.PARTY),
        "8003": (re.compile(r"[0-9]{14}.{0,16}"), IdentifierKind.CONTAINER),
        "8004": (re.compile(r"[0-9]{4}.{0,26}"), IdentifierKind.CONTAINER),
        "8006": (re.compile(r"[0-9]{18}"), IdentifierKind.PRODUCT),
        "8010": (re.compile(r"[0-9]{4}.{0,26}"), IdentifierKind.PRODUCT),
        "8017": (re.compile(r"[0-9]{18}"), IdentifierKind.OTHER),
        "8018": (re.compile(r"[0-9]{18}"), IdentifierKind.OTHER),
    }
)
"""The primary keys with what their data look like: no text that means another thing is taken."""
_SERIALS = {"01": ("21", "235"), "8006": ("21",), "8010": ("8011",)}
"""The qualifiers that make one thing of a class."""
_WITH_LOTS = ("01", "8006")
_KINDS_OF_SCHEMES: Mapping[str, IdentifierKind] = MappingProxyType(
    {
        "idpat": IdentifierKind.PRODUCT,
        "lgtin": IdentifierKind.LOT,
        "sgtin": IdentifierKind.SERIAL,
        "sscc": IdentifierKind.CONTAINER,
        "grai": IdentifierKind.CONTAINER,
        "giai": IdentifierKind.CONTAINER,
        "sgln": IdentifierKind.PLACE,
        "pgln": IdentifierKind.PARTY,
        "gdti": IdentifierKind.DOCUMENT,
    }
)
_GDST = re.compile(r"urn:gdst:[^:]+:(product:lot:class|product:class|location:loc|party):.+")
_KINDS_OF_GDST: Mapping[str, IdentifierKind] = MappingProxyType(
    {
        "product:lot:class": IdentifierKind.LOT,
        "product:class": IdentifierKind.PRODUCT,
        "location:loc": IdentifierKind.PLACE,
        "party": IdentifierKind.PARTY,
    }
)
_GDST_LOT = re.compile(r"(urn:gdst:[^:]+:product:)lot:(class:.+)\.[^.]+")
_LINK = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^/?#]+/([^?#]+)")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S")
_BUSINESS_TRANSACTION = re.compile(r"urn:epcglobal:cbv:bt:[^:]*:(.+)", re.IGNORECASE)
_LONGEST_REMEMBERED = 500


def is_uri(text: str) -> bool:
    """Whether `text` starts as URIs do."""
    return _URI.match(text) is not None


def parse_identifier(text: str) -> Identifier:
    """The identifier that `text` writes as an EPC URN, a Digital Link with any stem, or opaquely.

    Check digits are not judged: real data have wrong ones, and the identifier still says which
    thing is meant.

    >>> parse_identifier("https://example.com/de/gtin/9506000134352/lot/A%2FB?17=270331").uri
    'https://id.gs1.org/01/09506000134352/10/A%2FB'
    >>> parse_identifier("urn:epc:id:sgln:0614141.07346.0").uri
    'https://id.gs1.org/414/0614141073467'
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _parse(text)


def _parse(text: str) -> Identifier:
    if link := _LINK.match(text):
        return _from_link(link[1]) or Identifier(text, IdentifierKind.OTHER)
    if elements := elements_of_urn(text):
        (key, data), *qualifiers = elements.items()
        return _identifier(key, data, dict(qualifiers)) or _opaque(text)
    return _opaque(text)


_remembered = lru_cache(maxsize=1 << 14)(_parse)


def _opaque(text: str) -> Identifier:
    kind = _KINDS_OF_SCHEMES.get(scheme_of_urn(text) or "", IdentifierKind.OTHER)
    if found := _GDST.fullmatch(text):
        kind = _KINDS_OF_GDST[found[1]]
    return Identifier(text, kind, text if kind is IdentifierKind.LOT else None)


def unquoted(text: str) -> str:
    """`text` without percent-encoding; bytes that are no UTF-8 become U+FFFD."""
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _normal(text: str) -> str:
    """One spelling for each percent-encoded text: only unreserved characters stand for themselves."""
    if (text.isalnum() and text.isascii()) or _PLAIN.fullmatch(text):
        return text
    return quote_from_bytes(unquote_to_bytes(text.encode("utf-8", "surrogatepass")), safe="")


def _from_link(path: str) -> Identifier | None:
    segments = path.removesuffix("/").split("/")
    for start in range(len(segments) - 2, -1, -2):
        ai = _SHORT_NAMES.get(segments[start], segments[start])
        if ai in _KEYS:
            qualifiers = {
                _SHORT_NAMES.get(each, each): value
                for each, value in zip(
                    segments[start + 2 :: 2], segments[start + 3 :: 2], strict=True
                )
            }
            if len(segments) != start + 2 + 2 * len(qualifiers):
                return None  # one of them has two values
            if not _are_application_identifiers(ai, qualifiers):
                return None
            return _identifier(ai, segments[start + 1], qualifiers)
        if not (ai.isascii() and ai.isdigit()):
            return None
    return None


def _are_application_identifiers(key: str, following: Mapping[str, str]) -> bool:
    """Whether this can be what follows a key, rather than a lot whose slashes are not encoded.

    Of the lot 2026/03/15 only 2026 would be left, as of 2026/03/16. Attributes do not belong into
    the path, but it is clear what is meant by them.
    """
    if "22" in following and next(iter(following)) != "22":
        return False
    qualifiers = set(chain.from_iterable(application_identifiers()[key].link_qualifiers or ()))
    return all(ai in qualifiers or _is_element(ai, value) for ai, value in following.items())


def _is_element(ai: str, value: str) -> bool:
    try:
        application_identifiers()[ai].check(unquoted(value))
    except (KeyError, Gs1Error):
        return False
    return True


def _identifier(key: str, data: str, qualifiers: Mapping[str, str]) -> Identifier | None:
    """The finest key that a primary key with its data and qualifiers makes."""
    pattern, kind = _KEYS[key]
    value = _normal(data)
    if not pattern.fullmatch(unquoted(value) if "%" in value else value):
        return None
    if "" in qualifiers.values():
        return None
    uri = f"{_STEM}{key}/{value.zfill(14) if key == '01' else value}"
    lot = None
    if "10" in qualifiers and key in _WITH_LOTS:
        lot = f"{uri}/10/{_normal(qualifiers['10'])}"
    for ai in _SERIALS.get(key, ()):
        if ai in qualifiers:
            serial = f"{uri}/{ai}/{_normal(qualifiers[ai])}"
            return Identifier(serial, IdentifierKind.SERIAL, lot)
    if lot is not None:
        return Identifier(lot, IdentifierKind.LOT, lot)
    if key == "414" and (extension := _normal(qualifiers.get("254", "0"))) != "0":
        uri += f"/254/{extension}"
    elif key == "8003" and len(value) == len("01234567890128"):
        kind = IdentifierKind.PRODUCT
    return Identifier(uri, kind)


def _elements(uri: str) -> list[tuple[str, str]]:
    """Application identifiers and their data in a canonical Digital Link; none if it is opaque."""
    parts = uri.removeprefix(_STEM).split("/")
    if not uri.startswith(_STEM) or parts[0] not in _KEYS or len(parts) % 2:
        return []
    return list(zip(parts[::2], map(unquoted, parts[1::2]), strict=True))


def class_of(uri: str) -> str | None:
    """The product that a canonical lot or serial is of, or ``None`` where that is not known.

    >>> class_of("https://id.gs1.org/01/09506000134352/10/A1")
    'https://id.gs1.org/01/09506000134352'
    """
    if gdst := _GDST_LOT.fullmatch(uri):
        return gdst[1] + gdst[2]
    elements = _elements(uri)
    if not elements or elements[0][0] not in _SERIALS:
        return None
    return "/".join(uri.split("/", 5)[:5])


def lot_code(uri: str) -> str:
    """The traceability lot code of a canonical lot as labels write it: an element string, or the URI.

    >>> lot_code("https://id.gs1.org/01/09506000134352/10/A%2F1")
    '(01)09506000134352(10)A/1'
    """
    return "".join(f"({ai}){value}" for ai, value in _elements(uri)) or uri


def lot_number(uri: str) -> str:
    """What tells a canonical lot from others of its product; an opaque lot tells of no product.

    >>> lot_number("https://id.gs1.org/01/09506000134352/10/A%2F1")
    'A%2F1'
    """
    return uri.partition("/10/")[2] or uri


def parse_lot(text: str) -> str:
    """The canonical URI of the lot that a person names.

    Args:
        text: A Digital Link, an LGTIN URN, ``(01)…(10)…``, a serial of a known lot, or any URI.

    Raises:
        ValueError: it is none of these, or names a product without a lot.

    >>> parse_lot("(01)09506000134352(10)A1")
    'https://id.gs1.org/01/09506000134352/10/A1'
    """
    expected = f"expected a lot as a Digital Link, an LGTIN URN or (01)…(10)…, got {shown(text)}"
    text = text.strip()
    found = None
    if text.startswith("("):
        try:
            given = dict(parse_element_string(text))
        except Gs1Error as error:
            message = f"{expected}: {error}"
            raise ValueError(message) from error
        qualifiers: dict[str, str] = {
            ai: quote(given[ai], safe="") for ai in ("10", "21") if ai in given
        }
        found = _identifier("01", given["01"], qualifiers) if "01" in given else None
    elif is_uri(text):
        found = parse_identifier(text)
    if found is None or found.kind in _NO_LOTS:
        raise ValueError(expected)
    return found.lot or found.uri


_NO_LOTS = (
    IdentifierKind.PRODUCT,
    IdentifierKind.PLACE,
    IdentifierKind.PARTY,
    IdentifierKind.DOCUMENT,
)


def document_number(uri: str) -> str:
    """The number of a business document as people know it, without what only makes it unique.

    >>> document_number("urn:epcglobal:cbv:bt:0614141073467:BOL%23%20385")
    'BOL# 385'
    """
    if known := _BUSINESS_TRANSACTION.fullmatch(uri):
        return unquoted(known[1])
    elements = _elements(uri)
    return elements[0][1] if elements and elements[0][0] == "253" else uri
