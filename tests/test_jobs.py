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
UNFINISHED = {"status": "failed", "output_filename": None, "file_size_bytes": None}


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

    @rule()
    def advance_to_the_end(self) -> None:
        self.attempt("advance", self.job.total_items, self.job.failed_items)

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
        calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
            ("start", (), {}),
            ("resolve", (1,), {}),
            ("advance", (9, 0), {}),
            ("complete", (), {"extension": "zip", "file_size_bytes": 1}),
            ("fail", ("x",), {}),
        ]
        for change, args, kwargs in calls:
            with pytest.raises(InvalidTransitionError, match=f"job that is {self.job.status}"):
                getattr(self.job, change)(*args, **kwargs)


TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = settings(max_examples=100, stateful_step_count=15)


def test_which_state_follows_which() -> None:
    new = LabelExportJob(request=REQUEST)
    assert new.start().status is JobStatus.PROCESSING
    assert new.fail("no").status is JobStatus.FAILED
    assert new.start().fail("no").status is JobStatus.FAILED
    assert new.start().resolve(1).advance(1, 0).fail("no").status is JobStatus.FAILED
    assert completed_job().status is JobStatus.COMPLETED
    assert {(before, after) for before in TRANSITIONS for after in TRANSITIONS[before]} == {
        ("pending", "processing"),
        ("pending", "failed"),
        ("processing", "completed"),
        ("processing", "failed"),
    }
    assert [state.terminal for state in JobStatus] == [False, False, True, True]


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
    ("change", "problem"),
    [
        ({"request": None}, "'request' must be"),
        ({"job_id": "x"}, "expected a short id, 22 characters"),
        ({"status": "done"}, "'done' is not a valid JobStatus"),
        ({"total_items": -1}, "total_items: expected a whole number from 0 on, got -1"),
        ({"total_items": True}, "total_items: expected a whole number from 0 on, got True"),
        ({"total_items": 42.0}, "total_items: expected a whole number from 0 on, got 42.0"),
        ({"processed_items": "42"}, "processed_items: expected a whole number from 0 on, got '42'"),
        ({"failed_items": -1}, "failed_items: expected a whole number from 0 on, got -1"),
        ({"file_size_bytes": -1}, "file_size_bytes: expected a whole number from 0 on, got -1"),
        ({"processed_items": 43}, "processed_items: expected at most total_items"),
        ({"processed_items": 41}, "processed_items: expected all of at least one item"),
        (
            {"total_items": 0, "processed_items": 0, "failed_items": 0},
            "processed_items: expected all of at least one item",
        ),
        ({"failed_items": 43}, "failed_items: expected at most processed_items"),
        ({"failed_items": 42}, "failed_items: a job in which every item failed is failed"),
        ({"output_filename": None}, "output_filename: set exactly when completed"),
        ({"file_size_bytes": None}, "file_size_bytes: set exactly when completed"),
        ({"error": "x"}, "error: set exactly when failed"),
        ({"error": ""}, "error: set exactly when failed"),
        ({"status": "failed"}, "output_filename: set exactly when completed"),
        (UNFINISHED, "error: set exactly when failed"),
        (UNFINISHED | {"error": ""}, "error: set exactly when failed"),
        (UNFINISHED | {"error": "no", "file_size_bytes": 1}, "file_size_bytes: set exactly when"),
        (UNFINISHED | {"status": "pending"}, "total_items: 0 until the filters are resolved"),
    ],
)
def test_a_job_that_the_contract_does_not_know_cannot_be_built(
    change: dict[str, Any], problem: str
) -> None:
    job = completed_job()
    with pytest.raises((ValueError, TypeError)) as caught:
        attrs.evolve(job, **change)
    assert caught.value.args[0].startswith(problem)


