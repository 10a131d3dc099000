import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from export_hosts import (
    OWNER,
    PAYLOAD,
    hold,
    let_go,
    open_workplace,
    quiet_artifact,
    read_log,
    write_catalog,
)

from closient_export.jobs import JobStatus
from closient_export.service import ExportService

HOST = Path(__file__).with_name("export_hosts.py")
PARTS = 30
WINDOW = 4


def wait_until(holds: Callable[[], bool], patience: float = 300) -> None:
    limit = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def workers(folder: Path) -> set[int]:
    """The processes that have made parts, as far as they are alive."""
    return {pid for _, pid in read_log(folder) if is_alive(pid)}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills processes")
def test_killed_workers_and_a_killed_driver_lose_nothing(tmp_path: Path) -> None:
    write_catalog(tmp_path, 100 * PARTS)
    place = open_workplace(tmp_path)
    service = ExportService(place)
    job_id = service.submit_labels(OWNER, PAYLOAD).job_id
    command = [sys.executable, str(HOST), str(tmp_path), OWNER, job_id]

    hold(tmp_path)
    driver = subprocess.Popen(command)
    for _ in range(3):
        wait_until(lambda: len(workers(tmp_path)) == 2)
        both = workers(tmp_path)
        os.kill(min(both), signal.SIGKILL)
        wait_until(lambda both=both: not both & workers(tmp_path))  # type: ignore[misc]  # the other ends with it
    hold(tmp_path, 100 * PARTS // 2)
    wait_until(lambda: place.jobs.progress(OWNER, job_id).parts > PARTS // 3)
    made = {receipt.index for receipt in place.jobs.receipts(OWNER, job_id)}
    driver.kill()
    driver.wait()
    wait_until(lambda: not workers(tmp_path))
    let_go(tmp_path)
    before = read_log(tmp_path)
    status = service.status(OWNER, job_id)
    assert status.status is JobStatus.PROCESSING

    assert len(made) < PARTS
    wait_until(lambda: service.reconcile().resume == ((OWNER, job_id),))
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "completed"

    log = read_log(tmp_path)
    assert not made & {first // 100 for first, _ in log[len(before) :]}
    assert {first // 100 for first, _ in log} == set(range(PARTS))
    assert len(log) <= PARTS + 4 * WINDOW
    with service.download(OWNER, job_id) as file:
        artifact = file.read()
    assert artifact == quiet_artifact(tmp_path)
    assert service.job(OWNER, job_id).failed_items == PARTS // 10  # type: ignore[union-attr]
    assert len(list(place.artifacts.keys(""))) == 1


def test_an_interrupt_from_the_keyboard_leaves_no_process(tmp_path: Path) -> None:
    write_catalog(tmp_path, 100 * PARTS)
    job_id = ExportService(open_workplace(tmp_path)).submit_labels(OWNER, PAYLOAD).job_id
    command = [sys.executable, str(HOST), str(tmp_path), OWNER, job_id]
    hold(tmp_path, 100 * WINDOW)
    driver = subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.PIPE, encoding="utf-8"
    )
    wait_until(lambda: len(read_log(tmp_path)) > WINDOW)
    os.killpg(driver.pid, signal.SIGINT)
    let_go(tmp_path)
    _, errors = driver.communicate(timeout=300)
    assert "KeyboardInterrupt" in errors
    assert "SpawnProcess" not in errors  # as a worker's traceback begins
    wait_until(lambda: not workers(tmp_path))
