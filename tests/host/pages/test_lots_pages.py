"""The pages of lots: files are taken in, and lots are looked at and exported."""

import gzip
import io
import json
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from openpyxl import load_workbook

from closient_export.host.demo import OWNER
from closient_export.trace.genealogy import diagram_of
from closient_export.trace.kdes import CriticalTrackingEvent
from pages.browsing import Element, Seen
from pages.conftest import Site

CHAIN = files("closient_export") / "demo" / "chain"
KIT = "(01)10614141003034(10)CK26090"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></title><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202etxet desrever",
    "&amp;&lt;b&gt;",
]


def chain(*names: str) -> list[tuple[str, bytes]]:
    found = sorted(CHAIN.iterdir(), key=lambda each: each.name)
    return [(each.name, each.read_bytes()) for each in found if each.name.endswith(names)]


def outcome(seen: Seen) -> list[str]:
    section = seen.main.one("section", class_="outcomes")
    items = next(section.all("ul")).children
    return [item.text.replace(" :", ":") for item in items if isinstance(item, Element)]


def kit_page(site: Site) -> Seen:
    found = site.visitor.send(site.visitor.get("/lots").form("/lots", "get"), search="CK26090")
    return site.visitor.get(found.links["CK26090"])


def test_a_lot_from_the_documents_to_the_workbook(own_site: Site) -> None:
    """Without a script, and with nothing in the host but what is sent from the pages."""
    visitor = own_site.visitor
    form = visitor.get("/lots").form("/lots")
    assert form.has_files
    documents = chain(".jsonld")
    assert form.fields["kind"] == "any"
    captured = visitor.send(form, documents[:-1], kind="any")
    assert captured.status == 200, captured.main.text
    assert [line.partition(":")[0] for line in outcome(captured)] == [n for n, _ in documents[:-1]]
    zipped = [(f"{name}.gz", gzip.compress(content)) for name, content in documents[-1:]]
    assert visitor.send(form, zipped, kind="events").status == 200
    everything = [*chain(".json"), ("lots.csv", b"gtin,lot\n10614141003034,CK26090\n")]
    found_out = outcome(visitor.send(form, everything, kind="any"))
    assert "described" in found_out[0]
    assert "1 lot read" in found_out[1]
    described = visitor.send(form, chain(".json"), kind="descriptions")
    assert "described" in outcome(described)[0]
    assert described.form("/lots").fields["kind"] == "descriptions"

    page = kit_page(own_site)
    assert page.heading == f"Caesar kit with hot-smoked king salmon, 6 x 11 oz {KIT}"
    assert "compliant" not in page.root.text.lower()
    waiting = visitor.send(page.form(f"{page.path}/fda-export"))
    assert waiting.heading == "FDA export"
    assert "24 h 00 min left at 2027-03-31 09:30 UTC" in waiting.main.text
    assert "Due 2027-04-01 09:30 UTC" in waiting.main.text
    own_site.clock.passes(timedelta(hours=3, minutes=20))
    assert "20 h 40 min left" in visitor.wait(waiting).main.text
    own_site.work()
    done = visitor.wait(waiting)
    assert done.main.one("p", id="live").text == "The file is prepared; please review it."
    assert "Delivered within 24 hours of the request." in done.main.text
    [address] = [href for text, href in done.links.items() if text.startswith("Download trace")]
    workbook = load_workbook(io.BytesIO(visitor.client.get(address).content))
    codes = {row[0].value for row in workbook["Shipping"].iter_rows(min_row=2)}
    assert KIT in codes
    assert own_site.host.service.job(OWNER, done.path.rpartition("/")[2]).download_count == 1  # type: ignore[union-attr]
    again = visitor.send(page.form(f"{page.path}/fda-export"))
    assert again.path == done.path
    assert visitor.get(done.links["Back to the lot"]).heading == page.heading


def test_a_deadline_that_is_missed_is_said(own_site: Site) -> None:
    own_site.visitor.send(
        own_site.visitor.get("/lots").form("/lots"), chain(".jsonld"), kind="events"
    )
    page = kit_page(own_site)
    waiting = own_site.visitor.send(page.form(f"{page.path}/fda-export"))
    own_site.clock.passes(timedelta(hours=24))
    # The session is over by then, too.
    own_site.visitor.sign_in(own_site.key)
    assert (
        "Not delivered within 24 hours of the request."
        in own_site.visitor.get(waiting.path).main.text
    )
    own_site.work()
    late = own_site.visitor.get(waiting.path)
    assert "Delivered later than 24 hours of the request." in late.main.text


def test_a_failed_export_is_tried_again(site: Site) -> None:
    page = kit_page(site)
    form = page.form(f"{page.path}/fda-export").filled(direction="forward")
    waiting = site.visitor.send(form)
    failed = site.visitor.send(waiting.form(f"{waiting.path}/cancel"))
    assert "The export was cancelled." in failed.main.text
    again = site.visitor.send(failed.form(f"{page.path}/fda-export"))
    assert again.path != failed.path
    site.work()
    assert "Direction forward" in site.visitor.wait(again).main.text


