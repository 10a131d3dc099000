"""Traceability exports as jobs: a lot is traced, the report is written, the file delivered."""

from collections.abc import Iterable
from typing import cast

from attrs import frozen

from closient_export.epcis import Event
from closient_export.ids import ShortId
from closient_export.jobs import TraceabilityExportJob, TraceabilityJobStatus
from closient_export.ports import EventSource, FrontierQuery
from closient_export.records import JobRecord
from closient_export.service.holding import Hold, work_on
from closient_export.service.workplace import Workplace
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
        return work_on(self.place, record, self._run)

    def _run(self, hold: Hold) -> JobRecord:
        hold.check()
        place, record, job = self.place, hold.record, _job(hold.record)
        if job.status is TraceabilityJobStatus.PENDING:
            job = job.start()
            hold.change(job)
        lot = place.find_lot(record.owner, job.request.lot_id)
        if lot is None:
            return hold.fail("There is no such lot.")
        report = trace_lots(
            _Watched(place.events(record.owner), hold),
            place.master_data(record.owner),
            Selection(lots=(lot,)),
            job.request.direction,
            limits=place.settings.limits,
            rules=place.settings.rules,
            thresholds=place.settings.thresholds,
        )
        if any(finding.rule == "lot-unknown" for finding in report.findings):
            return hold.fail("No event names the lot.")
        hold.check()
        writer = place.writers.writer(job.request.format)
        epoch = record.lease.epoch if record.lease else 0
        key = f"artifacts/{job.job_id}/{epoch}.{writer.extension}"
        record = hold.deliver(
            key,
            lambda file: writer.write(report, file),
            lambda size: job.deliver(
                delivered_at=place.clock(), file_size_bytes=size, extension=writer.extension
            ),
        )
        place.clear(f"artifacts/{job.job_id}/", but=key)
        return record


def _job(record: JobRecord) -> TraceabilityExportJob:
    return cast("TraceabilityExportJob", record.job)


@frozen
class _Watched:
    """A source of events; before each hop the lease is seen to."""

    source: EventSource
    hold: Hold

    def fetch(self, query: FrontierQuery) -> Iterable[Event]:
        self.hold.check()
        return self.source.fetch(query)
