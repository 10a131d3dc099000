import pickle
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import attrs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from closient_export import (
    Direction,
    RequestError,
    TraceabilityExportJob,
    TraceabilityExportRequest,
    from_json,
    to_json,
)
from closient_export.errors import InvalidTransitionError
from closient_export.jobs import (
    TRACEABILITY_TRANSITIONS,
    TraceabilityExportStatus,
    TraceabilityJobStatus,
)
from closient_export.testing.strategies import short_ids

LOT_ID = "MMr86QwRRjvDGR6MjGRNdQ"
JOB_ID = "AbCdefghijkmnopqrstuvw"
REQUEST = TraceabilityExportRequest(lot_id=LOT_ID)
ASKED = datetime(2026, 3, 7, 15, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)


def new_job(requested_at: datetime = ASKED) -> TraceabilityExportJob:
    return TraceabilityExportJob(request=REQUEST, job_id=JOB_ID, requested_at=requested_at)


def delivered_job(after: timedelta = timedelta(minutes=5)) -> TraceabilityExportJob:
    return (
        new_job()
        .start()
        .deliver(delivered_at=ASKED + after, file_size_bytes=1234, extension="xlsx")
    )


traceability_requests = st.builds(
    TraceabilityExportRequest, lot_id=short_ids(), direction=st.sampled_from(Direction)
)
times = st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones(), allow_imaginary=True
)


class JobMachine(RuleBasedStateMachine):
    """Any calls in any order: a job is changed as the table says, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.job = new_job()
        self.history = [self.job]

    def attempt(self, change: str, *args: object, **kwargs: object) -> None:
        before = self.job
        try:
            self.job = getattr(self.job, change)(*args, **kwargs)
        except (InvalidTransitionError, ValueError):
            assert self.job is before
        else:
            self.history.append(self.job)

    @rule()
    def start(self) -> None:
        self.attempt("start")

    @rule(size=st.integers(-1, 5), seconds=st.integers(-9, 200_000), naive=st.booleans())
    def deliver(self, size: int, seconds: int, naive: bool) -> None:
        at = ASKED + timedelta(seconds=seconds)
        at = at.replace(tzinfo=None) if naive else at
        self.attempt("deliver", delivered_at=at, file_size_bytes=size, extension="xlsx")

    @rule(error=st.sampled_from(["", "no"]))
    def fail(self, error: str) -> None:
        self.attempt("fail", error)

    @rule()
    def count_download(self) -> None:
        self.attempt("count_download")

    @invariant()
    def states_follow_as_the_table_says(self) -> None:
        for before, after in pairwise(self.history):
            if before.status.terminal:
                assert before.status is TraceabilityJobStatus.DELIVERED
                counted = before.download_count + 1
                assert after == attrs.evolve(before, download_count=counted)
            else:
                assert after.status in TRACEABILITY_TRANSITIONS[before.status]
            assert (before.request, before.job_id, before.requested_at, before.deadline) == (
                after.request,
                after.job_id,
                after.requested_at,
                after.deadline,
            )

    @invariant()
    def null_exactly_when_the_contract_says(self) -> None:
        job = self.job
        delivered = job.status is TraceabilityJobStatus.DELIVERED
        assert (job.output_filename is not None) == delivered
        assert (job.file_size_bytes is not None) == delivered
        assert (job.delivered_at is not None) == delivered
        assert (job.error is not None) == (job.status is TraceabilityJobStatus.FAILED)
        assert delivered or job.download_count == 0
        assert (job.deadline_met() is not None) == (job.time_left(ASKED) is None) == delivered

    @invariant()
    def it_survives_the_wire(self) -> None:
        for value in (self.job, self.job.status_view()):
            assert from_json(to_json(value), type(value)) == value

    @precondition(lambda self: self.job.status.terminal)
    @invariant()
    def a_terminal_job_refuses_every_transition(self) -> None:
        delivery = {"delivered_at": ASKED, "file_size_bytes": 1, "extension": "xlsx"}
        calls: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
            ("start", (), {}),
            ("deliver", (), delivery),
            ("fail", ("x",), {}),
        ]
        for change, args, kwargs in calls:
            with pytest.raises(InvalidTransitionError, match=f"that is {self.job.status} cannot"):
                getattr(self.job, change)(*args, **kwargs)


TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = settings(max_examples=100, stateful_step_count=10)


def test_wire_of_each_state() -> None:
    pending = new_job(ASKED.astimezone(timezone(timedelta(hours=-5))))
    shown = {
        "job_short_id": JOB_ID,
        "status": "pending",
        "lot_id": LOT_ID,
        "direction": "both",
        "format": "xlsx",
        "requested_at": "2026-03-07T15:30:00+00:00",
        "signed_download_url": None,
    }
    assert to_json(pending.status_view()) == shown
    assert list(to_json(pending.status_view())) == list(shown)
    processing = pending.start()
    assert to_json(processing.status_view()) == shown | {"status": "processing"}
    for failed in (pending.fail("no"), processing.fail("no")):
        assert to_json(failed.status_view()) == shown | {"status": "failed"}
    url = "https://files.example/x?sig=1"
    view = delivered_job().status_view(signed_download_url=url)
    assert to_json(view) == shown | {"status": "delivered", "signed_download_url": url}
    assert from_json(to_json(view), TraceabilityExportStatus) == view


def test_json_of_a_job() -> None:
    job = delivered_job().count_download().count_download()
    assert to_json(job) == {
        "request": {"lot_id": LOT_ID, "direction": "both", "format": "xlsx"},
        "job_id": JOB_ID,
        "status": "delivered",
        "requested_at": "2026-03-07T15:30:00+00:00",
        "delivered_at": "2026-03-07T15:35:00+00:00",
        "output_filename": "traceability-AbCd-both.xlsx",
        "file_size_bytes": 1234,
        "error": None,
        "download_count": 2,
    }
    assert from_json(to_json(job), TraceabilityExportJob) == job
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301


@given(traceability_requests, short_ids(), times)
def test_any_job_survives_the_wire(
    request: TraceabilityExportRequest, job_id: str, requested_at: datetime
) -> None:
    job = TraceabilityExportJob(request=request, job_id=job_id, requested_at=requested_at)
    assert from_json(to_json(job), TraceabilityExportJob) == job
    delivered = job.start().deliver(delivered_at=requested_at, file_size_bytes=0, extension="x")
    assert delivered.output_filename == f"traceability-{job_id[:4]}-{request.direction}.x"
    assert from_json(to_json(delivered), TraceabilityExportJob) == delivered


def test_every_job_has_an_id_of_its_own() -> None:
    jobs = [TraceabilityExportJob(request=REQUEST, requested_at=ASKED) for _ in range(2)]
    assert jobs[0].job_id != jobs[1].job_id


ZONES = sorted(available_timezones())


def edges(zone: ZoneInfo) -> list[datetime]:
    """When the zone's clocks are put forward or back from 2025 to 2027, in UTC, to the second."""
    found = []
    days = [datetime(2025, 1, 1, tzinfo=UTC) + n * DAY for n in range(3 * 365)]
    for before, after in pairwise(days):
        low, high = before, after
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
            low, high = (middle, high) if same else (low, middle)
        found.append(high)
    return found


