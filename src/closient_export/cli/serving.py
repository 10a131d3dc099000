"""``serve``, ``worker`` and ``keys``: the reference host."""

import logging
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from closient_export.cli.console import counted, say
from closient_export.errors import StoreError

if TYPE_CHECKING:
    from closient_export.host import Host

__all__ = ["keys", "serve", "worker"]

F = TypeVar("F", bound=Callable[..., Any])

_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHORTEST_SECRET = 32
_HEEDING = 0.1
"""Seconds until a worker heeds that it is told to stop."""
_PERMISSIONS = ("labels", "catalog", "traces", "capture")


def storage_options(command: F) -> F:
    """Where a host keeps everything: the same for its server, its workers and its keys."""
    options = (
        click.option(
            "--data",
            "folder",
            type=_FOLDER,
            default="closient-data",
            show_default=True,
            envvar="CLOSIENT_DATA",
            help="Folder of the SQLite database, the artifacts and the secret.",
        ),
        click.option(
            "--database",
            default="",
            envvar="CLOSIENT_DATABASE",
            help="URL of a PostgreSQL database, postgresql://…, instead of SQLite.",
        ),
        click.option(
            "--bucket",
            default="",
            envvar="CLOSIENT_BUCKET",
            help="S3 bucket for the artifacts, NAME or NAME/FOLDER, instead of files.",
        ),
        click.option(
            "--s3-endpoint",
            default=None,
            envvar="CLOSIENT_S3_ENDPOINT",
            help="URL of another S3 than Amazon's.",
        ),
        click.option(
            "--secret",
            default="",
            envvar="CLOSIENT_SECRET",
            help="Signs addresses and sessions, 32 characters or more; made and kept in --data if "
            "it is not given. Better given by the environment, CLOSIENT_SECRET.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def working_options(command: F) -> F:
    """How jobs are done."""
    options = (
        click.option(
            "--jobs",
            type=click.IntRange(1, 64),
            default=2,
            show_default=True,
            envvar="CLOSIENT_JOBS",
            help="How many jobs at the same time.",
        ),
        click.option(
            "--processes",
            type=click.IntRange(1, 256),
            envvar="CLOSIENT_PROCESSES",
            help="How many processes draw labels; as many as processors if not given.",
        ),
        click.option(
            "--log-level",
            type=click.Choice(["debug", "info", "warning", "error"]),
            default="info",
            show_default=True,
            envvar="CLOSIENT_LOG_LEVEL",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _read_rate(_context: object, parameter: click.Parameter, value: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,4})", value)
    if found is None:
        message = f"expected CALLS/SECONDS such as 3000/60, got {value!r}"
        raise click.BadParameter(message, param=parameter)
    return int(found[1]), int(found[2])


@click.command()
@storage_options
@working_options
@click.option(
    "--host",
    "address",
    default="127.0.0.1",
    show_default=True,
    envvar="CLOSIENT_HOST",
    help="Address to listen at; 0.0.0.0 for all of this machine.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, envvar="CLOSIENT_PORT"
)
@click.option(
    "--public-url",
    default="",
    envvar="CLOSIENT_PUBLIC_URL",
    help="Where callers find the server, if not at --host and --port: https://…",
)
@click.option(
    "--no-worker",
    is_flag=True,
    envvar="CLOSIENT_NO_WORKER",
    help="Do no jobs; `closient-export worker` does them.",
)
@click.option(
    "--rate",
    default="3000/60",
    show_default=True,
    callback=_read_rate,
    envvar="CLOSIENT_RATE",
    metavar="CALLS/SECONDS",
    help="How often a key may call.",
)
@click.option(
    "--demo",
    is_flag=True,
    help="Take in the bundled catalogue and supply chain, and print a key for them.",
)
def serve(
    address: str,
    port: int,
    public_url: str,
    no_worker: bool,
    rate: tuple[int, int],
    demo: bool,
    jobs: int,
    processes: int | None,
    log_level: str,
    **storage: Any,
) -> None:
    """Serve both exports over HTTP: the API, its documentation at /docs, and pages for people."""
    with _extra():
        import uvicorn  # noqa: PLC0415 - an extra

        from closient_export.host import HostLimits, RateLimit, create_app  # noqa: PLC0415
        from closient_export.host.logs import log_as_json  # noqa: PLC0415
        from closient_export.host.protocol import BoundedProtocol  # noqa: PLC0415
    with _listen(address, port) as listening:
        port = listening.getsockname()[1]
        url = public_url.rstrip("/") or f"http://{_reachable(address)}:{port}"
        limits = HostLimits(rate=RateLimit(calls=rate[0], seconds=rate[1]))
        host = _open(
            storage, public_url=url, threads=jobs, limits=limits, **_given(processes=processes)
        )
        log_as_json(log_level.upper())
        if demo:
            from closient_export.host.demo import take_in_demo  # noqa: PLC0415

            say(f"The demo's API key, for this database alone: {take_in_demo(host)}")
        elif not host.keys.all():
            where = f"--data {storage['folder']} --owner YOUR-ORGANISATION"
            say(f"No API key yet; make one: closient-export keys add {where}")
        say(f"Serving at {url}; its API is described at {url}/docs")
        config = uvicorn.Config(
            create_app(host, works=not no_worker),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=20,
            http=BoundedProtocol,
            ws="none",
        )
        uvicorn.Server(config).run(sockets=[listening])


@click.command()
@storage_options
@working_options
def worker(jobs: int, processes: int | None, log_level: str, **storage: Any) -> None:
    """Do the jobs that servers have accepted, until interrupted; any number may do so."""
    with _extra():
        from closient_export.host import Worker  # noqa: PLC0415
        from closient_export.host.logs import log_as_json  # noqa: PLC0415
    host = _open_known(storage, threads=jobs, **_given(processes=processes))
    log_as_json(log_level.upper())
    work = Worker(host)
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.append(number))
    work.start()
    say("Working; stop with Ctrl-C")
    # The system may tell another thread, which this one, as long as it waits, does not learn.
    while not told:
        time.sleep(_HEEDING)
    if not work.stop():
        logging.getLogger(__name__).warning("some jobs are left to other workers")
    host.close()


@click.group()
def keys() -> None:
    """Who may call the host."""


@keys.command("add")
@storage_options
@click.option("--owner", required=True, help="The organisation that the key acts for.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice(_PERMISSIONS),
    help="What it is good for; everything if none is given.",
)
@click.option("--note", default="", help="For people: whose key it is.")
def add_key(owner: str, permissions: tuple[str, ...], note: str, **storage: Any) -> None:
    """Make a key and print it: once, since only its hash is kept."""
    is_new = not _is_known(storage)
    host = _open(storage)
    if is_new:
        say(f"{storage['folder']}: a new host")
    key, text = host.keys.add(owner, permissions=permissions or _PERMISSIONS, note=note)
    say(f"Key {key.key_id} of {owner}, for {', '.join(sorted(key.permissions))}. Keep it well:")
    click.echo(text)


@keys.command("list")
@storage_options
def list_keys(**storage: Any) -> None:
    """Show which keys there are, tab-separated."""
    found = _open_known(storage).keys.all()
    for key in found:
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "good"
        permissions = ",".join(sorted(key.permissions))
        click.echo(f"{key.key_id}\t{key.owner}\t{permissions}\t{state}\t{key.note}")
    say(counted(len(found), "key"))


@keys.command("revoke")
@storage_options
@click.argument("key_id")
def revoke_key(key_id: str, **storage: Any) -> None:
    """Let a key be good for nothing, within some seconds."""
    if not _open_known(storage).keys.revoke(key_id):
        raise click.BadParameter(f"there is no good key {key_id!r}", param_hint="KEY_ID")
    say(f"Key {key_id} is revoked")


def _listen(address: str, port: int) -> socket.socket:
    """A place to be called at, before anything is said of it."""
    try:
        family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        what = f"{address}:{port}: {reason}"
        message = f"{what}; expected a free port of an address of this machine"
        raise click.BadParameter(message, param_hint="'--host' and '--port'") from error


def _reachable(address: str) -> str:
    """What to call the server from this machine."""
    name = "127.0.0.1" if address in ("", "0.0.0.0", "::") else address  # noqa: S104 - compared
    return f"[{name}]" if ":" in name else name


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _open(storage: dict[str, Any], **settings: Any) -> "Host":
    with _extra():
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        from closient_export.host import Host, HostSettings, S3Bucket  # noqa: PLC0415
    secret = storage["secret"].encode()
    if secret and len(secret) < _SHORTEST_SECRET:
        message = f"expected {_SHORTEST_SECRET} characters or more"
        raise click.BadParameter(message, param_hint="--secret")
    name, _, prefix = storage["bucket"].partition("/")
    bucket = (
        S3Bucket(name=name, prefix=prefix, endpoint_url=storage["s3_endpoint"]) if name else None
    )
    try:
        return Host(
            HostSettings(
                folder=storage["folder"],
                database=storage["database"],
                bucket=bucket,
                secret=secret,
                **settings,
            )
        )
    except (SQLAlchemyError, StoreError, ValueError) as error:
        raise click.ClickException(_cannot_open(storage, error)) from error


def _cannot_open(storage: dict[str, Any], error: Exception) -> str:
    """What is wrong with a database, without its password."""
    from sqlalchemy import make_url  # noqa: PLC0415 - an extra
    from sqlalchemy.exc import ArgumentError, DBAPIError  # noqa: PLC0415

    cause = error.orig if isinstance(error, DBAPIError) else error
    if not storage["database"]:
        return f"the host in {storage['folder']} cannot be opened: {cause}"
    try:
        url = make_url(storage["database"]).render_as_string()
    except ArgumentError:
        return "--database: expected postgresql://USER:PASSWORD@MACHINE/NAME"
    return f"the host's database {url} cannot be opened: {cause}"


def _is_known(storage: dict[str, Any]) -> bool:
    return bool(storage["database"]) or (storage["folder"] / "closient.db").exists()


def _open_known(storage: dict[str, Any], **settings: Any) -> "Host":
    """A host that is there already: a name that is mistyped must not become one."""
    if not _is_known(storage):
        folder = storage["folder"]
        message = f"{folder} is no data folder of a host: closient-export serve --data {folder}"
        raise click.BadParameter(f"{message} makes one", param_hint="'--data'")
    return _open(storage, **settings)


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise click.ClickException(
            f"the host needs {package}: pip install 'closient-export[http]'"
        ) from error
