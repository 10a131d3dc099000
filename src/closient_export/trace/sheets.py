"""What a sheet of a workbook is: columns, and rows of cells.

`closient_export.trace.workbook.sheets_of` makes the sheets of a report, for a writer of any format.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen, validators

__all__ = ["Cell", "Column", "ColumnStyle", "Link", "Mark", "Marked", "Sheet"]


class ColumnStyle(StrEnum):
    """How a column's heading looks."""

    OFFICIAL = "official"
    """A column that an authority's form has."""
    EXTENSION = "extension"
    """A column added to such a form."""
    PLAIN = "plain"
    """A column of a sheet of our own."""


class Mark(StrEnum):
    """What stands out about a cell."""

    MISSING = "missing"
    """It should have a value and has none, or not a good one: light red."""
    DERIVED = "derived"
    """Its value was worked out from others: light blue, italic."""


@frozen(kw_only=True)
class Column:
    """A column of a sheet."""

    heading: str
    width: float = field(validator=[validators.gt(0), validators.le(255)])
    """In characters."""
    style: ColumnStyle
    wrap: bool = False
    """Whether long texts go on in further lines of their cell."""


@frozen(kw_only=True)
class Link:
    """A text that links to a row of a sheet."""

    text: str
    sheet: str
    row: int = field(validator=validators.ge(1))
    """Counted from 1, the heading, and on through the sheets that the rows continue on."""


@frozen
class Marked:
    """A value that stands out."""

    value: str | int | Decimal | date | None
    mark: Mark


Cell = str | int | Decimal | date | Link | Marked | None
"""What may be in a row: a value, nothing, a value that stands out, or a link."""


@frozen(kw_only=True)
class Sheet:
    """A worksheet: its rows are read once, when they are written."""

    name: str
    columns: tuple[Column, ...] = field(validator=validators.min_len(1))
    rows: Iterable[Sequence[Cell]]
    tab_colour: str = field(default="", validator=validators.matches_re("([0-9A-F]{6})?"))
    """In hexadecimal digits, red, green and blue."""

    @property
    def official(self) -> bool:
        """Whether it is one of FDA's, with FDA's columns first, and not one of our own."""
        return any(column.style is ColumnStyle.OFFICIAL for column in self.columns)
