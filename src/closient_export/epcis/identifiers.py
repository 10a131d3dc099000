"""GS1 identifiers of EPCIS in one canonical form, whatever form a partner wrote them in.

The canonical form is the GS1 Digital Link with the stem ``https://id.gs1.org`` (CBV 2.0, section 8):
it can be made from an EPC URN without any knowledge, while the way back needs the length of the
company prefix. What is no GS1 identifier is opaque: it is compared letter by letter.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote_from_bytes, unquote_to_bytes

from attrs import frozen

from closient_export.errors import Gs1Error, shown
from closient_export.gs1 import CANONICAL_STEM, parse_element_string
from closient_export.gs1.linters import check_digit

__all__ = [
    "Identifier",
    "IdentifierKind",
    "class_of",
    "document_number",
    "lot_code",
    "parse_identifier",
    "parse_lot",
    "unquoted",
]


class IdentifierKind(StrEnum):
    """What an identifier names."""

    LOT = "lot"
    SERIAL = "serial"
    PRODUCT = "product"
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
        "00": (re.compile(r"\d{18}"), IdentifierKind.CONTAINER),
        "01": (re.compile(r"\d{8}|\d{12,14}"), IdentifierKind.PRODUCT),
        "253": (re.compile(r"\d{13}.{0,17}"), IdentifierKind.DOCUMENT),
        "255": (re.compile(r"\d{13}.{0,12}"), IdentifierKind.OTHER),
        "401": (re.compile(r".{1,30}"), IdentifierKind.CONTAINER),
        "402": (re.compile(r"\d{17}"), IdentifierKind.CONTAINER),
        "414": (re.compile(r"\d{13}"), IdentifierKind.PLACE),
        "417": (re.compile(r"\d{13}"), IdentifierKind.PARTY),
        "8003": (re.compile(r"\d{14}.{0,16}"), IdentifierKind.CONTAINER),
        "8004": (re.compile(r".{1,30}"), IdentifierKind.CONTAINER),
        "8006": (re.compile(r"\d{18}"), IdentifierKind.PRODUCT),
        "8010": (re.compile(r".{1,30}"), IdentifierKind.PRODUCT),
        "8017": (re.compile(r"\d{18}"), IdentifierKind.OTHER),
        "8018": (re.compile(r"\d{18}"), IdentifierKind.OTHER),
    }
)
_LINK = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^/?#]+/([^?#]+)")
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.IGNORECASE)
_GDST_LOT = re.compile(r"urn:gdst:[^:]+:product:lot:class:(.+)", re.IGNORECASE)
_GDST_CLASS = re.compile(r"urn:gdst:[^:]+:product:class:", re.IGNORECASE)
_BUSINESS_TRANSACTION = re.compile(r"urn:epcglobal:cbv:bt:[^:]*:(.+)", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def parse_identifier(text: str) -> Identifier:
    """The identifier that `text` writes as an EPC URN, a Digital Link with any stem, or opaquely.

    Check digits are not judged: real data have wrong ones, and the identifier still says which
    thing is meant.

    >>> parse_identifier("https://example.com/de/gtin/9506000134352/lot/A%2FB?17=270331").uri
    'https://id.gs1.org/01/09506000134352/10/A%2FB'
    >>> parse_identifier("urn:epc:id:sgln:0614141.07346.0").uri
    'https://id.gs1.org/414/0614141073467'
    """
    if link := _LINK.match(text):
        return _from_link(link[1]) or _opaque(text)
    if urn := _URN.fullmatch(text):
        return _from_urn(urn[1].lower(), urn[2].lower(), urn[3]) or _opaque(text)
    return _opaque(text)


def _opaque(text: str) -> Identifier:
    if _GDST_LOT.fullmatch(text):
        return Identifier(text, IdentifierKind.LOT, text)
    if _GDST_CLASS.match(text) or text.lower().startswith("urn:epc:idpat:"):
        return Identifier(text, IdentifierKind.PRODUCT)
    return Identifier(text, IdentifierKind.OTHER)


def unquoted(text: str) -> str:
    """`text` with its percent-encoding decoded; bytes that are no UTF-8 become U+FFFD."""
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _normal(text: str) -> str:
    """One spelling for each percent-encoded text: only unreserved characters stand for themselves."""
    if text.isalnum() and text.isascii():
        return text
    return quote_from_bytes(unquote_to_bytes(text.encode("utf-8", "surrogatepass")), safe="")


def _from_link(path: str) -> Identifier | None:
    segments = path.removesuffix("/").split("/")
    for start in range(len(segments) - 2, -1, -2):
        name = segments[start]
        ai = _SHORT_NAMES.get(name, name)
        if ai in _KEYS:
            values = segments[start + 1 :: 2]
            names = (_SHORT_NAMES.get(each, each) for each in segments[start::2])
            return _identifier(dict(zip(names, map(_normal, values), strict=True)))
        if not (name.isdigit() or name in _SHORT_NAMES):
            return None
    return None


def _identifier(elements: Mapping[str, str]) -> Identifier | None:
    """The finest key that application identifiers, the primary key first, make together."""
    key, value = next(iter(elements.items()))
    pattern, kind = _KEYS[key]
    if not pattern.fullmatch(unquoted(value)):
        return None
    if key == "01":
        return _trade_item(f"{_STEM}01/{value.zfill(14)}", elements)
    uri = f"{_STEM}{key}/{value}"
    if key == "414" and elements.get("254", "0") != "0":
        uri += f"/254/{elements['254']}"
    elif key == "8010" and "8011" in elements:
        return Identifier(f"{uri}/8011/{elements['8011']}", IdentifierKind.SERIAL)
    elif key == "8006" and "21" in elements:
        return Identifier(f"{uri}/21/{elements['21']}", IdentifierKind.SERIAL)
    elif key == "8006" and "10" in elements:
        uri += f"/10/{elements['10']}"
        return Identifier(uri, IdentifierKind.LOT, uri)
    return Identifier(uri, kind)


def _trade_item(product: str, elements: Mapping[str, str]) -> Identifier:
    lot = f"{product}/10/{elements['10']}" if "10" in elements else None
    for ai in ("21", "235"):
        if ai in elements:
            return Identifier(f"{product}/{ai}/{elements[ai]}", IdentifierKind.SERIAL, lot)
    if lot is not None:
        return Identifier(lot, IdentifierKind.LOT, lot)
    return Identifier(product, IdentifierKind.PRODUCT)


def _digits(text: str, length: int) -> str | None:
    """`text` with its check digit, if it has `length` digits with it."""
    if len(text) == length - 1 and text.isascii() and text.isdigit():
        return text + check_digit(text)
    return None


def _moved(prefix: str, reference: str, length: int) -> str | None:
    """Company prefix and reference whose first digit (indicator, extension) stands in front."""
    return _digits(reference[:1] + prefix + reference[1:], length)


def _joined(prefix: str, reference: str, length: int) -> str | None:
    return _digits(prefix + reference, length)


def _sgln(prefix: str, location: str, extension: str) -> dict[str, str | None]:
    return {"414": _joined(prefix, location, 13), "254": extension}


def _grai(prefix: str, kind: str, serial: str) -> dict[str, str | None]:
    number = _joined(prefix, kind, 13)
    return {"8003": number and f"0{number}{serial}"}


def _with_serial(ai: str) -> Callable[[str, str, str], dict[str, str | None]]:
    def read(prefix: str, kind: str, serial: str) -> dict[str, str | None]:
        number = _joined(prefix, kind, 13)
        return {ai: number and f"{number}{serial}"}

    return read


def _itip(prefix: str, item: str, piece: str, total: str, serial: str) -> dict[str, str | None]:
    gtin = _moved(prefix, item, 14)
    return {"8006": gtin and f"{gtin}{piece}{total}", "21": serial}


_URNS: Mapping[tuple[str, str], Callable[..., dict[str, str | None]]] = MappingProxyType(
    {
        ("id", "sgtin"): lambda p, i, s: {"01": _moved(p, i, 14), "21": s},
        ("idpat", "sgtin"): lambda p, i, _s: {"01": _moved(p, i, 14)},
        ("class", "lgtin"): lambda p, i, lot: {"01": _moved(p, i, 14), "10": lot},
        ("id", "upui"): lambda p, i, t: {"01": _moved(p, i, 14), "235": t},
        ("id", "sscc"): lambda p, s: {"00": _moved(p, s, 18)},
        ("id", "sgln"): _sgln,
        ("id", "pgln"): lambda p, party: {"417": _joined(p, party, 13)},
        ("id", "grai"): _grai,
        ("idpat", "grai"): lambda p, k, _s: _grai(p, k, ""),
        ("id", "giai"): lambda p, asset: {"8004": p + asset},
        ("id", "gsrn"): lambda p, s: {"8018": _joined(p, s, 18)},
        ("id", "gsrnp"): lambda p, s: {"8017": _joined(p, s, 18)},
        ("id", "gdti"): _with_serial("253"),
        ("idpat", "gdti"): lambda p, k, _s: _with_serial("253")(p, k, ""),
        ("id", "sgcn"): _with_serial("255"),
        ("idpat", "sgcn"): lambda p, k, _s: _with_serial("255")(p, k, ""),
        ("id", "cpi"): lambda p, k, s: {"8010": p + k, "8011": s},
        ("idpat", "cpi"): lambda p, k, _s: {"8010": p + k},
        ("id", "ginc"): lambda p, c: {"401": p + c},
        ("id", "gsin"): lambda p, s: {"402": _joined(p, s, 17)},
        ("id", "itip"): _itip,
        ("idpat", "itip"): lambda p, i, piece, total, _s: {
            key: value for key, value in _itip(p, i, piece, total, "").items() if key != "21"
        },
    }
)
"""How the parts of an EPC URN (EPC Tag Data Standard, section 6) make application identifiers."""


def _from_urn(kind: str, scheme: str, body: str) -> Identifier | None:
    read = _URNS.get((kind, scheme))
    if read is None:
        return None
    wanted = {
        "itip": 5,
        "sscc": 2,
        "pgln": 2,
        "giai": 2,
        "gsrn": 2,
        "gsrnp": 2,
        "ginc": 2,
        "gsin": 2,
    }
    parts = body.split(".", wanted.get(scheme, 3) - 1)
    fixed = parts[:-1] if kind == "idpat" else parts
    if len(parts) != wanted.get(scheme, 3) or "*" in "".join(fixed):
        return None
    elements = read(*parts)
    if not all(elements.values()):
        return None
    return _identifier({ai: _normal(value) for ai, value in elements.items() if value})


def class_of(uri: str) -> str | None:
    """The product that a canonical lot or serial is of, or ``None`` where that is not known.

    >>> class_of("https://id.gs1.org/01/09506000134352/10/A1")
    'https://id.gs1.org/01/09506000134352'
    """
    if uri.startswith(_STEM):
        key, value, *_ = uri[len(_STEM) :].split("/")
        return f"{_STEM}{key}/{value}" if key in ("01", "8006") else None
    if lot := _GDST_LOT.fullmatch(uri):
        return uri.replace(":product:lot:class:", ":product:class:").removesuffix(
            "." + lot[1].rpartition(".")[2]
        )
    return None


def lot_code(uri: str) -> str:
    """The traceability lot code of a canonical lot as text: an element string, or the URI.

    >>> lot_code("https://id.gs1.org/01/09506000134352/10/A%2F1")
    '(01)09506000134352(10)A/1'
    """
    if not uri.startswith(_STEM):
        return uri
    parts = uri[len(_STEM) :].split("/")
    return "".join(
        f"({ai}){unquoted(value)}" for ai, value in zip(parts[::2], parts[1::2], strict=True)
    )


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
    if text.startswith("("):
        try:
            elements = {ai: _normal_value(value) for ai, value in parse_element_string(text)}
        except Gs1Error as error:
            message = f"{expected}: {error}"
            raise ValueError(message) from error
        elements = {ai: elements[ai] for ai in ("01", "10", "21") if ai in elements}
        found = _identifier(elements) if "01" in elements else None
    else:
        found = parse_identifier(text) if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:.", text) else None
    if found is None or found.kind in _NO_LOTS:
        raise ValueError(expected)
    return found.lot or found.uri


_NO_LOTS = (IdentifierKind.PRODUCT, IdentifierKind.PLACE, IdentifierKind.PARTY)


def _normal_value(value: str) -> str:
    return quote_from_bytes(value.encode(), safe="")


def document_number(uri: str) -> str:
    """The number of a business document as people know it, without what only makes it unique.

    >>> document_number("urn:epcglobal:cbv:bt:0614141073467:BOL%23%20385")
    'BOL# 385'
    """
    if known := _BUSINESS_TRANSACTION.fullmatch(uri):
        return unquoted(known[1])
    if uri.startswith(f"{_STEM}253/"):
        return unquoted(uri[len(_STEM) + 4 :])
    return uri
