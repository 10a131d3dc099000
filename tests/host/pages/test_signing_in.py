"""Who may see the pages, and which forms are believed."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.host import Host, HostLimits, HostSettings, RateLimit, create_app
from closient_export.host.pages.sessions import LIFETIME, Session, Sessions
from closient_export.host.pages.visits import safe_address
from pages.browsing import Visitor
from pages.conftest import ADDRESS, Clock, Site, opened

SECRETS = {"1": b"s" * 32}
LOT = "nUCrFo6vo74yTDdFp8DSUT"  # nobody has it
POSTS = [
    "/",
    "/sign-in",
    "/sign-out",
    "/lots",
    f"/exports/{LOT}/cancel",
    f"/lots/{LOT}/fda-export",
]
PAGES = ["/", "/lots", f"/lots/{LOT}", f"/lots/{LOT}/picture.svg", f"/exports/{LOT}"]


def test_a_guest_is_sent_to_sign_in_and_arrives_where_they_wanted_to_go(site: Site) -> None:
    guest = site.stranger()
    seen = guest.get("/lots?search=RH%20&page=1")
    assert urlsplit(seen.path).path == "/sign-in"
    arrived = guest.send(seen.form("/sign-in"), key=f" {site.key} ")
    assert (arrived.status, arrived.path) == (200, "/lots?search=RH%20&page=1")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_for_guests(site: Site, page: str) -> None:
    answer = site.stranger().client.get(page, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={page}")


def test_what_is_no_key_begins_no_session(site: Site) -> None:
    guest = site.stranger()
    seen = guest.sign_in("ce_" + "0" * 12 + "_" + "x" * 43)
    assert seen.status == 422
    assert "no API key of this host" in seen.main.text
    assert guest.get("/").heading == "Sign in"


def test_a_revoked_key_is_out_at_once(site: Site) -> None:
    key, text = site.host.keys.add("acme")
    visitor = site.stranger()
    assert visitor.sign_in(text).heading == "Labels"
    site.host.keys.revoke(key.key_id)
    assert visitor.get("/").heading == "Sign in"


def test_who_signs_out_is_out(site: Site) -> None:
    seen = site.visitor.get("/")
    assert site.visitor.send(seen.form("/sign-out")).heading == "Sign in"
    assert site.visitor.get("/").heading == "Sign in"


def test_a_session_ends(site: Site) -> None:
    before = site.clock.now
    try:
        site.clock.passes(LIFETIME - timedelta(seconds=1))
        assert site.visitor.get("/").heading == "Labels"
        site.clock.passes(timedelta(seconds=2))
        assert site.visitor.get("/").heading == "Sign in"
    finally:
        site.clock.now = before


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("labels", {"/", "/lots"}),
        ("catalog", {"/lots"}),
        ("capture", {"/lots"}),
        ("traces", {"/lots", "/lots/{}"}),
    ],
)
def test_pages_are_for_keys_with_their_permission(
    site: Site, permission: str, allowed: set[str]
) -> None:
    lot = site.host.lots.page("demo", limit=1)[0].lot_id
    visitor = site.stranger(permission)
    for page in ("/", "/lots", "/lots/{}"):
        seen = visitor.get(page.format(lot))
        assert seen.status == (200 if page in allowed else 403), page
    lists = permission in ("labels", "traces")
    assert bool(list(visitor.get("/lots").main.all("table"))) is lists


@pytest.mark.parametrize(("permission", "kinds"), [("catalog", 3), ("capture", 1), ("labels", 0)])
def test_files_are_taken_from_keys_with_their_permission(
    site: Site, permission: str, kinds: int
) -> None:
    visitor = site.stranger(permission)
    assert len(list(visitor.get("/lots").main.all("input", type="radio"))) == kinds
    token = visitor.get("/lots").form("/sign-out").fields["token"]
    for kind in ("events", "catalog", "descriptions"):
        fields = {"token": token, "kind": kind}
        answer = visitor.post("/lots", fields, [("a", b"x")])
        may = permission == "capture" if kind == "events" else permission == "catalog"
        assert answer.status_code == (422 if may else 403), kind
    events = [("a", b'{"type": "EPCISDocument"}')]
    answer = visitor.post("/lots", {"token": token, "kind": "any"}, events)
    assert ("has no permission for capture" in answer.text) is (permission != "capture")


def test_jobs_are_for_keys_with_the_permission_of_their_kind(site: Site) -> None:
    receipt = site.host.service.submit_labels(
        "demo", {"scope": "lots", "export_type": "qr_codes", "file_format": "svg"}
    )
    lot = site.host.lots.page("demo", limit=1)[0].lot_id
    trace = site.host.service.submit_trace("demo", {"lot_id": lot})
    for job, permission in ((receipt.job_id, "labels"), (trace.job_short_id, "traces")):
        for other in ("labels", "traces"):
            visitor = site.stranger(other)
            seen = visitor.get(f"/exports/{job}")
            assert seen.status == (200 if other == permission else 403)
            token = seen.form("/sign-out").fields["token"]
            if other != permission:
                answer = visitor.post(f"/exports/{job}/cancel", {"token": token})
                assert answer.status_code == 403
        assert not site.host.service.job("demo", job).status.terminal


@pytest.mark.parametrize("path", POSTS)
def test_no_form_of_others_is_believed(site: Site, path: str) -> None:
    visitor, files = site.visitor, ([("a", b"x")] if path == "/lots" else None)
    token = visitor.get("/").form("/sign-out").fields["token"]
    other = site.stranger("labels").get("/").form("/sign-out").fields["token"]
    fields = {"kind": "events", "key": site.key}
    own = {"token": token} | fields
    refused = [
        visitor.post(path, fields, files),
        visitor.post(path, {"token": ""} | fields, files),
        visitor.post(path, {"token": other} | fields, files),
        visitor.post(path, {"token": "\N{SNOWMAN}"} | fields, files),
        visitor.post(path, own, files, Origin="https://evil.example"),
        visitor.post(path, own, files, Origin=f"{ADDRESS}.evil.example"),
        visitor.post(path, own, files, Origin="null"),
        visitor.post(path, own, files, Origin=""),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert all("text/html" in answer.headers["content-type"] for answer in refused)
    assert visitor.post(path, own, files).status_code != 403


def test_a_session_of_another_page_is_no_proof_after_signing_in(site: Site) -> None:
    guest = site.stranger()
    before = guest.get("/sign-in").form("/sign-in").fields["token"]
    guest.sign_in(site.key)
    answer = guest.post("/", {"token": before, "do": "preview"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("url", "name", "secure"),
    [("https://labels.test", "__Host-closient", True), (ADDRESS, "closient", False)],
)
def test_cookies_are_for_this_site_alone(tmp_path: Path, url: str, name: str, secure: bool) -> None:
    host = Host(HostSettings(folder=tmp_path, public_url=url, processes=1))
    with Visitor.of(create_app(host, works=False), url) as visitor:
        header = visitor.client.get("/sign-in").headers["set-cookie"]
    given = header.split("; ")
    assert given[0].startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(given)
    assert ("Secure" in given) is secure


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_one_never_leaves_the_site_by_signing_in(text: str) -> None:
    for address in (text, f"/{text}", f"/\t{text}", f"//{text}"):
        found = safe_address(address)
        # As browsers read addresses: they pass over tabs and line ends, and take \ for /.
        seen = found.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
        assert seen.startswith("/")
        assert not seen.startswith("//")
        assert urlsplit(seen).netloc == ""


def test_addresses_of_the_site_are_kept() -> None:
    for address in ("/", "/lots", "/lots?search=a%20b&page=2", f"/exports/{LOT}"):
        assert safe_address(address) == address


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return Sessions(SECRETS, Clock())


@given(st.data())
def test_no_other_text_than_the_cookie_is_a_session(
    sessions: Sessions, data: st.DataObject
) -> None:
    session = sessions.begin("abc123")
    text = sessions.write(session)
    assert sessions.read(text) == session
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    assert sessions.read(changed) is None
    assert sessions.read(text + other) is None
    assert sessions.read(data.draw(st.text())) is None


def test_signatures_are_good_for_one_purpose(sessions: Sessions) -> None:
    session = sessions.begin("abc123")
    token = sessions.token(session)
    assert sessions.proves(session, token)
    assert sessions.read(f"{session.content}.{token}") is None
    signature = sessions.write(session).rpartition(".")[2]
    assert not sessions.proves(session, signature)
    assert not sessions.proves(sessions.begin("abc123"), token)
    assert Sessions({"2": b"t" * 32}, Clock()).read(sessions.write(session)) is None


def test_a_session_that_is_over_is_none() -> None:
    clock = Clock()
    late = Sessions(SECRETS, clock)
    text = late.write(Session(key_id="a", until=int(clock.now.timestamp()) + 1, nonce="n" * 22))
    assert late.read(text) is not None
    clock.passes(timedelta(seconds=1))
    assert late.read(text) is None


def test_what_is_not_there_is_told_on_a_page(site: Site) -> None:
    for path in (f"/lots/{LOT}", f"/exports/{LOT}"):
        assert site.visitor.get(path).status == 404
    for path in ("/lots/x", "/exports/x"):
        assert site.visitor.get(path).status == 422
    answer = site.visitor.client.put("/lots")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert "text/html" in answer.headers["content-type"]


def test_what_is_anothers_is_not_there(site: Site) -> None:
    receipt = site.host.service.submit_labels(
        "demo", {"scope": "lots", "export_type": "qr_codes", "file_format": "svg"}
    )
    lot = site.host.lots.page("demo", limit=1)[0].lot_id
    foreigner = site.stranger("labels", "traces", "catalog", "capture", owner="acme")
    assert foreigner.get("/lots").main.text.startswith("Lots Take in files GTIN, lot or product")
    assert "No lots yet." in foreigner.get("/lots").main.text
    for path in (f"/exports/{receipt.job_id}", f"/lots/{lot}", f"/lots/{lot}/picture.svg"):
        assert foreigner.get(path).status == 404
    token = foreigner.get("/lots").form("/sign-out").fields["token"]
    for path in (f"/exports/{receipt.job_id}/cancel", f"/lots/{lot}/fda-export"):
        assert foreigner.post(path, {"token": token}).status_code == 404
    assert not site.host.service.job("demo", receipt.job_id).status.terminal


def test_too_many_calls_are_refused_with_a_page(tmp_path: Path) -> None:
    limits = HostLimits(rate=RateLimit(calls=3, seconds=3600))
    host, _ = opened(tmp_path, limits)
    _, key = host.keys.add("acme")
    with Visitor.of(create_app(host, works=False), ADDRESS) as visitor:
        visitor.sign_in(key)
        codes = [visitor.client.get("/lots").status_code for _ in range(4)]
        assert codes[-1] == 429
        assert visitor.get("/lots").heading == "Too Many Requests"