def assert_exactly_a_day(requested_at: datetime) -> None:
    job = new_job(requested_at)
    assert job.requested_at.tzinfo is UTC
    assert job.requested_at.timestamp() == requested_at.timestamp()
    assert job.deadline.tzinfo is UTC
    assert job.deadline - requested_at.astimezone(UTC) == DAY  # exact, as floats are not
    assert job.time_left(requested_at) == DAY


@pytest.mark.skipif(not ZONES, reason="this system has no time zones")
def test_the_deadline_is_24_hours_at_every_change_of_clocks_in_every_zone() -> None:
    misled = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for edge in edges(zone):
            for hours in (-24, -23, -1, 0, 1):
                instant = (edge + timedelta(hours=hours, minutes=-30)).astimezone(zone)
                for wall in (instant, instant.replace(fold=1 - instant.fold)):
                    assert_exactly_a_day(wall)
                    misled += (wall + DAY).timestamp() - wall.timestamp() != DAY.total_seconds()
    assert misled > 100  # adding a day to the clock would have been wrong so often


@example(datetime(2038, 1, 19, 0, 0, 0, 3, tzinfo=UTC))
@given(times)
def test_the_deadline_is_24_hours_in_any_zone(requested_at: datetime) -> None:
    assert_exactly_a_day(requested_at)


