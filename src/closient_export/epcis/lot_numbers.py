"""Lots that only the master data of newly made objects name (CBV 2.0, 9.4)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from attrs import evolve

from closient_export.epcis.events import Item
from closient_export.epcis.identifiers import IdentifierKind, class_of, parse_identifier

__all__ = ["with_lot_number"]

_NAMES = ("lotnumber", "hasbatchlotnumber")


def with_lot_number(items: tuple[Item, ...], ilmd: Mapping[str, Any]) -> tuple[Item, ...]:
    """Serials with the lot that ``ilmd`` says they are of; so a product, if it stands alone."""
    number = _lot_number(ilmd)
    if not number:
        return items
    return tuple(_of_lot(item, number, alone=len(items) == 1) for item in items)


def _of_lot(item: Item, number: str, *, alone: bool) -> Item:
    if item.lot is not None:
        return item
    kind = parse_identifier(item.id).kind
    if kind is IdentifierKind.PRODUCT and alone:
        product: str | None = item.id
    else:
        product = class_of(item.id) if kind is IdentifierKind.SERIAL else None
    quoted = quote(number, safe="", errors="surrogatepass")  # as identifiers of lots have them
    lot = parse_identifier(f"{product}/10/{quoted}").lot if product else None
    if lot is None:
        return item
    return evolve(item, id=lot if kind is IdentifierKind.PRODUCT else item.id, lot=lot)


def _lot_number(ilmd: Mapping[str, Any]) -> str:
    for name, value in ilmd.items():
        if re.split("[:#/]", name)[-1].lower() in _NAMES and (text := _text(value)):
            return text
    return ""


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    if isinstance(value, Mapping):
        return _text(value.get("@value"))
    return str(value).strip() if isinstance(value, str | int) and value is not True else ""
