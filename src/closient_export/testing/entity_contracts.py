"""What every `closient_export.ports.EntitySource` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import pickle
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.gs1 import Gtin
from closient_export.ids import new_short_id
from closient_export.ports import EntitySource
from closient_export.records import Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Product, Scope, Serial, Subject
from closient_export.testing.entity_histories import EntityHistories

__all__ = ["EntitySourceContract"]

GTINS = tuple(map(Gtin.parse, ("9506000134352", "614141000036", "95200002")))
IDS = tuple(new_short_id() for _ in range(6))
AT = datetime(2027, 3, 31, 9, 30, tzinfo=UTC)
NEVER = LabelFilters(never_printed=True)
EVERYTHING = LabelFilters()


def serials(*names: str, lot: str | None = "A") -> list[Serial]:
    """Serials of a lot."""
    return [Serial(gtin=GTINS[0], lot=lot, serial=name) for name in names]


_ids = st.none() | st.sampled_from(IDS)
_dates = st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))
_lot_codes = st.sampled_from(["A", "a", "A/B", "../x", "é"])
_printing = st.none() | st.just(AT)
_products = st.builds(
    Product, gtin=st.sampled_from(GTINS), product_name=st.none() | st.just("Kale"), product_id=_ids
)
_lots = st.builds(
    Lot,
    gtin=st.sampled_from(GTINS),
    lot=_lot_codes,
    brand=st.none() | st.just("'"),
    expiry=_dates,
    id=_ids,
    product_id=_ids,
    lot_run_id=_ids,
    printed_at=_printing,
)
_serials = st.builds(
    Serial,
    gtin=st.sampled_from(GTINS),
    lot=st.none() | _lot_codes,
    serial=st.sampled_from("0123456789abcdef"),
    best_before=_dates,
    production_date=_dates,
    id=_ids,
    product_id=_ids,
    lot_run_id=_ids,
    printed_at=_printing,
)


def _identity(subject: Subject) -> tuple[object, ...]:
    return (
        subject.scope,
        subject.gtin,
        getattr(subject, "serial", None) or getattr(subject, "lot", None),
    )


_subjects = st.lists(_products | _lots | _serials, max_size=25, unique_by=_identity)
_many_ids = st.none() | st.lists(st.sampled_from(IDS), max_size=4).map(tuple)
_filters = st.builds(
    LabelFilters,
    gtins=st.none() | st.lists(st.sampled_from(GTINS), max_size=2),
    product_id=_ids,
    lot_ids=_many_ids,
    lot_run_id=_ids,
    never_printed=st.booleans(),
)
_examples = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class EntitySourceContract:
    """Subclass it as ``Test…`` and override the fixture `source` and the method `add`.

    Tests use owners of their own, so that the fixture may give the same source again.
    """

    @pytest.fixture
    def source(self) -> EntitySource:
        """The source under test."""
        raise NotImplementedError

    def add(self, source: EntitySource, owner: str, subjects: Sequence[Subject]) -> None:
        """Give an owner more entities, of which none is there yet."""
        raise NotImplementedError

    @pytest.fixture
    def owner(self) -> str:
        """An owner that no other test uses."""
        return uuid4().hex

    @_examples
    @given(
        subjects=_subjects,
        scope=st.sampled_from(Scope),
        filters=_filters,
        part_size=st.integers(1, 7),
    )
    def test_it_selects_what_the_source_in_memory_selects(
        self,
        source: EntitySource,
        subjects: list[Subject],
        scope: Scope,
        filters: LabelFilters,
        part_size: int,
    ) -> None:
        owner = uuid4().hex
        memory = MemoryEntitySource()
        memory.add(owner, subjects)
        self.add(source, owner, subjects)
        plan = source.plan(owner, scope, filters, part_size=part_size)
        model = memory.plan(owner, scope, filters, part_size=part_size)
        assert _shape(plan) == _shape(model), (
            f"a plan must be cut like that of the source in memory: expected {model}, got {plan}"
        )
        found = _all(source, owner, scope, filters, plan)
        wanted = _all(memory, owner, scope, filters, model)
        assert found == wanted, (
            f"a source must select what the one in memory selects: expected {wanted}, got {found}"
        )

    @_examples
    @given(
        subjects=st.lists(_serials, min_size=1, max_size=12, unique_by=_identity),
        more=_subjects,
        filters=st.sampled_from([NEVER, EVERYTHING]) | _filters,
        part_size=st.integers(1, 5),
        data=st.data(),
    )
    def test_a_snapshot_stays_whatever_is_printed_or_added(
        self,
        source: EntitySource,
        subjects: list[Subject],
        more: list[Subject],
        filters: LabelFilters,
        part_size: int,
        data: st.DataObject,
    ) -> None:
        owner = uuid4().hex
        self.add(source, owner, subjects)
        plan = source.plan(owner, Scope.SERIALS, filters, part_size=part_size)
        before = _all(source, owner, Scope.SERIALS, filters, plan)
        ranges = [keys for keys in plan.ranges if data.draw(st.booleans())]
        failed = [data.draw(st.sets(st.integers(0, keys.count - 1))) for keys in ranges]
        printed = list(zip(ranges, failed, strict=True))
        source.record_printed(owner, Scope.SERIALS, filters, plan.snapshot, printed, AT)
        there = set(map(_identity, subjects))
        self.add(source, owner, [each for each in more if _identity(each) not in there])
        after = _all(source, owner, Scope.SERIALS, filters, plan)
        assert after == before, (
            "a snapshot must select the same, whatever is printed or added: "
            f"expected {before}, got {after}"
        )

    def test_what_is_printed_is_passed_over_from_then_on(
        self, source: EntitySource, owner: str
    ) -> None:
        self.add(source, owner, serials(*"abcdefg"))
        plan = source.plan(owner, Scope.SERIALS, NEVER, part_size=3)
        printed = [(plan.ranges[0], ()), (plan.ranges[1], (0, 2))]
        for _ in range(2):
            source.record_printed(owner, Scope.SERIALS, NEVER, plan.snapshot, printed, AT)
            later = source.plan(owner, Scope.SERIALS, NEVER, part_size=3)
            assert _names(source, owner, NEVER, later) == list("dfg")
            assert _names(source, owner, NEVER, plan) == list("abcdefg")
        everything = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=3)
        assert _names(source, owner, EVERYTHING, everything) == list("abcdefg")

    def test_a_lot_that_is_added_later_selects_nothing_of_a_snapshot(
        self, source: EntitySource, owner: str
    ) -> None:
        early, late = IDS[:2]
        lots = [Lot(gtin=GTINS[0], lot="A", id=early), Lot(gtin=GTINS[0], lot="B", id=late)]
        between = [*serials("a"), *serials("b", lot="B"), *serials("c")]
        self.add(source, owner, [lots[0], *between])
        filters = LabelFilters(lot_ids=(early, late))
        plan = source.plan(owner, Scope.SERIALS, filters, part_size=10)
        self.add(source, owner, lots[1:])
        found = _names(source, owner, filters, plan)
        assert found == ["a", "c"], (
            "a snapshot must not select the serials of a lot that was added later: "
            f"expected ['a', 'c'], got {found}"
        )

    def test_two_jobs_that_overlap_are_noted_both(self, source: EntitySource, owner: str) -> None:
        self.add(source, owner, serials(*"abcd"))
        plans = [source.plan(owner, Scope.SERIALS, NEVER, part_size=10) for _ in range(2)]
        for plan, failed in zip(plans, [(0, 1), (1, 2)], strict=True):
            printed = [(plan.ranges[0], failed)]
            source.record_printed(owner, Scope.SERIALS, NEVER, plan.snapshot, printed, AT)
        rest = source.plan(owner, Scope.SERIALS, NEVER, part_size=10)
        assert _names(source, owner, NEVER, rest) == ["b"]

    def test_owners_do_not_see_each_other(self, source: EntitySource, owner: str) -> None:
        other = f"{owner}-2"
        self.add(source, owner, serials("a"))
        self.add(source, other, serials("a", "b"))
        plan = source.plan(other, Scope.SERIALS, NEVER, part_size=10)
        source.record_printed(
            other, Scope.SERIALS, NEVER, plan.snapshot, [(plan.ranges[0], ())], AT
        )
        ours = source.plan(owner, Scope.SERIALS, NEVER, part_size=10)
        found = _names(source, owner, NEVER, ours)
        assert found == ["a"], (
            f"an answer must hold entities of one owner alone: expected ['a'], got {found}"
        )
        stolen = source.subjects(owner, Scope.SERIALS, NEVER, plan.snapshot, plan.ranges[0])
        assert len(list(stolen)) <= 1
        nobody = source.plan(f"{owner}-3", Scope.SERIALS, EVERYTHING, part_size=10)
        assert nobody.ranges == (), "an owner without entities must get none"

    def test_a_range_is_answered_by_a_pickled_copy(self, source: EntitySource, owner: str) -> None:
        self.add(source, owner, serials(*"abcde"))
        plan = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=2)
        copy = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own
        assert _names(copy, owner, EVERYTHING, plan) == list("abcde")

    def test_a_selection_may_name_very_many(self, source: EntitySource, owner: str) -> None:
        ids = [new_short_id() for _ in range(5)]
        named = [
            Serial(gtin=GTINS[0], lot="A", serial=str(n), id=each) for n, each in enumerate(ids)
        ]
        self.add(source, owner, named)
        filters = LabelFilters(serial_ids=(*[new_short_id() for _ in range(40_000)], *ids[1:3]))
        plan = source.plan(owner, Scope.SERIALS, filters, part_size=10)
        assert _names(source, owner, filters, plan) == ["1", "2"]

    def test_any_history_is_that_of_the_source_in_memory(self, source: EntitySource) -> None:
        contract = self

        class Histories(EntityHistories):
            def __init__(self) -> None:
                super().__init__(
                    source, lambda owner, subjects: contract.add(source, owner, subjects)
                )

        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _shape(plan: Plan) -> list[tuple[int, int]]:
    return [(keys.first_index, keys.count) for keys in plan.ranges]


def _all(
    source: EntitySource, owner: str, scope: Scope, filters: LabelFilters, plan: Plan
) -> list[Subject]:
    found: list[Subject] = []
    for keys in plan.ranges:
        part = list(source.subjects(owner, scope, filters, plan.snapshot, keys))
        assert len(part) == keys.count, (
            "a snapshot must select the same as long as a job may run: "
            f"expected {keys.count} entities of {keys}, got {len(part)}"
        )
        found += part
    return found


def _names(source: EntitySource, owner: str, filters: LabelFilters, plan: Plan) -> list[str]:
    found = _all(source, owner, Scope.SERIALS, filters, plan)
    return [each.serial for each in found if isinstance(each, Serial)]
