"""What all rows about a new lot say: what it is, where and when its code was assigned, of what."""

from collections import defaultdict
from collections.abc import Iterable

from closient_export.epcis import Event
from closient_export.trace.cells import Cell, amount_cells, document_cells, stated
from closient_export.trace.classification import Classification
from closient_export.trace.deliveries import Amount, amounts_of
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Portion, Transformation
from closient_export.trace.rows import Row

__all__ = ["Part", "new_lot_row", "parts_of"]

Part = tuple[str, Amount, tuple[Event, ...]]
"""A lot, or the product of one without a lot, how much of it, and the events that say so."""


def parts_of(named: Iterable[tuple[Event, Portion]]) -> list[Part]:
    """What went in or came out, added up for each lot and unit."""
    found: dict[str, list[tuple[Event, Portion]]] = defaultdict(list)
    for event, portion in named:
        found[portion.lot or portion.item.id].append((event, portion))
    return [
        (name, amount, tuple({event.digest: event for event, _ in pairs}.values()))
        for name, pairs in sorted(found.items())
        for amount in amounts_of(
            (portion for _, portion in pairs), pairs[0][1].lot, by_container=False
        )
    ]


def new_lot_row(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    used: Part | None,
    output: Part,
    cells: dict[str, Cell],
    harvest: Event | None = None,
) -> Row:
    """A row of a lot that a transformation made, with the cells of what was used."""
    assert found.cte is not None  # noqa: S101 - rows are made by it
    lot, amount, made_in = output
    completed = transformation.completion(lot)
    events = (*(used[2] if used else ()), *made_in)
    words, more = document_cells(document for event in events for document in event.documents)
    return Row(
        cte=found.cte,
        lot=lot,
        event=completed,
        cells=cells
        | {"traceability_lot_code": stated(facts.code(lot))}
        | facts.assigned_source(completed.place, lot)
        | {"date": stated(completed.local_date)}
        | facts.product("product", lot)
        | amount_cells(amount)
        | words,
        input_lot=used[0] if used else "",
        origin_place=(harvest and harvest.place) or completed.place,
        destination_place=completed.place,
        further_documents=more,
        assumption=found.reason,
    )
