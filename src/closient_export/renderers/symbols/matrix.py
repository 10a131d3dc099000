"""What all matrix symbols have in common."""

from typing import TYPE_CHECKING

from attrs import field, frozen

from closient_export.errors import RenderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EncodedPayloads", "MatrixSymbols"]


@frozen(eq=False)
class MatrixSymbols:
    """The modules of symbols of one size, without their quiet zones.

    Symbols are made and drawn by the hundred, so that what a numpy operation costs is shared by
    them all; a single one is a batch of one.
    """

    places: tuple[int, ...]
    """Which of the payloads they hold, in order."""
    modules: "NDArray[np.uint8]"
    """By symbol, row from the top, and column from the left; 1 for dark."""
    quiet_zone: int
    """Light modules that each needs on all four sides."""
    name: str
    """Their kind and size, such as ``QR 3-M 29x29``."""

    def __len__(self) -> int:
        return len(self.modules)

    @property
    def width(self) -> int:
        """Modules from left to right, quiet zones included."""
        return int(self.modules.shape[2]) + 2 * self.quiet_zone

    @property
    def height(self) -> int:
        """Modules from top to bottom, quiet zones included."""
        return int(self.modules.shape[1]) + 2 * self.quiet_zone


@frozen(eq=False)
class EncodedPayloads:
    """What became of some payloads: each is in one of the batches, or there is an error for it."""

    groups: list[MatrixSymbols] = field(factory=list)
    errors: dict[int, RenderError] = field(factory=dict)
