"""Events, readiness, recall scope and traces over HTTP."""

import gzip
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from hosted import Served

from closient_export.adapters.sql.transactions import writing

CAPTURE = "/epcis/api/2.0/capture"
LOTS = "/epcis/api/2.0/traceability/lots"
LD = {"Content-Type": "application/ld+json"}
CHAIN = files("closient_export") / "demo" / "chain"
KIT = "https://id.gs1.org/01/10614141003034/10/CK26090"


def document(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2027-03-31T18:00:00-07:00",
        "epcisBody": {"eventList": list(events)},
    }


def event(lot: str = "A", **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "commissioning",
        "eventTime": "2027-03-31T09:30:00-07:00",
        "eventTimeZoneOffset": "-07:00",
        "quantityList": [
            {"epcClass": f"https://id.gs1.org/01/09506000134352/10/{lot}", "quantity": 5}
        ],
    } | more


def lot_id(client: Any, search: str) -> str:
    (lot,) = client.get("/products/api/v1/lots/", params={"search": search}).json()["lots"]
    found: str = lot["lot_id"]
    return found


def test_a_workbook_from_capture_to_the_downloaded_file(served: Served) -> None:
    client = served.caller("capture", "traces", "labels", owner="tracer")
    captured = 0
    for name in sorted(each.name for each in CHAIN.iterdir() if each.name.endswith("jsonld")):
        answer = client.post(CAPTURE, content=(CHAIN / name).read_bytes(), headers=LD)
        assert answer.status_code == 202
        captured += answer.json()["eventCount"]
        job = client.get(answer.headers["location"])
        assert (job.status_code, job.json()) == (200, answer.json())
        assert job.json()["success"] is True
    assert captured > 80

    path = f"{LOTS}/{lot_id(client, 'CK26090')}/fda-export"
    first = client.get(path)
    assert first.status_code == 202
    assert list(first.json()) == [
        "job_short_id",
        "status",
        "lot_id",
        "direction",
        "format",
        "requested_at",
        "signed_download_url",
    ]
    assert client.get(path).json() == first.json()
    served.work()
    done = client.get(path)
    assert done.status_code == 200
    assert done.json()["status"] == "delivered"
    assert done.json()["job_short_id"] == first.json()["job_short_id"]

    file = client.get(done.json()["signed_download_url"])
    workbook = openpyxl.load_workbook(io.BytesIO(file.content), read_only=True)
    assert "Shipping" in workbook.sheetnames[0:9]
    job_id = done.json()["job_short_id"]
    assert served.host.service.job("tracer", job_id).download_count == 1  # type: ignore[union-attr]
    half = client.get(done.json()["signed_download_url"], headers={"Range": "bytes=0-99"})
    assert half.status_code == 206
    assert served.host.service.job("tracer", job_id).download_count == 1  # type: ignore[union-attr]

    backward = client.get(path, params={"direction": "backward"})
    assert backward.json()["job_short_id"] != job_id


def test_a_failed_trace_is_tried_again_and_its_time_runs_on(served: Served) -> None:
    client = served.caller("catalog", "traces", "labels", owner="patient")
    client.post(
        "/products/api/v1/catalog/import/",
        content="gtin,lot\n9506000134352,NEVER-SEEN\n",
        headers={"Content-Type": "text/csv"},
    )
    path = f"{LOTS}/{lot_id(client, 'NEVER-SEEN')}/fda-export"
    first = client.get(path).json()
    served.work()
    again = client.get(path)
    assert again.status_code == 202
    assert again.json()["job_short_id"] != first["job_short_id"]
    assert again.json()["requested_at"] == first["requested_at"]


def test_a_poll_waits_for_nobody_who_writes(served: Served) -> None:
    path = f"{LOTS}/{lot_id(served.client, 'CK26090')}/fda-export?direction=forward"
    first = served.client.get(path)
    assert first.status_code == 202
    with writing(served.host.engine), ThreadPoolExecutor(1) as pool:
        again = pool.submit(served.client.get, path).result(timeout=120)
    assert (again.status_code, again.json()) == (202, first.json())


def test_of_many_who_ask_at_once_all_get_one_export(served: Served) -> None:
    service, lot = served.host.service, "MMr86QwRRjvDGR6MjGRNdQ"

    def asked(_number: int) -> str:
        return service.submit_trace("crowd", {"lot_id": lot}).job_short_id

    found = []
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):  # there is no such lot, so that each export fails and is tried again
            (job_id,) = set(pool.map(asked, range(24)))
            found.append(job_id)
            service.run("crowd", job_id)
            assert service.status("crowd", job_id).status == "failed"
    assert len(set(found)) == 3


def test_a_document_with_one_wrong_event_is_refused_as_a_whole(served: Served) -> None:
    client = served.caller("capture", "labels", owner="careful")
    wrong = event(eventTime="yesterday", action="MAYBE")
    answer = client.post(CAPTURE, json=document(event(), wrong, event(eventTimeZoneOffset="x")))
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["problems"]] == [
        "epcisBody.eventList[1].action",
        "epcisBody.eventList[1].eventTime",
        "epcisBody.eventList[2].eventTimeZoneOffset",
    ]
    assert client.get("/products/api/v1/lots/").json()["lots"] == []
    assert client.post(CAPTURE, json=document(event())).status_code == 202
    assert len(client.get("/products/api/v1/lots/").json()["lots"]) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"<epcis/>", b"[" * 5000, b"\xff\xfe", b"7"])