def test_items_are_resolved_once() -> None:
    new = LabelExportJob(request=REQUEST)
    assert new.start().resolve(1).total_items == 1
    with pytest.raises(ValueError, match=r"^total_items: expected at least 1, got 0$"):
        new.start().resolve(0)
    for job, said in ((new, "pending"), (new.start().resolve(2), "processing with 2 items")):
        with pytest.raises(InvalidTransitionError) as caught:
            job.resolve(2)
        assert str(caught.value) == f"the items of a job that is {said} cannot be resolved"


def test_progress_never_falls() -> None:
    job = LabelExportJob(request=REQUEST).start().resolve(9).advance(4, 2)
    assert job.advance(4, 2) == job
    for processed, failed in ((3, 2), (4, 1), (9, 1)):
        with pytest.raises(InvalidTransitionError) as caught:
            job.advance(processed, failed)
        assert str(caught.value) == (
            "progress of a job that is processing cannot go from 4 done, 2 failed "
            f"to {processed} and {failed}"
        )


def test_one_item_is_enough_to_complete() -> None:
    job = LabelExportJob(request=REQUEST, job_id=JOB_ID).start().resolve(1).advance(1, 0)
    done = job.complete(extension="svg", file_size_bytes=0)
    assert (done.output_filename, done.file_size_bytes) == ("qr-AbCd-1.svg", 0)


def test_every_item_may_have_failed_in_a_job_that_is_failed() -> None:
    job = LabelExportJob(request=REQUEST).start().resolve(2).advance(2, 2)
    assert job.fail("no").failed_items == 2


def shown(**changes: Any) -> LabelExportStatus:
    """What is shown of the completed job, with changes, built in Python."""
    fields: dict[str, Any] = {
        "job_id": JOB_ID,
        "status": "completed",
        "total_items": 42,
        "processed_items": 42,
        "progress_percent": 100,
        "output_filename": "qr-serials-AbCd-42.zip",
        "file_size_bytes": 1234,
    }
    return LabelExportStatus(**fields | changes)


def test_a_status_in_python() -> None:
    new = LabelExportJob(request=REQUEST, job_id=JOB_ID)
    assert new.status_view() == LabelExportStatus(
        job_id=JOB_ID, status="pending", total_items=0, processed_items=0, progress_percent=0
    )
    assert shown() == completed_job().status_view()
    assert shown().status is JobStatus.COMPLETED
    receipt = LabelExportReceipt(job_id=JOB_ID, status="failed", poll_url="/x/")
    assert receipt.status is JobStatus.FAILED
    for wrong in ({"job_id": "x"}, {"status": "done"}):
        with pytest.raises(ValueError):  # noqa: PT011 - two rules, each with its own words
            attrs.evolve(receipt, **wrong)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"job_id": "x"}, "expected a short id, 22 characters"),
        ({"status": "done"}, "'done' is not a valid JobStatus"),
        ({"total_items": 42.0}, "total_items: expected a whole number from 0 on, got 42.0"),
        ({"processed_items": -1}, "processed_items: expected a whole number from 0 on, got -1"),
        ({"progress_percent": "100"}, "progress_percent: expected a whole number from 0 on"),
        ({"file_size_bytes": -1}, "file_size_bytes: expected a whole number from 0 on, got -1"),
        ({"total_items": 41}, "processed_items: expected at most total_items"),
        ({"expires_at": datetime(2026, 11, 23, tzinfo=UTC)}, "expires_at: null exactly when"),
        ({"download_url": "https://x"}, "expires_at: null exactly when"),
        (
            {"download_url": "https://x", "expires_at": datetime(2026, 11, 23)},
            "expires_at: expected a time with its zone",
        ),
    ],
)
def test_a_status_that_breaks_a_rule_cannot_be_built(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        shown(**change)


def test_only_what_is_completed_is_downloaded() -> None:
    until = datetime(2026, 11, 23, tzinfo=UTC)
    new = LabelExportJob(request=REQUEST)
    for job in (new, new.start(), new.start().resolve(42).advance(42, 0), new.fail("no")):
        with pytest.raises(ValueError, match="download_url: only when completed"):
            job.status_view(download_url="https://x", expires_at=until)


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
