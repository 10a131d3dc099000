"""Label exports over HTTP, as the contract has them."""

import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from hosted import Served
from PIL import Image

from closient_export.host.problems import Refused
from closient_export.ids import new_short_id

EXPORT = "/products/api/v1/labels/export/"
REQUEST = {"scope": "serials", "export_type": "qr_codes", "file_format": "png"}
STATUS_FIELDS = [
    "job_id",
    "status",
    "total_items",
    "processed_items",
    "progress_percent",
    "download_url",
    "expires_at",
    "output_filename",
    "file_size_bytes",
    "error",
]


def completed(served: Served, request: dict[str, Any]) -> dict[str, Any]:
    poll_url = served.client.post(EXPORT, json=request).json()["poll_url"]
    served.work()
    status: dict[str, Any] = served.client.get(poll_url).json()
    assert status["status"] == "completed", status
    return status


def test_an_export_from_submission_to_a_symbol_that_scans(served: Served) -> None:
    answer = served.client.post(EXPORT, json=REQUEST)
    receipt = answer.json()
    assert answer.status_code == 202
    assert list(receipt) == ["job_id", "status", "poll_url"]
    assert receipt["status"] == "pending"
    assert receipt["poll_url"] == f"{EXPORT}{receipt['job_id']}/" == answer.headers["location"]

    pending = served.client.get(receipt["poll_url"])
    assert pending.status_code == 200
    assert list(pending.json()) == STATUS_FIELDS
    assert pending.json() == dict.fromkeys(STATUS_FIELDS) | {
        "job_id": receipt["job_id"],
        "status": "pending",
        "total_items": 0,
        "processed_items": 0,
        "progress_percent": 0,
    }

    served.work()
    status = served.client.get(receipt["poll_url"]).json()
    assert (status["status"], status["progress_percent"]) == ("completed", 100)
    assert status["total_items"] == status["processed_items"] == 224
    assert status["output_filename"] == f"qr-serials-{receipt['job_id'][:4]}-224.zip"

    file = served.stranger.get(status["download_url"])  # the address is all the proof
    assert file.headers["content-type"] == "application/zip"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert f'filename="{status["output_filename"]}"' in file.headers["content-disposition"]
    assert len(file.content) == status["file_size_bytes"]
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        name = archive.namelist()[0]
        (symbol,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(archive.read(name))))
    assert symbol.symbology_identifier == "]Q1"
    assert symbol.text.startswith("https://id.gs1.org/01/")


def test_filters_that_select_nothing_fail_the_job_with_a_reason(served: Served) -> None:
    request = REQUEST | {"filters": {"lot_run_id": new_short_id()}}
    poll_url = served.client.post(EXPORT, json=request).json()["poll_url"]
    served.work()
    status = served.client.get(poll_url).json()
    assert status["status"] == "failed"
    assert status["error"] == "The filters select nothing, so there is nothing to export."
    assert status["download_url"] is status["output_filename"] is None


def test_all_problems_are_told_with_their_paths(served: Served) -> None:
    answer = served.client.post(
        EXPORT,
        json={
            "scope": "boxes",
            "export_type": "qr_codes",
            "file_format": "pdf",
            "filters": {"gtins": ["123"], "colour": 1},
        },
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {name: body[name] for name in ("type", "title", "status")} == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
    }
    assert [problem["path"] for problem in body["problems"]] == [
        "scope",
        "file_format",
        "filters.gtins[0]",
        "filters.colour",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected JSON: Expecting value, line 1, column 1"),
        (b'{"scope": "lots"', "expected JSON: Expecting ',' delimiter, line 1, column 17"),
        (b"\xff", "expected text in UTF-8"),
        (b"[" * 100_000, "expected at most 32 values within each other"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "expected at most 32 values within each other"),
        (b'{"scope": NaN}', "expected JSON: a number cannot be NaN"),
        (b'{"scope": 1, "scope": 2}', "expected JSON: the key 'scope' is given twice"),
        (b"7", "expected an object, got 7"),
    ],
)
def test_what_is_no_json_is_told(served: Served, content: bytes, message: str) -> None:
    answer = served.client.post(
        EXPORT, content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"path": "", "message": message}]


def test_brackets_in_strings_are_no_depth(served: Served) -> None:
    answer = served.client.post(EXPORT, json=REQUEST | {"scope": '\\"' + "[" * 500})
    assert [problem["path"] for problem in answer.json()["problems"]] == ["scope"]


