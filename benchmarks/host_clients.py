"""Clients of the reference host that hold it to its word: what they see is checked as they go."""

# ruff: noqa: S311 - chances, not secrets

import asyncio
import csv
import io
import json
import random
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

__all__ = ["Job", "Load"]

EXPORT = "/products/api/v1/labels/export/"
LOTS = "/products/api/v1/lots/"
_TIMEOUT = 60.0
_TERMINAL = ("completed", "delivered", "failed")
_ORDER = {"pending": 0, "processing": 1, "completed": 2, "delivered": 2, "failed": 2}
_MINTED = ("download_url", "expires_at", "signed_download_url")
"""What differs from one poll to the next."""
_MANIFEST = "manifest.csv"


class Interrupted(Exception):
    """The connection broke, or there was none to be had."""


@define(eq=False)
class Job:
    """A job as far as it was seen."""

    path: str
    what: str
    """The export type, or ``trace``."""
    items: int = 0
    """How many labels were asked for."""
    seen: dict[str, Any] = field(factory=dict)

    @property
    def ended(self) -> bool:
        """Whether it was seen to have ended."""
        return self.seen.get("status") in _TERMINAL


class _Connection:
    """HTTP/1.1, no more of it than this server speaks: light on the processor that both share."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._always = f"Host: 127.0.0.1:{port}\r\nX-API-Key: {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"{method} {path} HTTP/1.1\r\n{self._always}{told}Content-Length: {len(body)}\r\n\r\n"
        )
        is_fresh = self._streams is None
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await self._exchange(head.encode() + body)
        except (OSError, EOFError) as error:
            self.close()
            if is_fresh:
                raise Interrupted from error
        return await self.call(method, path, body, headers)  # it was idle for too long

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        _, _, length = head.partition("\r\ncontent-length: ")
        body = await reader.readexactly(int(length.partition("\r\n")[0]))
        return int(head[9:12]), body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Load:
    """What all clients of one host share.

    Args:
        port: Where the host listens.
        key: An API key with all permissions.
        breaks: Whether connections may break, which is then tried again.
    """

    def __init__(self, port: int, key: str, *, breaks: bool) -> None:
        self._port = port
        self._key = key
        self._breaks = breaks
        self.jobs: dict[str, Job] = {}
        self.seconds: dict[str, list[float]] = defaultdict(list)
        """By kind of call, how long each took."""
        self.violations: Counter[str] = Counter()
        self.interrupted = 0
        self.exports: list[tuple[dict[str, Any], int]] = []
        """Requests for labels, and how many items each is for."""
        self.lots: list[str] = []
        """The ids of lots that events name."""
        self.over = asyncio.Event()

    def connection(self) -> _Connection:
        """One for a client of its own."""
        return _Connection(self._port, self._key)

    async def call(
        self,
        connection: _Connection,
        kind: str,
        path: str,
        *expected: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Call until there is an answer, and see whether it is one of those that are expected."""
        method = "POST" if body else "GET"
        while True:
            begun = time.perf_counter()
            try:
                status, answer = await connection.call(method, path, body, headers or {})
            except Interrupted as error:
                self.interrupted += 1
                if not self._breaks:
                    self.violations[f"{kind}: {error.__cause__!r}"] += 1
                await asyncio.sleep(random.uniform(0.1, 0.4))
                continue
            except TimeoutError:
                self.violations[f"{kind}: no answer within {_TIMEOUT:.0f} s"] += 1
                connection.close()
                continue
            self.seconds[kind].append(time.perf_counter() - begun)
            if status not in expected:
                self.violations[f"{kind}: {status} {answer[:200]!r}"] += 1
                await asyncio.sleep(1)
                continue
            return answer

    async def submit(self, connection: _Connection) -> Job:
        """Ask for labels, or for a trace."""
        if self.lots and random.random() < 0.3:
            lot = random.choice(self.lots)
            direction = random.choice(["forward", "backward", "both"])
            path = f"/epcis/api/2.0/traceability/lots/{lot}/fda-export?direction={direction}"
            answer = json.loads(await self.call(connection, "ask for a trace", path, 200, 202))
            job = self.jobs.setdefault(answer["job_short_id"], Job(path, "trace"))
            self.look(job, {}, answer)
            return job
        request, items = random.choice(self.exports)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{random.getrandbits(128):032x}",
        }
        body = json.dumps(request).encode()
        answer = json.loads(
            await self.call(connection, "submit labels", EXPORT, 202, body=body, headers=headers)
        )
        job = Job(answer["poll_url"], request["export_type"], items)
        if answer["job_id"] in self.jobs:
            self.violations["a new export was given the id of another"] += 1
        self.jobs[answer["job_id"]] = job
        return job

    async def poll(self, connection: _Connection, job: Job) -> None:
        """See how a job stands."""
        kind, statuses = (
            ("poll a trace", (200, 202)) if job.what == "trace" else ("poll labels", (200,))
        )
        before = job.seen
        view = json.loads(await self.call(connection, kind, job.path, *statuses))
        self.look(job, before, view)

    def look(self, job: Job, before: dict[str, Any], view: dict[str, Any]) -> None:
        """Compare what is told of a job with what had been told when it was asked for.

        Meanwhile others may have been told more: answers overtake each other.
        """
        if before.get("status") in _TERMINAL and any(
            view[name] != before[name] for name in view if name not in _MINTED
        ):
            self.violations["a job that had ended was changed"] += 1
        elif before and _ORDER[view["status"]] < _ORDER[before["status"]]:
            self.violations[f"{before['status']} became {view['status']}"] += 1
        elif view.get("processed_items", 0) < before.get("processed_items", 0):
            self.violations["processed_items went back"] += 1
        if view["status"] == "failed":
            self.violations[f"a job of {job.what} failed: {view.get('error')}"] += 1
        if view["status"] == "completed" and view["total_items"] != job.items:
            self.violations["a job was for another number of items"] += 1
        if _progress(view) >= _progress(job.seen):
            job.seen = view

    async def download(self, connection: _Connection, job: Job, *, deep: bool = False) -> None:
        """Fetch what a job has made; see whether it is all there, and if `deep`, what is in it."""
        url = urlsplit(job.seen.get("download_url") or job.seen["signed_download_url"])
        file = await self.call(connection, "download", f"{url.path}?{url.query}", 200)
        if len(file) != job.seen.get("file_size_bytes", len(file)):
            self.violations["a download was of another size"] += 1
        if deep and (fault := _fault(job, file)):
            self.violations[f"{job.what}: {fault}"] += 1


def _progress(view: dict[str, Any]) -> tuple[int, int]:
    return _ORDER.get(view.get("status", ""), -1), view.get("processed_items", 0)


def _fault(job: Job, file: bytes) -> str:
    """What is wrong with an artifact, if anything."""
    if job.what == "sheet_pdf":
        return "" if file.startswith(b"%PDF") and file.rstrip().endswith(b"%%EOF") else "no PDF"
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        if archive.testzip() is not None:
            return "a broken archive"
        if job.what == "trace":
            return "" if "xl/workbook.xml" in archive.namelist() else "no workbook"
        with archive.open(_MANIFEST) as manifest:
            rows = list(csv.DictReader(io.TextIOWrapper(manifest, "utf-8")))
        names = archive.namelist()
    items = len({row["index"] for row in rows})
    if items != job.items:
        return f"{items} items in the manifest, expected {job.items}"
    drawn = [row["member"] for row in rows if row["status"] == "ok"]
    return "" if sorted([*drawn, _MANIFEST]) == sorted(names) else "other files than it says"
