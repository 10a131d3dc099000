"""What an event is for one lot, as the library finds it and as a host that knows better says."""

from collections.abc import Callable

from attrs import frozen

from closient_export.epcis import Event
from closient_export.trace.kdes import CriticalTrackingEvent

__all__ = ["Classification", "Classifier", "Rules"]


@frozen
class Classification:
    """What an event is for one lot."""

    cte: CriticalTrackingEvent | None
    reason: str = ""
    """Why it is none, or what had to be assumed."""
    assumed: bool = False
    """Whether the event alone does not say it."""


Classifier = Callable[[Event, Classification], CriticalTrackingEvent | None]
"""A host's own view: from an event and the library's answer to the one that counts."""


def _nowhere(_place: str) -> bool:
    return False


@frozen(kw_only=True)
class Rules:
    """What only the host knows."""

    is_exempt: Callable[[str], bool] = _nowhere
    """Whether a place or party, by its canonical identifier, is exempt from the rule."""
    classifier: Classifier | None = None

    def judged(self, event: Event, found: Classification) -> Classification:
        """What counts of an event: what the library has found, unless the host says otherwise."""
        if self.classifier is None:
            return found
        cte = self.classifier(event, found)
        return found if cte is found.cte else Classification(cte, "as the host classifies it")
