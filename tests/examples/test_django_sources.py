from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction

from closient_export.epcis import Event
from closient_export.gs1 import Gtin
from closient_export.ports import EntitySource, EventSource
from closient_export.subjects import Lot, Subject
from closient_export.testing.contracts import EntitySourceContract, EventSourceContract
from exports.entities import OrmEntitySource, add_entities, row_of
from exports.events import OrmEventSource, add_events
from exports.models import Organisation

from .conftest import use

GTIN = Gtin.parse("9506000134352")


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


def test_entities_of_an_organisation_are_added_one_transaction_after_another(
    postgresql_wrapper: Any,
) -> None:
    use(postgresql_wrapper)
    ours, other = (Organisation.objects.create(slug=uuid4().hex) for _ in range(2))

    def add(organisation: Organisation) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            add_entities(organisation, [Lot(gtin=GTIN, lot="A")])
        except OperationalError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            add_entities(ours, [Lot(gtin=GTIN, lot="B")])
            assert not thread.submit(add, ours).result()
            assert thread.submit(add, other).result()
        assert thread.submit(add, ours).result()


@pytest.mark.usefixtures("database")
class TestEvents(EventSourceContract):
    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        def make(events: Iterable[Event]) -> EventSource:
            organisation = Organisation.objects.create(slug=uuid4().hex)
            add_events(organisation, events)
            return OrmEventSource(organisation.slug)

        return make
