"""The whole way through the project of Django: its addresses, its tasks, its files."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from readers import rasterise_svg, read_qr_codes

from acme.celery import app
from closient_export.adapters.sql import SqlJobStore
from closient_export.gs1 import Gtin
from closient_export.ids import new_short_id
from closient_export.jobs import TraceabilityExportJob
from closient_export.subjects import Lot, Serial
from exports import service
from exports.entities import add_entities
from exports.models import ApiKey, Organisation
from exports.service import artifacts
from exports.tasks import tasks

LABELS = "/products/api/v1/labels/export/"
KALE = Gtin.parse("9506000134352")
SERIALS = {"scope": "serials", "export_type": "qr_codes", "file_format": "svg"}
LOT = Lot(gtin=KALE, lot="KALE-117", id=new_short_id())


class Caller:
    """Somebody with an API key, and what an organisation has."""

    def __init__(self, slug: str) -> None:
        self.organisation = Organisation.objects.create(slug=slug, name=slug.title())
        self.client = Client(headers={"X-API-Key": ApiKey.issue(self.organisation)})

    def submit(self, payload: object = SERIALS, **headers: str) -> HttpResponse:
        body = payload if isinstance(payload, str) else json.dumps(payload)
        return self.client.post(LABELS, body, "application/json", headers=headers)

    def get(self, path: str) -> HttpResponse:
        return self.client.get(path)


def trace_of(lot_id: str, query: str = "") -> str:
    return f"/epcis/api/2.0/traceability/lots/{lot_id}/fda-export{query}"


def downloaded(url: str) -> tuple[dict[str, str], bytes]:
    """What anybody gets who has an address."""
    parts = urlsplit(url)
    response = Client().get(f"{parts.path}?{parts.query}")
    assert response.status_code == 200
    return dict(response.headers), b"".join(response.streaming_content)


@pytest.fixture
def acme(on_sqlite: None) -> Iterator[Caller]:
    del on_sqlite
    caller = Caller("acme")
    serials = [Serial(gtin=KALE, lot="KALE-117", serial=f"{n:03}") for n in range(3)]
    add_entities(caller.organisation, [LOT, *serials])
    yield caller
    caller.organisation.delete()


@pytest.fixture
def other(acme: Caller) -> Iterator[Caller]:
    del acme
    caller = Caller("other")
    yield caller
    caller.organisation.delete()


def test_labels_from_request_to_symbol(acme: Caller) -> None:
    accepted = acme.submit()
    receipt = accepted.json()
    assert accepted.status_code == 202
    assert receipt == {
        "job_id": receipt["job_id"],
        "status": "pending",
        "poll_url": f"{LABELS}{receipt['job_id']}/",
    }
    polled = acme.get(receipt["poll_url"])
    assert polled.status_code == 200
    status = polled.json()
    counts = ("status", "total_items", "processed_items", "progress_percent", "error")
    assert [status[name] for name in counts] == ["completed", 3, 3, 100, None]
    headers, content = downloaded(status["download_url"])
    assert headers["Content-Type"] == "application/zip"
    assert f'filename="{status["output_filename"]}"' in headers["Content-Disposition"]
    assert len(content) == status["file_size_bytes"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".svg")]
        found = [read_qr_codes(rasterise_svg(archive.read(name), width=400)) for name in names]
    stem = "https://id.gs1.org/01/09506000134352/10/KALE-117/21/"
    assert [[code.text for code in codes] for codes in found] == [
        [f"{stem}{n:03}"] for n in range(3)
    ]


def test_what_was_printed_is_not_selected_again(acme: Caller) -> None:
    fresh = SERIALS | {"filters": {"never_printed": True}}
    assert acme.get(acme.submit(fresh).json()["poll_url"]).json()["status"] == "completed"
    failed = acme.get(acme.submit(fresh).json()["poll_url"]).json()
    assert failed["error"] == "The filters select nothing, so there is nothing to export."
    assert failed["download_url"] is None


@pytest.mark.usefixtures("on_sqlite")
def test_a_trace_of_the_demo_from_request_to_workbook() -> None:
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    key, lot_id = (line.rpartition(": ")[2] for line in out.getvalue().splitlines())
    client = Client(headers={"X-API-Key": key})
    first = client.get(trace_of(lot_id, "?direction=both&format=xlsx"))
    again = client.get(trace_of(lot_id))
    assert (first.status_code, again.status_code) == (202, 200)
    status = again.json()
    assert first.json() == status | {"status": "pending", "signed_download_url": None}
    assert status["status"] == "delivered"
    headers, content = downloaded(status["signed_download_url"])
    assert headers["Content-Type"].endswith(".spreadsheetml.sheet")
    workbook = load_workbook(io.BytesIO(content), read_only=True)
    cells = {str(cell) for row in workbook["Initial Packing"].values for cell in row}
    assert "(01)19521183010405(10)TD26083A" in cells
    job = tasks.service().job("demo", status["job_short_id"])
    assert isinstance(job, TraceabilityExportJob)
    assert job.download_count == 1
    with pytest.raises(CommandError, match="there already"):
        call_command("load_demo")


@pytest.fixture
def queue() -> Iterator[Callable[[], int]]:
    """Tasks wait for ever; called, it says how many do, and takes them away."""
    app.conf.task_always_eager = False
    with app.connection_for_write() as broker:
        channel, name = broker.default_channel, app.conf.task_default_queue
        channel.queue_declare(name)
        yield lambda: int(channel.queue_purge(name))
    app.conf.task_always_eager = True


def test_polls_of_a_trace_that_waits_enqueue_it_once(
    acme: Caller, queue: Callable[[], int]
) -> None:
    queue()
    answers = [acme.get(trace_of(LOT.id or "")) for _ in range(50)]
    messages = queue()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["job_short_id"] for answer in answers}) == messages == 1


def test_a_file_is_sent_whole_although_its_job_is_forgotten_meanwhile(acme: Caller) -> None:
    job_id = acme.submit().json()["job_id"]
    status = acme.get(f"{LABELS}{job_id}/").json()
    jobs = SqlJobStore(service.open_database())
    jobs.remove(jobs.get("acme", job_id))
    _, content = downloaded(status["download_url"])
    assert len(content) == status["file_size_bytes"]


def test_a_key_is_required(acme: Caller) -> None:
    for client in (Client(), Client(headers={"X-API-Key": "no such key"})):
        for response in (
            client.post(LABELS, "{}", "application/json"),
            client.get(f"{LABELS}{new_short_id()}/"),
            client.get(trace_of(new_short_id())),
        ):
            assert response.status_code == 401
            assert response.headers["Content-Type"] == "application/problem+json"
    assert acme.get(LABELS).status_code == 405


def test_keys_are_kept_as_digests(acme: Caller) -> None:
    key = ApiKey.issue(acme.organisation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM exports_apikey")
        kept = repr(cursor.fetchall())
    assert key not in kept
    assert ApiKey.digest_of(key) in kept


def test_another_organisations_job_is_the_same_404_as_an_absent_one(
    acme: Caller, other: Caller
) -> None:
    job_id = acme.submit().json()["job_id"]
    foreign, absent = (other.get(f"{LABELS}{each}/") for each in (job_id, new_short_id()))
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert foreign.headers.items() == absent.headers.items()


def test_another_organisations_lot_is_traced_as_an_absent_one(acme: Caller, other: Caller) -> None:
    del acme
    errors = []
    for lot_id in (LOT.id or "", new_short_id()):
        job_id = other.get(trace_of(lot_id)).json()["job_short_id"]
        errors.append(tasks.service().job("other", job_id).error)
    assert errors == ["There is no such lot."] * 2


@pytest.mark.parametrize("job_id", ["x", "2" * 21, "l" * 22, "z" * 22])
def test_a_malformed_id_is_refused(acme: Caller, job_id: str) -> None:
    for path, name in ((f"{LABELS}{job_id}/", "job_id"), (trace_of(job_id), "lot_id")):
        response = acme.get(path)
        assert response.status_code == 422
        [problem] = response.json()["problems"]
        assert problem["path"] == name
        assert problem["message"].startswith("expected a short id, 22 characters")


def test_all_problems_of_a_request_are_told(acme: Caller) -> None:
    response = acme.submit(SERIALS | {"file_format": "eps", "filters": {"color": "red"}})
    assert response.status_code == 422
    assert [problem["path"] for problem in response.json()["problems"]] == [
        "file_format",
        "filters.color",
    ]
    for body in ("{", "[" * 100_000, "\N{REPLACEMENT CHARACTER}"):
        assert acme.submit(body).status_code == 422
    bad = acme.get(trace_of(new_short_id(), "?direction=up&colour=red&lot_id=x"))
    assert [problem["path"] for problem in bad.json()["problems"]] == ["direction", "colour"]


def test_a_key_of_idempotency_is_for_one_request(acme: Caller) -> None:
    first, again = (acme.submit(**{"Idempotency-Key": "order-17"}).json() for _ in range(2))
    assert first["job_id"] == again["job_id"]
    another = acme.submit(SERIALS | {"file_format": "png"}, **{"Idempotency-Key": "order-17"})
    assert another.status_code == 409


def test_an_address_is_worth_nothing_once_changed_or_its_file_gone(acme: Caller) -> None:
    job_id = acme.submit().json()["job_id"]
    url = urlsplit(acme.get(f"{LABELS}{job_id}/").json()["download_url"])
    assert Client().get(f"{url.path}?{url.query.replace('acme', 'other')}").status_code == 404
    [key] = artifacts.keys(f"artifacts/{job_id}/")
    artifacts.delete(key)
    assert Client().get(f"{url.path}?{url.query}").status_code == 404


@pytest.fixture
def new_engine(database: None) -> Iterator[None]:
    del database
    service.open_database.cache_clear()
    yield
    service.open_database().dispose()
    service.open_database.cache_clear()


@pytest.mark.usefixtures("new_engine")
def test_a_job_is_done_without_a_queue_on_both_databases() -> None:
    owner = Organisation.objects.create(slug=f"inline-{connection.vendor}")
    add_entities(owner, [LOT])
    exports = service.make_service()
    receipt = exports.submit_labels(owner.slug, SERIALS | {"scope": "lots"})
    assert exports.run(owner.slug, receipt.job_id).job.status == "completed"


@pytest.mark.usefixtures("on_sqlite")
def test_the_project_has_all_its_migrations_and_no_faults() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("check", fail_level="WARNING")
