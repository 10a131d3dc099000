import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.csv_entities import CsvEntitySource
from closient_export.errors import CatalogError
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

GTINS = ("09506000134352", "10614141003034")
LOT_ID = "MMr86QwRRjvDGR6MjGRNdQ"

rows = st.lists(
    st.tuples(
        st.sampled_from(GTINS),
        st.sampled_from(["A", "B,2", "Ü\n3", ""]),
        st.sampled_from(["", "1", '"2"', " 3 "]),
        st.sampled_from(["", "2026-01-31T10:00:00+00:00"]),
        st.sampled_from(["", LOT_ID]),
    ).filter(lambda row: row[1] or row[2]),
    max_size=30,
)
filters = st.builds(
    LabelFilters,
    gtins=st.none() | st.just(GTINS[:1]),
    lot_ids=st.none() | st.just((LOT_ID,)),
    never_printed=st.booleans(),
)


def written(row: tuple[str, ...]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)


def write(path: Path, table: list[tuple[str, ...]], mark: str = "", end: str = "\n") -> None:
    lines = ["gtin,lot,serial,printed_at,id", *map(written, table), ""]
    path.write_bytes((mark + end.join(lines)).encode())


def selected(
    source: CsvEntitySource, scope: Scope, wanted: LabelFilters, size: int
) -> list[Subject]:
    """What is planned and then read, range by range from the last to the first."""
    plan = source.plan("acme", scope, wanted, part_size=size)
    parts = [
        list(source.subjects("acme", scope, wanted, plan.snapshot, keys))
        for keys in reversed(plan.ranges)
    ]
    assert [len(part) for part in reversed(parts)] == [keys.count for keys in plan.ranges]
    firsts = [keys.first_index for keys in plan.ranges]
    assert firsts == list(range(0, plan.count, size))
    return [subject for part in reversed(parts) for subject in part]


@given(
    rows,
    filters,
    st.sampled_from([Scope.LOTS, Scope.SERIALS]),
    st.integers(1, 7),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n", "\n\n", "\n  ,,,,\n"]),
)
def test_the_ranges_are_the_selection_of_the_catalogue(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[tuple[str, ...]],
    wanted: LabelFilters,
    scope: Scope,
    size: int,
    mark: str,
    end: str,
) -> None:
    path = tmp_path_factory.mktemp("csv") / "c.csv"
    write(path, table, mark, end)
    source: CsvEntitySource = pickle.loads(  # noqa: S301
        pickle.dumps(CsvEntitySource(path=path, owner="acme"))
    )
    with path.open("rb") as file:
        expected = list(CsvCatalog(file, "c.csv").select(scope, wanted).subjects)
    assert selected(source, scope, wanted, size) == expected
    assert source.plan("beta", scope, wanted, part_size=size).ranges == ()


@pytest.fixture
def source(tmp_path: Path) -> CsvEntitySource:
    write(tmp_path / "c.csv", [(GTINS[0], "A", str(n), "", "") for n in range(10)])
    return CsvEntitySource(path=tmp_path / "c.csv", owner="acme")


def test_rows_may_be_added_and_others_change(source: CsvEntitySource) -> None:
    plan = source.plan("acme", Scope.SERIALS, LabelFilters(), part_size=4)
    text = source.path.read_text()
    source.path.write_text(text.replace('"9"', '"X"') + f"{GTINS[0]},A,new,,\n")
    first, second, third = plan.ranges
    for keys in (second, first):
        found = list(source.subjects("acme", Scope.SERIALS, LabelFilters(), plan.snapshot, keys))
        assert len(found) == 4
    with pytest.raises(CatalogError, match=r"^c\.csv was changed after the export was planned$"):
        list(source.subjects("acme", Scope.SERIALS, LabelFilters(), plan.snapshot, third))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"5"', '"55"'),
        lambda text: text.replace('"4"', '"44"'),
        lambda text: text.replace('"5"', ""),
        lambda text: text.replace("lot,serial", "serial,lot"),
        lambda text: text.replace('"2"', '"22"'),
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"5"', '"5'),
        lambda text: text.replace("gtin", "colour"),
    ],
)
def test_a_range_that_changed_is_refused(source: CsvEntitySource, change: object) -> None:
    assert callable(change)
    plan = source.plan("acme", Scope.SERIALS, LabelFilters(), part_size=4)
    source.path.write_text(change(source.path.read_text()))
    with pytest.raises(CatalogError):
        list(source.subjects("acme", Scope.SERIALS, LabelFilters(), plan.snapshot, plan.ranges[1]))


def test_a_range_is_of_its_place_in_the_job(source: CsvEntitySource) -> None:
    plan = source.plan("acme", Scope.SERIALS, LabelFilters(), part_size=4)
    keys = evolve(plan.ranges[1], count=3)
    with pytest.raises(CatalogError):
        list(source.subjects("acme", Scope.SERIALS, LabelFilters(), plan.snapshot, keys))
    assert not list(source.subjects("beta", Scope.SERIALS, LabelFilters(), "", plan.ranges[0]))


def test_each_problem_is_told_with_its_line(source: CsvEntitySource) -> None:
    with source.path.open("a") as file:
        file.write("1,A,1,,\n2,A,1,,\n")
    with pytest.raises(CatalogError) as caught:
        source.plan("acme", Scope.SERIALS, LabelFilters(), part_size=4)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "c.csv, line 12 (row 11)",
        "c.csv, line 13 (row 12)",
    ]


def test_what_is_printed_is_not_noted(source: CsvEntitySource) -> None:
    wanted = LabelFilters(never_printed=True)
    plan = source.plan("acme", Scope.SERIALS, wanted, part_size=4)
    before = source.path.read_bytes()
    printed = [(keys, ()) for keys in plan.ranges]
    now = datetime.now(UTC)
    source.record_printed("acme", Scope.SERIALS, wanted, plan.snapshot, printed, now)
    assert source.path.read_bytes() == before
    assert source.plan("acme", Scope.SERIALS, wanted, part_size=4) == plan