def test_what_is_no_document_is_refused(served: Served, content: bytes) -> None:
    answer = served.client.post(CAPTURE, content=content, headers=LD)
    assert answer.status_code == 422
    assert answer.json()["problems"]


def test_gzip_is_inflated_and_broken_gzip_is_refused(served: Served) -> None:
    packed = gzip.compress(json.dumps(document(event("ZIPPED"))).encode())
    headers = LD | {"Content-Encoding": "gzip"}
    assert served.client.post(CAPTURE, content=packed, headers=headers).status_code == 202
    for broken in (packed[:-9], b"nothing of the kind", b""):
        answer = served.client.post(CAPTURE, content=broken, headers=headers)
        assert answer.status_code == 422
        assert "gzip" in answer.json()["problems"][0]["message"]


def test_behaviours_and_versions_that_there_are_not(served: Served) -> None:
    headers = {"GS1-Capture-Error-Behaviour": "proceed", "GS1-EPCIS-Version": "1.2"}
    answer = served.client.post(CAPTURE, json=document(), headers=headers)
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["problems"]] == list(headers)


def test_readiness_and_recall_scope_of_a_lot(served: Served) -> None:
    this = lot_id(served.client, "CK26090")
    ready = served.client.get(f"{LOTS}/{this}/kde-readiness").json()
    assert ready["lot"] == KIT
    assert ready["rows"] >= ready["complete_rows"] > 0
    assert ready["ready"] is not any(each["severity"] == "error" for each in ready["findings"])
    assert all(each["found"] and each["fix"] for each in ready["findings"])
    recall = served.client.get(f"{LOTS}/{this}/recall-scope").json()
    assert recall["lot"] == KIT
    places = {row["place"] for row in recall["rows"]}
    assert "Saltbush Fresh Kitchens" in places
    assert {row["traceability_lot_code"] for row in recall["rows"]} == {
        "(01)10614141003034(10)CK26090"
    }


def test_readiness_names_cells_of_the_workbook_that_are_empty(served: Served) -> None:
    client = served.caller("capture", "traces", "labels", owner="cells")
    sent = [event(f"CELL-{number}", bizStep="shipping", action="OBSERVE") for number in range(3)]
    assert client.post(CAPTURE, json=document(*sent)).status_code == 202
    path = f"{LOTS}/{lot_id(client, 'CELL-1')}"
    findings = client.get(f"{path}/kde-readiness").json()["findings"]
    client.get(f"{path}/fda-export")
    served.work()
    content = client.get(client.get(f"{path}/fda-export").json()["signed_download_url"]).content
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    places = [each["where"] for each in findings if "column" in each["where"]]
    assert len(places) > 3
    for place in places:
        sheet, row, columns = place.split(", ", 2)
        number = row.removeprefix("row ")
        assert workbook[sheet][f"A{number}"].value == "(01)09506000134352(10)CELL-1"
        cells = [workbook[sheet][column + number] for column in re.findall("[A-Z]+", columns)]
        assert {cell.value for cell in cells} == {None}


def test_absent_and_foreign_lots_are_the_same(served: Served) -> None:
    foreign = lot_id(served.client, "CK26090")
    absent = "MMr86QwRRjvDGR6MjGRNdQ"
    for name in ("fda-export", "kde-readiness", "recall-scope"):
        answers = [served.stranger.get(f"{LOTS}/{each}/{name}") for each in (foreign, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        malformed = served.stranger.get(f"{LOTS}/x/{name}")
        assert malformed.status_code == 422
        assert malformed.json()["problems"][0]["path"] == "lot_id"


def test_a_trace_tells_all_problems_of_its_query(served: Served) -> None:
    path = f"{LOTS}/{lot_id(served.client, 'CK26090')}/fda-export"
    answer = served.client.get(path, params={"direction": "up", "format": "docx"})
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["problems"]] == ["direction", "format"]
    twice = served.client.get(f"{path}?format=xlsx&format=xlsx&colour=1")
    assert [problem["path"] for problem in twice.json()["problems"]] == ["format", "query"]


def test_a_lot_of_events_keeps_its_id_when_the_catalogue_has_it_too(served: Served) -> None:
    client = served.caller("capture", "catalog", "labels", owner="both")
    client.post(CAPTURE, json=document(event("BOTH")))
    (before,) = client.get("/products/api/v1/lots/").json()["lots"]
    assert not before["in_catalog"]
    client.post(
        "/products/api/v1/catalog/import/",
        content="gtin,lot\n9506000134352,BOTH\n",
        headers={"Content-Type": "text/csv"},
    )
    (after,) = client.get("/products/api/v1/lots/").json()["lots"]
    assert after["in_catalog"]
    assert after["lot_id"] == before["lot_id"]


@pytest.mark.parametrize("lot", ["Лот-1", "é", "../x", "A%41", "=1+1", "a b"])
def test_lots_that_gs1_forbids_are_lots_all_the_same(served: Served, lot: str) -> None:
    client = served.caller("capture", "catalog", "labels", "traces", owner=f"free {ord(lot[0])}")
    client.post(CAPTURE, json=document(event(quote(lot, safe=""))))
    (before,) = client.get("/products/api/v1/lots/").json()["lots"]
    assert before["lot"] == lot
    imported = client.post(
        "/products/api/v1/catalog/import/",
        content=f"gtin,lot\n9506000134352,{lot}\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert imported.json()["new"] == 1
    (after,) = client.get("/products/api/v1/lots/").json()["lots"]
    assert after["in_catalog"]
    ready = client.get(f"{LOTS}/{after['lot_id']}/kde-readiness")
    assert ready.status_code == 200
