"""The rows of new lots that are made of others, and the sheet Transformation (21 CFR 1.1350)."""

from collections.abc import Iterator

from closient_export.trace.cells import (
    MISSING,
    Cell,
    Provenance,
    amount_cells,
    repeated,
    stated,
)
from closient_export.trace.classification import Classification
from closient_export.trace.facts import Facts
from closient_export.trace.graph import Evidence, Transformation
from closient_export.trace.harvest_rows import harvested
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.trace.new_lots import Part, new_lot_row, parts_of
from closient_export.trace.packing_rows import packing_rows
from closient_export.trace.rows import Row
from closient_export.trace.sprout_rows import sprout_rows

__all__ = ["MADE", "transformation_rows"]

_PACKING = (
    CriticalTrackingEvent.INITIAL_PACKING,
    CriticalTrackingEvent.INITIAL_PACKING_FROM_EXEMPT,
)
MADE = (*_PACKING, CriticalTrackingEvent.TRANSFORMATION)
"""What makes new lots out of others."""


def transformation_rows(
    facts: Facts, transformation: Transformation, found: Classification
) -> Iterator[Row]:
    """One row for each new lot and each lot that may be in it, as in FDA's own sample."""
    inputs = parts_of(transformation.inputs)
    for output in parts_of(transformation.outputs):
        lot, amount, events = output
        if lot not in facts.graph.lots or not facts.classified.on_list(lot):
            continue
        if found.cte is CriticalTrackingEvent.HARVESTING:
            yield from harvested(facts, events[-1], lot, amount, found)
        elif found.cte is CriticalTrackingEvent.TRANSFORMATION:
            yield from _transformed(facts, transformation, found, inputs, output)
            yield from _packed_first(facts, transformation, inputs, output)
        elif found.cte in _PACKING:
            yield from packing_rows(facts, transformation, found, inputs, output)
        if found.cte in MADE:
            yield from sprout_rows(facts, transformation, lot)


def _transformed(
    facts: Facts,
    transformation: Transformation,
    found: Classification,
    inputs: list[Part],
    output: Part,
) -> Iterator[Row]:
    listed = [part for part in inputs if facts.classified.on_list(part[0])]
    used = [part for part in listed if not facts.classified.harvested_only(part[0])] or listed
    for part in used:
        cells = _input_cells(facts, part)
        yield new_lot_row(facts, transformation, found, part, output, cells)
    if not used:
        yield new_lot_row(facts, transformation, found, None, output, _no_inputs(facts, inputs))


def _packed_first(
    facts: Facts, transformation: Transformation, inputs: list[Part], output: Part
) -> Iterator[Row]:
    """What is used and has never been packed has the records of initial packing besides."""
    for raw in inputs:
        lot = raw[0]
        if facts.classified.on_list(lot) and facts.classified.harvested_only(lot):
            cte = facts.classified.packing_of([lot])
            packed = Classification(cte, _PACKED_FIRST, assumed=True)
            yield from packing_rows(facts, transformation, packed, [raw], output)


_PACKED_FIRST = (
    "a raw agricultural commodity that is packed for the first time by a transformation "
    "(21 CFR 1.1350(b))"
)


def _input_cells(facts: Facts, used: Part) -> dict[str, Cell]:
    name, amount, _ = used
    is_lot = amount.portions[0].lot and amount.evidence is not Evidence.UNKNOWN
    code = stated(facts.code(name) if is_lot else "")
    if facts.classified.harvested_only(name):
        code = Cell("n/a (Not initially packed before)", Provenance.NOT_APPLICABLE)
    return {"input_lot_code": code} | facts.product("input", name) | amount_cells(amount, "input_")


def _no_inputs(facts: Facts, inputs: list[Part]) -> dict[str, Cell]:
    """What FDA's own sample writes where no ingredient is on the Food Traceability List."""
    note = MISSING
    if inputs:
        products = {facts.descriptions.product(name) for name, _, _ in inputs}
        names = {product.product_name for product in products if product is not None}
        what = names.pop() if len(names) == 1 else "Ingredients"
        note = Cell(f"n/a ({what or 'Ingredients'} not on FTL)", Provenance.NOT_APPLICABLE)
    return repeated("input", note) | dict.fromkeys(
        ("input_lot_code", "input_quantity", "input_unit"), note
    )
