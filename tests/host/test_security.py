"""What must not be had from a host, however it is asked."""

import gzip
import http.client
import json
import logging
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from hosted import Served, with_key
from hosts import Server, serving
from sqlalchemy import event
from starlette.requests import Request
from starlette.types import Message

from closient_export.adapters import signing
from closient_export.adapters.signing import HmacUrlSigner
from closient_export.host import bodies
from closient_export.host.downloads import asked_range
from closient_export.host.logs import log_as_json
from closient_export.host.problems import Refused
from closient_export.ids import new_short_id

EXPORT = "/products/api/v1/labels/export/"
LOTS = "/products/api/v1/lots/"
IMPORT = "/products/api/v1/catalog/import/"
CAPTURE = "/epcis/api/2.0/capture"
LABELS = {"scope": "lots", "export_type": "qr_codes", "file_format": "svg"}
JSON = ("application/json", "application/problem+json")
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
    if pause:
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


def document(*events: str) -> str:
    return (
        '{"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0",'
        f' "epcisBody": {{"eventList": [{", ".join(events)}]}}}}'
    )


def observed(members: str) -> str:
    return (
        '{"type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2027-03-31T17:00:00-07:00",'
        f' "eventTimeZoneOffset": "-07:00", {members}}}'
    )


@pytest.mark.parametrize("odd", [r"\u0000", r"\ud800", "%00"])
def test_what_no_database_keeps_is_a_problem_of_the_request(served: Served, odd: str) -> None:
    """SQLite keeps NUL and PostgreSQL does not; neither keeps half of a character."""
    named = f'"quantityList": [{{"epcClass": "urn:x:y"}}, {{"epcClass": "urn:x:{odd}"}}]'
    lot = document(observed('"epcList": ["urn:x:y"]'), observed(named), observed(named))
    answer = served.client.post(CAPTURE, content=lot, headers=AS_JSON)
    assert answer.status_code == 422
    got = repr(json.loads(f'"urn:x:{odd}"'))
    assert answer.json()["problems"] == [
        {
            "path": f"epcisBody.eventList[{index}].quantityList[1].epcClass",
            "message": f"expected a lot of text, got {got}",
        }
        for index in (1, 2)
    ]
    other = document(observed(f'"epcList": ["urn:x:{odd}"], "bizStep": "urn:x:{odd}"'))
    assert served.client.post(CAPTURE, content=other, headers=AS_JSON).status_code == 202


def test_a_lot_that_master_data_name_is_text_too(served: Served) -> None:
    def sent(number: str) -> Any:
        named = f'"epcList": ["https://id.gs1.org/01/09506000134352/21/1"], "ilmd": {number}'
        return served.client.post(CAPTURE, content=document(observed(named)), headers=AS_JSON)

    answer = sent(r'{"cbvmda:lotNumber": "A\u0000"}')
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["problems"]] == ["epcisBody.eventList[0].ilmd"]
    assert (
        sent(r'{"cbvmda:lotNumber": "A\ud800"}').status_code == 202
    )  # bytes that are percent-encoded


def test_half_a_character_in_the_web_vocabulary_is_no_failure(served: Served) -> None:
    product = r'{"@type": "gs1:Product", "gs1:gtin": "09506000134352", "gs1:productName": "Kale",'
    content = product + r' "gs1:hasBatchLotNumber": "A\ud800"}'
    answer = served.client.post(IMPORT, content=content, headers=AS_JSON)
    assert (answer.status_code, answer.json()["products"]) == (200, 1)


