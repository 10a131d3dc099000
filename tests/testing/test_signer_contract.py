"""The signers that come with the library keep what a signer of addresses promises."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

import pytest

from closient_export.adapters.s3_artifacts import S3UrlSigner
from closient_export.adapters.signing import HmacUrlSigner
from closient_export.errors import SignatureError
from closient_export.ports import UrlSigner
from closient_export.testing.contracts import UrlSignerContract

BASE = "https://acme.example/downloads"


class TestHmac(UrlSignerContract):
    @pytest.fixture
    def signer(self) -> UrlSigner:
        return HmacUrlSigner(BASE, {"2027": b"k" * 32, "2026": b"o" * 32}, "2027")

    @pytest.fixture
    def stranger(self) -> UrlSigner:
        return HmacUrlSigner(BASE, {"2027": b"s" * 32}, "2027")

    def opened(self, signer: UrlSigner, url: str, now: datetime) -> Mapping[str, str] | None:
        assert isinstance(signer, HmacUrlSigner)
        try:
            file = signer.verify(url, now)
        except SignatureError:
            return None
        return {
            "key": file.key,
            "owner": file.owner,
            "filename": file.filename,
            "media_type": file.media_type,
        }


HOST, FOLDER = "s3.example", "/exports/acme/labels/"
SECRETS = {"OURS": "our secret", "THEIRS": "the secret of somebody else"}


class S3:
    """What S3 does with an address, by its documentation: Signature Version 4, query parameters."""

    def __init__(self, user: str) -> None:
        self.user = user

    def served(self, url: str, now: datetime) -> Mapping[str, str] | None:
        """Which object it serves, as what."""
        parts = urlsplit(url)
        pairs = [pair.partition("=")[::2] for pair in parts.query.split("&")]
        query = {unquote(name): unquote(value) for name, value in pairs}
        signature = query.pop("X-Amz-Signature", "")
        try:
            signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lifetime = timedelta(seconds=int(query["X-Amz-Expires"]))
            user, day, region, *rest = query["X-Amz-Credential"].split("/")
        except (KeyError, ValueError, OverflowError):
            return None
        canonical = "\n".join(
            (
                "GET",
                quote(unquote(parts.path), safe="/-_.~"),
                "&".join(
                    f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
                    for name, value in sorted(query.items())
                ),
                f"host:{parts.netloc}\n",
                query.get("X-Amz-SignedHeaders", ""),
                "UNSIGNED-PAYLOAD",
            )
        )
        secret = f"AWS4{SECRETS[self.user]}".encode()
        for each in (day, region, *rest):
            secret = hmac.digest(secret, each.encode(), "sha256")
        message = "\n".join(
            (
                "AWS4-HMAC-SHA256",
                query["X-Amz-Date"],
                "/".join((day, region, *rest)),
                hashlib.sha256(canonical.encode()).hexdigest(),
            )
        )
        expected = hmac.digest(secret, message.encode(), "sha256").hex()
        good = user == self.user and parts.netloc == HOST and signature == expected
        if not good or now >= signed_at + lifetime:
            return None
        key = unquote(parts.path).removeprefix(FOLDER)
        return {"key": key, "media_type": query["response-content-type"]}


def signer_of(user: str) -> S3UrlSigner:
    return S3UrlSigner(
        "exports",
        "acme/labels",
        endpoint_url=f"https://{HOST}",
        region_name="eu-central-1",
        aws_access_key_id=user,
        aws_secret_access_key=SECRETS[user],
    )


class TestS3(UrlSignerContract):
    repeats = False
    early = timedelta(seconds=2)  # it counts from the second in which it signs, whole seconds

    @pytest.fixture
    def signer(self) -> UrlSigner:
        return signer_of("OURS")

    @pytest.fixture
    def stranger(self) -> UrlSigner:
        return signer_of("THEIRS")

    def opened(self, signer: UrlSigner, url: str, now: datetime) -> Mapping[str, str] | None:
        assert isinstance(signer, S3UrlSigner)
        user = next(user for user in SECRETS if vars(signer_of(user)) == vars(signer))
        return S3(user).served(url, now)
