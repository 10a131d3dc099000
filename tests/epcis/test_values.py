from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from closient_export.epcis.values import (
    NestedProblems,
    read_identifier,
    read_item,
    read_list,
    read_member,
    read_object,
    read_place,
)

identifiers = st.sampled_from(
    [
        "urn:epc:id:sgln:0614141.07346.0",
        "urn:epc:id:sgtin:0614141.107346.2018",
        "https://id.gs1.org/01/09506000134352/10/A1",
        "https://example.com/x",
        "no URI",
        "",
        "urn:x:" + "y" * 600,
    ]
)
json_values: st.SearchStrategy[Any] = st.recursive(
    identifiers | st.none() | st.booleans() | st.integers() | st.just(Decimal("1.5")) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "epcClass", "other"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def outcome(read: Callable[[Any], Any], value: Any) -> Any:
    """What is read, or what is said to be wrong."""
    try:
        return read(value)
    except NestedProblems as error:
        return error.problems
    except ValueError as error:
        return str(error)


@given(json_values)
@example({"id": ["x"]})
@example(["id"])
@example("id")
def test_places_are_read_as_members_are(value: Any) -> None:
    def step_by_step(value: Any) -> str:
        return read_member(read_object(value), "id", read_identifier)

    assert outcome(read_place, value) == outcome(step_by_step, value)


@given(st.lists(json_values, max_size=6))
def test_a_list_is_read_as_its_elements_are(elements: list[Any]) -> None:
    alone = [outcome(read_item, element) for element in elements]
    found = outcome(read_list(read_item), elements)
    wrong = {f"[{at}]": each for at, each in enumerate(alone) if isinstance(each, str)}
    if wrong:
        assert {problem.path: problem.message for problem in found} == wrong
    else:
        assert found == tuple(alone)


def test_an_identifier_of_any_length_is_read() -> None:
    long = "urn:x:" + "y" * 600
    assert read_identifier(long) == long
    with pytest.raises(ValueError, match="expected a URI, got 'yyy"):
        read_identifier("y" * 600)