def test_too_much_is_refused_before_it_is_read(served: Served) -> None:
    answer = served.client.post(EXPORT, json=REQUEST | {"scope": "x" * (1 << 20)})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "Expected at most 1,048,576 bytes."


def test_places_and_products_are_imported_from_csv_too(served: Served) -> None:
    client = served.caller("catalog", owner="describer")
    rows = "id,business_name,city\nhttps://id.gs1.org/414/9506000130200,Kitchen,Salem\n"
    answer = client.post(
        "/products/api/v1/catalog/import/", content=rows, headers={"Content-Type": "text/csv"}
    )
    assert answer.json() == {"places": 1, "products": 0, "new": 1}


def test_descriptions_are_read_as_a_whole_and_so_may_not_be_large(served: Served) -> None:
    answer = served.client.post(
        "/products/api/v1/catalog/import/",
        content=b'{"places": []' + b" " * (16 << 20) + b"}",
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    with pytest.raises(Refused, match="16,777,216 bytes"):
        served.host.import_master_data("demo", io.BytesIO(b" " * (16 << 20) + b"{}"))


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Encoding": "br"}, {"Content-Type": ""}]
)
def test_other_types_are_refused(served: Served, headers: dict[str, str]) -> None:
    sent = {"Content-Type": "application/json"} | headers
    assert served.client.post(EXPORT, content=b"{}", headers=sent).status_code == 415


def test_an_idempotency_key_gives_the_same_job_and_refuses_another(served: Served) -> None:
    headers = {"Idempotency-Key": new_short_id()}
    first, again = (served.client.post(EXPORT, json=REQUEST, headers=headers) for _ in range(2))
    assert first.json()["job_id"] == again.json()["job_id"]
    other = served.client.post(EXPORT, json=REQUEST | {"scope": "lots"}, headers=headers)
    assert other.status_code == 409
    stranger = served.stranger.post(EXPORT, json=REQUEST, headers=headers)
    assert stranger.json()["job_id"] != first.json()["job_id"]
    assert served.client.post(EXPORT, headers={"Idempotency-Key": "a b"}).status_code == 422


def test_absent_and_foreign_jobs_are_the_same_and_malformed_ids_are_refused_first(
    served: Served,
) -> None:
    poll_url = served.client.post(EXPORT, json=REQUEST).json()["poll_url"]
    foreign = served.stranger.get(poll_url)
    absent = served.stranger.get(f"{EXPORT}{new_short_id()}/")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert set(foreign.headers) == set(absent.headers)
    malformed = served.stranger.get(f"{EXPORT}0OIl/")
    assert malformed.status_code == 422
    assert [problem["path"] for problem in malformed.json()["problems"]] == ["job_id"]


def test_a_trace_is_no_label_export(served: Served) -> None:
    (lot, *_) = served.client.get("/products/api/v1/lots/").json()["lots"]
    path = f"/epcis/api/2.0/traceability/lots/{lot['lot_id']}/fda-export"
    trace = served.client.get(path).json()
    assert served.client.get(f"{EXPORT}{trace['job_short_id']}/").status_code == 404


