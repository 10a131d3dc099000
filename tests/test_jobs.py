from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from closient_export import JobStatus, LabelExportJob, LabelExportRequest, from_json, to_json
from closient_export.errors import InvalidTransitionError
from closient_export.jobs import TRANSITIONS, LabelExportReceipt, LabelExportStatus
from closient_export.testing.strategies import label_export_requests

REQUEST = LabelExportRequest(scope="serials", export_type="qr_codes", file_format="svg")
JOB_ID = "AbCdefghijkmnopqrstuvw"


class JobMachine(RuleBasedStateMachine):
    """Any calls in any order: a job is changed as the table says, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.job = LabelExportJob(request=REQUEST)
        self.history = [self.job]

    def attempt(self, change: str, *args: object, **kwargs: object) -> None:
        before = self.job
        try:
            self.job = getattr(self.job, change)(*args, **kwargs)
        except (InvalidTransitionError, ValueError):
            assert self.job is before
        else:
            assert not before.status.terminal
            self.history.append(self.job)

    @rule()
    def start(self) -> None:
        self.attempt("start")

    @rule(total=st.integers(-1, 5))
    def resolve(self, total: int) -> None:
        self.attempt("resolve", total)

    @rule(processed=st.integers(-1, 6), failed=st.integers(-1, 6))
    def advance(self, processed: int, failed: int) -> None:
        self.attempt("advance", processed, failed)

    @rule(size=st.integers(-1, 5))
    def complete(self, size: int) -> None:
        self.attempt("complete", extension="zip", file_size_bytes=size)

    @rule(error=st.sampled_from(["", "no"]))
    def fail(self, error: str) -> None:
        self.attempt("fail", error)

    @invariant()
    def progress_never_falls(self) -> None:
        for before, after in zip(self.history, self.history[1:], strict=False):
            assert before.processed_items <= after.processed_items
            assert before.failed_items <= after.failed_items
            assert before.total_items in (0, after.total_items)
            assert before.status == after.status or after.status in TRANSITIONS[before.status]

    @invariant()
    def null_exactly_when_the_contract_says(self) -> None:
        job = self.job
        completed = job.status is JobStatus.COMPLETED
        assert (job.output_filename is None) != completed
        assert (job.file_size_bytes is None) != completed
        assert (job.error is None) == (job.status is not JobStatus.FAILED)
        if completed:
            assert job.processed_items == job.total_items > job.failed_items

    @invariant()
    def what_is_shown_survives_the_wire(self) -> None:
        for shown in (self.job.receipt(), self.job.status_view()):
            assert from_json(to_json(shown), type(shown)) == shown

    @precondition(lambda self: self.job.status.terminal)
    @invariant()
    def a_terminal_job_refuses_everything(self) -> None:
        for change, args in (
            ("start", ()),
            ("resolve", (1,)),
            ("advance", (9, 0)),
            ("fail", ("x",)),
        ):
            with pytest.raises(InvalidTransitionError):
                getattr(self.job, change)(*args)


TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = settings(max_examples=100, stateful_step_count=15)


def completed_job() -> LabelExportJob:
    job = LabelExportJob(request=REQUEST, job_id=JOB_ID).start().resolve(42).advance(42, 2)
    return job.complete(extension="zip", file_size_bytes=1234)


def test_wire_of_a_submission_and_of_each_state() -> None:
    pending = LabelExportJob(request=REQUEST, job_id=JOB_ID)
    assert to_json(pending.receipt()) == {
        "job_id": JOB_ID,
        "status": "pending",
        "poll_url": f"/products/api/v1/labels/export/{JOB_ID}/",
    }
    shown = {
        "job_id": JOB_ID,
        "status": "pending",
        "total_items": 0,
        "processed_items": 0,
        "progress_percent": 0,
        "download_url": None,
        "expires_at": None,
        "output_filename": None,
        "file_size_bytes": None,
        "error": None,
    }
    assert to_json(pending.status_view()) == shown
    assert list(to_json(pending.status_view())) == list(shown)

    processing = pending.start().resolve(42).advance(20, 1)
    shown |= {"status": "processing", "total_items": 42, "processed_items": 20}
    assert to_json(processing.status_view()) == shown | {"progress_percent": 47}

    failed = processing.fail("It cannot be done.")
    shown |= {"progress_percent": 47, "error": "It cannot be done."}
    assert to_json(failed.status_view()) == shown | {"status": "failed"}

    view = completed_job().status_view(
        download_url="https://files.example/x?sig=1", expires_at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    assert to_json(view) == {
        "job_id": JOB_ID,
        "status": "completed",
        "total_items": 42,
        "processed_items": 42,
        "progress_percent": 100,
        "download_url": "https://files.example/x?sig=1",
        "expires_at": "2026-11-23T00:00:00+00:00",
        "output_filename": "qr-serials-AbCd-42.zip",
        "file_size_bytes": 1234,
        "error": None,
    }
    assert from_json(to_json(view), LabelExportStatus) == view


@pytest.mark.parametrize(
    ("export_type", "scope", "extension", "filename"),
    [
        ("sheet_pdf", "lots", "pdf", "sheet-AbCd-42.pdf"),
        ("datamatrix", "lots", "zip", "datamatrix-lots-AbCd-42.zip"),
    ],
)
def test_filenames_of_the_contract(
    export_type: str, scope: str, extension: str, filename: str
) -> None:
    request = LabelExportRequest(scope=scope, export_type=export_type, file_format="svg")
    job = LabelExportJob(request=request, job_id=JOB_ID).start().resolve(42).advance(42, 0)
    job = job.complete(extension=extension, file_size_bytes=1)
    assert job.output_filename == filename


@pytest.mark.parametrize(
    "change",
    [
        {"total_items": -1},
        {"total_items": True},
        {"processed_items": 43},
        {"failed_items": 43},
        {"failed_items": 42},
        {"processed_items": 41},
        {"output_filename": None},
        {"file_size_bytes": None},
        {"file_size_bytes": -1},
        {"error": "x"},
        {"status": JobStatus.FAILED},
        {"status": JobStatus.PROCESSING},
        {"status": JobStatus.PENDING},
        {"job_id": "x"},
        {"status": "done"},
    ],
)
def test_a_job_that_the_contract_does_not_know_cannot_be_built(change: dict[str, Any]) -> None:
    job = completed_job()
    with pytest.raises(ValueError):  # noqa: PT011 - several rules, each with its own words
        attrs.evolve(job, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"download_url": "https://x"},
        {"expires_at": "2026-11-23T00:00:00+00:00"},
        {"progress_percent": 46},
        {"status": "completed"},
        {"error": "x"},
        {"error": ""},
        {"total_items": "42"},
        {"surprise": 1},
    ],
)
def test_a_status_that_breaks_a_rule_is_refused_from_the_wire(change: dict[str, object]) -> None:
    status = LabelExportJob(request=REQUEST).start().resolve(42).advance(20, 0).status_view()
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(to_json(status) | change, LabelExportStatus)


@given(label_export_requests())
def test_receipt_of_any_request(request: LabelExportRequest) -> None:
    receipt = LabelExportJob(request=request).receipt()
    assert from_json(to_json(receipt), LabelExportReceipt) == receipt
    assert receipt.poll_url.endswith(f"/{receipt.job_id}/")
