"""Walks through supply chains that others have published, see --reference-data."""

from pathlib import Path

import pytest
from networks import amount

from closient_export.adapters.memory import MemoryEventSource
from closient_export.epcis import lot_code, read_events
from closient_export.requests import Direction
from closient_export.trace.graph import Evidence, LotGraph
from closient_export.trace.walk import Selection, run_walk

pytestmark = pytest.mark.reference_data

GDST = "urn:gdst:example.org:product:lot:class:"
FEED, HATCHLINGS, FARMED, CAUGHT, COMMINGLED, LOINS = (
    f"{GDST}{name}"
    for name in (
        "feedmill.1u.ff11252021",
        "hatchery.1u.tf12012021",
        "fishfarm.1u.farmed-tuna-01192022",
        "fisherman01.tunau.v1-0122-2022",
        "processor.10u.commingle-01232022",
        "processor.2u.v1-0122-2022",
    )
)
INNER, OUTER = "urn:epc:id:sscc:08600031303.0004", "urn:epc:id:sscc:08600031303.0005"


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    path: Path = pytestconfig.getoption("--reference-data")
    return path / "epcis"


def source(path: Path) -> MemoryEventSource:
    with path.open("rb") as file:
        return MemoryEventSource(read_events(file, path.name))


def everything(path: Path) -> LotGraph:
    return run_walk(source(path), Selection())


def test_traceback_reaches_every_origin(folder: Path) -> None:
    events = source(folder / "opentraceability" / "traceback_tests.jsonld")
    graph = run_walk(events, Selection(lots=(LOINS,)), Direction.BACKWARD)
    assert {name: found.hops for name, found in graph.lots.items()} == {
        FEED: -3,
        HATCHLINGS: -3,
        FARMED: -2,
        CAUGHT: -2,
        COMMINGLED: -1,
        LOINS: 0,
    }
    assert [(source, target) for source, target, _ in graph.links()] == [
        (FEED, FARMED),
        (HATCHLINGS, FARMED),
        (CAUGHT, COMMINGLED),
        (FARMED, COMMINGLED),
        (COMMINGLED, LOINS),
    ]


def test_traceback_in_nested_pallets(folder: Path) -> None:
    """The shipment and the receipt name the outer pallet alone."""
    events = source(folder / "opentraceability" / "traceback_tests.jsonld")
    graph = run_walk(events, Selection(lots=(LOINS,)), Direction.BACKWARD)
    found = [
        (movement.event.biz_step, amount(portion.item), portion.containers, portion.evidence)
        for movement in graph.movements[LOINS]
        for portion in movement.portions
    ]
    assert found == [
        ("packing", 5000, (), Evidence.STATED),
        ("packing", 5000, (INNER,), Evidence.PACKED),
        ("shipping", 5000, (OUTER, INNER), Evidence.PACKED),
        ("receiving", 5000, (OUTER, INNER), Evidence.PACKED),
        ("unpacking", 5000, (OUTER, INNER), Evidence.PACKED),
        ("unpacking", 5000, (), Evidence.STATED),
    ]
    assert set(graph.container_events) == {INNER, OUTER}


def test_traceback_forward(folder: Path) -> None:
    events = source(folder / "opentraceability" / "traceback_tests.jsonld")
    graph = run_walk(events, Selection(lots=(FEED,)), Direction.FORWARD)
    assert {name: found.hops for name, found in graph.lots.items()} == {
        FEED: 0,
        FARMED: 1,
        COMMINGLED: 2,
        LOINS: 3,
    }


def test_traceback_has_ids_that_are_used_twice(folder: Path) -> None:
    graph = everything(folder / "opentraceability" / "traceback_tests.jsonld")
    assert len(graph.contradictory_ids) == 8
    assert not graph.excluded


def test_wholechain(folder: Path) -> None:
    graph = everything(folder / "opentraceability" / "all_wholechain_events.jsonld")
    assert (len(graph.lots), len(graph.transformations), graph.excluded) == (13, 7, ())
    [fillets] = [name for name in graph.lots if name.endswith("tunafilet.34e5e863")]
    back = run_walk(
        source(folder / "opentraceability" / "all_wholechain_events.jsonld"),
        Selection(lots=(fillets,)),
        Direction.BACKWARD,
    )
    assert {name.rpartition("class:")[2]: found.hops for name, found in back.lots.items()} == {
        "processingcompany.tunafilet.34e5e863": 0,
        "fishcompany.hgtuna.8a25a035": -1,
        "fishcompany.tuna.1024f44f": -2,
        "fishcompany.tuna.23423": -3,
        "fishcompany.tuna.23423445": -3,
    }


def test_error_declarations(folder: Path) -> None:
    """The wrong event itself is not in the document; the corrective one, which counts, is."""
    name = "EPCISQUERYDOCUMENT_with_errorDeclarations.jsonld"
    graph = everything(folder / "opentraceability" / name)
    [excluded] = graph.excluded
    assert excluded.reason.name == "DECLARATION"
    assert excluded.event.error is not None
    [corrective] = excluded.event.error.corrective_event_ids
    events = {m.event.event_id for moves in graph.movements.values() for m in moves}
    assert corrective in events
    assert (len(graph.lots), len(graph.transformations), len(events)) == (5, 2, 6)


def test_one_id_for_two_events(folder: Path) -> None:
    graph = everything(folder / "opentraceability" / "EPCISQueryDocument_duplicate_eventIDs.jsonld")
    assert len(graph.lots) == 2


@pytest.mark.parametrize(
    ("cte", "expected"),
    [
        (
            "harvest",
            {
                "(01)00860009999923(10)ABC1234": [
                    ("creating_class_instance", 25000),
                    ("transporting", 25000),
                ]
            },
        ),
        (
            "receiving",
            {
                "(01)00860009999923(10)ABC1234": [],
                "(01)10860009999920(10)ABC1234": [("receiving", 500)],
            },
        ),
        (
            "shipping",
            {
                "(01)00860009999923(10)ABC1234": [],
                "(01)10860009999920(10)ABC1234": [("packing", 25), ("shipping", 25)],
                "(01)10860009999920(10)ABC5678": [("packing", 25), ("shipping", 25)],
            },
        ),
        (
            "transformation",
            {
                "(01)10860009998022(10)DEF2345": [],
                "(01)10860009998039(10)SALAD-20260420-A": [],
                "(01)10860009999920(10)ABC1234": [],
            },
        ),
    ],
)
def test_gs1_us(folder: Path, cte: str, expected: dict[str, list[tuple[str, float]]]) -> None:
    graph = everything(folder / "gs1us" / f"{cte}-cte.jsonld")
    found = {
        lot_code(name): [
            (movement.event.biz_step, amount(portion.item))
            for movement in movements
            for portion in movement.portions
            if portion.lot == name
        ]
        for name, movements in graph.movements.items()
    }
    assert found == expected
    assert not graph.excluded
