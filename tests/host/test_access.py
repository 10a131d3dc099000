"""Who may call what, how often, and what everybody is told."""

import json
import logging
from itertools import product

import pytest
from hosted import Served, with_key
from hypothesis import given
from hypothesis import strategies as st

from closient_export.host.keys import Permission
from closient_export.host.logs import JsonFormatter
from closient_export.host.rate_limits import RateLimit, RateLimits

CALLS = {
    ("POST", "/products/api/v1/labels/export/"): Permission.LABELS,
    ("GET", "/products/api/v1/labels/export/MMr86QwRRjvDGR6MjGRNdQ/"): Permission.LABELS,
    ("GET", "/products/api/v1/lots/"): Permission.LABELS,
    ("POST", "/products/api/v1/catalog/import/"): Permission.CATALOG,
    ("POST", "/epcis/api/2.0/capture"): Permission.CAPTURE,
    ("GET", "/epcis/api/2.0/capture/MMr86QwRRjvDGR6MjGRNdQ"): Permission.CAPTURE,
    ("GET", "/epcis/api/2.0/traceability/lots/x/fda-export"): Permission.TRACES,
    ("GET", "/epcis/api/2.0/traceability/lots/x/kde-readiness"): Permission.TRACES,
    ("GET", "/epcis/api/2.0/traceability/lots/x/recall-scope"): Permission.TRACES,
}


def test_a_key_is_good_for_its_permissions(served: Served) -> None:
    callers = {each: served.caller(each) for each in Permission}
    for ((method, path), needed), (held, caller) in product(CALLS.items(), callers.items()):
        status = caller.request(method, path).status_code
        assert (status == 403) == (held is not needed), (method, path, held, status)


@pytest.mark.parametrize(
    "key", ["", "nonsense", "ce_" + "0" * 12 + "_" + "A" * 43, "é", "a" * 9000]
)
def test_without_a_good_key_nothing_is_answered(served: Served, key: str) -> None:
    for method, path in CALLS:
        headers = {"X-API-Key": key.encode()} if key else {}
        answer = with_key(served.client, "").request(method, path, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("ApiKey")
        assert answer.json()["detail"] == "Expected a valid API key in the header X-API-Key."


def test_a_revoked_key_is_refused(served: Served) -> None:
    key, text = served.host.keys.add("demo")
    caller = with_key(served.client, text)
    assert caller.get("/products/api/v1/lots/").status_code == 200
    assert served.host.keys.revoke(key.key_id)
    assert not served.host.keys.revoke(key.key_id)
    assert caller.get("/products/api/v1/lots/").status_code == 401
    assert served.host.keys.by_id(key.key_id) is None


def test_no_key_is_kept(served: Served) -> None:
    _, text = served.host.keys.add("demo", note="kept nowhere")
    secret = text.removeprefix("ce_").partition("_")[2].encode()
    assert len(secret) == 43
    for file in served.host.settings.folder.glob("closient.db*"):
        assert secret not in file.read_bytes()


@given(
    calls=st.integers(1, 50),
    seconds=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=80),
)
def test_no_window_has_more_calls_than_twice_the_limit_and_what_is_told_holds(
    calls: int, seconds: int, pauses: list[float]
) -> None:
    now = 0.0
    limits = RateLimits(RateLimit(calls=calls, seconds=seconds), lambda: now)
    passed = []
    for pause in pauses:
        now += pause
        allowance = limits.take("key")
        if not allowance.wait:
            passed.append(now)
        else:
            now += allowance.wait
            assert not limits.take("key").wait
            passed.append(now)
    for first in passed:
        within = [each for each in passed if first <= each < first + seconds]
        assert len(within) <= 2 * calls + 1


def test_too_many_calls_are_refused_and_headers_say_how_many_are_left(served: Served) -> None:
    service = served.client.app.state.service  # type: ignore[attr-defined]
    before = service.rates
    caller = served.caller("labels")
    try:
        served.client.app.state.service = type(service)(  # type: ignore[attr-defined]
            service.host,
            service.worker,
            RateLimits(RateLimit(calls=3, seconds=60), lambda: 0.0),
            service.uploads,
        )
        answers = [caller.get("/products/api/v1/lots/") for _ in range(5)]
    finally:
        served.client.app.state.service = service  # type: ignore[attr-defined]
    assert service.rates is before
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
        "r=2",
        "r=1",
        "r=0",
        "r=0",
        "r=0",
    ]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert answers[3].headers["content-type"] == "application/problem+json"


def test_every_answer_is_guarded_by_headers(served: Served) -> None:
    for path in ("/docs", "/health/live", "/nothing", "/products/api/v1/lots/", "/downloads"):
        headers = served.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 22


def test_methods_and_paths_that_there_are_not(served: Served) -> None:
    for (method, path), other in product(CALLS, ("PUT", "DELETE", "HEAD", "GET", "POST")):
        if other != method and (other, path) not in CALLS:
            answer = served.client.request(other, path)
            assert answer.status_code == 405
            assert answer.headers["allow"] == method
    assert served.client.get("/products/api/v1/lots").status_code == 404


def test_what_fails_inside_tells_nothing_but_an_id(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("serial S-SECRET of lot L-SECRET")

    monkeypatch.setattr(served.host.lots, "page", fail)
    with caplog.at_level(logging.INFO, "closient_export.host"):
        answer = served.client.get("/products/api/v1/lots/?search=L-SECRET")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "SECRET" not in answer.text
    (record,) = caplog.records
    line = JsonFormatter().format(record)
    assert "SECRET" not in line
    told = json.loads(line)
    assert (told["error"], told["status"], told["level"]) == ("RuntimeError", 500, "error")
    assert told["route"] == "/products/api/v1/lots/"
    assert told["request_id"] == answer.headers["x-request-id"]
    assert any("fail" in frame for frame in told["frames"])
    assert served.client.get("/health/live").status_code == 200


def test_readiness_says_when_the_database_is_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.client.get("/health/ready").json() == {"status": "ok"}
    monkeypatch.setattr(served.host, "check", _away)
    answer = served.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["title"] == "Service Unavailable"


def _away() -> None:
    from closient_export.errors import StoreError  # noqa: PLC0415

    raise StoreError("away")
