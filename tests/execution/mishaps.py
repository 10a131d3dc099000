"""The host that the tests make fail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from export_hosts import InlineExecutor, PlainRenderer, Signer, registry_with

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.ports import ArtifactStore, JobStore
from closient_export.service import Settings, Workplace
from closient_export.testing.faults import (
    FailingArtifactStore,
    FailingEntitySource,
    FailingJobStore,
    Mishap,
)

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)
RETENTION = timedelta(days=7)


def failing_workplace(
    jobs: JobStore,
    artifacts: ArtifactStore,
    entities: MemoryEntitySource,
    mishap: Mishap,
    clock: Callable[[], datetime],
    worker: str,
) -> Workplace:
    return Workplace(
        jobs=FailingJobStore(jobs, mishap),
        artifacts=FailingArtifactStore(artifacts, mishap),
        signer=Signer(),
        entities=FailingEntitySource(entities, mishap),
        events=lambda _owner: MemoryEventSource(),
        master_data=lambda _owner: MemoryMasterData(),
        make_executor=InlineExecutor,
        registry=registry_with(PlainRenderer),
        clock=clock,
        worker=worker,
        settings=Settings(
            part_size=5, window=2, lease=LEASE, retention=RETENTION, glance=timedelta(0)
        ),
    )
