"""What a label identifies: a product, a lot of it, or one serialised item."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from attrs import Attribute, field, frozen, validators

from closient_export.errors import shown
from closient_export.gs1 import ElementString, Gtin

__all__ = ["Lot", "Product", "Scope", "Serial", "Subject", "parse_time"]


class Scope(StrEnum):
    """Which kind of entity an export is about."""

    PRODUCTS = "products"
    LOTS = "lots"
    SERIALS = "serials"


def parse_time(text: str) -> datetime:
    """A time in ISO 8601 with its zone.

    Raises:
        ValueError: it is none, or its zone is not said.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.utcoffset() is None:
        message = f"expected a time with its zone as 2027-03-31T09:30:00+00:00, got {shown(text)}"
        raise ValueError(message)
    return time


def _text(instance: object, attribute: "Attribute[str]", value: object) -> None:
    del instance
    if not isinstance(value, str):
        message = f"{attribute.name}: expected text, got {shown(value)}"
        raise TypeError(message)
    if not value:
        message = f"{attribute.name}: expected text, got nothing"
        raise ValueError(message)


def _text_if_known(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if value is not None:
        _text(instance, attribute, value)


def _day(instance: object, attribute: "Attribute[date | None]", value: object) -> None:
    del instance
    if value is not None and not (isinstance(value, date) and 2000 <= value.year <= 2075):
        # GS1 dates have two digits for the year, and readers take it for one that lies at most 50
        # years ahead: 2099 would be read as 1999 (GenSpecs 7.12).
        message = f"{attribute.name}: expected a date from 2000 to 2075, got {value}"
        raise ValueError(message)


def _aware(
    instance: object, attribute: "Attribute[datetime | None]", value: datetime | None
) -> None:
    del instance
    if value is not None and value.utcoffset() is None:
        message = f"{attribute.name}: expected a time with its zone, got {value}"
        raise ValueError(message)


@frozen(kw_only=True)
class Subject:
    """What every label knows about the item it marks.

    Lots and serials hold what the host's catalogue holds; whether GS1 allows it in a symbol is
    decided by `element_string`, so that one bad lot does not keep the others from being read.
    """

    scope: ClassVar[Scope] = Scope.PRODUCTS

    gtin: Gtin = field(validator=validators.instance_of(Gtin))
    product_name: str | None = None
    brand: str | None = None
    product_id: str | None = None
    id: str | None = None
    """The host's short id of this entity."""

    def element_string(self) -> ElementString:
        """The application identifiers that mark it, those of predefined length first.

        Raises:
            Gs1Error: GS1's rules forbid the lot or the serial.
        """
        return ElementString([("01", self.gtin.value)])


@frozen(kw_only=True)
class Product(Subject):
    """A trade item: all items with one GTIN."""


@frozen(kw_only=True)
class _DatedSubject(Subject):
    lot_run_id: str | None = None
    """The short id of the production run."""
    expiry: date | None = field(default=None, validator=_day)
    """AI (17), the day after which it must not be used."""
    best_before: date | None = field(default=None, validator=_day)
    """AI (15)."""
    production_date: date | None = field(default=None, validator=_day)
    """AI (11)."""
    printed_at: datetime | None = field(default=None, validator=_aware)
    """When its label was first exported; ``None`` if never, or if the source does not tell."""

    def _elements(self, lot: str | None, serial: str | None) -> ElementString:
        expiry = None if self.expiry is None else f"{self.expiry:%y%m%d}"
        pairs = (("01", self.gtin.value), ("17", expiry), ("10", lot), ("21", serial))
        return ElementString([(ai, value) for ai, value in pairs if value is not None])


@frozen(kw_only=True)
class Lot(_DatedSubject):
    """A batch or lot of a product; with its GTIN, its traceability lot code."""

    scope: ClassVar[Scope] = Scope.LOTS

    lot: str = field(validator=_text)

    def element_string(self) -> ElementString:
        """AIs (01), (17) if it expires, and (10)."""
        return self._elements(self.lot, None)


@frozen(kw_only=True)
class Serial(_DatedSubject):
    """One item of a product, with the lot it belongs to if that is known."""

    scope: ClassVar[Scope] = Scope.SERIALS

    serial: str = field(validator=_text)
    lot: str | None = field(default=None, validator=_text_if_known)

    def element_string(self) -> ElementString:
        """AIs (01), (17) if it expires, (10) if the lot is known, and (21)."""
        return self._elements(self.lot, self.serial)
