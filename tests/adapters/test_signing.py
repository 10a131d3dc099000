import inspect
import logging
import pickle
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from closient_export.adapters import signing
from closient_export.adapters.signing import HmacUrlSigner, SignedFile, content_disposition
from closient_export.errors import ArtifactError, SignatureError
from closient_export.ports import UrlSigner
from closient_export.testing.artifact_contracts import artifact_keys

BASE = "https://acme.example/downloads"
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=15)
OLD, NEW = b"o" * 32, b"n" * 32
SIGNER = HmacUrlSigner(BASE, {"2027-02": OLD, "2027-03": NEW}, "2027-03")
HOSTILE = (
    'a&owner=other&filename="x',
    "a#b?c=d;e%2Fe+f g",
    "../../etc/passwd",
    "x\r\nSet-Cookie: a=b",
    "x\0y",
    "\u202egpj.exe",
    "Étiquettes 標籤 🏷️.zip",
    "%00%0d%0a%c0%af",
    "",
)


def sign(signer: UrlSigner = SIGNER, **changes: Any) -> str:
    values: dict[str, Any] = {
        "key": "artifacts/job/1.zip",
        "owner": "acme",
        "filename": "labels.zip",
        "media_type": "application/zip",
        "expires_at": SOON,
    }
    return signer.sign(**(values | changes))


URL = sign()
FILE = SIGNER.verify(URL, NOW)


def refusal(url: str, now: datetime, signer: HmacUrlSigner) -> SignatureError | None:
    try:
        signer.verify(url, now)
    except SignatureError as error:
        return error
    return None


def is_valid(url: str, now: datetime = NOW, signer: HmacUrlSigner = SIGNER) -> bool:
    error = refusal(url, now, signer)
    if error is None:
        return True
    assert type(error) is SignatureError
    assert str(error) == "the address was not signed here, was changed, or has expired"
    assert error.__cause__ is None
    return False


def test_an_address_gives_back_what_was_signed() -> None:
    expected = SignedFile(
        key="artifacts/job/1.zip",
        owner="acme",
        filename="labels.zip",
        media_type="application/zip",
        expires_at=SOON,
    )
    assert SIGNER.verify(URL, NOW) == expected
    assert SIGNER.verify(URL.partition("?")[2], NOW) == FILE
    assert FILE.headers == {
        "Content-Type": "application/zip",
        "Content-Disposition": "attachment; filename=\"labels.zip\"; filename*=UTF-8''labels.zip",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(HOSTILE)
moments = st.datetimes(
    datetime(2000, 1, 1), datetime(2500, 1, 1), timezones=st.timezones() | st.just(UTC)
)
media_types = st.sampled_from(
    ["application/zip", "application/pdf", "image/svg+xml", "text/csv; charset=utf-8"]
)


@given(artifact_keys(), text, text, media_types, moments)
@example("a", HOSTILE[0], HOSTILE[1], "application/zip", SOON)
def test_every_field_comes_back(
    key: str, owner: str, filename: str, media_type: str, expires_at: datetime
) -> None:
    url = SIGNER.sign(
        key, owner=owner, filename=filename, media_type=media_type, expires_at=expires_at
    )
    assert re.fullmatch(r"[A-Za-z0-9:/._~?&=%-]+", url)
    assert urlsplit(url)._replace(query="", fragment="").geturl() == BASE
    second = timedelta(seconds=1)
    expires_at = expires_at.astimezone(UTC)
    file = SIGNER.verify(url, expires_at - second)
    assert (file.key, file.owner, file.filename) == (key, owner, filename)
    assert file.media_type == media_type
    assert file.expires_at == expires_at.replace(microsecond=0)
    assert file.expires_at.tzinfo is UTC
    assert dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))["filename"] == filename


@given(st.tuples(text, text), st.tuples(text, text))
def test_different_files_have_different_signatures(
    one: tuple[str, str], two: tuple[str, str]
) -> None:
    urls = {sign(owner=owner, filename=filename)[-43:] for owner, filename in {one, two}}
    assert len(urls) == len({one, two})


def test_fields_do_not_run_into_each_other() -> None:
    one, two = sign(owner="acme", filename="labels"), sign(owner="acmelabels", filename="")
    assert one[-43:] != two[-43:]


