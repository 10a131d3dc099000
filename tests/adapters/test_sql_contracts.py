from collections.abc import Callable, Iterable, Sequence
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.adapters.memory_stores import MemoryJobStore
from closient_export.adapters.sql import (
    SqlEntitySource,
    SqlEventSource,
    SqlJobStore,
    SqlMasterData,
)
from closient_export.epcis import Event
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.ports import EntitySource, EventSource, JobStore, MasterData
from closient_export.subjects import Subject
from closient_export.testing.contracts import (
    EntitySourceContract,
    EventSourceContract,
    JobStoreContract,
    MasterDataContract,
)


class TestJobsInMemory(JobStoreContract):
    @pytest.fixture
    def store(self) -> JobStore:
        return MemoryJobStore()


class TestJobsInSql(JobStoreContract):
    @pytest.fixture
    def store(self, engine: Engine) -> JobStore:
        return SqlJobStore(engine)


class TestEntitiesInMemory(EntitySourceContract):
    @pytest.fixture
    def source(self) -> EntitySource:
        return MemoryEntitySource()

    def add(self, source: EntitySource, owner: str, subjects: Sequence[Subject]) -> None:
        assert isinstance(source, MemoryEntitySource)
        source.add(owner, subjects)


class TestEntitiesInSql(EntitySourceContract):
    @pytest.fixture
    def source(self, engine: Engine) -> EntitySource:
        return SqlEntitySource(engine)

    def add(self, source: EntitySource, owner: str, subjects: Sequence[Subject]) -> None:
        assert isinstance(source, SqlEntitySource)
        assert source.add(owner, subjects).new == len(subjects)


class TestEventsInMemory(EventSourceContract):
    @pytest.fixture
    def make_source(self) -> Callable[[Iterable[Event]], EventSource]:
        return MemoryEventSource


class TestEventsInSql(EventSourceContract):
    @pytest.fixture
    def make_source(self, engine: Engine) -> Callable[[Iterable[Event]], EventSource]:
        def make(events: Iterable[Event]) -> EventSource:
            source = SqlEventSource(engine, uuid4().hex)
            source.add(events)
            return source

        return make


Descriptions = Callable[[Sequence[LocationDescription], Sequence[ProductDescription]], MasterData]


class TestMasterDataInMemory(MasterDataContract):
    @pytest.fixture
    def make_source(self) -> Descriptions:
        return MemoryMasterData


class TestMasterDataInSql(MasterDataContract):
    @pytest.fixture
    def make_source(self, engine: Engine) -> Descriptions:
        def make(
            locations: Sequence[LocationDescription], products: Sequence[ProductDescription]
        ) -> MasterData:
            source = SqlMasterData(engine, uuid4().hex)
            source.add(locations, products)
            return source

        return make
