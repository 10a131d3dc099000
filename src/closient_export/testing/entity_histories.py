"""Histories of catalogues, which a `closient_export.ports.EntitySource` and memory tell alike.

Needs Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.gs1 import Gtin
from closient_export.ids import parse_short_id
from closient_export.ports import EntitySource
from closient_export.records import Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Scope, Serial, Subject

__all__ = ["EntityHistories"]

AT = datetime(2027, 3, 31, 9, 30, tzinfo=UTC)
GTINS = tuple(map(Gtin.parse, ("9506000134352", "614141000036")))
RUN = parse_short_id("MMr86QwRRjvDGR6MjGRNdQ")

_NEVER = LabelFilters(never_printed=True)
_filters = st.sampled_from(
    [
        *(_NEVER, _NEVER, _NEVER, LabelFilters()),
        LabelFilters(gtins=GTINS[:1]),
        LabelFilters(gtins=GTINS[:1], never_printed=True),
        LabelFilters(lot_run_id=RUN),
        LabelFilters(gtins=()),
    ]
)
_scopes = st.sampled_from([Scope.SERIALS, Scope.SERIALS, Scope.LOTS])


class _Planned(NamedTuple):
    """A selection that a source and memory have planned."""

    owner: str
    scope: Scope
    filters: LabelFilters
    plans: tuple[Plan, Plan]
    found: list[Subject]
    """What the source selected then."""


class EntityHistories(RuleBasedStateMachine):
    """The same calls on a source and on the one in memory: the same selections, for ever.

    Two owners add, plan, print and plan again; whatever was planned is looked at later.

    Args:
        source: The source under test.
        add: A function that gives an owner entities, as `EntitySourceContract.add`.
    """

    selections = Bundle("selections")

    def __init__(
        self, source: EntitySource, add: Callable[[str, Sequence[Subject]], object]
    ) -> None:
        super().__init__()
        self._model = MemoryEntitySource()
        self._sources: tuple[EntitySource, EntitySource] = (source, self._model)
        self._add = add
        self._prefix = uuid4().hex
        self._count = 0

    @initialize()
    def begin(self) -> None:
        self.add("a", GTINS[0], 4, Scope.SERIALS, None, None)

    @rule(
        owner=st.sampled_from("ab"),
        gtin=st.sampled_from(GTINS),
        count=st.integers(1, 6),
        scope=_scopes,
        run=st.sampled_from([None, RUN]),
        printed=st.sampled_from([None, None, AT]),
    )
    def add(
        self,
        owner: str,
        gtin: Gtin,
        count: int,
        scope: Scope,
        run: str | None,
        printed: datetime | None,
    ) -> None:
        numbers = range(self._count, self._count + count)
        self._count += count
        more: list[Subject] = [
            Lot(gtin=gtin, lot=f"L{n}", lot_run_id=run, printed_at=printed)
            if scope is Scope.LOTS
            else Serial(gtin=gtin, serial=f"{n}", lot="A", lot_run_id=run, printed_at=printed)
            for n in numbers
        ]
        self._add(self._prefix + owner, more)
        self._model.add(self._prefix + owner, more)

    @rule(
        target=selections,
        owner=st.sampled_from("aab"),
        scope=_scopes,
        filters=_filters,
        part_size=st.integers(1, 5),
    )
    def plan(self, owner: str, scope: Scope, filters: LabelFilters, part_size: int) -> _Planned:
        source, model = (
            each.plan(self._prefix + owner, scope, filters, part_size=part_size)
            for each in self._sources
        )
        shapes = [
            [(keys.first_index, keys.count) for keys in plan.ranges] for plan in (source, model)
        ]
        assert shapes[0] == shapes[1], (
            "a source must select and cut as the one in memory does: "
            f"expected ranges of {shapes[1]}, got {shapes[0]}"
        )
        planned = _Planned(self._prefix + owner, scope, filters, (source, model), [])
        found, wanted = self._selected(planned)
        assert _unprinted(found) == _unprinted(wanted), (
            f"a source must select what the one in memory selects: expected {wanted}, got {found}"
        )
        planned.found.extend(found)
        return planned

    @rule(planned=selections)
    def look(self, planned: _Planned) -> None:
        found, _ = self._selected(planned)
        assert _unprinted(found) == _unprinted(planned.found), (
            "a snapshot must select the same, whatever is printed or added meanwhile: "
            f"expected {planned.found}, got {found}"
        )

    @rule(planned=selections, data=st.data(), delay=st.integers(0, 5), times=st.integers(1, 2))
    def print(self, planned: _Planned, data: st.DataObject, delay: int, times: int) -> None:
        chosen = [
            (place, data.draw(st.sets(st.integers(0, keys.count - 1))))
            for place, keys in enumerate(planned.plans[1].ranges)
            if data.draw(st.booleans())
        ]
        for source, plan in zip(self._sources, planned.plans, strict=True):
            for _ in range(times):
                source.record_printed(
                    planned.owner,
                    planned.scope,
                    planned.filters,
                    plan.snapshot,
                    [(plan.ranges[place], failed) for place, failed in chosen],
                    AT + timedelta(minutes=delay),
                )

    def _selected(self, planned: _Planned) -> tuple[list[Subject], list[Subject]]:
        """What the source and memory select."""
        found, wanted = (
            [
                subject
                for keys in plan.ranges
                for subject in source.subjects(
                    planned.owner, planned.scope, planned.filters, plan.snapshot, keys
                )
            ]
            for source, plan in zip(self._sources, planned.plans, strict=True)
        )
        return found, wanted


def _unprinted(subjects: Sequence[Subject]) -> list[Subject]:
    """The same but for when they were printed, which is no part of a selection."""
    return [
        evolve(each, printed_at=None) if isinstance(each, Lot | Serial) else each
        for each in subjects
    ]
