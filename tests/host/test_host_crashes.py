"""Servers and workers that are killed, or told to stop, while they are at work."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from hosts import Program, Server, serving, working

from closient_export.adapters.sql import SqlJobStore, open_sqlite
from closient_export.host import Host, HostSettings
from closient_export.ids import parse_short_id

EXPORT = "/products/api/v1/labels/export/"
IMPORT = "/products/api/v1/catalog/import/"
LOAD = Path(__file__).parents[2] / "benchmarks" / "load_host.py"
GTIN = "09506000134352"
PATIENCE = 25
"""Seconds that a program which is told to stop may take; the host's own is 20."""


def test_no_job_is_lost_and_none_is_done_twice_while_server_and_worker_are_killed() -> None:
    options = [
        "--kill",
        "--lease",
        "2",
        "--seconds",
        "10",
        "--pollers",
        "16",
        "--submitters",
        "4",
        "--patience",
        "240",
    ]
    done = subprocess.run(
        [sys.executable, str(LOAD), *options], capture_output=True, text=True, check=False
    )
    assert "killed the worker" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout


def call(
    server: Server, method: str, path: str, body: bytes = b"", media_type: str = "application/json"
) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    headers = {"X-API-Key": server.key, "Content-Type": media_type}
    connection.request(method, path, body or None, headers)
    with closing(connection), connection.getresponse() as response:
        answer: dict[str, Any] = json.loads(response.read())
    return answer


def begin_long_job(server: Server, count: int) -> str:
    """Submit it, wait until it is being worked on, and return where to poll."""
    rows = "".join(f"{GTIN},LONG-1,{number:06}\n" for number in range(count)).encode()
    imported = call(server, "POST", IMPORT, b"gtin,lot,serial\n" + rows, "text/csv")
    assert imported["serials"] == count
    request = {
        "scope": "serials",
        "export_type": "qr_codes",
        "file_format": "png",
        "filters": {"gtins": [GTIN]},
    }
    poll_url: str = call(server, "POST", EXPORT, json.dumps(request).encode())["poll_url"]
    limit = time.monotonic() + 120
    while not call(server, "GET", poll_url)["processed_items"]:
        assert time.monotonic() < limit
        time.sleep(0.05)
    return poll_url


def stopped(program: Program) -> float:
    """How many seconds a program took to end after it was told to."""
    begun = time.monotonic()
    program.process.send_signal(signal.SIGTERM)
    program.process.wait(PATIENCE)
    return time.monotonic() - begun


def assert_handed_back(folder: Path, poll_url: str) -> None:
    """The job is open to whoever comes next, and nobody holds its interruption against it."""
    engine = open_sqlite(folder / "closient.db")
    record = SqlJobStore(engine).get("demo", parse_short_id(poll_url.split("/")[-2]))
    engine.dispose()
    now = datetime.now(UTC)
    assert not record.terminal
    assert not record.leased(now)
    assert record.due <= now
    assert record.setbacks == 0


@pytest.mark.parametrize("separately", [False, True])
def test_who_is_told_to_stop_hands_its_job_back_and_the_next_ends_it(
    tmp_path: Path, separately: bool
) -> None:
    folder = tmp_path / "data"
    options = ["--no-worker"] if separately else ["--processes", "1"]
    with ExitStack() as programs:
        server = programs.enter_context(serving(folder, *options, lease=60))
        works: Program = server
        if separately:
            works = programs.enter_context(working(folder, "--processes", "1", lease=60))
        poll_url = begin_long_job(server, 12_000)
        assert stopped(works) < PATIENCE
        assert_handed_back(folder, poll_url)
        if separately:
            programs.enter_context(working(folder, lease=60))
        else:
            server = evolve(
                programs.enter_context(serving(folder, demo=False, lease=60)), key=server.key
            )
        limit = time.monotonic() + 120
        while (status := call(server, "GET", poll_url))["status"] != "completed":
            assert status["status"] != "failed"
            assert time.monotonic() < limit, status
            time.sleep(0.1)
        assert status["processed_items"] == 12_000
        assert "Traceback" not in works.text


TOLD_ELSEWHERE = """
import signal, threading, time
from closient_export.cli import run

def tell():
    while "jobs" not in (thread.name for thread in threading.enumerate()):
        time.sleep(0.01)
    time.sleep(0.5)  # until the main thread has nothing to do but to wait
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

threading.Thread(target=tell).start()
run()
"""


def test_a_worker_stops_whichever_of_its_threads_is_told_so(tmp_path: Path) -> None:
    """A system may tell any, and Python heeds it in the main thread alone, once that wakes."""
    Host(HostSettings(folder=tmp_path)).close()
    command = [sys.executable, "-c", TOLD_ELSEWHERE, "worker", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Working; stop with Ctrl-C\n"


def test_an_upload_and_a_download_that_are_on_their_way_are_finished(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--processes", "1") as server:
        rows = b"".join(b"%s,LONG-1,%06d\n" % (GTIN.encode(), number) for number in range(25_000))
        call(server, "POST", IMPORT, b"gtin,lot,serial\n" + rows, "text/csv")
        request = {"scope": "serials", "export_type": "qr_codes", "file_format": "svg"}
        poll_url = call(server, "POST", EXPORT, json.dumps(request).encode())["poll_url"]
        while (status := call(server, "GET", poll_url))["status"] != "completed":
            time.sleep(0.1)
        address = urlsplit(status["download_url"])

        downloads = http.client.HTTPConnection(address.netloc, timeout=120)
        downloads.request("GET", f"{address.path}?{address.query}")
        download = downloads.getresponse()
        first = download.read(1000)
        assert status["file_size_bytes"] > 8e6  # more than what is buffered on the way

        uploads = http.client.HTTPConnection(address.netloc, timeout=120)
        uploads.putrequest("POST", IMPORT)
        header, row = b"gtin,lot,serial\n", f"{GTIN},LATE-1,000001\n".encode()
        uploads.putheader("X-API-Key", server.key)
        uploads.putheader("Content-Type", "text/csv")
        uploads.putheader("Content-Length", str(len(header + row)))
        uploads.putheader("Expect", "100-continue")
        uploads.endheaders()
        going_on = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert uploads.sock.recv(len(going_on), socket.MSG_WAITALL) == going_on
        uploads.send(header)

        server.process.send_signal(signal.SIGTERM)
        server.wait_for("Shutting down")
        time.sleep(0.5)
        uploads.send(row)
        answer = uploads.getresponse()
        assert (answer.status, json.loads(answer.read())["serials"]) == (200, 1)
        assert len(first + download.read()) == status["file_size_bytes"]
        downloads.close()
        uploads.close()
        server.process.wait(PATIENCE)
