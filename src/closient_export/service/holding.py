"""A job while somebody works on it: the lease is kept, and given back with what came of it."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, TypeVar, cast

from closient_export.errors import StaleJobError
from closient_export.execution import is_final
from closient_export.execution.direct import CountingWriter
from closient_export.records import Job, JobRecord
from closient_export.service.workplace import CANCELLED, Workplace, public_message

__all__ = ["Cancelled", "Hold", "Stopped", "work_on"]

T = TypeVar("T")


class Cancelled(Exception):
    """The owner of a job wants it to end."""


class Stopped(Exception):
    """This worker is told to stop."""


class Hold:
    """A job of which this worker has a lease.

    Whoever has lost the lease gets a `StaleJobError` and changes nothing any more. A change that
    somebody else has made, such as a cancellation, is no loss: the work goes on from there.
    """

    def __init__(self, place: Workplace, record: JobRecord) -> None:
        self._place = place
        self.record = record
        self._looked = -math.inf

    def glance(self) -> bool:
        """Whether work must end: as `cancelled`, some moments ago, or because this worker stops."""
        now = time.monotonic()
        settings = self._place.settings
        if self._place.stopping():
            return True
        if now - self._looked < min(settings.glance, settings.lease / 8).total_seconds():
            return self.record.cancelled
        self._looked = now
        return self.cancelled()

    def cancelled(self) -> bool:
        """Renew the lease where it is time, and see whether the owner has cancelled.

        Raises:
            StaleJobError: the lease is lost.
        """
        while True:
            stored = self._place.jobs.get(self.record.owner, self.record.job_id)
            if not self._is_mine(stored):
                raise StaleJobError("the lease is lost")
            with suppress(StaleJobError):
                self.record = self._place.renew(stored)
                return self.record.cancelled

    def check(self) -> None:
        """The same, and stop there.

        Raises:
            Cancelled: the owner has cancelled.
            Stopped: this worker is told to stop.
            StaleJobError: the lease is lost.
        """
        if self.cancelled():
            raise Cancelled
        if self._place.stopping():
            raise Stopped

    def over(self, things: Iterable[T]) -> Iterator[T]:
        """The things, with a glance before each is handed out."""
        for thing in things:
            if self.glance():
                self.check()
            yield thing

    def change(self, job: Job | None = None, **changes: Any) -> JobRecord:
        """Keep the changed job."""
        while True:
            self.check()
            with suppress(StaleJobError):
                self.record = self._place.change(self.record, job, **changes)
                return self.record

    def deliver(
        self,
        key: str,
        write: Callable[[BinaryIO], object],
        done: Callable[[int], Job],
        **changes: Any,
    ) -> JobRecord:
        """Write the artifact and keep the job that is done; if that is not to be, neither is it.

        Args:
            key: Of the artifact; nobody else's lease has the same.
            write: Writes it.
            done: The job, given the artifact's size.
            changes: What else changes of the record.
        """
        with self._place.artifacts.create(key) as file:
            counted = CountingWriter(file)
            write(cast("BinaryIO", counted))
        job = done(counted.written)
        while True:
            try:
                self.check()
            except (Cancelled, Stopped, StaleJobError):
                self._place.artifacts.delete(key)
                raise
            with suppress(StaleJobError):
                return self._place.end(self.record, job, artifact_key=key, **changes)

    def hand_back(self) -> JobRecord:
        """Leave the job as it is to whoever comes next."""
        return self._leave(self._place.hand_back)

    def fail(self, why: str) -> JobRecord:
        """End the job without an artifact."""
        return self._leave(lambda record: self._place.fail(record, why))

    def give_up(self, error: BaseException, why: str = "") -> JobRecord:
        """End work on the job for now, or for good if trying again is of no use."""
        why = why or public_message(error)
        if is_final(error):
            return self.fail(why)
        return self._leave(lambda record: self._place.set_back(record, error, why))

    def _leave(self, leave: Callable[[JobRecord], JobRecord]) -> JobRecord:
        while True:
            stored = self._place.jobs.get(self.record.owner, self.record.job_id)
            if not self._is_mine(stored):
                return stored
            with suppress(StaleJobError):
                return leave(stored)

    def _is_mine(self, stored: JobRecord) -> bool:
        mine, held = self.record.lease, stored.lease
        return (
            not stored.terminal
            and mine is not None
            and held is not None
            and (mine.epoch == held.epoch)
        )


def work_on(place: Workplace, record: JobRecord, do: Callable[[Hold], JobRecord]) -> JobRecord:
    """Work on a job that was claimed; however that ends, the job says so."""
    hold = Hold(place, record)
    try:
        return do(hold)
    except StaleJobError:
        return place.jobs.get(record.owner, record.job_id)
    except Cancelled:
        return hold.fail(CANCELLED)
    except Stopped:
        return hold.hand_back()
    except Exception as error:
        return hold.give_up(error)
