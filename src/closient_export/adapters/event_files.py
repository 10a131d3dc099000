"""EPCIS documents in files, as a source of events and of master data."""

from collections.abc import Iterable
from pathlib import Path

from attrs import field, frozen

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import Refusal, VocabularyElement, read_events
from closient_export.header_master_data import from_vocabulary
from closient_export.master_data import LocationDescription, ProductDescription

__all__ = ["EventFiles", "read_event_files"]


@frozen(kw_only=True)
class EventFiles:
    """What some files hold together; the order of the files makes no difference."""

    source: MemoryEventSource
    locations: tuple[LocationDescription, ...] = ()
    """From the headers of the documents."""
    products: tuple[ProductDescription, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())
    """What could not be read."""

    def master_data(
        self,
        locations: Iterable[LocationDescription] = (),
        products: Iterable[ProductDescription] = (),
    ) -> MemoryMasterData:
        """Master data of which what is given here counts before what the headers say."""
        known = MemoryMasterData(locations, products)
        known.add(self.locations, self.products)
        return known


def read_event_files(paths: Iterable[Path], *, lenient: bool = False) -> EventFiles:
    """Read EPCIS documents, plain or gzipped.

    Args:
        paths: The files.
        lenient: Whether what cannot be read is kept as a refusal, while the rest goes on.

    Raises:
        EventDocumentError: something cannot be read and `lenient` is not set.
        OSError: a file cannot be opened.
    """
    source = MemoryEventSource()
    refusals: list[Refusal] = []
    headers: list[VocabularyElement] = []
    for path in paths:
        with path.open("rb") as file:
            source.add(
                read_events(
                    file,
                    path.name,
                    on_refusal=refusals.append if lenient else None,
                    on_master_data=headers.append,
                )
            )
    # Headers may disagree: which of them counts must not depend on the order of the files.
    described = sorted(filter(None, map(from_vocabulary, headers)), key=repr)
    return EventFiles(
        source=source,
        locations=tuple(d for d in described if isinstance(d, LocationDescription)),
        products=tuple(d for d in described if isinstance(d, ProductDescription)),
        refusals=tuple(refusals),
    )
