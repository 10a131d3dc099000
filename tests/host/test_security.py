"""What must not be had from a host, however it is asked."""

import gzip
import logging
import time
from collections.abc import Iterator

import anyio
import pytest
from hosted import Served
from starlette.requests import Request
from starlette.types import Message

from closient_export.host import bodies
from closient_export.host.logs import log_as_json
from closient_export.host.problems import Refused

EXPORT = "/products/api/v1/labels/export/"
LOTS = "/products/api/v1/lots/"
IMPORT = "/products/api/v1/catalog/import/"
CAPTURE = "/epcis/api/2.0/capture"
AS_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("page", ["000000001" + "9" * 20, "1" * 5000, "0", "-1", "1e3", "٣", ""])
def test_a_page_is_a_number_of_a_few_digits(served: Served, page: str) -> None:
    answer = served.client.get(LOTS, params={"page": page})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "page"


def test_a_key_given_twice_among_many_is_found_at_once(served: Served) -> None:
    members = [b'"%05d":1' % number for number in range(90_000)]
    begun = time.process_time()
    answer = served.client.post(
        EXPORT, content=b"{" + b",".join([*members, members[-1]]) + b"}", headers=AS_JSON
    )
    assert time.process_time() - begun < 5  # it would be minutes if each were compared with each
    assert answer.status_code == 422
    assert "'89999' is given twice" in answer.json()["problems"][0]["message"]


def test_a_document_is_packed_once_and_says_so(served: Served) -> None:
    packed = gzip.compress(b" " * 100_000)
    twice = gzip.compress(packed)
    for content, headers in ((packed, AS_JSON), (twice, AS_JSON | {"Content-Encoding": "gzip"})):
        answer = served.client.post(CAPTURE, content=content, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["message"].startswith("got gzip data")


def test_of_a_document_full_of_faults_no_more_is_read_than_can_be_told(served: Served) -> None:
    many = gzip.compress(b"{}\n" * 10_000_000, 1)
    begun = time.process_time()
    answer = served.client.post(
        CAPTURE, content=many, headers=AS_JSON | {"Content-Encoding": "gzip"}
    )
    assert time.process_time() - begun < 5
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 100


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_what_comes_too_slowly_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(bodies, "_GRACE", 0.1)
    sent = 0

    async def receive() -> Message:
        nonlocal sent
        await anyio.sleep(pause)
        sent += 1
        return {"type": "http.request", "body": b"x", "more_body": sent < 100}

    async def received() -> bytes:
        request = Request({"type": "http", "method": "POST", "headers": []}, receive)
        with await bodies.spool(request, most_bytes=1000, most_inflated=1000) as file:
            return file.read()

    if not pause:
        assert anyio.run(received) == b"x" * 100
        return
    with pytest.raises(Refused) as refused:
        anyio.run(received)
    assert refused.value.status == 408
    assert sent < 10


@pytest.fixture
def kept_logging() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "closient_export", "uvicorn.access")]
    kept = [(each, each.level, each.disabled, each.handlers[:]) for each in loggers]
    yield
    for each, level, disabled, handlers in kept:
        each.setLevel(level)
        each.disabled = disabled
        each.handlers[:] = handlers


@pytest.mark.usefixtures("kept_logging")
def test_others_modules_tell_no_details() -> None:
    """Those of S3 would log the signatures of addresses."""
    log_as_json("DEBUG")
    assert logging.getLogger("closient_export.host").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("botocore.auth").isEnabledFor(logging.DEBUG)
    log_as_json("ERROR")
    assert not logging.getLogger("closient_export.host").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("botocore.auth").isEnabledFor(logging.WARNING)
