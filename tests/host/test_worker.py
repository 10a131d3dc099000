"""Workers: they find jobs, hand them back when they are told to stop, and share processes."""

import os
import signal
import time
from concurrent.futures import BrokenExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from attrs import evolve

from closient_export.adapters.processes import KeptProcesses
from closient_export.host import Host, HostSettings, Worker
from closient_export.jobs import JobStatus
from closient_export.service import ExportService

REQUEST = {"scope": "serials", "export_type": "qr_codes", "file_format": "svg"}


def serials(count: int) -> bytes:
    rows = "".join(f"9506000134352,A,{number:06}\n" for number in range(count))
    return f"gtin,lot,serial\n{rows}".encode()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    settings = HostSettings(folder=tmp_path, processes=1, patience=timedelta(minutes=2))
    return Host(evolve(settings, exports=evolve(settings.exports, part_size=50)))


def import_serials(host: Host, tmp_path: Path, count: int) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_bytes(serials(count))
    with path.open("rb") as file:
        host.import_catalog("acme", file)


def wait_until_terminal(host: Host, job_id: str) -> JobStatus:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        status = host.service.status("acme", job_id).status
        if status.terminal:
            assert isinstance(status, JobStatus)
            return status
        time.sleep(0.02)
    pytest.fail("the job does not end")


def test_a_worker_that_is_told_to_stop_hands_its_job_back_and_another_ends_it(
    host: Host, tmp_path: Path
) -> None:
    import_serials(host, tmp_path, 6_000)
    job_id = host.service.submit_labels("acme", REQUEST).job_id
    begun = Event()

    def stopping() -> bool:
        """As the host's own, but work on a job that is begun waits until somebody says stop."""
        if host.place.jobs.progress("acme", job_id).parts:
            begun.set()
            return host.stopping.wait(120)
        return host.stopping.is_set()

    host.service = ExportService(evolve(host.place, stopping=stopping))
    first = Worker(host)
    first.start()
    assert begun.wait(120)
    assert first.stop()
    record = host.place.jobs.get("acme", job_id)
    made = host.place.jobs.progress("acme", job_id).parts
    assert not record.terminal
    assert not record.leased(host.clock())
    assert record.due <= host.clock()
    assert (record.setbacks, record.cancelled) == (0, False)
    assert 0 < made < 120
    host.close()

    second = Host(host.settings)
    worker = Worker(second)
    worker.start()
    assert wait_until_terminal(second, job_id) is JobStatus.COMPLETED
    assert second.place.jobs.get("acme", job_id).plan is not None
    assert second.service.job("acme", job_id).total_items == 6_000  # type: ignore[union-attr]
    assert worker.stop()
    second.close()


def test_a_trace_that_is_told_to_stop_is_handed_back(host: Host) -> None:
    from closient_export.host.demo import take_in_demo  # noqa: PLC0415

    take_in_demo(host)
    lot = next(lot for lot in host.lots.page("demo") if lot.lot == "CK26090")
    job_id = host.service.submit_trace("demo", {"lot_id": lot.lot_id}).job_short_id
    host.stopping.set()
    record = host.service.run("demo", job_id)
    assert not record.terminal
    assert not record.leased(host.clock())
    host.stopping.clear()
    assert host.service.run("demo", job_id).job.status == "delivered"
    assert len(list(host.artifacts.keys("artifacts/"))) == 1
    host.close()


def test_processes_are_kept_from_job_to_job_until_one_is_killed() -> None:
    kept = KeptProcesses(1)
    try:
        first = kept()
        process = first.submit(os.getpid).result()
        first.shutdown()
        assert kept().submit(os.getpid).result() == process
        os.kill(process, signal.SIGKILL)
        with pytest.raises(BrokenExecutor):
            first.submit(time.sleep, 60).result()
        one, other = kept(), kept()
        assert one.submit(os.getpid).result() != other.submit(os.getpid).result()
        one.shutdown()
        other.shutdown()
    finally:
        kept.close()


def test_what_killed_writers_have_left_is_swept(host: Host) -> None:
    left = host.settings.folder / "artifacts" / "parts~" / f".{'0' * 32}~partial"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    long_ago = time.time() - 3 * 3600
    os.utime(left, (long_ago, long_ago))
    worker = Worker(host)
    worker.start()
    end = time.monotonic() + 120
    while left.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert worker.stop()
    host.close()
    assert not left.exists()