def test_no_byte_can_be_changed_added_or_left_out() -> None:
    for place, old in enumerate(URL):
        for new in "A a0_-=&%?/#+~\0é\ud800":
            if new != old:
                assert not is_valid(URL[:place] + new + URL[place + 1 :]), (place, new)
            assert not is_valid(URL[:place] + new + URL[place:]), (place, new)
        assert not is_valid(URL[:place] + URL[place + 1 :])
    for more in ("&", "=", "#", "&x=1", " ", "\n", "/", "?", "%00"):
        assert not is_valid(URL + more)


@given(st.data())
def test_no_field_can_be_changed(data: st.DataObject) -> None:
    pairs = parse_qsl(urlsplit(URL).query)
    index = data.draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[index]
    other = data.draw(
        (text | st.sampled_from([value.upper(), value + " ", "2027-02"])).filter(
            lambda chosen: chosen != value
        )
    )
    pairs[index] = (name, other)
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    assert not is_valid(f"{BASE}?{query}")
    assert not is_valid(urlencode(pairs))


def test_other_spellings_of_the_same_are_not_valid() -> None:
    pairs = parse_qsl(urlsplit(URL).query)
    for query in (
        "&".join(f"{name}={value}" for name, value in pairs),
        "&".join(f"{name}={quote(value, safe='')}" for name, value in reversed(pairs)),
        URL.partition("?")[2].replace("%2F", "%2f"),
        URL.partition("?")[2].replace("expires=", "expires=0"),
        URL.partition("?")[2].replace("expires=", "expires=%31"),
        URL.partition("?")[2].replace("filename=l", "filename=%6C"),
        "",
        "key",
        "&" * 6,
    ):
        assert not is_valid(query)
        assert not is_valid(f"{BASE}?{query}")


@given(st.text(max_size=400) | st.text("=&%?k", max_size=40))
def test_anything_else_is_not_valid(other: str) -> None:
    assert not is_valid(other)
    assert not is_valid(f"{BASE}?{other}")


def test_an_endless_address_is_not_read() -> None:
    assert not is_valid("&".join(["key=" + "x" * 100_000] * 7))


@pytest.mark.parametrize(
    "base",
    [
        "http://acme.example/downloads",
        "https://acme.example.evil.example/downloads",
        "https://acme.example/downloads/",
        "//acme.example/downloads",
        "",
    ],
)
def test_an_address_elsewhere_is_not_valid(base: str) -> None:
    assert not is_valid(f"{base}?{URL.partition('?')[2]}")


@pytest.mark.parametrize(
    ("seconds", "valid"), [(-1, True), (-0.000001, True), (0, False), (0.000001, False), (1, False)]
)
def test_an_address_is_good_before_its_time_and_not_after(seconds: float, *, valid: bool) -> None:
    assert is_valid(URL, SOON + timedelta(seconds=seconds)) is valid
    zone = timezone(timedelta(hours=-7))
    assert is_valid(URL, (SOON + timedelta(seconds=seconds)).astimezone(zone)) is valid


def test_parts_of_seconds_do_not_make_it_longer() -> None:
    url = sign(expires_at=SOON + timedelta(seconds=0.9))
    assert SIGNER.verify(url, NOW).expires_at == SOON
    assert not is_valid(url, SOON + timedelta(seconds=0.1))


def test_times_have_timezones() -> None:
    with pytest.raises(ValueError, match="timezone"):
        sign(expires_at=datetime(2027, 3, 1))
    with pytest.raises(ValueError, match="timezone"):
        SIGNER.verify(URL, datetime(2027, 3, 1))
    for wrong in (datetime(1969, 12, 31, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)):
        with pytest.raises(ValueError, match="between 1970 and 5138"):
            sign(expires_at=wrong)


def test_keys_are_changed_without_breaking_addresses() -> None:
    before = HmacUrlSigner(BASE, {"2027-02": OLD}, "2027-02")
    url = sign(before)
    assert is_valid(url, signer=SIGNER)
    assert is_valid(URL, signer=SIGNER)
    after = HmacUrlSigner(BASE, {"2027-03": NEW}, "2027-03")
    assert not is_valid(url, signer=after)
    assert is_valid(URL, signer=after)
    renamed = HmacUrlSigner(BASE, {"2027-03": OLD, "2027-02": NEW}, "2027-03")
    assert not is_valid(URL, signer=renamed)