@given(times, times)
def test_time_left_and_whether_the_deadline_was_met(requested_at: datetime, now: datetime) -> None:
    job = new_job(requested_at)
    left = job.deadline.timestamp() - now.timestamp()
    time_left = job.time_left(now)
    assert time_left is not None
    assert time_left.total_seconds() == pytest.approx(max(0, left), abs=1e-5)
    assert job.deadline_met() is None
    for unfinished in (job, job.start(), job.fail("no")):
        assert unfinished.time_left(now) == time_left
        assert unfinished.deadline_met(now) is (None if time_left else False)
    assume(now.timestamp() >= requested_at.timestamp())
    done = job.start().deliver(delivered_at=now, file_size_bytes=1, extension="xlsx")
    assert done.time_left(now) is None
    assert done.deadline_met() is done.deadline_met(now) is bool(time_left)


@pytest.mark.parametrize(
    ("after", "met"), [(timedelta(0), True), (DAY - TICK, True), (DAY, False), (2 * DAY, False)]
)
def test_less_than_24_hours_is_met(after: timedelta, met: bool) -> None:
    assert delivered_job(after).deadline_met() is met
    assert new_job().deadline_met(ASKED + after) is (None if met else False)


def test_a_slow_clock_does_not_undo_a_delivery() -> None:
    job = delivered_job(after=-timedelta(seconds=3))
    assert job.delivered_at == job.requested_at
    assert job.deadline_met() is True


@pytest.mark.parametrize("now", [datetime(2026, 3, 7), "2026-03-07T15:30:00+00:00", None])
def test_times_without_a_zone_are_refused(now: Any) -> None:
    said = f": expected a time with its zone, got {re.escape(repr(now))}$"
    with pytest.raises(ValueError, match=f"^now{said}"):
        new_job().time_left(now)
    with pytest.raises(ValueError, match=f"^requested_at{said}"):
        new_job(now)
    with pytest.raises(ValueError, match=f"^delivered_at{said}"):
        new_job().start().deliver(delivered_at=now, file_size_bytes=1, extension="xlsx")
    if now is not None:
        with pytest.raises(ValueError, match=f"^now{said}"):
            new_job().deadline_met(now)


def test_times_that_python_cannot_count_are_refused() -> None:
    east, west = timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))
    with pytest.raises(ValueError, match="expected a time with its zone"):
        new_job(datetime.min.replace(tzinfo=east))
    with pytest.raises(ValueError, match="expected a time with its zone"):
        new_job(datetime.max.replace(tzinfo=west))
    with pytest.raises(ValueError, match="expected a time before the year 9999"):
        new_job(datetime(9999, 1, 1, tzinfo=UTC))


def test_only_what_is_delivered_is_downloaded() -> None:
    for job in (new_job(), new_job().start(), new_job().fail("no")):
        with pytest.raises(InvalidTransitionError, match=f"{job.status} cannot be downloaded"):
            job.count_download()
        with pytest.raises(ValueError, match="signed_download_url: only when delivered"):
            job.status_view(signed_download_url="https://x")


