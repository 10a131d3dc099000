"""The layout of FDA's template, as rows and findings read it."""

import pytest

from closient_export.trace.kdes import (
    LOCATION_PARTS,
    CriticalTrackingEvent,
    key_data_elements,
    template_sheets,
)

Cte = CriticalTrackingEvent


def test_the_paragraph_of_each_critical_tracking_event() -> None:
    assert {cte: cte.paragraph for cte in Cte} == {
        Cte.HARVESTING: "1.1325(a)",
        Cte.COOLING: "1.1325(b)",
        Cte.INITIAL_PACKING: "1.1330(a)",
        Cte.INITIAL_PACKING_SPROUTS: "1.1330(b)",
        Cte.INITIAL_PACKING_FROM_EXEMPT: "1.1330(c)",
        Cte.FIRST_LAND_BASED_RECEIVING: "1.1335",
        Cte.SHIPPING: "1.1340(a)",
        Cte.RECEIVING: "1.1345(a)",
        Cte.RECEIVING_FROM_EXEMPT: "1.1345(b)",
        Cte.TRANSFORMATION: "1.1350(a)",
    }


@pytest.mark.parametrize("cte", Cte)
def test_the_columns_of_a_sheet_are_of_its_paragraph(cte: Cte) -> None:
    """What the template says of each column is within what we say of the sheet."""
    assert all(each.paragraph.startswith(cte.paragraph) for each in key_data_elements(cte))


def test_sheets_are_those_of_the_template_in_its_order() -> None:
    assert list(template_sheets()) == [
        *(each.value for each in Cte),
        "Farm Purchase by RFE or Rest.  ",
        "Ad-hoc RFE or Rest. Purchase",
        "Farm to School or Institution",
    ]
    for sheet, elements in template_sheets().items():
        named = [element.name for element in elements]
        assert all(named) if sheet in set(Cte) else not any(named)
        assert len({*named}) == (len(named) if sheet in set(Cte) else 1)


def test_a_heading_is_what_its_cell_says() -> None:
    _, quantity, _, product, *_ = key_data_elements(Cte.SHIPPING)
    assert quantity.heading == "Quantity (e.g., 6, 25, 100, 200)"
    assert product.heading == "Product Description - Product Name"


DESCRIBED = {"product.brand", "product.commodity", "product.variety"}


@pytest.mark.parametrize(
    ("cte", "names"),
    [
        (Cte.HARVESTING, {"variety"}),
        (Cte.SHIPPING, DESCRIBED),
        (Cte.TRANSFORMATION, DESCRIBED | {"input.brand", "input.commodity", "input.variety"}),
        (
            Cte.INITIAL_PACKING_SPROUTS,
            {"seed_harvest_date", *(f"grower.{part}" for part in LOCATION_PARTS)},
        ),
    ],
)
def test_what_a_record_may_lack(cte: Cte, names: set[str]) -> None:
    """A place where nothing was cooled is no gap, but ``n/a`` has to say so."""
    assert {each.name for each in key_data_elements(cte) if each.if_applicable} == names
