"""Stores and sources that fail when they are told to, ends of the process, and clocks that go wrong.

A `Mishap` counts steps. Whatever carries it takes one before and one after each of its calls, and
some in between: an artifact store in the middle of each write and when a file is about to become
visible, a source after each entity or event. So a test can have something happen at the first
step, at the second, and so on until the work is done before it happens: then it has happened
everywhere.

Steps have names, such as ``jobs.replace``, ``artifacts.write``, ``entities.subjects`` or
``events.fetch``, so that only those of one operation may count.
"""

import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, NoReturn, cast

from closient_export.epcis import Event
from closient_export.ids import ShortId
from closient_export.ports import ArtifactStore, EntitySource, EventSource, FrontierQuery, JobStore
from closient_export.records import JobRecord, KeyRange, PartReceipt, Plan, Progress
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

__all__ = [
    "FailingArtifactStore",
    "FailingEntitySource",
    "FailingEventSource",
    "FailingJobStore",
    "Killed",
    "Mishap",
    "SkewedClock",
    "StoppedClock",
]


class Killed(BaseException):
    """Stands for the end of the process, within one process: no handler of `Exception` sees it."""


class Mishap:
    """Something that happens once, or on a schedule, at some step from now.

    It can be pickled, so that it goes to other processes with what carries it; each of these
    counts its own steps.

    >>> mishap = Mishap()
    >>> mishap.arm(2, OSError(28, "no space left"))
    >>> mishap.step("jobs.get")
    >>> mishap.step("jobs.get")
    Traceback (most recent call last):
    ...
    OSError: [Errno 28] no space left
    >>> mishap.disarm()
    False
    """

    def __init__(self) -> None:
        self._left = 0
        self._operation = ""
        self._happen: Callable[[], object] = _nothing
        self._schedule: list[BaseException | None] = []

    def arm(self, steps: int, error: BaseException, *, operation: str = "") -> None:
        """Raise an error once.

        Args:
            steps: At which step from now, from 1 on.
            error: What is raised; whether it is worth trying again is for its ``retryable`` to say.
            operation: The name of the steps that count; all if it is empty.
        """
        self.interrupt(steps, partial(_raise, error), operation=operation)

    def interrupt(self, steps: int, happen: Callable[[], object], *, operation: str = "") -> None:
        """Do something else once; whoever takes the step waits until it is done."""
        self._left, self._happen, self._operation = steps, happen, operation
        self._schedule = []

    def kill(self, steps: int, *, operation: str = "") -> None:
        """End this process once, as hard as the system can: no handler runs, nothing is flushed."""
        self.interrupt(steps, _end_process, operation=operation)

    def follow(self, schedule: Iterable[BaseException | None], *, operation: str = "") -> None:
        """Raise errors on a schedule: what each step from now raises, ``None`` for nothing."""
        self.disarm()
        self._schedule, self._operation = list(schedule), operation

    def disarm(self) -> bool:
        """Let nothing happen any more.

        Returns:
            Whether something was still to happen.
        """
        waiting = self._left > 0 or any(self._schedule)
        self._left, self._schedule = 0, []
        return waiting

    def step(self, operation: str = "") -> None:
        """Take a step; what is due happens."""
        if self._operation not in {"", operation}:
            return
        if self._schedule and (error := self._schedule.pop(0)):
            raise error
        if self._left:
            self._left -= 1
            if not self._left:
                self._happen()


def _nothing() -> None:
    pass


def _raise(error: BaseException) -> NoReturn:
    raise error


def _end_process() -> None:
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)


class FailingJobStore:
    """A job store with a mishap; its steps are called ``jobs.add``, ``jobs.get`` and so on."""

    def __init__(self, store: JobStore, mishap: Mishap) -> None:
        self._store = store
        self._mishap = mishap

    def _do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        operation = f"jobs.{name}"
        self._mishap.step(operation)
        result = getattr(self._store, name)(*args, **kwargs)
        self._mishap.step(operation)
        return result

    def add(self, record: JobRecord) -> JobRecord:
        """Keep a new job."""
        return cast("JobRecord", self._do("add", record))

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        """A job."""
        return cast("JobRecord", self._do("get", owner, job_id))

    def replace(self, record: JobRecord) -> JobRecord:
        """Keep a changed job."""
        return cast("JobRecord", self._do("replace", record))

    def remove(self, record: JobRecord) -> None:
        """Forget a job."""
        self._do("remove", record)

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        """Keep a receipt."""
        self._do("add_receipt", owner, job_id, receipt)

    def receipts(self, owner: str, job_id: ShortId) -> Sequence[PartReceipt]:
        """The receipts of a job."""
        return cast("Sequence[PartReceipt]", self._do("receipts", owner, job_id))

    def progress(self, owner: str, job_id: ShortId) -> Progress:
        """The receipts of a job, added up."""
        return cast("Progress", self._do("progress", owner, job_id))

    def due(self, now: datetime, *, limit: int = 100) -> Sequence[JobRecord]:
        """Jobs that should have been looked at by now."""
        return cast("Sequence[JobRecord]", self._do("due", now, limit=limit))


