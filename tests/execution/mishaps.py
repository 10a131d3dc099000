"""Stores that fail at a chosen moment, and the host that the tests make fail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

from export_hosts import InlineExecutor, PlainRenderer, Signer, registry_with

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.adapters.memory_entities import MemoryEntitySource
from closient_export.ids import ShortId
from closient_export.ports import ArtifactStore, JobStore
from closient_export.records import JobRecord, PartReceipt, Progress
from closient_export.service import Settings, Workplace

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)
RETENTION = timedelta(days=7)


class Killed(BaseException):
    """The process is no more: nothing handles this."""


class Mishap:
    """Happens once, at the n-th step from now: steps are what goes before and after each call."""

    def __init__(self) -> None:
        self._left = 0
        self._happen: Callable[[], object] = lambda: None

    def arm(self, steps: int, error: BaseException) -> None:
        def fail() -> None:
            raise error

        self.interrupt(steps, fail)

    def interrupt(self, steps: int, happen: Callable[[], object]) -> None:
        """Whoever does the step waits until something else has happened."""
        self._left, self._happen = steps, happen

    def disarm(self) -> bool:
        """Whether it has not happened."""
        left, self._left = self._left, 0
        return left > 0

    def step(self) -> None:
        if self._left:
            self._left -= 1
            if not self._left:
                self._happen()


class FailingJobStore:
    """A job store with a mishap."""

    def __init__(self, store: JobStore, mishap: Mishap) -> None:
        self._store = store
        self._mishap = mishap

    def _do(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._mishap.step()
        result = call(*args, **kwargs)
        self._mishap.step()
        return result

    def add(self, record: JobRecord) -> JobRecord:
        return cast("JobRecord", self._do(self._store.add, record))

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        return cast("JobRecord", self._do(self._store.get, owner, job_id))

    def replace(self, record: JobRecord) -> JobRecord:
        return cast("JobRecord", self._do(self._store.replace, record))

    def remove(self, record: JobRecord) -> None:
        self._do(self._store.remove, record)

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        self._do(self._store.add_receipt, owner, job_id, receipt)

    def receipts(self, owner: str, job_id: ShortId) -> Sequence[PartReceipt]:
        return cast("Sequence[PartReceipt]", self._do(self._store.receipts, owner, job_id))

    def progress(self, owner: str, job_id: ShortId) -> Progress:
        return cast("Progress", self._do(self._store.progress, owner, job_id))

    def due(self, now: datetime, *, limit: int = 100) -> Sequence[JobRecord]:
        return cast("Sequence[JobRecord]", self._do(self._store.due, now, limit=limit))


class FailingArtifactStore:
    """An artifact store with a mishap, also in the middle of a file."""

    def __init__(self, store: ArtifactStore, mishap: Mishap) -> None:
        self._store = store
        self._mishap = mishap

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        self._mishap.step()
        with self._store.create(key) as file:
            yield cast("BinaryIO", _FailingFile(file, self._mishap))
            self._mishap.step()
        self._mishap.step()

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        self._mishap.step()
        with self._store.open(key) as file:
            yield file

    def keys(self, prefix: str) -> Iterator[str]:
        self._mishap.step()
        yield from self._store.keys(prefix)

    def delete(self, key: str) -> None:
        self._mishap.step()
        self._store.delete(key)
        self._mishap.step()


class _FailingFile:
    def __init__(self, file: BinaryIO, mishap: Mishap) -> None:
        self._file = file
        self._mishap = mishap

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])
        self._mishap.step()
        self._file.write(data[len(data) // 2 :])
        return len(data)


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
        entities=entities,
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
