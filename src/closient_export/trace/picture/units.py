"""What a layered drawing consists of, before it is known where that goes."""

from attrs import frozen

__all__ = ["Route", "Unit"]


@frozen(kw_only=True)
class Unit:
    """A rectangle to place. All lengths have the same unit, which is the caller's choice."""

    layer: int
    """Its column, from 0."""
    width: float
    departures: tuple[float, ...]
    """The heights of the rows that lines leave from; they are put in the order that suits."""
    arrivals: tuple[tuple[float, ...], ...] = ()
    """The heights of the rows that lines arrive at, rack by rack; racks keep their order."""
    group: str | None = None
    """Units with the same group and layer stand together in a frame; None for no frame."""

    @property
    def height(self) -> float:
        """That of the higher side."""
        return max(sum(self.departures), sum(map(sum, self.arrivals)))


@frozen(kw_only=True)
class Route:
    """A line from a row of one unit to a row of a unit in a later layer."""

    source: int
    departure: int
    target: int
    rack: int
    row: int
    trunk: int = 0
    """Lines that leave from the same row run together where their trunk is the same."""
