"""Traceability exports as jobs: a lot is traced, the report is written, the file delivered."""

from typing import Any, cast

from attrs import frozen

from closient_export.errors import ExportError, StaleJobError
from closient_export.gs1 import CANONICAL_STEM
from closient_export.gs1.digital_link import percent_encode
from closient_export.ids import ShortId
from closient_export.jobs import TraceabilityExportJob, TraceabilityJobStatus
from closient_export.records import JobRecord
from closient_export.requests import LabelFilters
from closient_export.service.workplace import CountingWriter, Workplace, public_message
from closient_export.subjects import Lot, Scope
from closient_export.trace.report import trace_lots
from closient_export.trace.walk import Selection

__all__ = ["TraceWork"]


@frozen(eq=False)
class TraceWork:
    """What is done for the traceability exports of a workplace."""

    place: Workplace

    def run(self, owner: str, job_id: ShortId) -> JobRecord:
        """Trace, write and deliver; somebody else's job is let be."""
        record = self.place.claim(owner, job_id)
        if record is None:
            return self.place.jobs.get(owner, job_id)
        try:
            return self._run(record)
        except StaleJobError:
            return self.place.jobs.get(owner, job_id)
        except Exception as error:
            record = self.place.jobs.get(owner, job_id)
            if record.terminal or record.lease is None:
                return record
            if _is_final(error):
                return self.place.end(record, _job(record).fail(public_message(error)))
            return self.place.set_back(record, error)

    def _run(self, record: JobRecord) -> JobRecord:
        place, job = self.place, _job(record)
        if record.cancelled:
            return place.end(record, job.fail("The export was cancelled."))
        if job.status is TraceabilityJobStatus.PENDING:
            job = job.start()
            record = place.change(record, job)
        lot = self._lot(record.owner, job.request.lot_id)
        if lot is None:
            return place.end(record, job.fail("There is no such lot."))
        report = trace_lots(
            place.events(record.owner),
            place.master_data(record.owner),
            Selection(lots=(lot,)),
            job.request.direction,
            limits=place.settings.limits,
            rules=place.settings.rules,
            thresholds=place.settings.thresholds,
        )
        if any(finding.rule == "lot-unknown" for finding in report.findings):
            return place.end(record, job.fail("No event names the lot."))
        writer = place.writers.writer(job.request.format)
        epoch = record.lease.epoch if record.lease else 0
        key = f"artifacts/{job.job_id}/{epoch}.{writer.extension}"
        with place.artifacts.create(key) as file:
            counted = CountingWriter(file)
            writer.write(report, cast("Any", counted))
        done = job.deliver(
            delivered_at=place.clock(),
            file_size_bytes=counted.written,
            extension=writer.extension,
        )
        try:
            record = place.end(record, done, artifact_key=key)
        except StaleJobError:
            place.artifacts.delete(key)
            raise
        place.clear(f"artifacts/{job.job_id}/", but=key)
        return record

    def _lot(self, owner: str, lot_id: ShortId) -> str | None:
        """The canonical URI of a lot that the owner has."""
        filters = LabelFilters(lot_ids=(lot_id,))
        plan = self.place.entities.plan(owner, Scope.LOTS, filters, part_size=1)
        for keys in plan.ranges:
            for lot in self.place.entities.subjects(
                owner, Scope.LOTS, filters, plan.snapshot, keys
            ):
                if isinstance(lot, Lot):
                    return f"{CANONICAL_STEM}/01/{lot.gtin}/10/{percent_encode(lot.lot)}"
        return None


def _job(record: JobRecord) -> TraceabilityExportJob:
    return cast("TraceabilityExportJob", record.job)


def _is_final(error: Exception) -> bool:
    return isinstance(error, ExportError) and not getattr(error, "retryable", False)
