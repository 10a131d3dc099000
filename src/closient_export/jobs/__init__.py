"""The jobs of both exports: their states, what may follow what, and what their owners see."""

from closient_export.jobs.labels import (
    POLL_PATH,
    TRANSITIONS,
    JobStatus,
    LabelExportJob,
    LabelExportReceipt,
    LabelExportStatus,
    poll_url,
)
from closient_export.jobs.traceability import (
    DELIVERY_PERIOD,
    TRACEABILITY_TRANSITIONS,
    TraceabilityExportJob,
    TraceabilityExportStatus,
    TraceabilityJobStatus,
)

__all__ = [
    "DELIVERY_PERIOD",
    "POLL_PATH",
    "TRACEABILITY_TRANSITIONS",
    "TRANSITIONS",
    "JobStatus",
    "LabelExportJob",
    "LabelExportReceipt",
    "LabelExportStatus",
    "TraceabilityExportJob",
    "TraceabilityExportStatus",
    "TraceabilityJobStatus",
    "poll_url",
]
