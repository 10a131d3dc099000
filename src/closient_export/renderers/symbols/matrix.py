"""What all matrix symbols have in common."""

from attrs import frozen

__all__ = ["MatrixSymbol"]


@frozen
class MatrixSymbol:
    """The modules of a symbol, without its quiet zone, and what they say."""

    rows: tuple[bytes, ...]
    """Top to bottom, one byte for each module from left to right, 1 for dark."""
    quiet_zone: int
    """Light modules that it needs on all four sides."""
    name: str
    """Its kind and size, such as ``QR 3-M 29x29``."""
    payload: str = ""
    """What a reader returns."""

    @property
    def width(self) -> int:
        """Modules from left to right, quiet zones included."""
        return len(self.rows[0]) + 2 * self.quiet_zone

    @property
    def height(self) -> int:
        """Modules from top to bottom, quiet zones included."""
        return len(self.rows) + 2 * self.quiet_zone
