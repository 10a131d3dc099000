"""What a row of FDA's spreadsheet is."""

from collections.abc import Mapping

from attrs import frozen

from closient_export.epcis import Event
from closient_export.trace.cells import Cell, Provenance
from closient_export.trace.kdes import RECEIPTS, CriticalTrackingEvent
from closient_export.trace.steps import Moment, moment_of

__all__ = ["Row"]


@frozen(kw_only=True)
class Row:
    """A row of one of FDA's sheets, and what stands after FDA's last column."""

    cte: CriticalTrackingEvent
    lot: str
    """The canonical URI of the lot that it is about; of the new lot, for packing and transforming."""
    event: Event
    cells: Mapping[str, Cell]
    """By the names of `closient_export.trace.kdes.key_data_elements`."""
    input_lot: str = ""
    container: str = ""
    origin_place: str = ""
    destination_place: str = ""
    further_documents: str = ""
    linked_codes: str = ""
    """The traceability lot codes of what was made of a lot that has none itself."""
    assumption: str = ""
    """What had to be assumed to know that it belongs on this sheet."""

    @property
    def order(self) -> tuple[Moment, str, str, str]:
        """What the rows of a sheet are sorted by."""
        return (moment_of(self.event), self.lot, self.input_lot, self.container)

    @property
    def place(self) -> str:
        """Where what it records was done: whoever has this place keeps the record."""
        if self.cte is CriticalTrackingEvent.SHIPPING:
            return self.origin_place or self.event.place
        if self.cte in RECEIPTS:
            return self.destination_place or self.event.place
        return self.event.place

    @property
    def complete(self) -> bool:
        """Whether no key data element is missing."""
        return all(cell.provenance is not Provenance.MISSING for cell in self.cells.values())
