"""Jobs and artifacts in this process's memory: what the other stores must behave like."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from attrs import evolve

from closient_export.errors import ArtifactNotFoundError, JobNotFoundError, StaleJobError
from closient_export.ids import ShortId
from closient_export.records import JobRecord, PartReceipt, Progress

__all__ = ["MemoryArtifactStore", "MemoryJobStore"]


class MemoryJobStore:
    """A `closient_export.ports.JobStore` for one process, safe for its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[tuple[str, str], JobRecord] = {}
        self._receipts: dict[tuple[str, str], dict[int, PartReceipt]] = {}

    def add(self, record: JobRecord) -> JobRecord:
        """Keep a new job, or return the one that has its idempotency key."""
        with self._lock:
            for known in self._records.values():
                same_key = known.idempotency_key == record.idempotency_key != ""
                if same_key and known.owner == record.owner:
                    return known
            self._records[record.owner, record.job_id] = record
            self._receipts[record.owner, record.job_id] = {}
            return record

    def get(self, owner: str, job_id: ShortId) -> JobRecord:
        """A job of an owner."""
        with self._lock:
            return self._get(owner, job_id)

    def _get(self, owner: str, job_id: ShortId) -> JobRecord:
        try:
            return self._records[owner, job_id]
        except KeyError:
            raise JobNotFoundError("there is no such job") from None

    def replace(self, record: JobRecord) -> JobRecord:
        """Keep a changed job, if nobody else has changed it."""
        with self._lock:
            stored = self._get(record.owner, record.job_id)
            if stored.revision != record.revision:
                raise StaleJobError(f"job {record.job_id} was changed meanwhile")
            changed = evolve(record, revision=record.revision + 1)
            self._records[record.owner, record.job_id] = changed
            return changed

    def remove(self, record: JobRecord) -> None:
        """Forget a job and its receipts."""
        with self._lock:
            self._records.pop((record.owner, record.job_id), None)
            self._receipts.pop((record.owner, record.job_id), None)

    def add_receipt(self, owner: str, job_id: ShortId, receipt: PartReceipt) -> None:
        """Keep the first receipt of a part."""
        with self._lock:
            self._get(owner, job_id)
            self._receipts[owner, job_id].setdefault(receipt.index, receipt)

    def receipts(self, owner: str, job_id: ShortId) -> Sequence[PartReceipt]:
        """The receipts of a job, in order."""
        with self._lock:
            self._get(owner, job_id)
            found = self._receipts[owner, job_id]
            return [found[index] for index in sorted(found)]

    def progress(self, owner: str, job_id: ShortId) -> Progress:
        """The receipts of a job, added up."""
        receipts = self.receipts(owner, job_id)
        return Progress(
            parts=len(receipts),
            items=sum(receipt.item_count for receipt in receipts),
            failed=sum(len(receipt.failed) for receipt in receipts),
        )

    def due(self, now: datetime, *, limit: int = 100) -> Sequence[JobRecord]:
        """Jobs that should have been looked at by now."""
        with self._lock:
            found = [record for record in self._records.values() if record.due <= now]
        return sorted(found, key=lambda record: (record.due, record.job_id))[:limit]


class MemoryArtifactStore:
    """A `closient_export.ports.ArtifactStore` for one process, safe for its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, bytes] = {}

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A file that is kept when the block ends well."""
        file = io.BytesIO()
        yield file
        with self._lock:
            self._files.setdefault(key, file.getvalue())

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A file to read."""
        with self._lock:
            data = self._files.get(key)
        if data is None:
            raise ArtifactNotFoundError(f"there is no artifact {key!r}")
        yield io.BytesIO(data)

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, sorted."""
        with self._lock:
            found = sorted(key for key in self._files if key.startswith(prefix))
        yield from found

    def delete(self, key: str) -> None:
        """Forget a file."""
        with self._lock:
            self._files.pop(key, None)
