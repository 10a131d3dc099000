"""Object storage for tests, by moto's server in a process of its own: a plugin of pytest."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import pytest
from botocore.config import Config
from ports import reserved_port

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 5})
QUICK = Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=120)


class Moto:
    """A server that can be killed and started again on the same port, without what it had."""

    def __init__(self, log: Path) -> None:
        self._reserved = reserved_port()
        self.port = self._reserved.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(self._log.read_text()) from None
                time.sleep(0.05)
            else:
                break
        self.client().create_bucket(Bucket="exports")

    def client(self) -> Any:
        return boto3.session.Session().client("s3", endpoint_url=self.url, config=QUICK)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Kill it for good."""
        self.kill()
        self._reserved.close()


@pytest.fixture(scope="session")
def credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def moto(credentials: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:  # noqa: ARG001
    server = Moto(tmp_path_factory.mktemp("moto") / "log")
    try:
        server.start()
        yield server
    finally:
        server.close()