def test_a_catalogue_with_nul_is_no_text(served: Served) -> None:
    content = b"gtin,lot,product_name\n09506000134352,A,a\n09506000134352,B,b\0b\n"
    answer = served.client.post(IMPORT, content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422
    assert answer.json()["problems"] == [
        {"path": "line 3", "message": "expected text, got a NUL character"}
    ]


@pytest.fixture(scope="module")
def address(served: Served) -> str:
    """A signed address, without its host."""
    poll_url = served.client.post(EXPORT, json=LABELS).json()["poll_url"]
    served.work()
    return without_host(served.client.get(poll_url).json()["download_url"])


def without_host(url: str) -> str:
    _, _, host, rest = url.split("/", 3)
    assert host == "testserver"
    return f"/{rest}"


def test_a_signed_address_is_good_as_it_is_and_in_no_other_way(
    served: Served, address: str
) -> None:
    another = served.client.post(EXPORT, json={**LABELS, "file_format": "png"}).json()["poll_url"]
    served.work()
    other = without_host(served.client.get(another).json()["download_url"])
    path, _, query = address.partition("?")
    pairs, others = query.split("&"), other.partition("?")[2].split("&")
    changed = {
        query[:at] + ("A" if query[at] != "A" else "B") + query[at + 1 :]
        for at in range(len(query))
    }
    changed |= {query[:at] + query[at + 1 :] for at in range(0, len(query), 7)}
    for at, (mine, its) in enumerate(zip(pairs, others, strict=True)):
        if mine != its:  # of the other address
            changed.add("&".join([*pairs[:at], its, *pairs[at + 1 :]]))
        changed.add("&".join([*pairs, mine]))
        changed.add("&".join([*pairs[:at], *pairs[at + 1 :]]))
        changed.add("&".join([*pairs[at:], *pairs[:at]]) if at else f"{query}&")
    changed |= {f"{query}&a=1", f"a=1&{query}", query.upper(), query.lower(), query + "%00", ""}
    changed |= {query.replace("%2F", "/"), query.replace("%2F", "%2f"), query.replace("=", "%3D")}
    changed -= {query}
    assert served.stranger.get(address).status_code == 200
    refused = {served.stranger.get(f"{path}?{each}").status_code for each in changed}
    assert len(changed) > len(query)
    assert refused == {403}


def test_an_address_of_another_secret_or_for_another_purpose_is_refused(
    served: Served, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, moment = "http://testserver/downloads", datetime.now(UTC) + timedelta(minutes=5)
    file = HmacUrlSigner(base, served.host.secrets, *served.host.secrets).verify(
        address.partition("?")[2], datetime.now(UTC)
    )

    def signed(secret: bytes, expires_at: datetime = moment) -> int:
        (key_id,) = served.host.secrets
        url = HmacUrlSigner(base, {key_id: secret}, key_id).sign(
            file.key,
            owner=file.owner,
            filename=file.filename,
            media_type=file.media_type,
            expires_at=expires_at,
        )
        return served.stranger.get(without_host(url)).status_code

    (own,) = served.host.secrets.values()
    assert signed(own) == 200
    assert signed(bytes(32)) == 403
    assert signed(own, datetime.now(UTC) - timedelta(seconds=1)) == 403
    monkeypatch.setattr(signing, "_PURPOSE", b"closient-export session 1")
    url = without_host(
        HmacUrlSigner(base, served.host.secrets, *served.host.secrets).sign(
            file.key, owner="demo", filename="a", media_type="a/b", expires_at=moment
        )
    )
    monkeypatch.undo()
    assert served.stranger.get(url).status_code == 403


RANGES = [
    ("bytes=0-0", range(1)),
    ("bytes=5-", range(5, 100)),
    ("bytes=5-1000000", range(5, 100)),
    ("bytes=-1", range(99, 100)),
    ("bytes=-1000000", range(100)),
    ("bytes=99-99", range(99, 100)),
    ("bytes=0-0,2-2", None),  # several: all of it, as RFC 9110 allows
    ("bytes=0-50,25-75", None),
    ("bytes=5-4", None),
    ("bytes=-", None),
    ("bytes=--1", None),
    ("bytes=0x1-2", None),
    ("bytes=1.0-2", None),
    ("bytes=٣-4", None),
    ("bytes=" + "9" * 19 + "-", None),
    ("bytes", None),
    ("items=0-1", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "expected"), RANGES)
def test_ranges(header: str, expected: range | None) -> None:
    assert asked_range("GET", {"range": header}, '"a"', 100) == expected
    assert asked_range("HEAD", {"range": header}, '"a"', 100) is None
    assert asked_range("GET", {"range": header, "if-range": 'W/"a"'}, '"a"', 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_of_nothing(header: str) -> None:
    with pytest.raises(Refused) as refused:
        asked_range("GET", {"range": header}, '"a"', 100)
    assert refused.value.status == 416
    assert refused.value.headers["Content-Range"] == "bytes */100"


def test_conditions_of_a_download(served: Served, address: str) -> None:
    whole = served.stranger.get(address)
    etag = whole.headers["etag"]
    for given in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = served.stranger.get(address, headers={"If-None-Match": given})
        assert (answer.status_code, answer.content) == (304, b"")
    for path in (address[:-1] + ("A" if address[-1] != "A" else "B"), "/downloads"):
        assert served.stranger.get(path, headers={"If-None-Match": "*"}).status_code == 403
        assert served.stranger.head(path).status_code == 403
    head = served.stranger.head(address)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert served.stranger.post(address).status_code == 405


@contextmanager
def counted(served: Served) -> Iterator[list[str]]:
    """The statements that the database is sent."""
    statements: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(served.host.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(served.host.engine, "before_cursor_execute", note)


def test_absent_and_foreign_ids_take_the_same_way(served: Served) -> None:
    job = served.client.post(EXPORT, json=LABELS).json()["job_id"]
    lot = served.client.get(LOTS).json()["lots"][-1]["lot_id"]
    observation = document(observed('"epcList": ["urn:x:1"]'))
    captured = served.client.post(CAPTURE, content=observation, headers=AS_JSON).json()["captureID"]
    of_lot = "/epcis/api/2.0/traceability/lots/{}/"
    ways = {
        f"{EXPORT}{{}}/": job,
        f"{CAPTURE}/{{}}": captured,
        f"{of_lot}fda-export": lot,
        f"{of_lot}kde-readiness": lot,
        f"{of_lot}recall-scope": lot,
    }
    served.stranger.get(LOTS)  # its key is known from now on
    for path, known in ways.items():
        seen = []
        for each in (known, new_short_id()):
            with counted(served) as statements:
                answer = served.stranger.get(path.format(each))
            passing = ("x-request-id", "ratelimit", "date")
            headers = [pair for pair in answer.headers.multi_items() if pair[0] not in passing]
            assert answer.status_code == 404
            seen.append((answer.content, headers, statements))
        assert seen[0] == seen[1], path


def test_a_key_counts_in_its_own_header_and_once(served: Served) -> None:
    _, text = served.host.keys.add("demo")
    good, nobody = ("x-api-key", text), with_key(served.client, "")
    del nobody.headers["x-api-key"]
    assert nobody.get(LOTS, headers=[good]).status_code == 200
    for headers in (
        [good, good],
        [good, ("x-api-key", "x")],
        [("authorization", f"Bearer {text}")],
        [("cookie", f"x-api-key={text}")],
        [("x_api_key", text)],
        [("x-api-key", f"{text}\u00a0")],
    ):
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        assert nobody.get(LOTS, headers=encoded).status_code == 401
    assert nobody.get(LOTS, params={"x-api-key": text}).status_code == 401


def test_searches_are_text_and_no_patterns(served: Served) -> None:
    lots = ["P%Q", "P_Q", "P'Q", 'P"Q', "PXQ"]
    rows = "".join(f"09506000134376,{lot},\n" for lot in lots).replace('P"Q', '"P""Q"')
    content = f"gtin,lot,serial\n{rows}".encode()
    headers = {"Content-Type": "text/csv"}
    assert served.stranger.post(IMPORT, content=content, headers=headers).json()["new"] == 5

    def found(search: str) -> list[str]:
        answer = served.stranger.get(LOTS, params={"search": search})
        assert answer.status_code == 200
        return [lot["lot"] for lot in answer.json()["lots"]]

    assert sorted(found("p")) == sorted(lots)
    for character in "%_'\"":
        assert found(character) == found(f"p{character}q") == [f"P{character}Q"]
    for hostile in ("\\", "\\%", "' OR 1=1 --", "%' OR '1'='1", "\ud7ff", "*", "P?Q", "P.Q", "[P]"):
        assert found(hostile) == []


MARK = "MARK3D"


def lines_of(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_logs_tell_no_secrets(tmp_path: Path, level: str) -> None:
    """Whatever is asked in whatever way: no key, signature, lot or serial is in the log."""
    folder = tmp_path / "data"
    with serving(folder, "--log-level", level, "--processes", "1") as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)

        def call(method: str, path: str, body: str = "", **headers: str) -> Any:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body.encode() or None, names)
            with connection.getresponse() as answer:
                content = answer.read()
                return json.loads(content) if answer.headers["content-type"] in JSON else content

        key = {"X_API_Key": server.key}
        catalogue = f"gtin,lot,serial\n09506000134352,{MARK},{MARK}\n"
        call("POST", IMPORT, catalogue, **key, Content_Type="text/csv")
        call("POST", IMPORT, f"gtin,lot\n{MARK},{MARK}\n", **key, Content_Type="text/csv")
        for content in (observed(f'"epcList": ["urn:x:{MARK}"]'), f'{{"{MARK}": '):
            call("POST", CAPTURE, document(content), **key, Content_Type="application/json")
        labels = LABELS | {"scope": "serials", "filters": {"gtins": ["09506000134352"]}}
        asked = call("POST", EXPORT, json.dumps(labels), **key, Content_Type="application/json")
        call("POST", EXPORT, json.dumps({MARK: MARK}), **key, Content_Type="application/json")
        while (job := call("GET", asked["poll_url"], **key))["status"] != "completed":
            time.sleep(0.05)
        address = without_host(job["download_url"].replace(server.url, "http://testserver"))
        assert call("GET", address).startswith(b"PK")
        call("GET", f"{address}A")
        call("GET", f"{LOTS}?search={MARK}", **key)
        call("GET", f"{LOTS}?key={server.key}", X_API_Key=f"{server.key}x")
        call("GET", f"/{MARK}/{server.key}", Authorization=f"Bearer {server.key}")
        call("GET", f"{EXPORT}{server.key}/", Cookie=f"key={server.key}", **key)
        # What asks the database now fails in a way that nobody has foreseen.
        with closing(sqlite3.connect(folder / "closient.db")) as database:
            database.execute("DROP TABLE closient_entities")
        failed = call("GET", f"{LOTS}?search={MARK}", **key)
        assert failed["status"] == 500
        assert MARK not in json.dumps(failed)
        failed = call("POST", IMPORT, catalogue, **key, Content_Type="text/csv")
        assert failed["status"] == 500
        connection.close()
        server.process.terminate()
        server.process.wait(30)
        log = server.text

    lines = lines_of(log)
    assert sum(line["message"] == "answered" for line in lines) > 15
    assert sum("error" in line for line in lines) >= 2
    announced, log = log.split("\n", 1)
    assert server.key in announced  # once, for whoever has started the server
    signature = address.rpartition("signature=")[2]
    _, _, secret_part = server.key.split("_", 2)  # which may have a "_" of its own
    for secret in (server.key, secret_part, signature, MARK):
        assert secret not in log


ASK = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
SEND = (
    b"POST /products/api/v1/labels/export/ HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server") / "data", "--no-worker") as running:
        yield running


def exchanged(server: Server, pieces: Iterable[bytes]) -> bytes:
    """What the server says to some bytes, until it ends the connection or has nothing to add."""
    host, _, port = urlsplit(server.url).netloc.partition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=120) as connection, suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)
        while more := connection.recv(1 << 16):
            answer += more
    return answer


