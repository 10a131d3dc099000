"""Does the jobs that the host has accepted, in threads of the server or of a process of its own."""

import logging
import math
import threading
import time

from closient_export.errors import ExportError
from closient_export.host.hosting import Host
from closient_export.ids import ShortId

__all__ = ["Worker"]

_SWEEPING = 3600.0
"""Seconds from one time that what killed writers left is removed to the next."""

logger = logging.getLogger("closient_export.host.worker")


class Worker:
    """Looks for jobs and does some of them at a time, until it is told to stop.

    Jobs are found in the database, whoever has accepted them; those that a dead worker held, too,
    once its lease is over. What is told to stop hands its jobs back as they are.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running: set[threading.Thread] = set()
        self._looking = threading.Thread(target=self._look, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for jobs; returns at once."""
        self._looking.start()

    def wake(self) -> None:
        """There is a job now: look at once."""
        self._wake.set()

    def stop(self) -> bool:
        """Stop, and wait a while until the jobs are handed back; returns whether all are.

        A job that is not, because what it does just now takes too long, is taken over by another
        worker when its lease is over.
        """
        self._host.stopping.set()
        self._wake.set()
        end = time.monotonic() + self._host.settings.patience.total_seconds()
        self._looking.join(max(0.0, end - time.monotonic()))
        with self._lock:  # nobody begins a job any more
            running = list(self._running)
        for thread in running:
            thread.join(max(0.0, end - time.monotonic()))
        return not self._running

    def _look(self) -> None:
        pause = self._host.settings.poll.total_seconds()
        swept = -math.inf
        while not self._host.stopping.is_set():
            self._wake.clear()
            free = self._host.settings.threads - len(self._running)
            try:
                if time.monotonic() > swept + _SWEEPING:
                    swept = time.monotonic()
                    self._host.sweep()
                if free and self._begin(free):
                    continue
            except ExportError as error:  # the database is away: it may come back
                logger.warning("no jobs can be looked for: %s", type(error).__name__)
            except Exception:  # whatever it is, jobs that come later are looked for
                logger.exception("no jobs can be looked for")
            self._wake.wait(pause)

    def _begin(self, most: int) -> bool:
        """Begin some jobs; returns whether there may be more that can be begun."""
        found = self._host.service.reconcile(limit=most)
        for owner, job_id in found.overdue:
            logger.warning("a trace is late", extra={"fields": {"job_id": job_id, "owner": owner}})
        for owner, job_id in found.resume:
            thread = threading.Thread(
                target=self._do, args=(owner, job_id), name=f"job {job_id}", daemon=True
            )
            with self._lock:  # one that cannot be started takes no place
                thread.start()
                self._running.add(thread)
        return bool(found.resume or found.removed)

    def _do(self, owner: str, job_id: ShortId) -> None:
        begun = time.monotonic()
        fields: dict[str, object] = {"job_id": job_id, "owner": owner}
        try:
            record = self._host.service.run(owner, job_id)
            fields |= {"status": record.job.status.value}
            fields |= {"seconds": round(time.monotonic() - begun, 3)}
            logger.info("a job was worked on", extra={"fields": fields})
        except Exception:
            logger.exception("work on a job failed", extra={"fields": fields})
        finally:
            with self._lock:
                self._running.discard(threading.current_thread())
            self._wake.set()
