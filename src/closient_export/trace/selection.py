"""What a walk is asked for: which lots it begins with, and how far it may go."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from attrs import Attribute, field, frozen

from closient_export.epcis import parse_identifier

__all__ = ["Limits", "Selection"]


def _canonical(values: Collection[str]) -> tuple[str, ...]:
    return tuple(parse_identifier(value).uri for value in values)


@frozen(kw_only=True)
class Selection:
    """Which lots a trace begins with.

    FDA asks for foods and date ranges, or for traceability lot codes (21 CFR 1.1455(c)(3)).
    """

    lots: tuple[str, ...] = field(default=(), converter=_canonical)
    """Their URIs, in canonical form; a serial stands for its lot, where that is known."""
    products: tuple[str, ...] = field(default=(), converter=_canonical)
    """Those of products; with the dates, every lot of them to which something happened
    then, if only to the container that it was in."""
    since: date | None = None
    until: date | None = None
    closed_for: timedelta = timedelta(days=90)
    """How long a lot may be in containers without being named: lots of the products are looked
    for so long before and after the dates."""

    @property
    def by_events(self) -> bool:
        """Whether the lots must be looked up; with no lots and products, all there are."""
        return not self.lots or bool(self.products)

    def includes(self, day: date) -> bool:
        """Whether a day is one of those that are asked for."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


def _limit(_instance: object, attribute: "Attribute[Any]", value: Any) -> None:
    if value is not None and value < 0:
        message = f"{attribute.name}: expected a number from 0 on or none, got {value}"
        raise ValueError(message)


@frozen(kw_only=True)
class Limits:
    """How far a walk may go; ``None`` does not limit."""

    hops: int | None = field(default=None, validator=_limit)
    """Transformations from an asked lot."""
    lots: int | None = field(default=250_000, validator=_limit)
    """In each direction."""
    events: int | None = field(default=5_000_000, validator=_limit)
    """Fetched, not only reached."""
    truncate: bool = False
    """Whether the walk ends at a limit with what it has, instead of raising."""
    container_reuse: timedelta = timedelta(days=21)
    """A container packed again so long after it was last moved holds a new load; moved again, it may."""