def test_the_picture_links_to_the_page_of_every_lot(site: Site) -> None:
    page = kit_page(site)
    lots = site.host.report(OWNER, "https://id.gs1.org/01/10614141003034/10/CK26090")
    links = [each.attributes["href"] for each in page.main.one("svg").all("a")]
    assert len(links) == len(set(links)) == len(diagram_of(lots).lots) == 12
    assert page.path in links
    for link in links:
        seen = site.visitor.get(link)
        assert seen.status == 200
        assert seen.heading.endswith(tuple(each.code for each in diagram_of(lots).lots)), (
            seen.heading
        )


def test_the_page_tells_what_the_trace_found(site: Site) -> None:
    page = kit_page(site)
    report = site.host.report(OWNER, "https://id.gs1.org/01/10614141003034/10/CK26090")
    for finding in report.findings:
        for text in (finding.found, finding.fix, finding.paragraph):
            assert " ".join(text.split()) in page.main.one("section", id="findings").text
    steps = list(page.main.one("section", id="timeline").one("tbody").all("tr"))
    assert len(steps) == sum(map(len, report.rows.values())) == 46
    times = [step.one("time").attributes["datetime"] for step in steps]
    moments = [row.event.local_time for rows in report.rows.values() for row in rows]
    assert times == [time.isoformat() for time in sorted(moments)]
    told = [step.text for step in steps]
    assert told[0].startswith(
        "2026-03-13 15:20 First Land-Based Receiving Salt Chuck Landing, Inc."
    )
    assert all(any(cte.value in text for cte in CriticalTrackingEvent) for text in told)
    recall = [row.text for row in page.main.one("section", id="recall").one("tbody").all("tr")]
    assert len(recall) == 6
    assert recall[-1].startswith("Trellis Market #15 2105 Powder River Ave, Baker City, OR")
    assert recall[-1].endswith("18 cases 0 cases 18 cases sent there, arrival not recorded")


def test_the_picture_is_a_file_as_well(site: Site) -> None:
    page = kit_page(site)
    answer = site.visitor.client.get(page.links["Download the picture (SVG)"])
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg ")
    assert "<a " not in answer.text


def test_lots_are_found_page_by_page(site: Site) -> None:
    visitor = site.visitor
    known = site.host.lots.page(OWNER, limit=1000)
    seen = visitor.get("/lots")
    rows = list(seen.main.one("tbody").all("tr"))
    while "More" in seen.links:
        seen = visitor.get(seen.links["More"])
        rows += seen.main.one("tbody").all("tr")
    assert [row.one("th").text for row in rows] == [lot.lot for lot in known]
    assert "Before" in seen.links
    found = visitor.send(visitor.get("/lots").form("/lots", "get"), search="ck26090 ")
    assert [row.one("th").text for row in found.main.one("tbody").all("tr")] == ["CK26090"]
    assert "holds “ <b> ”" in visitor.get("/lots?search=%3Cb%3E").main.text
    for query in ("page=0", "page=x", "page=" + "9" * 30, "search=" + "x" * 101, "search=%00"):
        assert visitor.get(f"/lots?{query}").status == 422


def test_lots_of_events_have_the_names_that_master_data_have(site: Site) -> None:
    form = site.visitor.get("/lots").form("/lots", "get")
    [row] = site.visitor.send(form, search="CK26090").main.one("tbody").all("tr")
    assert (
        row.text
        == "CK26090 Caesar kit with hot-smoked king salmon, 6 x 11 oz 10614141003034 events"
    )


def test_labels_are_asked_for_from_the_list(site: Site) -> None:
    found = site.visitor.send(site.visitor.get("/lots").form("/lots", "get"), search="RH26257-A")
    labels = site.visitor.get(found.links["labels"])
    assert len(labels.form("/").fields["lot_ids"]) == 22
    assert "RH26257-A" in labels.main.one("div", id="preview").text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(own_site: Site, hostile: str) -> None:
    quoted = hostile.replace('"', '""')
    lot_number = quoted.replace("\u202e", "")  # which no lot of GS1's has
    rows = f'gtin,lot,product_name\n9506000134352,"{lot_number}","{quoted}"\n'
    visitor = own_site.visitor
    form = visitor.get("/lots").form("/lots")
    name = hostile.replace("/", "").replace('"', "")
    seen = visitor.send(form, [(name, rows.encode())], kind="catalog")
    assert outcome(seen) == [f"{' '.join(name.split())}: 1 lot read: 1 new, 0 changed."]
    place = "https://id.gs1.org/414/9506000130200"
    lot = "https://id.gs1.org/01/09506000134376/10/SALAD-31"
    events = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2027-03-31T18:00:00-07:00",
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "action": "ADD",
                    "bizStep": "commissioning",
                    "eventTime": "2027-03-31T09:30:00-07:00",
                    "eventTimeZoneOffset": "-07:00",
                    "readPoint": {"id": place},
                    "quantityList": [{"epcClass": lot, "quantity": 4, "uom": hostile}],
                }
            ]
        },
    }
    assert visitor.send(form, [("e", json.dumps(events).encode())], kind="events").status == 200
    known = {"places": [{"id": place, "business_name": hostile, "phone": hostile}]}
    known["products"] = [{"id": lot, "product_name": hostile, "brand": hostile}]
    described = visitor.send(form, [("m", json.dumps(known).encode())], kind="descriptions")
    assert described.status == 200, described.main.text
    listed = visitor.get("/lots")
    shown = " ".join(hostile.split())
    assert shown in listed.main.text
    for link in [href for href in listed.links.values() if href.startswith("/lots/")]:
        page = visitor.get(link)
        assert page.status == 200
        assert shown in page.heading
        tags = {each.tag for each in page.root.all()}
        assert not tags & {"img", "b", "iframe"}
    assert not list(visitor.get(f"/lots?search={'%3Cb%3E'}").main.all("b"))
    assert visitor.get("/").status == 200


