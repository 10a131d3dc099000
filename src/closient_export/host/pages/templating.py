"""The templates of the pages: everything that they show is escaped, unless it is markup of ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from closient_export.host.keys import Permission

__all__ = ["rendered"]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("closient_export.host.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": moment, "size": size, "counted": counted}
    environment.globals["Permission"] = Permission
    return environment


def rendered(template: str, context: Mapping[str, Any]) -> bytes:
    """A page in UTF-8; what is no text in what it quotes is replaced."""
    return _environment().get_template(template).render(context).encode("utf-8", "replace")


def moment(time: datetime) -> str:
    """A time in UTC.

    >>> moment(datetime(2027, 3, 31, 9, 30, tzinfo=UTC))
    '2027-03-31 09:30 UTC'
    """
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def size(count: int) -> str:
    """How large a file is.

    >>> size(999), size(12_345), size(2_500_000)
    ('999 bytes', '12.3 kB', '2.5 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    unit, divisor = ("kB", 1000) if count < 10**6 else ("MB", 10**6)
    return f"{Decimal(count) / divisor:.1f} {unit}"


def counted(count: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "lot"), counted(1200, "lot")
    ('1 lot', '1,200 lots')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"
