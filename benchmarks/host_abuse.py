"""What the reference host should refuse: each is sent to a server, whose memory and disk are watched."""

import gzip
import http.client
import random
import socket
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from attrs import field, frozen
from hosts import Server, serving

from closient_export.ids import new_short_id

__all__ = ["abuse"]

_MIB = 1 << 20
_MOST_GROWTH = 150.0
"""Megabytes of memory that one request may take."""
_CAPTURE = "/epcis/api/2.0/capture"
_IMPORT = "/products/api/v1/catalog/import/"
_EXPORT = "/products/api/v1/labels/export/"
_HEAD = b'{"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0",'
_JSON = {"Content-Type": "application/json"}
_CSV = {"Content-Type": "text/csv"}
_GZIP = {"Content-Encoding": "gzip"}
_PAIRS = 3000
"""How many absent and how many foreign ids are timed, in turn."""


@frozen
class _Case:
    name: str
    path: str
    body: Callable[[], bytes | Iterable[bytes]]
    headers: dict[str, str]
    statuses: tuple[int, ...]
    seconds: float = field(default=30)


def _repeated(piece: bytes, size: int) -> Iterator[bytes]:
    chunk = piece * max(1, _MIB // len(piece))
    for _ in range(size // len(chunk)):
        yield chunk


def _packed(piece: bytes, size: int, *, before: bytes = b"") -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    pieces = [packer.compress(before), *map(packer.compress, _repeated(piece, size))]
    return b"".join([*pieces, packer.flush()])


def _members() -> bytes:
    """A document that is small when packed, of many large members."""
    packer = zlib.compressobj(6, wbits=31)
    members = (b'"%d": "%s",' % (number, b"a" * 4_000_000) for number in range(240))
    return b"".join([*map(packer.compress, (_HEAD, *members)), packer.flush()])


_CASES = (
    _Case("1 GiB, chunked", _CAPTURE, lambda: _repeated(b" ", 1 << 30), _JSON, (413,)),
    _Case(
        "1 GiB, announced",
        _CAPTURE,
        lambda: _repeated(b" ", 1 << 30),
        _JSON | {"Content-Length": str(1 << 30)},
        (413,),
    ),
    _Case("1 GiB of CSV", _IMPORT, lambda: _repeated(b"\n", 1 << 30), _CSV, (413,)),
    _Case("2 MiB for an export", _EXPORT, lambda: b" " * (2 * _MIB), _JSON, (413,)),
    _Case("17 MiB of places", _IMPORT, lambda: b" " * (17 * _MIB), _JSON, (413,)),
    _Case("2 GiB packed", _CAPTURE, lambda: _packed(b" ", 2 << 30), _JSON | _GZIP, (413,)),
    _Case("2 GiB of CSV packed", _IMPORT, lambda: _packed(b"\n", 2 << 30), _CSV | _GZIP, (413,)),
    _Case("2 GiB packed in secret", _CAPTURE, lambda: _packed(b" ", 2 << 30), _JSON, (422,)),
    _Case(
        "2 GiB packed twice",
        _CAPTURE,
        lambda: gzip.compress(_packed(b" ", 2 << 30)),
        _JSON | _GZIP,
        (422,),
    ),
    _Case("1 GB in 240 members", _CAPTURE, _members, _JSON | _GZIP, (422,)),
    _Case("900 MiB of digits", _CAPTURE, lambda: _packed(b"1", 900 * _MIB), _JSON | _GZIP, (422,)),
    _Case("900 MiB of [", _CAPTURE, lambda: _packed(b"[", 900 * _MIB), _JSON | _GZIP, (422,)),
    _Case("900 MiB of text", _CAPTURE, lambda: _packed(b'"a', 900 * _MIB), _JSON | _GZIP, (422,)),
    _Case(
        "300 million events of nothing",
        _CAPTURE,
        lambda: _packed(b"{}\n", 900 * _MIB),
        _JSON | _GZIP,
        (422,),
    ),
    _Case(
        "an event of a million things",
        _CAPTURE,
        lambda: (
            b'{"type": "ObjectEvent", "epcList": ["'
            + b'","'.join(b"urn:epc:id:sgtin:9506000.013435.%d" % n for n in range(1_000_000))
            + b'"]}'
        ),
        _JSON,
        (422,),
    ),
    _Case("a cell of 100 MB", _IMPORT, lambda: b"gtin\n" + b"1" * 100_000_000, _CSV, (422,)),
    _Case("an open quote", _IMPORT, lambda: b'gtin\n"' + b"1\n" * 50_000_000, _CSV, (422,)),
)


def abuse() -> list[str]:
    """Send it all; returns what was not as it should be."""
    faults = []
    with (
        tempfile.TemporaryDirectory(prefix="abuse-") as folder,
        serving(Path(folder) / "data", "--no-worker") as server,
    ):
        print(f"{'':34}{'status':>8}{'seconds':>9}{'MB more':>9}")
        for case in _CASES:
            faults += _refused(server, case)
        faults += _slow(server)
        faults += _silent(server)
        faults += _timed(server)
    return faults


def _refused(server: Server, case: _Case) -> list[str]:
    pid, body = server.process.pid, case.body()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak is counted from now on
    before = _megabytes(pid, "VmRSS")
    begun = time.monotonic()
    status = _status(server, case, body)
    took = time.monotonic() - begun
    growth = _megabytes(pid, "VmHWM") - before
    print(f"{case.name:34}{status:>8}{took:>9.1f}{growth:>9.0f}", flush=True)
    faults = []
    if status not in case.statuses:
        faults.append(f"{case.name}: {status}, expected {case.statuses}")
    if growth > _MOST_GROWTH:
        faults.append(f"{case.name}: took {growth:.0f} MB of memory")
    if took > case.seconds:
        faults.append(f"{case.name}: took {took:.0f} s")
    return faults


def _megabytes(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    raise ValueError(name)


def _status(server: Server, case: _Case, body: bytes | Iterable[bytes]) -> int:
    connection = _connection(server, timeout=4 * case.seconds)
    headers = {"X-API-Key": server.key} | case.headers
    try:
        connection.request("POST", case.path, body, headers)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


def _connection(server: Server, timeout: float = 60) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=timeout)


def _slow(server: Server) -> list[str]:
    """Uploads that hardly come, as many as are taken in at a time and more: others wait for seconds."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    sockets = []
    for _ in range(6):
        slow = socket.create_connection((host, int(port)))
        slow.sendall(
            f"POST {_CAPTURE} HTTP/1.1\r\nHost: a\r\nX-API-Key: {server.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{".encode()
        )
        sockets.append(slow)
    begun = time.monotonic()
    case = _Case("behind six slow uploads", _IMPORT, lambda: b"gtin,lot\n", _CSV, (200,), 90)
    status = _status(server, case, case.body())
    took = time.monotonic() - begun
    print(f"{case.name:34}{status:>8}{took:>9.1f}")
    for slow in sockets:
        slow.close()
    return [] if status == 200 and took < case.seconds else [f"{case.name}: {status}, {took:.0f} s"]


def _silent(server: Server) -> list[str]:
    """Connections on which no request comes to the end of its headers: they are ended."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    faults = []
    for name, said in (
        ("a silent caller", b""),
        ("headers that hardly come", b"GET / HTTP/1.1\r\n"),
    ):
        begun = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=60) as silent:
            silent.sendall(said)
            ended = silent.recv(1) == b""
        took = time.monotonic() - begun
        print(f"{name:34}{'ended':>8}{took:>9.1f}")
        if not ended or took > 30:
            faults.append(f"{name}: waited for {took:.0f} s")
    return faults


def _timed(server: Server) -> list[str]:
    """Whether it takes as long to find nothing as to find what is another organisation's.

    The difference of the medians is set beside how much medians of the same size differ by chance.
    """
    from closient_export.host import Host, HostSettings  # noqa: PLC0415 - late, for the demo's key

    folder = next(Path(argument) for argument in _after(server, "--data"))
    host = Host(HostSettings(folder=folder))
    jobs = [
        host.service.submit_labels(
            "demo", {"scope": "lots", "export_type": "qr_codes", "file_format": "svg"}
        ).job_id
        for _ in range(200)
    ]
    _, stranger = host.keys.add("stranger")
    host.close()
    seconds: dict[str, list[float]] = {"absent": [], "foreign": []}
    # Both are chosen in the same way, so that this program is as warm for the one as for the other.
    ids = {"foreign": jobs, "absent": [new_short_id() for _ in jobs]}
    connection = _connection(server)
    for _ in range(_PAIRS):
        for kind in random.sample(["absent", "foreign"], 2):
            job_id = random.choice(ids[kind])  # noqa: S311
            begun = time.perf_counter()
            connection.request("GET", f"{_EXPORT}{job_id}/", headers={"X-API-Key": stranger})
            with connection.getresponse() as answer:
                answer.read()
            seconds[kind].append(time.perf_counter() - begun)
    connection.close()
    both = [*seconds["absent"], *seconds["foreign"]]
    found = statistics.median(seconds["absent"]) - statistics.median(seconds["foreign"])
    chances = []
    for _ in range(500):
        random.shuffle(both)
        chances.append(statistics.median(both[:_PAIRS]) - statistics.median(both[_PAIRS:]))
    share = sum(abs(each) >= abs(found) for each in chances) / len(chances)
    medians = {kind: f"{1e6 * statistics.median(each):.0f}" for kind, each in seconds.items()}
    print(f"median microseconds: {medians}; a difference as large by chance: {share:.0%}")
    return (
        [] if share > 0.001 or abs(found) < 20e-6 else ["absent and foreign ids can be told apart"]
    )


def _after(server: Server, option: str) -> Iterator[str]:
    arguments = iter(map(str, server.process.args))  # type: ignore[arg-type]
    for argument in arguments:
        if argument == option:
            yield next(arguments)