def test_all_that_is_wrong_with_a_file_is_told_and_nothing_of_it_is_kept(own_site: Site) -> None:
    visitor = own_site.visitor
    form = visitor.get("/lots").form("/lots")
    bad = b"gtin,lot,expiry\n9506000134353,A,\n9506000134352,B,soon\n"
    good = b"gtin,lot\n9506000134352,GOOD-1\n"
    seen = visitor.send(form, [("bad.csv", bad), ("good.csv", good)], kind="catalog")
    assert seen.status == 422
    first, second = outcome(seen)
    assert first.startswith("bad.csv: nothing was taken in.")
    assert "expected check digit 2, got 3" in first
    assert "expected a date as 2027-03-31, got 'soon'" in first
    assert second == "good.csv: 1 lot read: 1 new, 0 changed."
    assert [lot.lot for lot in own_site.host.lots.page(OWNER)] == ["GOOD-1"]

    event = {"type": "ObjectEvent", "action": "NO", "eventTime": "yesterday"}
    document = {
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "epcisBody": {"eventList": [event]},
    }
    broken = visitor.send(form, [("e.json", json.dumps(document).encode())], kind="events")
    assert "epcisBody.eventList[0]" in outcome(broken)[0]
    for content in (b"", b"{", b"\x1f\x8b\x08 no gzip", gzip.compress(b"[]")[:-4]):
        assert visitor.send(form, [("e.json", content)], kind="events").status == 422
    assert outcome(visitor.send(form, [], kind="events")) == [
        "No file: nothing was taken in. Choose a file first."
    ]


def test_what_is_too_large_is_refused(own_site: Site) -> None:
    """The limits of `own_site` are 1,000,000 bytes as sent and 2,000,000 inflated."""
    visitor = own_site.visitor
    form = visitor.get("/lots").form("/lots")
    large = visitor.send(form, [("large", b"x" * 1_000_001)], kind="events")
    assert (large.status, large.heading) == (413, "Request Entity Too Large")
    bomb = visitor.send(form, [("bomb.gz", gzip.compress(bytes(2_000_001)))], kind="events")
    assert "Expected at most 2,000,000 bytes." in outcome(bomb)[0]
    twice = gzip.compress(gzip.compress(bytes(100_000_000)))
    assert len(twice) < 1000  # whoever reads it would inflate what is in it, to any size
    for kind in ("any", "events", "catalog"):
        seen = visitor.send(form, [("bomb.gz.gz", twice)], kind=kind)
        assert "gzip data within gzip data" in outcome(seen)[0]
    token = visitor.get("/lots").form("/sign-out").fields["token"]
    most = own_site.host.settings.limits.json_bytes
    answer = visitor.post("/", {"token": token, "gtins": "1" * most})
    assert answer.status_code == 413
    many = visitor.post("/", {f"f{n}": "" for n in range(501)})
    assert many.status_code == 422
    files = [("f", b"")] * 51
    assert visitor.post("/lots", {"token": token, "kind": "events"}, files).status_code == 422


def test_a_kind_of_file_that_there_is_none_of(site: Site) -> None:
    token = site.visitor.get("/lots").form("/sign-out").fields["token"]
    answer = site.visitor.post("/lots", {"token": token, "kind": "x"}, [("f", b"x")])
    assert answer.status_code == 422
    assert "expected one of any, events, catalog, descriptions" in answer.text


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", b"token=x", 415),
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"", 422),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 403),
    ],
)
def test_what_is_no_form_is_refused(
    site: Site, content_type: str, body: bytes, status: int
) -> None:
    address = "/lots" if "multipart" in content_type else "/"
    headers = {"Origin": site.visitor.origin, "Content-Type": content_type}
    answer = site.visitor.client.post(address, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )


def test_a_page_that_fails_says_nothing_of_why(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"secret {tmp_path}")

    monkeypatch.setattr(site.host.lots, "page", fail)
    seen = site.visitor.get("/lots")
    assert (seen.status, seen.heading) == (500, "Internal Server Error")
    assert "secret" not in seen.response.text


@pytest.mark.parametrize("query", ["page=0", "page=x", f"page=000000001{'9' * 30}", "search=%00"])
def test_pages_that_there_are_not(site: Site, query: str) -> None:
    assert site.visitor.get(f"/lots?{query}").status == 422
