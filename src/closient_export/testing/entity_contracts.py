"""What every `closient_export.ports.EntitySource` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import pickle
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.ids import new_short_id
from closient_export.ports import EntitySource
from closient_export.records import Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Product, Scope, Serial, Subject
from closient_export.testing.contract_tools import examples, histories
from closient_export.testing.entity_examples import (
    AT,
    EVERYTHING,
    GTINS,
    IDS,
    NEVER,
    identity,
    serials,
    some_filters,
    some_serials,
    some_subjects,
)
from closient_export.testing.entity_histories import EntityHistories

__all__ = ["EntitySourceContract"]


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

    @examples(25)
    @given(
        subjects=some_subjects,
        scope=st.sampled_from(Scope),
        filters=some_filters,
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

    @examples(25)
    @given(
        subjects=st.lists(some_serials, min_size=1, max_size=12, unique_by=identity),
        more=some_subjects,
        filters=st.sampled_from([NEVER, EVERYTHING]) | some_filters,
        part_size=st.integers(1, 5),
        unprinted=st.frozensets(st.integers(0, 11)),
    )
    @example(
        subjects=serials(*"abc"),
        more=serials("d"),
        filters=NEVER,
        part_size=2,
        unprinted=frozenset([1]),
    )
    def test_a_snapshot_stays_whatever_is_printed_or_added(
        self,
        source: EntitySource,
        subjects: list[Subject],
        more: list[Subject],
        filters: LabelFilters,
        part_size: int,
        unprinted: frozenset[int],
    ) -> None:
        owner = uuid4().hex
        self.add(source, owner, subjects)
        plan = source.plan(owner, Scope.SERIALS, filters, part_size=part_size)
        before = _all(source, owner, Scope.SERIALS, filters, plan)
        failed = [
            {n - keys.first_index for n in unprinted if 0 <= n - keys.first_index < keys.count}
            for keys in plan.ranges
        ]
        printed = [
            (keys, those)
            for keys, those in zip(plan.ranges, failed, strict=True)
            if len(those) < keys.count
        ]
        source.record_printed(owner, Scope.SERIALS, filters, plan.snapshot, printed, AT)
        there = set(map(identity, subjects))
        self.add(source, owner, [each for each in more if identity(each) not in there])
        after = _all(source, owner, Scope.SERIALS, filters, plan)
        assert after == before, (
            "a snapshot must select the same, whatever is printed or added: "
            f"expected {before}, got {after}"
        )

    def test_a_subject_is_the_same_each_time_it_is_read(
        self, source: EntitySource, owner: str
    ) -> None:
        self.add(source, owner, serials(*"ab"))
        plans, told = [], []
        for day in range(3):
            plan = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=2)
            plans.append(plan)
            told.append(_all(source, owner, Scope.SERIALS, EVERYTHING, plan))
            source.record_printed(
                owner,
                Scope.SERIALS,
                EVERYTHING,
                plan.snapshot,
                [(keys, ()) for keys in plan.ranges],
                AT + timedelta(days=day),
            )
        again = [_all(source, owner, Scope.SERIALS, EVERYTHING, plan) for plan in plans]
        assert again == told, (
            "a subject must be told as of its snapshot, with the `printed_at` that it had then, "
            f"so that a part that is made again has the same bytes: expected {told}, got {again}"
        )

    def test_a_range_holds_no_more_than_is_asked_for(
        self, source: EntitySource, owner: str
    ) -> None:
        self.add(source, owner, serials(*"abcdefg"))
        for part_size, expected in ((3, [(0, 3), (3, 3), (6, 1)]), (7, [(0, 7)])):
            plan = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=part_size)
            assert _shape(plan) == expected, (
                f"a plan must be cut into ranges of {part_size} at most, as full as can be: "
                f"expected first index and count {expected}, got {_shape(plan)}"
            )
            _check_names(source, owner, EVERYTHING, plan, "abcdefg", "a range holds its own")

    def test_what_is_printed_is_passed_over_from_then_on(
        self, source: EntitySource, owner: str
    ) -> None:
        self.add(source, owner, serials(*"abcdefg"))
        plan = source.plan(owner, Scope.SERIALS, NEVER, part_size=3)
        printed = [(plan.ranges[0], ()), (plan.ranges[1], (0, 2))]
        for _ in range(2):
            source.record_printed(owner, Scope.SERIALS, NEVER, plan.snapshot, printed, AT)
            later = source.plan(owner, Scope.SERIALS, NEVER, part_size=3)
            passed_over = (
                "`never_printed` must pass over what was printed, and that alone: neither ranges "
                "that were not told nor the indexes of a range that failed"
            )
            _check_names(source, owner, NEVER, later, "dfg", passed_over)
            _check_names(source, owner, NEVER, plan, "abcdefg", "a snapshot must select the same")
        everything = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=3)
        others = "what was printed must be selected where `never_printed` is not asked for"
        _check_names(source, owner, EVERYTHING, everything, "abcdefg", others)

    def test_a_lot_is_one_of_its_owner_and_of_its_gtin(
        self, source: EntitySource, owner: str
    ) -> None:
        ours, of_other_gtin, foreign = IDS[:3]
        self.add(source, f"{owner}-2", [Lot(gtin=GTINS[0], lot="B", id=foreign)])
        lots = [Lot(gtin=GTINS[0], lot="A", id=ours), Lot(gtin=GTINS[1], lot="A", id=of_other_gtin)]
        others = [Serial(gtin=GTINS[1], lot="A", serial="d")]
        self.add(source, owner, [*lots, *serials(*"ab"), *serials("c", lot="B"), *others])
        gtin_and_lot = (
            "`lot_ids` must narrow serials to those of the lots' GTIN and lot together: "
            "lots of two GTINs may have one code"
        )
        foreign_lots = "`lot_ids` must name lots of the owner alone, not those of another one"
        for lot_ids, names, obligation in (
            ((ours,), "ab", gtin_and_lot),
            ((of_other_gtin,), "d", gtin_and_lot),
            ((ours, of_other_gtin), "abd", gtin_and_lot),
            ((foreign,), "", foreign_lots),
            ((ours, foreign), "ab", foreign_lots),
            ((), "", "an empty list must be satisfied by none"),
        ):
            filters = LabelFilters(lot_ids=lot_ids)
            plan = source.plan(owner, Scope.SERIALS, filters, part_size=10)
            _check_names(source, owner, filters, plan, names, obligation)

    def test_products_are_of_no_lot(self, source: EntitySource, owner: str) -> None:
        lot = Lot(gtin=GTINS[0], lot="A", id=IDS[0], lot_run_id=IDS[1])
        self.add(source, owner, [Product(gtin=GTINS[0], id=IDS[2]), lot])
        for filters in (LabelFilters(lot_ids=IDS[:1]), LabelFilters(lot_run_id=IDS[1])):
            plan = source.plan(owner, Scope.PRODUCTS, filters, part_size=10)
            assert plan.ranges == (), (
                "products are of no lot and no run, so that filters by these must select none: "
                f"expected no range, got {plan}"
            )

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
        obligation = "a snapshot must not select the serials of a lot that was added later"
        _check_names(source, owner, filters, plan, "ac", obligation)

    def test_two_jobs_that_overlap_are_noted_both(self, source: EntitySource, owner: str) -> None:
        self.add(source, owner, serials(*"abcd"))
        plans = [source.plan(owner, Scope.SERIALS, NEVER, part_size=10) for _ in range(2)]
        for plan, failed in zip(plans, [(0, 1), (1, 2)], strict=True):
            printed = [(plan.ranges[0], failed)]
            source.record_printed(owner, Scope.SERIALS, NEVER, plan.snapshot, printed, AT)
        rest = source.plan(owner, Scope.SERIALS, NEVER, part_size=10)
        _check_names(source, owner, NEVER, rest, "b", "what either job has printed must be noted")

    def test_owners_do_not_see_each_other(self, source: EntitySource, owner: str) -> None:
        other = f"{owner}-2"
        self.add(source, owner, serials("a"))
        self.add(source, other, serials("a", "b"))
        plan = source.plan(other, Scope.SERIALS, NEVER, part_size=10)
        source.record_printed(
            other, Scope.SERIALS, NEVER, plan.snapshot, [(plan.ranges[0], ())], AT
        )
        ours = source.plan(owner, Scope.SERIALS, NEVER, part_size=10)
        one_owner = "an answer must hold entities of one owner alone"
        _check_names(source, owner, NEVER, ours, "a", one_owner)
        stolen = list(source.subjects(owner, Scope.SERIALS, NEVER, plan.snapshot, plan.ranges[0]))
        assert len(stolen) <= 1, f"{one_owner}, with another one's plan as well: got {stolen}"
        nobody = source.plan(f"{owner}-3", Scope.SERIALS, EVERYTHING, part_size=10)
        assert nobody.ranges == (), "an owner without entities must get none"

    def test_a_range_is_answered_by_a_pickled_copy(self, source: EntitySource, owner: str) -> None:
        self.add(source, owner, serials(*"abcde"))
        plan = source.plan(owner, Scope.SERIALS, EVERYTHING, part_size=2)
        copy = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own
        _check_names(copy, owner, EVERYTHING, plan, "abcde", "a pickled copy must answer alike")

    def test_a_selection_may_name_very_many(self, source: EntitySource, owner: str) -> None:
        ids = [new_short_id() for _ in range(5)]
        named = [
            Serial(gtin=GTINS[0], lot="A", serial=str(n), id=each) for n, each in enumerate(ids)
        ]
        self.add(source, owner, named)
        filters = LabelFilters(serial_ids=(*[new_short_id() for _ in range(40_000)], *ids[1:3]))
        plan = source.plan(owner, Scope.SERIALS, filters, part_size=10)
        many = "a filter may name tens of thousands, of which some are not there"
        _check_names(source, owner, filters, plan, "12", many)

    def test_any_history_is_that_of_the_source_in_memory(self, source: EntitySource) -> None:
        contract = self

        class Histories(EntityHistories):
            def __init__(self) -> None:
                super().__init__(
                    source, lambda owner, subjects: contract.add(source, owner, subjects)
                )

        run_state_machine_as_test(Histories, settings=histories(25))


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


def _check_names(
    source: EntitySource, owner: str, filters: LabelFilters, plan: Plan, names: str, obligation: str
) -> None:
    """See to it that a plan of serials selects some; the message begins with the obligation."""
    subjects = _all(source, owner, Scope.SERIALS, filters, plan)
    found = [each.serial for each in subjects if isinstance(each, Serial)]
    assert found == list(names), f"{obligation}: expected serials {list(names)}, got {found}"