def test_the_id_of_the_key_is_signed() -> None:
    same = HmacUrlSigner(BASE, {"a": NEW, "b": NEW}, "a")
    assert not is_valid(sign(same).replace("by=a", "by=b"), signer=same)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((BASE, {"a": b"x" * 31}, "a"), "32 random bytes or more as a"),
        ((BASE, {"a": "x" * 32}, "a"), "32 random bytes or more as a"),
        ((BASE, {"a b": NEW}, "a b"), "ids of letters"),
        ((BASE, {"a": NEW}, "b"), "id of one of the keys, got 'b'"),
        ((BASE, {}, ""), "id of one of the keys"),
        (("https://user:pass@acme.example/", {"a": NEW}, "a"), "base_url"),
        (("https://acme.example/?x", {"a": NEW}, "a"), "base_url"),
        (("https://acme.example/#x", {"a": NEW}, "a"), "base_url"),
        (("https://acme.example\\@evil.example/", {"a": NEW}, "a"), "base_url"),
        (("https://acme.example/\r\nX: y", {"a": NEW}, "a"), "base_url"),
        (("javascript:alert(1)", {"a": NEW}, "a"), "base_url"),
        (("/downloads", {"a": NEW}, "a"), "base_url"),
    ],
)
def test_settings_are_checked(values: tuple[str, dict[str, bytes], str], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        HmacUrlSigner(*values)
    assert "x" * 31 not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../x"},
        {"key": ""},
        {"media_type": "text/html\r\nX: y"},
        {"media_type": "zip"},
        {"media_type": "text/" + "x" * 200},
        {"filename": "x" * 256},
        {"owner": "x" * 256},
        {"filename": "\ud800"},
    ],
)
def test_what_cannot_be_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected|surrogates"):
        sign(**changes)


def test_the_longest_address_is_valid() -> None:
    url = sign(owner="標" * 255, filename="\U0001f3f7" * 255)
    assert SIGNER.verify(url, NOW).filename == "\U0001f3f7" * 255


def test_secrets_and_addresses_stay_where_they_are(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert "nnn" not in repr(SIGNER)
    assert not is_valid(URL + "x")
    assert sign()
    assert caplog.records == []
    assert "compare_digest" in inspect.getsource(signing)
    error = SignatureError("secret")
    assert error.public_message == "The address is not valid, or it has expired."
    assert isinstance(error, ArtifactError)
    assert not error.retryable


def test_a_pickled_signer_is_the_same() -> None:
    twin = pickle.loads(pickle.dumps(SIGNER))  # noqa: S301
    assert sign(twin) == URL


@pytest.mark.parametrize(
    ("filename", "saved"),
    [
        ("labels.zip", "labels.zip"),
        ("Étiquettes 標籤 🏷️.zip", "Étiquettes 標籤 🏷️.zip"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\y.exe", "C__x_y.exe"),
        (".htaccess", "htaccess"),
        ('a"; filename="b.exe', "a_; filename=_b.exe"),
        ("x\r\nSet-Cookie: a=b", "x__Set-Cookie_ a=b"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("100%41.zip", "100%41.zip"),
        ("a'b''c.zip", "a'b''c.zip"),
        ("x\ud800y", "x_y"),
        ("trailing. . ", "trailing"),
    ],
)
def test_names_of_downloads(filename: str, saved: str) -> None:
    header = content_disposition(filename)
    assert parse_options_header(header) == ("attachment", {"filename": saved})


@pytest.mark.parametrize("filename", ["", ".", "..", " . ", "...."])
def test_names_that_are_none(filename: str) -> None:
    assert content_disposition(filename) == "attachment"


@given(st.text(max_size=80) | st.sampled_from(HOSTILE))
def test_no_name_leaves_its_header(filename: str) -> None:
    header = content_disposition(filename)
    assert header.isascii()
    assert header.isprintable()
    plain = r'[^"\\%]+'
    encoded = r"(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+"
    assert re.fullmatch(
        rf"attachment(; filename=\"{plain}\"; filename\*=UTF-8''{encoded})?", header
    )
    _, options = parse_options_header(header)
    name = options.get("filename", "")
    assert not set(name) & set('/\\"\0\r\n')
    assert name not in {".", ".."}
    assert len(name) <= len(filename)
