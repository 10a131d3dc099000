"""The host on other storage than files: PostgreSQL, and S3 which serves the downloads itself."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from object_storage import Moto
from starlette.testclient import TestClient
from urllib3 import PoolManager

from closient_export.host import Host, HostSettings, S3Bucket, create_app

EXPORT = "/products/api/v1/labels/export/"


@pytest.fixture
def host(tmp_path: Path, postgresql_url: str, moto: Moto) -> Iterator[Host]:
    bucket = S3Bucket(name="exports", prefix=f"host/{uuid4().hex}", endpoint_url=moto.url)
    settings = HostSettings(
        folder=tmp_path, database=postgresql_url, bucket=bucket, secret=b"s" * 32, processes=1
    )
    yield Host(settings)
    assert not list(tmp_path.iterdir())


def test_an_export_on_postgresql_and_s3(host: Host) -> None:
    owner = uuid4().hex
    _, key = host.keys.add(owner)
    with TestClient(create_app(host), headers={"X-API-Key": key}) as client:
        rows = "gtin,lot,serial\n9506000134352,A,1\n9506000134352,A,2\n9506000134352,A,\n"
        imported = client.post(
            "/products/api/v1/catalog/import/", content=rows, headers={"Content-Type": "text/csv"}
        )
        assert imported.json()["new"] == 3
        (lot,) = client.get("/products/api/v1/lots/", params={"search": "9506"}).json()["lots"]
        assert (lot["gtin"], lot["lot"]) == ("09506000134352", "A")
        request = {"scope": "serials", "export_type": "datamatrix", "file_format": "svg"}
        poll_url = client.post(EXPORT, json=request).json()["poll_url"]
        status = client.get(poll_url).json()
        while status["status"] in ("pending", "processing"):
            time.sleep(0.05)  # a key may not call as often as a loop can
            status = client.get(poll_url).json()
        assert status["status"] == "completed"
        file = PoolManager().request("GET", status["download_url"])
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            assert len(archive.namelist()) == 3
        assert file.headers["content-disposition"].startswith("attachment")
        assert client.get("/downloads?key=a").status_code == 403
        trace = client.get(f"/epcis/api/2.0/traceability/lots/{lot['lot_id']}/fda-export")
        assert trace.status_code == 202
        assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("bucket", [None, S3Bucket(name="exports")])
@pytest.mark.parametrize("given", [b"", b"s" * 31])
@pytest.mark.usefixtures("credentials")
def test_no_secret_is_shorter_than_what_cannot_be_guessed(
    tmp_path: Path, bucket: S3Bucket | None, given: bytes
) -> None:
    """Sessions are signed with it also where S3 serves the downloads."""
    (tmp_path / "secret.key").touch()  # as after a disk was full
    with pytest.raises(ValueError, match="expected 32 random bytes or more"):
        Host(HostSettings(folder=tmp_path, bucket=bucket, secret=given))


def test_two_hosts_on_one_database_make_its_tables_once(
    tmp_path: Path, postgresql_url: str
) -> None:
    settings = HostSettings(folder=tmp_path, database=postgresql_url)
    for host in (Host(settings), Host(settings)):
        host.keys.all()
        host.close()
