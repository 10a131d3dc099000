"""A PostgreSQL server for the tests, from Debian's packages."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the latest version's."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = sorted(
        (f for f in folders if (f / "initdb").exists()), key=lambda f: int(f.parent.name)
    )
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def missing() -> str | None:
    """Why there can be no server, if there can be none."""
    if programs() is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL does not run as root, and there is no runuser"
    return None


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, since a socket's path has to be
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    try:
        _run(folder, "initdb", "--pgdata", data, "--username", USER, "--auth", "trust", "--no-sync")
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off "
            "-c max_connections=60"
        )
        control = ("pg_ctl", "--pgdata", data, "--wait", "--timeout", "300")
        _run(folder, *control, "--log", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://{USER}@/postgres?host={folder}"
        finally:
            _run(folder, *control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, program: str, *arguments: str | Path) -> None:
    binaries = programs()
    assert binaries is not None
    command = [str(binaries / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", USER, "--", *command]
    with (folder / f"{program}.out").open("ab") as output:  # the server keeps it open
        subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=True)
