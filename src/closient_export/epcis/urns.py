"""EPC URNs as application identifiers (EPC Tag Data Standard, section 6)."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from attrs import frozen

from closient_export.gs1.linters import check_digit

__all__ = ["elements_of_urn", "scheme_of_urn"]

_COMPANY_PREFIX = re.compile(r"[0-9]{4,12}")


def _moved(prefix: str, reference: str, length: int) -> str:
    """Company prefix and reference whose first digit (indicator, extension) stands in front."""
    return _joined(reference[:1] + prefix, reference[1:], length)


def _joined(prefix: str, reference: str, length: int) -> str:
    """Both with their check digit, or nothing if that makes no number of `length` digits."""
    digits = prefix + reference
    if len(digits) == length - 1 and digits.isascii() and digits.isdigit():
        return digits + check_digit(digits)
    return ""


def _sgtin(prefix: str, item: str, serial: str) -> dict[str, str]:
    return {"01": _moved(prefix, item, 14), "21": serial}


def _lgtin(prefix: str, item: str, lot: str) -> dict[str, str]:
    return {"01": _moved(prefix, item, 14), "10": lot}


def _upui(prefix: str, item: str, serial: str) -> dict[str, str]:
    return {"01": _moved(prefix, item, 14), "235": serial}


def _sscc(prefix: str, reference: str) -> dict[str, str]:
    return {"00": _moved(prefix, reference, 18)}


def _sgln(prefix: str, location: str, extension: str) -> dict[str, str]:
    return {"414": _joined(prefix, location, 13), "254": extension}


def _numbered(ai: str, length: int) -> Callable[[str, str], dict[str, str]]:
    return lambda prefix, reference: {ai: _joined(prefix, reference, length)}


def _lettered(ai: str) -> Callable[[str, str], dict[str, str]]:
    return lambda prefix, reference: {ai: prefix + reference}


def _serialised(ai: str, start: str = "") -> Callable[[str, str, str], dict[str, str]]:
    def read(prefix: str, kind: str, serial: str) -> dict[str, str]:
        number = _joined(prefix, kind, 13)
        return {ai: number and start + number + serial}

    return read


def _cpi(prefix: str, part: str, serial: str) -> dict[str, str]:
    return {"8010": part and prefix + part, "8011": serial}


def _itip(prefix: str, item: str, piece: str, total: str, serial: str) -> dict[str, str]:
    gtin = _moved(prefix, item, 14)
    return {"8006": gtin and gtin + piece + total, "21": serial}


@frozen
class _Scheme:
    read: Callable[..., dict[str, str]]
    parts: int
    """How many parts with dots between them; the last may have dots itself."""
    needs_last: bool = True
    """Whether the last part must say something; company prefixes of full length leave no digit."""


_SCHEMES: Mapping[str, _Scheme] = MappingProxyType(
    {
        "sgtin": _Scheme(_sgtin, 3),
        "lgtin": _Scheme(_lgtin, 3),
        "upui": _Scheme(_upui, 3),
        "sscc": _Scheme(_sscc, 2),
        "sgln": _Scheme(_sgln, 3),
        "pgln": _Scheme(_numbered("417", 13), 2, needs_last=False),
        "grai": _Scheme(_serialised("8003", start="0"), 3),
        "giai": _Scheme(_lettered("8004"), 2),
        "gsrn": _Scheme(_numbered("8018", 18), 2),
        "gsrnp": _Scheme(_numbered("8017", 18), 2),
        "gdti": _Scheme(_serialised("253"), 3),
        "sgcn": _Scheme(_serialised("255"), 3),
        "cpi": _Scheme(_cpi, 3),
        "ginc": _Scheme(_lettered("401"), 2),
        "gsin": _Scheme(_numbered("402", 17), 2),
        "itip": _Scheme(_itip, 5),
    }
)
_OF_CLASSES = ("sgtin", "grai", "gdti", "sgcn", "cpi", "itip")
"""Those whose pattern ``….*`` means the class of all their serials."""


def _split(text: str) -> tuple[str, str, str] | None:
    """What an EPC URN is (``id``, ``class`` or ``idpat``), its scheme, and the rest."""
    urn, _, rest = text.partition(":")
    if urn != "urn" and urn.lower() != "urn":
        return None
    parts = rest.split(":", 3)
    if len(parts) < 4 or parts[0].lower() != "epc":
        return None
    return parts[1].lower(), parts[2].lower(), parts[3]


def scheme_of_urn(text: str) -> str | None:
    """What a text that starts as an EPC URN calls its kind, such as ``sgtin`` or ``idpat``.

    >>> scheme_of_urn("urn:epc:id:sgln:0614141.07346.0")
    'sgln'
    """
    found = _split(text)
    if found is None:
        return None
    kind, scheme, _ = found
    return kind if kind == "idpat" else scheme


def elements_of_urn(text: str) -> dict[str, str] | None:
    """Application identifiers with the data of an EPC URN; ``None`` if it is none, or malformed.

    The primary key comes first. Values are percent-encoded as they came.

    >>> elements_of_urn("urn:epc:class:lgtin:4023333.002000.2019-10-07")
    {'01': '04023333020008', '10': '2019-10-07'}
    """
    found = _split(text)
    if found is None:
        return None
    kind, name, body = found
    scheme = _SCHEMES.get(name)
    if (
        scheme is None
        or kind not in ("id", "idpat", "class")
        or (kind == "class") != (name == "lgtin")
    ):
        return None
    parts = body.split(".", scheme.parts - 1)
    if len(parts) != scheme.parts or not _COMPANY_PREFIX.fullmatch(parts[0]):
        return None
    if kind == "idpat":
        if parts.pop() != "*" or name not in _OF_CLASSES:
            return None
        return {ai: value for ai, value in scheme.read(*parts, "").items() if value} or None
    if scheme.needs_last and not parts[-1]:
        return None
    elements = scheme.read(*parts)
    return None if "" in elements.values() else elements
