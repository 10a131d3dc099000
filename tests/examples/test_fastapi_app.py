"""The whole way through the app of FastAPI, with its thread."""

import hashlib
import io
import time
import zipfile
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from readers import rasterise_svg, read_qr_codes

from closient_export.adapters.event_files import read_event_files
from closient_export.adapters.sql import (
    SqlEntitySource,
    SqlEventSource,
    SqlJobStore,
    open_sqlite,
)
from closient_export.gs1 import Gtin
from closient_export.ids import new_short_id
from closient_export.ports import FrontierQuery
from closient_export.records import JobRecord
from closient_export.service import ExportService
from closient_export.subjects import Lot, Serial
from fastapi_app import LABELS, app_from_environment, create_app

KALE = Gtin.parse("9506000134352")
KIT = Lot(gtin=Gtin.parse("10614141003034"), lot="CK26090", id=new_short_id())
SERIALS = {"scope": "serials", "export_type": "datamatrix", "file_format": "svg"}
TRACE = f"/epcis/api/2.0/traceability/lots/{KIT.id}/fda-export"
OF_ACME, OF_OTHER = ({"X-API-Key": name} for name in ("acme-key", "other-key"))


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    engine = open_sqlite(tmp_path / "exports.db")
    serials = [Serial(gtin=KALE, lot="KALE-117", serial=f"{n:03}") for n in range(3)]
    SqlEntitySource(engine).add("acme", [KIT, *serials])
    app = create_app(
        tmp_path,
        base_url="http://testserver",
        secret=bytes(range(32)),
        api_keys={digest("acme-key"): "acme", digest("other-key"): "other"},
    )
    with TestClient(app) as client:
        yield client


def ended(client: TestClient, path: str) -> dict[str, Any]:
    """The status of a job, once it has ended."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        status: dict[str, Any] = client.get(path, headers=OF_ACME).json()
        if status["status"] not in ("pending", "processing"):
            return status
        time.sleep(0.02)
    raise AssertionError(status)


def downloaded(client: TestClient, url: str) -> Any:
    response = client.get(url)
    assert response.status_code == 200
    return response


def test_labels_from_request_to_symbol(client: TestClient) -> None:
    accepted = client.post(LABELS, json=SERIALS | {"export_type": "qr_codes"}, headers=OF_ACME)
    assert accepted.status_code == 202
    assert accepted.json()["status"] == "pending"
    status = ended(client, accepted.json()["poll_url"])
    assert (status["status"], status["processed_items"]) == ("completed", 3)
    response = downloaded(client, status["download_url"])
    assert f'filename="{status["output_filename"]}"' in response.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".svg")]
        [code] = read_qr_codes(rasterise_svg(archive.read(names[2]), width=400))
    assert code.text == "https://id.gs1.org/01/09506000134352/10/KALE-117/21/002"


def test_a_trace_from_request_to_workbook(client: TestClient, tmp_path: Path) -> None:
    with as_file(files("closient_export") / "demo" / "chain") as chain:
        events = read_event_files(sorted(chain.glob("*.jsonld"))).source
    engine = open_sqlite(tmp_path / "exports.db")
    SqlEventSource(engine, "acme").add(events.fetch(FrontierQuery()))
    assert client.get(TRACE, headers=OF_ACME).status_code == 202
    status = ended(client, TRACE)
    assert status["status"] == "delivered"
    assert client.get(TRACE, headers=OF_ACME).status_code == 200
    content = downloaded(client, status["signed_download_url"]).content
    workbook = load_workbook(io.BytesIO(content), read_only=True)
    cells = {str(cell) for row in workbook["Initial Packing"].values for cell in row}
    assert "(01)19521183010405(10)TD26083A" in cells


def test_polls_of_a_trace_that_waits_are_no_work(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = [], Event()
    run = ExportService.run

    def slowly(service: ExportService, owner: str, job_id: str) -> JobRecord:
        begun.append(job_id)
        may_end.wait()
        return run(service, owner, job_id)

    monkeypatch.setattr(ExportService, "run", slowly)
    try:
        before = client.post(LABELS, json=SERIALS, headers=OF_ACME).json()
        traced = {client.get(TRACE, headers=OF_ACME).json()["job_short_id"] for _ in range(50)}
    finally:
        may_end.set()
    after = client.post(LABELS, json=SERIALS, headers=OF_ACME).json()
    assert ended(client, after["poll_url"])["status"] == "completed"
    assert begun == [before["job_id"], *traced, after["job_id"]]


def test_a_file_is_sent_whole_although_its_job_is_forgotten_meanwhile(
    client: TestClient, tmp_path: Path
) -> None:
    path = client.post(LABELS, json=SERIALS, headers=OF_ACME).json()["poll_url"]
    status = ended(client, path)
    jobs = SqlJobStore(open_sqlite(tmp_path / "exports.db"))
    jobs.remove(jobs.get("acme", status["job_id"]))
    content = downloaded(client, status["download_url"]).content
    assert len(content) == status["file_size_bytes"]


def test_refusals(client: TestClient) -> None:
    job_id = client.post(LABELS, json=SERIALS, headers=OF_ACME).json()["job_id"]
    foreign, absent = (
        client.get(f"{LABELS}{each}/", headers=OF_OTHER) for each in (job_id, new_short_id())
    )
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    malformed = client.get(f"{LABELS}x/", headers=OF_ACME)
    assert malformed.status_code == 422
    assert malformed.json()["problems"][0]["path"] == "job_id"
    wrong = client.post(LABELS, json=SERIALS | {"file_format": "eps", "x": 1}, headers=OF_ACME)
    assert [problem["path"] for problem in wrong.json()["problems"]] == ["file_format", "x"]
    assert client.post(LABELS, json=SERIALS).status_code == 401
    assert client.get(TRACE, headers={"X-API-Key": "no such"}).status_code == 401
    keyed = OF_ACME | {"Idempotency-Key": "1"}
    assert client.post(LABELS, json=SERIALS, headers=keyed).status_code == 202
    other = SERIALS | {"file_format": "png"}
    assert client.post(LABELS, json=other, headers=keyed).status_code == 409


def test_an_address_that_was_changed_is_worth_nothing(client: TestClient) -> None:
    path = client.post(LABELS, json=SERIALS, headers=OF_ACME).json()["poll_url"]
    url = ended(client, path)["download_url"]
    assert client.get(url.replace("acme", "other")).status_code == 404
    assert urlsplit(url).path == "/downloads"


def test_jobs_of_an_earlier_process_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPORTS_FOLDER", str(tmp_path))
    monkeypatch.setenv("EXPORTS_SECRET", "s" * 32)
    monkeypatch.setenv("EXPORTS_API_KEYS", f"{digest('acme-key')}=acme")
    lots = {"scope": "lots", "export_type": "datamatrix", "file_format": "svg"}
    before = TestClient(app_from_environment())  # its threads never start
    path = before.post(LABELS, json=lots, headers=OF_ACME).json()["poll_url"]
    SqlEntitySource(open_sqlite(tmp_path / "exports.db")).add("acme", [KIT])
    with TestClient(app_from_environment()) as after:
        assert ended(after, path)["processed_items"] == 1