@pytest.mark.parametrize(
    "before", [b"GET /", b"GET /?", ASK + b"X: ", b"POST / HTTP/1.1\r\nHost: a"]
)
def test_headers_without_end_are_not_kept(server: Server, before: bytes) -> None:
    """Uvicorn would take gigabytes of them, from anybody, in a time that grows with the square."""
    exchanged(server, [ASK, b"Connection: close\r\n\r\n"])  # what that loads is loaded
    resident = Path(f"/proc/{server.process.pid}/statm")
    kept = int(resident.read_text().split()[1])
    answer = exchanged(server, [before, *[b"a" * 1_000_000] * 50])
    assert answer[:12] in (b"HTTP/1.1 400", b"")  # what is still on its way may hide the answer
    assert int(resident.read_text().split()[1]) - kept < 10_000_000 / 4096
    assert exchanged(server, [ASK, b"Connection: close\r\n\r\n"]).startswith(b"HTTP/1.1 200")


def test_many_headers_and_trailers_are_refused(server: Server) -> None:
    headers = [b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(400)]
    assert exchanged(server, [ASK, *headers[:60], b"Connection: close\r\n\r\n"])[9:12] == b"200"
    assert exchanged(server, [ASK, *headers, b"\r\n"])[9:12] in (b"400", b"")
    begun = SEND % server.key.encode() + b"2\r\n{}\r\n0\r\n"
    assert exchanged(server, [begun, *headers, b"\r\n"])[9:12] in (b"400", b"422", b"")


