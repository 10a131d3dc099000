"""How lots come to be."""

from attrs import frozen

from closient_export.epcis import Event
from closient_export.trace.graph import Transformation
from closient_export.trace.kdes import CriticalTrackingEvent

__all__ = ["Origin"]


@frozen
class Origin:
    """How a lot came to be."""

    event: Event
    cte: CriticalTrackingEvent | None
    """``None`` where events do not say which critical tracking event it was."""
    transformation: Transformation | None = None
    reason: str = ""
    """What had to be assumed."""
    at_sea: bool = False
    """Whether it was caught, or made on board of what was caught, and not landed yet."""

    @property
    def assigns_code(self) -> bool:
        """Whether a traceability lot code is assigned here (21 CFR 1.1320)."""
        return self.cte is not CriticalTrackingEvent.HARVESTING and not self.at_sea