def test_downloads_in_ranges(served: Served) -> None:
    url = completed(served, REQUEST)["download_url"]
    whole = served.client.get(url)
    etag = whole.headers["etag"]
    size = len(whole.content)

    def part(ranges: str, **headers: str) -> Any:
        return served.client.get(url, headers={"Range": ranges, **headers})

    for ranges, expected in (
        ("bytes=0-9", range(10)),
        ("bytes=10-", range(10, size)),
        ("bytes=-5", range(size - 5, size)),
        (f"bytes=0-{size * 2}", range(size)),
        (f"bytes=-{size * 2}", range(size)),
    ):
        answer = part(ranges)
        assert answer.status_code == 206
        assert answer.content == whole.content[expected.start : expected.stop]
        where = f"bytes {expected.start}-{expected.stop - 1}/{size}"
        assert answer.headers["content-range"] == where
    for ranges in ("bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=a-b", "bytes"):
        assert part(ranges).status_code == 200
    for ranges in (f"bytes={size}-", "bytes=-0"):
        answer = part(ranges)
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{size}"
    assert part("bytes=0-9", **{"If-Range": etag}).status_code == 206
    assert part("bytes=0-9", **{"If-Range": '"other"'}).status_code == 200
    unchanged = served.client.get(url, headers={"If-None-Match": f'W/"x", {etag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = served.client.head(url)
    assert (head.content, head.headers["content-length"]) == (b"", str(size))


def test_a_signature_is_good_for_what_was_signed_and_nothing_else(served: Served) -> None:
    url = completed(served, REQUEST)["download_url"]
    query = urlsplit(url).query
    for place in range(len(query)):
        changed = chr(ord(query[place]) ^ 1)
        answer = served.client.get(f"/downloads?{query[:place]}{changed}{query[place + 1 :]}")
        assert answer.status_code == 403, (place, answer.text)
        assert answer.json()["detail"] == "The address is not valid, or it has expired."


def test_a_catalogue_is_imported_as_a_whole_or_not_at_all(served: Served) -> None:
    client = served.caller("catalog", "labels", owner="importer")
    path = "/products/api/v1/catalog/import/"
    csv = {"Content-Type": "text/csv; charset=utf-8"}
    refused = client.post(
        path, content="gtin,lot\n9506000134352,A\n1,B\n9506000134352,C D\n", headers=csv
    )
    assert refused.status_code == 422
    assert [problem["path"] for problem in refused.json()["problems"]] == ["line 3 (row 2)"]
    assert client.get("/products/api/v1/lots/").json()["lots"] == []

    rows = "gtin,lot,serial,product_name\n9506000134352,A,,Kale\n9506000134352,A,1,Kale\n"
    first = client.post(path, content=rows, headers=csv)
    assert first.json() == {"products": 0, "lots": 1, "serials": 1, "new": 2, "changed": 0}
    again = client.post(path, content=rows, headers=csv)
    assert again.json() == {"products": 0, "lots": 1, "serials": 1, "new": 0, "changed": 0}
    (lot,) = client.get("/products/api/v1/lots/").json()["lots"]
    assert lot["in_catalog"]
    assert (lot["gtin"], lot["lot"], lot["product_name"]) == ("09506000134352", "A", "Kale")
    request = {
        "scope": "lots",
        "export_type": "datamatrix",
        "file_format": "svg",
        "filters": {"lot_ids": [lot["lot_id"]]},
    }
    poll_url = client.post(EXPORT, json=request).json()["poll_url"]
    served.work()
    assert client.get(poll_url).json()["total_items"] == 1


def test_lots_are_found_by_letters_that_are_not_ascii_too(served: Served) -> None:
    client = served.caller("catalog", "labels", owner="speaker")
    rows = "gtin,lot,product_name\n9506000134352,A,Öl mit Ärger\n9506000134352,B,Ёлка\n"
    sent = {"Content-Type": "text/csv"}
    path = "/products/api/v1/catalog/import/"
    assert client.post(path, content=rows.encode(), headers=sent).json()["new"] == 2
    for search, lots in (("Öl", ["A"]), ("MIT Ä", ["A"]), ("Ёлка", ["B"]), ("лка", ["B"])):
        found = client.get("/products/api/v1/lots/", params={"search": search}).json()["lots"]
        assert [lot["lot"] for lot in found] == lots, search


def test_lots_are_found_by_a_part_of_their_names(served: Served) -> None:
    client = served.caller("catalog", "labels", owner="searcher")
    rows = "gtin,lot,product_name\n" + "".join(
        f"9506000134352,{lot},{name}\n" for lot, name in (("A%1", "Kale"), ("A_2", "Beet, red"))
    ).replace("Beet, red", '"Beet, red"')
    sent = {"Content-Type": "text/csv"}
    assert (
        client.post("/products/api/v1/catalog/import/", content=rows, headers=sent).json()["new"]
        == 2
    )

    def found(**query: str) -> list[str]:
        lots = client.get("/products/api/v1/lots/", params=query).json()["lots"]
        return [lot["lot"] for lot in lots]

    assert found() == ["A%1", "A_2"]
    assert found(search="kale") == found(search="%") == ["A%1"]
    assert found(search="_") == ["A_2"]
    assert found(search="0134352") == ["A%1", "A_2"]
    assert found(search="' OR 1=1") == found(page="2") == []
    for query in ({"page": "0"}, {"page": "x"}, {"search": "x" * 101}, {"colour": "1"}):
        assert client.get("/products/api/v1/lots/", params=query).status_code == 422
