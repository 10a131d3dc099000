"""A broker of messages for tests: a plugin of pytest."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from ports import reserved_port

_PATIENCE = 120
"""Seconds that a server may take to listen."""


def missing() -> str | None:
    """Why there can be no broker, if there can be none."""
    return None if shutil.which("redis-server") else "redis-server is not installed"


def pytest_report_header() -> str:
    without = missing()
    return f"Redis: {f'{without}, so its tests are left out' if without else 'there'}"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server that nobody else uses, on a free port."""
    if reason := missing():
        pytest.skip(reason)
    with reserved_port() as reserved:
        port = reserved.getsockname()[1]
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            limit = time.monotonic() + _PATIENCE
            while not _listens(port):
                assert time.monotonic() < limit
                assert server.poll() is None
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
