"""Only raw agricultural commodities are harvested (21 CFR 1.1325); what is made has its code."""

import pytest
from row_samples import DERIVED, PLACES, Cte, called, only, report
from trace_samples import (
    KITCHEN,
    SALAD,
    STORE,
    cell,
    destination,
    event,
    of,
    quantity,
)

from closient_export.master_data import ProductDescription
from closient_export.trace.report import TraceReport


def told_of(category: str, step: str = "creating_class_instance", *, used: bool) -> TraceReport:
    """A trace of a lot of that category, which is added to what there is and shipped or used."""
    added = event(
        "ObjectEvent", "2027-03-01T08:00:00-07:00", step, KITCHEN, action="ADD", **of(SALAD, 50)
    )
    shipped = event(
        "ObjectEvent", "2027-03-02T11:00:00-07:00", "shipping", KITCHEN, action="OBSERVE",
        **destination(STORE), **of(SALAD, 50),
    )  # fmt: skip
    cut = event(
        "TransformationEvent", "2027-03-02T11:00:00-07:00", "creating_class_instance", KITCHEN,
        inputQuantityList=[quantity(SALAD, 50)],
        outputQuantityList=[quantity("urn:example:lot:cut", 50)],
    )  # fmt: skip
    product = ProductDescription(id=SALAD, food_traceability_list_category=category)
    events = (called("added", added), cut if used else shipped)
    found: TraceReport = report(*events, places=PLACES, products=[product])
    return found


MADE = [
    "LeafyGreensFreshCut",
    "FruitsFreshCut",
    "VegetablesOtherThanLeafyGreensFreshCut",
    "CheesePasteurizedFreshSoft",
    "CheesePasteurizedSoftRipenedOrSemiSoft",
    "CheeseUnpasteurizedOtherThanHard",
    "SmokedFinfish",
    "ReadyToEatDeliSalads",
    "NutButters",
    "Leafy greens (fresh-cut)",
    "Ready-to-eat deli salads (refrigerated)",
    "Nut butters",
]
GROWN = [
    "LeafyGreens",
    "ShellEggs",
    "Cucumbers",
    "Melons",
    "Peppers",
    "Tomatoes",
    "HerbsFresh",
    "TropicalTreeFruits",
    "FinfishOther",
    "Crustaceans",
    "MolluscanShellfish",
    "",
]


@pytest.mark.parametrize("category", MADE)
def test_what_is_made_has_its_code_from_where_it_was_made(category: str) -> None:
    found = told_of(category, used=False)
    assert [cte for cte, rows in found.rows.items() if rows] == [Cte.SHIPPING]
    source = cell(only(found, Cte.SHIPPING), "source.business_name")
    assert source == ("Kitchen", DERIVED, "urn:x:added")


@pytest.mark.parametrize("step", ["creating_class_instance", "collecting", "commissioning"])
def test_what_is_made_and_used_was_not_harvested_either(step: str) -> None:
    found = told_of("CheesePasteurizedFreshSoft", step, used=True)
    (row,) = found.rows[Cte.TRANSFORMATION]
    assert cell(row, "input_lot_code")[0] == "(01)10614141000033(10)SALAD"
    assert not found.rows[Cte.HARVESTING]


@pytest.mark.parametrize("category", GROWN)
def test_what_grows_is_harvested(category: str) -> None:
    assert only(told_of(category, used=False), Cte.HARVESTING).lot == SALAD


def test_an_event_that_says_that_it_is_a_harvest_is_one() -> None:
    found = told_of("LeafyGreensFreshCut", "urn:gdst:bizStep:farmHarvest", used=False)
    assert only(found, Cte.HARVESTING).lot == SALAD
