"""Signers of addresses with a fault in each, under the contract that must find it.

pytest does not collect this file by itself: `test_contracts_catch.py` runs it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote, unquote

import pytest

from closient_export.ports import UrlSigner
from closient_export.testing.contracts import UrlSignerContract

BASE = "https://acme.example/get"


class RightSigner:
    """Without a fault."""

    signed: ClassVar[tuple[str, ...]] = ("key", "owner", "filename", "media_type", "expires")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def sign(
        self, key: str, *, owner: str, filename: str, media_type: str, expires_at: datetime
    ) -> str:
        values = {
            "key": key,
            "owner": owner,
            "filename": filename,
            "media_type": media_type,
            "expires": str(self.seconds(expires_at)),
        }
        query = "&".join(f"{name}={self.quoted(text)}" for name, text in values.items())
        return f"{BASE}?{query}&signature={self.signature(values)}"

    def opened(self, url: str, now: datetime) -> Mapping[str, str] | None:
        pairs = [pair.partition("=")[::2] for pair in url.removeprefix(f"{BASE}?").split("&")]
        values = {name: unquote(text) for name, text in pairs}
        signature = values.pop("signature", "")
        if not values.keys() >= {*self.signed, "expires"} or not values["expires"].isdecimal():
            return None
        if not self.is_good(signature, self.signature(values)):
            return None
        if self.is_over(int(values.pop("expires")), now):
            return None
        return {name: values[name] for name in ("key", "owner", "filename", "media_type")}

    def seconds(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            raise ValueError("expected a time with a timezone")
        return int(moment.timestamp())

    def quoted(self, text: str) -> str:
        return quote(text, safe="")

    def signature(self, values: Mapping[str, str]) -> str:
        message = "\n".join(quote(values[name]) for name in self.signed)
        return hmac.digest(self.secret, message.encode(), "sha256").hex()

    def is_good(self, found: str, expected: str) -> bool:
        return found == expected

    def is_over(self, expires: int, now: datetime) -> bool:
        return now.timestamp() >= expires


class WithoutKey(RightSigner):
    signed = ("owner", "filename", "media_type", "expires")


class WithoutOwner(RightSigner):
    signed = ("key", "filename", "media_type", "expires")


class WithoutExpiry(RightSigner):
    signed = ("key", "owner", "filename", "media_type")


class Trusting(RightSigner):
    """Does not look at signatures."""

    def is_good(self, found: str, expected: str) -> bool:
        del found, expected
        return True


class Brief(RightSigner):
    """Looks at the first half of a signature."""

    def is_good(self, found: str, expected: str) -> bool:
        return found[:32] == expected[:32]


class Open(RightSigner):
    """Has a checksum for a signature."""

    def signature(self, values: Mapping[str, str]) -> str:
        return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()


class Late(RightSigner):
    """Serves at the last second too."""

    def is_over(self, expires: int, now: datetime) -> bool:
        return int(now.timestamp()) > expires


class Unzoned(RightSigner):
    """Takes a time without a zone for one of its own."""

    def seconds(self, moment: datetime) -> int:
        return int(moment.timestamp())


class OnTheClock(RightSigner):
    """Takes what the clock on somebody's wall says for UTC."""

    def seconds(self, moment: datetime) -> int:
        super().seconds(moment)
        return int(moment.replace(tzinfo=UTC).timestamp())


class Lowering(RightSigner):
    def sign(self, key: str, **more: Any) -> str:
        return super().sign(key.lower(), **more)


class Unquoting(RightSigner):
    """Forgets that an ampersand means something."""

    def quoted(self, text: str) -> str:
        return quote(text, safe="&")


class Raw(RightSigner):
    """Writes text as it is, but for what it knows to be dangerous."""

    def quoted(self, text: str) -> str:
        return text.replace("%", "%25").replace("&", "%26").replace("?", "%3F")


class Salted(RightSigner):
    def sign(self, key: str, **more: Any) -> str:
        return f"{super().sign(key, **more)}&salt={secrets.token_hex(4)}"


class Forgetful(RightSigner):
    """Makes itself a secret wherever it is."""

    def __setstate__(self, _: object) -> None:
        self.secret = secrets.token_bytes(32)


class Fragile(RightSigner):
    """Expects a query that is all there."""

    def opened(self, url: str, now: datetime) -> Mapping[str, str] | None:
        names = [pair.partition("=")[0] for pair in url.removeprefix(f"{BASE}?").split("&")]
        names.remove("signature")
        return super().opened(url, now)


class _PlantedSigner(UrlSignerContract):
    make: ClassVar[type[RightSigner]]

    @pytest.fixture
    def signer(self) -> UrlSigner:
        return self.make(b"ours" * 8)

    @pytest.fixture
    def stranger(self) -> UrlSigner:
        return self.make(b"others" * 6)

    def opened(self, signer: UrlSigner, url: str, now: datetime) -> Mapping[str, str] | None:
        assert isinstance(signer, RightSigner)
        return signer.opened(url, now)


class PlantedNothingInSigner(_PlantedSigner):
    make = RightSigner


class PlantedUnsignedKey(_PlantedSigner):
    make = WithoutKey


class PlantedUnsignedOwner(_PlantedSigner):
    make = WithoutOwner


class PlantedUnsignedExpiry(_PlantedSigner):
    make = WithoutExpiry


class PlantedTrust(_PlantedSigner):
    make = Trusting


class PlantedBriefness(_PlantedSigner):
    make = Brief


class PlantedChecksum(_PlantedSigner):
    make = Open


class PlantedLastSecond(_PlantedSigner):
    make = Late


class PlantedZonelessTime(_PlantedSigner):
    make = Unzoned


class PlantedWallClock(_PlantedSigner):
    make = OnTheClock


class PlantedLowerCase(_PlantedSigner):
    make = Lowering


class PlantedAmpersand(_PlantedSigner):
    make = Unquoting


class PlantedRawText(_PlantedSigner):
    make = Raw


class PlantedSalt(_PlantedSigner):
    make = Salted


class PlantedNewSecret(_PlantedSigner):
    make = Forgetful


class PlantedCrashInSigner(_PlantedSigner):
    make = Fragile
