"""A catalogue that is kept in a SQLite file: what the commands do with it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeVar, cast

from sqlalchemy import Engine

from closient_export.adapters.csv_catalog import Selection
from closient_export.adapters.sql import SqlEntitySource, SqlEventSource, SqlMasterData
from closient_export.adapters.sql.importing import (
    import_descriptions,
    import_entities,
    import_events,
)
from closient_export.adapters.sql.transactions import writing
from closient_export.cli.console import OWNER, counted
from closient_export.execution import PART_SIZE
from closient_export.ids import ShortId
from closient_export.master_data import LocationDescription, ProductDescription, merged
from closient_export.plugins import Renderer
from closient_export.ports import MasterData
from closient_export.records import Plan
from closient_export.requests import LabelFilters
from closient_export.service.lots import lot_of_id
from closient_export.subjects import Scope, Subject

__all__ = ["StoredCatalog"]

T = TypeVar("T", LocationDescription, ProductDescription)


class StoredCatalog:
    """The command line's entities, events and master data."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.entities = SqlEntitySource(engine)
        self.events = SqlEventSource(engine, OWNER)

    def select(self, scope: Scope, filters: LabelFilters) -> Selection:
        """What the filters select."""
        self._asked = (OWNER, scope, filters)
        self._plan = self.entities.plan(*self._asked, part_size=PART_SIZE)
        return Selection(self._plan.count, self.entities.count(OWNER), self._subjects(self._plan))

    def _subjects(self, plan: Plan) -> Iterator[Subject]:
        for keys in plan.ranges:
            yield from self.entities.subjects(*self._asked, plan.snapshot, keys)

    def watched(self, renderer: Renderer) -> Renderer:
        """The same renderer, seen at work: what it cannot draw is not printed."""
        self._watched = _Watched(renderer)
        return cast("Renderer", self._watched)

    def record_printed(self) -> None:
        """Note that what was selected was printed, as far as it was drawn."""
        failed = sorted(self._watched.failed)
        printed = [
            (keys, [n - keys.first_index for n in failed if 0 <= n - keys.first_index < keys.count])
            for keys in self._plan.ranges
        ]
        now = datetime.now(UTC)
        self.entities.record_printed(*self._asked, self._plan.snapshot, printed, now)

    def lot(self, lot_id: ShortId) -> str | None:
        """The canonical URI of the lot that has a short id."""
        return lot_of_id(self.entities, OWNER, lot_id)

    def master_data(self, first: MasterData) -> MasterData:
        """What is kept, after what counts before it."""
        return _Layered(first, SqlMasterData(self._engine, OWNER))

    def import_entities(self, file: BinaryIO, name: str) -> str:
        """Take in a CSV file of lots and serials; returns what it held."""
        with writing(self._engine) as connection:
            found = import_entities(connection, OWNER, file, name)
        held = [
            counted(found.held[scope], scope.value[:-1]) for scope in Scope if found.held[scope]
        ]
        changed = f", {found.changed:,} changed" if found.changed else ""
        return f"{', '.join(held) or 'no rows'}; {found.new:,} new{changed}"

    def import_events(self, file: BinaryIO, name: str) -> str:
        """Take in EPCIS documents, and what their headers say; returns what they held."""
        with writing(self._engine) as connection:
            found = import_events(connection, OWNER, file, name)
        held = [counted(found.events, "event")]
        held += [counted(found.places, "place")] if found.places else []
        held += [counted(found.products, "product")] if found.products else []
        return f"{', '.join(held)}; {found.new:,} new"

    def import_descriptions(self, file: BinaryIO, name: str) -> str:
        """Take in a file of places and products; returns what it held."""
        with writing(self._engine) as connection:
            found = import_descriptions(connection, OWNER, file, name)
        held = f"{counted(found.places, 'place')}, {counted(found.products, 'product')}"
        return f"{held}; {found.new:,} new"


class _Watched:
    """A renderer of which somebody knows what it could not draw."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self.failed: set[int] = set()
        for name in ("api_version", "scopes", "config", "media_type", "extension"):
            setattr(self, name, getattr(renderer, name))
        if hasattr(renderer, "writes_manifest"):
            self.writes_manifest = renderer.writes_manifest
        self.assemble = renderer.assemble

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Any:
        part = self._renderer.render_part(subjects, config, first_index)
        self.failed |= {first_index + place for place in getattr(part, "failed", ())}
        return part


class _Layered:
    """Master data from two sources, of which the first one counts before the second."""

    def __init__(self, first: MasterData, second: MasterData) -> None:
        self._first = first
        self._second = second

    def locations(self, ids: Collection[str]) -> Mapping[str, LocationDescription]:
        return _layered(self._first.locations(ids), self._second.locations(ids))

    def products(self, ids: Collection[str]) -> Mapping[str, ProductDescription]:
        return _layered(self._first.products(ids), self._second.products(ids))


def _layered(first: Mapping[str, T], second: Mapping[str, T]) -> dict[str, T]:
    known = dict(second)
    for identifier, description in first.items():
        other = known.get(identifier)
        known[identifier] = merged(description, other) if other else description
    return known