def test_bodies_may_come_in_any_pieces(server: Server) -> None:
    head = SEND.replace(b"Host", b"Connection: close\r\nHost") % server.key.encode()
    body = b'{"' + b"a" * 100_000 + b'": 1}'
    bytewise = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    for pieces in ([head + bytewise], [head, bytewise], [head, bytewise[:7], bytewise[7:]]):
        assert exchanged(server, pieces).startswith(b"HTTP/1.1 422")
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert exchanged(server, [head, whole[:9], whole[9:]]).startswith(b"HTTP/1.1 422")


def test_requests_may_follow_each_other_at_once(server: Server) -> None:
    ask = ASK + b"X: " + b"a" * 1000 + b"\r\n"
    answers = exchanged(server, [(ask + b"\r\n") * 200 + ask + b"Connection: close\r\n\r\n"])
    assert answers.count(b"HTTP/1.1 200") == 201


def test_members_of_a_document_are_limited_together(served: Served) -> None:
    members = ", ".join(f'"{number}": "{"a" * 1_000_000}"' for number in range(6))
    content = document().replace('"type": "EPCISDocument"', f'{members}, "type": "EPCISDocument"')
    answer = served.client.post(CAPTURE, content=content, headers=AS_JSON)
    assert answer.status_code == 422
    assert "4,194,304 characters" in answer.json()["problems"][0]["message"]


def test_a_number_without_end_is_not_read_again_and_again(served: Served) -> None:
    packed = gzip.compress(b"1" * 100_000_000, 1)
    headers = AS_JSON | {"Content-Encoding": "gzip"}
    answer = served.client.post(CAPTURE, content=packed, headers=headers)  # it would take hours
    assert answer.status_code == 422
