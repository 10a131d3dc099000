from collections.abc import Callable, Iterable, Sequence
from uuid import uuid4

import pytest

from closient_export.epcis import Event
from closient_export.ports import EntitySource, EventSource
from closient_export.subjects import Subject
from closient_export.testing.contracts import EntitySourceContract, EventSourceContract
from exports.entities import OrmEntitySource, row_of
from exports.events import OrmEventSource, add_events
from exports.models import Organisation


@pytest.mark.usefixtures("database")
class TestEntities(EntitySourceContract):
    @pytest.fixture
    def source(self) -> EntitySource:
        return OrmEntitySource()

    def add(self, source: EntitySource, owner: str, subjects: Sequence[Subject]) -> None:
        del source
        organisation, _ = Organisation.objects.get_or_create(slug=owner)
        for subject in subjects:
            row = row_of(organisation, subject)
            row.short_id = subject.id or ""
            row.save()


@pytest.mark.usefixtures("database")
class TestEvents(EventSourceContract):
    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        def make(events: Iterable[Event]) -> EventSource:
            organisation = Organisation.objects.create(slug=uuid4().hex)
            add_events(organisation, events)
            return OrmEventSource(organisation.slug)

        return make
