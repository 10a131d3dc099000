import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from export_hosts import (
    OWNER,
    PAYLOAD,
    finished,
    hold,
    let_go,
    open_workplace,
    quiet_artifact,
    read_log,
    write_catalog,
)

from closient_export.jobs import JobStatus
from closient_export.service import ExportService

PARTS = 12


def wait_until(holds: Callable[[], bool], patience: float = 300) -> None:
    limit = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_catalog(tmp_path, 100 * PARTS)
    return tmp_path


@pytest.mark.filterwarnings("default")
def test_the_same_bytes_from_a_dask_cluster_that_loses_a_worker(folder: Path) -> None:
    distributed: Any = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )

    def pids() -> set[int]:
        return {pid for _, pid in read_log(folder)}

    def kill_one() -> None:
        try:
            wait_until(lambda: len(pids()) == 2)
            killed, stopped = pids()
            os.kill(stopped, signal.SIGSTOP)  # so that it is not given all before another one comes
            try:
                os.kill(killed, signal.SIGKILL)
                wait_until(lambda: len(pids()) == 3)
            finally:
                os.kill(stopped, signal.SIGCONT)
        finally:
            let_go(folder)

    hold(folder)
    with cluster, distributed.Client(cluster) as client:
        killer = Thread(target=kill_one)
        killer.start()
        artifact = finished(ExportService(open_workplace(folder, client.get_executor)))
        killer.join()
    log = read_log(folder)
    assert len(pids() - {os.getpid()}) > 2
    assert {first for first, _ in log} == set(range(0, 100 * PARTS, 100))
    assert artifact == quiet_artifact(folder)


@pytest.fixture
def celery_tasks(folder: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The tasks of an app that has a worker with two processes, and a beat."""
    environment = {
        "EXPORT_TEST_BROKER": redis_url,
        "EXPORT_TEST_FOLDER": str(folder),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "celery", "-A", "celery_host", "worker", "--concurrency", "2"]
    options = ["-B", "-s", str(folder / "beat"), "--loglevel", "INFO"]
    with (folder / "celery.log").open("w") as log:
        worker = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env=os.environ | environment | {"PYTHONPATH": str(Path(__file__).parent)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            from celery_host import tasks  # noqa: PLC0415

            yield tasks
        finally:
            let_go(folder)
            worker.terminate()
            worker.wait()
            sys.modules.pop("celery_host", None)


@pytest.mark.filterwarnings("default")
def test_the_same_bytes_from_celery_workers_whatever_comes_twice(
    folder: Path, celery_tasks: Any
) -> None:
    service = ExportService(open_workplace(folder))
    hold(folder)
    job_id = celery_tasks.submit_labels(OWNER, PAYLOAD).job_id
    celery_tasks.finish.delay(OWNER, job_id)
    for index in range(PARTS):
        celery_tasks.part.delay(OWNER, job_id, index)
    celery_tasks.start.delay(OWNER, job_id)
    wait_until(lambda: len({pid for _, pid in read_log(folder)}) == 2)
    os.kill(read_log(folder)[-1][1], signal.SIGKILL)
    let_go(folder)
    celery_tasks.part.delay(OWNER, job_id, 0)
    wait_until(lambda: service.job(OWNER, job_id).status.terminal)
    assert service.status(OWNER, job_id).status is JobStatus.COMPLETED
    with service.download(OWNER, job_id) as file:
        artifact = file.read()
    log = read_log(folder)
    assert os.getpid() not in {pid for _, pid in log}
    assert len({pid for _, pid in log}) >= 2
    assert artifact == quiet_artifact(folder)