class FailingArtifactStore:
    """An artifact store with a mishap, also in the middle of a file.

    Its steps are ``artifacts.create`` (before a file is there to write, before it is kept, and
    after), ``artifacts.write`` (halfway through the bytes of each write), ``artifacts.open``,
    ``artifacts.keys`` and ``artifacts.delete``.
    """

    def __init__(self, store: ArtifactStore, mishap: Mishap) -> None:
        self._store = store
        self._mishap = mishap

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A file to write."""
        self._mishap.step("artifacts.create")
        with self._store.create(key) as file:
            yield cast("BinaryIO", _FailingFile(file, self._mishap))
            self._mishap.step("artifacts.create")
        self._mishap.step("artifacts.create")

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A file to read."""
        self._mishap.step("artifacts.open")
        with self._store.open(key) as file:
            yield file

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix."""
        self._mishap.step("artifacts.keys")
        yield from self._store.keys(prefix)

    def delete(self, key: str) -> None:
        """Forget a file."""
        self._mishap.step("artifacts.delete")
        self._store.delete(key)
        self._mishap.step("artifacts.delete")


class _FailingFile:
    def __init__(self, file: BinaryIO, mishap: Mishap) -> None:
        self._file = file
        self._mishap = mishap

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])
        self._mishap.step("artifacts.write")
        self._file.write(data[len(data) // 2 :])
        return len(data)


class FailingEntitySource:
    """A source of entities with a mishap.

    Its steps are ``entities.plan`` and ``entities.record_printed``, before and after, and
    ``entities.subjects``, before the first subject and after each.
    """

    def __init__(self, source: EntitySource, mishap: Mishap) -> None:
        self._source = source
        self._mishap = mishap

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select."""
        self._mishap.step("entities.plan")
        plan = self._source.plan(owner, scope, filters, part_size=part_size)
        self._mishap.step("entities.plan")
        return plan

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range."""
        self._mishap.step("entities.subjects")
        for subject in self._source.subjects(owner, scope, filters, snapshot, keys):
            yield subject
            self._mishap.step("entities.subjects")

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Note that the entities of some ranges were printed."""
        self._mishap.step("entities.record_printed")
        self._source.record_printed(owner, scope, filters, snapshot, printed, at)
        self._mishap.step("entities.record_printed")


class FailingEventSource:
    """A source of events with a mishap: ``events.fetch``, before the first event and after each."""

    def __init__(self, source: EventSource, mishap: Mishap) -> None:
        self._source = source
        self._mishap = mishap

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        """The events that a query asks for."""
        self._mishap.step("events.fetch")
        for event in self._source.fetch(query):
            yield event
            self._mishap.step("events.fetch")


class StoppedClock:
    """A clock that stands still until it is told to go on.

    >>> from datetime import UTC
    >>> clock = StoppedClock(datetime(2027, 3, 31, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=1))
    >>> clock().isoformat()
    '2027-03-31T01:00:00+00:00'
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time go by."""
        self.now += by


class SkewedClock:
    """The clock of a machine that is fast or slow, as seen beside another clock.

    Args:
        clock: The one that is right.
        skew: How far this one is ahead; behind, if negative.
        drift: How many seconds it gains in each second, counted from the first look at it.
    """

    def __init__(
        self, clock: Callable[[], datetime], skew: timedelta, *, drift: float = 0.0
    ) -> None:
        self._clock = clock
        self._skew = skew
        self._drift = drift
        self._since: datetime | None = None

    def __call__(self) -> datetime:
        """What time it is here."""
        now = self._clock()
        if self._since is None:
            self._since = now
        return now + self._skew + (now - self._since) * self._drift
