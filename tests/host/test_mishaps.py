"""What goes wrong beside a request: callers that leave, jobs that are gone, threads that do not start."""

import logging
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from hosted import Served
from sqlalchemy import event
from starlette.types import Message

from closient_export.host import Worker, bodies

EXPORT = "/products/api/v1/labels/export/"
IMPORT = "/products/api/v1/catalog/import/"
CSV = {"Content-Type": "text/csv"}
LABELS = {"scope": "lots", "export_type": "qr_codes", "file_format": "svg"}
FORM = b"application/x-www-form-urlencoded"


def answered(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """What the log says in the end of the only request."""
    record = caplog.records[-1]
    assert record.getMessage() == "answered"
    fields: dict[str, Any] = record.__dict__["fields"]
    return fields


@pytest.mark.parametrize(
    ("path", "media_type"), [("/sign-in", FORM), (EXPORT, b"application/json")]
)
def test_a_caller_who_leaves_is_no_failure(
    served: Served, caplog: pytest.LogCaptureFixture, path: str, media_type: bytes
) -> None:
    received: list[Message] = [
        {"type": "http.request", "body": b"key=", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []
    key = served.client.headers["x-api-key"].encode()
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    headers += [(b"content-type", media_type), (b"x-api-key", key)]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "headers": headers,
    }

    async def call() -> None:
        async def receive() -> Message:
            return received.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        await served.client.app(scope, receive, send)

    with caplog.at_level(logging.INFO, "closient_export.host"):
        anyio.run(call)
    assert sent == []
    fields = answered(caplog)
    assert (fields["status"], fields["gone"]) == (0, True)
    assert len(caplog.records) == 1


def test_a_file_is_downloaded_although_its_job_is_forgotten_meanwhile(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    lot = next(lot for lot in served.host.lots.page("demo") if lot.lot == "CK26090")
    path = f"/epcis/api/2.0/traceability/lots/{lot.lot_id}/fda-export"
    served.client.get(path)
    served.work()
    status = served.client.get(path).json()
    jobs = served.host.place.jobs
    jobs.remove(jobs.get("demo", status["job_short_id"]))
    with caplog.at_level(logging.INFO, "closient_export.host"):
        answer = served.client.get(status["signed_download_url"])
    assert answer.content.startswith(b"PK")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "error" not in answered(caplog)
    assert [record.getMessage() for record in caplog.records[:-1]] == [
        "a download is not counted: JobNotFoundError"
    ]


def test_a_thread_that_cannot_be_started_takes_no_place(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll_url = served.client.post(EXPORT, json=LABELS).json()["poll_url"]
    worker = Worker(served.host)
    start = threading.Thread.start

    def refused(thread: threading.Thread) -> None:
        if thread.name.startswith("job"):
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError):
            worker._begin(1)
    assert worker._running == set()
    served.host.service.run("demo", poll_url.split("/")[-2])
    assert served.client.get(poll_url).json()["status"] == "completed"


def later(caplog: pytest.LogCaptureFixture, answer: Any) -> str:
    """Of an answer that says to try again, what the log says of why."""
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    refused, told = caplog.records
    assert (refused.getMessage(), told.getMessage()) == ("not now", "answered")
    error: str = refused.__dict__["fields"]["error"]
    return error


def test_while_the_database_finds_no_room_one_may_try_again(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    rows = "gtin,lot,serial\n" + "".join(f"9506000134352,FULL,{n:06}\n" for n in range(20_000))

    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    engine = served.host.engine
    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        with caplog.at_level(logging.INFO, "closient_export.host"):
            answer = served.client.post(IMPORT, content=rows, headers=CSV)
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()
    assert later(caplog, answer) == "OperationalError"
    assert served.client.post(IMPORT, content=rows, headers=CSV).json()["new"] == 20_000


def test_while_an_upload_finds_no_room_one_may_try_again(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no device that is full")
    monkeypatch.setattr(bodies, "temporary_file", lambda: full.open("wb", buffering=0))
    with caplog.at_level(logging.INFO, "closient_export.host"):
        answer = served.client.post(IMPORT, content="gtin,lot\n", headers=CSV)
    assert later(caplog, answer) == "OSError"