UNDELIVERED = {"delivered_at": None, "output_filename": None, "file_size_bytes": None}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"request": None}, "'request' must be"),
        ({"job_id": "x"}, "expected a short id, 22 characters"),
        ({"status": "completed"}, "'completed' is not a valid TraceabilityJobStatus"),
        ({"status": TraceabilityJobStatus.PENDING}, "delivered_at: set exactly when delivered"),
        ({"status": TraceabilityJobStatus.PROCESSING}, "delivered_at: set exactly when delivered"),
        ({"status": TraceabilityJobStatus.FAILED}, "delivered_at: set exactly when delivered"),
        ({"requested_at": None}, "requested_at: expected a time with its zone, got None"),
        ({"requested_at": ASKED + DAY}, "delivered_at: expected no time before requested_at"),
        ({"delivered_at": None}, "delivered_at: set exactly when delivered"),
        ({"delivered_at": ASKED - TICK}, "delivered_at: expected no time before requested_at"),
        ({"delivered_at": datetime(2026, 3, 8)}, "delivered_at: expected a time with its zone"),
        ({"output_filename": None}, "output_filename: set exactly when delivered"),
        ({"file_size_bytes": None}, "file_size_bytes: set exactly when delivered"),
        ({"file_size_bytes": -1}, "file_size_bytes: expected a whole number from 0 on, got -1"),
        ({"file_size_bytes": True}, "file_size_bytes: expected a whole number from 0 on, got True"),
        ({"error": "x"}, "error: set exactly when failed"),
        ({"error": ""}, "error: set exactly when failed"),
        (UNDELIVERED | {"status": "failed"}, "error: set exactly when failed"),
        (UNDELIVERED | {"status": "failed", "error": ""}, "error: set exactly when failed"),
        (
            UNDELIVERED | {"status": "failed", "error": "no", "download_count": 1},
            "download_count: 0 until delivered",
        ),
        ({"download_count": -1}, "download_count: expected a whole number from 0 on, got -1"),
        ({"download_count": True}, "download_count: expected a whole number from 0 on, got True"),
        ({"download_count": None}, "download_count: expected a whole number from 0 on, got None"),
    ],
)
def test_a_job_that_the_contract_does_not_know_cannot_be_built(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        attrs.evolve(delivered_job(), **change)
    assert caught.value.args[0].startswith(problem)


def test_a_job_in_python() -> None:
    done = delivered_job()
    elsewhere = timezone(timedelta(hours=9))
    changed = attrs.evolve(
        done,
        status="delivered",
        requested_at=done.requested_at.astimezone(elsewhere),
        delivered_at=(ASKED + timedelta(minutes=5)).astimezone(elsewhere),
    )
    assert changed == done
    assert changed.status is TraceabilityJobStatus.DELIVERED
    assert changed.requested_at.tzinfo is UTC
    assert changed.delivered_at is not None
    assert changed.delivered_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"job_short_id": "x"}, "job_short_id: expected a short id, 22 characters"),
        ({"status": "completed"}, "status: expected one of pending, processing, delivered, failed"),
        ({"lot_id": None}, "lot_id: expected a short id"),
        ({"direction": "up"}, "direction: expected one of forward, backward, both, got 'up'"),
        ({"format": "../x"}, "format: expected a word"),
        ({"requested_at": "2026-03-07T15:30:00"}, "requested_at: expected a time with its zone"),
        ({"signed_download_url": "https://x"}, "signed_download_url: only when delivered"),
        ({"surprise": 1}, "surprise: unknown key"),
    ],
)
def test_a_status_that_breaks_a_rule_is_refused_from_the_wire(
    change: dict[str, object], problem: str
) -> None:
    with pytest.raises(RequestError) as caught:
        from_json(to_json(new_job().status_view()) | change, TraceabilityExportStatus)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"job_short_id": "x"}, "expected a short id, 22 characters"),
        ({"status": "completed"}, "'completed' is not a valid TraceabilityJobStatus"),
        ({"lot_id": "x"}, "expected a short id, 22 characters"),
        ({"direction": "up"}, "'up' is not a valid Direction"),
        ({"format": "../x"}, "format: expected a word"),
        ({"requested_at": datetime(2026, 3, 7)}, "requested_at: expected a time with its zone"),
    ],
)
def test_a_status_that_breaks_a_rule_cannot_be_built(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        attrs.evolve(new_job().status_view(), **change)


def test_a_status_in_python() -> None:
    elsewhere = ASKED.astimezone(timezone(timedelta(hours=-5)))
    status = TraceabilityExportStatus(
        job_short_id=JOB_ID,
        status="pending",
        lot_id=LOT_ID,
        direction="both",
        format="xlsx",
        requested_at=elsewhere,
    )
    assert status == new_job().status_view()
    assert status.status is TraceabilityJobStatus.PENDING
    assert status.direction is Direction.BOTH
    assert status.requested_at.tzinfo is UTC


def test_which_state_follows_which() -> None:
    assert new_job().start().status is TraceabilityJobStatus.PROCESSING
    assert new_job().fail("no").status is TraceabilityJobStatus.FAILED
    assert new_job().start().fail("no").status is TraceabilityJobStatus.FAILED
    assert delivered_job().status is TraceabilityJobStatus.DELIVERED
    assert {
        (before, after)
        for before in TRACEABILITY_TRANSITIONS
        for after in TRACEABILITY_TRANSITIONS[before]
    } == {
        ("pending", "processing"),
        ("pending", "failed"),
        ("processing", "delivered"),
        ("processing", "failed"),
    }
    assert [state.terminal for state in TraceabilityJobStatus] == [False, False, True, True]


def test_a_request_in_python() -> None:
    assert REQUEST.direction is Direction.BOTH
    assert REQUEST.format == "xlsx"
    assert TraceabilityExportRequest(lot_id=LOT_ID, direction="forward").direction == "forward"
    for wrong in ({"lot_id": "x"}, {"direction": "up"}, {"format": "XLSX"}):
        with pytest.raises(ValueError):  # noqa: PT011 - several rules, each with its own words
            attrs.evolve(REQUEST, **wrong)
